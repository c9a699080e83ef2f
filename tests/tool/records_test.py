"""tail and dump: records in every format, and what was lost, with its cause."""
import base64
import json
import os
import random
import struct
import time
import unittest

from case import DEADLINE, ERROR, LOST, OK, USAGE, Tool, run


class Formats(Tool):
    def send(self, *records):
        self.check(run("send", "--element-size", len(records[0]), "--capacity", 64, "--block", len(records[0]), self.q,
                       stdin=b"".join(records)), OK)

    def test_text_is_harmless(self):
        self.check(run("send", self.q, stdin=b"one\nt\xff\x1b[31mo\n\n"), OK)
        self.check(run("dump", self.q), OK, b"0 4  one\n64 9  t\\xFF\\x1B[31mo\n128 1  \n")

    def test_hex_and_base64(self):
        data = bytes(range(100, 140))
        self.send(data)
        self.check(run("dump", "--format", "base64", self.q), OK, b"0 1  " + base64.b64encode(data) + b"\n")
        lines = run("dump", "--format", "hex", self.q).stdout.decode().splitlines()
        self.assertEqual(lines[0], "0 1")
        self.assertEqual(lines[1], "  000000  64 65 66 67 68 69 6a 6b  6c 6d 6e 6f 70 71 72 73  |defghijklmnopqrs|")
        self.assertEqual(bytes.fromhex("".join(line[10:58] for line in lines[1:])), data)
        self.check(run("dump", "--format", "raw", self.q), OK, data)
        for size in range(1, 8):
            run("rm", self.q)
            self.send(data[:size])
            self.assertEqual(base64.b64decode(run("dump", "--format", "base64", self.q).stdout[4:]), data[:size])

    def test_json_is_text_or_base64(self):
        self.check(run("send", self.q, stdin="grün\n".encode() + b"\xff\n"), OK)
        self.assertEqual(self.lines(run("dump", "--json", self.q)),
                         [{"index": 0, "count": 6, "text": "grün\n"}, {"index": 64, "count": 2, "base64": "/wo="}])

    def test_struct_as_python_has_it(self):
        source = random.Random(1)
        for layout in "<bBhHiIlLqQ?", ">bBhHiIlLqQ", "=efd", "!4s3x2h", "bhiqfd", "@ciQ3sb", "<2i5sx?", "nNP", "<10p":
            size = struct.calcsize(layout)
            records = [source.randbytes(size) for _ in range(8)]
            run("rm", self.q)
            self.send(*records)
            got = self.lines(run("dump", "--struct", layout, self.q))
            self.assertEqual(len(got), 8)
            for record, one in zip(records, got):
                for value, shown in zip(struct.unpack(layout, record), one["fields"].values()):
                    if isinstance(value, bytes):
                        value = value.rstrip(b"\0") if b"s".hex() and "s" in layout else value
                        self.assertEqual(shown, value.decode(errors="replace") if isinstance(shown, str) else shown, layout)
                    elif isinstance(value, float):
                        self.assertEqual(shown if isinstance(shown, str) else struct.pack("d", shown),
                                         str(value) if isinstance(shown, str) else struct.pack("d", value), layout)
                    else:
                        self.assertEqual(shown, value, layout)

    def test_named_fields(self):
        self.send(struct.pack("<qd4s", 7, 1.5, b"ask"), struct.pack("<qd4s", 8, 2.5, b"bid"))
        got = self.lines(run("dump", "--struct", "<qd4s", "--fields", "time,price,side", self.q))
        self.assertEqual([one["fields"] for one in got], [{"time": 7, "price": 1.5, "side": "ask"}, {"time": 8, "price": 2.5, "side": "bid"}])
        for wrong in (["--struct", "<z"], ["--struct", "<q3"], ["--struct", "<q", "--fields", "a,b"], ["--format", "struct"],
                      ["--struct", "<n"], ["--grep", "("], ["--from", "somewhere"]):
            self.check(run("dump", *wrong, self.q), USAGE)

    def test_grep_count_and_start(self):
        self.check(run("send", self.q, stdin=b"".join(b"line %d\n" % k for k in range(100))), OK)
        self.check(run("dump", "--grep", "[37]3$|line 9$", self.q), OK, b"576 7  line 9\n2112 8  line 33\n4672 8  line 73\n")
        self.check(run("tail", "-n", 2, self.q), OK, b"6272 8  line 98\n6336 8  line 99\n")
        self.assertEqual(len(run("tail", self.q).stdout.splitlines()), 10)
        self.check(run("dump", "-n", 1, "--from", 64, self.q), OK, b"64 7  line 1\n")
        self.check(run("dump", "--from", "newest", self.q), OK, b"6336 8  line 99\n")
        self.check(run("dump", "--from", "now", self.q), OK, b"")


