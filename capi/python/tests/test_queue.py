"""Producing and consuming with plain cursors; what closing leaves; threads."""
import array
import asyncio
import copy
import gc
import mmap
import pickle
import threading
import unittest

import slickq
from slickq import Layout, Start
from support import Case, eight, mapping_of, maps, numbers


class Indices(unittest.TestCase):
    def test_they_are_compared_across_their_wrap(self):
        last = 2**48 - 1
        for layout in (Layout.SLQ1, Layout.PACKED):
            self.assertEqual((layout.distance(last, 1), layout.distance(1, last)), (2, -2))
            self.assertEqual((layout.add(last, 2), layout.add(1, -2)), (1, last))
        self.assertEqual(Layout.WIDE.distance(last, 1), 1 - last)


class Producing(Case):
    def test_reserve_fill_publish(self):
        queue = self.queue()
        index = queue.reserve(2)
        self.assertEqual(queue.read(0), (None, 0, 0))
        queue[index][:] = eight(1)
        queue[index + 1][:4] = b"abcd"
        queue.publish(index, 2)
        self.assertEqual(queue.read(0), (eight(1) + b"abcd\0\0\0\0", 2, 2))

    def test_an_element_is_a_writable_view_of_just_that_element(self):
        view = self.queue()[3]
        self.assertEqual((view.nbytes, view.readonly, view.format), (8, False, "B"))
        with self.assertRaises(ValueError):
            view[:9] = bytes(9)

    def test_write_gives_the_index(self):
        queue = self.queue()
        self.assertEqual([queue.write(eight(1)), queue.write(eight(2) + eight(3)), queue.write(bytearray(8))], [0, 1, 3])

    def test_write_takes_any_buffer(self):
        queue, cursor = self.queue(), 0
        memory = mmap.mmap(-1, 8)
        memory[:] = eight(4)
        self.addCleanup(memory.close)
        for data in (eight(1), bytearray(eight(2)), memoryview(eight(3)), memory, array.array("Q", [5]),
                     memoryview(bytearray(eight(0) + eight(6)))[8:], memoryview(bytes(eight(7) + eight(0)))[:8],
                     memoryview(bytearray(range(16)))[::2]):
            queue.write(data)
            read, _, cursor = queue.read(cursor)
            self.assertEqual(read, bytes(data))

    def test_buffers_that_are_not_contiguous(self):
        """Written whole, in the order in which they are iterated over, also when it takes several attempts."""
        every_other = memoryview(array.array("Q", range(24)))[::2]
        expected = list(range(0, 24, 2))
        for write in (lambda queue: queue.write_batch(every_other, timeout=5),
                      lambda queue: queue.write_batch(every_other, [2] * 6, timeout=5),
                      lambda queue: asyncio.run(queue.send_batch(every_other, timeout=5)),
                      lambda queue: asyncio.run(queue.send_batch(every_other, [2] * 6, timeout=5))):
            queue = self.queue(capacity=4, lossless=True)
            reader, seen = queue.reader(registered=True), []

            def read():
                while len(seen) < len(expected):
                    seen.extend(numbers(reader.read(5)))
            thread = threading.Thread(target=read, daemon=True)
            thread.start()
            write(queue)
            thread.join(5)
            self.assertEqual(seen, expected)
        queue = self.queue()
        queue.write(every_other)
        asyncio.run(queue.send(every_other))
        self.assertEqual(numbers(queue.read(0)[0]), expected)

    def test_what_is_no_buffer_or_no_whole_record_is_refused(self):
        queue = self.queue()
        for data in ("text", 7, None, [1]):
            self.assertRaises(TypeError, queue.write, data)
        for data in (b"", bytes(7), bytes(9)):
            self.assertRaises(ValueError, queue.write, data)
        self.assertRaises(slickq.TooLargeError, queue.write, bytes(8 * 17))
        self.assertRaises(ValueError, queue.write_batch, bytes(9))
        self.assertEqual(queue.next_index(), 0)

    def test_counts_beyond_32_bits_are_not_cut_off(self):
        queue = self.queue()
        for count in (0, -1, 17, 2**32 + 1, -2**32 + 1, 2**64 + 1):
            self.assertRaises(ValueError, queue.reserve, count)
            self.assertRaises(ValueError, queue.publish, 0, count)
        self.assertRaises(ValueError, self.queue, capacity=2**32 + 16)
        self.assertRaises(ValueError, self.queue, capacity=-16)
        self.assertRaises(ValueError, queue.write_batch, bytes(16), [2**32 + 1, 1])

    def test_indices_beyond_32_bits(self):
        queue = self.queue(capacity=1 << 20, element_size=1)
        for _ in range(4097):
            last = queue.reserve(1 << 20)
        self.assertGreater(last, 2**32 - 1)
        queue.publish(last, 3)
        self.assertEqual(queue.read(last)[1:], (3, last + 3))
        self.assertEqual(queue.read_record(last)[0].index, last)

    def test_batch_of_single_elements(self):
        queue = self.queue()
        self.assertEqual(queue.write_batch(b"".join(map(eight, range(10)))), 10)
        self.assertEqual(queue.write_batch(array.array("Q", range(10, 14))), 4)
        self.assertEqual(queue.write_batch(b""), 0)
        self.assertEqual([numbers(view.data) for view in queue.read_view_batch(0, 99)[0]], [[n] for n in range(14)])

    def test_batch_of_records_of_several_lengths(self):
        queue = self.queue()
        self.assertEqual(queue.write_batch(bytes(48), [1, 3, 2]), 3)
        self.assertEqual(queue.write_many([bytes(8), bytes(24)]), 2)
        views, cursor = queue.read_view_batch(0, 99)
        self.assertEqual([(view.index, view.count) for view in views], [(0, 1), (1, 3), (4, 2), (6, 1), (7, 3)])
        self.assertEqual(cursor, 10)
        for counts in ([1], [1, 3, 3], [0, 4, 2], [7, -1]):
            self.assertRaises(ValueError, queue.write_batch, bytes(48), counts)
        self.assertRaises(ValueError, queue.write_many, [bytes(8), bytes(7), bytes(9)])

    def test_large_copies(self):
        queue = self.queue(capacity=4, element_size=1 << 20)
        data = bytes(range(256)) * 4096
        queue.write(data)
        queue.write_batch(data * 2)
        cursor = 0
        for _ in range(3):
            read, _, cursor = queue.read(cursor)
            self.assertEqual(read, data)

    def test_a_late_publish_is_refused(self):
        queue = self.queue(capacity=2)
        index = queue.reserve()
        queue.write_batch(bytes(32))
        with self.assertRaises(slickq.StaleError) as caught:
            queue.publish(index)
        self.assertEqual(caught.exception.status, slickq.Status.E_STALE)
        self.assertRaises(slickq.NotReservedError, queue.publish, 77)


