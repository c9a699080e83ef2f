"""The structs of slickq.h, byte for byte."""
import ctypes
import struct
from ctypes import c_char, c_char_p, c_int, c_int64, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any, Type, TypeVar


class Options(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("capacity", c_uint32), ("element_size", c_uint32),
                ("items_per_slot", c_uint32), ("layout", c_uint32), ("permissions", c_uint32), ("reserved", c_uint32),
                ("timeout_ns", c_int64)]


class QueueInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("layout", c_uint32), ("capacity", c_uint32),
                ("element_size", c_uint32), ("items_per_slot", c_uint32), ("slot_count", c_uint32),
                ("reserved", c_uint32), ("base", c_void_p), ("length", c_uint64), ("data_offset", c_uint64),
                ("name", c_char_p), ("extension_offset", c_uint64),
                ("identity", c_uint8 * 16), ("created_ns", c_int64)]


class Record(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("index", c_uint64), ("lost", c_uint64), ("count", c_uint32), ("flags", c_uint32)]


# The rest of a record, with struct: one call reads all fields, where each attribute of a ctypes object is one.
RECORD_FIELDS = "QQQII"  # data, index, lost, count, flags
RECORD_SIZE = struct.calcsize("<" + RECORD_FIELDS)
ENTRY = struct.Struct("<QI4x")       # index, count
BATCH = struct.Struct("<QQQQII")     # data, entries, index, lost, records, elements
BATCH_RECORDS = 32                   # where `records` lies; 0 with all that is no record


class ReaderOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("start", c_uint32), ("start_index", c_uint64), ("after_lap", c_uint32),
                ("slack", c_uint32), ("batch", c_uint32), ("flags", c_uint32), ("stall_ns", c_int64)]


class ReaderInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("resets", c_uint32), ("cursor", c_uint64), ("lag", c_uint64),
                ("received_records", c_uint64), ("received_elements", c_uint64), ("lost_lapped", c_uint64),
                ("lost_gap", c_uint64), ("lost_torn", c_uint64), ("lost_reset", c_uint64), ("pending_ns", c_uint64),
                ("suspect_elements", c_uint64)]


class WorkerOptions(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("mode", c_uint32), ("group", c_char_p), ("start", c_uint32),
                ("reserved", c_uint32), ("stall_ns", c_int64), ("linger_ns", c_int64)]


class ConsumerInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("kind", c_uint32), ("id", c_uint64), ("pid", c_uint32),
                ("is_alive", c_uint32), ("group", c_uint32), ("has_claim", c_uint32), ("index", c_uint64),
                ("lag", c_uint64)]


class GroupInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("mode", c_uint32), ("name", c_char * 24), ("cursor", c_uint64),
                ("lag", c_uint64), ("redelivered", c_uint64), ("abandoned", c_uint64), ("lost", c_uint64),
                ("workers", c_uint32), ("is_waited_for", c_uint32), ("unfinished", c_uint64)]


class Inspection(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("verdict", c_int), ("length", c_uint64), ("required_length", c_uint64),
                ("layout", c_uint32), ("marker", c_uint32), ("init_state", c_uint32), ("capacity", c_uint32),
                ("element_size", c_uint32), ("items_per_slot", c_uint32), ("next_index", c_uint64),
                ("last_published", c_uint64), ("oldest_index", c_uint64), ("published", c_uint64),
                ("identity", c_uint8 * 16), ("created_ns", c_int64), ("late_publishes", c_uint64)]



class EpochInfo(ctypes.Structure):
    _fields_ = [("struct_size", c_uint32), ("is_resetting", c_uint32), ("resets", c_uint64),
                ("reserved_before", c_uint64)]


_Sized = TypeVar("_Sized", bound=ctypes.Structure)


def sized(kind: Type[_Sized], **fields: Any) -> _Sized:
    """Such a struct with its struct_size."""
    return kind(struct_size=ctypes.sizeof(kind), **fields)
