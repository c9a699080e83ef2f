"""ls, info, stat, top and exporter, on queues that other processes use."""
import json
import os
import re
import select
import struct
import time
import unittest
import urllib.request

from case import DEADLINE, ERROR, OK, SHM, USAGE, Tool, run


class Ls(Tool):
    def ls(self, *options):
        return {one["name"]: one for one in self.lines(run("ls", "--json", *options, self.prefix + "*"))}

    def test_every_layout_and_what_is_no_queue(self):
        for layout in "slq0", "slq1", "slq2", "slq3", "packed", "wide":
            shared = 4 if layout in ("slq2", "slq3") else 1
            self.check(run("send", "--layout", layout, "--items-per-slot", shared, "--element-size", 8, "--capacity", 64, self.q + layout,
                           stdin=b"a\nb\n"), OK)
        (SHM / (self.prefix + "-cursor")).write_bytes(struct.pack("<Q", 77))
        (SHM / (self.prefix + "-foreign")).write_bytes(b"no queue " * 50)
        listed = self.ls()
        self.assertEqual({name[len(self.q):]: one["layout"] for name, one in listed.items() if name.startswith(self.q)},
                         {"slq0": "SLQ0", "slq1": "SLQ1", "slq2": "SLQ2", "slq3": "SLQ3", "packed": "packed",
                          "wide": "wide"})
        self.assertEqual([one["records"] for one in listed.values() if one["kind"] == "queue"], [2] * 5)
        self.assertEqual(listed[self.q + "wide"]["health"], "needs-size")
        cursor = listed[self.prefix + "-cursor"]
        self.assertEqual((cursor["kind"], cursor["cursor_value"], cursor["health"]), ("cursor", 77, "ok"))
        self.assertNotIn(self.prefix + "-foreign", listed)
        self.assertIn(self.prefix + "-foreign", self.ls("--all"))
        self.assertEqual(self.ls("--element-size", 8)[self.q + "wide"]["records"], 2)

    def test_health(self):
        run("send", "--capacity", 64, self.q, stdin=b"a\n")
        whole = (SHM / self.q).read_bytes()
        (SHM / (self.q + "cut")).write_bytes(whole[:100])
        (SHM / (self.q + "half")).write_bytes(bytes(4096))
        run("send", "--element-size", 64, "--capacity", 64, self.q + "gap", stdin=b"a\n")
        self.kill(self.actor("reserve", name=self.q + "gap"))
        self.assertEqual({name[len(self.q):]: one["health"] for name, one in self.ls().items()},
                         {"": "ok", "cut": "truncated", "half": "blank", "gap": "gap"})
        text = run("ls", self.prefix + "*").stdout.decode()
        self.assertRegex(text, r"gap +SLQ1 +gap")

    def test_who_has_it_mapped_and_orphans(self):
        run("send", self.q, stdin=b"a\n")
        writer, looker = self.actor("map"), self.actor("look")
        users = {one["pid"]: one["is_writable"] for one in self.ls()[self.q]["mapped_by"]}
        self.assertEqual(users, {writer.pid: True, looker.pid: False})
        self.check(run("rm", self.q), ERROR, message=f"(?s)mapped by .*{writer.pid}.*--force")
        self.check(run("rm", "--force", self.q), OK)
        orphan = self.ls()[self.q]
        self.assertEqual((orphan["kind"], sorted(one["pid"] for one in orphan["mapped_by"])), ("orphan", sorted(users)))
        self.assertRegex(run("ls", self.prefix + "*").stdout.decode(), r"\? +orphan")

    def test_another_users_queue(self):
        run("send", "--permissions", "600", self.q, stdin=b"a\n")
        if os.getuid() != 0:
            self.skipTest("not root")
        os.chown(SHM / self.q, 54321, 54321)
        listed = self.ls()[self.q]
        self.assertEqual((listed["owner"], listed["mode"]), (54321, 0o600))

        def as_another():
            os.setgid(12345)
            os.setuid(12345)
        try:
            other = run("ls", "--json", self.q, preexec_fn=as_another)
        except PermissionError:
            self.skipTest("another user may not run the tool where it lies")
        self.assertEqual(json.loads(other.stdout)["health"], "no-access")
        self.check(run("info", self.q, preexec_fn=as_another), ERROR, message="permission bits")

    def test_two_hundred_queues_on_a_narrow_terminal(self):
        for number in range(200):
            run("send", "--capacity", 64, f"{self.q}-{number:03}-with-a-long-name", stdin=b"a\n")
        begin = time.monotonic()
        self.assertEqual(len(self.ls()), 200)
        self.assertLess(time.monotonic() - begin, 5)
        for columns in 40, 80:
            lines = run("ls", self.prefix + "*", env=dict(os.environ, COLUMNS=str(columns))).stdout.decode().splitlines()
            self.assertEqual(len(lines), 201)
            self.assertLessEqual(max(map(len, lines)), columns)
            self.assertRegex(lines[1], "SLQ3 +ok")
        self.assertEqual(len(run("ls", "-q", self.q + "*9?-*").stdout.splitlines()), 20)


