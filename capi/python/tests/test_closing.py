"""Closing under use: whatever another thread is doing meanwhile, it gets true records, or is told, and never waits on. Every
record verifies itself. A crash is a failure of the whole file."""
import asyncio
import gc
import os
import random
import struct
import sys
import threading
import time
import unittest
import zlib
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.shared_memory import SharedMemory

import slickq
from slickq import GroupMode, Start
from support import Case, exists

PROMPT = 5        # seconds in which a call must end that takes milliseconds on an idle machine
BUDGET = 0.4      # seconds that each of these goes on
LEAST = 10        # rounds, however long they take
SIZE = 64         # bytes of an element
ENDS = (slickq.Cancelled, slickq.ClosedError)


def record(number, elements=1):
    """Elements that say who they are."""
    return b"".join(_element(number, place) for place in range(elements))


def _element(number, place):
    body = struct.pack("<QQ", number, place) + bytes([number % 251]) * (SIZE - 20)
    return body + struct.pack("<I", zlib.crc32(body))


def verify(data):
    """That every element is whole."""
    data = bytes(data)
    assert data and len(data) % SIZE == 0, f"a record of {len(data)} bytes"
    for start in range(0, len(data), SIZE):
        number, place = struct.unpack_from("<QQ", data, start)
        assert data[start:start + SIZE] == _element(number, place), f"bytes that nobody wrote: {data[start:start + 32].hex()}"


