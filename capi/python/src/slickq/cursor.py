"""Cursors that several consumers share: a cell of 8 bytes."""
from ctypes import addressof, byref, c_char, c_uint64, c_void_p
from typing import Any, Optional, Tuple

from ._handle import Handle, make_handle
from ._library import patient, quick
from ._ring import encode_name
from ._waiting import nanoseconds
from .constants import Status
from .errors import check

_load, _store, _compare_exchange = quick.slickq_cell_load, quick.slickq_cell_store, quick.slickq_cell_compare_exchange


class AtomicCursor:
    """A cursor in 8 bytes of the caller's memory, aligned to 8 (else ValueError): of a bytearray for threads, of
    SharedMemory.buf or an mmap for processes. Set it to the starting index before use. From any threads and processes.

    It keeps a bytearray from being resized, but never keeps a SharedMemory from being closed: after that, or after
    release(), using the cursor is a RuntimeError."""

    __slots__ = ("_address", "_buffer", "_export")

    def __init__(self, buffer: Any, offset: int = 0) -> None:
        export = c_char.from_buffer(buffer, offset)
        c_uint64.from_buffer(buffer, offset)  # ValueError if there are not 8 bytes
        self._address: Optional[c_void_p] = c_void_p(addressof(export))
        # A memoryview that the caller can release is looked at before each use, and not held exported, so that he can.
        self._buffer: Any = buffer if isinstance(buffer, memoryview) else memoryview(b"")
        self._export: Any = None if isinstance(buffer, memoryview) else export
        check(_load(self._address, byref(c_uint64())))  # refuses what is not aligned

    def _cell(self) -> c_void_p:
        """The cell's address, while it is one."""
        try:
            self._buffer.readonly
        except ValueError:
            self.release()
        if self._address is None:
            raise RuntimeError("AtomicCursor has been released, or its buffer")
        return self._address

    def release(self) -> None:
        """Lets go of the buffer."""
        self._address, self._buffer, self._export = None, memoryview(b""), None

    def load(self) -> int:
        """The cursor; acquires."""
        value = c_uint64()
        check(_load(self._cell(), byref(value)))
        return value.value

    def store(self, value: int) -> None:
        """Sets the cursor; releases."""
        check(_store(self._cell(), c_uint64(value)))

    def compare_exchange_weak(self, expected: int, desired: int) -> Tuple[bool, int]:
        """Sets the cursor to `desired` if it is `expected`. (Whether it was, what it was.) It never fails without reason:
        the name is that of slick-queue-py."""
        value = c_uint64(expected)
        status = check(_compare_exchange(self._cell(), byref(value), c_uint64(desired)))
        return status == Status.OK, value.value


class SharedCursor(AtomicCursor):
    """A cursor in a named segment of its own, which is made if the name is free. Other processes open it by this class or
    with AtomicCursor(SharedMemory(name).buf, offset). remove() removes the name; nothing else does.

    offset: bytes from the segment's start, a multiple of 8. timeout: seconds to wait for another process that is just
    making it."""

    __slots__ = ("_handle", "name")

    def __init__(self, name: str, offset: int = 0, *, permissions: int = 0, timeout: Optional[float] = None) -> None:
        self._handle: Optional[Handle] = make_handle("cursor", patient.slickq_cursor_open_or_create, encode_name(name),
                                                     offset, permissions, nanoseconds(timeout, 0, 2**63 - 1))
        #: Of the segment.
        self.name = name.lstrip("/")
        self._address = c_void_p()
        check(patient.slickq_cursor_cell(self._handle, byref(self._address)))
        self._buffer, self._export = memoryview(b""), None

    def release(self) -> None:
        """Unmaps it. The name stays."""
        super().release()
        self._handle = None

    close = release

    def __enter__(self) -> "SharedCursor":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
