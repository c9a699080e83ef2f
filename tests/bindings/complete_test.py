"""Everything that slickq.h offers is used by every binding, or left out for a reason that stands here.

    python3 complete_test.py REPOSITORY

Looked for are functions (slickq.def), fields of the structs that tell something (..._info, slickq_inspection), options, statuses and
other numbers. What a binding leaves out without saying so here is a failure; so is a reason for leaving out what it does not.
"""
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]

SINGLE = "batches do that: slickq_reader_read_batch() with a limit"
IN_MEMORY = "reads and writes the mapping from slickq_queue_get_info()"
OWN_ATOMICS = "the language has atomic operations of its own"
STATUS_TEXT = "has its own names and texts of statuses"

HAS_STRUCTS = "declares the structs itself"
OWN_THREAD = "asks for the message in the thread of the call"

FOREIGN = {"slickq_struct_size": HAS_STRUCTS, "slickq_struct_init": HAS_STRUCTS,
           "slickq_copy_message": "slickq_last_message() is copied", "slickq_recent_message": OWN_THREAD}
NONE_IS_FOREVER = "math.inf becomes it"
ZERO = "the value where none is given"
FOREIGN_NUMBERS = {f"SLICKQ_STRUCT_{kind}": HAS_STRUCTS for kind in (
    "OPTIONS", "QUEUE_INFO", "READER_OPTIONS", "READER_INFO", "CONSUMER_INFO", "WORKER_OPTIONS", "GROUP_INFO", "INSPECTION",
    "EPOCH_INFO")}
FOREIGN_NUMBERS.update({f"SLICKQ_{what}_DEFAULT": ZERO for what in ("TIMEOUT", "STALL", "LINGER")})

LEFT_OUT = {
    "python": {
        **FOREIGN,
        "slickq_version": "slickq_version_string() is __version__",
        "slickq_status_name": STATUS_TEXT,
        "slickq_layout_name": "Layout has names",
        "slickq_queue_at": IN_MEMORY,
        "slickq_reader_read": SINGLE, "slickq_reader_read_until": SINGLE,
    },
    "rust": {
        **FOREIGN,
        "slickq_version": "slickq_version_string() is version()",
        "slickq_abi_version": "a program is linked to the library: the loader tells by the symbols' version",
        "slickq_status_text": "errors bring slickq_last_message(), outcomes have sentences of their own",
        "slickq_queue_at": IN_MEMORY,
        "slickq_cell_load": OWN_ATOMICS, "slickq_cell_store": OWN_ATOMICS, "slickq_cell_compare_exchange": OWN_ATOMICS,
    },
    "go": {
        **FOREIGN,
        "slickq_reader_read": SINGLE, "slickq_reader_read_until": SINGLE,
        "slickq_cell_load": OWN_ATOMICS, "slickq_cell_store": OWN_ATOMICS, "slickq_cell_compare_exchange": OWN_ATOMICS,
        "slickq_reader_descriptor": "goroutines block", "slickq_worker_descriptor": "goroutines block",
        "slickq_queue_room_descriptor": "goroutines block",
    },
}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def without_comments(c):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", c, flags=re.S)


HEADER = without_comments(read("include/slickq/slickq.h"))

#: What is no API (slickq_detail_...) is not for bindings.
FUNCTIONS = re.findall(r"^\s+(slickq_(?!detail_)\w+)$", read("slickq.def"), re.M)
STRUCTS = {name: re.findall(r"(\w+)(?:\[\d+\])?;", body)
           for body, name in re.findall(r"typedef struct \w+ \{(.*?)\}\s*(\w+);", HEADER, re.S)}
#: Those that the library fills, without their sizes, and those that it is given.
TOLD = [f"{name}.{field}" for name, fields in STRUCTS.items() for field in fields
        if (name.endswith("_info") or name == "slickq_inspection") and field not in ("struct_size", "reserved")]
GIVEN = [f"{name}.{field}" for name, fields in STRUCTS.items() for field in fields
         if name.endswith("_options") and field not in ("struct_size", "reserved")]
NUMBERS = re.findall(r"(SLICKQ_\w+) = -?\d+", HEADER)


