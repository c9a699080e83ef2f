"""Waiting until a deadline, with Ctrl-C.

The library sleeps in the kernel with the interpreter's lock given up. Python runs its signal handlers in the main thread
between two of its own steps, so there a wait is cut into slices.
"""
import math
import threading
import time
from typing import Any, Callable, Optional

from ._library import quick
from .constants import Status

FOREVER = 2**63 - 1
SLICE_NS = 100_000_000  # Ctrl-C surfaces at most this late; waking so often costs some 0.02 % of a core


def nanoseconds(seconds: Optional[float], default: int, endless: int) -> int:
    """Seconds for the library, where None is the default, and math.inf never."""
    if seconds is None:
        return default
    if seconds < 0 or math.isnan(seconds):
        raise ValueError("seconds must not be negative")
    if seconds * 1e9 >= FOREVER:
        return endless
    return max(1, int(seconds * 1e9))  # 0 means the default there


def deadline_of(timeout: Optional[float]) -> int:
    """The deadline `timeout` seconds from now; None waits for ever, 0 and less does not wait."""
    if timeout is None:
        return FOREVER
    if timeout <= 0:
        return 0
    if timeout * 1e9 >= FOREVER:
        return FOREVER
    deadline: int = quick.slickq_deadline(int(timeout * 1e9))
    return deadline


def slice_of(deadline: int) -> int:
    """The deadline of the next slice."""
    slice_end: int = min(deadline, quick.slickq_deadline(SLICE_NS))
    return slice_end


def in_slices(call: Callable[[int], int], deadline: int) -> int:
    """call(deadline), where that says TIMED_OUT at the deadline; `call` may be called several times. For readers and workers:
    to cancel them ends the wait under way, or the next one, and so no cancel is lost between two slices."""
    if threading.current_thread() is not threading.main_thread():
        return call(deadline)
    while True:
        slice_end = slice_of(deadline)
        status = call(slice_end)
        if status != Status.TIMED_OUT or slice_end == deadline:
            return status


class QueueWait:
    """One wait on a queue, begun when this is made. The library's cancel of a queue ends the calls that are under way, and a
    thread may be just before its call, or between two slices: so all threads wait in slices, and look in between whether the
    queue was cancelled or closed since the wait began."""

    def __init__(self, queue: Any) -> None:
        self._queue, self._cancelled = queue, queue._cancelled  # before the handle, as close() goes the other way
        self.handle = queue._handle

    def is_cancelled(self) -> bool:
        """Whether cancel() or close() was called since."""
        return self._queue._cancelled is not self._cancelled

    def in_slices(self, call: Callable[[int], int], deadline: int) -> int:
        """As the function of that name."""
        while True:
            if self.is_cancelled():
                return Status.CANCELLED
            slice_end = slice_of(deadline)
            status = call(slice_end)
            if status != Status.TIMED_OUT or slice_end == deadline:
                return status


def remaining(deadline: int) -> Optional[float]:
    """Seconds until the deadline, for others who wait by seconds; None for ever. As slickq_deadline(), by the clock that
    time.monotonic_ns() reads."""
    if deadline == FOREVER:
        return None
    return max(0.0, (deadline - time.monotonic_ns()) / 1e9)
