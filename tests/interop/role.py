"""A process of one side: `python role.py ours|peer`. Obeys one JSON request per line of standard input,
{"method": ..., ...arguments}, and answers each with a line: {"result": ...} or {"error": type, "message": ...}.
Bytes travel as hexadecimal text."""
import importlib
import json
import signal
import sys
import time

import payload

IDLE = 0.0002   # seconds to sleep when there is nothing to read, or no room
DEADLINE = 300  # seconds that a request may take
REPORT = 16     # records after which a busy consumer tells how far it has come


class Role:
    def __init__(self, side):
        self.side = importlib.import_module("side_" + side)
        self.queue = None
        self.cursor = 0
        self.cells = {}

    # ---- one step at a time

    def open(self, at=0, **options):
        """Whether this side made the segment. at: when to begin, in time.monotonic(), which all processes share."""
        if self.queue:
            self.queue.close()
        time.sleep(max(0, at - time.monotonic()))
        self.queue, self.cursor = self.side.Queue(**options), 0
        return self.queue.is_creator()

    def write(self, data):
        return self.queue.write(bytes.fromhex(data))

    def reserve(self, count):
        return self.queue.reserve(count)

    def fill(self, index, data):
        self.queue.fill(index, bytes.fromhex(data))

    def publish(self, index, count):
        self.queue.publish(index, count)

    def seek(self, cursor):
        self.cursor = cursor

    def read(self):
        data, self.cursor = self.queue.read(self.cursor)
        return None if data is None else data.hex()

    def read_all(self):
        """All records from the cursor on."""
        return list(iter(self.read, None))

    def read_last(self):
        data = self.queue.read_last()
        return None if data is None else data.hex()

    def initial_reading_index(self):
        return self.queue.initial_reading_index()

    def loss_count(self):
        return self.queue.loss_count()

    def reset(self):
        self.queue.reset()
        self.cursor = 0

    # ---- what only our side has: consumers that lossless producers wait for

    def write_or_full(self, data):
        return self.queue.write_or_full(bytes.fromhex(data))

    def register(self, group=None):
        """Registers a reader, or a worker of that group."""
        self.consumer = self.queue.registered_reader() if group is None else self.queue.worker(group)

    def receive(self, seconds=0):
        """[status, bytes or None, index, lost] of the registered consumer."""
        status, data, index, lost = self.consumer.read(seconds)
        return [status, None if data is None else data.hex(), index, lost]

    def receive_all(self, progress):
        """What the registered consumer gets until it gets a record that says stop. [[writer, number], ...]"""
        cell, received = self.cells[progress], []
        while True:
            status, data, index, lost = self.consumer.read(0.2)
            if lost:
                raise ValueError(f"lost {lost} elements at {index}, status {status}")
            cell.store(index)  # all before is done with
            if data is None:
                continue
            record = payload.check(data)
            if record[0] == payload.STOP:
                self.consumer.close()
                return received
            received.append(record)

    # ---- cells

    def cell(self, name, offset=0):
        self.cells[name] = self.side.Cell(name, offset)

    def load(self, name):
        return self.cells[name].load()

    def store(self, name, value):
        self.cells[name].store(value)

    def compare_exchange(self, name, expected, desired):
        return self.cells[name].compare_exchange(expected, desired)

    def read_shared(self, name):
        data = self.queue.read_shared(self.cells[name])
        return None if data is None else data.hex()

    # ---- whole jobs

    def produce(self, writer, records, most, followers, ahead, batch):
        """Writes records of 1 to `most` elements. `followers` are the cells in which consumers tell how far they have
        come: before each batch this waits until the slowest is at most `ahead` elements behind."""
        cells = [self.cells[name] for name in followers]
        size, index = self.queue.element_size, 0
        for number in range(records):
            if number % batch == 0:
                while index - min(cell.load() for cell in cells) > ahead:
                    time.sleep(IDLE)
            count = payload.elements(writer, number, most)
            index = self.queue.write(payload.make(writer, number, count * size))

    def consume(self, records, progress):
        """Reads until each writer in `records` ({writer: how many}) is through, each in its order and complete."""
        cell, cursor = self.cells[progress], self.cursor
        missing, expected = sum(records.values()), {int(writer): 0 for writer in records}
        while missing:
            data, cursor = self.queue.read(cursor)
            if data is None:
                cell.store(cursor)
                time.sleep(IDLE)
                continue
            writer, number = payload.check(data)
            if number != expected[writer]:
                raise ValueError(f"writer {writer}: record {number} where {expected[writer]} was expected")
            expected[writer] += 1
            missing -= 1
            if missing % REPORT == 0:
                cell.store(cursor)
        if any(expected[int(writer)] != count for writer, count in records.items()):
            raise ValueError(f"expected {records}, read {expected}")
        self.cursor = cursor

    def share(self, shared, progress):
        """Claims records through the cell `shared` until it claims one that says stop. [[writer, number], ...]"""
        shared, cell, claimed = self.cells[shared], self.cells[progress], []
        while True:
            # Nothing before this is claimed from here on: what is being copied now is behind it.
            cell.store(shared.load())
            data = self.queue.read_shared(shared)
            if data is None:
                time.sleep(IDLE)
                continue
            record = payload.check(data)
            if record[0] == payload.STOP:
                return claimed
            claimed.append(record)


def main():
    role = Role(sys.argv[1])
    for line in sys.stdin:
        signal.alarm(DEADLINE)  # kills this process, should there be nobody left to do it
        request = json.loads(line)
        try:
            answer = {"result": getattr(role, request.pop("method"))(**request)}
        except Exception as error:  # whatever it is, the test decides what it means
            answer = {"error": getattr(error, "name", None) or type(error).__name__, "message": str(error)}
        print(json.dumps(answer), flush=True)


main()
