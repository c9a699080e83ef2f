"""The conformance agent over slick-queue-py, any of its releases that has today's layout: one request a line on standard input,
one answer a line. Runs in a virtual environment that has it. What slick-queue-py lacks is answered with UNSUPPORTED."""
from multiprocessing import resource_tracker

# Before 2.3 the queues are registered with multiprocessing's resource tracker, which removes their names when this
# process ends, under the eyes of everybody else. The tests remove what they made themselves.
resource_tracker.register = resource_tracker.unregister = lambda name, kind: None

import inspect  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from multiprocessing.shared_memory import SharedMemory  # noqa: E402

from slick_queue_py import AtomicCursor, SlickQueue  # noqa: E402

try:
    from slick_queue_py import QueueTraits
except ImportError:  # before 2.0
    QueueTraits = None

ANY, SLQ0, SLQ1, SLQ2, SLQ3, PACKED = range(6)  # layouts, as in slickq.h
HAS_ITEMS_PER_SLOT = "items_per_slot" in inspect.signature(SlickQueue.__init__).parameters
OTHERS = () if QueueTraits else (PACKED,)  # layouts that it can open, and not create

DEADLINE = 60   # seconds that a request may take
IDLE = 0.0002   # seconds to sleep when there is nothing to read


class Unsupported(Exception):
    """slick-queue-py has no such thing."""


def hex_of(data):
    return data.hex() or "-"


def bytes_of(text):
    return b"" if text == "-" else bytes.fromhex(text)


