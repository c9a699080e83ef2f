"""libslickq through ctypes, without any binding: the part of slickq.h that the demo uses."""
import ctypes
import os
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_uint32, c_uint64, c_void_p

OK, EMPTY = 0, 1


class Options(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("capacity", c_uint32), ("element_size", c_uint32),
                ("items_per_slot", c_uint32), ("layout", c_uint32), ("permissions", c_uint32), ("reserved", c_uint32),
                ("timeout_ns", c_int64)]


class Record(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("index", c_uint64), ("lost", c_uint64), ("count", c_uint32),
                ("reserved", c_uint32)]


class SlickqError(Exception):
    pass


def _status(status, _function, _arguments):
    if status < 0:
        raise SlickqError(lib.slickq_last_message().decode())
    return status


def _load():
    loaded = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
    loaded.slickq_last_message.restype = c_char_p
    for name, *arguments in [
            ("queue_create", c_char_p, POINTER(Options), POINTER(c_void_p)),
            ("queue_open", c_char_p, POINTER(Options), POINTER(c_void_p)),
            ("queue_close", c_void_p),
            ("queue_initial_reading_index", c_void_p, POINTER(c_uint64)),
            ("queue_read_shared", c_void_p, c_void_p, POINTER(Record)),
            ("queue_loss_count", c_void_p, POINTER(c_uint64)),
            ("cursor_create", c_char_p, c_uint64, c_uint32, POINTER(c_void_p)),
            ("cursor_open", c_char_p, c_uint64, c_int64, POINTER(c_void_p)),
            ("cursor_cell", c_void_p, POINTER(c_void_p)),
            ("cursor_close", c_void_p),
            ("cell_load", c_void_p, POINTER(c_uint64)),
            ("cell_store", c_void_p, c_uint64),
            ("remove", c_char_p)]:
        function = getattr(loaded, "slickq_" + name)
        function.argtypes, function.restype, function.errcheck = arguments, c_int, _status
    return loaded


lib = _load()


class Queue:
    """An open queue of bytes; with options, one that is created."""

    def __init__(self, name, **options):
        self._handle, self._number, self._record = c_void_p(), c_uint64(), Record()
        call = lib.slickq_queue_create if options else lib.slickq_queue_open
        call(name.encode(), byref(Options(struct_size=ctypes.sizeof(Options), **options)), byref(self._handle))

    def reserved_index(self):
        lib.slickq_queue_initial_reading_index(self._handle, byref(self._number))
        return self._number.value

    def read_shared(self, cell):
        """The next record that nobody claimed yet, copied; None if there is none."""
        if lib.slickq_queue_read_shared(self._handle, cell.address, byref(self._record)) == EMPTY:
            return None
        return ctypes.string_at(self._record.data, self._record.count)

    def loss_count(self):
        lib.slickq_queue_loss_count(self._handle, byref(self._number))
        return self._number.value

    def close(self):
        lib.slickq_queue_close(self._handle)


class Cell:
    """An atomic 64-bit cell in a named segment, `offset` bytes from its start."""

    def __init__(self, name, offset=0, create=False):
        self._handle, self.address, self._number = c_void_p(), c_void_p(), c_uint64()
        if create:
            lib.slickq_cursor_create(name.encode(), offset, 0, byref(self._handle))
        else:
            lib.slickq_cursor_open(name.encode(), offset, 0, byref(self._handle))
        lib.slickq_cursor_cell(self._handle, byref(self.address))

    def load(self):
        lib.slickq_cell_load(self.address, byref(self._number))
        return self._number.value

    def store(self, value):
        lib.slickq_cell_store(self.address, value)

    def close(self):
        lib.slickq_cursor_close(self._handle)
