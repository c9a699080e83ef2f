"""What is wrong is refused with the same status by the agents of all bindings, and the segment is as it was before."""
import struct

import case
import model
import process

ELEMENT = "00000000"
MARKER, ITEMS_PER_SLOT, INIT_STATE = 24, 28, 48  # offsets in the header
CAPACITY, ELEMENT_SIZE = 8, 12
BEING_INITIALISED = 2
NEWER_FEATURE = 4


def good_segment(layout="SLQ1", items_per_slot=1):
    """Of 8 elements of 4 bytes, with two records."""
    ring = model.Ring(layout, 8, 4, items_per_slot)
    ring.write(b"some")
    ring.write(b"moretext")
    return ring.segment()


def patched(offset, value, segment=None):
    """With other 4 bytes at the offset."""
    segment = bytearray(segment or good_segment())
    struct.pack_into("<I", segment, offset, value)
    return bytes(segment)


REFUSED_SEGMENTS = {
    "text": (b"This is no queue, whatever else it may be. " * 10, "SLICKQ_E_NOT_A_QUEUE"),
    "newer": (patched(MARKER, model.MARKERS["SLQ1"] | NEWER_FEATURE), "SLICKQ_E_NEWER"),
    "cut off": (good_segment()[:-1], "SLICKQ_E_TRUNCATED"),
    "less than its slots": (good_segment()[:100], "SLICKQ_E_TRUNCATED"),
    "capacity 7": (patched(CAPACITY, 7), "SLICKQ_E_CORRUPT"),
    "capacity 0": (patched(CAPACITY, 0), "SLICKQ_E_CORRUPT"),
    "capacity of gigabytes": (patched(CAPACITY, 2**31), "SLICKQ_E_TRUNCATED"),
    "element size 0": (patched(ELEMENT_SIZE, 0), "SLICKQ_E_CORRUPT"),
    "items per slot that the marker denies": (patched(ITEMS_PER_SLOT, 4), "SLICKQ_E_CORRUPT"),
    "items per slot 3": (patched(ITEMS_PER_SLOT, 3, good_segment("SLQ3", 4)), "SLICKQ_E_CORRUPT"),
}

# These are waited for, in case their creator is about to finish them.
UNFINISHED_SEGMENTS = {
    "no length": (b"", "SLICKQ_E_NO_LENGTH"),
    "zeros": (bytes(len(good_segment())), "SLICKQ_E_NOT_READY"),
    "half made": (patched(INIT_STATE, BEING_INITIALISED), "SLICKQ_E_HALF_MADE"),
}


