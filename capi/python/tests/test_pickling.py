"""Queues, readers, workers and cursors that are handed to other processes, by every way that multiprocessing has."""
import concurrent.futures
import multiprocessing
import os
import pickle
import unittest

import slickq
from slickq import GroupMode, Start
from support import Case, eight, exists, numbers

try:
    import numpy
except ImportError:
    numpy = None


# ---- what children do

def write(queue, number):
    """Also tells what the queue is there."""
    queue.write(eight(number))
    return type(queue).__name__, queue.name, queue.is_lossless, queue.is_creator, os.getpid()


def put(queue, *fields):
    return queue.put(*fields)


def read_all(consumer):
    return list(consumer.iterate(0))


def claim(queue, cursor):
    found = []
    while True:
        data, _, _ = queue.read(cursor)
        if data is None:
            return found
        found.append(int.from_bytes(data, "little"))


def traits_of(queue):
    return queue.traits.enable_read_last, queue.read(0)


def remake(queue):
    """What is pickled, given to another segment of the same name and shape."""
    pickled = pickle.dumps(queue)
    queue.close()
    slickq.remove(queue.name)
    return pickled


class Handing(Case):
    """To a child process, as an argument."""

    def each_way(self):
        """call(function, *arguments) in another process."""
        for method in ("spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
                yield lambda *call: executor.submit(*call).result(30)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield lambda function, *arguments: pool.apply(function, arguments)

    def cursor(self, queue, **options):
        """One for the queue."""
        name = queue.name + "c"
        self.addCleanup(lambda: exists(name) and slickq.remove(name))
        return slickq.SharedCursor(name, **options)

    def test_everything(self):
        for call in self.each_way():
            queue = self.queue(self.name(), lossless=True)
            told = call(write, queue, 1)
            self.assertEqual(told[:4], ("Queue", queue.name, True, False))
            self.assertNotEqual(told[4], os.getpid())
            queue.write_batch(b"".join(map(eight, range(2, 6))))

            reader = queue.reader(Start.OLDEST)
            self.assertEqual(numbers(reader.read()), [1])  # the others are read ahead
            self.assertEqual([numbers(data) for data in call(read_all, reader)], [[2], [3], [4], [5]])
            self.assertEqual(numbers(reader.read()), [2])  # a copy of the position

            worker = queue.worker("jobs", GroupMode.AT_LEAST_ONCE, start=Start.OLDEST)
            self.assertEqual(numbers(worker.read()), [1])
            self.assertEqual([numbers(data) for data in call(read_all, worker)], [[2], [3], [4], [5]])
            self.assertIsNone(worker.read())

            with self.cursor(queue, create=True) as cursor:
                cursor.store(2)
                self.assertEqual(call(claim, queue, cursor), [3, 4, 5])
                self.assertEqual(cursor.load(), 5)

            rows = slickq.StructQueue("<qd", self.name(), capacity=4)
            self.addCleanup(rows.close)
            self.assertEqual(call(put, rows, 7, 0.5), 0)
            self.assertEqual(call(read_all, rows.reader(Start.OLDEST)), [(7, 0.5)])

    def test_a_process(self):
        """Also by fork, where nothing is pickled."""
        queue, rows = self.queue(self.name()), self.queue()
        for method in multiprocessing.get_all_start_methods():
            process = multiprocessing.get_context(method).Process(target=write, args=(queue, 5))
            process.start()
            process.join(30)
            self.assertEqual(process.exitcode, 0)
            self.assertEqual(numbers(queue.read_last()[0]), [5])
        process = multiprocessing.get_context("fork").Process(target=write, args=(rows, 6))  # a local queue is shared by fork
        process.start()
        process.join(30)
        self.assertEqual(numbers(rows.read_last()[0]), [6])


class Pickles(Case):
    def again(self, thing):
        other = pickle.loads(pickle.dumps(thing))
        if hasattr(other, "close"):
            self.addCleanup(other.close)
        return other

    def test_its_options_go_along(self):
        plain = self.queue(self.name(), items_per_slot=2)
        for options in ({}, {"read_only": True}, {"lossless": True}, {"prompt_producer": True}):
            queue = slickq.Queue(plain.name, **options)
            other = self.again(queue)
            for name in ("is_read_only", "is_lossless", "is_prompt_producer", "layout", "items_per_slot", "capacity",
                         "element_size", "identity", "name"):
                self.assertEqual(getattr(other, name), getattr(queue, name), name)
            queue.close()
        reader = self.again(plain.reader(after_lap=slickq.AfterLap.NEWEST, batch=3, registered=True, stall=5))
        self.assertEqual(reader._options, dict(after_lap=1, slack=0, batch=3, registered=True, stall=5))
        self.assertEqual(len(plain.consumers()), 1)

    def test_other_kinds(self):
        queue = slickq.SlickQueue(name=self.name(), size=4, element_size=8, traits=type("T", (slickq.QueueTraits,), {
            "enable_reset_check": True}))
        self.addCleanup(queue.close)
        queue.write(eight(3))
        other = self.again(queue)
        self.assertEqual((type(other), other.traits, other.size, other.read(0)[:2]), (slickq.SlickQueue, queue.traits, 4, (eight(3), 1)))
        rows = slickq.StructQueue("<qd", self.name(), capacity=4)
        self.addCleanup(rows.close)
        rows.put(1, 2.5)
        self.assertEqual(self.again(rows).read_last(), ((1, 2.5), 1))
        reader = rows.reader(Start.OLDEST)
        record = reader.poll()
        self.assertEqual((self.again(record), self.again(record).value), (record, (1, 2.5)))
        batch = rows.reader(Start.OLDEST).read_batch()
        self.assertEqual(list(self.again(batch)), [(1, 2.5)])
        if numpy:
            arrays = slickq.ArrayQueue(("<f4", (2,)), self.name(), capacity=4)
            self.addCleanup(arrays.close)
            arrays.put([[1, 2], [3, 4]])
            numpy.testing.assert_array_equal(self.again(arrays).read_last()[0], [[1, 2], [3, 4]])

    def test_a_name_that_was_made_anew(self):
        """The same name and shape, another segment: refused, whoever made it."""
        queue = self.queue(self.name())
        reader, worker = pickle.dumps(queue.reader()), pickle.dumps(queue.worker("g", GroupMode.AT_LEAST_ONCE))
        cursor = slickq.SharedCursor(queue.name + "c")
        pickled = [remake(queue), reader, worker]
        for one in pickled:
            self.assertRaises(slickq.NotFoundError, pickle.loads, one)
        fresh = self.queue(queue.name)
        for one in pickled:
            with self.assertRaisesRegex(slickq.MismatchError, "another segment"):
                pickle.loads(one)
        self.assertEqual(fresh.groups(), [])  # nothing was joined

        pickled = pickle.dumps(cursor)
        slickq.remove(cursor.name)
        self.assertRaises(slickq.NotFoundError, pickle.loads, pickled)
        again = slickq.SharedCursor(cursor.name, create=True)
        self.addCleanup(slickq.remove, cursor.name)
        self.assertRaisesRegex(slickq.MismatchError, "another cursor", pickle.loads, pickled)
        again.release()

    def test_a_reader_that_has_not_noticed_a_reset(self):
        queue = self.queue(self.name())
        reader = queue.reader()
        queue.write_batch(bytes(8 * 3))
        self.assertEqual(len(reader.read_batch()), 3)
        queue.reset()
        queue.write(eight(1))
        other = self.again(reader)
        self.assertEqual((numbers(other.read()), other.losses), ([1], slickq.Losses(0, 0, 0, 0)))
        self.assertRaises(ValueError, queue.reader, start_index=3)

    def test_while_it_is_being_reset(self):
        """Waited for, opened by name and unpickled."""
        queue = self.queue(self.name(), capacity=1 << 16)
        pickled = pickle.dumps(queue)
        resetting = self.start("""
            import sys, slickq
            queue = slickq.Queue(sys.argv[1])
            print("begun", flush=True)
            while True:
                queue.reset()
        """, queue.name)
        self.assertEqual(resetting.stdout.readline(), "begun\n")
        for _ in range(40):
            slickq.Queue(queue.name).close()
            pickle.loads(pickled).close()

    def test_a_segment_without_an_identity(self):
        """A peer's, which is told by its file."""
        queue = self.queue(self.name(), layout=slickq.Layout.WIDE)
        self.assertIsNone(queue.identity)
        pickled = pickle.dumps(queue)
        pickle.loads(pickled).close()
        slickq.remove(queue.name)
        self.queue(queue.name, layout=slickq.Layout.WIDE)
        self.assertRaisesRegex(slickq.MismatchError, "another segment", pickle.loads, pickled)

    def test_what_can_not_be_handed_on(self):
        queue = self.queue()
        for thing, why in ((queue, "local queue"), (queue.reader(), "local queue"), (queue.worker("g", 2), "local queue"),
                           (slickq.StructQueue("<q", capacity=4), "local queue"),
                           (slickq.AtomicCursor(bytearray(8)), "SharedCursor"), (queue.register(), "Register another")):
            self.assertRaisesRegex(TypeError, why, pickle.dumps, thing)
        named = self.queue(self.name())
        for thing in (named.reader(), named.worker("g", 2), named):
            thing.close()
            self.assertRaises(slickq.ClosedError, pickle.dumps, thing)
        with slickq.SharedCursor(named.name + "c") as cursor:
            self.addCleanup(slickq.remove, cursor.name)
        self.assertRaises(RuntimeError, pickle.dumps, cursor)

    def test_errors(self):
        queue = self.queue(lossless=True)
        queue.reader(registered=True)
        held = queue.register()
        for call in (lambda: queue.write_batch(bytes(8 * 20)), lambda: slickq.Queue("slickq_python_nobody"),
                     lambda: queue.publish(99)):
            with self.assertRaises(slickq.Error) as caught:
                call()
            error, other = caught.exception, self.again(caught.exception)
            self.assertEqual((type(other), str(other), other.status, other.os_error, other.written),
                             (type(error), str(error), error.status, error.os_error, error.written))
        held.close()


if __name__ == "__main__":
    unittest.main()
