"""Readers: what they hand out, what they account for, batches."""
import array
import gc
import os
import time
import unittest

import slickq
from slickq import AfterLap, Losses, Outcome, Record, Start, Status
from support import Case, eight, numbers


class Reading(Case):
    def test_one_by_one(self):
        queue = self.queue()
        reader = queue.reader()
        self.assertIsNone(reader.read())
        queue.write_many([eight(1), eight(2) + eight(3)])
        self.assertEqual([reader.read(), reader.read(), reader.read()], [eight(1), eight(2) + eight(3), None])

    def test_iterating(self):
        queue = self.queue()
        reader = queue.reader(Start.OLDEST)
        queue.write_batch(b"".join(map(eight, range(10))))
        self.assertEqual([numbers(data) for data in reader.iterate(0)], [[number] for number in range(10)])

    def test_breaking_off_an_iteration_loses_nothing(self):
        queue = self.queue()
        reader = queue.reader(Start.OLDEST)
        queue.write_batch(b"".join(map(eight, range(10))))
        seen = []
        for data in reader:
            seen += numbers(data)
            if len(seen) == 3:
                break
        seen += numbers(reader.read())
        seen += numbers(reader.read_batch(2).data)
        self.assertEqual(reader.poll(), Record(eight(6), 6, 1))
        buffer = bytearray(16)
        self.assertEqual(reader.read_into(buffer), 16)
        self.assertEqual(numbers(buffer), [7, 8])
        seen += [6, 7, 8] + [number for data in reader.iterate(0) for number in numbers(data)]
        self.assertEqual(seen, list(range(10)))

    def test_where_it_starts(self):
        queue = self.queue(capacity=4)
        queue.write_batch(b"".join(map(eight, range(6))))
        for options, first in ((dict(start=Start.OLDEST), 2), (dict(start=Start.NEWEST), 5), (dict(start_index=4), 4)):
            self.assertEqual(numbers(queue.reader(**options).read()), [first])
        self.assertIsNone(queue.reader().read())
        self.assertRaises(ValueError, queue.reader, start_index=9)
        self.assertRaises(ValueError, queue.reader, batch=-1)
        self.assertRaises(ValueError, queue.reader, batch=2**32)
        for limit in (-1, 2**32):
            self.assertRaises(ValueError, queue.reader().read_batch, limit)

    def test_poll_says_why_there_is_nothing(self):
        queue = self.queue()
        reader = queue.reader()
        self.assertEqual(reader.poll(), Outcome(Status.EMPTY, 0, 0))
        index = queue.reserve()
        self.assertEqual(reader.poll(), Outcome(Status.PENDING, 0, 0))
        self.assertGreaterEqual(reader.info.pending, 0)
        self.assertEqual(reader.poll(0.01).status, Status.TIMED_OUT)
        queue.publish(index)
        self.assertEqual(reader.poll(), Record(bytes(8), 0, 1))

    def test_more_records_than_are_split_at_once(self):
        queue = self.queue(capacity=256)
        reader = queue.reader(batch=200)
        queue.write_batch(b"".join(map(eight, range(200))))
        self.assertEqual([numbers(data) for data in reader.iterate(0)], [[number] for number in range(200)])


class Losing(Case):
    def told(self, queue, **options):
        losses = []
        return queue.reader(on_loss=losses.append, **options), losses

    def test_lapped(self):
        queue = self.queue(capacity=8)
        reader, losses = self.told(queue)
        queue.write_batch(b"".join(map(eight, range(20))))
        self.assertEqual(numbers(reader.read()), [13])  # an eighth of the capacity from being overwritten
        self.assertEqual(losses, [Outcome(Status.LAPPED, 13, 13)])
        self.assertEqual(reader.losses, Losses(13, 0, 0, 0))

    def test_lapped_and_on_with_the_newest(self):
        queue = self.queue(capacity=8)
        reader = queue.reader(after_lap=AfterLap.NEWEST)
        queue.write_batch(b"".join(map(eight, range(20))))
        self.assertEqual(numbers(reader.read()), [19])

    def test_hole(self):
        queue = self.queue()
        reader, losses = self.told(queue, stall=0.02)
        queue.reserve(2)
        queue.write(eight(7))
        self.assertEqual(numbers(reader.read(5)), [7])
        self.assertEqual([loss.status for loss in losses], [Status.GAP])
        self.assertEqual(reader.losses, Losses(0, 2, 0, 0))

    def test_reset(self):
        queue = self.queue()
        reader, losses = self.told(queue)
        queue.write_batch(bytes(24))
        queue.reset()
        queue.write(eight(1))
        self.assertEqual(numbers(reader.read()), [1])
        self.assertEqual(losses, [Outcome(Status.RESET, 0, 3)])
        self.assertEqual((reader.losses, reader.info.resets), (Losses(0, 0, 0, 3), 1))

    def test_torn(self):
        queue = self.queue(self.name())
        reader = queue.reader()
        queue.write_batch(bytes(8 * 16))
        with open("/dev/shm/" + queue.name, "r+b") as segment:
            segment.seek(64 + 8)
            segment.write((1000).to_bytes(4, "little"))
        self.assertRaises(slickq.CorruptError, reader.read)
        self.assertIsNone(reader.read())
        self.assertEqual(reader.losses, Losses(0, 0, 16, 0))

    def test_an_exception_of_on_loss_surfaces_and_loses_nothing_more(self):
        queue = self.queue(capacity=8)

        def refuse(loss):
            raise LookupError(loss)
        reader = queue.reader(on_loss=refuse)
        queue.write_batch(b"".join(map(eight, range(20))))
        self.assertRaises(LookupError, reader.read)
        self.assertEqual(numbers(reader.read()), [13])

    def test_received_and_lost_add_up(self):
        queue = self.queue(capacity=8)
        reader = queue.reader()
        for size in (3, 20, 1, 9, 40):
            queue.write_batch(bytes(8 * size))
            while reader.read() is not None:
                pass
        info = reader.info
        self.assertEqual(info.received_elements + sum(info.losses), 73)
        self.assertEqual((info.cursor, info.lag), (73, 0))


