"""What readers and workers have in common in an event loop: one task at a time waits, and others end its wait."""
import asyncio
from typing import Any, Optional

from ._handle import CLOSED, Handle, OneAtATime
from ._helpers import finish
from ._ring import descriptor_of
from .constants import Status
from .errors import Cancelled, error


_POLLING = 0.002  # seconds between two looks in an event loop that can't watch a descriptor


class Awaitable(OneAtATime):
    """Ends the waits of tasks and of threads alike. What is asked for by cancel() is said once, to the wait under way or to the
    next one: a task that begins to wait says who it is before it looks, and cancel() and close() leave word before they look
    for a task, so that one of the two sees the other."""

    _kind: str  # of handle

    def __init__(self) -> None:
        super().__init__()
        self._waiter: "Optional[asyncio.Future[Any]]" = None  # of the task that waits
        self._is_cancel_due = False      # cancel() was called, and nobody was told
        self._is_library_told = False    # that also tells who waits in the library next

    def _cancel_wait(self, handle: Handle) -> int:
        """Ends the wait of the library."""
        raise NotImplementedError

    def cancel(self) -> None:
        """From any thread: ends the wait with Cancelled (an iteration just ends), the next one if there is none."""
        handle, self._is_cancel_due = self._handle, True
        if not self._wake_task():
            self._is_library_told = True
            status = self._cancel_wait(handle)
            if status:
                raise error(status)
            self._wake_task()  # one that began to wait just now, and looked before the library was told

    def close(self) -> None:
        """Ends it; what waits on it ends with Cancelled. When another thread is inside a call, the last thing that this call does
        is to close what it used. Closing twice is fine."""
        handle, self._handle = self._handle, CLOSED
        self._closing(handle)
        self._wake_task()
        if handle:
            self._cancel_wait(handle)

    def _closing(self, handle: Handle) -> None:
        """What else there is to be done."""

    def _wake_task(self) -> bool:
        """Ends the wait of a task with Cancelled, if there is one."""
        waiter = self._waiter
        if waiter is None:
            return False
        try:
            waiter.get_loop().call_soon_threadsafe(finish, waiter, None, error(Status.CANCELLED))
        except RuntimeError:  # the loop is closed, and the task will never go on
            return False
        return True

    async def _wait_for(self, waiter: "asyncio.Future[Any]", handle: Handle, timeout: Optional[float]) -> bool:
        """Waits for the future, which others end. False: not in time."""
        self._waiter = waiter
        try:
            if self._handle is not handle:  # closed just before
                raise error(Status.CANCELLED)
            if self._is_cancel_due:
                if self._is_library_told and self._look():
                    return True
                raise error(Status.CANCELLED)
            await asyncio.wait_for(waiter, timeout)
            return True
        except asyncio.TimeoutError:
            return False
        except Cancelled:
            self._is_cancel_due = False
            raise
        finally:
            self._waiter = None

    async def _readable(self, timeout: Optional[float]) -> bool:
        """Waits until the library may have something to say. False: not in time."""
        self._is_taken()
        loop, handle = asyncio.get_running_loop(), self._handle  # open, with its descriptor, for as long as it is watched
        waiter: "asyncio.Future[None]" = loop.create_future()
        try:
            descriptor = descriptor_of(self._kind, handle)
            # Watched only while somebody waits: it stays readable while records are left unread.
            loop.add_reader(descriptor, finish, waiter)
        except NotImplementedError:  # on Windows: of the library, or of the event loop
            left = _POLLING if timeout is None else min(_POLLING, timeout)
            return not await self._wait_for(waiter, handle, left) and (timeout is None or timeout > 0)
        try:
            return await self._wait_for(waiter, handle, timeout)
        finally:
            loop.remove_reader(descriptor)

    def descriptor(self) -> int:
        """A descriptor that is readable when there is something to read, or to be told, for select, poll, epoll and event loops. Never
        read from it, never close it. When it is readable, read until there is nothing; only that makes it wait for the next record.
        UnsupportedError on Windows."""
        return descriptor_of(self._kind, self._handle)

    def _look(self) -> bool:
        """Waits for an instant in the library, which says Cancelled if it was told. True: there is something to read instead."""
        raise NotImplementedError

    def _was_cancelled(self) -> None:
        """The library has said so."""
        self._is_cancel_due = self._is_library_told = False

    def _is_taken(self) -> None:
        if self._waiter is not None:
            raise RuntimeError(f"a task is waiting for this {type(self).__name__.lower()} already")

    def _in_child(self) -> None:
        super()._in_child()
        self._waiter = None
