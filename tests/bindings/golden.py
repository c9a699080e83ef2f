"""The recorded data of tests/golden, as its README.md describes it."""
import functools
import json
import os

DIRECTORY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
HASH_START = 0x14650fb0739d0383  # the recorder's offset basis, not FNV's usual one


def _lines(name):
    with open(os.path.join(DIRECTORY, name), encoding="ascii") as file:
        return [json.loads(line) for line in file]


def traces():
    return _lines("traces.jsonl")


def segments():
    """What readers get of each segment; its `bytes` are the segment, its `kind` is what was done to make it."""
    lines = [line for layout in ("packed", "wide") for line in _lines(layout + "-segments.jsonl")]
    for line in lines:
        with open(os.path.join(DIRECTORY, line["file"]), "rb") as file:
            line["bytes"] = file.read()
        line["kind"] = line["file"][len(line["layout"]) + 1:-len(".bin")]
    return lines


def steps(kind):
    """What the recorder did: [(elements, is it published), ...]. Every reservation was filled at once."""
    if kind == "mixed":
        return [(k % 13 + 1, k % 7 != 3) for k in range(50)]
    return {
        "empty": [],
        "three": [(1, True)] * 3,
        "gap": [(1, True), (1, False), (1, True)],
        "wrap": [(3, True)] * 3,
        "wrap-unpublished": [(3, True), (3, True), (3, False)],
        "lapped": [(1, True)] * 200,
        "single-slot": [(1, True)] * 2,
        "variable": [(count, True) for count in (4, 1, 2, 7, 4, 1, 3)],
    }[kind]


def fill(index, count, element_size):
    """What the recorder wrote into a reservation."""
    return bytes((element * 31 + byte * 7 + 13) % 256
                 for element in range(index, index + count) for byte in range(element_size))


@functools.lru_cache(maxsize=None)
def hash_of(data):
    """FNV-1a of 64 bits, as 16 hex digits."""
    value = HASH_START
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return f"{value:016x}"
