"""Segments and their names: orphans, inspection, what exiting processes leave, shared cursors, loading the library."""
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from ctypes import byref
from multiprocessing.shared_memory import SharedMemory

import slickq
from slickq import AtomicCursor, Layout, NameState, SharedCursor, Status, _library
from slickq._library import patient
from slickq._structs import QueueInfo, sized
from support import DEADLINE, Case, eight, environment, exists, numbers


class Orphans(Case):
    def test_reattach(self):
        name = self.name()
        old = self.queue(name)
        self.assertEqual(old.name_state(), NameState.OURS)
        slickq.remove("/" + name)
        self.assertEqual(old.name_state(), NameState.GONE)
        self.assertRaises(FileNotFoundError, old.reattach)
        fresh = self.queue(name)
        fresh.write(eight(3))
        self.assertEqual(old.name_state(), NameState.TAKEN)
        again = old.reattach()
        self.addCleanup(again.close)
        self.assertEqual((numbers(again.read(0)[0]), again.name_state(), old.read(0)[0]), ([3], NameState.OURS, None))

    def test_every_kind_of_queue_can(self):
        for make in (lambda name: slickq.SlickQueue(name=name, size=4, element_size=8),
                     lambda name: slickq.StructQueue("<q", name, capacity=4)):
            name = self.name()
            queue = make(name)
            again = queue.reattach()
            self.assertIs(type(again), type(queue))
            again.write(eight(1))
            self.assertIn(queue.reader(slickq.Start.OLDEST).read(), (eight(1), (1,)))
            queue.close()
            again.close()


class Inspecting(Case):
    def test_a_queue(self):
        queue = self.queue(self.name(), items_per_slot=2)
        queue.write_batch(bytes(24))
        found = slickq.inspect(queue.name)
        self.assertEqual((found.verdict, found.message, found.layout, found.capacity, found.element_size,
                          found.items_per_slot, found.next_index, found.last_published, found.oldest_index,
                          found.published), (Status.OK, "", Layout.SLQ3, 16, 8, 2, 6, 4, 0, 3))
        self.assertEqual((found.identity, len(found.identity)), (queue.identity, 16))
        self.assertLess(abs(found.created - time.time()), 60)
        self.assertEqual(slickq.inspect(self.queue(self.name(), layout=Layout.WIDE).name, 8).identity, None)
        self.assertIsNone(slickq.inspect(self.queue(self.name()).name).last_published)

    def test_what_is_none(self):
        name = self.name()
        with open("/dev/shm/" + name, "wb") as file:
            file.write(b"no queue " * 100)
        found = slickq.inspect(name)
        self.assertEqual(found.verdict, Status.E_NOT_A_QUEUE)
        self.assertTrue(found.message)
        with self.assertRaises(slickq.SegmentError) as caught:
            slickq.Queue(name, timeout=0)
        self.assertEqual(caught.exception.status, Status.E_NOT_A_QUEUE)
        self.assertRaises(slickq.NotFoundError, slickq.inspect, self.name())

    def test_what_came_too_late_is_told(self):
        queue = self.queue(self.name(), capacity=8)
        reader = queue.reader()
        index = queue.reserve()
        queue.write_batch(bytes(8 * 8))  # the last one lies where that was reserved
        self.assertEqual(len(list(reader.iterate(0))), 7)
        self.assertEqual((reader.info.suspect_elements, slickq.inspect(queue.name).late_publishes), (0, 0))
        self.assertRaises(slickq.StaleError, queue.publish, index)
        self.assertEqual((reader.info.suspect_elements, slickq.inspect(queue.name).late_publishes), (1, 1))

    def test_a_reset_that_was_not_finished(self):
        queue = self.queue(self.name())
        info = sized(QueueInfo)
        patient.slickq_queue_get_info(queue._handle, byref(info))
        resets = queue._memory[info.extension_offset + 16:info.extension_offset + 24].cast("Q")
        resets[0] += 1  # as a process leaves it that dies inside: whose it was is not known
        begun = time.monotonic()
        with self.assertRaisesRegex(slickq.HalfResetError, "open it with half_reset=True and reset it again"):
            slickq.Queue(queue.name, timeout=0)
        self.assertIn("half_reset=True", slickq.inspect(queue.name).message)
        threading.Timer(0.1, resets.__setitem__, (0, 2)).start()
        with slickq.Queue(queue.name, timeout=DEADLINE):  # it lives, and finishes
            self.assertGreater(time.monotonic() - begun, 0.05)
        resets[0] += 1
        with slickq.Queue(queue.name, half_reset=True, timeout=0) as other:
            other.reset()
            self.assertEqual(other.write(bytes(8)), 0)
        with slickq.Queue(queue.name, timeout=0) as again:
            self.assertEqual(again.created, queue.created)
            self.assertLess(abs(again.created - time.time()), 3600)