class Consuming(Case):
    def test_read_goes_on_behind_each_record(self):
        queue, cursor, seen = self.queue(), 0, []
        queue.write_many([eight(1), eight(2) + eight(3), eight(4)])
        while True:
            data, count, cursor = queue.read(cursor)
            if data is None:
                break
            seen.append((numbers(data), count, cursor))
        self.assertEqual(seen, [([1], 1, 1), ([2, 3], 2, 3), ([4], 1, 4)])
        self.assertEqual((count, cursor), (0, 4))

    def test_read_record_has_the_index(self):
        queue = self.queue(items_per_slot=4)
        queue.write(bytes(8))
        queue.write(bytes(40))
        first, cursor = queue.read_record(0)
        second, cursor = queue.read_record(cursor)
        self.assertEqual([(r.index, r.count) for r in (first, second)], [(0, 1), (4, 5)])
        self.assertEqual(queue.read_record(cursor), (None, 12))

    def test_a_lapped_read_is_counted(self):
        queue = self.queue(capacity=4)
        queue.write_batch(b"".join(map(eight, range(9))))
        self.assertEqual(queue.read(0), (eight(8), 1, 9))
        self.assertEqual(queue.loss_count(), 8)

    def test_views_are_checked_after_use(self):
        queue = self.queue(capacity=4)
        queue.write(eight(1))
        view, cursor = queue.read_view(0)
        self.assertEqual((numbers(view.data), view.index, view.count, view.lost, cursor), ([1], 0, 1, 0, 1))
        self.assertTrue(view.data.readonly)
        self.assertTrue(queue.validate(0))
        queue.write_batch(bytes(32))
        self.assertFalse(queue.validate(0))
        self.assertEqual(queue.read_view(5), (None, 5))

    def test_read_last(self):
        queue = self.queue()
        self.assertEqual(queue.read_last(), (None, 0))
        queue.write_many([eight(1), eight(2) + eight(3)])
        self.assertEqual(queue.read_last(), (eight(2) + eight(3), 2))
        self.assertEqual(queue.read_last_record(), slickq.Record(eight(2) + eight(3), 1, 2))
        with self.assertRaises(RuntimeError):
            self.queue(layout=Layout.SLQ0).read_last()

    def test_read_last_ends_where_a_late_producer_has_written(self):
        """In another process, as a loop that never ends would be here too."""
        said = self.run_code("""
            import slickq
            queue = slickq.Queue(capacity=4, element_size=8)
            index = queue.reserve()
            for number in range(4):  # the last one lies where that was reserved
                queue.write(number.to_bytes(8, "little"))
            try:
                queue.publish(index)
            except slickq.StaleError:
                print("stale", queue.read_last(), queue.read_last_record())
            queue.write(bytes(8))
            print(queue.read_last_record().index)
        """)
        self.assertEqual(said, "stale (None, 0) None\n5\n")

    def test_start(self):
        queue = self.queue(capacity=4)
        queue.write_batch(bytes(8 * 6))
        self.assertEqual([queue.start(start) for start in (Start.NOW, Start.OLDEST, Start.NEWEST)], [6, 2, 5])

    def test_reset(self):
        queue = self.queue()
        queue.write(bytes(8))
        queue.reset()
        self.assertEqual((queue.next_index(), queue.read(0)), (0, (None, 0, 0)))
        self.assertEqual(queue.epoch(), slickq.Epoch(resets=1, reserved_before=1, is_resetting=False))

    def test_a_broken_slot_is_told_with_the_way_on(self):
        queue = self.queue(self.name())
        queue.write(eight(1))
        queue.write(eight(2))
        with open("/dev/shm/" + queue.name, "r+b") as segment:
            segment.seek(64 + 8)
            segment.write((1000).to_bytes(4, "little"))
        with self.assertRaises(slickq.CorruptError) as caught:
            queue.read(0)
        self.assertEqual(caught.exception.cursor, 2)  # no further than what is reserved