class Losses(Tool):
    def test_a_lapped_reader(self):
        self.check(run("send", "--element-size", 16, "--capacity", 64, self.q, stdin=b"".join(b"%d\n" % k for k in range(200))), OK)
        got = self.check(run("dump", "--from", 10, self.q), LOST, message="lost [0-9]+ elements: [0-9]+ lapped, 0 unpublished")
        first, *rest = got.stdout.decode().splitlines()
        self.assertRegex(first, "^-- lost [0-9]+ elements before index [0-9]+: lapped$")
        lost = int(first.split()[2])
        self.assertEqual(rest, [f"{k} 1  {k}" for k in range(10 + lost, 200)])
        told = json.loads(run("dump", "--json", "--from", 10, self.q).stdout.splitlines()[0])
        self.assertEqual(told, {"lost": lost, "cause": "lapped", "next_index": 10 + lost})

    def test_a_gap(self):
        self.check(run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n"), OK)
        self.kill(self.actor("reserve"))
        self.check(run("dump", self.q), LOST, message="lost 1 elements: 0 lapped, 1 unpublished",
                   stdout=b"0 1  a\n1 1  before\n-- lost 1 elements before index 3: unpublished\n3 1  behind\n")


class Following(Tool):
    def test_it_shows_what_comes_until_it_is_stopped(self):
        self.check(run("send", self.q, stdin=b"one\n"), OK)
        tail = self.start("tail", "-f", self.q)
        self.assertEqual(tail.stdout.readline(), b"0 4  one\n")
        self.check(run("send", self.q, stdin=b"two\n"), OK)
        self.assertEqual(tail.stdout.readline(), b"64 4  two\n")
        tail.terminate()
        self.assertEqual(tail.wait(DEADLINE), OK)

    def test_it_ends_with_its_queue(self):
        self.check(run("send", self.q, stdin=b"one\n"), OK)
        tail = self.start("tail", "-f", self.q)
        tail.stdout.readline()
        self.check(run("rm", "--force", self.q), OK)
        self.assertEqual(tail.wait(DEADLINE), ERROR)
        self.assertIn(b"was removed", tail.stderr.read())

    def test_a_dump_of_a_busy_queue_ends(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"a\n")
        self.actor("produce", 20000)
        time.sleep(0.1)
        begin = time.monotonic()
        self.assertIn(run("dump", self.q).returncode, (OK, LOST))
        self.assertLess(time.monotonic() - begin, 5)

    def test_a_queue_of_slick_queue_py(self):
        try:
            import slick_queue_py  # noqa: F401
        except ImportError as error:
            self.skipTest(str(error))
        self.actor("peer")
        listed, = self.lines(run("ls", "--json", self.q))
        self.assertEqual((listed["layout"], listed["health"], listed["records"]), ("SLQ1", "sparse", 200))
        got = run("tail", "-n", 2, self.q)
        self.check(got, OK, b"198 1  000198\n199 1  000199\n")
        self.assertEqual(self.info()["next_index"], 200)


class Bench(Tool):
    def test_it_measures(self):
        got, = self.lines(run("bench", "--seconds", 0.2, "--json", "--record", 128))
        self.assertGreater(got["records_per_second"], 10_000)
        self.assertGreater(got["paced_records"] + got["paced_lost"], 1000)
        self.assertLessEqual(got["latency_ns"]["p50"], got["latency_ns"]["max"])
        self.assertRegex(run("bench", "--seconds", 0.05).stdout.decode(), r"(?s)records/s of 64 bytes received.*half are there in .*#")
        self.check(run("bench", "--pin", "7"), USAGE)


if __name__ == "__main__":
    unittest.main()
