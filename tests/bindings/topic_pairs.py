"""One agent produces, another one consumes, in processes of their own: many laps of records that verify themselves, byte for byte.
Run for every ordered pair."""
import case

WRITER = 3
CAPACITY = 512
# A lossy producer waits for the consumer, so that it never laps it: at most two batches are on their way, and a record takes at
# most 7 elements, and as many again that stay unused where it does not fit at the end of the ring.
MOST = 7
BATCH = 32
assert 2 * (BATCH * MOST + MOST) <= CAPACITY
BATCHES = 24
LOSSLESS_CAPACITY = 64  # so that the producer often has no room, and the consumer often nothing to read
LOSSLESS_RECORDS = 2000


class Pairs(case.Case):
    def setUp(self):
        self.names = case.selected
        self.producer, self.consumer = (self.start(name) for name in self.names)
        self.with_peer = case.PEER in self.names

    def open(self, layout, element_size, capacity=CAPACITY, items_per_slot=1, flags=0):
        """A segment that the producer makes. The consumer adopts what is there, if it can."""
        name, number = self.name(), case.LAYOUTS[layout]
        geometry = f"{capacity} {element_size} {items_per_slot} {number}"
        self.producer.expect(f"open {name} {geometry} {flags}", f"ok 1 {geometry}")
        asked = f"{element_size} {items_per_slot} {number}" if self.names[1] == case.PEER or layout == "wide" else "0 0 0"
        self.consumer.expect(f"open {name} 0 {asked} 0", f"ok 0 {geometry}")

    def stream(self, produce, most):
        """The producer is a batch ahead of the consumer all the time. produce: "produce {}" or another request for records."""
        batches = [f"{WRITER} {first} {first + BATCH} {most}" for first in range(0, BATCHES * BATCH, BATCH)]
        for number, batch in enumerate(batches):
            self.producer.begin(produce.format(batch))
            if number:
                self.consumed(batches[number - 1])
            self.consumer.begin(f"consume {batch}")
            self.producer.check(produce.format(batch), "ok", self.producer.end())
        self.consumed(batches[-1])

    def consumed(self, batch):
        self.consumer.check(f"consume {batch}", "ok *", self.consumer.end())

    def test_plain(self):
        for layout in ("SLQ0", "SLQ1") if self.with_peer else ("SLQ0", "SLQ1", "packed", "wide"):
            for element_size, most in ((8, MOST), (4, 1)):
                with self.subTest(layout=layout, element_size=element_size, most=most):
                    self.open(layout, element_size)
                    self.stream("produce {}", most)

    def test_items_that_share_a_slot(self):
        for layout in ("SLQ2", "SLQ3"):
            with self.subTest(layout=layout):
                self.open(layout, element_size=8, capacity=4 * CAPACITY, items_per_slot=4)
                self.stream("produce {}", MOST)

    def test_batches(self):
        if self.names[0] == case.PEER:
            self.skipTest("slick-queue-py has no batches")
        for most in (MOST, 1):
            with self.subTest(most=most):
                self.open("SLQ1", element_size=24)
                self.stream("produce_batch {} 13", most)

    def test_lossless(self):
        if self.with_peer:
            self.skipTest("slick-queue-py loses what is not read in time, and has no validated reader")
        records = f"{WRITER} 0 {LOSSLESS_RECORDS} {MOST}"
        for layout, items_per_slot in (("SLQ1", 1), ("SLQ3", 4), ("packed", 1)):
            for produce in (f"produce {records}", f"produce_batch {records} 13"):
                with self.subTest(layout=layout, produce=produce):
                    self.open(layout, 8, LOSSLESS_CAPACITY, items_per_slot, case.LOSSLESS)
                    self.consumer.expect("reader 0 0 1", "ok")
                    self.consumer.begin(f"consume_reader {records}")
                    self.producer.begin(produce)
                    self.consumer.check(f"consume_reader {records}", "ok", self.consumer.end())
                    self.producer.check(produce, "ok", self.producer.end())
