"""Lock-free queues in private or shared memory, byte-compatible with SlickQueue: libslickq for Python.

Queue is the native interface, StructQueue and ArrayQueue have typed records, SlickQueue is a drop-in for slick-queue-py.
"""
from ._library import quick as _quick
from ._ring import ConsumerInfo, Epoch, GroupInfo, remove
from .constants import AfterLap, ConsumerKind, GroupMode, Layout, Liveness, NameState, Start, Status
from .cursor import AtomicCursor, SharedCursor
from .errors import (AccessError, ArgumentError, BufferTooSmallError, BusyError, Cancelled, ClosedError, CorruptError,
                     Error, EvictedError, ExistsError, Full, HalfResetError, InternalError, MismatchError,
                     NoConsumerError, NoGroupError, NotFoundError, NotReservedError, OsError, OutOfMemoryError,
                     ProducingError, ReadOnlyError, SecondProducerError, SegmentError, StaleError, TooLargeError,
                     UnsupportedError)
from .inspection import Inspection, inspect
from .queue import Queue
from .reader import Reader, ReaderInfo
from .records import Batch, Losses, Outcome, Record, View
from .slick_queue import QueueTraits, SlickQueue, check_platform_support, default_queue_traits, validate_traits
from .typed import ArrayQueue, StructQueue
from .worker import Consumer, Worker

#: Of the library that was loaded.
__version__: str = _quick.slickq_version_string().decode()

__all__ = [
    "AccessError", "AfterLap", "ArgumentError", "ArrayQueue", "AtomicCursor", "Batch", "BufferTooSmallError",
    "BusyError", "Cancelled", "ClosedError", "Consumer", "ConsumerInfo", "ConsumerKind", "CorruptError", "Epoch",
    "Error", "EvictedError", "ExistsError", "Full", "GroupInfo", "GroupMode", "HalfResetError", "Inspection", "InternalError",
    "Layout", "Liveness", "Losses", "MismatchError", "NameState", "NoConsumerError", "NoGroupError", "NotFoundError",
    "NotReservedError", "OsError", "OutOfMemoryError", "Outcome", "ProducingError", "Queue", "QueueTraits",
    "ReadOnlyError", "Reader", "ReaderInfo", "Record", "SecondProducerError", "SegmentError", "SharedCursor",
    "SlickQueue", "StaleError", "Start", "Status", "StructQueue", "TooLargeError", "UnsupportedError", "View",
    "Worker", "check_platform_support", "default_queue_traits", "inspect", "remove", "validate_traits", "__version__",
]