class Life(Case):
    def test_what_it_is(self):
        queue = self.queue(self.name(), capacity=32, items_per_slot=4, permissions=0o600)
        self.assertEqual((queue.capacity, len(queue), queue.element_size, queue.items_per_slot, queue.slot_count,
                          queue.layout, queue.is_creator), (32, 32, 8, 4, 8, Layout.SLQ3, True))
        again = slickq.Queue("/" + queue.name, read_only=True)
        self.addCleanup(again.close)
        self.assertEqual((again.capacity, again.is_creator, again.is_read_only, again.name), (32, False, True, queue.name))
        self.assertTrue(again[0].readonly)
        self.assertRaises(slickq.ReadOnlyError, again.write, bytes(8))

    def test_flags(self):
        queue = self.queue(single_producer=True, prefault=True, huge_pages=True)
        self.assertEqual((queue.is_single_producer, queue.is_lossless, queue.is_read_only), (True, False, False))
        self.assertFalse(queue.is_prompt_producer)
        self.assertTrue(self.queue(lossless=True).is_lossless)
        self.assertIn(self.queue(lock_memory=True).is_locked, (True, False))
        self.assertIn(self.queue(hugetlb=True).has_huge_pages, (True, False))

    def test_a_prompt_producer_is_refused_when_it_is_late(self):
        queue = self.queue(prompt_producer=True)
        self.assertTrue(queue.is_prompt_producer)
        late = queue.reserve()
        queue.write_batch(bytes(8 * queue.capacity))
        self.assertRaises(slickq.StaleError, queue.publish, late)

    def test_numbers_do_not_wrap(self):
        queue, cursor = self.queue(), slickq.AtomicCursor(bytearray(8))
        consumer = queue.register()
        queue.write(bytes(8))
        for number in (-1, 2**64, 2**64 + 1, -2**64):
            for call in (lambda: queue.read(number), lambda: queue.read_record(number), lambda: queue.read_view(number),
                         lambda: queue.read_view_batch(number, 1), lambda: queue.read_view_batch(0, number),
                         lambda: queue.publish(number), lambda: queue.publish(0, number), lambda: queue.reserve(number),
                         lambda: queue.validate(number), lambda: queue.wait(number, 0), lambda: queue[number],
                         lambda: queue.elements(number, 1), lambda: queue.evict(number), lambda: queue.register(number),
                         lambda: queue.reader(start_index=number), lambda: queue.reader(number),
                         lambda: queue.reader(after_lap=number), lambda: queue.reader(slack=number),
                         lambda: queue.reader(batch=number), lambda: queue.worker("g", number), lambda: queue.start(number),
                         lambda: queue.worker("g", 2, start=number), lambda: consumer.acknowledge(number),
                         lambda: cursor.store(number), lambda: cursor.compare_exchange_weak(number, 0),
                         lambda: cursor.compare_exchange_weak(0, number), lambda: slickq.Queue(capacity=number, element_size=8),
                         lambda: slickq.Queue(capacity=16, element_size=number), lambda: self.queue(layout=number),
                         lambda: self.queue(items_per_slot=number), lambda: self.queue(self.name(), permissions=number),
                         lambda: slickq.SharedCursor(self.name(), number), lambda: queue.write_batch(bytes(8), [number]),
                         lambda: slickq.SharedCursor(self.name(), permissions=number),
                         lambda: slickq.inspect(queue.name or "q", number)):
                self.assertRaises((ValueError, OverflowError), call)
        self.assertRaises(ValueError, queue.register, 2**64 - 1)  # the library's word for "from now on"
        self.assertEqual((cursor.load(), queue.next_index()), (0, 1))
        for number in (1.5, "1", None):
            self.assertRaises(TypeError, cursor.store, number)
            self.assertRaises(TypeError, queue.validate, number)
            self.assertRaises(TypeError, queue.publish, number)
        for number in (1.0, 1.5, "1", None):
            for call in (queue.reserve, queue.read, queue.read_view, queue.read_record, queue.__getitem__,
                         consumer.acknowledge, lambda number: queue.publish(0, number),
                         lambda number: queue.wait(number, 0), lambda number: queue.elements(number, 1),
                         lambda number: queue.elements(0, number),
                         lambda number: queue.write_batch(bytes(8), [number]),
                         lambda number: queue.read_view_batch(number, 1)):
                self.assertRaises(TypeError, call, number)
        self.assertEqual(queue.next_index(), 1)

    def test_integers_of_other_types(self):
        """NumPy's, say: all that have __index__()."""
        class Number:
            def __init__(self, value):
                self.value = value

            def __index__(self):
                return self.value

        queue, consumer = self.queue(), self.queue().register()
        self.assertEqual(queue.reserve(Number(2)), 0)
        queue[Number(0)][:], queue.elements(Number(1), Number(1))[:] = eight(1), eight(2)
        queue.publish(Number(0), Number(2))
        self.assertEqual(queue.write_batch(eight(3), [Number(1)]), 1)
        self.assertEqual(queue.read(Number(0)), (eight(1) + eight(2), 2, 2))
        self.assertEqual(queue.read_record(Number(2))[0].index, 2)
        self.assertEqual((queue.read_view(Number(0))[1], queue.read_view_batch(Number(0), Number(1))[1]), (2, 2))
        self.assertTrue(queue.wait(Number(0), 0) and queue.validate(Number(0)) and consumer.acknowledge(Number(0)))
        self.assertEqual(numbers(queue.reader(start_index=Number(2)).read_batch(Number(1)).data), [3])

    def test_a_second_producer_is_noticed(self):
        queue = self.queue(self.name(), single_producer=True)
        queue.write(bytes(8))
        other = self.queue(queue.name)
        other.write(bytes(8))
        self.assertRaises(slickq.SecondProducerError, queue.write, bytes(8))

    def test_after_close_everything_is_refused(self):
        queue = self.queue()
        cursor, reader, worker = slickq.AtomicCursor(bytearray(8)), queue.reader(), queue.worker("g", 2)
        queue.close()
        queue.close()
        self.assertTrue(queue.is_closed)
        for call in (queue.reserve, queue.next_index, queue.reset, queue.reader, queue.cancel,
                     queue.read_last, queue.start, queue.consumers, queue.groups, queue.register, queue.name_state,
                     lambda: queue.publish(0), lambda: queue.write(bytes(8)), lambda: queue.write_batch(bytes(16)),
                     lambda: queue.read(0), lambda: queue.read(cursor), lambda: queue[0], lambda: queue.elements(0, 2),
                     lambda: queue.wait(0, 0), lambda: queue.worker("g"), lambda: queue.read_view(0)):
            self.assertRaises(slickq.ClosedError, call)
        self.assertEqual(queue.loss_count(), 0)
        self.assertIsNone(reader.read())  # these keep the queue mapped for themselves
        self.assertIsNone(worker.read())
        for one in (reader, worker):
            one.close()
            one.close()
            self.assertRaises(slickq.ClosedError, one.read)

    def test_counts_outlive_queue_and_reader(self):
        with self.queue() as queue, queue.reader(Start.OLDEST) as reader:
            queue.write_batch(bytes(8 * 40))
            while reader.read() is not None:
                pass
            queue.read(0)
            self.assertGreater(queue.loss_count(), 0)
            counted = queue.loss_count(), reader.losses, reader.info
        self.assertEqual((queue.loss_count(), reader.losses, reader.info), counted)

    def test_it_is_no_sequence(self):
        queue = self.queue()
        queue.write(bytes(8))
        with self.assertRaisesRegex(TypeError, "queue.reader()"):
            for _ in queue:
                self.fail("a queue's places are no records")
        self.assertRaises(TypeError, reversed, queue)
        self.assertRaises(TypeError, lambda: bytes(8) in queue)
        self.assertRaises(TypeError, list, queue)

    def test_copies(self):
        """A copy of a named queue is another object over the same segment; a local one has no name to open."""
        local, named = self.queue(), self.queue(self.name(), lossless=True)
        for make in (copy.copy, copy.deepcopy):
            self.assertRaisesRegex(TypeError, "local queue", make, local)
            other = make(named)
            self.assertTrue(other.is_lossless)
            other.close()
            del other
            gc.collect()
        local.write(bytes(8))
        named.write(bytes(8))
        for one in (slickq.AtomicCursor(bytearray(8)), local.register()):
            self.assertRaises(TypeError, copy.copy, one)

    def test_views_outlive_the_queue(self):
        name = self.name()
        queue = self.queue(name)
        queue.write(eight(5))
        element, (view, _) = queue[0], queue.read_view(0)
        mapping = mapping_of(name)
        self.assertIn(mapping, maps())
        queue.close()
        element[:1] = b"\x06"
        self.assertEqual(numbers(view.data), [6])
        del element, view
        gc.collect()
        self.assertNotIn(mapping, maps())

    def test_a_forgotten_queue_is_unmapped(self):
        name = self.name()
        queue = slickq.Queue(name, capacity=16, element_size=8)
        reader, worker = queue.reader(), queue.worker("g", slickq.GroupMode.AT_LEAST_ONCE)
        mapping = mapping_of(name)
        self.assertIn(mapping, maps())
        del queue, reader, worker
        gc.collect()
        self.assertNotIn(mapping, maps())

    def test_with(self):
        with slickq.Queue(capacity=2, element_size=1) as queue:
            self.assertIn("capacity=2", repr(queue))
        self.assertIn("closed", repr(queue))