class Info(Tool):
    def test_a_stuck_consumer_and_its_time_to_being_lapped(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"a\n")
        stuck, producer = self.actor("register"), self.actor("produce", 2000)
        time.sleep(0.2)
        shown = self.info()
        consumer, = shown["consumers"]
        self.assertEqual(consumer["pid"], stuck.pid)
        self.assertAlmostEqual(consumer["seconds_to_lap"], (1024 - consumer["lag"]) / 2000, delta=0.25)
        self.assertEqual({one["pid"] for one in shown["mapped_by"]}, {stuck.pid, producer.pid})
        text = run("info", self.q).stdout.decode()
        self.assertRegex(text, r"behind, [0-9.]+m?s before being lapped")
        self.assertRegex(text, rf"mapped by .*{producer.pid} \(python[0-9.]*, read-write\)")

    def test_a_gap(self):
        run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n")
        self.kill(self.actor("reserve"))
        shown = self.info()
        self.assertEqual((shown["gap_index"], shown["gap_elements"], shown["records"]), (2, 2, 2))
        self.assertIn("index 2 is reserved and not published", run("info", self.q).stdout.decode())

    def test_an_evicted_by_process(self):
        run("send", self.q, stdin=b"a\n")
        stuck = self.actor("register")
        self.check(run("evict", self.q, stuck.pid), OK)
        self.assertEqual(self.info()["consumers"][0]["kind"], "evicted")
        self.check(run("evict", self.q, stuck.pid), ERROR, message="no consumer")


class Stat(Tool):
    def test_rates(self):
        run("send", "--element-size", 64, "--capacity", 1024, self.q, stdin=b"a\n")
        self.actor("produce", 3000)
        seen, = self.lines(run("stat", "--json", "-n", 1, "-i", 0.5, self.q))
        self.assertAlmostEqual(seen["records_per_second"], 3000, delta=900)
        self.assertAlmostEqual(seen["bytes_per_second"], 3000 * 64, delta=900 * 64)
        self.assertRegex(run("stat", "-n", 2, "-i", 0.1, self.q).stdout.decode(), r"(?s)REC/S.*" + self.q + r" +[0-9.]+k")

    def test_records_of_many_elements_are_counted_as_records(self):
        run("send", "--capacity", 65536, self.q, stdin=b"")
        sender = self.start("send", "--rate", "100000", self.q, stdin=self.file((b"0" * 99 + b"\n") * 2000))
        self.until(lambda: self.info()["next_index"])
        seen, = self.lines(run("stat", "--json", "-n", 1, "-i", 0.5, self.q))
        sender.kill()
        self.assertAlmostEqual(seen["records_per_second"], 1000, delta=350)
        self.assertAlmostEqual(seen["elements_per_second"], 128 * seen["records_per_second"], delta=12800)
        self.assertAlmostEqual(seen["bytes_per_second"], 100 * seen["records_per_second"], delta=10000)

    def test_a_gap_and_who_waits(self):
        run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n")
        worker = self.actor("work")
        self.actor("reserve")
        seen = self.lines(run("stat", "--json", "-n", 2, "-i", 0.1, self.q))[-1]
        self.assertEqual((seen["pending_index"], seen["pending_elements"]), (2, 2))
        self.assertAlmostEqual(seen["pending_seconds"], 0.2, delta=0.15)
        self.assertEqual((seen["groups"][0]["name"], seen["groups"][0]["workers"]), ("crew", 1))
        self.assertEqual([(one["pid"], one["has_claim"]) for one in seen["consumers"]], [(worker.pid, 1)])

    def test_prometheus(self):
        run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n")
        self.actor("work")
        self.check_metrics(run("stat", "--format", "prometheus", "-i", 0.05, self.q).stdout.decode())

    def check_metrics(self, text):
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) slickq_\w+ .*|slickq_\w+\{\w+="[^"]*"(,\w+="[^"]*")*\} -?[0-9.e+]+)$')
        self.assertIn(f'slickq_next_index{{queue="{self.q}"}} 1\n', text)
        self.assertIn(f'slickq_group_workers{{queue="{self.q}",group="crew"}} 1\n', text)

    def test_exporter(self):
        run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n")
        self.actor("work")
        exporter = self.start("exporter", "--listen", "127.0.0.1:0", self.q)
        address = re.search(rb"http\S+", exporter.stderr.readline()).group().decode()
        for _ in range(2):
            with urllib.request.urlopen(address, timeout=DEADLINE) as response:
                self.assertIn("text/plain", response.headers["content-type"])
                self.check_metrics(response.read().decode())
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(address + "/nothing", timeout=DEADLINE)
        exporter.terminate()
        self.assertEqual(exporter.wait(DEADLINE), OK)
        self.check(run("exporter", "--listen", "nonsense"), USAGE)
        self.check(run("exporter", "--listen", "203.0.113.1:1"), ERROR, message="cannot listen")

    def test_nothing_there(self):
        self.check(run("stat", self.q), ERROR, message="no segment")
        self.check(run("top"), ERROR, message="no terminal")


