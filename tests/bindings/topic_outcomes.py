"""What a reader and a worker say instead of a record is the same in all bindings: empty, pending, timed out, lapped, a gap, reset,
full, abandoned."""
import time

import case
import process

LOCAL = ("open - 8 4 1 0 0", "ok 1 8 4 1 2")
STALL = 1  # seconds after which what stays unpublished is stepped over, by default
PATIENCE = 5  # seconds
NOTHING_TO_DO = "SLICKQ_EMPTY * 0"  # of a worker: where its group goes on is not every binding's to tell


def data(index):
    return index.to_bytes(4, "little").hex()


def record(index):
    return f"ok {index} 1 {data(index)}"


def task(index, redelivered=0):
    return f"{record(index)} {redelivered}"


def writes(*indices):
    return [(f"write {data(index)}", f"ok {index}") for index in indices]


class Outcomes(case.Case):
    def setUp(self):
        self.agent = self.start(case.selected[0])

    def test_empty_pending_and_timed_out(self):
        self.agent.expect_all([
            LOCAL, ("reader 1 0 0", "ok"), ("worker group 2", "ok"),
            ("next_record", "SLICKQ_EMPTY 0 0"), ("next_batch 4", "SLICKQ_EMPTY 0 0"), ("work", NOTHING_TO_DO),
            ("wait_record 20", "SLICKQ_TIMED_OUT 0 0"),
            *writes(0),
            ("next_record", record(0)), ("next_record", "SLICKQ_EMPTY 1 0"), ("work", task(0)), ("done", "ok"),
            ("reserve 1", "ok 1"), *writes(2),
            ("next_record", "SLICKQ_PENDING 1 0"), ("next_batch 4", "SLICKQ_PENDING 1 0"), ("wait_record 20", "SLICKQ_TIMED_OUT 0 0"),
            ("work", NOTHING_TO_DO),
            (f"fill 1 {data(1)}", "ok"), ("publish 1 1", "ok"),
            ("wait_record 20", record(1)), ("next_record", record(2)), ("work", task(1)), ("work", task(2)), ("done", "ok"),
            ("next_record", "SLICKQ_EMPTY 3 0"), ("work", NOTHING_TO_DO)])

    def test_time_out_is_as_long_as_asked(self):
        self.agent.expect_all([LOCAL, ("reader 0 0 0", "ok")])
        begun = time.monotonic()
        self.agent.expect("wait_record 150", "SLICKQ_TIMED_OUT 0 0")
        took = time.monotonic() - begun
        self.assertGreater(took, 0.15, f"{self.agent.name}: wait_record 150 did not wait")
        self.assertLess(took, 5, f"{self.agent.name}: wait_record 150 does not end")

    def test_batches(self):
        five = "ok 0:1,1:1,2:1,3:1,4:1 " + "".join(map(data, range(5)))
        two = "ok 0:1,1:1 " + data(0) + data(1)
        self.agent.expect_all([LOCAL, *writes(*range(5)),
                               ("reader 1 0 0", "ok"), ("next_batch 5", five), ("next_batch 5", "SLICKQ_EMPTY 5 0"),
                               ("reader 1 0 0", "ok"), ("next_batch 2", two), ("next_record", record(2)),
                               ("reader 2 0 0", "ok"), ("next_batch 9", f"ok 4:1 {data(4)}"),
                               ("reader 0 0 0", "ok"), ("next_batch 9", "SLICKQ_EMPTY 5 0")])

    def test_lapped(self):
        """Readers and workers go on an eighth of the ring away from what is overwritten next; the copying reads as the peers do."""
        self.agent.expect_all([
            LOCAL, ("reader 1 0 0", "ok"), ("worker group 2", "ok"), *writes(*range(20)),
            ("next_record", "SLICKQ_LAPPED 13 13"), ("next_record", record(13)),
            ("work", "SLICKQ_LAPPED 13 13"), ("work", task(13)),
            ("lost", "ok 0"),
            ("read 0", f"ok 17 16 1 {data(16)}"), ("lost", "ok 16"), ("read_copy 0", f"ok 17 16 1 {data(16)}"),
            ("read_batch 0 2", f"ok 18 16:1,17:1 {data(16)}{data(17)}"), ("lost", "ok 48"),
            ("check 12", "ok"), ("check 11", "SLICKQ_LAPPED"),
            ("start 0", "ok 20"), ("start 1", "ok 12"), ("start 2", "ok 19"), ("read_last", record(19))])

    def test_reset(self):
        self.agent.expect_all([
            LOCAL, ("reader 1 1 0", "ok"), ("worker group 2", "ok"), *writes(0, 1, 2), ("next_record", record(0)), ("reset", "ok"),
            ("next", "ok 0"), ("lost", "ok 0"), ("read_last", "empty"), ("read 0", "empty 0"),
            ("next_record", "SLICKQ_RESET 0 2"), ("next_record", "SLICKQ_EMPTY 0 0"), ("work", "SLICKQ_RESET 0 3"),
            ("work", NOTHING_TO_DO), *writes(0), ("next_record", record(0)), ("work", task(0))])

    def test_holes(self):
        self.agent.expect_all([
            LOCAL, ("reader 1 0 0", "ok"), ("worker group 2", "ok"), ("reserve 2", "ok 0"), *writes(2),
            ("work", NOTHING_TO_DO), ("next_record", "SLICKQ_PENDING 0 0")])
        begun = time.monotonic()
        self.agent.expect("wait_record 5000", "SLICKQ_GAP 2 2")
        self.assertGreater(time.monotonic() - begun, 0.9 * STALL)
        time.sleep(0.05)  # the worker was a moment later
        self.agent.expect_all([("next_record", record(2)), ("work", "SLICKQ_GAP 2 2"), ("work", task(2)), ("done", "ok"),
                               ("publish 0 2", "ok"), ("next_record", "SLICKQ_EMPTY 3 0"), ("work", NOTHING_TO_DO)])

    def test_full(self):
        if self.agent.name == "cpp":
            self.skipTest("the C++ face waits for room, it has nothing that says there is none")
        self.agent.expect_all([
            (f"open - 8 4 1 0 {case.LOSSLESS}", "ok 1 8 4 1 2"), ("reader 1 1 1", "ok"),
            (f"write_batch {''.join(map(data, range(10)))} -", "ok 8"),
            (f"write {data(8)}", "SLICKQ_FULL ..."), (f"write_batch {data(8)} -", "SLICKQ_FULL ..."), ("reserve 1", "SLICKQ_FULL ..."),
            ("next", "ok 8"), ("next_record", record(0)), ("next_record", record(1)), *writes(8), ("lost", "ok 0"),
            *(("next_record", record(index)) for index in range(2, 9)), ("next_record", "SLICKQ_EMPTY 9 0")])

    def test_what_a_worker_had_in_hand(self):
        """Another one with the same binding dies with a claimed record."""
        for mode, said in ((case.AT_LEAST_ONCE, task(1, redelivered=1)), (case.AT_MOST_ONCE, "SLICKQ_ABANDONED 1 *")):
            with self.subTest(mode=mode):
                name, dying = self.name(), self.start(self.agent.name)
                self.agent.expect_all([(f"open {name} 8 4 0 0 0", "ok 1 8 4 1 2"), (f"worker group {mode}", "ok"),
                                       *writes(0, 1, 2), ("work", task(0))])
                dying.expect_all([(f"open {name} 0 4 0 0 0", "ok 0 8 4 1 2"), (f"worker group {mode}", "ok"), ("work", task(1))])
                dying.kill()
                answers, give_up = [], time.monotonic() + PATIENCE
                while len(answers) < 2 and time.monotonic() < give_up:
                    answer = self.agent.ask("work")
                    if process.matches(NOTHING_TO_DO, answer):
                        time.sleep(0.02)
                    else:
                        answers.append(answer)
                self.agent.check("work, in either order", f"{task(2)}; {said}", "; ".join(sorted(answers, key=task(2).__ne__)))
                self.agent.expect_all([("done", "ok"), ("work", NOTHING_TO_DO)])
