"""Writes slickq-abi.json: all that slickq.h declares, for generators of bindings.

    abi.py HEADER DEF OUTPUT

The header is written in one plain style, and whatever of it this does not understand is an error. Offsets are those of a 64-bit
platform, where each scalar is aligned to its size: tests/capi/abi_test.py has a compiler confirm every one of them. Numbers beyond
2^53, which not every reader of JSON can hold, are written as text.
"""
import json
import re
import sys
from pathlib import Path

SCALARS = {"char": 1, "uint8_t": 1, "int": 4, "uint32_t": 4, "slickq_status": 4, "uint64_t": 8, "int64_t": 8, "size_t": 8}
FIRST = "1.0"  # the version of what says of no other that it came with it
LIMITS = {"INT64_MAX": 2**63 - 1, "UINT64_MAX": 2**64 - 1}


def plain(comment):
    """The text of a comment, on one line."""
    return " ".join(re.sub(r"^\s*\*(?!\w)", "", line).strip() for line in comment.strip().split("\n")).strip()


def since(text):
    found = re.search(r"[Ss]ince (\d+\.\d+)", text or "")
    return found[1] if found else FIRST


def described(entry, comment):
    """The entry, with what its comment says."""
    entry["since"] = since(comment)
    if comment:
        entry["doc"] = plain(comment)
    return entry


def without_directives(text):
    """The header without preprocessor lines, its comments in their places."""
    text = re.sub(r"\\\n", " ", text)
    return "\n".join("" if line.startswith("#") else line for line in text.split("\n"))


def value_of(text, known):
    """The number that a macro or an enumerator stands for."""
    text = text.strip()
    if text in LIMITS:
        return LIMITS[text]
    words = {word: known[word] for word in re.findall(r"SLICKQ_\w+", text)}
    if not re.fullmatch(r"[\w\s()*+\-]+", text):
        raise SystemExit(f"abi.py: not a number: {text}")
    return int(eval(re.sub(r"\b(\d+)[uU]\b", r"\1", text), {"__builtins__": {}}, words))  # our own header, digits and operators


def macros_of(text):
    """Macros that stand for a number, in order."""
    found = {}
    for name, value, comment in re.findall(r"^#define (SLICKQ_\w+) ([^\n{]+?)\s*(?:/\*(.*?)\*/)?$", text, re.M):
        if name in ("SLICKQ_API", "SLICKQ_ENUM") or value.startswith(("__", ":")):
            continue
        found[name] = described({"name": name, "value": value_of(value, {k: v["value"] for k, v in found.items()})}, comment)
    return list(found.values())


def enums_of(text):
    for comment, name, body in re.findall(r"(?:/\*((?:(?!\*/).)*)\*/\n)?(?:typedef )?enum (slickq_\w+)(?: SLICKQ_ENUM\(\w+\))? \{(.*?)\n?\s*\}",
                                          text, re.S):
        values = []
        for constant, number, said in re.findall(r"(SLICKQ_\w+) = (-?\d+),?[ \t]*(?:/\*(.*?)\*/)?", body, re.S):
            values.append(described({"name": constant, "value": int(number)}, said))
        if len(values) != len(re.findall(r"=", re.sub(r"/\*.*?\*/", "", body, flags=re.S))) or not values:
            raise SystemExit(f"abi.py: enum {name} was not understood")
        yield described({"name": name, "values": values}, comment)


def layout_of(fields):
    """Offsets, as every 64-bit platform's compiler has them; the size, and the alignment."""
    end, widest = 0, 1
    for field in fields:
        size = 8 if "*" in field["type"] else SCALARS[field["type"].replace("const ", "")]
        widest = max(widest, size)
        field["offset"] = -(-end // size) * size
        field["size"] = size * field.get("length", 1)
        end = field["offset"] + field["size"]
    return -(-end // widest) * widest, widest


def structs_of(text):
    for comment, name, body in re.findall(r"(?:/\*((?:(?!\*/).)*)\*/\n)?typedef struct (slickq_\w+) \{\n(.*?)\n\} \2;", text, re.S):
        fields = []
        for kind, field, length, said in re.findall(r"^    ([\w ]+?[ *]+)(\w+)(?:\[(\d+)\])?;[ \t]*(?:/\*(.*?)\*/)?", body, re.M | re.S):
            entry = {"name": field, "type": re.sub(r"\s*\*", " *", kind).strip()}
            if length:
                entry["length"] = int(length)
            fields.append(described(entry, said))
        if len(fields) != len(re.findall(r";", re.sub(r"/\*.*?\*/", "", body, flags=re.S))):
            raise SystemExit(f"abi.py: struct {name} was not understood")
        size, alignment = layout_of(fields)
        yield described({"name": name, "size": size, "alignment": alignment, "grows": fields[0]["name"] == "struct_size",
                         "fields": fields}, comment)


def functions_of(text, nodes):
    pattern = r"(?:/\*((?:(?!\*/).)*)\*/\n)?SLICKQ_API ([^;(]+?[ *])(slickq_\w+)\(([^)]*)\);"
    for comment, result, name, arguments in re.findall(pattern, text, re.S):
        parameters = []
        for one in [] if arguments.strip() == "void" else arguments.split(","):
            kind, parameter = re.fullmatch(r"\s*(.+?[ *])(\w+)\s*", one, re.S).groups()
            parameters.append({"name": parameter, "type": re.sub(r"\s*(\*+)", r" \1", kind).strip()})
        entry = described({"name": name, "result": re.sub(r"\s*(\*+)", r" \1", result).strip(), "parameters": parameters}, comment)
        yield {**entry, "since": nodes[name]}


def nodes_of(definitions):
    """The version that each function came with: that of its symbol."""
    version, nodes = None, {}
    for line in definitions.split("\n"):
        node = re.fullmatch(r"; node SLICKQ_([\d.]+)", line.strip())
        if node:
            version = node[1]
        elif re.fullmatch(r"\s+slickq_\w+", line):
            nodes[line.strip()] = version
    return nodes


def describe(header, definitions):
    text = without_directives(header)
    macros = macros_of(header)
    numbers = {macro["name"]: macro["value"] for macro in macros}
    opaque = [name for name in re.findall(r"^typedef struct (slickq_\w+) \1;", text, re.M)]
    functions = list(functions_of(text, nodes_of(definitions)))
    if len(functions) != len(re.findall(r"^SLICKQ_API ", text, re.M)):
        raise SystemExit("abi.py: not every function was understood")
    return {
        "library": "slickq", "version": "{SLICKQ_VERSION_MAJOR}.{SLICKQ_VERSION_MINOR}.{SLICKQ_VERSION_PATCH}".format(**numbers),
        "abi": numbers["SLICKQ_ABI_VERSION"], "pointer_size": 8, "byte_order": "little",
        "types": {name: size for name, size in SCALARS.items() if name != "slickq_status"},
        "aliases": {"slickq_status": "int"},
        "handles": opaque, "macros": macros, "enums": list(enums_of(text)), "structs": list(structs_of(text)), "functions": functions,
    }


def main():
    header, definitions, output = map(Path, sys.argv[1:4])
    found = describe(header.read_text(encoding="utf-8"), definitions.read_text(encoding="utf-8"))
    for macro in found["macros"]:
        if abs(macro["value"]) > 2**53:
            macro["value"] = str(macro["value"])
    output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
