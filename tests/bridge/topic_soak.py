"""The long proof. SLICKQ_SOAK_RECORDS (1000000) and SLICKQ_SOAK_KILLS (100, of the server a fifth) make it shorter."""

import os
import random
import re
import subprocess
import time
import unittest

import nats_client
from case import BridgeCase
from topic_books import Books
from topic_delivery import Delivery

RECORDS = int(os.environ.get("SLICKQ_SOAK_RECORDS", "1000000"))
KILLS = int(os.environ.get("SLICKQ_SOAK_KILLS", "100"))


def only(base, *names):
    """The helpers of a test class, and of its tests those."""
    hidden = {name: None for name in vars(base) if name.startswith("test_") and name not in names}
    return type(base.__name__, (base,), hidden)


class Soak(only(Delivery)):
    def test_everything_is_killed_again_and_again(self):
        result, running = self.chaos(RECORDS, KILLS, KILLS // 5, capacity=4096)
        books = self.status("in")
        print("\n  consumer:", result, "\n  in:", books)
        self.assertEqual(
            (books["records_total"], books["transit_lost_records_total"], books["before_records_total"]),
            (RECORDS, 0, 0),
        )
        self.until(lambda: self.status("out")["records_total"] == RECORDS)
        self.assertEqual([r.terminate() for r in running], [0, 0])

    def test_a_stream_that_is_full_again_and_again(self):
        server = self.server()
        nats_client.add_stream(
            server, name="ticks", subjects=["ticks"], retention="workqueue", max_bytes=200_000, discard="new"
        )
        # Without kills of the server: one of 2.9 that is killed can give a work queue's sequences again, and drop what
        # then has one that was acknowledged before (README, what is not promised).
        result, running = self.chaos(RECORDS // 10, KILLS // 10, 0, server=server, capacity=4096)
        self.assertGreater(self.status("out")["refusals_total"], 0)


    def test_the_disk_of_the_stream_is_full(self):
        """A file system of a few MB, which then grows. Whatever the server has acknowledged and not kept, B counts."""
        store = self.directory / "small"
        store.mkdir()
        if run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(store)).returncode != 0:
            self.skipTest("no mount of a file system of its own")
        self.addCleanup(lambda: run("umount", "-l", str(store)))
        server = self.server("max_payload: 65536", store=store)
        self.pair(server, batch=16, capacity=4096)
        out = self.start_out()
        self.until(lambda: "publishes to" in out.said())
        records = 200_000
        producer = self.produce(self.a, "--records", records, "--seconds", 200)
        self.until(lambda: re.search("refuses|no acknowledgement|lost the conn", out.said()))
        time.sleep(1)
        self.assertIsNone(producer.popen.poll())  # a lossless producer feels it as a full queue
        self.assertEqual(run("mount", "-o", "remount,size=64m", str(store)).returncode, 0)
        server.kill()
        server.start()
        consumer = self.consume(self.b, "--records", records, "--lossy", "--idle-ms", 4000, "--seconds", 200)
        self.start_in()
        self.finish(producer, timeout=200)
        result = self.consumed(consumer, timeout=200)
        books = self.status("in")
        print("\n  consumer:", result, "\n  out said:", out.said()[-600:], "\n  in:", books)
        self.assertEqual(books["records_total"] + books["transit_lost_records_total"], records)
        self.assertEqual(result["received"], books["records_total"])


class SoakBooks(only(Books)):
    def test_core_books_balance(self):
        out, at_b = self.balance(*self.chaos(RECORDS // 4, KILLS, KILLS // 5, pause_us=10, idle_ms=5000))
        print("\n  out:", out, "\n  in:", at_b)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


class TwoHosts(only(Delivery)):
    """A and B in network namespaces of their own, with a link between that is slow, loses packets, and is cut."""

    def setUp(self):
        super().setUp()
        self.names = [f"slickq-{os.getpid()}-{side}" for side in "ab"]
        self.addCleanup(lambda: [run("ip", "netns", "del", name) for name in self.names])
        steps = [("ip", "netns", "add", name) for name in self.names]
        steps.append(
            (
                "ip",
                "-n",
                self.names[0],
                "link",
                "add",
                "va",
                "type",
                "veth",
                "peer",
                "name",
                "vb",
                "netns",
                self.names[1],
            )
        )
        for name, device, address in zip(self.names, ("va", "vb"), ("10.213.7.1/30", "10.213.7.2/30")):
            steps += [
                ("ip", "-n", name, "addr", "add", address, "dev", device),
                ("ip", "-n", name, "link", "set", device, "up"),
                ("ip", "-n", name, "link", "set", "lo", "up"),
            ]
        for step in steps:
            if run(*step).returncode != 0:
                raise unittest.SkipTest("no network namespaces here: " + " ".join(step))
        self.has_netem = self.slow("delay", "1ms").returncode == 0
        if not self.has_netem:
            print("\n  no tc netem here: the link is cut only; topic_delivery slows one down by a relay")

    def slow(self, *how):
        return run("ip", "netns", "exec", self.names[0], "tc", "qdisc", "replace", "dev", "va", "root", "netem", *how)

    def cut(self, is_cut):
        run("ip", "-n", self.names[0], "link", "set", "va", "down" if is_cut else "up")

    def test_a_link_that_is_slow_loses_packets_and_is_cut(self):
        chance = random.Random(3)
        inside = [("ip", "netns", "exec", name) for name in self.names]
        server = self.server(address="10.213.7.2", prefix=inside[1])
        self.pair(server, batch=16, capacity=4096)
        patience = "ping_interval_ms = 200\nconnect_timeout_ms = 1000\n"
        parts = [self.parts[0] + patience + part for part in self.parts[1:]]
        out = self.run_config(parts[0], "out", prefix=inside[0])
        self.until(lambda: "publishes to" in out.said())
        self.run_config(parts[1], "in", prefix=inside[1])
        records = max(60_000, RECORDS // 5)
        consumer = self.consume(self.b, "--records", records, "--seconds", 280)
        producer = self.produce(self.a, "--records", records, "--seconds", 280, "--pause-us", 50)
        for weather in range(max(4, KILLS // 10)):
            self.slow(
                "delay",
                f"{chance.randrange(1, 40)}ms",
                "10ms",
                "loss",
                f"{chance.randrange(0, 8)}%",
                "rate",
                f"{chance.randrange(5, 100)}mbit",
            )
            time.sleep(chance.uniform(0.2, 1))
            if weather % 3 == 0:
                self.cut(True)
                time.sleep(chance.uniform(0.2, 1) if weather % 2 else 1.5)
                self.cut(False)
        self.slow("delay", "1ms")
        self.finish(producer, timeout=280)
        self.assertEqual(self.consumed(consumer, timeout=280)["received"], records)
        books = self.status("in")
        print("\n  out:", self.status("out"), "\n  in:", books)
        self.assertEqual((books["records_total"], books["transit_lost_records_total"]), (records, 0))
        self.assertGreater(self.status("out")["sessions_total"], 1)


del Delivery, Books, BridgeCase  # their own tests are run elsewhere
