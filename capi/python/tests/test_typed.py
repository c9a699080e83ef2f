"""Queues of structs and of NumPy arrays."""
import struct
import unittest

import slickq
from slickq import GroupMode, Start
from support import Case, maps

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
        queue.close()
        place += 1  # still mapped
        del place
        self.assertNotIn(name, maps())

    def test_what_means_nothing_elsewhere_is_refused(self):
        self.assertRaises(ValueError, slickq.ArrayQueue, object, capacity=16)


if __name__ == "__main__":
    unittest.main()
