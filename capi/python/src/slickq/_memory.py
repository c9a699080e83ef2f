"""The callers' memory: bytes, bytearray, memoryview, array.array, mmap, NumPy arrays, ctypes objects; anything with
the buffer protocol."""
import ctypes
from typing import Any, Tuple


def readable(data: Any) -> Tuple[Any, int]:
    """(what ctypes takes as a pointer to the first byte, and keeps the memory alive; length in bytes).

    bytes and writable buffers are passed as they are. Read-only buffers of other types are copied first: ctypes gives no
    address of those. A buffer that is not contiguous is copied too."""
    if type(data) is bytes:
        return data, len(data)
    view = memoryview(data)
    if view.readonly or not view.c_contiguous or not view.nbytes:
        data = view.tobytes()
        return data, len(data)
    return ctypes.byref(ctypes.c_char.from_buffer(data)), view.nbytes


def contiguous(data: Any) -> Any:
    """The same; or its bytes, if they do not lie one behind the other in C's order, in which they are written."""
    if type(data) is bytes:
        return data
    view = memoryview(data)
    return data if view.c_contiguous else view.tobytes()


def bytes_of(data: Any) -> memoryview:
    """Its bytes, where they are if they are contiguous."""
    view = memoryview(contiguous(data))
    # memoryview.cast() knows neither structs, nor times, nor shapes with a 0: those are copied.
    try:
        return view.cast("B")
    except (TypeError, ValueError, NotImplementedError):
        return memoryview(view.tobytes())


def writable_bytes(buffer: Any) -> memoryview:
    """The buffer as bytes. TypeError if it is read-only, or not contiguous."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError("the buffer is read-only")
    return view.cast("B")


class Window:
    """Reads memory of the library as bytes objects. Keeps the ctypes object over it, because an address that was asked
    for once mostly is again."""

    __slots__ = ("_address", "_length", "_memory")

    def __init__(self) -> None:
        self._address, self._length, self._memory = 0, 0, (ctypes.c_char * 0)()

    def _at(self, address: int, length: int) -> Any:
        if address != self._address or length > self._length:
            self._memory = (ctypes.c_char * length).from_address(address)
            self._address, self._length = address, length
        return self._memory

    def read(self, address: int, length: int) -> bytes:
        """A copy. The memory must be there."""
        memory: Any = self._memory if address == self._address and length <= self._length else self._at(address, length)
        data: bytes = memory[:length]
        return data

    def view(self, address: int, length: int) -> memoryview:
        """The memory itself: for as long as the library leaves it there."""
        return memoryview(self._at(address, length)).cast("B")[:length]
