"""The drop-in: each behaviour is checked with slickq, and where slick-queue-py is installed with that too, so that nobody
need believe what we say of it."""
import struct
import unittest

import slickq
from support import Case, exists, mapping_of, maps

try:
    import atomic_ops
    import slick_queue_py
except ImportError:
    slick_queue_py = None


class Lean(slickq.QueueTraits):
    enable_read_last = False


class Checking(slickq.QueueTraits):
    enable_reset_check = True


class Quiet(slickq.QueueTraits):
    enable_loss_detection = False


class Ours(Case):
    """What both do."""

    module = slickq

    def make(self, **options):
        queue = self.module.SlickQueue(**{"size": 16, "element_size": 8, **options})
        self.addCleanup(queue.close)
        return queue

    def put(self, queue, data, count=1):
        index = queue.reserve(count)
        for number in range(count):
            queue[index + number][:] = data[number * 8:number * 8 + 8]
        queue.publish(index, count)
        return index

    def test_public_names(self):
        for name in ("SlickQueue", "AtomicCursor", "QueueTraits", "default_queue_traits", "validate_traits", "__version__"):
            self.assertTrue(hasattr(self.module, name), name)
        queue = self.make(items_per_slot=2)
        self.assertEqual((queue.size, queue.mask, queue.element_size, queue.items_per_slot, queue.slot_count, queue.name,
                          queue.use_shm, queue.get_shm_name()), (16, 15, 8, 2, 8, None, False, None))
        self.assertEqual((queue.traits.enable_read_last, queue.traits.enable_reset_check), (True, False))
        shared = self.make(name="/" + self.name())
        self.assertEqual((shared.get_shm_name(), shared.use_shm), ("/" + shared.name, True))
        shared.unlink()

    def test_reading(self):
        queue = self.make()
        self.assertEqual(queue.read(0), (None, 0, 0))
        self.put(queue, b"12345678")
        self.put(queue, b"abcdefghijklmnop", 2)
        self.assertEqual(queue.read(0), (b"12345678", 1, 1))
        self.assertEqual(queue.read(1), (b"abcdefghijklmnop", 2, 3))
        self.assertEqual(queue.read(3), (None, 0, 3))
        self.assertEqual(queue.read_last(), (b"abcdefghijklmnop", 2))
        self.assertEqual(queue.initial_reading_index(), 3)

    def test_reading_through_a_shared_cursor(self):
        queue, memory = self.make(), bytearray(16)
        cursor = self.module.AtomicCursor(memory, 8)
        cursor.store(0)
        self.assertEqual(queue.read(cursor), (None, 0, -1))
        self.put(queue, b"12345678")
        self.put(queue, b"abcdefghijklmnop", 2)
        self.assertEqual(queue.read(cursor), (b"12345678", 1, 0))
        self.assertEqual(queue.read(cursor), (b"abcdefghijklmnop", 2, 1))
        self.assertEqual((queue.read(cursor), cursor.load()), ((None, 0, -1), 3))
        self.assertEqual(cursor.compare_exchange_weak(3, 9), (True, 3))
        self.assertEqual(cursor.compare_exchange_weak(3, 9), (False, 9))

    def test_a_record_does_not_straddle_the_end(self):
        queue, cursor = self.make(size=4), 0
        for records in (3, 3, 2, 1):
            index = self.put(queue, bytes([records]) * 8 * records, records)
            data, size, cursor = queue.read(cursor)
            self.assertEqual((data, size, cursor), (bytes([records]) * 8 * records, records, index + records))

    def test_items_per_slot(self):
        queue = self.make(size=256, element_size=1, items_per_slot=64)
        indices = [queue.reserve(3), queue.reserve(100), queue.reserve(1)]
        self.assertEqual(indices, [0, 64, 192])
        for index, count in zip(indices, (3, 100, 1)):
            queue.publish(index, count)
        cursor, sizes = 0, []
        for _ in range(3):
            _, size, cursor = queue.read(cursor)
            sizes.append(size)
        self.assertEqual((sizes, cursor), ([3, 100, 1], 256))

    def test_losses(self):
        for traits, expected in ((None, 16), (Quiet, 0)):
            queue = self.make(traits=traits)
            for number in range(17):
                self.put(queue, struct.pack("<Q", number))
            self.assertEqual(queue.read(0), (struct.pack("<Q", 16), 1, 17))
            self.assertEqual(queue.loss_count(), expected)
            queue.reset()
            self.assertEqual((queue.loss_count(), queue.read_last()), (0, (None, 0)))

    def test_a_cursor_from_before_a_reset(self):
        for traits, expected in ((None, None), (Checking, b"newagain")):
            queue = self.make(traits=traits)
            cell = self.module.AtomicCursor(bytearray(8))
            for _ in range(3):
                self.put(queue, bytes(8))
                queue.read(cell)
            queue.reset()
            self.put(queue, b"newagain")
            self.assertEqual([queue.read(3)[0], queue.read(cell)[0]], [expected] * 2)

    def test_traits(self):
        queue = self.make(traits=Lean)
        self.assertRaises(RuntimeError, queue.read_last)
        with self.assertRaises(AttributeError):
            queue.traits.enable_read_last = True
        with self.assertRaises(AttributeError):
            del queue.traits.enable_read_last
        self.assertEqual(queue.traits, self.make(traits=Lean).traits)
        self.assertNotEqual(queue.traits, self.make().traits)

        class Wrong(slickq.QueueTraits):
            enable_read_last = 1
        for wrong in (Wrong, object):
            self.assertRaises(TypeError, self.make, traits=wrong)
            self.assertRaises(TypeError, self.module.validate_traits, wrong)

    def test_mistakes(self):
        make, queue = self.module.SlickQueue, self.make()
        for kind, call in (
                (ValueError, lambda: make(size=3, element_size=8)),
                (ValueError, lambda: make(size=-4, element_size=8)),
                (ValueError, lambda: make(size=16)),
                (ValueError, lambda: make(element_size=8)),
                (ValueError, lambda: make(name=self.name())),
                (ValueError, lambda: make(name=self.name(), size=16)),
                (ValueError, lambda: make(size=16, element_size=8, items_per_slot=3)),
                (ValueError, lambda: make(size=16, element_size=8, items_per_slot=0)),
                (ValueError, lambda: make(size=16, element_size=8, items_per_slot=32)),
                (FileNotFoundError, lambda: make(name=self.name(), element_size=8)),
                (TypeError, lambda: make("positional")),
                (ValueError, lambda: queue.reserve(0)),
                (RuntimeError, lambda: queue.reserve(17)),
                (RuntimeError, released_cursor(self.module).load)):
            self.assertRaises(kind, call)

    def test_disagreeing_about_a_segment(self):
        make, name = self.module.SlickQueue, self.name()
        queue = self.make(name=name, items_per_slot=2)
        for kind, options in ((ValueError, dict(size=32, element_size=8, items_per_slot=2)),
                              (ValueError, dict(size=16, element_size=4, items_per_slot=2)),
                              (ValueError, dict(size=16, element_size=8)),
                              (ValueError, dict(element_size=4)),
                              (ValueError, dict(element_size=8, items_per_slot=1)),
                              (RuntimeError, dict(element_size=8, traits=Lean)),
                              (RuntimeError, dict(size=16, element_size=8, items_per_slot=2, traits=Lean))):
            self.assertRaises(kind, make, name=name, **options)
        lean = self.make(name=self.name(), traits=Lean)
        self.assertRaises(RuntimeError, make, name=lean.name, element_size=8)
        self.assertEqual(self.make(name=name, size=None).items_per_slot, 2)
        self.assertEqual(self.make(name=lean.name, size=None, traits=Lean).size, 16)
        for one in (queue, lean):
            one.unlink()

    def test_a_truncated_segment(self):
        name = self.name()
        with open("/dev/shm/" + name, "wb") as file:
            file.write(b"no queue " * 20)
        self.assertRaises(RuntimeError, self.module.SlickQueue, name=name, element_size=8)

    def test_names(self):
        make = self.module.SlickQueue
        queue = self.make(name=self.name())
        queue.close()
        self.assertTrue(exists(queue.name))
        queue.unlink()
        self.assertFalse(exists(queue.name))
        other = self.make(name=queue.name)
        queue.unlink()  # a second time: not the other one's
        self.assertTrue(exists(other.name))
        self.assertEqual([other.remove_shm(), other.remove_shm()], [True, False])
        other.unlink()
        self.assertFalse(self.make().remove_shm())
        self.make().unlink()
        with make(name=self.name(), size=2, element_size=8) as last:
            pass
        self.assertEqual([make.remove("/" + last.name), make.remove(last.name)], [True, False])