def payload(writer, number, most, element_size):
    length = (1 + (number * 7 + number // 11 + writer) % most) * element_size
    start = writer * 131 + number * 31 + 13
    data = bytearray((start + place * 7) % 256 for place in range(length))
    head = min(4, length)
    data[:head] = (number % 2**32).to_bytes(4, "little")[:head]
    return bytes(data)


def options_of(items_per_slot, layout, flags):
    """What the constructor takes, beyond name and sizes, of what open is told."""
    if flags:
        raise Unsupported("flags")
    if layout not in (ANY, SLQ0, SLQ1, SLQ2, SLQ3, *OTHERS):
        raise Unsupported(f"layout {layout}")
    options = {}
    if layout in (SLQ0, SLQ2):
        if QueueTraits is None:
            raise Unsupported("a layout without the last-published index, before 2.0")
        options["traits"] = type("Traits", (QueueTraits,), {"enable_read_last": False})
    if items_per_slot > 1 or layout in (SLQ2, SLQ3):
        if not HAS_ITEMS_PER_SLOT:
            raise Unsupported("items_per_slot in this release")
        if items_per_slot:
            options["items_per_slot"] = items_per_slot
    return options


class Agent:
    def __init__(self):
        self.queue = self.memory = None
        self.cell_ = AtomicCursor(bytearray(8), 0)
        self.cursor = 0

    # ---- life

    def open(self, name, capacity, element_size, items_per_slot, layout, flags):
        self.close()
        capacity, element_size = int(capacity), int(element_size)
        options = options_of(int(items_per_slot), int(layout), int(flags))
        if not element_size:
            raise Unsupported("a segment whose element size is not told")
        name = None if name == "-" else name
        self.queue = queue = self._opened(name=name, size=capacity or None, element_size=element_size, **options)
        created = name is None or queue._own
        return f"ok {int(created)} {queue.size} {element_size} {self.items_per_slot} {self._layout()}"

    @staticmethod
    def _opened(**options):
        while True:
            try:
                return SlickQueue(**options)
            except ValueError as error:
                # slick-queue-py gives up on a segment whose creator has not given it its length yet.
                if "empty file" not in str(error):
                    raise

    def _layout(self):
        if self.queue._atomic_last_published is None:
            if QueueTraits is None:
                return PACKED
            return SLQ2 if self.items_per_slot > 1 else SLQ0
        return SLQ3 if self.items_per_slot > 1 else SLQ1

    @property
    def items_per_slot(self):
        return getattr(self.queue, "items_per_slot", 1)

    def close(self):
        if self.queue is not None:
            self.queue.close()
        self.queue, self.cursor = None, 0
        return "ok"

    def remove(self, name):
        memory = SharedMemory(name=name.lstrip("/"))
        memory.close()
        memory.unlink()
        return "ok"

    def reset(self):
        self.queue.reset()
        return "ok"

    # ---- producing

    def reserve(self, count):
        return f"ok {self.queue.reserve(int(count))}"

    def fill(self, index, data):
        self._fill(int(index), bytes_of(data))
        return "ok"

    def publish(self, index, count):
        self.queue.publish(int(index), int(count))
        return "ok"

    def write(self, data):
        return f"ok {self._write(bytes_of(data))}"

    def _fill(self, index, data):
        size = self.queue.element_size
        for element in range(len(data) // size):
            self.queue[index + element][:] = data[element * size:(element + 1) * size]

    def _write(self, data):
        count = len(data) // self.queue.element_size
        index = self.queue.reserve(count)
        self._fill(index, data)
        self.queue.publish(index, count)
        return index

    # ---- plain cursors

    def start(self, which):
        if which != "0":
            raise Unsupported(f"start {which}")
        return self.next()

    def next(self):
        return f"ok {self._next()}"

    def _next(self):
        if hasattr(self.queue, "initial_reading_index"):
            return self.queue.initial_reading_index()
        return self.queue._read_reserved()[0]

    def read(self, cursor):
        data, count, cursor = self.queue.read(int(cursor))
        if data is None:
            return f"empty {cursor}"
        used = -(-count // self.items_per_slot) * self.items_per_slot  # the cursor stands right behind that
        return f"ok {cursor} {cursor - used} {count} {hex_of(data)}"

    def read_last(self):
        data, count = self.queue.read_last()
        if data is None:
            return "empty"
        published = self.queue._atomic_last_published
        index = published.load_acquire() if published is not None else self._next() - count
        return f"ok {index} {count} {hex_of(data)}"

    def lost(self):
        if not hasattr(self.queue, "loss_count"):
            raise Unsupported("loss_count in this release")
        return f"ok {self.queue.loss_count()}"

    # ---- a shared cursor

    def cell(self, name, offset):
        self._close_cell()
        offset = int(offset)
        if name == "-":
            self.cell_ = AtomicCursor(bytearray(8), 0)
            return "ok"
        name = name.lstrip("/")
        try:
            self.memory = SharedMemory(name=name, create=True, size=offset + 8)
        except FileExistsError:
            self.memory = SharedMemory(name=name)
        self.cell_ = AtomicCursor(self.memory.buf, offset)
        return "ok"

    def _close_cell(self):
        self.cell_.release()
        if self.memory is not None:
            self.memory.close()
        self.memory = None

    def cell_load(self):
        return f"ok {self.cell_.load()}"

    def cell_store(self, value):
        self.cell_.store(int(value))
        return "ok"

    def cell_cas(self, expected, desired):
        done, actual = self.cell_.compare_exchange_weak(int(expected), int(desired))
        return "ok" if done else f"SLICKQ_CHANGED {actual}"

    def claim(self):
        data, count, index = self.queue.read(self.cell_)
        return "empty" if data is None else f"ok {index} {count} {hex_of(data)}"

    # ---- many at once

    def produce(self, writer, first, last, most):
        size = self.queue.element_size
        for number in range(int(first), int(last)):
            self._write(payload(int(writer), number, int(most), size))
        return "ok"

    def seek(self, cursor):
        self.cursor = int(cursor)
        return "ok"

    def consume(self, writer, first, last, most):
        give_up = time.monotonic() + DEADLINE
        for number in range(int(first), int(last)):
            while True:
                data, _, self.cursor = self.queue.read(self.cursor)
                if data is not None:
                    break
                if time.monotonic() > give_up:
                    return f"error BAD record {number} did not come"
                time.sleep(IDLE)
            if data != payload(int(writer), number, int(most), self.queue.element_size):
                return f"error BAD record {number}: {hex_of(data[:32])}"
        return f"ok {self.cursor}"

    def quit(self):
        self._close_cell()
        return self.close()

    def unsupported(self, *_):
        raise Unsupported("such request")


def answer(agent, line):
    request, *arguments = line.split()
    try:
        method = agent.unsupported if request.startswith("_") else getattr(agent, request, agent.unsupported)
        return method(*arguments)
    except Unsupported as lacking:
        return f"error UNSUPPORTED {request}: slick-queue-py has no {lacking}"
    except FileNotFoundError as failure:
        return f"error SLICKQ_E_NOT_FOUND {failure}"
    except Exception as failure:  # slick-queue-py's own, a mistake of the driver, or a defect here: the driver is told
        return f"error {type(failure).__name__} {failure}"


def main():
    agent = Agent()
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(answer(agent, line), flush=True)
    agent.quit()


if __name__ == "__main__":
    main()
