"""The command slickq: round trips, sharing, pacing, what it says of every kind of segment, exit statuses."""
import ctypes
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path

from case import DEADLINE, ERROR, LOST, OK, SHM, UNUSABLE, USAGE, Tool, run

GOLDEN = Path(os.environ["SLICKQ_GOLDEN_DIR"])


class Streams(Tool):
    def test_lines_are_records(self):
        lines = b"one\n\nthree with spaces\nlast without newline"
        self.check(run("send", self.q, stdin=lines), OK)
        self.check(run("recv", "--idle", 0, self.q), OK, lines)
        self.check(run("recv", "--count", 2, self.q), OK, b"one\n\n")
        self.check(run("recv", "--count", 1, "--from", "newest", self.q), OK, b"last without newline")

    def test_blocks_of_any_bytes(self):
        data = random.Random(1).randbytes(1_000_000) + b"\0" * 77
        for block in (1, 333, 65536):
            name = f"{self.q}{block}"
            self.check(run("send", "--block", block, "--items-per-slot", 1, name, stdin=data[-200_000 * min(block, 5):]), OK)
            self.check(run("recv", "--idle", 0, name), OK, data[-200_000 * min(block, 5):])

    def test_elements_of_several_bytes_are_padded(self):
        self.check(run("send", "--element-size", 8, "--capacity", 64, self.q, stdin=b"abc\n0123456789\n"), OK)
        self.check(run("recv", "--idle", 0, self.q), OK, b"abc\n\0\0\0\0" + b"0123456789\n\0\0\0\0\0")
        self.check(run("recv", "--idle", 0, "--trim", self.q), OK, b"abc\n0123456789\n")

    def test_every_layout(self):
        for layout in ("slq0", "slq1", "packed", "wide"):
            name = self.q + layout
            self.check(run("send", "--layout", layout, "--items-per-slot", 1, "--capacity", 1024, name, stdin=b"x\ny\n"), OK)
            self.check(run("recv", "--idle", 0, "--element-size", 1, name), OK, b"x\ny\n")

    def test_a_receiver_waits_for_the_queue_and_for_records(self):
        receiver = self.start("recv", "--count", 2, self.q)
        self.check(run("send", self.q, stdin=b"now\nthen\n"), OK)
        out, _ = receiver.communicate(timeout=DEADLINE)
        self.assertEqual((receiver.returncode, out), (OK, b"now\nthen\n"))

    def test_losses_are_told(self):
        self.check(run("send", "--capacity", 1024, self.q, stdin=b"0123456789abcde\n"), OK)
        receiver = self.start("recv", "--share", self.prefix + "-c", "--count", 1, self.q)
        receiver.communicate(timeout=DEADLINE)  # its cursor stays behind the first record
        self.check(run("send", self.q, stdin=b"0123456789abcde\n" * 100), OK)
        got = self.check(run("recv", "--share", self.prefix + "-c", "--idle", 0, self.q), LOST, message="lost [0-9]+ elements")
        self.assertLessEqual(len(got.stdout), 1024)
        self.assertGreater(len(got.stdout), 0)
        self.assertEqual(got.stdout.replace(b"0123456789abcde\n", b""), b"", "only whole records")


class Lossless(Tool):
    def test_registered_receivers_get_all(self):
        lines = b"".join(b"%d\n" % k for k in range(20_000))
        self.check(run("send", "--capacity", 1024, self.q, stdin=b""), OK)
        outputs = [self.file() for _ in range(2)]
        receivers = [self.start("recv", "--register", "--count", 20_000, self.q, stdout=output) for output in outputs]
        self.until(lambda: len(json.loads(run("info", "--json", self.q).stdout)["consumers"]) == 2)
        self.check(run("send", "--lossless", self.q, stdin=lines), OK)
        self.assertEqual([receiver.wait(DEADLINE) for receiver in receivers], [OK, OK])
        for output in outputs:
            output.seek(0)
            self.assertEqual(output.read(), lines)

    def test_a_receiver_that_does_not_read_holds_the_sender_until_it_is_evicted(self):
        self.check(run("send", "--capacity", 1024, self.q, stdin=b""), OK)
        receiver = self.start("recv", "--register", self.q)

        def consumers():
            return json.loads(run("info", "--json", self.q).stdout)["consumers"]
        self.until(consumers)
        receiver.send_signal(signal.SIGSTOP)
        sender = self.start("send", "--lossless", self.q, stdin=self.file(b"0123456789abcde\n" * 1000))
        self.until(lambda: consumers()[0]["lag"] >= 1024 - 64)
        with self.assertRaises(subprocess.TimeoutExpired):
            sender.wait(0.3)
        self.check(run("evict", self.q, consumers()[0]["id"]), OK)
        self.assertEqual(sender.wait(DEADLINE), OK)
        receiver.send_signal(signal.SIGCONT)
        self.until(lambda: receiver.poll() is not None or b"evicted" in receiver.stderr.readline())
        receiver.send_signal(signal.SIGINT)
        self.assertEqual(receiver.wait(DEADLINE), LOST)

    def test_a_signal_ends_a_sender_that_waits(self):
        self.check(run("send", "--capacity", 64, "--items-per-slot", 1, self.q, stdin=b""), OK)
        receiver = self.start("recv", "--register", self.q)
        self.until(lambda: json.loads(run("info", "--json", self.q).stdout)["consumers"])
        receiver.send_signal(signal.SIGSTOP)
        sender = self.start("send", "--lossless", self.q, stdin=self.file(b"x\n" * 100))
        self.until(lambda: json.loads(run("info", "--json", self.q).stdout)["consumers"][0]["lag"] == 64)
        sender.send_signal(signal.SIGINT)
        self.assertEqual(sender.wait(DEADLINE), -signal.SIGINT)

    def test_a_shared_cursor_is_not_registered(self):
        self.check(run("recv", "--register", "--share", self.prefix + "-c", self.q), USAGE)


