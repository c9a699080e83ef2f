"""Tasks that wait for room in a lossless queue."""
import asyncio
from typing import Any, Optional, Set

from ._helpers import finish
from ._ring import descriptor_of
from ._waiting import QueueWait

# Seconds between two looks where no descriptor tells, which grow from the first to the second: on Windows.
_SHORTEST_NAP, _LONGEST_NAP = 0.001, 0.01
# Seconds between two looks where one does: Full that other threads are told takes its word back before a task may have heard it.
_CARE = 0.1


class Room:
    """Those of one queue, in any event loops. A loop watches the descriptor while a task of it waits: when it is readable they all try
    again, and whoever is told Full once more makes it wait anew."""

    def __init__(self) -> None:
        self._waiters: "Set[asyncio.Future[Any]]" = set()

    def wake(self) -> None:
        """From any thread: all look again."""
        for waiter in list(self._waiters):
            try:
                waiter.get_loop().call_soon_threadsafe(finish, waiter)
            except RuntimeError:  # the loop is closed, and the task will never go on
                pass

    async def wait(self, wait: QueueWait, looks: int, timeout: Optional[float]) -> None:
        """After Full: until it may be worth another try, which the caller makes in any case; or the wait is cancelled. looks: how
        often the task has waited already."""
        loop = asyncio.get_running_loop()
        waiter: "asyncio.Future[Any]" = loop.create_future()
        self._waiters.add(waiter)  # before it is looked whether it was cancelled, as cancel() does it the other way round
        descriptor, longest = None, _CARE
        try:
            if wait.is_cancelled():
                return
            try:
                descriptor = descriptor_of("queue_room", wait.handle)  # open for as long as the handle is here
                loop.add_reader(descriptor, self._tell, loop)
            except NotImplementedError:  # of the library, or of the event loop
                descriptor, longest = None, min(_SHORTEST_NAP * 1.5 ** min(looks, 10), _LONGEST_NAP)
            await asyncio.wait((waiter,), timeout=longest if timeout is None else min(timeout, longest))
        finally:
            waiter.cancel()
            self._waiters.discard(waiter)
            if descriptor is not None and not any(one.get_loop() is loop for one in list(self._waiters)):
                loop.remove_reader(descriptor)

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        for waiter in list(self._waiters):
            if waiter.get_loop() is loop:
                finish(waiter)
