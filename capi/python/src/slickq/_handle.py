"""Who owns a handle of the C API."""
from ctypes import byref, c_void_p
from typing import Any, Callable

from ._library import patient
from .errors import check


class Handle(c_void_p):
    """A handle, to be passed as it is, that closes itself when the last reference to it is gone: that of the queue
    (reader, ...), of a call that it was passed to, of a memoryview into its memory. So nobody is ever left with memory that
    is not mapped any more, and nothing is closed under a call."""

    _close: Callable[[c_void_p], int]

    def __del__(self) -> None:
        if self.value:
            self._close(self)


#: What a closed object passes as its handle: the library answers SLICKQ_E_NULL, so no call need look first.
CLOSED = Handle()


def make_handle(kind: str, call: Callable[..., int], *arguments: Any) -> Handle:
    """Calls what has a new handle of that kind as its last argument."""
    handle = Handle()
    check(call(*arguments, byref(handle)))
    handle._close = getattr(patient, f"slickq_{kind}_close")
    return handle
