"""Every golden trace runs equal through an agent, in every layout with one item per slot. Where the trace reads, the
other ways to read are asked too: a plain cursor is a number, so that all can begin at the same."""
import case
import golden
import model


class Traces(case.Case):
    def test_recorded_runs(self):
        name = case.selected[0]
        agent = self.start(name)
        layouts = ("SLQ0", "SLQ1") if name == case.PEER else ("SLQ0", "SLQ1", "packed", "wide")
        for number, trace in enumerate(golden.traces()):
            for layout in layouts:
                exchange = Exchange(trace, name, layout).steps
                with self.subTest(trace=number, layout=layout):
                    geometry = f"{trace['capacity']} {trace['element_size']} 1 {case.LAYOUTS[layout]}"
                    agent.expect_all([(f"open - {geometry} 0", f"ok 1 {geometry}"), ("cell - 0", "ok"), *exchange])


class Exchange:
    """A trace as [(request, answer), ...]. The model follows it: it knows what was recorded as hash only, and what was not asked
    then."""

    def __init__(self, trace, agent, layout):
        self.has_reports = layout != "wide"
        self.ring, self.steps = model.Ring("SLQ1", trace["capacity"], trace["element_size"]), []
        self.only_plain = agent == case.PEER
        self.claimed_index = "*" if agent in case.CLAIM_TELLS_NO_INDEX else None
        for what, *operands in trace["ops"]:
            getattr(self, what)(*operands)

    def reserve(self, count, index):
        data = golden.fill(index, count, self.ring.element_size)
        self.prove(self.ring.reserve(count) == index, "reserve", index)
        self.ring.fill(index, data)
        self.steps += [(f"reserve {count}", f"ok {index}"), (f"fill {index} {data.hex()}", "ok")]

    def publish(self, index, count):
        self.ring.publish(index, count)
        self.steps.append((f"publish {index} {count}", "ok"))

    def abandon(self, index):
        if not self.only_plain:  # slick-queue-py would publish it
            if self.has_reports:
                self.ring.refuse_late(index, 1)
            self.steps.append((f"publish {index} 1", "error SLICKQ_E_STALE"))

    def read(self, _, before, after, *recorded):
        seen = self.seen(before, after, *recorded)
        self.steps.append((f"read {before}", case.found(seen, after)))
        if self.only_plain:
            return
        if seen is None:
            self.steps += [(f"read_copy {before}", f"empty {after}"), (f"read_batch {before} 1", f"empty {after}")]
        else:
            index, count, data = seen
            overwritten = case.either(case.found(*self.ring.read_intact(before)), case.LAPPED)
            is_copied = self.ring.is_intact(index, count)
            # It may be asked for many records at once, hence for the whole lap.
            is_checked = self.ring.is_intact(index, self.ring.capacity)
            self.steps += [(f"check {index}", "ok" if is_checked else "SLICKQ_LAPPED"),
                           (f"read_copy {before}", case.found(seen, after) if is_copied else overwritten),
                           (f"read_batch {before} 1", f"ok {after} {index}:{count} {data.hex()}" if is_checked else case.LAPPED)]

    def read_shared(self, _, before, after, *recorded):
        seen = self.seen(before, after, *recorded)
        plain = case.claimed(seen, self.claimed_index)
        if seen is None or self.ring.is_intact(seen[0], seen[1]):
            self.steps += [("claim", plain), ("cell_load", f"ok {after}")]
        else:  # bindings that claim checked copies only go on to the next one
            checked = case.claimed(self.ring.read_intact(before)[0], self.claimed_index)
            self.steps += [("claim", case.either(plain, checked, case.LAPPED)), (f"cell_store {after}", "ok")]

    def seen(self, before, after, position, count, recorded_hash):
        record, cursor = self.ring.read(before)
        self.prove(cursor == after, "cursor", before)
        self.prove((record is None) == (position is None), "read", before)
        if record is not None:
            found = record[0] % self.ring.capacity, record[1], golden.hash_of(record[2])
            self.prove(found == (position, count, recorded_hash), "record", before)
        return record

    @staticmethod
    def prove(is_so, *what):
        if not is_so:
            raise AssertionError(f"the model does not do what was recorded: {what}")
