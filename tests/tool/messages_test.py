"""What the command says when something is wrong: to the point, and without what would harm a terminal or a parser."""
import ctypes
import json
import os
import subprocess
import tempfile
import unittest

from case import ERROR, OK, SHM, TOOL, USAGE, Tool, in_namespace, run

ODD = b"red\x1b[31m\xff\x9b2J\xe2\x80\xae'x"  # an escape sequence, no UTF-8, C1 and direction controls, a quote


class Names(Tool):
    def setUp(self):
        super().setUp()
        self.odd = os.fsencode(self.q) + ODD

    def check_harmless(self, output, may_have=b"\n"):
        output.decode()  # is UTF-8
        self.assertFalse([c for c in output if c < 0x20 and c not in may_have or c == 0x7F], output)
        self.assertNotIn("\u202e", output.decode())
        self.assertNotIn("\x9b", output.decode())

    def test_an_odd_name_harms_no_terminal(self):
        self.check(run("send", self.odd, stdin=b"a\n"), OK)
        for arguments in (["info", self.odd], ["send", "--create", self.odd], ["recv", "--idle", "0", self.odd + b"x"],
                          ["evict", self.odd, "1"], [self.odd], ["info", self.odd, self.odd]):
            result = run(*arguments)
            self.check_harmless(result.stdout)
            self.check_harmless(result.stderr)
            self.assertIn(b"\\x1B", result.stdout + result.stderr)

    def test_the_json_of_an_odd_name_is_json(self):
        self.check(run("send", self.odd, stdin=b"a\n"), OK)
        self.assertEqual(json.loads(run("info", "--json", self.odd).stdout.decode())["records"], 1)
        (SHM / os.fsdecode(self.odd)).write_bytes(b"no queue " * 50)
        self.assertIn("red", json.loads(run("info", "--json", self.odd).stdout.decode())["message"])

    def test_what_it_advises_to_type_can_be_typed(self):
        self.check(run("send", self.odd, stdin=b"a\n"), OK)
        advice = run("send", "--create", self.odd).stderr.decode()
        typed = advice[advice.index("slickq rm "):].strip().replace("slickq", TOOL, 1)
        subprocess.run(["bash", "-c", typed], check=True)
        self.assertFalse((SHM / os.fsdecode(self.odd)).exists())

    @unittest.skipUnless("SLICKQ_LIBRARY" in os.environ, "a sanitized library can't be loaded into Python")
    def test_an_odd_group_harms_neither(self):
        self.check(run("send", self.q, stdin=b"a\n"), OK)

        class Options(ctypes.Structure):
            _fields_ = [("size", ctypes.c_uint32), ("mode", ctypes.c_uint32), ("group", ctypes.c_char_p), ("start", ctypes.c_uint32),
                        ("reserved", ctypes.c_uint32), ("stall_ns", ctypes.c_int64), ("linger_ns", ctypes.c_int64)]
        library = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
        queue, worker = ctypes.c_void_p(), ctypes.c_void_p()
        self.assertEqual(library.slickq_queue_open(self.q.encode(), None, ctypes.byref(queue)), 0)
        self.addCleanup(library.slickq_queue_close, queue)
        options = Options(ctypes.sizeof(Options), 2, ODD[:15], 1, 0, 0, 0)
        self.assertEqual(library.slickq_worker_open(queue, ctypes.byref(options), ctypes.byref(worker)), 0)
        self.addCleanup(library.slickq_worker_close, worker)
        self.check_harmless(run("info", self.q).stdout)
        self.assertIn("red", json.loads(run("info", "--json", self.q).stdout.decode())["groups"][0]["name"])


class Advice(Tool):
    def test_an_unknown_command_is_named(self):
        self.check(run("lss"), USAGE, message="no command 'lss'")
        self.check(run("--nonsense"), USAGE, message="nonsense")

    def test_a_wrong_id_is_no_missing_queue(self):
        self.check(run("send", self.q, stdin=b"a\n"), OK)
        said = self.check(run("evict", self.q, 12345), ERROR, message="no consumer 12345").stderr.decode()
        self.assertIn(f"slickq info {self.q}", said)
        self.assertNotIn("send", said)
        self.check(run("evict", self.q + "absent", 1), ERROR, message="no segment")

    def test_a_read_only_dev_shm_is_told(self):
        script = """mount -t tmpfs tmpfs /dev/shm; echo a | "$1" send q; mount -o remount,ro /dev/shm
            "$1" recv --idle 0 q; "$1" send q || "$1" send other || "$1" rm q || exit 9"""
        result = in_namespace(script, TOOL)
        if result is None:
            self.skipTest("no namespaces of one's own")
        self.assertEqual((result.returncode, result.stdout), (9, b"a\n"), result.stderr)
        said = result.stderr.decode()
        self.assertEqual(said.count("mounted read-only"), 3, said)
        self.assertNotIn("permission bits", said)

    def test_a_missing_dev_shm_is_told(self):
        script = """mkdir "$2/empty"; mount --bind "$2/empty" /dev; "$1" send q || "$1" info q || exit 9"""
        with tempfile.TemporaryDirectory() as place:
            result = in_namespace(script, TOOL, place)
        if result is None:
            self.skipTest("no namespaces of one's own")
        self.assertEqual(result.returncode, 9, result.stderr)
        self.assertEqual(result.stderr.decode().count("no /dev/shm"), 2, result.stderr)

    def test_a_segment_that_may_be_just_being_made_is_not_given_up_at_once(self):
        (SHM / self.q).write_bytes(bytes(4096))
        self.assertIn("look again in some seconds", run("info", self.q).stdout.decode())


if __name__ == "__main__":
    unittest.main()