class Refusals(case.Case):
    @classmethod
    def setUpClass(cls):
        cls.agent = process.Agent(case.available[case.selected[0]])
        cls.addClassCleanup(cls.agent.kill)
        cls.is_cpp = cls.agent.name == "cpp"

    def lacks_in_cpp(self, status):
        """The C++ face leaves that check out."""
        return "error UNSUPPORTED" if self.is_cpp else f"error {status}"

    def test_segments(self):
        for what, (content, status) in REFUSED_SEGMENTS.items():
            with self.subTest(what):
                self.expect_refused(self.agent, self.name(content), content, status)

    def test_unfinished_segments(self):
        waiting = []
        for content, status in UNFINISHED_SEGMENTS.values():
            agent, name = self.start(self.agent.name), self.name(content)
            agent.begin(f"open {name} 0 0 0 0 0")
            waiting.append((agent, name, content, status))
        for agent, name, content, status in waiting:
            agent.check(f"open {name} 0 0 0 0 0", f"error {status}", agent.end())
            self.expect_segment(agent, name, content, "a refused open")

    def expect_refused(self, agent, name, content, status):
        for flags in (0, case.READ_ONLY):
            agent.expect(f"open {name} 0 0 0 0 {flags}", f"error {status}")
        agent.expect(f"open {name} 8 4 0 0 0", f"error {status} | error SLICKQ_E_MISMATCH")
        self.assertEqual(case.segment(name), content)

    def test_what_does_not_fit(self):
        name = self.name(good_segment())
        self.agent.expect_all([(f"open {name} {geometry} 0", "error SLICKQ_E_MISMATCH") for geometry in
                               ("16 4 0 0", "8 8 0 0", "0 8 0 0", "8 4 2 0", "8 4 0 1", "8 4 0 5", "0 4 0 6", "0 0 0 4")])
        self.assertEqual(case.segment(name), good_segment())
        self.agent.expect(f"open {name} 8 4 1 2 0", "ok 0 8 4 1 2")

    def test_names(self):
        missing = self.name()
        self.agent.expect_all([(f"open {missing} 0 0 0 0 0", "error SLICKQ_E_NOT_FOUND"),
                               (f"remove {missing}", "error SLICKQ_E_NOT_FOUND"),
                               (f"open {missing}/below 8 4 0 0 0", "error SLICKQ_E_NAME"),
                               ("open / 8 4 0 0 0", "error SLICKQ_E_NAME"),
                               (f"open {missing.ljust(256, 'x')} 8 4 0 0 0", "error SLICKQ_E_NAME"),
                               (f"cell {missing} 4", "error SLICKQ_E_ARGUMENT")])
        short = self.name(bytes(8))
        self.agent.expect(f"cell {short} 8", "error SLICKQ_E_TRUNCATED")

    def test_options(self):
        wrong = ["7 4 0 0 0", "8 4 3 0 0", "8 4 16 0 0", "8 4 2 2 0", "8 4 2 1 0", "8 4 2 5 0", "8 4 1 9 0",
                 f"8 4 1 0 {case.READ_ONLY}"]
        self.agent.expect_all([(f"open - {options}", "error SLICKQ_E_ARGUMENT") for options in wrong])
        self.agent.expect(f"open - 8 4 1 6 {case.LOSSLESS}", "error SLICKQ_E_UNSUPPORTED")
        if self.agent.name != "go":  # its queue of bytes has elements of a byte
            self.agent.expect("open - 8 0 0 0 0", "error SLICKQ_E_ARGUMENT")

    def test_producing(self):
        not_reserved = "error SLICKQ_E_STALE" if self.is_cpp else "error SLICKQ_E_NOT_RESERVED"  # it has one refusal for both
        self.agent.expect_all([
            ("open - 8 4 1 0 0", "ok 1 8 4 1 2"),
            ("reserve 0", "error SLICKQ_E_ARGUMENT"), ("reserve 9", "error SLICKQ_E_ARGUMENT"),
            ("write 000000", "error SLICKQ_E_ARGUMENT"), (f"write {ELEMENT * 9}", "error SLICKQ_E_ARGUMENT"),
            (f"write_batch {ELEMENT * 2} 1,0,1", "error SLICKQ_E_ARGUMENT"),
            (f"write_batch {ELEMENT * 2} 1,2", "error SLICKQ_E_ARGUMENT"),
            ("publish 5 1", not_reserved),
            ("next", "ok 0"),  # nothing of that left a trace
            ("reserve 1", "ok 0"),
            *((f"write {ELEMENT}", f"ok {index}") for index in range(1, 9)),
            ("publish 0 1", "error SLICKQ_E_STALE")])

    def test_read_only(self):
        name = self.name()
        refused = self.lacks_in_cpp("SLICKQ_E_READ_ONLY")
        self.agent.expect_all([(f"open {name} 8 4 0 0 0", "ok 1 8 4 1 2"), ("write " + b"some".hex(), "ok 0")])
        before = case.segment(name)
        self.agent.expect_all([(f"open {name} 0 4 0 0 {case.READ_ONLY}", "ok 0 8 4 1 2"),
                               ("reserve 1", refused), (f"write {ELEMENT}", refused), (f"write_batch {ELEMENT} -", refused),
                               ("reset", refused), ("worker group 2", "error SLICKQ_E_READ_ONLY"),
                               ("reader 1 0 1", "error SLICKQ_E_READ_ONLY"), ("read 0", "ok 1 0 1 " + b"some".hex())])
        self.assertEqual(case.segment(name), before)

    def test_a_second_producer(self):
        name = self.name()
        other = self.start(self.agent.name)
        self.agent.expect_all([(f"open {name} 8 4 0 0 {case.SINGLE_PRODUCER}", "ok 1 8 4 1 2"), (f"write {ELEMENT}", "ok 0")])
        other.expect_all([(f"open {name} 0 4 0 0 0", "ok 0 8 4 1 2"), (f"write {ELEMENT}", "ok 1")])
        self.agent.expect(f"write {ELEMENT}", "error SLICKQ_E_SECOND_PRODUCER")

    def test_what_a_layout_lacks(self):
        for layout in ("SLQ0", "SLQ2"):
            items = 2 if layout == "SLQ2" else 1
            self.agent.expect_all([(f"open - 8 4 {items} {case.LAYOUTS[layout]} 0", f"ok 1 8 4 {items} {case.LAYOUTS[layout]}"),
                                   ("read_last", "error SLICKQ_E_UNSUPPORTED")])
        self.agent.expect_all([("open - 8 4 1 6 0", "ok 1 8 4 1 6"), ("reader 0 0 1", "error SLICKQ_E_UNSUPPORTED"),
                               ("worker group 2", "error SLICKQ_E_UNSUPPORTED")])

    def test_groups(self):
        self.agent.expect_all([("open - 8 4 1 0 0", "ok 1 8 4 1 2"),
                               ("worker group 0", "error SLICKQ_E_NO_GROUP"),
                               ("worker a_name_of_17_byte 2", "error SLICKQ_E_ARGUMENT"),
                               ("worker group 2", "ok"), ("worker group 3", "error SLICKQ_E_MISMATCH")])

    def test_a_slot_that_lies(self):
        """A record that would reach beyond the ring: never read, and stepped over."""
        damaged = patched(64 + 8, 9)  # the count in slot 0
        for read in ("read 0", "read_copy 0", "read_batch 0 1", "claim"):
            with self.subTest(read):
                self.agent.expect_all([(f"open {self.name(damaged)} 0 4 0 0 0", "ok 0 8 4 1 2"), ("cell - 0", "ok"),
                                       (read, "error SLICKQ_E_CORRUPT")])
        self.agent.expect_all([("reader 1 0 0", "ok"), ("next_record", "SLICKQ_E_CORRUPT ..."), ("next_record", "SLICKQ_EMPTY 3 0")])

    def test_what_was_closed(self):
        """What is said then is the agent's own: most bindings have no such handle."""
        self.agent.expect_all([("open - 8 4 1 0 0", "ok 1 8 4 1 2"), ("reader 1 0 0", "ok"), ("worker group 2", "ok"), ("close", "ok"),
                               *((request, "error *") for request in ("read 0", "read_copy 0", "next", "reserve 1", f"write {ELEMENT}",
                                                                      "reset", "next_record", "work", "done", "lost")),
                               ("open - 8 4 1 0 0", "ok 1 8 4 1 2"), (f"write {ELEMENT}", "ok 0")])

    def test_what_is_no_request(self):
        self.agent.expect_all([("open - 8 4 1 0 0", "ok 1 8 4 1 2"), ("nonsense", "error *"), ("write zz", "error *"),
                               ("read", "error *"), (f"write {ELEMENT}", "ok 0")])
