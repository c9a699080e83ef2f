"""Delivery without loss, groups of workers, what operators see."""
import dataclasses
import gc
import math
import os
import signal
import threading
import time
import unittest

import slickq
from slickq import ConsumerKind, GroupMode, Liveness, Outcome, Record, Start, Status
from support import DEADLINE, Case, eight, numbers

WORKER = """
    import sys, slickq
    queue = slickq.Queue(sys.argv[1])
    worker = queue.worker("jobs", int(sys.argv[2]))
    print(worker.read_record(30).index, flush=True)
    sys.stdin.read()
"""


class Lossless(Case):
    def test_full_is_an_outcome(self):
        queue = self.queue(lossless=True)
        reader = queue.reader(registered=True)
        self.assertEqual(queue.write_batch(bytes(8 * 15)), 15)
        queue.write(bytes(8))
        for call in (queue.reserve, lambda: queue.write(bytes(8)), lambda: queue.write_batch(bytes(16))):
            with self.assertRaises(slickq.Full) as caught:
                call()
            self.assertEqual(caught.exception.status, Status.FULL)
        self.assertEqual(len(reader.read_batch()), 16)
        reader.read()  # only now is the batch done with
        self.assertEqual(queue.write(bytes(8)), 16)
        self.assertEqual(sum(reader.losses), 0)

    def test_a_consumer_with_its_own_cursor(self):
        queue = self.queue(lossless=True)
        queue.write_batch(bytes(8 * 16))
        with queue.register() as consumer:
            self.assertEqual(consumer.held_from, 16)
            queue.write_batch(bytes(8 * 16))
            self.assertRaises(slickq.Full, queue.write, bytes(8))
            self.assertEqual(queue.consumers()[0].lag, 16)
            consumer.acknowledge(20)
            with self.assertRaises(slickq.Full) as caught:
                queue.write_batch(bytes(8 * 9))
            self.assertEqual(caught.exception.written, 4)
        queue.write_batch(bytes(8 * 16))
        self.assertRaises(ValueError, queue.register, 99)

    def test_a_cursor_of_ones_own_gets_past_gaps_and_resets(self):
        queue = self.queue(capacity=8, lossless=True)
        consumer = queue.register()
        self.assertEqual(consumer.wait(0, 0), Outcome(Status.TIMED_OUT, 0, 0))
        queue.write(eight(1))
        self.assertEqual(consumer.wait(0, 0), Outcome(Status.OK, 0, 0))
        queue.reserve(2)  # and never published
        queue.write(eight(4))
        self.assertEqual(consumer.wait(1, 0.02, stall=math.inf), Outcome(Status.TIMED_OUT, 1, 0))
        self.assertEqual(consumer.wait(1, DEADLINE, stall=0.005), Outcome(Status.GAP, 3, 2))
        self.assertEqual(numbers(queue.read(3)[0]), [4])
        self.assertTrue(consumer.acknowledge(4))

        queue.reset()
        self.assertFalse(consumer.acknowledge(4))  # nothing of that is left
        self.assertTrue(consumer.acknowledge(0))
        queue.reset()
        self.assertEqual(consumer.wait(4, 0), Outcome(Status.RESET, 0, 0))

        timer = threading.Timer(0.02, queue.cancel)
        timer.start()
        self.assertRaises(slickq.Cancelled, consumer.wait, 0)
        timer.join()
        queue.evict(consumer.id)
        self.assertRaises(slickq.EvictedError, consumer.wait, 0)
        self.assertRaises(ValueError, consumer.wait, 2**64)
        consumer.close()
        self.assertRaises(slickq.ClosedError, consumer.wait, 0)

    def test_evicted(self):
        queue = self.queue(self.name(), lossless=True)
        reader, consumer = queue.reader(registered=True), queue.register()
        seen = queue.consumers()
        self.assertEqual([(one.kind, one.pid, one.is_alive) for one in seen], [(ConsumerKind.READER, os.getpid(), True)] * 2)
        self.assertEqual([one.liveness for one in seen], [Liveness.ALIVE] * 2)
        for one in seen:
            queue.evict(one.id)
        queue.write_batch(bytes(8 * 16))
        queue.write_batch(bytes(8 * 16))
        self.assertRaises(slickq.EvictedError, consumer.acknowledge, 1)
        self.assertRaises(slickq.EvictedError, reader.read)
        self.assertIsNotNone(reader.read())  # said once; producers wait for it no longer
        consumer.close()
        consumer.close()

    def test_a_forgotten_consumer_holds_nobody_up(self):
        queue = self.queue(lossless=True)
        consumer, other = queue.register(), queue.register()
        del consumer
        gc.collect()
        self.assertEqual([one.id for one in queue.consumers()], [other.id])
        other.close()
        self.assertEqual(queue.write_batch(bytes(8 * 32)), 32)

    def test_a_table_that_is_full(self):
        queue = self.queue()
        consumers = [queue.register() for _ in range(64)]
        self.assertRaises(slickq.OsError, queue.register)
        consumers[0].close()
        queue.register()


