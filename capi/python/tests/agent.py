"""The conformance agent: one request a line on standard input, one answer a line. Run by the driver in tests/bindings, which
says what the requests are."""
import sys
import time

import slickq
from slickq import Status

DEADLINE = 60   # seconds that a request may take
IDLE = 0.0002   # seconds to sleep when there is nothing to read

FLAGS = ("read_only", "lossless", "single_producer", "prefault", "lock_memory", "huge_pages", "hugetlb",
         "prompt_producer")


def hex_of(data):
    return bytes(data).hex() or "-"


def bytes_of(text):
    return b"" if text == "-" else bytes.fromhex(text)


def status_name(status):
    return "SLICKQ_" + status.name


def said(outcome):
    """What a reader or a worker says instead of a record."""
    if outcome.status == Status.TIMED_OUT:
        return f"{status_name(outcome.status)} 0 0"
    return f"{status_name(outcome.status)} {outcome.index} {outcome.lost}"


def described(record):
    return f"ok {record.index} {record.count} {hex_of(record.data)}"


def entries_text(entries):
    return ",".join(f"{index}:{count}" for index, count in entries)


def payload(writer, number, most, element_size):
    length = (1 + (number * 7 + number // 11 + writer) % most) * element_size
    start = writer * 131 + number * 31 + 13
    data = bytearray((start + place * 7) % 256 for place in range(length))
    head = min(4, length)
    data[:head] = (number % 2**32).to_bytes(4, "little")[:head]
    return bytes(data)


class Agent:
    def __init__(self):
        self.queue = self.cell_ = self.reader_ = self.worker_ = None
        self.cursor = 0

    # ---- life

    def open(self, name, capacity, element_size, items_per_slot, layout, flags):
        self.close()
        wanted = {flag: bool(int(flags) >> bit & 1) for bit, flag in enumerate(FLAGS)}
        self.queue = queue = slickq.Queue(
            None if name == "-" else name, capacity=int(capacity) or None, element_size=int(element_size) or None,
            items_per_slot=int(items_per_slot) or None, layout=int(layout), **wanted)
        self.cursor = 0
        return f"ok {int(queue.is_creator)} {queue.capacity} {queue.element_size} {queue.items_per_slot} {int(queue.layout)}"

    def close(self):
        for one in (self.reader_, self.worker_, self.queue):
            if one is not None:
                one.close()
        self.queue = self.reader_ = self.worker_ = None
        return "ok"

    def remove(self, name):
        slickq.remove(name)
        return "ok"

    def reset(self):
        self.queue.reset()
        return "ok"

    # ---- producing

    def reserve(self, count):
        return f"ok {self.queue.reserve(int(count))}"

    def fill(self, index, data):
        data = bytes_of(data)
        place = self.queue.elements(int(index), -(-len(data) // self.queue.element_size))
        place[:len(data)] = data
        return "ok"

    def publish(self, index, count):
        self.queue.publish(int(index), int(count))
        return "ok"

    def write(self, data):
        return f"ok {self.queue.write(bytes_of(data))}"

    def write_batch(self, data, counts):
        sizes = None if counts == "-" else [int(count) for count in counts.split(",")]
        try:
            return f"ok {self.queue.write_batch(bytes_of(data), sizes)}"
        except slickq.Full as full:
            if full.written:
                return f"ok {full.written}"
            raise

    # ---- plain cursors

    def start(self, which):
        return f"ok {self.queue.start(int(which))}"

    def next(self):
        return f"ok {self.queue.next_index()}"

    def read(self, cursor):
        view, cursor = self.queue.read_view(int(cursor))
        if view is None:
            return f"empty {cursor}"
        return f"ok {cursor} {view.index} {view.count} {hex_of(view.data)}"

    def read_copy(self, cursor):
        record, cursor = self.queue.read_record(int(cursor))
        return f"empty {cursor}" if record is None else f"ok {cursor} {described(record)[3:]}"

    def read_batch(self, cursor, limit):
        views, cursor = self.queue.read_view_batch(int(cursor), int(limit))
        if not views:
            return f"empty {cursor}"
        data = b"".join(bytes(view.data) for view in views)
        if not self.queue.validate(views[0].index):
            return "error SLICKQ_LAPPED the batch was being overwritten"
        return f"ok {cursor} {entries_text((view.index, view.count) for view in views)} {hex_of(data)}"

    def read_last(self):
        record = self.queue.read_last_record()
        return "empty" if record is None else described(record)

    def check(self, index):
        return "ok" if self.queue.validate(int(index)) else "SLICKQ_LAPPED"

    def lost(self):
        return f"ok {self.queue.loss_count()}"

    # ---- a shared cursor

    def cell(self, name, offset):
        if name == "-":
            self.cell_ = slickq.AtomicCursor(bytearray(int(offset) + 8), int(offset))
        else:
            self.cell_ = slickq.SharedCursor(name, int(offset))
        return "ok"

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

    # ---- readers and workers

    def reader(self, start, batch, registered):
        self.reader_ = self.queue.reader(int(start), batch=int(batch), registered=registered == "1")
        return "ok"

    def next_record(self):
        return self._step(self.reader_.poll(0))

    def wait_record(self, milliseconds):
        return self._step(self.reader_.poll(int(milliseconds) / 1000))

    def next_batch(self, limit):
        batch = self.reader_.poll_batch(int(limit))
        if not isinstance(batch, slickq.Batch):
            return said(batch)
        return f"ok {entries_text(batch.entries)} {hex_of(batch.data)}"

    def worker(self, group, mode):
        self.worker_ = self.queue.worker(group, int(mode))
        return "ok"

    def work(self):
        step = self.worker_.poll(0)
        return self._step(step, f" {int(step.redelivered)}" if isinstance(step, slickq.Record) else "")

    def done(self):
        self.worker_.done()
        return "ok"

    @staticmethod
    def _step(step, more=""):
        return described(step) + more if isinstance(step, slickq.Record) else said(step)

    # ---- many at once

    def produce(self, writer, first, last, most):
        size = self.queue.element_size
        for number in range(int(first), int(last)):
            self.queue.write(payload(int(writer), number, int(most), size), DEADLINE)
        return "ok"

    def produce_batch(self, writer, first, last, most, records):
        size, last, records = self.queue.element_size, int(last), int(records)
        for begin in range(int(first), last, records):
            numbers = range(begin, min(last, begin + records))
            self.queue.write_many([payload(int(writer), number, int(most), size) for number in numbers], DEADLINE)
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

    def consume_reader(self, writer, first, last, most):
        give_up = time.monotonic() + DEADLINE
        number, last = int(first), int(last)
        while number < last:
            step = self.reader_.poll_batch(min(256, last - number), max(0, give_up - time.monotonic()))
            if not isinstance(step, slickq.Batch):
                return f"error BAD at record {number}: {said(step)}"
            for data in step:
                if data != payload(int(writer), number, int(most), self.queue.element_size):
                    return f"error BAD record {number}: {hex_of(data[:32])}"
                number += 1
        return "ok"

    def unsupported(self, *_):
        return "error UNSUPPORTED there is no such request"


def answer(agent, line):
    request, *arguments = line.split()
    try:
        method = agent.unsupported if request.startswith("_") else getattr(agent, request, agent.unsupported)
        return method(*arguments)
    except slickq.Error as failure:
        return f"error {status_name(failure.status)} {failure}"
    except Exception as failure:  # a mistake of the driver or a defect here: the driver is told, and goes on
        return f"error {type(failure).__name__} {failure}"


def main():
    agent = Agent()
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        print(answer(agent, line), flush=True)
    agent.close()


if __name__ == "__main__":
    main()
