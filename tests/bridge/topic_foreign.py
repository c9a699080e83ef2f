"""Clients that know nothing of queues: the payload is the bytes, the headers are for who wants them."""

import re
import struct
import subprocess

import nats_client
from case import TOOL, BridgeCase


class Foreign(BridgeCase):
    def send(self, queue, *lines, **creation):
        arguments = [item for key, value in creation.items() for item in ("--" + key.replace("_", "-"), str(value))]
        subprocess.run([TOOL, "send", *arguments, queue], input=b"\n".join(lines) + b"\n", check=True, timeout=30)

    def receive(self, queue, count):
        return subprocess.run(
            [TOOL, "recv", "--count", str(count), "--idle", "10", queue], stdout=subprocess.PIPE, check=True, timeout=30
        ).stdout

    def test_a_subscriber_reads_single_records(self):
        server = self.server()
        queue = self.queue("a")
        self.send(queue, b"one", b"three words here", b"x", capacity=1024, element_size=1, items_per_slot=1)
        self.bridge("out", queue, "--to", "ticks", "--server", server.url, "--create-stream")
        self.until(lambda: self.status("out-" + queue)["records_total"] == 3)
        got = nats_client.fetch(server, "ticks", 3)
        self.assertEqual([payload for payload, _ in got], [b"one\n", b"three words here\n", b"x\n"])
        headers = [h for _, h in got]
        self.assertEqual([h["Slickq-Index"] for h in headers], ["0", "4", "21"])
        self.assertEqual([h["Slickq-Count"] for h in headers], ["4", "17", "2"])
        self.assertEqual([h["Slickq-Sent"] for h in headers], ["0", "1", "2"])
        for h in headers:
            self.assertEqual((h["Slickq-Source"], h["Slickq-Epoch"], h["Slickq-Element"]), ("/" + queue, "0", "1"))
            self.assertRegex(h["Slickq-Segment"], "^[0-9a-f]{32}$")
            self.assertEqual(h["Nats-Msg-Id"], f'{h["Slickq-Segment"]}.0.{h["Slickq-Index"]}')
            self.assertGreater(int(h["Slickq-Time"]), 1_600_000_000_000_000_000)
            self.assertNotIn("Slickq-Lost", h)

    def test_a_batch_is_the_records_one_after_another(self):
        server = self.server()
        queue = self.queue("a")
        self.send(queue, b"a", b"bb", b"ccc", capacity=1024, element_size=1, items_per_slot=1)
        self.bridge("out", queue, "--to", "ticks", "--server", server.url, "--create-stream", "--batch", 10)
        self.until(lambda: self.status("out-" + queue)["records_total"] == 3)
        ((payload, headers),) = nats_client.fetch(server, "ticks", 1)
        self.assertEqual(payload, b"a\nbb\nccc\n")
        self.assertEqual((headers["Slickq-Records"], headers["Slickq-Counts"]), ("3", "2,3,4"))

    def test_losses_before_a_record_are_told_with_their_cause(self):
        server = self.server()
        queue = self.queue("a")
        self.create_queue(queue, capacity=16, element_size=8)
        out = self.bridge("out", queue, "--to", "ticks", "--server", server.url, "--create-stream", "--batch", 100)
        self.until(lambda: "publishes to" in out.said())
        out.kill()
        data = b"".join(struct.pack("<Q", n) for n in range(40))
        subprocess.run([TOOL, "send", "--block", "8", queue], input=data, check=True, timeout=30)
        self.bridge("out", queue, "--to", "ticks", "--server", server.url, "--batch", 100)
        self.until(lambda: self.status("out-" + queue)["records_total"] > 0)
        ((payload, headers),) = nats_client.fetch(server, "ticks", 1)
        lapped = int(re.fullmatch(r"lapped=(\d+)", headers["Slickq-Lost"]).group(1))
        self.assertEqual(lapped + len(payload) // 8, 40)
        self.assertEqual(payload, data[lapped * 8 :])
        self.assertEqual(int(headers["Slickq-Index"]), lapped)

    def test_a_publisher_without_headers(self):
        server = self.server()
        nats_client.add_stream(server, name="words", subjects=["words"])
        queue = self.queue("b")
        bridge = self.bridge(
            "in", "words", "--to", queue, "--server", server.url, "--capacity", 64, "--element-size", 4
        )
        nats_client.publish(server, "words", [b"abcd", b"efghijkl", b"odd", b"", b"mnop"])
        self.assertEqual(self.receive(queue, 3), b"abcdefghijklmnop")
        self.until(lambda: self.status("in-words")["refused_records_total"] == 2)
        self.assertIn("no number of elements", bridge.said())

    def test_headers_that_lie_do_no_harm(self):
        server = self.server()
        nats_client.add_stream(server, name="words", subjects=["words"])
        queue = self.queue("b")
        self.bridge("in", "words", "--to", queue, "--server", server.url, "--capacity", 64, "--element-size", 4)
        right = {
            "Slickq-Segment": "0123456789abcdef" * 2,
            "Slickq-Epoch": "0",
            "Slickq-Index": "0",
            "Slickq-Element": "4",
            "Slickq-Count": "1",
            "Slickq-Sent": "0",
        }
        lies = [
            {"Slickq-Count": "2"},
            {"Slickq-Count": "0"},
            {"Slickq-Count": "-1"},
            {"Slickq-Records": "4000000000"},
            {"Slickq-Records": "18446744073709551615"},
            {"Slickq-Element": "0"},
            {"Slickq-Element": "3"},
            {"Slickq-Segment": "zz"},
            {"Slickq-Index": "1e9"},
            {"Slickq-Epoch": ""},
            {"Slickq-Counts": "1,,1", "Slickq-Records": "2"},
            {"Slickq-Counts": "4294967295,2", "Slickq-Records": "2"},
            {"Slickq-Slot": "0"},
            {"Slickq-Lost": "lapped"},
        ]
        for lie in lies:
            nats_client.publish(server, "words", [b"evil"], headers={**right, **lie})
        nats_client.publish(server, "words", [b"good"], headers=right)
        self.assertEqual(self.receive(queue, 1), b"good")
        self.until(lambda: self.status("in-words")["refused_records_total"] == len(lies))

    def test_core_subscriber_and_publisher(self):
        server = self.server(jetstream=False)
        a, b = self.queue("a"), self.queue("b")
        self.create_queue(a, 64, 4)
        bridge = self.run_config(f"""
[nats]
servers = "{server.url}"
[[out]]
name = "out"
queue = "{a}"
subject = "from"
mode = "core"
[[in]]
name = "in"
subject = "to"
queue = "{b}"
mode = "core"
capacity = 64
element_size = 4
""")
        self.until(lambda: "reads 'to'" in bridge.said() and "publishes to 'from'" in bridge.said())
        got = nats_client.listen(
            server, "from", 2, lambda: subprocess.run([TOOL, "send", "--block", "4", a], input=b"abcdefgh", check=True)
        )
        self.assertEqual([payload for payload, _ in got], [b"abcd", b"efgh"])
        self.assertNotIn("Nats-Msg-Id", got[0][1])
        nats_client.publish(server, "to", [b"1234", b"5678"], jetstream=False)
        self.assertEqual(self.receive(b, 2), b"12345678")