class Groups(Tool):
    def test_each_record_goes_to_one_worker_and_none_is_lost_with_one(self):
        lines = [b"%d\n" % k for k in range(2000)]
        self.check(run("send", "--capacity", 4096, self.q), OK)
        outputs = [self.file() for _ in range(3)]
        workers = [self.start("recv", "-v", "--group", "crew", self.q, stdout=output) for output in outputs]
        self.until(lambda: len(self.info()["consumers"]) == 3)
        sender = self.start("send", "--lossless", self.q, stdin=self.file(b"".join(lines)))
        self.until(lambda: self.info()["next_index"] > 20_000)
        workers[0].kill()
        self.assertEqual(sender.wait(DEADLINE), OK)
        self.until(lambda: self.info()["groups"][0]["lag"] == 0 and not any(one["has_claim"] and not one["is_alive"]
                                                                            for one in self.info()["consumers"]))
        for worker in workers[1:]:
            worker.send_signal(signal.SIGINT)
            worker.communicate(timeout=DEADLINE)
            self.assertEqual(worker.returncode, OK)
        got = []
        for output in outputs:
            output.seek(0)
            got += output.read().splitlines(keepends=True)
        self.assertEqual(set(got), set(lines))
        self.assertLessEqual(len(got), len(lines) + 1, "but for what the killed one may have written and not finished")

    def test_a_closed_output_leaves_the_record_to_another(self):
        self.check(run("send", self.q, stdin=(b"a" * 999 + b"\n") * 200), OK)
        worker = self.start("recv", "--group", "crew", self.q)
        worker.stdout.close()
        worker.wait(DEADLINE)
        worker.stdout = None
        out = run("recv", "-v", "--group", "crew", "--count", 200, self.q)
        self.assertEqual(len(out.stdout), 200_000, out.stderr)
        self.assertIn(b"after a worker who died", out.stderr)


class Formats(Tool):
    def test_what_dump_prints_can_be_sent(self):
        data = [b"text\n", b"\xff\x00\x01", "gr\u00fcn".encode(), bytes(range(256))]
        for record in data:
            self.check(run("send", "--block", 1000, self.q, stdin=record), OK)
        dumped = run("dump", "--json", self.q).stdout
        self.check(run("send", "--format", "json", self.q + "2", stdin=dumped), OK)
        self.assertEqual(run("dump", "--json", self.q + "2").stdout, dumped)
        self.check(run("send", "--format", "hex", self.q + "3", stdin=b"".join(d.hex().encode() + b"\n" for d in data)), OK)
        self.check(run("recv", "--idle", 0, self.q + "3"), OK, b"".join(data))
        encoded = run("recv", "--format", "base64", "--idle", 0, self.q).stdout
        plain = b"".join(line.split()[2] + b"\n" for line in encoded.splitlines())
        self.check(run("send", "--format", "base64", self.q + "4", stdin=plain), OK)
        self.check(run("recv", "--idle", 0, self.q + "4"), OK, b"".join(data))

    def test_lines_that_are_none(self):
        for kind, line in (("hex", b"abc\n"), ("hex", b"zz\n"), ("base64", b"abc\n"), ("base64", b"a*==\n"), ("json", b"{}\n"), ("json", b"[")):
            self.check(run("send", "--format", kind, self.q, stdin=b"" + line), ERROR, message="line 1 of standard input is not")