class Exiting(Case):
    def test_names_stay_and_nobody_complains(self):
        """Creators, readers and writers come and go; run_code() sees to it that none prints a warning."""
        name = self.name()
        self.run_code("""
            import sys, slickq
            queue = slickq.SlickQueue(name=sys.argv[1], size=16, element_size=8)
            cursor = slickq.SharedCursor(sys.argv[1] + "c")
            view = queue[0]
        """, name)
        self.addCleanup(slickq.remove, name + "c")
        for _ in range(2):
            self.assertTrue(exists(name) and exists(name + "c"))
            self.run_code("""
                import sys, slickq
                queue = slickq.Queue(sys.argv[1])
                reader, worker = queue.reader(registered=True), queue.worker("g", 2)
                descriptor = reader.descriptor()
                queue.write(bytes(8))
                reader.read()
                iterator = iter(reader)
            """, name)
        self.assertEqual(slickq.inspect(name).next_index, 2)


class Cursors(Case):
    def test_over_every_kind_of_buffer(self):
        memory = SharedMemory(create=True, size=16)
        self.addCleanup(memory.unlink)
        for buffer in (bytearray(16), memoryview(bytearray(16)), memory.buf):
            cursor, other = AtomicCursor(buffer, 8), AtomicCursor(buffer, 8)
            cursor.store(2**63 + 5)
            self.assertEqual(other.load(), 2**63 + 5)
            self.assertEqual(other.compare_exchange_weak(1, 2), (False, 2**63 + 5))
            self.assertEqual(other.compare_exchange_weak(2**63 + 5, 7), (True, 2**63 + 5))
            self.assertEqual(numbers(bytes(buffer)), [0, 7])
            buffer = None
        memory.close()  # with both cursors still there
        for call in (cursor.load, lambda: cursor.store(1), lambda: self.queue().read(cursor)):
            self.assertRaises(RuntimeError, call)

    def test_released(self):
        buffer = bytearray(8)
        cursor = AtomicCursor(buffer)
        self.assertRaises(BufferError, buffer.extend, b"more")  # it might move
        cursor.release()
        buffer.extend(b"more")
        self.assertRaises(RuntimeError, cursor.load)

    def test_refused(self):
        for buffer, offset in ((bytearray(7), 0), (bytearray(16), 9), (bytearray(16), 4), (bytearray(8), -8)):
            self.assertRaises(ValueError, AtomicCursor, buffer, offset)
        for buffer in (bytes(8), "text", 5):
            self.assertRaises(TypeError, AtomicCursor, buffer)

    def test_views_of_what_is_claimed(self):
        """Zero-copy, each record to one of those who share the cursor."""
        queue, name = self.queue(capacity=4), self.name()
        queue.write_many([eight(1), eight(2) + eight(3)])
        for make in (lambda: AtomicCursor(bytearray(8)), lambda: SharedCursor(name, create=True)):
            cursor = make()
            view, index = queue.read_view(cursor)
            self.assertEqual((numbers(view.data), view.index, view.count, view.lost, index), ([1], 0, 1, 0, 0))
            self.assertTrue(view.data.readonly)
            view, index = queue.read_view(cursor)
            self.assertEqual((numbers(view.data), index, cursor.load()), ([2, 3], 1, 3))
            self.assertTrue(queue.validate(index))
            self.assertEqual(queue.read_view(cursor), (None, -1))
            cursor.release()
            self.assertRaises(RuntimeError, queue.read_view, cursor)
        queue.write_batch(bytes(8 * 4))
        self.assertFalse(queue.validate(index))
        queue.close()
        self.assertRaises(slickq.ClosedError, queue.read_view, AtomicCursor(bytearray(8)))

    def test_a_typo_makes_nothing(self):
        name = self.name()
        for open_only in (lambda: SharedCursor(name, create=False), lambda: slickq.Queue(name, create=False),
                          lambda: slickq.Queue(name, capacity=16, element_size=8, create=False),
                          lambda: slickq.StructQueue("<q", name, capacity=16, create=False)):
            self.assertRaises(slickq.NotFoundError, open_only)
            self.assertFalse(exists(name))
        queue = self.queue(name, create=True)
        self.assertTrue(queue.is_creator)
        self.assertRaises(slickq.ExistsError, self.queue, name, create=True)
        self.assertFalse(self.queue(name, create=False).is_creator)
        self.assertRaises(slickq.MismatchError, self.queue, name, create=False, capacity=32)
        for nonsense in (dict(create=False), dict(name=name, create=False, exclusive=True)):
            self.assertRaises(ValueError, slickq.Queue, capacity=16, element_size=8, **nonsense)

    def test_in_a_segment_of_its_own(self):
        name = self.name()
        with SharedCursor(name, 8) as cursor, SharedCursor("/" + name, 8) as other:
            cursor.store(3)
            self.assertEqual((other.load(), cursor.name, other.name), (3, name, name))
            queue = self.queue()
            queue.write_batch(bytes(8 * 5))
            self.assertEqual(queue.read(other), (bytes(8), 1, 3))
            self.assertEqual(queue.read(cursor), (bytes(8), 1, 4))
            self.assertEqual(queue.read(cursor), (None, 0, -1))
        self.assertRaises(RuntimeError, cursor.load)
        self.assertTrue(exists(name))
        self.assertRaises(slickq.SegmentError, SharedCursor, name, 64)


    def test_a_typo_makes_no_cursor(self):
        name = self.name()
        self.assertRaises(slickq.NotFoundError, SharedCursor, name, create=False)
        self.assertFalse(exists(name))
        with SharedCursor(name, create=True) as cursor, SharedCursor(name, create=False) as other, SharedCursor(name) as either:
            cursor.store(4)
            self.assertEqual((other.load(), either.load()), (4, 4))
            self.assertRaises(slickq.ExistsError, SharedCursor, name, create=True)