class Top(Tool):
    def screen(self, columns, rows, *keys):
        """What top shows after each key, and after it has ended."""
        try:
            import fcntl
            import pty
            import pyte
            import termios
        except ImportError as error:
            self.skipTest(str(error))
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        before = termios.tcgetattr(theirs)
        screen = pyte.Screen(columns, rows)
        stream = pyte.ByteStream(screen)
        top = self.start("top", "-i", 0.1, self.prefix + "-2fast", self.prefix + "-1slow", stdin=theirs, stdout=theirs, env=dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm"))
        received = b""

        def show(condition):
            nonlocal received
            end = time.monotonic() + DEADLINE
            while not condition("\n".join(screen.display)):
                self.assertLess(time.monotonic(), end, screen.display)
                if select.select([ours], [], [], 0.1)[0]:
                    received += (more := os.read(ours, 65536))
                    stream.feed(more)
            return list(screen.display)
        shown = []
        show(lambda text: "slickq top" in text)  # keys are not echoed any more
        for key, condition in keys:
            os.write(ours, key)
            shown.append(show(condition))
        os.write(ours, b"q")
        self.assertEqual(top.wait(DEADLINE), OK)
        while select.select([ours], [], [], 0)[0]:
            received += os.read(ours, 65536)
        self.assertTrue(received.startswith(b"\x1b[?1049h") and received.endswith(b"\x1b[?25h\x1b[?1049l"), "the screen that was")
        self.assertEqual(termios.tcgetattr(theirs), before)
        os.close(theirs)
        return shown

    def queues(self):
        for name in "-2fast", "-1slow":
            run("send", "--element-size", 64, "--capacity", 1024, self.prefix + name, stdin=b"a\n")
        self.actor("produce", 4000, name=self.prefix + "-2fast")
        self.actor("produce", 100, name=self.prefix + "-1slow")

    def test_it_sorts_and_draws(self):
        self.queues()

        def order(*names):
            return lambda text: re.findall(r"(fast|slow) +[0-9.]+k?  .*[\u2581-\u2588]", text) == list(names)
        by_rate, _ = self.screen(100, 12, (b"r", order("fast", "slow")), (b"n", order("slow", "fast")))
        self.assertRegex(by_rate[0], "slickq top - [0-9]+ queues, .* records/s")
        self.assertRegex("\n".join(by_rate), "[\u2581-\u2588]")

    def test_eighty_columns_and_less(self):
        self.queues()
        wide, = self.screen(80, 10, (b"n", lambda text: "REC/S" in text and "fast" in text))
        self.assertIn("TREND", wide[2])
        narrow, = self.screen(40, 10, (b"n", lambda text: "REC/S" in text and "fast" in text))
        self.assertNotIn("TREND", narrow[2])
        self.assertIn("REC/S", narrow[2])


if __name__ == "__main__":
    unittest.main()
