"""The same script makes the same bytes through an agent: those of the golden segments, and of the model in the layouts that have
none. Reserving and publishing apart, writing, and writing in batches."""
import unittest

import case
import golden
import model


class Golden(unittest.TestCase):
    def test_the_model_makes_the_golden_segments(self):
        for recorded in golden.segments():
            with self.subTest(segment=recorded["file"]):
                ring = model.Ring(recorded["layout"], recorded["capacity"], recorded["element_size"])
                run(ring, golden.steps(recorded["kind"]))
                self.assertEqual(ring.segment().hex(), recorded["bytes"].hex())


class Bytes(case.Case):
    def setUp(self):
        self.agent = self.start(case.selected[0])
        self.layouts = ("SLQ0", "SLQ1") if self.agent.name == case.PEER else ("SLQ0", "SLQ1", "packed", "wide")

    def open(self, ring):
        name, layout = self.name(), case.LAYOUTS[ring.layout]
        geometry = f"{ring.capacity} {ring.element_size} {ring.items_per_slot} {layout}"
        return name, [(f"open {name} {geometry} 0", f"ok 1 {geometry}")]

    def make(self, ring, exchange_of, after):
        """exchange_of: what makes the model's segment, too; a list of (request, expected answer)."""
        name, opening = self.open(ring)
        self.agent.expect_all(opening + exchange_of(ring))
        self.expect_segment(self.agent, name, ring.segment(), after)
        self.agent.expect("close", "ok")
        self.expect_segment(self.agent, name, ring.segment(), after + ", close")

    def test_the_golden_scripts(self):
        for recorded in golden.segments():
            if recorded["layout"] == "wide":
                continue  # the same scripts
            for layout in self.layouts:
                with self.subTest(kind=recorded["kind"], layout=layout):
                    self.make(model.Ring(layout, recorded["capacity"], recorded["element_size"]),
                              lambda ring: run(ring, golden.steps(recorded["kind"])), recorded["kind"])

    def test_items_that_share_a_slot(self):
        for layout in ("SLQ2", "SLQ3"):
            for element_size in (1, 4, 24):
                with self.subTest(layout=layout, element_size=element_size):
                    self.make(model.Ring(layout, 32, element_size, 4), lambda ring: run(ring, golden.steps("mixed")), "mixed")

    def test_write(self):
        for layout in self.layouts:
            for records in (4, 40):  # less than a lap, so that all are still there; and several
                with self.subTest(layout=layout, records=records):
                    self.make(model.Ring(layout, 16, 8), lambda ring: writes(ring, records), "writes")

    def test_write_batch(self):
        if self.agent.name == case.PEER:
            self.skipTest("slick-queue-py has no batches")
        for layout in self.layouts:
            for most in (1, 4):
                with self.subTest(layout=layout, most=most):
                    self.make(model.Ring(layout, 16, 8), lambda ring: batches(ring, most), "write_batch")


def run(ring, steps):
    exchange = []
    for count, is_published in steps:
        index = ring.reserve(count)
        data = golden.fill(index, count, ring.element_size)
        ring.fill(index, data)
        exchange += [(f"reserve {count}", f"ok {index}"), (f"fill {index} {data.hex()}", "ok")]
        if is_published:
            ring.publish(index, count)
            exchange.append((f"publish {index} {count}", "ok"))
    return exchange


def writes(ring, records):
    exchange = []
    for number in range(records):
        data = case.payload(1, number, 4, ring.element_size)
        exchange.append((f"write {data.hex()}", f"ok {ring.write(data)}"))
    return exchange


def batches(ring, most):
    """Batches of records of up to `most` elements, up to more than the ring has."""
    exchange, number = [], 0
    for records in (1, 3, 7, 2, 20, 5):
        batch = [case.payload(2, number + k, most, ring.element_size) for k in range(records)]
        number += records
        counts = ",".join(str(len(data) // ring.element_size) for data in batch) if most > 1 else "-"
        for data in batch:
            ring.write(data)
        exchange.append((f"write_batch {b''.join(batch).hex()} {counts}", f"ok {records}"))
    return exchange