class WhoLives(Case):
    def test_what_cannot_be_told_is_not_alive(self):
        info = slickq.ConsumerInfo(ConsumerKind.READER, 1, 2, Liveness.UNKNOWN, 0, False, 0, 0)
        self.assertEqual([dataclasses.replace(info, liveness=one).is_alive for one in Liveness], [False, True, None])


class Groups(Case):
    def test_each_record_goes_to_one_worker(self):
        queue = self.queue()
        first = queue.worker("jobs", GroupMode.AT_LEAST_ONCE)
        second = queue.worker("jobs")
        queue.write_many([eight(1), eight(2) + eight(3), eight(4)])
        self.assertEqual([numbers(first.read()), second.poll(), numbers(first.read()), first.poll(), second.read()],
                         [[1], Record(eight(2) + eight(3), 1, 2), [4], Outcome(Status.EMPTY, 4, 0), None])
        group, = queue.groups()
        self.assertEqual((group.name, group.mode, group.cursor, group.lag, group.workers),
                         ("jobs", GroupMode.AT_LEAST_ONCE, 4, 0, 2))
        self.assertRaises(slickq.BusyError, queue.remove_group, "jobs")
        for worker in (first, second):
            worker.close()
        queue.remove_group("jobs")
        self.assertEqual(queue.groups(), [])
        self.assertRaises(slickq.NoGroupError, queue.remove_group, "jobs")

    def test_its_settings(self):
        queue = self.queue()
        queue.write_batch(b"".join(map(eight, range(3))))
        with queue.worker("a", GroupMode.AT_MOST_ONCE, start=Start.OLDEST, linger=3, stall=float("inf")) as worker:
            self.assertEqual([numbers(data) for data in worker.iterate(0)], [[0], [1], [2]])
            self.assertRaises(slickq.MismatchError, queue.worker, "a", GroupMode.AT_LEAST_ONCE)
        self.assertRaises(ValueError, queue.worker, "x" * 17, GroupMode.AT_MOST_ONCE)
        self.assertRaises(slickq.NoGroupError, queue.worker, "b")  # nobody has said what mode it has

    def test_producers_wait_for_what_is_in_hand(self):
        queue = self.queue(lossless=True)
        worker = queue.worker("jobs", GroupMode.AT_LEAST_ONCE)
        queue.write_batch(bytes(8 * 16))
        worker.read()
        self.assertRaises(slickq.Full, queue.write, bytes(8))
        worker.done()
        queue.write(bytes(8))

    def test_lapped(self):
        queue, losses = self.queue(), []
        worker = queue.worker("jobs", GroupMode.AT_LEAST_ONCE, on_loss=losses.append)
        queue.write_batch(bytes(8 * 40))
        self.assertIsNotNone(worker.read())
        self.assertEqual([loss.status for loss in losses], [Status.LAPPED])
        self.assertEqual(queue.groups()[0].lost, losses[0].lost)

    def dead_worker(self, mode):
        """A queue of two records, the first of which was in the hand of a worker that was killed."""
        queue = self.queue(self.name())
        survivor = queue.worker("jobs", mode)
        process = self.start(WORKER, queue.name, int(mode))
        while not len(queue.consumers()) == 2:
            time.sleep(0.001)
        queue.write_many([eight(1), eight(2)])
        self.assertEqual(process.stdout.readline(), "0\n")
        process.send_signal(signal.SIGKILL)
        process.wait()
        return queue, survivor

    def test_the_record_of_a_dead_worker_is_given_to_another(self):
        queue, survivor = self.dead_worker(GroupMode.AT_LEAST_ONCE)
        records = [survivor.read_record(DEADLINE) for _ in range(2)]
        self.assertEqual(sorted((record.index, record.redelivered) for record in records), [(0, True), (1, False)])
        self.assertEqual(queue.groups()[0].redelivered, 1)

    def test_or_reported(self):
        queue, survivor = self.dead_worker(GroupMode.AT_MOST_ONCE)
        losses = []
        survivor.on_loss = losses.append
        self.assertEqual(numbers(survivor.read(DEADLINE)), [2])
        while not losses:
            survivor.read(0.2)
        self.assertEqual([(loss.status, loss.index) for loss in losses], [(Status.ABANDONED, 0)])
        self.assertEqual(queue.groups()[0].abandoned, 1)

    def test_what_a_dead_worker_has_left_is_counted(self):
        queue, survivor = self.dead_worker(GroupMode.AT_LEAST_ONCE)
        self.assertEqual((queue.groups()[0].workers, queue.groups()[0].unfinished), (1, 1))
        for _ in range(2):
            survivor.read_record(DEADLINE)
        self.assertEqual(queue.groups()[0].unfinished, 0)

    def test_a_dead_consumer_holds_nobody_up(self):
        queue = self.queue(self.name(), lossless=True)
        self.run_code("""
            import os, sys, slickq
            queue = slickq.Queue(sys.argv[1])
            reader = queue.reader(registered=True)
            os._exit(0)
        """, queue.name)
        queue.write_batch(bytes(8 * 16))
        begun = time.monotonic()
        queue.write(bytes(8), DEADLINE)
        self.assertLess(time.monotonic() - begun, DEADLINE / 2)


if __name__ == "__main__":
    unittest.main()
