"""libslickq through ctypes: the C API of slickq/slickq.h with Python's errors and types, and nothing more.

The library is loaded from the path in the environment variable SLICKQ_LIBRARY.
"""
import ctypes
import os
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

OK, EMPTY, CHANGED, LAPPED, FULL, TIMED_OUT = 0, 1, 2, 4, 5, 6
OPEN_LOSSLESS, READER_REGISTERED, AT_LEAST_ONCE = 2, 1, 2
LAYOUT_ANY, LAYOUT_SLQ0, LAYOUT_SLQ1, LAYOUT_SLQ2, LAYOUT_SLQ3 = range(5)
INFO_CREATOR = 1


class Options(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("capacity", c_uint32), ("element_size", c_uint32),
                ("items_per_slot", c_uint32), ("layout", c_uint32), ("permissions", c_uint32), ("reserved", c_uint32),
                ("timeout_ns", c_int64)]


class QueueInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("layout", c_uint32), ("capacity", c_uint32),
                ("element_size", c_uint32), ("items_per_slot", c_uint32), ("slot_count", c_uint32),
                ("reserved", c_uint32), ("base", c_void_p), ("length", c_uint64), ("data_offset", c_uint64),
                ("name", c_char_p)]


class Record(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("index", c_uint64), ("lost", c_uint64), ("count", c_uint32),
                ("flags", c_uint32)]


class ReaderOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("start", c_uint32), ("start_index", c_uint64), ("after_lap", c_uint32),
                ("slack", c_uint32), ("batch", c_uint32), ("flags", c_uint32), ("stall_ns", c_int64)]


class WorkerOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("mode", c_uint32), ("group", c_char_p), ("start", c_uint32),
                ("reserved", c_uint32), ("stall_ns", c_int64), ("linger_ns", c_int64)]


class SlickqError(Exception):
    """A negative status. `name` is that of the status, the text is slickq_last_message()."""

    def __init__(self, status):
        super().__init__(_lib.slickq_last_message().decode())
        self.name = _lib.slickq_status_name(status).decode()


def _check(status):
    if status < 0:
        raise SlickqError(status)
    return status


def _load():
    lib = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
    handle, index = c_void_p, POINTER(c_uint64)
    for name, arguments in {
        "queue_open": [c_char_p, POINTER(Options), POINTER(handle)],
        "queue_open_or_create": [c_char_p, POINTER(Options), POINTER(handle)],
        "queue_close": [handle],
        "queue_get_info": [handle, POINTER(QueueInfo)],
        "queue_next_index": [handle, index],
        "queue_reserve": [handle, c_uint32, index],
        "queue_at": [handle, c_uint64, POINTER(c_void_p)],
        "queue_publish": [handle, c_uint64, c_uint32],
        "queue_write": [handle, c_char_p, c_uint32, index],
        "queue_read": [handle, index, POINTER(Record)],
        "queue_read_shared": [handle, c_void_p, POINTER(Record)],
        "queue_read_last": [handle, POINTER(Record)],
        "queue_loss_count": [handle, index],
        "queue_reset": [handle],
        "queue_write_until": [handle, c_char_p, c_uint32, c_int64, index],
        "reader_open": [handle, POINTER(ReaderOptions), POINTER(handle)],
        "reader_read_until": [handle, c_int64, POINTER(Record)],
        "reader_close": [handle],
        "worker_open": [handle, POINTER(WorkerOptions), POINTER(handle)],
        "worker_read_until": [handle, c_int64, POINTER(Record)],
        "worker_close": [handle],
        "cursor_open_or_create": [c_char_p, c_uint64, c_uint32, c_int64, POINTER(handle)],
        "cursor_cell": [handle, POINTER(c_void_p)],
        "cursor_close": [handle],
        "cell_load": [c_void_p, index],
        "cell_store": [c_void_p, c_uint64],
        "cell_compare_exchange": [c_void_p, index, c_uint64],
    }.items():
        function = getattr(lib, "slickq_" + name)
        function.argtypes, function.restype = arguments, c_int
    lib.slickq_deadline.argtypes, lib.slickq_deadline.restype = [c_int64], c_int64
    lib.slickq_status_name.argtypes, lib.slickq_status_name.restype = [c_int], c_char_p
    lib.slickq_last_message.argtypes, lib.slickq_last_message.restype = [], c_char_p
    return lib


_lib = _load()