class Sharing(Tool):
    def test_senders_are_paced_and_each_record_is_claimed_once(self):
        cursor = self.prefix + "-c"
        outputs = [self.file() for _ in range(2)]  # not pipes: nobody reads while the sender sends
        receivers = [self.start("recv", "--share", cursor, self.q, stdout=output) for output in outputs]
        lines = [b"%d\n" % k for k in range(20_000)]
        self.check(run("send", "--capacity", 65536, "--pace", cursor, self.q, stdin=b"".join(lines)), OK)
        reserved = json.loads(run("info", "--json", self.q).stdout)["next_index"]

        def claimed():
            return struct.unpack("<Q", (SHM / cursor).read_bytes())[0]
        self.until(lambda: claimed() == reserved)
        for receiver in receivers:
            receiver.send_signal(signal.SIGINT)
        got, lost = [], 0
        for receiver, output in zip(receivers, outputs):
            told = re.search(r"lost ([0-9]+) elements", receiver.communicate(timeout=DEADLINE)[1].decode())
            self.assertEqual(receiver.returncode, LOST if told else OK)
            lost += int(told.group(1)) if told else 0
            output.seek(0)
            got += output.read().splitlines(keepends=True)
        self.assertEqual(len(got), len(set(got)))
        self.assertLessEqual(set(got), set(lines))
        # Pacing is a margin: who loses its core with a record claimed may find that one overwritten, and says so.
        self.assertEqual((len(lines) - len(got)) * 64, lost)
        self.assertLess(len(lines) - len(got), 100)


class Info(Tool):
    def both(self, status):
        described = json.loads(self.check(run("info", "--json", self.q), status).stdout)
        text = self.check(run("info", self.q), status).stdout.decode()
        return described, text

    def segment(self, content):
        (SHM / self.q).write_bytes(content)

    def test_a_queue(self):
        self.check(run("send", self.q, stdin=b"a\nb\n"), OK)
        described, text = self.both(OK)
        self.assertEqual((described["verdict"], described["layout"], described["records"]), ("SLICKQ_OK", "SLQ3", 2))
        self.assertIn("ready to use", text)

    def test_golden_segments(self):
        for line in (GOLDEN / "packed-segments.jsonl").read_text().splitlines():
            recorded = json.loads(line)
            self.segment((GOLDEN / recorded["file"]).read_bytes())
            described, _ = self.both(OK)
            self.assertEqual([described[key] for key in ("layout", "capacity", "element_size", "next_index")],
                             [recorded[key] for key in ("layout", "capacity", "element_size", "initial_reading_index")])

    def test_what_is_no_good_says_what_to_do(self):
        self.check(run("send", "--capacity", 64, self.q, stdin=b"a\n"), OK)
        whole = (SHM / self.q).read_bytes()
        half = bytearray(whole)
        half[48] = 2
        newer = bytearray(whole)
        newer[24] = 0x37
        for content, verdict in ((whole[:100], "SLICKQ_E_TRUNCATED"), (b"no queue " * 50, "SLICKQ_E_NOT_A_QUEUE"),
                                 (bytes(half), "SLICKQ_E_HALF_MADE"), (bytes(4096), "SLICKQ_E_NOT_READY"),
                                 (b"", "SLICKQ_E_NO_LENGTH"), (bytes(newer), "SLICKQ_E_NEWER")):
            (SHM / self.q).unlink()
            self.segment(content)
            described, text = self.both(UNUSABLE)
            self.assertEqual(described["verdict"], verdict)
            self.assertIn("problem", text)
            self.assertEqual((SHM / self.q).read_bytes(), content, "nothing is written to it")

    def test_nothing_there(self):
        self.check(run("info", self.q), ERROR, b"", self.q)


