"""Exceptions of signal handlers (KeyboardInterrupt) in the middle of reading: nothing is lost, nothing comes twice."""
import gc
import signal
import sys
import time
import unittest

import slickq
from slickq import GroupMode, Start, reader as reader_module, worker as worker_module
from support import Case, eight, numbers

SECONDS = 0.6  # of interruptions, for each way of reading


class Tick(Exception):
    """Raised by the handler."""


def interrupt(case, module, function):
    """The next call of that function does its work, and is interrupted before anybody sees its answer."""
    real = getattr(module, function)

    def interrupted(*arguments):
        setattr(module, function, real)
        real(*arguments)
        raise Tick
    setattr(module, function, interrupted)
    case.addCleanup(setattr, module, function, real)


class JustAfterTheCall(Case):
    def reader(self, **options):
        queue = self.queue(capacity=64)
        queue.write_many([eight(0), eight(1) + eight(2), eight(3)])
        reader = queue.reader(Start.OLDEST, **options)
        interrupt(self, reader_module, "_read_batch")
        return queue, reader

    def test_a_reader_hands_it_out_next(self):
        buffer = bytearray(32)
        for first in (lambda one: one.read(), lambda one: one.poll(), lambda one: one.read_batch(),
                      lambda one: one.poll_batch(1), lambda one: one.read_into(buffer),
                      lambda one: list(one.iterate(0))):
            for then in (lambda one: numbers(one.read()), lambda one: numbers(one.poll().data),
                         lambda one: numbers(one.read_batch(1).data), lambda one: numbers(one.poll_batch().data),
                         lambda one: numbers(buffer[:one.read_into(buffer)]),
                         lambda one: numbers(next(one.iterate(0)))):
                queue, reader = self.reader()
                self.assertRaises(Tick, first, reader)
                queue.write(eight(4))
                seen = then(reader) + [number for data in reader.iterate(0) for number in numbers(data)]
                self.assertEqual(seen, list(range(5)))
                self.assertEqual(reader.info.received_records, 4)

    def test_one_record(self):
        queue = self.queue()
        reader = queue.reader()
        queue.write(eight(1))
        interrupt(self, reader_module, "_read_batch")
        self.assertRaises(Tick, reader.read)
        queue.write(eight(2))
        self.assertEqual([numbers(reader.read()), numbers(reader.read()), reader.read()], [[1], [2], None])

    def test_what_does_not_fit_is_still_there(self):
        _, reader = self.reader()
        self.assertRaises(Tick, reader.read)
        self.assertEqual(numbers(reader.read()), [0])
        self.assertRaises(slickq.BufferTooSmallError, reader.read_into, bytearray(8))
        self.assertEqual([numbers(data) for data in reader.read_batch()], [[1, 2], [3]])

    def test_a_closed_reader_hands_out_nothing(self):
        _, reader = self.reader()
        self.assertRaises(Tick, reader.read)
        reader.close()
        for call in (reader.read, reader.poll, reader.read_batch, lambda: reader.read_into(bytearray(64))):
            self.assertRaises(slickq.ClosedError, call)

    def test_a_worker_keeps_its_claim(self):
        """The interrupted call has not counted it as done, and neither does done()."""
        for first in (lambda one: one.read(), lambda one: one.poll(), lambda one: list(one.iterate(0))):
            queue = self.queue()
            queue.write_many([eight(1), eight(2)])
            worker = queue.worker("g", GroupMode.AT_LEAST_ONCE, start=Start.OLDEST)
            interrupt(self, worker_module, "_read")
            self.assertRaises(Tick, first, worker)
            worker.done()
            self.assertEqual([(one.has_claim, one.index) for one in queue.consumers()], [(True, 0)])
            self.assertEqual([numbers(worker.read()), numbers(worker.read()), worker.read()], [[1], [2], None])


@unittest.skipIf(sys.version_info < (3, 10), "Python runs signal handlers between any two of its steps")
class AtAnyMoment(Case):
    def setUp(self):
        self.armed, self.ticks = False, 0
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, self.tick))

    def tick(self, *_):
        if self.armed:
            self.armed = False
            self.ticks += 1
            raise Tick

    def interrupted(self, call):
        """call(), and how many ticks it has taken; None if that was what it raised."""
        self.armed = True
        try:
            said = call()
            self.armed = False
        except Tick:
            return None
        return said

    def follow(self, make, call, numbers_of):
        """Reads all that is written, in spite of a tick every 0.2 ms, in order and once each."""
        queue = self.queue(capacity=1024)
        consumer = make(queue)
        written = expected = 0
        signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0002)
        try:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                queue.write_batch(b"".join(map(eight, range(written, written + 200))))
                written += 200
                while expected < written:
                    ticks, said = self.ticks, None
                    said = self.interrupted(lambda: call(consumer))
                    found = numbers_of(said)
                    if found is None:
                        self.assertGreater(self.ticks, ticks, f"nothing left, and {written - expected} are missing")
                        continue
                    self.assertEqual(found, list(range(expected, expected + len(found))))
                    expected += len(found)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.assertGreater(self.ticks, 10)

    def test_reading(self):
        gc.collect()
        buffer = bytearray(24)

        def data(said):
            return numbers(said) if said else None

        ways = ((lambda queue: queue.reader(), lambda one: one.read(), data),
                (lambda queue: queue.reader(), lambda one: one.poll(), lambda said: data(getattr(said, "data", None))),
                (lambda queue: queue.reader(), lambda one: one.read_batch(3), lambda said: data(said and said.data)),
                (lambda queue: queue.reader(), lambda one: one.read_into(buffer),
                 lambda said: data(buffer[:said] if said else None)),
                (lambda queue: queue.worker("g", GroupMode.AT_LEAST_ONCE), lambda one: one.read(), data),
                (lambda queue: queue.worker("g", GroupMode.AT_LEAST_ONCE), lambda one: one.poll(),
                 lambda said: data(getattr(said, "data", None))))
        for number, way in enumerate(ways):
            with self.subTest(number=number):
                self.follow(*way)


if __name__ == "__main__":
    unittest.main()
