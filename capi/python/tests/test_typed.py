"""Queues of structs and of NumPy arrays."""
import struct
import unittest

import slickq
from slickq import GroupMode, Start
from support import Case, mapping_of, maps

try:
    import numpy
except ImportError:
    numpy = None


class Structs(Case):
    def test_rows(self):
        queue = slickq.StructQueue("<qd4s", capacity=16)
        self.addCleanup(queue.close)
        reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        self.assertEqual(queue.element_size, 20)
        self.assertEqual(queue.put(1, 2.5, b"abcd"), 0)
        self.assertEqual(queue.put_many((n, n / 2, b"wxyz") for n in range(3)), 3)
        expected = [(1, 2.5, b"abcd")] + [(n, n / 2, b"wxyz") for n in range(3)]
        self.assertEqual(list(reader.iterate(0)), expected)
        self.assertEqual(list(worker.iterate(0)), expected)
        self.assertRaises(struct.error, queue.put, 1)

    def test_records_of_several(self):
        queue = slickq.StructQueue("<q", capacity=16)
        self.addCleanup(queue.close)
        queue.write_many([struct.pack("<q", 1), struct.pack("<qq", 2, 3)])
        self.assertEqual(list(queue.reader(Start.OLDEST).iterate(0)), [(1,), ((2,), (3,))])

    def test_everything_is_decoded(self):
        queue = slickq.StructQueue("<q", capacity=16)
        self.addCleanup(queue.close)
        queue.write_many([struct.pack("<q", 1), struct.pack("<qq", 2, 3)])
        one, two, cursor = (1,), ((2,), (3,)), slickq.AtomicCursor(bytearray(8))
        self.assertEqual([queue.read(0), queue.read(1), queue.read(3)], [(one, 1, 1), (two, 2, 3), (None, 0, 3)])
        self.assertEqual([queue.read(cursor), queue.read(cursor)], [(one, 1, 0), (two, 2, 1)])
        self.assertEqual((queue.read_last(), queue.read_last_record().value, queue.read_record(1)[0].value), ((two, 2), two, two))
        self.assertEqual(list(queue.reader(Start.OLDEST).read_batch()), [one, two])
        for kind in (lambda: queue.reader(Start.OLDEST), lambda: queue.worker("g", GroupMode.AT_LEAST_ONCE, start=Start.OLDEST)):
            consumer = kind()
            said = consumer.poll()
            self.assertEqual((said.value, said.data), (one, struct.pack("<q", 1)))
            self.assertEqual(consumer.read(), two)
        self.assertEqual([record.value for record in queue.reader(Start.OLDEST).poll_batch().records()], [one, two])

    def test_keywords_are_known(self):
        for make in (lambda: slickq.StructQueue("<q", capacity=4, losless=True), lambda: slickq.Queue(capcity=4),
                     lambda: slickq.StructQueue("<q", capacity=4, element_size=8), lambda: slickq.SharedCursor("x", exclusive=True)):
            self.assertRaises(TypeError, make)

    def test_what_does_not_fit(self):
        queue = slickq.StructQueue("<qB", capacity=4)
        self.addCleanup(queue.close)
        for row in ((2**63, 0), (-2**63 - 1, 0), (0, 256), (0, -1)):
            self.assertRaises((struct.error, OverflowError, ValueError), queue.put, *row)
            self.assertRaises((struct.error, OverflowError, ValueError), queue.put_many, [(0, 0), row])
        self.assertEqual(queue.next_index(), 0)

    def test_options_reach_the_queue(self):
        name = self.name()
        queue = slickq.StructQueue("<q", name, capacity=16, lossless=True)
        self.addCleanup(queue.close)
        self.assertTrue(queue.is_lossless)
        self.assertRaises(slickq.MismatchError, slickq.StructQueue, "<i", name)


