"""What the command must not do: remove what is in use, go on for ever, keep silent about output that was lost, let controls through."""
import json
import mmap
import os
import signal
import time
import unittest

from case import DEADLINE, ERROR, LOST, OK, SHM, TOOL, Tool, in_namespace, run

CONTAINER = ("--pid", "--fork", "--mount-proc")
AN_HOUR_AGO = time.time() - 3600


class Removal(Tool):
    def in_container(self, script, *arguments):
        result = in_namespace(script, TOOL, *arguments, options=CONTAINER)
        if result is None:
            self.skipTest("no namespaces of one's own")
        return result

    def segment(self, suffix, content):
        path = SHM / (self.q + suffix)
        path.write_bytes(content)
        os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))
        return path

    def half_made(self):
        run("send", "--capacity", 64, self.q, stdin=b"a\n")
        content = bytearray((SHM / self.q).read_bytes())
        content[48] = 2  # as its creator left it
        return content

    def test_doctor_removes_no_cursor_and_nothing_of_others(self):
        # A namespace of its own, as root: there doctor sees all there is to see, and would dare most.
        unmarked = bytearray(4096)
        unmarked[48] = 2
        files = {f"at{offset}-{value}": bytes(offset) + value.to_bytes(8, "little")
                 for offset in (0, 8, 48, 56, 64, 72, 80, 200) for value in (0, 2, 5)}
        files.update(zeros=bytes(100_000), empty=b"", unmarked=bytes(unmarked))
        paths = [self.segment("-" + name, content) for name, content in files.items()]
        script = """mkdir "/tmp/$2"; cp -p /dev/shm/"$2"-* "/tmp/$2"; mount -t tmpfs tmpfs /dev/shm
            cp -p "/tmp/$2"/* /dev/shm; rm -r "/tmp/$2"; "$1" doctor --repair || true; ls /dev/shm"""
        left = self.in_container(script, self.q)
        self.assertEqual(sorted(line for line in left.stdout.decode().splitlines() if ":" not in line and not line.startswith(" ")),
                         sorted(path.name for path in paths))
        for path in paths:
            result = run("doctor", "--json", path.name)
            self.assertEqual(result.returncode, OK, result.stdout)
            self.assertNotIn("slickq rm", result.stdout.decode())

    def test_a_cursor_is_taken_for_one(self):
        run("send", self.q, stdin=b"a\n")
        for offset in 0, 8, 56, 64, 72:
            name = f"{self.q}-at{offset}"
            self.check(run("recv", "--idle", 0, "--share", f"{name}:{offset}", self.q), OK)
            seen = self.info(name)
            claimed = int.from_bytes((SHM / name).read_bytes()[offset:offset + 8], "little")
            self.assertNotEqual(claimed, 0)
            self.assertEqual((seen["cursor_value"], seen["cursor_offset"]), (claimed, offset))
            self.check(run("doctor", name), OK, f"{name}: ok\n".encode())
            for command in {0: ["dump"], 56: ["tail"]}.get(offset, []):  # they wait a while for what looks as if it were being made
                said = self.check(run(command, name), ERROR).stderr.decode()
                self.assertNotIn("slickq rm", said)
                self.assertNotIn("only 0 bytes", said)
                self.assertRegex(said, "only 8 bytes|of any known layout")

    def test_rm_in_a_container_leaves_what_is_used_outside(self):
        run("send", self.q, stdin=b"a\n")
        outside = self.actor("map")
        result = self.in_container('"$1" rm "$2"', self.q)
        self.assertEqual(result.returncode, ERROR, result.stderr)
        self.assertIn(b"outside this container", result.stderr)
        result = self.in_container('"$1" reset "$2"', self.q)
        self.assertEqual(result.returncode, ERROR, result.stderr)
        self.assertTrue((SHM / self.q).exists())
        self.kill(outside)
        if os.uname().release.split(".")[0] < "5":
            self.skipTest("the kernel does not tell")
        self.assertEqual(self.in_container('"$1" reset "$2"; "$1" rm "$2"', self.q).returncode, OK)
        self.assertFalse((SHM / self.q).exists())

    def test_doctor_in_a_container_leaves_what_is_used_outside(self):
        path = self.segment("", self.half_made())
        with open(path, "r+b") as file:
            memory = mmap.mmap(file.fileno(), 4096)
        result = self.in_container('"$1" doctor --repair "$2" || true; "$1" doctor --json "$2" || true', self.q)
        self.assertTrue(path.exists(), result.stdout)
        found = json.loads(result.stdout.decode().splitlines()[-1])
        self.assertEqual((found["finding"], found["certainty"], found["repair"]), ("half-made", "likely", None))
        memory.close()
        self.in_container('"$1" doctor --repair "$2"', self.q)
        self.assertFalse(path.exists())


