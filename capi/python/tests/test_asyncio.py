"""Readers in an event loop."""
import asyncio
import select
import selectors
import threading
import time
import unittest

import slickq
from slickq import GroupMode
from support import Case, eight, numbers

PROMPT = 5


class NoDescriptors(asyncio.SelectorEventLoop):
    """Like the event loop that is usual on Windows."""

    def add_reader(self, *_):
        raise NotImplementedError


class Asyncio(Case):
    def run_in_loop(self, coroutine, make=asyncio.new_event_loop):
        loop = make()
        try:
            return loop.run_until_complete(asyncio.wait_for(coroutine, PROMPT * 2))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def test_async_for(self):
        async def main():
            queue = self.queue(capacity=256)  # all of it: this is not about how soon a busy machine lets us read
            reader, seen = queue.reader(), []

            async def produce():
                for number in range(200):
                    queue.write(eight(number))
                    if number % 7 == 0:
                        await asyncio.sleep(0.001)
            producing = asyncio.ensure_future(produce())
            async for data in reader:
                seen += numbers(data)
                if seen[-1] == 199:
                    break
            await producing
            self.assertEqual(seen, list(range(200)))
            self.assertEqual(sum(reader.losses), 0)
        self.run_in_loop(main())

    def test_receive_ends_in_time(self):
        async def main():
            reader = self.queue().reader()
            for timeout in (0, 0.05):
                begun = time.monotonic()
                self.assertIsNone(await reader.receive(timeout))
                self.assertGreaterEqual(time.monotonic() - begun, timeout * 0.9)
        for make in (asyncio.new_event_loop, NoDescriptors):
            self.run_in_loop(main(), make)

    def test_an_event_loop_without_descriptors(self):
        async def main():
            queue = self.queue()
            reader = queue.reader()
            asyncio.get_running_loop().call_later(0.02, queue.write, eight(8))
            self.assertEqual(numbers(await reader.receive(PROMPT)), [8])
        self.run_in_loop(main(), NoDescriptors)

    def test_several_readers_and_other_tasks_go_on(self):
        async def main():
            queue = self.queue()
            readers, turns = [queue.reader() for _ in range(3)], 0

            async def tick():
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0.001)
            ticking = asyncio.ensure_future(tick())
            tasks = [asyncio.ensure_future(reader.receive(PROMPT)) for reader in readers]
            await asyncio.sleep(0.1)
            queue.write(eight(9))
            self.assertEqual([numbers(data) for data in await asyncio.gather(*tasks)], [[9]] * 3)
            ticking.cancel()
            self.assertGreater(turns, 10)
        self.run_in_loop(main())

    def test_unread_records_do_not_keep_the_loop_busy(self):
        """The descriptor is readable all the time, and nobody waits for it."""
        async def main():
            queue = self.queue()
            reader = queue.reader()
            queue.write(eight(1))
            await reader.receive(PROMPT)
            self.assertIsNone(await reader.receive(0.01))
            queue.write(eight(2))
            used = time.process_time()
            await asyncio.sleep(0.3)
            self.assertLess(time.process_time() - used, 0.1)
            self.assertEqual(numbers(await reader.receive(0)), [2])
        self.run_in_loop(main())

    def test_a_cancelled_task_loses_nothing(self):
        async def main():
            queue = self.queue()
            reader = queue.reader()
            waiting = asyncio.ensure_future(reader.receive())
            await asyncio.sleep(0.02)
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            queue.write(eight(3))
            self.assertEqual(numbers(await reader.receive(PROMPT)), [3])
        self.run_in_loop(main())

    def test_cancel_and_close_end_a_wait(self):
        async def main():
            for end in ("cancel", "close"):
                reader = self.queue().reader()
                waiting = asyncio.ensure_future(reader.receive())
                await asyncio.sleep(0.02)
                with self.assertRaises(RuntimeError):
                    await reader.receive()
                getattr(reader, end)()
                with self.assertRaises(slickq.Cancelled):
                    await waiting
                reader = self.queue().reader()
                asyncio.get_running_loop().call_later(0.02, getattr(reader, end))
                self.assertEqual([data async for data in reader], [])
        self.run_in_loop(main())

    def test_the_next_wait_is_cancelled_if_there_is_none(self):
        async def main():
            queue = self.queue()
            for make in (queue.reader, lambda: queue.worker("g", GroupMode.AT_LEAST_ONCE)):
                one = make()
                one.cancel()
                with self.assertRaises(slickq.Cancelled):
                    await one.receive(PROMPT)
                asyncio.get_running_loop().call_later(0.02, queue.write, eight(6))
                self.assertEqual(numbers(await one.receive(PROMPT)), [6])
                one.cancel()
                queue.write(eight(7))
                self.assertEqual(numbers(await one.receive(PROMPT)), [7])  # it need not wait
                self.assertEqual([data async for data in one], [])
        self.run_in_loop(main())

    def test_workers(self):
        async def main():
            queue = self.queue(capacity=256)
            workers, seen = [queue.worker("g", GroupMode.AT_LEAST_ONCE) for _ in range(3)], []

            async def work(worker):
                async for data in worker:
                    seen.extend(numbers(data))
            tasks = [asyncio.ensure_future(work(worker)) for worker in workers]
            for number in range(200):
                queue.write(eight(number))
                if number % 7 == 0:
                    await asyncio.sleep(0.001)
            while len(seen) < 200:
                await asyncio.sleep(0.001)
            for worker in workers:
                worker.close()
            await asyncio.gather(*tasks)
            self.assertEqual(sorted(seen), list(range(200)))
        self.run_in_loop(main())

    def test_workers_wait_in_time(self):
        async def main():
            queue = self.queue()
            worker = queue.worker("g", GroupMode.AT_LEAST_ONCE)
            for timeout in (0, 0.05, 0.15):
                begun = time.monotonic()
                self.assertIsNone(await worker.receive(timeout))
                self.assertGreaterEqual(time.monotonic() - begun, timeout * 0.9)
            asyncio.get_running_loop().call_later(0.02, queue.write, eight(3))
            record = await worker.receive_record(PROMPT)
            self.assertEqual((numbers(record.value), record.index), ([3], 0))
            waiting = asyncio.ensure_future(worker.receive())
            await asyncio.sleep(0.02)
            with self.assertRaises(RuntimeError):
                await worker.receive()
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            queue.write(eight(4))
            self.assertEqual(numbers(await worker.receive(PROMPT)), [4])
            worker.close()
            with self.assertRaises(slickq.ClosedError):
                await worker.receive()
        self.run_in_loop(main())

    def test_a_full_queue_keeps_nobody(self):
        """Lossless writes wait; the loop goes on."""
        async def main():
            queue = self.queue(capacity=4, lossless=True)
            reader, turns, seen = queue.reader(registered=True, batch=1), 0, []
            self.assertEqual(await queue.send_batch(bytes(8 * 4)), 4)

            async def tick():
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0.001)
            ticking = asyncio.ensure_future(tick())
            for send in (queue.send(eight(1), 0.1), queue.send_batch(bytes(24), None, 0.1), queue.send_many([bytes(8)], 0.1),
                         queue.reserve_async(1, 0.1), queue.send(eight(1), 0)):
                begun, before = time.monotonic(), turns
                with self.assertRaises(slickq.Full):
                    await send
                if time.monotonic() - begun > 0.05:
                    self.assertGreater(turns - before, 5)

            async def drain():
                while len(seen) < 4 + 1 + 40 + 20:
                    seen.extend(numbers(await reader.receive(PROMPT)))
            draining = asyncio.ensure_future(drain())
            self.assertEqual(await queue.send(eight(1)), 4)
            self.assertEqual(await queue.send_batch(b"".join(map(eight, range(40)))), 40)
            self.assertEqual(await queue.send_many([eight(1) + eight(2)] * 10), 10)
            await draining
            self.assertEqual(seen, [0] * 4 + [1] + list(range(40)) + [1, 2] * 10)
            ticking.cancel()
        self.run_in_loop(main())

    def test_room_is_told_and_not_looked_for(self):
        async def main():
            queue = self.queue(capacity=4, lossless=True)
            holder, tries = queue.register(), 0
            queue.write_batch(bytes(32))

            def attempt():
                nonlocal tries
                tries += 1
                return queue.write(eight(9))
            waiting = asyncio.ensure_future(queue._when_room(attempt, PROMPT))
            await asyncio.sleep(0.25)
            self.assertLess(tries, 8)  # looking every 10 milliseconds would be 25
            holder.acknowledge(1)
            told = asyncio.get_running_loop().time()
            self.assertEqual(await waiting, 4)
            self.assertLess(asyncio.get_running_loop().time() - told, 0.09)

            # Several at once, each with room for one.
            holder.acknowledge(2)
            sends = [asyncio.ensure_future(queue.send(eight(n), PROMPT)) for n in range(5)]
            for index in range(3, 8):
                await asyncio.sleep(0.01)
                holder.acknowledge(index)
            self.assertEqual(sorted(await asyncio.gather(*sends)), list(range(5, 10)))
        self.run_in_loop(main())
        self.run_in_loop(self.full(), NoDescriptors)

    async def full(self):
        queue = self.queue(capacity=4, lossless=True)
        holder = queue.register()
        queue.write_batch(bytes(32))
        asyncio.get_running_loop().call_later(0.02, holder.acknowledge, 1)
        self.assertEqual(await queue.send(eight(9), PROMPT), 4)

    def test_what_other_threads_are_told_delays_at_most(self):
        """They take the word back that there may be room before the loop has heard it."""
        async def main():
            queue = self.queue(capacity=4, lossless=True)
            holder, is_over = queue.register(), threading.Event()
            queue.write_batch(bytes(32))

            def meddle():
                while not is_over.is_set():
                    try:
                        queue.write_batch(bytes(24))
                    except slickq.Full:
                        pass
            meddler = threading.Thread(target=meddle)
            meddler.start()
            try:
                sending = asyncio.ensure_future(queue.send(eight(9), PROMPT))
                for index in range(1, 400):
                    if sending.done():
                        break
                    await asyncio.sleep(0.01)
                    holder.acknowledge(min(index, queue.next_index()))
                await sending
            finally:
                is_over.set()
                meddler.join()
        self.run_in_loop(main())

    def test_descriptors_of_ones_own(self):
        queue = self.queue(capacity=4, lossless=True)
        holder, worker = queue.register(), queue.worker("g", GroupMode.AT_MOST_ONCE)

        def is_readable(descriptor, timeout):
            return select.select([descriptor], [], [], timeout)[0] != []
        room, work = queue.room_descriptor(), worker.descriptor()
        self.assertTrue(is_readable(room, PROMPT) and is_readable(work, PROMPT))
        self.assertIsNone(worker.read())
        self.assertFalse(is_readable(work, 0.02))
        queue.write_batch(bytes(32))
        self.assertTrue(is_readable(work, PROMPT))
        self.assertRaises(slickq.Full, queue.write, bytes(8))
        self.assertFalse(is_readable(room, 0.02))
        worker.close()
        queue.remove_group("g")
        holder.close()
        self.assertTrue(is_readable(room, PROMPT))
        queue.close()
        self.assertRaises(slickq.ClosedError, queue.room_descriptor)
        self.assertRaises(slickq.ClosedError, worker.descriptor)

    def test_how_a_wait_for_room_ends(self):
        async def main():
            for end in ("cancel", "close"):
                queue = self.queue(capacity=4, lossless=True)
                holder = queue.register()
                sends = [asyncio.ensure_future(send) for send in (queue.send_batch(b"".join(map(eight, range(6)))),
                                                                  queue.send(eight(9)), queue.reserve_async())]
                await asyncio.sleep(0.02)
                index = queue.next_index()
                sends[1].cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await sends[1]
                getattr(queue, end)()
                for send, written in ((sends[0], 4), (sends[2], 0)):
                    with self.assertRaises(slickq.Cancelled) as caught:
                        await send
                    self.assertEqual(caught.exception.written, written)
                if end == "cancel":
                    self.assertEqual(queue.next_index(), index)  # nothing was written by those
                    holder.close()
            queue = self.queue(capacity=4, lossless=True)
            holder = queue.register()
            written = []

            async def send():
                try:
                    await queue.send_batch(bytes(8 * 6))
                except asyncio.CancelledError as cancelled:
                    written.append(cancelled.written)
            sending = asyncio.ensure_future(send())
            await asyncio.sleep(0.02)
            sending.cancel()
            await sending
            self.assertEqual(written, [4])
            with self.assertRaises(ValueError):
                await queue.send_batch(bytes(9))
            with self.assertRaises(ValueError):
                await queue.send_batch(bytes(16), [3])
        self.run_in_loop(main())

    def test_losses_are_told(self):
        async def main():
            queue, losses = self.queue(capacity=8), []
            reader = queue.reader(on_loss=losses.append)
            queue.write_batch(bytes(8 * 20))
            await reader.receive(PROMPT)
            self.assertEqual([loss.lost for loss in losses], [13])
        self.run_in_loop(main())

    def test_other_selectors(self):
        for selector in (selectors.SelectSelector, selectors.PollSelector):
            async def main():
                queue = self.queue()
                reader = queue.reader()
                asyncio.get_running_loop().call_later(0.01, queue.write, eight(5))
                self.assertEqual(numbers(await reader.receive(PROMPT)), [5])
            self.run_in_loop(main(), lambda: asyncio.SelectorEventLoop(selector()))


if __name__ == "__main__":
    unittest.main()