def of_python():
    """Names of functions, fields and numbers in the package, with the prefixes that its tables leave out."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "capi/python/src/slickq").glob("*.py"))}
    tables = sources.pop("_library.py")
    declared = {"slickq_" + name for name in re.findall(r'"(\w+)"', tables)} | {"slickq_abi_version"}
    package = "\n".join(text for name, text in sources.items() if name not in ("_structs.py",))
    called = set(re.findall(r"\b_?(?:quick|patient)\.(slickq_\w+)", tables + package))
    called |= {f"slickq_{kind}_descriptor" for kind in re.findall(r'descriptor_of\("(\w+)"', package)}
    called |= {f"slickq_{kind}_descriptor" for kind in re.findall(r'_kind = "(\w+)"', package)}
    called |= {f"slickq_{kind}_close" for kind in re.findall(r'(?:make_handle|open_named)\("(\w+)"', package)}
    return declared & called, tables + package, sources["constants.py"] + package


def of_rust():
    package = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "capi/rust/slickq/src").glob("*.rs")))
    return set(re.findall(r"sys::(slickq_\w+)", package)), package, package


def of_go():
    package = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "capi/go").glob("*.go"))
                        if not path.name.endswith("_test.go"))
    shim = read("capi/go/shim.h")
    called = set(re.findall(r"\b(slickq_\w+)\(", without_comments(shim))) | set(re.findall(r"C\.(slickq_\w+)\(", package))
    return called, package + shim, package + shim


BINDINGS = {"python": of_python, "rust": of_rust, "go": of_go}

# Likewise of fields and numbers.
FIELDS_LEFT_OUT = {
    "python": {},
    "rust": {
        "slickq_queue_info.slot_count": "capacity / items_per_slot",
        "slickq_queue_info.extension_offset": "nothing that a program needs",
    },
    "go": {"slickq_queue_info.base": "slickq_queue_at() leads to the elements"},
}
NUMBERS_LEFT_OUT = {
    "python": {
        **FOREIGN_NUMBERS,
        "SLICKQ_INFO_SHARED": "Queue.name is None of a local one",
        "SLICKQ_TIMEOUT_FOREVER": NONE_IS_FOREVER, "SLICKQ_STALL_NEVER": NONE_IS_FOREVER, "SLICKQ_LINGER_FOREVER": NONE_IS_FOREVER,
    },
    "rust": {
        **FOREIGN_NUMBERS,
        "SLICKQ_CHANGED": OWN_ATOMICS,
        "SLICKQ_CONSUMER_READER": "what is neither of the others", "SLICKQ_NAME_TAKEN": "what is neither of the others",
        "SLICKQ_E_NULL": "no handle is ever NULL",
        "SLICKQ_GROUP_ANY": "the default of WorkerOptions",
    },
    "go": {**FOREIGN_NUMBERS, "SLICKQ_CHANGED": OWN_ATOMICS},
}


class Complete(unittest.TestCase):
    def compare(self, binding, wanted, found, reasons):
        missing = sorted(name for name in wanted if name not in found and name not in reasons)
        self.assertEqual(missing, [], f"{binding} lacks these, and nothing here says why")
        idle = sorted(name for name in reasons if name in found or name not in wanted)
        self.assertEqual(idle, [], f"{binding} has these, or they are of no header: there is nothing to excuse")

    def test_the_header_is_understood(self):
        self.assertGreater(len(FUNCTIONS), 70)
        self.assertEqual(set(FUNCTIONS), set(re.findall(r"^SLICKQ_API .*?(slickq_\w+)\(", HEADER, re.M)))
        self.assertIn("slickq_group_info.unfinished", TOLD)
        self.assertIn("SLICKQ_OPEN_HALF_RESET", NUMBERS)
        self.assertIn("SLICKQ_E_STALE", NUMBERS)

    def test_functions(self):
        for binding, of in BINDINGS.items():
            with self.subTest(binding):
                self.compare(binding, FUNCTIONS, of()[0], LEFT_OUT[binding])

    def test_fields(self):
        """Each is read by its own name, `info.unfinished`, or set: there keywords and fields of literals count as well."""
        for binding, of in BINDINGS.items():
            with self.subTest(binding):
                text = of()[1]
                read = set(re.findall(r"\.(\w+)", text))
                given = read | set(re.findall(r"(\w+)=", text)) | set(re.findall(r"(\w+):", text))
                found = {field for fields, names in ((TOLD, read), (GIVEN, given)) for field in fields
                         if field.split(".")[1] in names}
                self.compare(binding, TOLD + GIVEN, found, FIELDS_LEFT_OUT[binding])

    def test_numbers(self):
        """By their own names; in Python by those of its enumerations and flags."""
        for binding, of in BINDINGS.items():
            with self.subTest(binding):
                text = of()[2]
                if binding == "python":
                    words = set(re.findall(r"\w+", text))
                    found = {name for name in NUMBERS if words & python_names(name)}
                else:
                    found = {name for name in NUMBERS if re.search(rf"\b{name}\b", text)}
                self.compare(binding, NUMBERS, found, NUMBERS_LEFT_OUT[binding])


def python_names(name):
    """What Python may call SLICKQ_OPEN_HUGETLB: _HUGETLB; SLICKQ_LAYOUT_SLQ1: SLQ1."""
    short = re.sub(r"^SLICKQ_(OPEN_|LAYOUT_|START_|AFTER_LAP_|CONSUMER_|GROUP_|NAME_)?", "", name)
    return {short, "_" + short, "_" + name[len("SLICKQ_"):]}


if __name__ == "__main__":
    unittest.main()
