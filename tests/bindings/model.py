"""What a queue's segment holds, and what readers get of it, by the tables and rules of the layouts alone: written down a second
time, in as few lines as possible, so that agents are compared with something that is none of them. One user at a time, and indices
far from where they wrap. The golden data prove it: see topic_bytes.py and topic_traces.py."""
import struct

NEVER = 2**64 - 1  # data index of a slot never written; also: nothing was published yet
MARKERS = {"SLQ0": 0x534C5130, "SLQ1": 0x534C5131, "SLQ2": 0x534C5132, "SLQ3": 0x534C5133}
READY = 3


def round_up(value, multiple):
    return -(-value // multiple) * multiple


class Ring:
    def __init__(self, layout, capacity, element_size, items_per_slot=1):
        self.layout, self.capacity, self.element_size, self.items_per_slot = layout, capacity, element_size, items_per_slot
        self.reserved, self.last_count, self.last_published = 0, 0, NEVER
        self.slots = [(NEVER, 1)] * (capacity // items_per_slot)
        self.data = bytearray(capacity * element_size)
        self.reports = []

    # ---- producing

    def reserve(self, count):
        need, start = round_up(count, self.items_per_slot), self.reserved
        index = start
        if start % self.capacity + need > self.capacity:
            index = round_up(start, self.capacity)
            self._set_slot(start, index, count)  # the wrap marker
        self.reserved, self.last_count = index + need, count
        return index

    def fill(self, index, data):
        start = index % self.capacity * self.element_size
        self.data[start:start + len(data)] = data

    def publish(self, index, count):
        """Whether it was in time."""
        if not self.is_in_ring(index):
            return False
        self._set_slot(index, index, count)
        if self.layout in ("SLQ1", "SLQ3") and (self.last_published == NEVER or self.last_published < index):
            self.last_published = index
        return True

    def write(self, data):
        count = len(data) // self.element_size
        index = self.reserve(count)
        self.fill(index, data)
        self.publish(index, count)
        return index

    # ---- consuming

    def read(self, cursor):
        """((index, count, bytes) or None, cursor after), of a plain read."""
        while True:
            index, count = self._slot(cursor)
            if index == NEVER or index < cursor:
                return None, cursor
            if index == cursor or index % self.capacity == cursor % self.capacity:
                start = index % self.capacity * self.element_size
                data = bytes(self.data[start:start + count * self.element_size])
                return (index, count, data), index + round_up(count, self.items_per_slot)
            cursor = index

    def read_intact(self, cursor):
        """The same, of a read that steps over what may be half overwritten."""
        while True:
            record, cursor = self.read(cursor)
            if record is None or self.is_intact(record[0], record[1]):
                return record, cursor

    def is_intact(self, index, count=1):
        return self.is_in_ring(index) and not any(self._tells_of(report, index, count) for report in self.reports)

    def is_in_ring(self, index):
        return self.reserved - index <= self.capacity

    def refuse_late(self, index, count):
        """A publish that came a lap too late: what has been reserved since may be damaged, where it wrote."""
        self.reports.append((index, count, self.reserved))

    def _tells_of(self, report, index, count):
        start, length, until = report
        behind = (index - start) % self.capacity
        first = index if behind < length and index - start >= self.capacity else index + self.capacity - behind
        return first - start >= self.capacity and first < min(index + count, until)

    def is_loss(self, cursor, index):
        """A read at the cursor that finds this index has lost something: it did not just step over the end of the ring."""
        return index != cursor and index % self.capacity == cursor % self.capacity

    def oldest(self):
        """The index of the oldest record in the ring; what is reserved next, if there is none."""
        first = max(0, self.reserved - self.capacity)
        return next((index for index in range(first, self.reserved, self.items_per_slot) if self._slot(index)[0] == index),
                    self.reserved)

    # ---- bytes

    def segment(self):
        slots = b"".join(struct.pack("<QII", index, count, 0) for index, count in self.slots)
        return self._header() + slots + bytes(self.data_offset() - 64 - len(slots)) + bytes(self.data)

    def data_offset(self):
        alignment = self.element_size & -self.element_size if self.items_per_slot > 1 else 1
        return round_up(64 + 16 * len(self.slots), alignment)

    def _header(self):
        if self.layout == "wide":
            return struct.pack("<QIIII40x", self.reserved, self.last_count, 0, self.capacity, 0)
        begin = struct.pack("<QII", self.reserved << 16 | self.last_count & 0xFFFF, self.capacity, self.element_size)
        if self.layout == "packed":
            return begin + bytes(48)
        return begin + struct.pack("<QII16xI12x", self.last_published, MARKERS[self.layout], self.items_per_slot, READY)

    def _slot(self, index):
        return self.slots[index % self.capacity // self.items_per_slot]

    def _set_slot(self, index, data_index, count):
        self.slots[index % self.capacity // self.items_per_slot] = data_index, count