class Errors(Case):
    def test_kinds(self):
        name = self.name()
        queue = self.queue(name)
        for kind, also, call in (
                (slickq.NotFoundError, FileNotFoundError, lambda: slickq.Queue(self.name())),
                (slickq.ExistsError, FileExistsError,
                 lambda: slickq.Queue(name, capacity=16, element_size=8, exclusive=True)),
                (slickq.MismatchError, ValueError, lambda: slickq.Queue(name, element_size=4)),
                (slickq.MismatchError, RuntimeError, lambda: slickq.Queue(name, capacity=32, element_size=8)),
                (slickq.ArgumentError, ValueError, lambda: slickq.Queue(capacity=3, element_size=8)),
                (slickq.ArgumentError, ValueError, lambda: slickq.Queue("a/b", capacity=2, element_size=8)),
                (slickq.ArgumentError, ValueError, lambda: slickq.Queue("a\0b", capacity=2, element_size=8)),
                (slickq.OutOfMemoryError, MemoryError, lambda: slickq.Queue(capacity=1 << 31, element_size=1 << 31)),
                (slickq.NotFoundError, FileNotFoundError, lambda: slickq.remove(self.name())),
                (slickq.NoConsumerError, LookupError, lambda: queue.evict(12345)),
                (slickq.UnsupportedError, NotImplementedError, self.queue().name_state)):
            with self.subTest(kind=kind.__name__), self.assertRaises(kind) as caught:
                call()
            self.assertIsInstance(caught.exception, also)
            self.assertIsInstance(caught.exception, slickq.Error)
            self.assertTrue(str(caught.exception))
            self.assertLess(caught.exception.status, 0)

    def test_the_message_has_both_sides(self):
        queue = self.queue(self.name())
        with self.assertRaisesRegex(slickq.MismatchError, "(?s)8.*4|4.*8"):
            slickq.Queue(queue.name, element_size=4)

    def test_errno_and_pickling(self):
        with self.assertRaises(slickq.NotFoundError) as caught:
            slickq.Queue(self.name())
        copy = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(copy), str(copy), copy.status, copy.os_error),
                         (slickq.NotFoundError, str(caught.exception), slickq.Status.E_NOT_FOUND,
                          caught.exception.os_error))

    def test_every_status_of_the_header_has_a_name(self):
        for status in slickq.Status:
            self.assertEqual("SLICKQ_" + status.name, self.status_name(status))

    @staticmethod
    def status_name(status):
        import ctypes
        from slickq._library import patient
        function = patient["slickq_status_name"]
        function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_int]
        return function(status).decode()