def released_cursor(module):
    cursor = module.AtomicCursor(bytearray(8))
    cursor.release()
    return cursor


if slick_queue_py:
    class Theirs(Ours):
        module = slick_queue_py


class Better(Case):
    """What slick-queue-py lists as its known issues, or does not do."""

    def test_closing_with_views_and_cursors_alive(self):
        name = self.name()
        queue = slickq.SlickQueue(name=name, size=4, element_size=8)
        view, mapping = queue[0], mapping_of(name)
        queue.close()
        view[:] = b"12345678"
        self.assertIn(mapping, maps())
        del view
        self.assertNotIn(mapping, maps())

    def test_a_late_publish_is_counted_and_moves_nothing_backwards(self):
        queue = slickq.SlickQueue(size=2, element_size=8)
        self.addCleanup(queue.close)
        late = queue.reserve()
        for _ in range(3):
            queue.publish(queue.reserve())
        queue.publish(late)
        # Nor is the record read that may be damaged, where the late one wrote: that of index 2.
        self.assertEqual((queue.stale_count, queue.read(2)[2]), (1, 4))

    def test_it_has_what_queue_has(self):
        queue = slickq.SlickQueue(size=16, element_size=8)
        self.addCleanup(queue.close)
        reader = queue.reader()
        queue.write_batch(bytes(32))
        self.assertEqual(len(list(reader.iterate(0))), 4)


@unittest.skipUnless(slick_queue_py, "needs slick-queue-py")
class Together(Case):
    """Both in one process, on one segment."""

    def test_both_ways(self):
        for one, other in ((slickq, slick_queue_py), (slick_queue_py, slickq)):
            name = self.name()
            with one.SlickQueue(name=name, size=16, element_size=8) as first, \
                    other.SlickQueue(name=name, element_size=8) as second:
                for producer, consumer in ((first, second), (second, first)):
                    cursor = consumer.initial_reading_index()
                    for number in range(40):
                        index = producer.reserve()
                        producer[index][:] = struct.pack("<Q", number)
                        producer.publish(index)
                        data, _, cursor = consumer.read(cursor)
                        self.assertEqual(data, struct.pack("<Q", number))

    def test_the_platform_question_has_the_same_shape(self):
        for module in (slickq, atomic_ops):
            supported, sentence = module.check_platform_support()
            self.assertIs(supported, True)
            self.assertIsInstance(sentence, str)


if __name__ == "__main__":
    unittest.main()