class Hammer(Case):
    def setUp(self):
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        self.addCleanup(sys.setswitchinterval, interval)
        self.random = random.Random(5)

    def queue(self, *arguments, **options):
        return super().queue(*arguments, **{"capacity": 64, "element_size": SIZE, **options})

    def rounds(self):
        """As many as there is time for; on a busy machine some all the same."""
        done, end = 0, time.monotonic() + BUDGET
        while time.monotonic() < end or done < LEAST:
            yield
            done += 1

    def pause(self):
        """Nothing, or some of it."""
        for _ in range(self.random.choice((0, 0, 20, 200, 2000))):
            pass

    def fight(self, use, end, threads=1):
        """use() in threads, again and again until it is told of the end, which end() brings about in this one."""
        failures, started = [], threading.Barrier(threads + 1)

        def run():
            started.wait()
            try:
                while use():
                    pass
            except ENDS:
                pass
            except BaseException as failure:
                failures.append(failure)
        users = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
        for user in users:
            user.start()
        started.wait()
        self.pause()
        end()
        for user in users:
            user.join(PROMPT)
            self.assertFalse(user.is_alive(), "it waits on")
        if failures:
            raise failures[0]

    # ---- what readers and workers do

    def ways_to_read(self, reader):
        buffer = bytearray(SIZE * 8)

        def checked(call):
            def use():
                data = call()
                if data is not None:
                    verify(data)
                return True
            return use

        def iterate():
            for data in reader:
                verify(data)
            return False

        def poll():
            said = reader.poll(None)
            if isinstance(said, slickq.Record):
                verify(said.data)
            return getattr(said, "status", None) != slickq.Status.CANCELLED

        yield checked(lambda: reader.read(None))
        yield iterate
        yield poll
        if isinstance(reader, slickq.Reader):
            yield checked(lambda: b"".join(reader.read_batch(self.random.choice((0, 1, 5)), None)))
            yield checked(lambda: buffer[:reader.read_into(buffer, None)])
            yield checked(lambda: reader.read(0))
        else:
            yield lambda: (checked(lambda: reader.read(None))(), reader.done())

    def hammer_consumers(self, open_one):
        way = 0
        for _ in self.rounds():
            queue = self.queue()
            one = open_one(queue)
            ways = list(self.ways_to_read(one))
            use, way = ways[way % len(ways)], way + 1

            def end():
                for number in range(self.random.choice((0, 1, 3, 70))):
                    queue.write(record(number, self.random.choice((1, 1, 4))))
                if self.random.random() < 0.3:
                    queue.close()  # that of the queue does not matter to it
                one.close()
            self.fight(use, end)
            self.assertRaises(slickq.ClosedError, one.read)
            queue.close()

    def test_readers(self):
        self.hammer_consumers(lambda queue: queue.reader(registered=self.random.random() < 0.2))

    def test_workers(self):
        self.hammer_consumers(lambda queue: queue.worker("g", GroupMode.AT_LEAST_ONCE))

    def test_large_records(self):
        """Of which the memory goes back to the system at once."""
        size = 1 << 20
        for _ in range(20):
            queue = super().queue(capacity=4, element_size=size)
            for open_one in (queue.reader, lambda: queue.worker("g", GroupMode.AT_LEAST_ONCE)):
                one, said = open_one(), []

                def use():
                    said.append(one.read(None))
                    return False

                def end():
                    time.sleep(0.001)
                    queue.write(b"\x55" * size)
                    one.close()
                self.fight(use, end)
                self.assertIn(said, ([], [b"\x55" * size]))
            queue.close()

    def test_a_second_thread_is_refused(self):
        """Or made to wait for a moment; it never gets what the other one was given."""
        for _ in self.rounds():
            queue = self.queue()
            for one in (queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)):
                for number in range(5):
                    queue.write(record(number, 1 + number))

                def use():
                    try:
                        verify(one.read(None))
                    except RuntimeError as refused:
                        self.assertIn("another thread", str(refused))
                    return True
                self.fight(use, one.close, threads=3)
            queue.close()

    # ---- queues

    def ways_to_use(self, queue):
        def view():
            found, _ = queue.read_view(0)
            if found is not None:
                found.data[:1]  # mapped, whatever is there
            return True

        def fill():
            index = queue.reserve(1, None)
            try:
                queue[index][:] = record(index)
            finally:
                queue.publish(index)
            return True

        def read():
            data, _, _ = queue.read(0)
            if data is not None:
                verify(data)
            return True

        return [view, read, fill,
                lambda: queue.wait(queue.next_index(), None) or True,
                lambda: queue.write(record(1), None) or True,
                lambda: queue.write_batch(record(2, 70), None, None),
                lambda: queue.write_many([record(3, 2)] * 40, None),
                lambda: queue.read_last() and True,
                lambda: [queue.consumers(), queue.groups(), queue.next_index()],
                lambda: self.open_and_close(queue)]

    @staticmethod
    def open_and_close(queue):
        with queue.reader() as reader:
            reader.read()
        with queue.worker("g", GroupMode.AT_LEAST_ONCE) as worker:
            worker.read()
        with queue.register():
            pass
        return True

    def test_queues(self):
        way = 0
        for _ in self.rounds():
            queue = self.queue(lossless=True)
            held = queue.register()  # for whom all of them wait when the ring is full
            ways = self.ways_to_use(queue)
            use, way = ways[way % len(ways)], way + 1
            self.fight(use, queue.close, threads=2)
            del held

    def test_no_cancel_is_lost(self):
        """However the wait and the end of it fall upon each other, in the main thread too, which waits in slices."""
        for wait in (lambda queue: queue.write_batch(record(1, 80), None, None), lambda queue: queue.wait(1),
                     lambda queue: queue.reserve(64, None)):
            for end in ("cancel", "close"):
                for delay in (0, 0.0002, 0.1, 0.1001):
                    queue = self.queue(lossless=True)
                    queue.write(record(0))
                    held = queue.register(0)
                    timer = threading.Timer(delay, self.until_over(queue, end))
                    timer.start()
                    begun = time.monotonic()
                    with self.assertRaises(ENDS):
                        wait(queue)
                    self.over = True
                    self.assertLess(time.monotonic() - begun, PROMPT)
                    timer.join()
                    del held

    def until_over(self, queue, end):
        """close() once; cancel() ends only what is under way, and is repeated."""
        self.over = False

        def run():
            getattr(queue, end)()
            while end == "cancel" and not self.over:
                time.sleep(0.15)
                queue.cancel()
        return run

    # ---- shared cursors

    def test_cursors(self):
        name = self.name()
        queue = self.queue()
        for number in range(64):
            queue.write(record(number))
        while_shared = {
            "named": lambda: slickq.SharedCursor(name),
            "bytearray": lambda: slickq.AtomicCursor(bytearray(8)),
            "shared memory": None,
        }
        for kind, make in while_shared.items():
            rounds = 0
            for _ in self.rounds():
                memory = None
                if make is None:
                    memory = SharedMemory(create=True, size=8)
                    cursor, end = slickq.AtomicCursor(memory.buf), memory.close
                else:
                    cursor = make()
                    end = cursor.release
                ways = [lambda: cursor.load() or True, lambda: cursor.store(1) or True,
                        lambda: cursor.compare_exchange_weak(0, 1), lambda: self.claim(queue, cursor)]

                def use():
                    try:
                        return ways[rounds % len(ways)]()
                    except RuntimeError as released:
                        self.assertIn("released", str(released))
                        return False
                self.fight(use, end, threads=2)
                rounds += 1
                if memory is not None:
                    memory.unlink()

    @staticmethod
    def claim(queue, cursor):
        data, _, _ = queue.read(cursor)
        if data is not None:
            verify(data)
        return True

    # ---- asyncio

    def test_tasks(self):
        """Closed, and cancelled, by another thread, at any moment of a task's wait."""
        async def use(one):
            try:
                while True:
                    verify(await one.receive())
            except ENDS:
                return

        async def iterate(one):
            async for data in one:
                verify(data)

        async def send(queue):
            try:
                while True:
                    await queue.send(record(1))
            except ENDS:
                return

        async def main():
            loop = asyncio.get_running_loop()
            rounds = 0
            for _ in self.rounds():
                queue = self.queue(lossless=True)
                kind = rounds % 6
                rounds += 1
                one = queue.reader() if kind < 2 else queue.worker("g", GroupMode.AT_LEAST_ONCE) if kind < 4 else queue
                task = asyncio.ensure_future((use, iterate)[kind % 2](one) if one is not queue else send(queue))
                held = queue.register() if one is queue else None
                end = one.cancel if rounds % 3 == 0 and one is not queue else one.close

                def finish():
                    self.pause()
                    if one is not queue:
                        for number in range(self.random.choice((0, 1, 5))):
                            queue.write(record(number))
                    time.sleep(self.random.choice((0, 0, 0.0005, 0.002)))
                    end()
                await asyncio.sleep(self.random.choice((0, 0, 0.0005)))
                await loop.run_in_executor(executor, finish)
                await asyncio.wait_for(task, PROMPT)
                one.close()
                queue.close()
                del held

        loop, executor = asyncio.new_event_loop(), ThreadPoolExecutor(1)
        try:
            loop.run_until_complete(main())
            executor.shutdown()
        finally:
            loop.close()