class Batches(Case):
    def fill(self, **options):
        queue = self.queue()
        queue.write_many([eight(1), eight(2) + eight(3), eight(4)])
        return queue.reader(Start.OLDEST, **options)

    def test_batch(self):
        reader = self.fill()
        batch = reader.read_batch()
        self.assertEqual(batch.entries, [(0, 1), (1, 2), (3, 1)])
        self.assertEqual((len(batch), numbers(batch.data)), (3, [1, 2, 3, 4]))
        self.assertEqual([numbers(data) for data in batch], [[1], [2, 3], [4]])
        self.assertEqual(list(batch.records())[1], Record(eight(2) + eight(3), 1, 2))
        self.assertIsNone(reader.read_batch())

    def test_limit(self):
        reader = self.fill()
        self.assertEqual([reader.read_batch(2).entries, reader.read_batch(2).entries], [[(0, 1), (1, 2)], [(3, 1)]])

    def test_rest_of_what_was_read_ahead(self):
        reader = self.fill()
        self.assertEqual(numbers(reader.read()), [1])
        self.assertEqual(reader.poll_batch(1).entries, [(1, 2)])
        batch = reader.read_batch()
        self.assertEqual((batch.entries, numbers(batch.data)), ([(3, 1)], [4]))
        self.assertEqual(reader.poll_batch().status, Status.EMPTY)

    def test_what_was_handed_out_stays_as_it_is(self):
        queue = self.queue()
        reader = queue.reader()
        queue.write(eight(1))
        batch = reader.read_batch()
        queue.write(eight(2))
        reader.read_batch()
        reader.close()
        self.assertEqual(numbers(batch.data), [1])

    def test_into_the_callers_memory(self):
        for buffer in (bytearray(48), array.array("Q", bytes(48)), memoryview(bytearray(48))):
            reader = self.fill()
            self.assertEqual(reader.read_into(buffer), 32)
            self.assertEqual(numbers(bytes(buffer)), [1, 2, 3, 4, 0, 0])
            self.assertEqual(reader.read_into(buffer), 0)

    def test_into_memory_that_has_no_room_for_all(self):
        reader, buffer = self.fill(), bytearray(16)
        read = []
        for _ in range(3):
            length = reader.read_into(buffer)
            read.append(numbers(buffer[:length]))
        self.assertEqual(read, [[1], [2, 3], [4]])

    def test_into_memory_that_is_too_small(self):
        reader = self.fill()
        reader.read()
        self.assertRaises(slickq.BufferTooSmallError, reader.read_into, bytearray(8))
        self.assertRaises(TypeError, reader.read_into, bytes(64))
        self.assertEqual(numbers(reader.read()), [2, 3])
        self.assertRaises(slickq.BufferTooSmallError, reader.read_into, bytearray(7))
        self.assertEqual(numbers(reader.read()), [4])


class Life(Case):
    def test_the_queue_may_go_first(self):
        queue = self.queue()
        reader = queue.reader()
        queue.write(eight(1))
        queue.close()
        del queue
        gc.collect()
        self.assertEqual(numbers(reader.read()), [1])

    def test_iterating_a_closed_reader_ends(self):
        reader = self.queue().reader()
        reader.close()
        self.assertEqual(list(reader), [])
        self.assertRaises(slickq.ClosedError, reader.read)

    def test_closed_in_the_middle_of_an_iteration(self):
        queue = self.queue()
        reader, seen = queue.reader(Start.OLDEST), 0
        queue.write_batch(bytes(40))
        for _ in reader:
            seen += 1
            reader.close()
        self.assertLessEqual(seen, 5)

    def test_fork(self):
        """Both go on by themselves; a registered reader stays the parent's."""
        queue = self.queue(self.name())
        reader, registered = queue.reader(), queue.reader(registered=True)
        queue.write(eight(1))
        child = os.fork()
        if child == 0:
            try:
                assert numbers(reader.read()) == [1]
                try:
                    list(registered)
                except slickq.ClosedError:
                    queue.write(eight(2))
                    os._exit(0)
            finally:
                os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        for one in (reader, registered):
            self.assertEqual([numbers(one.read()), numbers(one.read())], [[1], [2]])

    def test_descriptor(self):
        import select
        queue = self.queue()
        reader = queue.reader()
        descriptor = reader.descriptor()
        select.select([descriptor], [], [], 5)
        self.assertIsNone(reader.read())
        time.sleep(0.01)
        queue.write(eight(3))
        self.assertEqual(select.select([descriptor], [], [], 5)[0], [descriptor])
        self.assertEqual(numbers(reader.read()), [3])


if __name__ == "__main__":
    unittest.main()