class Endings(Tool):
    def setUp(self):
        super().setUp()
        run("send", "--capacity", 64, self.q, stdin=b"a\n")

    def test_a_receiver_of_nothing_but_losses_can_be_stopped(self):
        receiver = self.start("recv", self.q)
        self.assertEqual(os.read(receiver.stdout.fileno(), 2), b"a\n")
        self.actor("reset_again")
        self.assertIn(b"was reset", receiver.stderr.readline())
        time.sleep(0.2)
        receiver.send_signal(signal.SIGTERM)
        _, said = receiver.communicate(timeout=10)
        self.assertIn(receiver.returncode, (OK, LOST))
        self.assertLess(said.count(b"\n"), 10)
        self.assertRegex(said.decode(), r"was reset; .*\(and \d+ more times like that\)")

    def test_a_damaged_queue_holds_nobody_up(self):
        run("rm", self.q)
        run("send", "--layout", "slq1", "--element-size", 8, "--capacity", 64, "--block", 8, self.q, stdin=b"12345678" * 96)
        with open(SHM / self.q, "r+b") as file:
            file.write(bytes(8))  # nothing is reserved, says the header; the slots are ahead of it
        for options in [], ["--share", self.q + "-cursor"], ["--group", "crew"]:
            with self.subTest(options=options):
                self.assertIn(run("recv", "--idle", 0.2, *options, self.q).returncode, (OK, LOST))
                receiver = self.start("recv", *options, self.q)
                time.sleep(0.2)
                receiver.send_signal(signal.SIGTERM)
                receiver.communicate(timeout=10)
                self.assertIn(receiver.returncode, (OK, LOST, -signal.SIGTERM))
        for command in ["dump"], ["tail"], ["info"], ["doctor"], ["stat", "-n", "1", "-i", "0.01"]:
            with self.subTest(command=command):
                run(*command, self.q)
        follower = self.start("tail", "--follow", self.q)
        time.sleep(0.3)
        follower.send_signal(signal.SIGTERM)
        self.assertLess(len(follower.communicate(timeout=10)[0]), 10_000)


class Output(Tool):
    COMMANDS = (["ls", "-a"], ["ls", "--json", "-a"], ["ls", "-q"], ["info"], ["info", "--json"], ["doctor"], ["doctor", "--json"], ["dump"],
                ["recv", "--idle", "0"], ["stat", "-n", "1", "-i", "0.01"], ["stat", "--format", "prometheus", "-i", "0.01"],
                ["man"], ["completion", "bash"], ["--version"], ["--help"], ["ls", "--help"],
                ["bench", "--json", "--seconds", "0.05"])

    def test_a_full_disk_is_told(self):
        run("send", self.q, stdin=b"a\n")
        os.truncate(SHM / self.q, os.stat(SHM / self.q).st_size + 4096)  # for doctor: a hint
        for command in self.COMMANDS:
            name = [self.q] if command[0] in ("info", "doctor", "dump", "recv", "stat") else []
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                process = self.start(*command, *name, stdout=full)
                _, said = process.communicate(timeout=DEADLINE)
                self.assertEqual(process.returncode, ERROR, said)
                self.assertIn(b"cannot write to standard output", said)  # the reason is known unless more followed

    def test_a_reader_that_has_gone_ends_it(self):
        run("send", self.q, stdin=b"a\n")
        for command in ["stat", "-i", "0.01", self.q], ["stat", "-i", "0.01", "--json", self.q]:
            stat = self.start(*command)
            stat.stdout.close()
            _, said = stat.communicate(timeout=DEADLINE)
            self.assertEqual((stat.returncode, said), (OK, b""))

    def test_no_control_character_comes_through(self):
        odd = self.q + "\x1b[31m\r\x7f\x9b2J\u202e\xad\U000e0041'"
        self.check(run("send", odd, stdin="a\x9b\x7f\x1b\U000e0041\n".encode()), OK)
        harmful = [chr(c) for c in [*range(10), *range(11, 32), *range(0x7F, 0xA0), 0xAD, 0x202E, 0xE0041]]
        for command in (["ls", "--json"], ["info", "--json", odd], ["doctor", "--json", odd], ["dump", "--json", odd], ["dump", odd],
                        ["stat", "--json", "-n", "1", "-i", "0.01", odd], ["stat", "--format", "prometheus", "-i", "0.01", odd]):
            shown = self.check(run(*command), OK).stdout.decode()
            self.assertFalse([c for c in shown if c in harmful], (command, shown))
            if "--json" in command and command[0] != "ls":
                for line in shown.splitlines():
                    parsed = json.loads(line)
                    self.assertIn(odd if "name" in parsed else "a\x9b\x7f\x1b\U000e0041\n", parsed.values())
        self.assertIn(r'\\x1B[31m\\r\\x7F\\u{9B}2J', shown)


if __name__ == "__main__":
    unittest.main()
