"""Cursors that several consumers share: a cell of 8 bytes."""
from ctypes import addressof, byref, c_char, c_uint64, c_void_p
from typing import Any, Callable, Optional, Tuple

from ._handle import make_handle
from ._library import patient, quick
from ._ring import encode_name, file_identity, open_named, unsigned, unsigned_64
from .constants import Status
from .errors import MismatchError, check

_load, _store, _compare_exchange = quick.slickq_cell_load, quick.slickq_cell_store, quick.slickq_cell_compare_exchange


class _Address(c_void_p):
    """A cell's address, which keeps alive what the cell lies in: so does each call that it is passed to."""

    owner: object


class AtomicCursor:
    """A cursor in 8 bytes of the caller's memory, aligned to 8 (else ValueError): of a bytearray for threads, of
    SharedMemory.buf or an mmap for processes. Set it to the starting index before use. From any threads and processes.

    It keeps a bytearray from being resized, but never keeps a SharedMemory from being closed: after that, or after
    release(), using the cursor is a RuntimeError, also in a thread that is just about to."""

    __slots__ = ("_address", "_buffer", "_offset")

    def __init__(self, buffer: Any, offset: int = 0) -> None:
        export = c_char.from_buffer(buffer, offset)
        c_uint64.from_buffer(buffer, offset)  # ValueError if there are not 8 bytes
        self._address: Optional[_Address] = None
        self._buffer: Optional[memoryview] = None
        self._offset = offset
        # A memoryview that the caller can release is held by each call only, so that he can.
        if isinstance(buffer, memoryview):
            self._buffer = buffer
        else:
            self._address = _Address(addressof(export))
            self._address.owner = export
        del export
        self.load()  # refuses what is not aligned

    def _call(self, function: Callable[..., int], before: "Tuple[Any, ...]", after: "Tuple[Any, ...]") -> int:
        """function(*before, the cell's address, *after), while the cell is one. The function is of `quick`."""
        address = self._address
        if address is not None:
            return function(*before, address, *after)
        buffer = self._buffer
        if buffer is None:
            raise RuntimeError("AtomicCursor has been released, or its buffer")
        try:
            # In one step of the interpreter: the buffer is held during the call, and no other thread can run meanwhile, find it
            # held and fail to close it. (ctypes passes an array as its address.)
            cells = map(_cell_in, (buffer,), (self._offset,))
            if not before and len(after) == 1:
                return next(map(function, cells, after))
            return next(map(function, *zip(before), cells, *zip(after)))
        except ValueError:  # it was released
            self.release()
            raise RuntimeError("AtomicCursor has been released, or its buffer") from None

    def release(self) -> None:
        """Lets go of the buffer."""
        self._address = self._buffer = None

    def load(self) -> int:
        """The cursor; acquires."""
        value = c_uint64()
        check(self._call(_load, (), (byref(value),)))
        return value.value

    def store(self, value: int) -> None:
        """Sets the cursor; releases. ValueError: not in 64 bits."""
        check(self._call(_store, (), (c_uint64(unsigned_64("value", value)),)))

    def compare_exchange_weak(self, expected: int, desired: int) -> Tuple[bool, int]:
        """Sets the cursor to `desired` if it is `expected`. (Whether it was, what it was.) It never fails without reason:
        the name is that of slick-queue-py."""
        value = c_uint64(unsigned_64("expected", expected))
        wanted = c_uint64(unsigned_64("desired", desired))
        status = check(self._call(_compare_exchange, (), (byref(value), wanted)))
        return status == Status.OK, value.value

    def __reduce__(self) -> "Tuple[Any, ...]":
        raise TypeError("an AtomicCursor can't be pickled or copied: its memory is this process's. Make it anew where it is needed, "
                        "over the same SharedMemory, or use a SharedCursor, which has a name")


_cell_in = (c_uint64 * 1).from_buffer


class SharedCursor(AtomicCursor):
    """A cursor in a named segment of its own. Other processes open it by this class, get it pickled, or use
    AtomicCursor(SharedMemory(name).buf, offset). remove() removes the name; nothing else does.

    offset: bytes from the segment's start, a multiple of 8.
    create: None opens it, or makes it if the name is free; False only opens it (NotFoundError); True only makes it (ExistsError).
    permissions: of a new segment, exactly; 0: 0o666 less the umask.
    timeout: seconds to wait for another process that is just making it; None: 2."""

    __slots__ = ("name", "_identity")

    def __init__(self, name: str, offset: int = 0, *, create: Optional[bool] = None, permissions: int = 0,
                 timeout: Optional[float] = None) -> None:
        encoded, place, mode = encode_name(name), unsigned_64("offset", offset), unsigned("permissions", permissions)

        def call(timeout_ns: int) -> "Tuple[Any, ...]":
            if create is None:
                return patient.slickq_cursor_open_or_create, encoded, place, mode, timeout_ns
            if create:
                return patient.slickq_cursor_create, encoded, place, mode
            return patient.slickq_cursor_open, encoded, place, timeout_ns

        handle = open_named("cursor", call, timeout)
        #: Of the segment.
        self.name = name.lstrip("/")
        self._identity = file_identity(self.name)
        self._buffer, self._offset = None, offset
        address = _Address()
        check(patient.slickq_cursor_cell(handle, byref(address)))
        address.owner = handle
        self._address = address

    def release(self) -> None:
        """Unmaps it, when the last call on it under way has ended. The name stays."""
        super().release()

    close = release

    def __enter__(self) -> "SharedCursor":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __reduce__(self) -> "Tuple[Any, ...]":
        """Pickled by name, as a queue is."""
        if self._address is None:
            raise RuntimeError("the SharedCursor has been released")
        return _open_pickled, (type(self), self.name, self._offset, self._identity)


def _open_pickled(kind: "type[SharedCursor]", name: str, offset: int, identity: Any) -> SharedCursor:
    cursor = kind(name, offset, create=False)
    if cursor._identity == identity:
        return cursor
    cursor.release()
    raise MismatchError(Status.E_MISMATCH, f"the name '{name}' leads to another cursor than the one that was pickled: it was removed "
                                           "since, and made anew")
