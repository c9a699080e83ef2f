"""slick-queue-py with the face that role.py expects of either side. Runs in a virtual environment that has it."""
from multiprocessing import resource_tracker

# Before 2.3 the queues are registered with multiprocessing's resource tracker, which removes their names when this
# process ends, under the eyes of everybody else. The tests remove what they made themselves.
resource_tracker.register = resource_tracker.unregister = lambda name, kind: None

from multiprocessing.shared_memory import SharedMemory  # noqa: E402

import slick_queue_py  # noqa: E402


class Queue:
    """capacity None: open; otherwise open or create, as slick-queue-py's constructor does."""

    def __init__(self, name, element_size, capacity=None, read_last=None, items_per_slot=None):
        options = {}
        if read_last is not None:
            options["traits"] = type("Traits", (slick_queue_py.QueueTraits,), {"enable_read_last": read_last})
        if items_per_slot is not None:
            options["items_per_slot"] = items_per_slot
        while True:
            try:
                self._queue = slick_queue_py.SlickQueue(name=name, size=capacity, element_size=element_size, **options)
                break
            except ValueError as error:
                # slick-queue-py gives up on a segment whose creator has not given it its length yet.
                if "empty file" not in str(error):
                    raise
        self.element_size = element_size
        self.reserve, self.publish = self._queue.reserve, self._queue.publish
        self.reset, self.close = self._queue.reset, self._queue.close

    def is_creator(self):
        return self._queue._own

    def initial_reading_index(self):
        return self._queue.initial_reading_index()

    def fill(self, index, data):
        size = self.element_size
        for element in range(len(data) // size):
            self._queue[index + element][:] = data[element * size:(element + 1) * size]

    def write(self, data):
        count = len(data) // self.element_size
        index = self.reserve(count)
        self.fill(index, data)
        self.publish(index, count)
        return index

    def read(self, cursor):
        data, _, cursor = self._queue.read(cursor)
        return data, cursor

    def read_shared(self, cell):
        return self._queue.read(cell.cursor)[0]

    def read_last(self):
        return self._queue.read_last()[0]

    def loss_count(self):
        return self._queue.loss_count()


class Cell:
    """AtomicCursor in a named segment, made if the name is free."""

    def __init__(self, name, offset=0):
        try:
            self._memory = SharedMemory(name=name, create=True, size=offset + 8)
        except FileExistsError:
            self._memory = SharedMemory(name=name)
        self.cursor = slick_queue_py.AtomicCursor(self._memory.buf, offset)
        self.load, self.store = self.cursor.load, self.cursor.store

    def compare_exchange(self, expected, desired):
        done, actual = self.cursor.compare_exchange_weak(expected, desired)
        return done, actual

    def close(self):
        self.cursor.release()
        self._memory.close()
