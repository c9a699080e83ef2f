"""Every golden segment opens and reads as recorded through an agent, in every way to read, and stays as it was. So do the segments
of today's layouts with the same content."""
import case
import golden
import model

MORE_THAN_ALL = 100  # records
UNCHANGED = "the segment is as it was"


class Segments(case.Case):
    def test_read_as_recorded(self):
        agent = self.start(case.selected[0])
        for recorded in golden.segments():
            ring = ring_of(recorded, recorded["layout"])
            self.assertEqual(ring.segment(), recorded["bytes"])
            if agent.name != case.PEER:  # 2.x opens neither packed nor wide segments
                self.read_all_ways(agent, recorded, ring)
            if ring.layout == "packed":
                for layout in ("SLQ0", "SLQ1"):
                    self.read_all_ways(agent, recorded, ring_of(recorded, layout))

    def read_all_ways(self, agent, recorded, ring):
        for flags in (0,) if agent.name == case.PEER else (0, case.READ_ONLY):
            with self.subTest(segment=recorded["kind"], layout=ring.layout, flags=flags):
                name, layout = self.name(ring.segment()), case.LAYOUTS[ring.layout]
                # All else is adopted.
                element_size = ring.element_size if case.PEER == agent.name or layout == case.WIDE else 0
                opened = f"ok 0 {ring.capacity} {ring.element_size} 1 {layout}"
                agent.expect_all([(f"open {name} 0 {element_size} 0 {layout} {flags}", opened),
                                  ("next", f"ok {recorded['initial_reading_index']}"),
                                  *plainly(recorded),
                                  *([] if agent.name == case.PEER else otherwise(recorded, ring)),
                                  ("close", "ok")])
                agent.check("all of that", UNCHANGED, UNCHANGED if case.segment(name) == ring.segment() else "it is changed")


def records_of(recorded):
    """[(cursor before, after, (index, count, bytes)), ...]"""
    return [(record["cursor_before"], record["cursor_after"],
             (record["cursor_after"] - record["size"], record["size"], bytes.fromhex(record["hex"])))
            for record in recorded["records"]]


def plainly(recorded):
    records = records_of(recorded)
    last = records[-1][1] if records else 0
    return [*((f"read {cursor}", case.found(record, after)) for cursor, after, record in records),
            (f"read {last}", f"empty {recorded['cursor_end']}")]


def otherwise(recorded, ring):
    exchange = []
    for cursor, after, record in records_of(recorded):
        if ring.is_intact(record[0]):
            exchange += [(f"check {record[0]}", "ok"), (f"read_copy {cursor}", case.found(record, after))]
        else:
            exchange += [(f"check {record[0]}", "SLICKQ_LAPPED"),
                         (f"read_copy {cursor}", case.either(case.found(*ring.read_intact(cursor)), case.LAPPED))]
    for limit in (1, 2, MORE_THAN_ALL):
        exchange += batches(ring, 0, limit)
    return exchange + with_reader(ring)


def ring_of(recorded, layout):
    """The model after what the recorder did."""
    ring = model.Ring(layout, recorded["capacity"], recorded["element_size"])
    for count, is_published in golden.steps(recorded["kind"]):
        index = ring.reserve(count)
        ring.fill(index, golden.fill(index, count, ring.element_size))
        if is_published:
            ring.publish(index, count)
    return ring


def batches(ring, cursor, limit):
    """Batch after batch from the cursor on. Each ends before a record that comes with a loss, unless that is its first."""
    exchange = []
    while True:
        records, after = [], cursor
        while len(records) < limit:
            record, moved = ring.read(after)
            if record is None:
                if not records:
                    after = moved
                break
            if records and ring.is_loss(after, record[0]):
                break
            records.append(record)
            after = moved
        request = f"read_batch {cursor} {limit}"
        if not records:
            return exchange + [(request, f"empty {after}")]
        exchange.append((request, f"ok {after} {case.batched(records)}" if ring.is_intact(records[0][0]) else case.LAPPED))
        cursor = after


def with_reader(ring):
    """The validated reader, which begins with the oldest record that nobody has begun to overwrite."""
    exchange, cursor = [("reader 1 0 0", "ok")], ring.oldest()
    exchange.append(("start 1", f"ok {cursor}"))
    while True:
        record, cursor = ring.read(cursor)
        if record is None:
            outcome = "SLICKQ_EMPTY" if cursor == ring.reserved else "SLICKQ_PENDING"
            return exchange + [("next_record", f"{outcome} {cursor} 0")]
        exchange.append(("next_record", case.claimed(record)))