class Queue:
    """A shared queue. With create, one is made if the name is free."""

    def __init__(self, name, *, create, **options):
        call = _lib.slickq_queue_open_or_create if create else _lib.slickq_queue_open
        self._handle, self._index, self._record = c_void_p(), c_uint64(), Record()
        _check(call(name.encode(), byref(Options(struct_size=ctypes.sizeof(Options), **options)), byref(self._handle)))
        self.info = QueueInfo(struct_size=ctypes.sizeof(QueueInfo))
        _check(_lib.slickq_queue_get_info(self._handle, byref(self.info)))
        self.element_size = self.info.element_size

    def close(self):
        _check(_lib.slickq_queue_close(self._handle))

    def initial_reading_index(self):
        _check(_lib.slickq_queue_next_index(self._handle, byref(self._index)))
        return self._index.value

    def reserve(self, count):
        _check(_lib.slickq_queue_reserve(self._handle, count, byref(self._index)))
        return self._index.value

    def fill(self, index, data):
        """Writes the elements of a reservation."""
        elements = c_void_p()
        _check(_lib.slickq_queue_at(self._handle, index, byref(elements)))
        ctypes.memmove(elements, data, len(data))

    def publish(self, index, count):
        _check(_lib.slickq_queue_publish(self._handle, index, count))

    def write(self, data):
        _check(_lib.slickq_queue_write(self._handle, data, len(data) // self.element_size, byref(self._index)))
        return self._index.value

    def read(self, cursor):
        """(the record's bytes or None, the cursor behind it)"""
        self._index.value = cursor
        status = _check(_lib.slickq_queue_read(self._handle, byref(self._index), byref(self._record)))
        return (None if status == EMPTY else self._bytes()), self._index.value

    def read_shared(self, cell):
        status = _check(_lib.slickq_queue_read_shared(self._handle, cell.address, byref(self._record)))
        return None if status == EMPTY else self._bytes()

    def read_last(self):
        status = _check(_lib.slickq_queue_read_last(self._handle, byref(self._record)))
        return None if status == EMPTY else self._bytes()

    def loss_count(self):
        _check(_lib.slickq_queue_loss_count(self._handle, byref(self._index)))
        return self._index.value

    def reset(self):
        _check(_lib.slickq_queue_reset(self._handle))

    def write_or_full(self, data):
        """The record's index, or None if a queue opened with OPEN_LOSSLESS has no room."""
        status = _check(_lib.slickq_queue_write(self._handle, data, len(data) // self.element_size, byref(self._index)))
        return None if status == FULL else self._index.value

    def registered_reader(self, start=0):
        """A consumer of its own, from now on, that lossless producers wait for."""
        options = ReaderOptions(ctypes.sizeof(ReaderOptions), flags=READER_REGISTERED, start=start, batch=1)
        return Consumer("reader", self, options)

    def worker(self, group):
        """A worker of an at-least-once group."""
        return Consumer("worker", self, WorkerOptions(ctypes.sizeof(WorkerOptions), AT_LEAST_ONCE, group.encode()))

    def _bytes(self):
        return ctypes.string_at(self._record.data, self._record.count * self.element_size)


class Consumer:
    """A slickq_reader or slickq_worker."""

    def __init__(self, kind, queue, options):
        self._close, self._read = getattr(_lib, f"slickq_{kind}_close"), getattr(_lib, f"slickq_{kind}_read_until")
        self._handle, self._record, self._element_size = c_void_p(), Record(), queue.element_size
        _check(getattr(_lib, f"slickq_{kind}_open")(queue._handle, byref(options), byref(self._handle)))

    def read(self, seconds):
        """(what, the record's bytes or None, its index, lost elements)"""
        record = self._record
        status = _check(self._read(self._handle, _lib.slickq_deadline(int(seconds * 1e9)), byref(record)))
        data = ctypes.string_at(record.data, record.count * self._element_size) if status == OK else None
        return status, data, record.index, record.lost

    def close(self):
        _check(self._close(self._handle))


class Cursor:
    """A cell in a named segment, made if the name is free."""

    def __init__(self, name, offset=0):
        self._handle, self.address, self._value = c_void_p(), c_void_p(), c_uint64()
        _check(_lib.slickq_cursor_open_or_create(name.encode(), offset, 0, 0, byref(self._handle)))
        _check(_lib.slickq_cursor_cell(self._handle, byref(self.address)))

    def load(self):
        _check(_lib.slickq_cell_load(self.address, byref(self._value)))
        return self._value.value

    def store(self, value):
        _check(_lib.slickq_cell_store(self.address, value))

    def compare_exchange(self, expected, desired):
        """Whether the cell held `expected`, and what it held."""
        self._value.value = expected
        status = _check(_lib.slickq_cell_compare_exchange(self.address, byref(self._value), desired))
        return status == OK, self._value.value

    def close(self):
        _check(_lib.slickq_cursor_close(self._handle))