@unittest.skipUnless(numpy, "needs NumPy")
class Arrays(Case):
    TICK = [("price", "<f8"), ("volume", "<u4"), ("side", "S4")]

    def arrays(self, dtype="<f8", **options):
        queue = slickq.ArrayQueue(dtype, capacity=256, **options)
        self.addCleanup(queue.close)
        return queue

    def test_one_record_of_many_items(self):
        queue = self.arrays()
        reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        sent = numpy.arange(10.0)
        queue.put(sent)
        queue.put(sent[::2])  # not contiguous
        queue.put([1, 2])
        for consumer in (reader, worker):
            received = list(consumer.iterate(0))
            for one, other in zip(received, (sent, sent[::2], [1.0, 2.0])):
                numpy.testing.assert_array_equal(one, other)
            self.assertEqual([one.dtype for one in received], [queue.dtype] * 3)

    def test_many_records_of_one_item(self):
        queue = self.arrays(self.TICK)
        reader = queue.reader()
        sent = numpy.zeros(100, self.TICK)
        sent["price"], sent["side"] = numpy.arange(100), b"buy"
        self.assertEqual(queue.put_many(sent), 100)
        numpy.testing.assert_array_equal(numpy.concatenate(list(reader.iterate(0))), sent)
        queue.put_many(sent)
        received = numpy.zeros(100, self.TICK)
        self.assertEqual(reader.read_into(received[:60]) + reader.read_into(received[60:]), sent.nbytes - 36 * 16)
        self.assertEqual(reader.read_into(received[64:]), 36 * 16)
        numpy.testing.assert_array_equal(received, sent)

    def test_batches_without_another_copy(self):
        queue = self.arrays()
        queue.put_many(numpy.arange(5.0))
        batch = queue.reader(Start.OLDEST).read_batch()
        array = numpy.frombuffer(batch.data, "<f8")
        numpy.testing.assert_array_equal(array, numpy.arange(5.0))
        self.assertFalse(array.flags.writeable or array.flags.owndata)

    def test_read_only_arrays_can_be_written(self):
        queue = self.arrays()
        array = numpy.arange(3.0)
        array.flags.writeable = False
        self.assertEqual(queue.put_many(array), 3)
        queue.write_batch(array)
        self.assertEqual(len(list(queue.reader(Start.OLDEST).iterate(0))), 6)

    def test_filling_in_place(self):
        name = self.name()
        queue = slickq.ArrayQueue("<f8", name, capacity=16)
        index = queue.reserve(4)
        place = queue.array(index, 4)
        place[:] = [1, 2, 3, 4]
        queue.publish(index, 4)
        numpy.testing.assert_array_equal(queue.reader(Start.OLDEST).read(), [1, 2, 3, 4])
        mapping = mapping_of(name)
        queue.close()
        place += 1
        self.assertIn(mapping, maps())
        del place
        self.assertNotIn(mapping, maps())

    def test_items_that_are_arrays(self):
        """Sub-array dtypes, by themselves and in structs."""
        queue = self.arrays(("<f8", (2, 3)), items_per_slot=2)
        reader, worker = queue.reader(), queue.worker("g", GroupMode.AT_LEAST_ONCE)
        self.assertEqual((queue.element_size, queue.dtype.shape), (48, (2, 3)))
        items = numpy.arange(24.0).reshape(4, 2, 3)
        queue.put(items[0])
        queue.put(items)
        queue.put_many(items)
        queue.put(items[:, ::-1].tolist())
        expected = [items[:1], items, *(items[at:at + 1] for at in range(4)), items[:, ::-1]]
        for consumer in (reader, worker):
            received = list(consumer.iterate(0))
            self.assertEqual(len(received), len(expected))
            for one, other in zip(received, expected):
                numpy.testing.assert_array_equal(one, other)
                self.assertEqual((one.dtype, one.shape), (numpy.dtype("<f8"), other.shape))
        numpy.testing.assert_array_equal(queue.read_last()[0], expected[-1])
        numpy.testing.assert_array_equal(queue.read(2)[0], items)
        index = queue.reserve(2)
        queue.array(index, 2)[:] = items[:2]
        queue.publish(index, 2)
        numpy.testing.assert_array_equal(reader.poll().value, items[:2])
        for wrong in (1.0, [1.0] * 6, items[0].T, items[:, :, :2], items[None]):
            self.assertRaises(ValueError, queue.put, wrong)
        rows = self.arrays([("at", "<i4", (2,)), ("name", "S4")])
        rows.put([((1, 2), b"ab"), ((3, 4), b"cd")])
        row, = rows.reader(Start.OLDEST).iterate(0)
        self.assertEqual((row["at"].tolist(), row["name"].tolist()), ([[1, 2], [3, 4]], [b"ab", b"cd"]))

    def test_scalars(self):
        queue, rows = self.arrays("<i4"), self.arrays(self.TICK)
        for value in (5, numpy.int64(5), numpy.array(5), [5], numpy.array([5], ">u8")):
            queue.put(value)
        self.assertEqual([one.tolist() for one in queue.reader(Start.OLDEST).iterate(0)], [[5]] * 5)
        rows.put((1.5, 2, b"buy"))
        self.assertEqual(rows.read_last()[0].tolist(), [(1.5, 2, b"buy")])
        self.assertEqual([batch.tolist() for batch in rows.reader(Start.OLDEST).read_batch()], [[(1.5, 2, b"buy")]])

    def test_integers_do_not_wrap(self):
        for dtype, values in (("u1", (256, -1, 2**64, [1, 300], numpy.array([300]), numpy.array([-1], "i1"))),
                              ("<i8", (2**63, -2**63 - 1, numpy.array([2**63], "u8"))), ("<u8", (-1, 2**64, numpy.array([-1])))):
            queue = self.arrays(dtype)
            for value in values:
                for put in (queue.put, queue.put_many):
                    self.assertRaises((OverflowError, ValueError), put, value)
            self.assertRaises(TypeError, queue.put, 1.5)
            self.assertEqual(queue.next_index(), 0)
        most = self.arrays("<u8")
        most.put([2**64 - 1, 0])
        self.assertEqual(most.read_last()[0].tolist(), [2**64 - 1, 0])

    def test_what_means_nothing_elsewhere_is_refused(self):
        self.assertRaises(ValueError, slickq.ArrayQueue, object, capacity=16)


if __name__ == "__main__":
    unittest.main()
