"""Core NATS: whatever is lost is counted: published at A is published at B, and the losses by their causes."""

import random
import time

from case import BridgeCase


class Books(BridgeCase):
    def chaos(
        self, records, kills_of_bridge, kills_of_server, batch=8, capacity=4096, pause_us=0, idle_ms=1500, seed=2
    ):
        chance = random.Random(seed)
        server = self.server(jetstream=False)
        a, b = self.queue("a"), self.queue("b")
        self.create_queue(a, capacity)
        self.create_queue(b, 65536)
        nats = f'[nats]\nservers = "{server.url}"\nbackoff_first_ms = 20\nbackoff_longest_ms = 100\n'
        starts = [
            lambda: self.run_config(
                f'{nats}[[out]]\nname = "out"\nqueue = "{a}"\nsubject = "t"\nmode = "core"\nbatch = {batch}\n', "out"
            ),
            lambda: self.run_config(f'{nats}[[in]]\nname = "in"\nqueue = "{b}"\nsubject = "t"\nmode = "core"\n', "in"),
        ]
        running = [start() for start in starts]
        self.until(lambda: "publishes to" in running[0].said() and "reads 't'" in running[1].said())
        consumer = self.consume(
            b, "--records", records, "--lossy", "--unregistered", "--idle-ms", idle_ms, "--seconds", 280
        )
        producer = self.produce(a, "--records", records, "--lossy", "--pause-us", pause_us)
        deeds = ["bridge"] * kills_of_bridge + ["server"] * kills_of_server
        chance.shuffle(deeds)
        for deed in deeds:
            time.sleep(chance.uniform(0, 0.1))
            if deed == "bridge":
                victim = chance.randrange(2)
                running[victim].kill()
                running[victim] = starts[victim]()
            else:
                server.kill()
                server.start()
        self.finish(producer, timeout=280)
        return running, consumer, records

    def balance(self, running, consumer, records):
        def is_balanced():
            out, at_b = self.status("out"), self.status("in")
            lost = sum(out["lost_elements_total"].values())
            arrived = at_b["records_total"] + at_b["transit_lost_records_total"] + at_b["before_records_total"]
            self.books = (out, at_b)
            return out["records_total"] + lost == records and arrived == out["records_total"]

        try:
            self.until(is_balanced, timeout=15)
        except AssertionError:
            self.fail(f"the books do not balance: {self.books}, {records} records")
        out, at_b = self.books
        self.assertEqual(out["lost_elements_total"], at_b["lost_elements_total"])
        result = self.consumed(consumer)  # nothing twice, nothing out of order, nothing damaged
        self.assertEqual(result["received"] + result["lapped"], at_b["records_total"])
        self.assertEqual([r.terminate() for r in running], [0, 0])
        return out, at_b

    def test_quiet(self):
        out, at_b = self.balance(*self.chaos(20_000, 0, 0, capacity=65536))
        self.assertEqual(at_b["records_total"], 20_000)

    def test_a_queue_that_is_lapped(self):
        out, at_b = self.balance(*self.chaos(200_000, 0, 1, batch=1, capacity=64))
        self.assertGreater(out["lost_elements_total"]["lapped"], 0)

    def test_killed_again_and_again(self):
        out, at_b = self.balance(*self.chaos(20_000, 6, 3, pause_us=20, idle_ms=3000))
        self.assertGreater(out["sessions_total"], 1)
