"""The exceptions. Each is an Error, has the status of the C API that it stands for, and is a subclass of what Python
programs catch for that kind of mistake: ValueError, FileNotFoundError, TimeoutError and so on."""
import queue
from typing import Dict, Optional, Type

from ._library import quick
from .constants import Status


class Error(Exception):
    """Base of all. str() is the library's own sentence, with names and both sides' values."""

    #: The status of the C API.
    status: Status
    #: errno (GetLastError() on Windows) if the operating system was the cause, else 0.
    os_error: int
    #: Of Full, Cancelled and StaleError that come out of a batch: how many of its records were written, the first ones.
    written: int = 0

    def __init__(self, status: Status, message: str, os_error: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.os_error = os_error
        if isinstance(self, OSError):
            setattr(self, "errno", os_error or None)  # a plain assignment would declare it for all

    def __reduce__(self) -> "tuple[object, ...]":
        return type(self), (self.status, str(self), self.os_error), self.__dict__.copy()


class ArgumentError(Error, ValueError):
    """A value is out of range or contradicts another."""


class TooLargeError(ArgumentError, RuntimeError):
    """More elements than the queue has. (A RuntimeError too, which slick-queue-py raises here.)"""


class BufferTooSmallError(Error, ValueError):
    """The buffer is too small for the record. Nothing was consumed."""


class ClosedError(Error, ValueError):
    """The queue, reader, worker or cursor was closed, or is not this process's after a fork."""


class ReadOnlyError(Error, TypeError):
    """The queue was opened read-only, and the call would write."""


class UnsupportedError(Error, NotImplementedError):
    """This platform, or this queue's layout, cannot do that."""


class NotFoundError(Error, FileNotFoundError):
    """No segment of that name."""


class ExistsError(Error, FileExistsError):
    """The name is taken."""


class AccessError(Error, PermissionError):
    """The operating system denies access."""


class OsError(Error, OSError):
    """Shared memory has no room, a limit of the system, or any other error of the operating system."""


class OutOfMemoryError(Error, MemoryError):
    """Out of memory or of address space."""


class SegmentError(Error, RuntimeError):
    """What was found under the name is no usable queue: half made, truncated, foreign, newer or corrupt."""


class CorruptError(SegmentError):
    """A header or slot contradicts itself."""

    #: After Queue.read() with a cursor: the cursor behind the broken slot, with which reading can go on.
    cursor: Optional[int] = None


class MismatchError(SegmentError, ValueError):
    """A queue, but not as the caller asked for."""


class ProducingError(Error, RuntimeError):
    """The record was not published."""


class StaleError(ProducingError):
    """It came too late: the ring had gone round."""


class NotReservedError(ProducingError, ValueError):
    """The index is not reserved, or not any more: the queue may have been reset."""


class SecondProducerError(ProducingError):
    """The queue was opened for a single producer, and somebody else has produced."""


class HalfResetError(Error, RuntimeError):
    """A process died while resetting the queue. Reset it again."""


class EvictedError(Error, RuntimeError):
    """This consumer or worker is registered no more: it was evicted, or its process taken for dead."""


class NoConsumerError(Error, LookupError):
    """No consumer or worker of that id is registered: it is over."""


class NoGroupError(Error, LookupError):
    """The queue has no group of that name."""


class BusyError(Error, RuntimeError):
    """The group has workers that may live."""


class InternalError(Error, RuntimeError):
    """A defect in libslickq."""


class Full(Error, queue.Full):
    """Lossless: no room before a registered consumer or a group has read on."""


class Cancelled(Error):
    """Another thread ended the wait, by cancel() or by closing the queue."""


_CLASSES: Dict[Status, Type[Error]] = {
    Status.FULL: Full,
    Status.CANCELLED: Cancelled,
    Status.E_NULL: ClosedError,
    Status.E_HANDLE: ClosedError,
    Status.E_ARGUMENT: ArgumentError,
    Status.E_NAME: ArgumentError,
    Status.E_BUFFER: BufferTooSmallError,
    Status.E_READ_ONLY: ReadOnlyError,
    Status.E_UNSUPPORTED: UnsupportedError,
    Status.E_NOT_FOUND: NotFoundError,
    Status.E_EXISTS: ExistsError,
    Status.E_ACCESS: AccessError,
    Status.E_NO_SPACE: OsError,
    Status.E_NO_MEMORY: OutOfMemoryError,
    Status.E_LIMIT: OsError,
    Status.E_OS: OsError,
    Status.E_CORRUPT: CorruptError,
    Status.E_MISMATCH: MismatchError,
    Status.E_STALE: StaleError,
    Status.E_NOT_RESERVED: NotReservedError,
    Status.E_SECOND_PRODUCER: SecondProducerError,
    Status.E_HALF_RESET: HalfResetError,
    Status.E_EVICTED: EvictedError,
    Status.E_NO_CONSUMER: NoConsumerError,
    Status.E_NO_GROUP: NoGroupError,
    Status.E_BUSY: BusyError,
    Status.E_INTERNAL: InternalError,
}


def last_message() -> str:
    """The library's last one of this thread, in Python's words."""
    said: bytes = quick.slickq_last_message()
    return said.decode(errors="replace").replace("SLICKQ_OPEN_HALF_RESET", "half_reset=True")


def error(status: int, message: Optional[str] = None) -> Error:
    """The exception for a status. Without a message it asks the library for the last one of this thread, so to be called
    at once; an outcome that is no error has only its own sentence."""
    try:
        known = Status(status)
    except ValueError:  # of a newer library
        return InternalError(Status.E_INTERNAL, f"unknown status {status}")
    if message is None:
        message = last_message() if known < 0 else quick.slickq_status_text(known).decode()
    if known == Status.E_NULL:
        message = "closed, or the parent's after a fork"  # the bindings pass no handle for no other reason
    return _CLASSES.get(known, SegmentError)(known, message, quick.slickq_last_os_error() if known < 0 else 0)


def check(status: int) -> int:
    """The status if it is no error."""
    if status < 0:
        raise error(status)
    return status
