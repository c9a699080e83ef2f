"""Queues whose name is removed, or given to another queue, while they are in use."""
import os
import time
import unittest

from case import DEADLINE, ERROR, OK, Tool, run


class Receiving(Tool):
    def receiver(self, *options):
        self.check(run("send", "--create", self.q, stdin=b"one\n"), OK)
        receiver = self.start("recv", *options, self.q)
        self.assertEqual(os.read(receiver.stdout.fileno(), 100), b"one\n")
        return receiver

    def made_anew(self):
        self.check(run("rm", "--force", self.q), OK)
        self.check(run("send", "--create", self.q, stdin=b"two\n"), OK)

    def test_a_receiver_of_a_queue_that_was_made_anew_says_so_and_fails(self):
        receiver = self.receiver()
        self.made_anew()
        out, said = receiver.communicate(timeout=DEADLINE)
        self.assertEqual((receiver.returncode, out), (ERROR, b""))
        self.assertRegex(said.decode(), "was removed, and its name belongs to another queue now")
        self.assertIn("--follow", said.decode())

    def test_a_receiver_of_a_queue_that_was_removed_says_so_and_fails(self):
        receiver = self.receiver()
        self.check(run("rm", "--force", self.q), OK)
        _, said = receiver.communicate(timeout=DEADLINE)
        self.assertEqual(receiver.returncode, ERROR)
        self.assertIn("was removed", said.decode())

    def test_what_is_left_in_it_is_received_first(self):
        sender_input, into_sender = os.pipe()
        sender = self.start("send", self.q, stdin=sender_input)
        os.close(sender_input)
        os.write(into_sender, b"one\n")
        self.until(lambda: self.info().get("records"))
        receiver = self.start("recv", self.q)
        self.assertEqual(os.read(receiver.stdout.fileno(), 100), b"one\n")
        self.check(run("rm", "--force", self.q), OK)
        self.assertIn(b"was removed", receiver.stderr.readline())
        os.close(into_sender)
        self.assertEqual(sender.wait(DEADLINE), ERROR)
        receiver.communicate(timeout=DEADLINE)
        self.assertEqual(receiver.returncode, ERROR)

    def test_it_follows(self):
        receiver = self.receiver("--follow", "--count", 3)
        self.made_anew()
        self.assertEqual(os.read(receiver.stdout.fileno(), 100), b"two\n")
        self.check(run("rm", "--force", self.q), OK)
        time.sleep(0.6)  # now it waits for the name
        self.check(run("send", "--create", self.q, stdin=b"three\n"), OK)
        out, said = receiver.communicate(timeout=DEADLINE)
        self.assertEqual((receiver.returncode, out), (OK, b"three\n"), said)
        self.assertEqual(said.count(b"going on with the queue that has the name"), 2)


class Sending(Tool):
    def sender(self, *options):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, write_end)
        sender = self.start("send", "-v", *options, self.q, stdin=read_end)
        os.close(read_end)
        os.write(write_end, b"one\n")
        self.until(lambda: run("recv", "--idle", 0, self.q).stdout == b"one\n")
        return sender, write_end

    def test_a_sender_to_a_queue_that_was_made_anew_says_so_and_fails(self):
        sender, pipe = self.sender()
        self.check(run("rm", "--force", self.q), OK)
        self.check(run("send", "--create", self.q), OK)
        os.write(pipe, b"two\n")
        _, said = sender.communicate(timeout=DEADLINE)
        self.assertEqual(sender.returncode, ERROR)
        self.assertIn(b"was removed, and its name belongs to another queue now", said)
        self.assertIn(b"sent 1 records", said)
        self.assertNotIn(b"were sent after that", said, "the first one was sent in time")
        self.check(run("recv", "--idle", 0, self.q), OK, b"")

    def test_it_is_noticed_at_the_end_as_well(self):
        sender, pipe = self.sender()
        self.check(run("rm", "--force", self.q), OK)
        sender.stdin = None
        self._cleanups = [c for c in self._cleanups if c[0] is not os.close]
        os.close(pipe)
        _, said = sender.communicate(timeout=DEADLINE)
        self.assertEqual(sender.returncode, ERROR)
        self.assertIn(b"was removed", said)

    def test_it_follows(self):
        sender, pipe = self.sender("--follow")
        for line in b"two\n", b"three\n":
            self.check(run("rm", "--force", self.q), OK)
            if line == b"two\n":
                self.check(run("send", "--create", self.q), OK)
            os.write(pipe, line)
            self.until(lambda: run("recv", "--idle", 0, self.q).stdout == line)
        sender.send_signal(2)
        _, said = sender.communicate(timeout=DEADLINE)
        self.assertEqual(said.count(b"going on with the queue that has the name"), 2, said)
        self.assertNotIn(b"were sent after that", said)

    def test_records_that_went_astray_are_counted(self):
        endless = self.start("send", "-v", "--follow", "--capacity", 4096, self.q, "/dev/zero", "--block", 16)
        self.until(lambda: (self.info().get("next_index") or 0) > 100_000)
        self.check(run("rm", "--force", self.q), OK)
        self.until(lambda: (self.info().get("next_index") or 0) > 1000)
        endless.send_signal(2)
        _, said = endless.communicate(timeout=DEADLINE)
        self.assertRegex(said.decode(), "up to [1-9][0-9]* of [0-9]+ records were sent after that")
        self.assertEqual(endless.returncode, -2)


if __name__ == "__main__":
    unittest.main()