class Threads(Case):
    def test_producers_and_consumers_share_one_object(self):
        """Each thread has its own scratch memory: a mixed-up one would repeat or lose records."""
        producers, records = 4, 3000
        queue, cursor = self.queue(capacity=1 << 14), slickq.AtomicCursor(bytearray(8))
        claimed, seen, produced = [[] for _ in range(3)], [[] for _ in range(2)], threading.Event()

        def produce(writer):
            for number in range(records):
                if number % 2:
                    queue.write(eight(writer << 32 | number))
                else:
                    index = queue.reserve()
                    queue[index][:] = eight(writer << 32 | number)
                    queue.publish(index)

        def consume(mine, claim):
            position = 0
            while True:
                done = produced.is_set()
                if claim:
                    data = queue.read(cursor)[0]
                else:
                    data, _, position = queue.read(position)
                if data is not None:
                    mine.append(int.from_bytes(data, "little"))
                elif done:
                    return

        makers = [threading.Thread(target=produce, args=(writer,)) for writer in range(producers)]
        takers = ([threading.Thread(target=consume, args=(mine, True)) for mine in claimed]
                  + [threading.Thread(target=consume, args=(mine, False)) for mine in seen])
        for thread in takers + makers:
            thread.start()
        for thread in makers:
            thread.join()
        produced.set()
        for thread in takers:
            thread.join()

        expected = sorted(writer << 32 | number for writer in range(producers) for number in range(records))
        self.assertEqual(sorted(sum(claimed, [])), expected)
        for mine in seen:
            self.assertEqual(sorted(mine), expected)
        self.assertEqual(queue.loss_count(), 0)


if __name__ == "__main__":
    unittest.main()
