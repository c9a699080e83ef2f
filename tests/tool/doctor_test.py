"""doctor, and what it leads to: reset, rm --group, repairs."""
import json
import os
import sys
import time
import unittest

from case import ERROR, OK, SHM, TOOL, UNUSABLE, USAGE, Tool, in_namespace, run


class Doctor(Tool):
    def setUp(self):
        super().setUp()
        run("send", "--element-size", 64, "--capacity", 64, self.q, stdin=b"a\n")

    def doctor(self, status, *options):
        result = self.check(run("doctor", "--json", *options, self.q), status)
        return {one["finding"]: one for one in map(json.loads, result.stdout.decode().splitlines())}

    def test_all_is_well(self):
        self.assertEqual(self.doctor(OK), {})
        self.assertEqual(run("doctor", self.q).stdout.decode(), f"{self.q}: ok\n")
        self.check(run("doctor", self.q + "absent"), ERROR, message="no segment")

    def test_a_producer_killed_inside_reserve(self):
        producer = self.actor("reserve")
        self.assertEqual(self.doctor(UNUSABLE)["gap"]["certainty"], "likely")
        self.kill(producer)
        gap = self.doctor(UNUSABLE)["gap"]
        self.assertEqual((gap["weight"], gap["repair"]), ("fault", None))
        self.assertRegex(gap["message"], "index 2 is reserved and not published: its producer died")
        self.assertRegex(run("doctor", self.q).stdout.decode(), r"gap \(fault, (likely|certain)\)")

    def test_the_first_producer_killed_inside_its_first_reserve(self):
        run("rm", self.q)
        run("send", "--element-size", 64, "--capacity", 64, "--create", self.q)
        # Not by an actor: it writes before. A reservation is an add to the counter, which is all that happens here.
        with open(SHM / self.q, "r+b") as file:
            file.write((1 << 16 | 1).to_bytes(8, "little"))
        self.assertIn("index 0 is reserved", self.doctor(UNUSABLE)["gap"]["message"])

    def test_a_stuck_consumer(self):
        stuck = self.actor("register")
        producer = self.actor("produce", 10000)
        time.sleep(0.1)
        self.kill(producer)
        found = self.doctor(UNUSABLE)["stuck"]
        self.assertIn(f"of process {stuck.pid} does not read", found["message"])
        command = found["advice"][found["advice"].index("slickq evict"):].split()[1:]
        self.check(run(*command), OK)
        self.assertNotIn("stuck", self.doctor(OK))

    def test_a_dead_consumer_is_repaired(self):
        self.kill(self.actor("register"))
        found = self.doctor(OK)["dead"]
        self.assertEqual((found["weight"], found["repair"]), ("hint", "end its registration"))
        self.assertIn("slickq doctor --repair would end its registration", run("doctor", self.q).stdout.decode())
        self.assertTrue(self.doctor(OK, "--repair")["dead"]["is_repaired"])
        self.assertEqual(self.doctor(OK), {})
        self.assertEqual([one["kind"] for one in self.info()["consumers"]], ["evicted"])

    def test_a_dead_worker_with_a_record_in_hand(self):
        self.kill(self.actor("work"))
        self.check(run("send", self.q, stdin=b"b\n"), OK)
        found = self.doctor(UNUSABLE)
        self.assertRegex(found["dead-worker"]["message"], "is dead, with the record at 0 claimed, and no other worker")
        self.assertIn("has no living worker, and is 1 elements behind", found["no-workers"]["message"])
        self.assertIsNone(found["dead-worker"]["repair"])
        self.actor("work")
        self.assertNotIn("no-workers", self.doctor(OK))

    def test_a_group_is_given_up(self):
        worker = self.actor("work")
        self.check(run("rm", "--group", "crew", self.q), ERROR, message="has workers")
        self.kill(worker)
        advice = self.doctor(UNUSABLE)["dead-worker"]["advice"]
        self.check(run(*advice[advice.index("slickq rm"):].split()[1:]), OK)
        self.assertEqual(set(self.doctor(OK, "--repair")), {"dead"})
        self.assertEqual(self.doctor(OK), {})
        self.check(run("rm", "--group", "crew", self.q), ERROR, message="no group 'crew'")
        self.check(run("rm", "--group", "crew", self.q, self.q), USAGE)

    def test_segments_that_are_no_good(self):
        whole = (SHM / self.q).read_bytes()
        (SHM / self.q).write_bytes(whole[:1100])
        self.assertEqual(self.doctor(UNUSABLE)["truncated"]["weight"], "fault")
        half = bytearray(whole)
        half[48] = 2
        (SHM / self.q).write_bytes(half)
        young = self.doctor(UNUSABLE)["half-made"]
        self.assertEqual((young["certainty"], young["repair"]), ("possible", None))
        slots = bytearray(whole)
        slots[64 + 8:64 + 12] = b"\xff\xff\xff\xff"  # the first record claims more than there is
        (SHM / self.q).write_bytes(slots)
        self.assertEqual(self.doctor(UNUSABLE)["corrupt"]["weight"], "fault")

    def test_a_creator_that_died_is_cleared_away(self):
        script = """mount -t tmpfs tmpfs /dev/shm; echo a | "$1" send q
            printf '\\002' | dd of=/dev/shm/q bs=1 seek=48 conv=notrunc status=none; touch -d '1 hour ago' /dev/shm/q
            "$1" doctor --json q || true; "$1" doctor --repair q; test ! -e /dev/shm/q"""
        result = in_namespace(script, TOOL, options=("--pid", "--fork", "--mount-proc"))
        if result is None:
            self.skipTest("no namespaces of one's own")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout.decode().splitlines()[0])
        self.assertEqual((found["certainty"], found["repair"]), ("certain", "remove the name, so that it can be made anew"))
        self.assertIn("repaired: remove the name", result.stdout.decode())

    def test_a_full_and_a_missing_dev_shm(self):
        script = """mount -t tmpfs -o size=1m tmpfs /dev/shm; head -c 1010k /dev/zero > /dev/shm/x; "$1" doctor --json || true
            umount /dev/shm; mount -t tmpfs -o ro tmpfs /dev/shm; "$1" doctor --json || exit 9"""
        result = in_namespace(script, TOOL)
        if result is None:
            self.skipTest("no namespaces of one's own")
        self.assertEqual(result.returncode, 9, result.stderr)
        self.assertLessEqual({"full", "read-only"}, {json.loads(line)["finding"] for line in result.stdout.decode().splitlines()})

    def test_sparse_segments_in_a_full_dev_shm(self):
        # A peer gives a segment length without memory; none is left when the command comes. No answer is a signal.
        make = """import os, struct, sys
for name, capacity, size, written in (("sparse", 64, 65536, 64), ("hostile", 65536, 64, 0)):
    with open("/dev/shm/" + name, "wb") as file:
        header = struct.pack("<QIIQII16xI12x", 0, capacity, size, 2**64 - 1, 0x534C5131, 1, 3)
        file.write(header + struct.pack("<QII", 2**64 - 1, 1, 0) * written)
        file.truncate(64 + 16 * capacity + capacity * size)
with open("/dev/shm/blank", "wb") as file:
    file.truncate(1 << 21)
with open("/dev/shm/filler", "wb", buffering=0) as file:
    try:
        while file.write(bytes(4096)):
            pass
    except OSError:
        pass"""
        script = """mount -t tmpfs -o size=1m tmpfs /dev/shm; "$2" -c "$3"
            for what in "ls" "ls --json" "doctor" "doctor --json" "doctor --repair"; do
                "$1" $what > /dev/null 2>&1 || status=$?; echo "$what: ${status:-0}"; status=
            done
            for what in "info" "doctor"; do
                "$1" $what blank > /dev/null 2>&1 || status=$?; echo "$what blank: ${status:-0}"; status=
            done
            for name in sparse hostile; do
                for what in "info" "info --json" "doctor" "stat -n 1 -i 0.1" "dump" "tail -n 1" "recv --idle 0" "send" "reset"; do
                    echo x | timeout -k 1 20 "$1" $what $name > /dev/null 2>&1 || status=$?; echo "$what $name: ${status:-0}"; status=
                done
            done"""
        result = in_namespace(script, TOOL, sys.executable, make)
        if result is None:
            self.skipTest("no namespaces of one's own")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.decode().splitlines()
        self.assertEqual(len(lines), 5 + 2 + 2 * 9)
        for line in lines:
            self.assertIn(int(line.rpartition(" ")[2]), (OK, ERROR, UNUSABLE), line)

    def test_an_orphan(self):
        holder = self.actor("map")
        self.check(run("rm", "--force", self.q), OK)
        run("send", self.q, stdin=b"a\n")
        self.assertIn(str(holder.pid), self.doctor(UNUSABLE)["orphan"]["message"])


class Reset(Tool):
    def test_it_empties_a_queue_that_nobody_writes_to(self):
        run("send", self.q, stdin=b"a\nb\n")
        holder, looker = self.actor("map"), self.actor("look")
        self.check(run("reset", self.q), ERROR, message=f"mapped by {holder.pid} .*: not reset")
        self.kill(holder)
        self.assertIsNone(looker.poll())
        self.check(run("reset", self.q), OK)
        self.assertEqual((self.info()["records"], self.info()["next_index"]), (0, 0))
        self.check(run("reset", self.q + "absent"), ERROR, message="no segment")


if __name__ == "__main__":
    unittest.main()
