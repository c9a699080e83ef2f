"""Waiting: deadlines, other threads meanwhile, Ctrl-C, cancelling and closing under a wait."""
import os
import pickle
import signal
import threading
import time
import unittest

import slickq
from slickq import GroupMode, Start
from support import DEADLINE, Case, eight, numbers

PROMPT = 5  # seconds in which something must happen that takes milliseconds on an idle machine


class Timeouts(Case):
    def test_they_end(self):
        queue = self.queue(lossless=True)
        reader, worker = queue.reader(registered=True), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        for timeout in (0.03, 0.15):  # within a slice and across slices of the main thread
            for wait in (lambda: reader.read(timeout), lambda: worker.read(timeout), lambda: reader.read_batch(0, timeout),
                         lambda: list(reader.iterate(timeout)) or None, lambda: queue.wait(0, timeout) or None):
                begun = time.monotonic()
                self.assertIsNone(wait())
                self.assertGreaterEqual(time.monotonic() - begun, timeout)
        queue.write_batch(bytes(8 * 16))
        for full in (lambda timeout: queue.write(bytes(8), timeout), lambda timeout: queue.reserve(1, timeout),
                     lambda timeout: queue.write_batch(bytes(16), None, timeout)):
            for timeout in (0, 0.15):
                begun = time.monotonic()
                self.assertRaises(slickq.Full, full, timeout)
                self.assertGreaterEqual(time.monotonic() - begun, timeout)

    def test_strange_ones(self):
        reader = self.queue().reader()
        self.assertIsNone(reader.read(-1))
        self.assertRaises(ValueError, reader.read, float("nan"))
        self.assertRaises(TypeError, reader.read, "soon")
        self.assertRaises(ValueError, self.queue, timeout=-1)


class OtherThreads(Case):
    def wake(self, seconds, call):
        timer = threading.Timer(seconds, call)
        timer.start()
        self.addCleanup(timer.join)

    def test_a_wait_lets_other_threads_run_and_is_woken_by_them(self):
        queue = self.queue()
        waits = [lambda: queue.reader().read(PROMPT), lambda: queue.reader().read(None),
                 lambda: next(iter(queue.reader())), lambda: queue.worker("g", GroupMode.AT_LEAST_ONCE).read(PROMPT),
                 lambda: queue.wait(queue.next_index(), PROMPT) and queue.read_last()[0]]
        for number, wait in enumerate(waits):
            self.wake(0.02, lambda number=number: queue.write(eight(number)))
            self.assertEqual(numbers(wait()), [number])

    def test_room_is_made_by_another_thread(self):
        queue = self.queue(lossless=True)
        reader = queue.reader(registered=True, batch=1)
        queue.write_batch(bytes(8 * 16))

        def drain():
            for _ in reader.iterate(0.3):
                pass
        self.wake(0.02, drain)
        self.assertEqual(queue.write(eight(1), PROMPT), 16)
        self.assertEqual(queue.write_batch(b"".join(map(eight, range(100))), None, PROMPT), 100)
        self.assertEqual(queue.write_many([eight(1), eight(2) + eight(3)] * 30, PROMPT), 60)
        self.assertGreater(queue.reserve(2, PROMPT), 100)

    def assert_partly(self, kind, written, call):
        with self.assertRaises(kind) as caught:
            call()
        self.assertEqual((type(caught.exception), caught.exception.written), (kind, written))

    def test_a_batch_without_room_for_all_says_how_much_was_written(self):
        queue = self.queue(lossless=True)
        reader = queue.reader(registered=True)

        def read_all():
            while reader.read() is not None:
                pass
        data = b"".join(map(eight, range(20)))
        self.assert_partly(slickq.Full, 16, lambda: queue.write_batch(data))
        self.assert_partly(slickq.Full, 0, lambda: queue.write_batch(data))
        self.assertEqual(numbers(reader.read_batch().data), list(range(16)))
        reader.read()
        self.assert_partly(slickq.Full, 8, lambda: queue.write_batch(data, [2] * 10, 0.05))
        self.assertEqual(numbers(reader.read_batch().data), list(range(16)))
        read_all()
        self.assert_partly(slickq.Full, 16, lambda: queue.write_many([eight(1)] * 20, 0.15))
        read_all()
        self.wake(0.05, queue.cancel)
        self.assert_partly(slickq.Cancelled, 16, lambda: queue.write_batch(data, None, None))
        read_all()
        self.assertEqual(pickle.loads(pickle.dumps(self.failure(lambda: queue.write_batch(data)))).written, 16)
        rows = slickq.StructQueue("<q", capacity=4, lossless=True)
        self.addCleanup(rows.close)
        rows.reader(registered=True)
        holder = rows.register()
        self.assert_partly(slickq.Full, 4, lambda: rows.put_many([(number,) for number in range(6)]))
        holder.close()

    def failure(self, call):
        try:
            call()
        except slickq.Error as failure:
            return failure

    def test_an_interrupted_batch_says_how_much_was_written(self):
        queue = self.queue(lossless=True)
        reader = queue.reader(registered=True)

        def interrupt(*_):
            raise KeyboardInterrupt
        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        self.assert_partly(KeyboardInterrupt, 16, lambda: queue.write_batch(bytes(8 * 20), None, DEADLINE))
        self.assertEqual(len(reader.read_batch()), 16)