class Usage(Tool):
    def test_rm(self):
        self.check(run("send", self.q, stdin=b"a\n"), OK)
        self.check(run("rm", self.q), OK)
        self.assertFalse((SHM / self.q).exists())
        self.check(run("rm", self.q), ERROR, message=self.q)
        self.check(run("rm", "-f", self.q), OK)

    @unittest.skipUnless("SLICKQ_LIBRARY" in os.environ, "a sanitized library can't be loaded into Python")
    def test_registered_consumers_are_shown_and_evicted(self):
        self.check(run("send", self.q, stdin=b"one\n"), OK)
        library = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
        queue, consumer, held_from = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_uint64()
        self.assertEqual(library.slickq_queue_open(self.q.encode(), None, ctypes.byref(queue)), 0)
        self.addCleanup(library.slickq_queue_close, queue)
        now = ctypes.c_uint64(2**64 - 1)
        self.assertEqual(library.slickq_consumer_register(queue, now, ctypes.byref(consumer), ctypes.byref(held_from)), 0)
        self.check(run("send", self.q, stdin=b"two\n"), OK)
        shown = json.loads(self.check(run("info", "--json", self.q), OK).stdout)
        self.assertEqual(shown["groups"], [])
        self.assertEqual(shown["consumers"], [{"kind": "reader", "id": consumer.value, "pid": os.getpid(), "is_alive": 1,
                                               "group": None, "has_claim": 0, "index": held_from.value,
                                               "lag": shown["next_index"] - held_from.value, "seconds_to_lap": None}])
        self.assertIn(f"reader          {consumer.value}: process {os.getpid()}", run("info", self.q).stdout.decode())
        self.check(run("evict", self.q, consumer.value), OK)
        self.assertIn("evicted", run("info", self.q).stdout.decode())
        self.check(run("evict", self.q, consumer.value), ERROR, message="no consumer")
        self.check(run("evict", self.q), USAGE)

    def test_errors_name_the_trouble(self):
        self.check(run("send", "--capacity", 64, "--items-per-slot", 1, self.q, stdin=b"x" * 100), ERROR, message="64")
        self.check(run("send", "--capacity", 128, self.q, stdin=b"x"), ERROR, message="64.*128|128.*64")
        self.check(run("send", "--open", self.q + "absent", stdin=b"x"), ERROR, message="absent")
        self.check(run("send", "--create", self.q, stdin=b"x"), ERROR, message="exists")
        self.check(run("send", "a/b", stdin=b"x"), ERROR, message="a/b")

    def test_wrong_command_lines(self):
        for wrong in ([], ["nonsense"], ["send"], ["recv", self.q, "--from", "nowhere"], ["send", "--block", "0", self.q]):
            self.check(run(*wrong), USAGE)

    def test_help_teaches(self):
        for command, lesson in (([], b"Try it"), (["send"], b"Examples"), (["recv"], b"Examples"), (["info"], b"Exit status"),
                                (["rm"], b"undisturbed"), (["ls"], b"HEALTH"), (["doctor"], b"--repair"), (["tail"], b"Examples")):
            self.assertIn(lesson, self.check(run(*command, "--help"), OK).stdout)
        self.check(run("--version"), OK)

    def test_man_pages_and_completion_know_every_command(self):
        commands = re.findall(r"^  (\w+) ", run("--help").stdout.decode().split("Subcommands:")[1].split("Try it")[0], re.MULTILINE)
        self.assertIn("doctor", commands)
        with tempfile.TemporaryDirectory() as place:
            self.check(run("man", "--into", place), OK)
            self.assertEqual(sorted(os.listdir(place)), sorted(["slickq.1"] + [f"slickq-{command}.1" for command in commands]))
            for page in Path(place).iterdir():
                self.assertRegex(page.read_text(), r"^\.TH SLICKQ")
                if shutil.which("groff"):
                    checked = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", page], stderr=subprocess.PIPE)
                    self.assertEqual(checked.stderr, b"", page)
        self.assertIn("\\-\\-capacity", run("man", "send").stdout.decode())
        for shell in "bash", "zsh", "fish":
            script = run("completion", shell).stdout
            for command in commands:
                self.assertIn(command.encode(), script)
            if shutil.which(shell):
                self.assertEqual(subprocess.run([shell, "-n"], input=script, stderr=subprocess.PIPE).stderr, b"")
        self.check(run("completion", "csh"), USAGE)

    def test_bash_completes(self):
        self.check(run("send", self.q, stdin=b"a\n"), OK)

        def complete(*words):
            script = run("completion", "bash").stdout.decode() + (
                'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _slickq; printf "%s\\n" "${COMPREPLY[@]}"')
            path = {"PATH": f"{Path(self.tool_dir)}:{os.environ['PATH']}"}
            return subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE, env=dict(os.environ, **path)
                                  ).stdout.decode().split()
        self.tool_dir = os.path.dirname(os.environ["SLICKQ_TOOL"])
        self.assertEqual(complete("slickq", "do"), ["doctor"])
        self.assertEqual(complete("slickq", "send", "--lay"), ["--layout"])
        self.assertEqual(complete("slickq", "send", "--layout", "p"), ["packed"])
        self.assertEqual(complete("slickq", "info", self.q[:-1]), [self.q])

    def test_signals_end_a_receiver(self):
        receiver = self.start("recv", "-v", self.q)
        run("send", self.q, stdin=b"a\n")
        self.assertEqual(os.read(receiver.stdout.fileno(), 2), b"a\n")
        receiver.send_signal(signal.SIGTERM)
        _, messages = receiver.communicate(timeout=DEADLINE)
        self.assertEqual(receiver.returncode, OK)
        self.assertIn(b"received 1 record", messages)

    def test_a_closed_output_ends_it(self):
        run("send", self.q, stdin=(b"a" * 999 + b"\n") * 1000)  # more than a pipe holds
        receiver = self.start("recv", self.q)
        receiver.stdout.close()
        self.assertEqual(receiver.wait(DEADLINE), OK)
        receiver.stdout = None


if __name__ == "__main__":
    unittest.main()
