"""The same operations leave the same bytes, over the whole length of a peer's segment, whichever side made it."""
import case

MARKER, ITEMS_PER_SLOT = slice(24, 28), slice(28, 32)

# What is done to both segments: W: write a record of so many elements; R: reserve and never publish; C: clear (reset)
HISTORIES = (
    "",
    "W1",
    "W3 W1 W2",
    "W5 W5 W5 W5",         # wraps, with markers
    "W1 R2 W4 W3 W8 W1",   # gaps, a record as long as the ring
    "W3 W2 W7 R1 W6 W5 W4 W3 W2 W1 W8 R8 W1",
    "W3 W4 W5 C",
    "W3 W4 W5 C W2 W7",
)


class Bytes(case.Case):
    @case.since(2)
    def test_slq0(self):
        self.same({"capacity": 8, "element_size": 3, "read_last": False}, b"0QLS", 1)

    def test_slq1(self):
        # 1.x knows nothing of items per slot and leaves the field zero, which means 1.
        self.same({"capacity": 8, "element_size": 3}, b"1QLS", 1)

    @case.since(2, 1)
    def test_slq2(self):
        self.same({"capacity": 8, "element_size": 8, "items_per_slot": 8, "read_last": False}, b"2QLS", 8)
        self.same({"capacity": 16, "element_size": 3, "items_per_slot": 2, "read_last": False}, b"2QLS", 2)

    @case.since(2, 1)
    def test_slq3(self):
        self.same({"capacity": 16, "element_size": 5, "items_per_slot": 4, "read_last": True}, b"3QLS", 4)
        # One slot ends at 80, the elements begin at 96: rounded up to the lowest set bit of their size.
        self.same({"capacity": 8, "element_size": 96, "items_per_slot": 8, "read_last": True}, b"3QLS", 8)

    def same(self, options, marker, items_per_slot):
        processes = self.start("ours", "peer")
        for history in HISTORIES:
            with self.subTest(history=history, **options):
                ours, peer = (self.segment_after(history, one, options) for one in processes)
                self.assertEqual(ours[MARKER], marker)
                self.assertEqual(ours[ITEMS_PER_SLOT], items_per_slot.to_bytes(4, "little"))
                if case.PEER_VERSION < (2, 1):
                    self.assertEqual(peer[ITEMS_PER_SLOT], bytes(4))
                    ours = ours[:ITEMS_PER_SLOT.start] + bytes(4) + ours[ITEMS_PER_SLOT.stop:]
                ours, extension = ours[:len(peer)], ours[len(peer):]
                self.assertEqual(ours.hex(" ", 8), peer.hex(" ", 8))
                self.assertIn(b"SLQANNEX", extension)

    def segment_after(self, history, process, options):
        name = self.name()
        process.open(name=name, **options)
        for number, (operation, *count) in enumerate(history.split()):
            count = int("".join(count) or 0)
            if operation == "W":
                process.write(data=bytes([number + 1] * count * options["element_size"]).hex())
            elif operation == "R":
                process.reserve(count=count)
            else:
                process.reset()
        return case.segment(name)
