"""Waiting until a deadline, with Ctrl-C.

The library sleeps in the kernel with the interpreter's lock given up. Python runs its signal handlers in the main thread
between two of its own steps, so there a wait is cut into slices. Other threads wait in one piece.
"""
import math
import threading
import time
from typing import Callable, Optional

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


def in_slices(call: Callable[[int], int], deadline: int) -> int:
    """call(deadline), where that says TIMED_OUT at the deadline; `call` may be called several times."""
    if threading.current_thread() is not threading.main_thread():
        return call(deadline)
    while True:
        slice_end = min(deadline, quick.slickq_deadline(SLICE_NS))
        status = call(slice_end)
        if status != Status.TIMED_OUT or slice_end == deadline:
            return status


def remaining(deadline: int) -> Optional[float]:
    """Seconds until the deadline, for others who wait by seconds; None for ever. As slickq_deadline(), by the clock that
    time.monotonic_ns() reads."""
    if deadline == FOREVER:
        return None
    return max(0.0, (deadline - time.monotonic_ns()) / 1e9)