class Loading(Case):
    def test_too_old(self):
        with self.assertRaisesRegex(ImportError, "too old.*ABI number is 1, slickq needs 99"):
            _library.load(99)

    def test_the_named_one_or_none(self):
        for path, reason in (("/nonexistent/libslickq.so.1", "cannot be loaded"), ("libc.so.6", "is not libslickq")):
            ended = subprocess.run([sys.executable, "-c", "import slickq"], stderr=subprocess.PIPE, text=True,
                                   env=environment(SLICKQ_LIBRARY=path))
            self.assertEqual(ended.returncode, 1)
            self.assertRegex(ended.stderr, f"ImportError.*{reason}")

    def test_as_a_program(self):
        def run(*arguments, path):
            ended = subprocess.run([sys.executable, "-m", "slickq", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(PATH=path))
            return ended.returncode, ended.stdout, ended.stderr

        code, out, err = run(path="/nonexistent")
        self.assertEqual((code, err, len(out.splitlines())), (0, "", 3))
        for part in (slickq.__version__, _library.quick._name, slickq.check_platform_support()[1], "none on PATH"):
            self.assertIn(part, out)
        code, out, err = run("info", "ticks", path="/nonexistent")
        self.assertEqual((code, out), (127, ""))
        self.assertIn("no command slickq on PATH", err)
        with tempfile.TemporaryDirectory() as directory:
            command = os.path.join(directory, "slickq")
            with open(command, "w", encoding="ascii") as file:
                file.write('#!/bin/sh\necho "$@"\nexit 3\n')
            os.chmod(command, 0o755)
            self.assertEqual(run("info", "a b", path=directory), (3, "info a b\n", ""))
            self.assertIn(command, run(path=directory)[1])

    def test_version(self):
        self.assertRegex(slickq.__version__, r"^\d+\.\d+\.\d+$")
        supported, sentence = slickq.check_platform_support()
        self.assertTrue(supported)
        self.assertTrue(sentence)


if __name__ == "__main__":
    unittest.main()
