"""Readers in an event loop."""
import asyncio
import selectors
import time
import unittest

import slickq
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
