"""JetStream: nothing lost and nothing twice, whatever is killed; each producer's order kept."""

import random
import subprocess
import time

from case import BRIDGE, DEADLINE, BridgeCase
import nats_client
from link import Link


def pair(batch, extra_out="", extra_in=""):
    return (
        '[nats]\nservers = ["{url}"]\nbackoff_first_ms = 20\nbackoff_longest_ms = 200\n',
        '[[out]]\nname = "out"\nqueue = "{a}"\nsubject = "ticks"\nbatch = '
        + str(batch)
        + "\nstream.create = true\n"
        + extra_out,
        '[[in]]\nname = "in"\nqueue = "{b}"\nsubject = "ticks"\nstream.create = true\n' + extra_in,
    )


class Delivery(BridgeCase):
    def pair(self, server, batch=16, capacity=1024, extra_out="", extra_in=""):
        self.a, self.b = self.queue("a"), self.queue("b")
        self.create_queue(self.a, capacity)
        self.create_queue(self.b, capacity)
        self.parts = [p.format(url=server.url, a=self.a, b=self.b) for p in pair(batch, extra_out, extra_in)]

    def start_out(self):
        return self.run_config(self.parts[0] + self.parts[1], "out")

    def start_in(self):
        return self.run_config(self.parts[0] + self.parts[2], "in")

    def carry(self, batch):
        self.pair(self.server(), batch)
        bridge = self.run_config("".join(self.parts))
        self.until(lambda: "publishes to" in bridge.said())
        consumer = self.consume(self.b, "--records", 5000, "--producers", 2)
        self.finish(self.produce(self.a, "--records", 5000, "--producers", 2, "--variable"))
        self.assertEqual(self.consumed(consumer)["received"], 10000)
        self.until(lambda: self.status("out")["records_total"] == 10000)
        books = self.status("in")
        self.assertEqual(
            (books["records_total"], books["transit_lost_records_total"], books["duplicate_records_total"]),
            (10000, 0, 0),
        )
        self.assertEqual(bridge.terminate(), 0)
        self.assertEqual(bridge.said().count("nothing is left"), 2)

    def test_records_one_by_one(self):
        self.carry(batch=1)

    def test_records_in_batches(self):
        self.carry(batch=50)

    def chaos(self, records, kills_of_bridge, kills_of_server, batch=16, capacity=1024, server=None, seed=1):
        """Traffic from A to B, while everything between is killed again and again. The consumer says what arrived."""
        chance = random.Random(seed)
        server = server or self.server()
        self.pair(server, batch, capacity)
        bridges = [self.start_out, self.start_in]
        running = [start() for start in bridges]
        self.until(lambda: "publishes to" in running[0].said())
        consumer = self.consume(
            self.b, "--records", records // 2, "--producers", 2, "--seconds", 280, "--idle-ms", 1500
        )
        time.sleep(0.2)
        producer = self.produce(self.a, "--records", records // 2, "--producers", 2, "--seconds", 280)
        deeds = ["bridge"] * kills_of_bridge + ["server"] * kills_of_server
        chance.shuffle(deeds)
        for number, deed in enumerate(deeds, 1):
            # Spread over all of the traffic, so that each one hits some.
            share = records * number // (len(deeds) + 1)
            self.until(lambda: self.arrived() >= share, f"record {share}", timeout=120)
            time.sleep(chance.uniform(0, 0.01))
            if deed == "bridge":
                victim = chance.randrange(2)
                running[victim].kill()
                running[victim] = bridges[victim]()
            else:
                server.kill()
                time.sleep(chance.uniform(0, 0.1))
                server.start()
        self.finish(producer, timeout=280)
        result = self.consumed(consumer, timeout=280)
        self.assertEqual(result["received"], records)
        return result, running

    def arrived(self):
        path = self.state / "in.state"
        if not path.exists():
            return 0
        # Quicker than slickq-bridge status, which takes its time for a rate.
        out = subprocess.run(
            [BRIDGE, "status", "--prometheus", "--state-directory", self.state],
            stdout=subprocess.PIPE,
            timeout=DEADLINE,
        ).stdout.decode()
        for line in out.splitlines():
            if line.startswith("slickq_bridge_records_total") and 'direction="in"' in line:
                return int(line.rsplit(" ", 1)[1])
        return 0

    def test_killed_again_and_again(self):
        result, running = self.chaos(60_000, kills_of_bridge=8, kills_of_server=2)
        books = self.status("in")
        self.assertEqual(books["records_total"], 60_000)
        self.assertEqual(books["transit_lost_records_total"], 0)
        self.until(lambda: self.status("out")["records_total"] == 60_000, "the last acknowledgement")
        self.assertEqual([r.terminate() for r in running], [0, 0])

    def weather(self, records, changes, seed=3):
        """Both directions through links that are slow, silent and cut, again and again."""
        chance = random.Random(seed)
        server = self.server()
        self.pair(server)
        links = [Link(server), Link(server)]
        self.processes += links
        parts = [
            self.parts[0].replace(server.url, link.url) + "ping_interval_ms = 100\nconnect_timeout_ms = 500\n" + part
            for link, part in zip(links, self.parts[1:])
        ]
        out = self.run_config(parts[0], "out")
        self.until(lambda: "publishes to" in out.said())
        self.run_config(parts[1], "in")
        consumer = self.consume(self.b, "--records", records, "--seconds", 280)
        producer = self.produce(self.a, "--records", records, "--seconds", 280, "--pause-us", 100)
        for number in range(changes):
            if producer.popen.poll() is not None:
                break
            link = links[number % 2]
            link.delay, link.rate = chance.uniform(0, 0.02), chance.randrange(200_000, 5_000_000)
            time.sleep(chance.uniform(0.05, 0.2))
            if number % 3 == 1:
                link.cut()
            if number % 3 == 2:
                link.is_silent = True
                time.sleep(chance.uniform(0.1, 1))
                link.is_silent = False
        for link in links:
            link.delay = link.rate = 0
        self.finish(producer, timeout=280)
        self.assertEqual(self.consumed(consumer, timeout=280)["received"], records)
        books = self.status("in")
        self.assertEqual((books["records_total"], books["transit_lost_records_total"]), (records, 0))
        self.assertGreater(min(books["sessions_total"], self.status("out")["sessions_total"]), 1)

    def test_a_link_that_is_slow_silent_and_cut(self):
        self.weather(20_000, changes=9)

    def test_stored_and_never_told(self):
        """Killed between the stream's acknowledgement and ours: the stream's last message says where to go on."""
        server = self.server()
        self.pair(server, batch=16)
        link = Link(server)
        self.processes.append(link)
        first = self.run_config(self.parts[0].replace(server.url, link.url) + self.parts[1], "out")
        self.until(lambda: "publishes to" in first.said())
        link.holds_answers = True
        self.finish(self.produce(self.a, "--records", 200))

        def stored():
            count = nats_client.messages(server, "ticks")
            return nats_client.fetch(server, "ticks", count) if count else []

        def records(messages):
            return [int(headers.get("Slickq-Records", 1)) for _, headers in messages]

        self.until(lambda: sum(records(stored())) == 200)
        first.kill()
        self.assertEqual(self.status("out")["records_total"], 0)
        # Batches are cut elsewhere now: no message would have an id that the stream has seen.
        self.parts[1] = self.parts[1].replace("batch = 16", "batch = 7")
        second = self.start_out()
        self.until(lambda: "publishes to" in second.said())
        self.finish(self.produce(self.a, "--records", 10))
        self.until(lambda: self.status("out")["records_total"] == 210)
        messages = stored()
        self.assertEqual(sum(records(messages)), 210)
        index = 0
        for (_, headers), count in zip(messages, records(messages)):
            self.assertEqual(int(headers["Slickq-Index"]), index)
            index += count

    def test_producers_wait_while_the_bridge_is_down(self):
        server = self.server()
        self.pair(server, capacity=256)
        first = self.start_out()
        self.until(lambda: "publishes to" in first.said())
        first.kill()
        # Nobody reads: a lossless producer gets as far as the ring has room, and stays there.
        producer = self.produce(self.a, "--records", 1000)
        time.sleep(0.5)
        self.assertIsNone(producer.popen.poll())
        consumer = self.consume(self.b, "--records", 1000)
        self.start_out()
        self.start_in()
        self.finish(producer)
        self.assertEqual(self.consumed(consumer)["received"], 1000)

    def test_a_full_stream_is_felt_as_a_full_queue(self):
        server = self.server()
        # In a work queue what is acknowledged makes room.
        nats_client.add_stream(
            server, name="ticks", subjects=["ticks"], retention="workqueue", max_msgs=300, discard="new"
        )
        self.pair(server, batch=1, capacity=256)
        out = self.start_out()
        self.until(lambda: "publishes to" in out.said())
        producer = self.produce(self.a, "--records", 2000)
        self.until(lambda: self.status("out")["refusals_total"] > 0, "a refusal")
        self.assertIn("maximum messages exceeded", out.said())
        self.assertIsNone(producer.popen.poll())
        self.assertEqual(nats_client.messages(server, "ticks"), 300)
        consumer = self.consume(self.b, "--records", 2000)
        self.start_in()
        self.finish(producer)
        self.assertEqual(self.consumed(consumer)["received"], 2000)

    def carry_some(self, records):
        consumer = self.consume(self.b, "--records", records, "--now")
        self.until(lambda: "reads" in consumer.said())
        self.finish(self.produce(self.a, "--records", records))
        self.assertEqual(self.consumed(consumer)["received"], records)

    def test_a_reset_begins_a_new_epoch(self):
        server = self.server()
        self.pair(server)
        out = self.start_out()
        self.until(lambda: "publishes to" in out.said())
        self.start_in()
        for records in (100, 150, 50):
            self.carry_some(records)
            self.until(lambda: self.status("out")["in_flight_messages"] == 0)
            self.reset(self.a)
        self.assertEqual(self.status("in")["records_total"], 300)
        books = self.status("in")
        self.assertEqual((books["duplicate_records_total"], books["transit_lost_records_total"]), (0, 0))

    def test_reset_while_the_bridge_is_down(self):
        server = self.server()
        self.pair(server)
        out = self.start_out()
        self.until(lambda: "publishes to" in out.said())
        self.finish(self.produce(self.a, "--records", 10))
        self.until(lambda: self.status("out")["records_total"] == 10)
        self.assertEqual(out.terminate(), 0)
        self.finish(self.produce(self.a, "--records", 7, "--lossy"))  # unread when it is reset
        self.reset(self.a)
        self.finish(self.produce(self.a, "--records", 5, "--lossy"))
        self.start_out()
        self.until(lambda: self.status("out")["records_total"] == 15)
        self.assertEqual(self.status("out")["lost_elements_total"]["reset"], 7)

    def test_a_queue_made_anew_is_another_source(self):
        server = self.server()
        self.pair(server)
        out = self.start_out()
        self.until(lambda: "publishes to" in out.said())
        self.start_in()
        self.carry_some(100)
        self.remove(self.a)
        self.create_queue(self.a)
        self.until(lambda: "made anew" in out.said())
        self.until(lambda: out.said().count("publishes to") == 2)
        self.carry_some(100)
        self.assertEqual(self.status("in")["records_total"], 200)