class Ending(Case):
    """cancel() and close() of another thread."""

    def outcome_of(self, wait, end):
        said = []

        def run():
            try:
                said.append(wait())
            except Exception as failure:
                said.append(type(failure))
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.05)
        end()
        thread.join(PROMPT)
        self.assertFalse(thread.is_alive())
        return said[0]

    def test_cancel(self):
        queue = self.queue(lossless=True)
        reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        self.assertIs(self.outcome_of(lambda: reader.read(None), reader.cancel), slickq.Cancelled)
        self.assertEqual(self.outcome_of(lambda: list(reader), reader.cancel), [])
        self.assertIs(self.outcome_of(lambda: worker.read(None), worker.cancel), slickq.Cancelled)
        self.assertIs(self.outcome_of(lambda: queue.wait(0), queue.cancel), slickq.Cancelled)
        queue.write_batch(bytes(8 * 16))
        self.assertIs(self.outcome_of(lambda: queue.write(bytes(8), None), queue.cancel), slickq.Cancelled)
        self.assertIs(self.outcome_of(lambda: queue.write_batch(bytes(8), None, None), queue.cancel), slickq.Cancelled)

    def test_close_under_a_wait(self):
        queue = self.queue(lossless=True)
        reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        self.assertEqual(self.outcome_of(lambda: list(reader), reader.close), [])
        self.assertEqual(self.outcome_of(lambda: list(worker), worker.close), [])
        self.assertIs(self.outcome_of(lambda: queue.wait(0), queue.close), slickq.Cancelled)


class CtrlC(Case):
    def test_it_surfaces_promptly(self):
        for wait in ("reader.read(None)", "next(iter(reader))", "worker.read(None)", "queue.wait(16)",
                     "queue.write(bytes(8), None)", "queue.write_batch(bytes(8), None, None)", "queue.reserve(1, None)"):
            with self.subTest(wait=wait):
                process = self.start(f"""
                    import slickq
                    queue = slickq.Queue(capacity=16, element_size=8, lossless=True)
                    worker = queue.worker("g", slickq.GroupMode.AT_LEAST_ONCE)
                    holder = queue.worker("h", slickq.GroupMode.AT_LEAST_ONCE)
                    queue.write_batch(bytes(8 * 16))
                    for _ in range(16): worker.read()
                    reader = queue.reader()
                    print("waiting", flush=True)
                    try:
                        {wait}
                    except KeyboardInterrupt:
                        print("interrupted", flush=True)
                """)
                self.check_interrupted(process)

    def check_interrupted(self, process):
        self.assertEqual(process.stdout.readline(), "waiting\n")
        time.sleep(0.05)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.stdout.readline(), "interrupted\n")
        self.assertLess(time.monotonic() - begun, 2)
        self.finish(process)

    def test_it_surfaces_while_a_creator_is_waited_for(self):
        """One that died half-way, of a queue and of a cursor."""
        for opening in ("slickq.Queue(name, timeout=20)", "slickq.Queue(name, capacity=4, element_size=8, timeout=20)",
                        "slickq.SharedCursor(name, timeout=20)", "slickq.SharedCursor(name, create=False, timeout=20)"):
            with self.subTest(opening=opening):
                name = self.name()
                with open("/dev/shm/" + name, "wb"):
                    pass
                process = self.start(f"""
                    import sys, slickq
                    name = sys.argv[1]
                    print("waiting", flush=True)
                    try:
                        {opening}
                    except KeyboardInterrupt:
                        print("interrupted", flush=True)
                """, name)
                self.check_interrupted(process)

    def test_a_creator_that_comes_late(self):
        """Is waited for, and what went wrong is told, from the thread that waits."""
        name = self.name()
        with open("/dev/shm/" + name, "wb"):
            pass
        begun = time.monotonic()
        with self.assertRaises(slickq.SegmentError) as caught:
            slickq.Queue(name, timeout=0.2)
        self.assertGreaterEqual(time.monotonic() - begun, 0.2)
        self.assertIn(name, str(caught.exception))
        self.assertEqual(caught.exception.status, slickq.Status.E_NO_LENGTH)
        made = self.queue(self.name())

        def finish():
            os.remove("/dev/shm/" + name)
            os.link("/dev/shm/" + made.name, "/dev/shm/" + name)
        timer = threading.Timer(0.1, finish)
        timer.start()
        self.addCleanup(timer.join)
        try:
            slickq.Queue(name, timeout=PROMPT).close()
        except slickq.NotFoundError:  # looked in between
            pass

    def test_after_it_nothing_is_lost(self):
        queue = self.queue()
        reader = queue.reader(Start.OLDEST)

        def interrupt(*_):
            raise KeyboardInterrupt
        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        self.assertRaises(KeyboardInterrupt, reader.read, DEADLINE)
        queue.write(eight(4))
        self.assertEqual(numbers(reader.read(0)), [4])


if __name__ == "__main__":
    unittest.main()
