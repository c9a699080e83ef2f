"""Finds and loads the shared library.

The same library is loaded twice, as two Python objects over one mapping:
  quick      keeps the interpreter's lock during a call, which makes the call a third cheaper: for what never waits
  patient    gives the lock up: for what may wait, or take long

Functions of `quick` have no argtypes on purpose: converting by them costs as much again as the call (195 and 339 ns for
slickq_queue_write() where that was measured). Their callers pass what needs no conversion: bytes, None, ctypes objects,
and int only for a uint32_t that they have checked to be one, because ctypes cuts an int to 32 bits without a word.
"""
import ctypes
import os
import sys
from ctypes import c_char_p, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Iterator

#: The least slickq_abi_version() that this package works with.
REQUIRED_ABI = 1

_FILES = {"win32": "slickq.dll", "darwin": "libslickq.1.dylib"}
_FILE = _FILES.get(sys.platform, "libslickq.so.1")

# Functions of `patient`, without the prefix, with the types of their arguments.
_PATIENT = {
    "platform_check": [c_uint32, c_void_p],
    "queue_create_local": [c_void_p, c_void_p],
    "queue_create": [c_char_p, c_void_p, c_void_p],
    "queue_open": [c_char_p, c_void_p, c_void_p],
    "queue_open_or_create": [c_char_p, c_void_p, c_void_p],
    "queue_close": [c_void_p],
    "queue_get_info": [c_void_p, c_void_p],
    "segment_remove": [c_char_p],
    "queue_write": [c_void_p, c_void_p, c_uint32, c_void_p],
    "queue_write_batch": [c_void_p, c_void_p, c_void_p, c_uint32, c_void_p],
    "queue_reserve_until": [c_void_p, c_uint32, c_int64, c_void_p],
    "queue_write_until": [c_void_p, c_void_p, c_uint32, c_int64, c_void_p],
    "queue_write_batch_until": [c_void_p, c_void_p, c_void_p, c_uint32, c_int64, c_void_p],
    "queue_cursor_at": [c_void_p, c_uint32, c_void_p],
    "queue_read": [c_void_p, c_void_p, c_void_p],
    "queue_read_batch": [c_void_p, c_void_p, c_void_p, c_uint32, c_void_p],
    "queue_read_last": [c_void_p, c_void_p],
    "queue_validate": [c_void_p, c_uint64],
    "queue_loss_count": [c_void_p, c_void_p],
    "queue_reset": [c_void_p],
    "queue_wait_until": [c_void_p, c_uint64, c_int64],
    "queue_cancel": [c_void_p],
    "queue_room_descriptor": [c_void_p, c_void_p],
    "queue_name_state": [c_void_p, c_void_p],
    "queue_epoch": [c_void_p, c_void_p],
    "queue_reattach": [c_void_p, c_void_p],
    "reader_open": [c_void_p, c_void_p, c_void_p],
    "reader_close": [c_void_p],
    "reader_read_batch_until": [c_void_p, c_uint32, c_int64, c_void_p],
    "reader_cancel": [c_void_p],
    "reader_descriptor": [c_void_p, c_void_p],
    "reader_get_info": [c_void_p, c_void_p],
    "worker_open": [c_void_p, c_void_p, c_void_p],
    "worker_close": [c_void_p],
    "worker_read_until": [c_void_p, c_int64, c_void_p],
    "worker_cancel": [c_void_p],
    "worker_done": [c_void_p],
    "worker_descriptor": [c_void_p, c_void_p],
    "consumer_register": [c_void_p, c_uint64, c_void_p, c_void_p],
    "consumer_acknowledge": [c_void_p, c_uint64, c_uint64],
    "consumer_wait_until": [c_void_p, c_uint64, c_void_p, c_int64, c_int64, c_void_p],
    "consumer_unregister": [c_void_p, c_uint64],
    "consumer_evict": [c_void_p, c_uint64],
    "consumer_get_info": [c_void_p, c_uint32, c_void_p],
    "group_get_info": [c_void_p, c_uint32, c_void_p],
    "group_remove": [c_void_p, c_char_p],
    "cursor_create": [c_char_p, c_uint64, c_uint32, c_void_p],
    "cursor_open": [c_char_p, c_uint64, c_int64, c_void_p],
    "cursor_open_or_create": [c_char_p, c_uint64, c_uint32, c_int64, c_void_p],
    "cursor_cell": [c_void_p, c_void_p],
    "cursor_close": [c_void_p],
    "segment_inspect": [c_char_p, c_uint32, c_void_p],
}

# Functions of `quick`. They return a status but for those of _RESULTS.
_QUICK = ("last_message", "last_os_error", "status_text", "version_string", "deadline",
          "queue_next_index", "queue_reserve", "queue_publish", "queue_write", "queue_write_batch", "queue_read_copy",
          "queue_read_shared", "queue_read_shared_copy", "reader_read_batch", "worker_read",
          "cell_load", "cell_store", "cell_compare_exchange", "index_distance", "index_add")
_RESULTS = {"last_message": c_char_p, "status_text": c_char_p, "version_string": c_char_p, "deadline": c_int64,
            "index_distance": c_int64, "index_add": c_uint64}


def _places() -> Iterator[str]:
    named = os.environ.get("SLICKQ_LIBRARY")
    if named:  # nothing else would do for who says which one
        yield named
        return
    packaged = os.path.join(os.path.dirname(os.path.abspath(__file__)), _FILE)
    if os.path.exists(packaged):
        yield packaged
    yield _FILE


def _open(path: str, required_abi: int) -> "tuple[ctypes.PyDLL, ctypes.CDLL]":
    quick, patient = ctypes.PyDLL(path), ctypes.CDLL(path)
    try:
        abi = patient.slickq_abi_version()
        if abi < required_abi:
            raise ImportError(f"{path} is too old: its ABI number is {abi}, slickq needs {required_abi} or more")
        for name, arguments in _PATIENT.items():
            getattr(patient, "slickq_" + name).argtypes = arguments
        for name in _QUICK:
            getattr(quick, "slickq_" + name).restype = _RESULTS.get(name, c_int)
        quick.slickq_deadline.argtypes = [c_int64]
        quick.slickq_index_distance.argtypes = [c_uint32, c_uint64, c_uint64]
        quick.slickq_index_add.argtypes = [c_uint32, c_uint64, c_int64]
    except AttributeError as missing:
        raise ImportError(f"{path} is not libslickq, or too old: {missing}") from None
    return quick, patient


def load(required_abi: int = REQUIRED_ABI) -> "tuple[ctypes.PyDLL, ctypes.CDLL]":
    """`quick` and `patient` of the first library there is: the one that the environment variable SLICKQ_LIBRARY names,
    the one inside this package, the one that the system's loader finds. ImportError if there is none, or one too old."""
    reasons = []
    for path in _places():
        try:
            return _open(path, required_abi)
        except OSError as reason:
            reasons.append(str(reason))
    raise ImportError("libslickq cannot be loaded: " + "; ".join(reasons))


if ctypes.sizeof(c_size_t) != 8:
    raise ImportError("libslickq needs a 64-bit platform")

quick, patient = load()
