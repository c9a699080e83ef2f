"""slickq-abi.json says of every function, struct, field and constant of slickq.h what a compiler says.

    abi_test.py REPOSITORY JSON C++-COMPILER
"""
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

COMPILER = sys.argv.pop()
JSON = Path(sys.argv.pop())
ROOT = Path(sys.argv.pop())

ABI = json.loads(JSON.read_text(encoding="utf-8"))
HEADER = (ROOT / "include/slickq/slickq.h").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)


def program():
    """C++ that compiles if the description is true: one assertion for each thing that it says."""
    lines = ["#include <slickq/slickq.h>", "#include <cstddef>", "#include <type_traits>"]
    for constant in ABI["macros"] + [value for enum in ABI["enums"] for value in enum["values"]]:
        number = int(constant["value"])
        suffix = "u" if number >= 2**63 else ""
        lines.append(f"static_assert({constant['name']} == {number}{suffix});")
    for enum in ABI["enums"]:
        for value in enum["values"]:
            lines.append(f"static_assert(std::is_same_v<decltype({value['name']}), enum {enum['name']}>);")
    for name, size in {**ABI["types"], **{alias: ABI["types"][of] for alias, of in ABI["aliases"].items()}}.items():
        lines.append(f"static_assert(sizeof({name}) == {size});")
    for struct in ABI["structs"]:
        name = struct["name"]
        lines.append(f"static_assert(sizeof({name}) == {struct['size']} && alignof({name}) == {struct['alignment']});")
        for field in struct["fields"]:
            kind = field["type"] + (f"[{field['length']}]" if "length" in field else "")
            lines.append(f"static_assert(offsetof({name}, {field['name']}) == {field['offset']});")
            lines.append(f"static_assert(sizeof({name}::{field['name']}) == {field['size']});")
            lines.append(f"static_assert(std::is_same_v<decltype({name}::{field['name']}), {kind}>);")
    for function in ABI["functions"]:
        parameters = ", ".join(one["type"] for one in function["parameters"])
        lines.append(f"static_assert(std::is_same_v<decltype({function['name']}), {function['result']}({parameters})>);")
    return "\n".join(lines) + "\n"


def compiled(text):
    """What the compiler says against it; nothing if it is right."""
    done = subprocess.run([COMPILER, "-std=c++20", "-w", "-fsyntax-only", "-x", "c++", "-", "-I", str(ROOT / "include")],
                          input=text, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stderr or "an error without a word"


class Abi(unittest.TestCase):
    def test_it_is_right(self):
        self.assertEqual(compiled(program()), "")

    def test_what_is_wrong_is_noticed(self):
        true = program()
        for said, wrong in [("SLICKQ_E_STALE == -60", "SLICKQ_E_STALE == -61"),
                            ("offsetof(slickq_options, timeout_ns) == 32", "offsetof(slickq_options, timeout_ns) == 28"),
                            ("sizeof(slickq_record) == 32", "sizeof(slickq_record) == 40"),
                            ("slickq_status(slickq_queue *, uint64_t, uint32_t)>", "slickq_status(slickq_queue *, uint32_t, uint32_t)>")]:
            with self.subTest(said):
                self.assertIn(said, true)
                self.assertNotEqual(compiled(true.replace(said, wrong, 1)), "")

    def test_no_function_is_missing(self):
        # slickq_detail_... is no API, and in no header for other languages.
        defined = re.findall(r"^\s+(slickq_(?!detail_)\w+)$", (ROOT / "slickq.def").read_text(encoding="utf-8"), re.M)
        self.assertGreater(len(defined), 80)
        self.assertEqual(sorted(one["name"] for one in ABI["functions"]), sorted(defined))

    def test_no_other_name_is_missing(self):
        """Every SLICKQ_ word that the header's code has is a constant of the description, or stands here."""
        described = {one["name"] for one in ABI["macros"]} | {one["name"] for enum in ABI["enums"] for one in enum["values"]}
        of_c_only = {"SLICKQ_API", "SLICKQ_SLICKQ_H", "SLICKQ_STATIC", "SLICKQ_BUILDING", "SLICKQ_ENUM"}
        of_c_only |= {struct["name"].upper() + "_INIT" for struct in ABI["structs"] if struct["grows"]}
        self.assertEqual(set(re.findall(r"\bSLICKQ_\w+", CODE)) - of_c_only, described)
        self.assertEqual({one["name"] for one in ABI["structs"]}, set(re.findall(r"typedef struct (\w+) \{", CODE)))
        self.assertEqual({one["name"] for one in ABI["enums"]}, set(re.findall(r"enum (\w+)[^{};]*\{", CODE)))
        self.assertEqual(set(ABI["handles"]), {"slickq_queue", "slickq_reader", "slickq_worker", "slickq_cursor"})

    def test_every_struct_that_grows_can_be_initialised(self):
        kinds = {one["name"][len("SLICKQ_STRUCT_"):].lower() for enum in ABI["enums"] if enum["name"] == "slickq_struct"
                 for one in enum["values"]}
        self.assertEqual({one["name"][len("slickq_"):] for one in ABI["structs"] if one["grows"]}, kinds)

    def test_what_javascript_cannot_hold_is_text(self):
        values = {one["name"]: one["value"] for one in ABI["macros"]}
        self.assertEqual((values["SLICKQ_FOREVER"], values["SLICKQ_NO_INDEX"]), (str(2**63 - 1), str(2**64 - 1)))

    def test_everything_has_a_version(self):
        for entry in ABI["functions"] + ABI["structs"] + ABI["enums"] + ABI["macros"]:
            self.assertRegex(entry["since"], r"^\d+\.\d+$", entry["name"])


if __name__ == "__main__":
    unittest.main()
