"""Who owns a handle of the C API, and who may use it.

A handle closes itself when the last reference to it is gone: that of the queue (reader, ...), of a call that it was passed
to, of a memoryview into its memory. So a call takes one reference, keeps it until it has copied what it was told of, and
nothing is closed under it: reference counts are the count of uses. close() takes away the object's own reference, and ends
the waits that are under way.
"""
import os
import threading
import weakref
from ctypes import byref, c_void_p
from typing import Any, Callable, TypeVar

from ._library import patient
from .constants import Status
from .errors import check, error

T = TypeVar("T")


class Handle(c_void_p):
    """A handle, to be passed as it is."""

    _close: Callable[[c_void_p], int]

    def __del__(self) -> None:
        if self.value:
            self._close(self)

    def abandon(self) -> None:
        """It is never closed: in a child of fork() another thread of the parent was just changing what it leads to."""
        self.value = None


#: What a closed object passes as its handle: the library answers SLICKQ_E_NULL, so no call need look first.
CLOSED = Handle()
#: What an object passes that is the parent's, in a child of fork().
FORKED = Handle()


def make_handle(kind: str, call: Callable[..., int], *arguments: Any) -> Handle:
    """Calls what has a new handle of that kind as its last argument."""
    handle = Handle()
    handle._close = getattr(patient, f"slickq_{kind}_close")
    check(call(*arguments, byref(handle)))
    return handle


class OneAtATime:
    """What belongs to one thread at a time: readers and workers, whose memory the library gives to the next call. A second
    thread is refused, and not made to wait: it might be for ever.

        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            handle = self._handle  # until all is copied
            ...
            self._is_in_use = False
            return result
        except BaseException:
            if mine:
                self._is_in_use = False
            raise

    A signal handler may raise an exception at the beginning and at the end of any call, but not between statements that
    call nothing (since Python 3.10). Between the library's answer and the return to the caller it would take with it
    what the library has said. So the library itself marks that something was said, and the mark is taken away by the
    statements right before the return, which call nothing: an interrupted call leaves what was said to the next one.
    (To release a lock there would be a call, hence _is_in_use.)

    After a fork the child has a copy, which is closed (ClosedError) if it is registered for the parent, or if another thread
    was just using it."""

    _handle: Handle
    _is_registered = False

    def __init__(self) -> None:
        self._handle = CLOSED
        # Held for a look at the next one, and its change. A signal handler may come in between, and close the object.
        self._gate = threading.RLock()
        self._is_in_use = False
        _all.add(self)

    def _alone(self, call: Callable[[], T]) -> T:
        """call(), while no other thread is in a call: for what hands out no records."""
        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            return call()
        finally:
            if mine:
                self._is_in_use = False

    def _is_busy(self) -> Exception:
        if self._handle is CLOSED:  # it is close() that looks at the counts
            return error(Status.E_NULL)
        return RuntimeError(f"another thread is in a call on this {type(self).__name__.lower()}: it belongs to one at a time")

    def _in_child(self) -> None:
        """Called in a child of fork()."""
        was_in_use = self._is_in_use
        self._gate, self._is_in_use = threading.RLock(), False
        if was_in_use:
            self._handle.abandon()
        if was_in_use or self._is_registered:
            self._handle = FORKED


_all: "weakref.WeakSet[OneAtATime]" = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for one in list(_all):
        one._in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