class Ending(Case):
    """The interpreter, the garbage collector, fork."""

    def test_what_is_collected_under_use(self):
        """The last reference to a queue, a reader goes in any thread, in a cycle or not."""
        stop = time.monotonic() + 0.4
        while time.monotonic() < stop:
            queue = slickq.Queue(capacity=4, element_size=SIZE)
            reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
            cursor = slickq.AtomicCursor(bytearray(8))
            view = queue.elements(0, 4)
            cycle = [queue, reader, worker, cursor]
            cycle.append(cycle)
            queue.write(record(1))
            iterator = reader.iterate(0)
            thread = threading.Thread(target=lambda one=cycle: one.clear() or gc.collect())
            del cycle
            thread.start()
            verify(next(iterator))
            verify(view[:SIZE])
            del queue, reader, worker, cursor, iterator
            thread.join()
            verify(view[:SIZE])

    def test_interpreters_that_end_under_use(self):
        """Daemon threads wait, and use everything, when the interpreter goes."""
        code = """
            import asyncio, os, sys, threading, time, slickq
            sys.setswitchinterval(1e-6)
            name = sys.argv[1]
            queue = slickq.Queue(name, capacity=16, element_size=8, lossless=True)
            held = queue.register()
            cursor = slickq.SharedCursor(name + "c")
            def for_ever(call):
                def run():
                    while True:
                        try: call()
                        except slickq.Full: pass
                threading.Thread(target=run, daemon=True).start()
            readers = [queue.reader() for _ in range(3)]
            for_ever(lambda: readers[0].read(None))
            for_ever(lambda: readers[1].read(0))
            for_ever(lambda: list(readers[2].iterate(0.001)))
            worker = queue.worker("g", 2)
            for_ever(lambda: worker.read(None))
            for_ever(cursor.load)
            for_ever(lambda: queue.write(bytes(8)))
            for_ever(lambda: queue.write_batch(bytes(160), None, None))
            for_ever(lambda: slickq.Queue(name).close())
            threading.Thread(target=lambda: asyncio.run(worker_task()), daemon=True).start()
            async def worker_task():
                async for _ in queue.worker("h", 2): pass
            view = queue[0]
            time.sleep(float(sys.argv[2]))
        """
        name = self.name()
        self.addCleanup(lambda: exists(name + "c") and slickq.remove(name + "c"))
        for delay in (0, 0.01, 0.05):
            process = self.start(code, name, delay)
            process.communicate(timeout=30)
            self.assertEqual(process.returncode, 0)

    def test_children_of_fork(self):
        """What the parent's threads were using, and what is registered for the parent, is closed in the child, and closing it
        there does nothing to the parent."""
        queue = self.queue(self.name(), element_size=SIZE, lossless=True)
        plain, waiting = queue.reader(), queue.reader()
        registered, worker, consumer = queue.reader(registered=True), queue.worker("g", GroupMode.AT_LEAST_ONCE), queue.register()
        for number in range(3):
            queue.write(record(number))
        verify(registered.read())  # two more are read ahead
        self.assertIsNotNone(waiting.read_batch())
        thread = threading.Thread(target=lambda: self.assertRaises(ENDS, waiting.read, None))
        thread.start()
        while not waiting._is_in_use:
            time.sleep(0.001)
        child = os.fork()
        if child == 0:
            try:
                ok = plain.read() == record(0)
                for call in (registered.read, worker.read, waiting.read, lambda: list(registered), lambda: list(worker),
                             lambda: consumer.acknowledge(3)):
                    try:
                        call()
                        ok = False
                    except slickq.ClosedError:
                        pass
                for one in (registered, worker, waiting, consumer, plain, queue):
                    one.close()
                    one.close()
                del registered, worker, waiting, consumer, plain, queue, one, call
                gc.collect()
                os._exit(0 if ok else 3)
            finally:
                os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(len(queue.consumers()), 3)
        self.assertEqual([registered.read(), registered.read(), plain.read()], [record(1), record(2), record(0)])
        self.assertEqual(worker.read(), record(0))
        waiting.close()
        thread.join(PROMPT)
        self.assertFalse(thread.is_alive())
        queue.write_batch(record(0, 13))
        self.assertRaises(slickq.Full, queue.write, record(0))  # the parent's consumer is waited for
        consumer.acknowledge(queue.next_index())


if __name__ == "__main__":
    unittest.main()
