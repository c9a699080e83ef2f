"""Workers of a group, and consumers that register with a cursor of their own."""
import struct
from ctypes import byref, c_char, c_uint64
from typing import Any, Callable, Generic, Iterator, Optional, TypeVar, Union

from ._handle import CLOSED, Handle, make_handle
from ._library import patient, quick
from ._memory import Window
from ._ring import encode_name
from ._structs import RECORD_FIELDS, RECORD_SIZE, WorkerOptions, sized
from ._waiting import deadline_of, in_slices, nanoseconds
from .codec import Codec
from .constants import GroupMode, Start, Status
from .errors import Cancelled, ClosedError, check, error
from .records import Outcome, Record

T = TypeVar("T")

_read = quick.slickq_worker_read
_unpack = struct.Struct("<" + RECORD_FIELDS).unpack_from

_NOTHING = frozenset((Status.EMPTY, Status.TIMED_OUT, Status.CANCELLED))
_LOSSES = frozenset((Status.LAPPED, Status.HOLE, Status.ABANDONED))
_REDELIVERED = 1
_NO_INDEX = 2**64 - 1


class Worker(Generic[T]):
    """Takes records from a group; made by Queue.worker(). Each record of the queue goes to one worker of the group. What a
    worker has in hand is written down in the segment until it takes the next one, or says done(); if the worker dies, it goes
    to another, or is reported, by the group's mode. on_loss(Outcome) is told of losses, and of records that a dead worker
    leaves behind in an at-most-once group (ABANDONED).

    It belongs to one thread at a time, but for cancel() and close(), and after a fork it is the parent's."""

    def __init__(self, queue: Any, codec: Codec[T], group: str, mode: int = GroupMode.ANY, *, start: int = Start.NOW,
                 stall: Optional[float] = None, linger: Optional[float] = None,
                 on_loss: Optional[Callable[[Outcome], object]] = None) -> None:
        """See Queue.worker()."""
        options = sized(WorkerOptions, mode=mode, group=encode_name(group), start=start,
                        stall_ns=nanoseconds(stall, 0, -1), linger_ns=nanoseconds(linger, 0, -1))
        self._handle: Handle = CLOSED
        self._handle = make_handle("worker", patient.slickq_worker_open, queue._handle, byref(options))
        self._codec = codec
        self._element_size: int = queue.element_size
        #: Called with each loss.
        self.on_loss = on_loss
        #: Of the group.
        self.group = group
        self._said = bytearray(RECORD_SIZE)
        self._said_ref = byref(c_char.from_buffer(self._said))
        self._data = Window()

    def poll(self, timeout: Optional[float] = 0) -> Union[Record, Outcome]:
        """One step: claims the next record, waiting up to `timeout` seconds (None: for ever), or tells why there is none,
        losses included, one at a time. What the worker had in hand is done with. EvictedError: it is a worker no more."""
        return self._step(deadline_of(timeout))

    def _step(self, deadline: int) -> Union[Record, Outcome]:
        status = _read(self._handle, self._said_ref)
        if status == Status.EMPTY and deadline:
            handle = self._handle
            status = in_slices(lambda until: patient.slickq_worker_read_until(handle, until, self._said_ref), deadline)
        address, index, lost, count, flags = _unpack(self._said)
        if status == 0:
            return Record(self._data.read(address, count * self._element_size), index, count, bool(flags & _REDELIVERED))
        if status in _NOTHING or status in _LOSSES or status == Status.E_CORRUPT:
            return Outcome(Status(status), index, lost)
        raise error(status)

    def read_record(self, timeout: Optional[float] = 0) -> Optional[Record]:
        """The next record, as poll(), but telling on_loss of losses on the way. Cancelled: see cancel()."""
        deadline = deadline_of(timeout)
        while True:
            said = self._step(deadline)
            if isinstance(said, Record):
                return said
            if said.status in (Status.CANCELLED, Status.E_CORRUPT):
                raise error(said.status)
            if said.status not in _LOSSES:
                return None
            if self.on_loss is not None:
                self.on_loss(said)

    def read(self, timeout: Optional[float] = 0) -> Optional[T]:
        """The next record's value, None if there is none in time."""
        record = self.read_record(timeout)
        return None if record is None else self._codec.one(record.data)

    def __iter__(self) -> Iterator[T]:
        """Record by record, waiting for ever; ends when the worker is cancelled or closed. A record is done with when the next
        one is asked for."""
        return self.iterate(None)

    def iterate(self, timeout: Optional[float] = 0) -> Iterator[T]:
        """Record by record, until there was none for `timeout` seconds (None: for ever)."""
        try:
            while True:
                record = self.read_record(timeout)
                if record is None:
                    return
                yield self._codec.one(record.data)
        except Cancelled:
            return
        except ClosedError:
            if self._handle:  # not by close(): it is another process's
                raise

    def done(self) -> None:
        """What the worker has in hand is done with. EvictedError: it may have been given to another."""
        check(patient.slickq_worker_done(self._handle))

    def cancel(self) -> None:
        """From any thread: ends the worker's wait with Cancelled (an iteration just ends), the next one if there is none."""
        check(patient.slickq_worker_cancel(self._handle))

    def close(self) -> None:
        """Leaves the group; what it has in hand counts as done. Closing twice is fine."""
        handle, self._handle = self._handle, CLOSED
        if handle:
            patient.slickq_worker_cancel(handle)

    def __enter__(self) -> "Worker[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Consumer:
    """A consumer with a cursor of its own that lossless producers wait for; made by Queue.register(). Read with
    Queue.read() or read_view() from held_from on, and acknowledge."""

    def __init__(self, queue: Any, index: Optional[int] = None) -> None:
        """See Queue.register()."""
        consumer, held_from = c_uint64(), c_uint64()
        self._queue: Handle = queue._handle
        check(patient.slickq_consumer_register(self._queue, _NO_INDEX if index is None else index, byref(consumer),
                                               byref(held_from)))
        #: As ConsumerInfo.id.
        self.id = consumer.value
        #: From this index on nothing is overwritten before it is acknowledged.
        self.held_from = held_from.value

    def acknowledge(self, index: int) -> None:
        """All before the index was read, and may be overwritten. EvictedError: producers wait for it no more."""
        check(patient.slickq_consumer_acknowledge(self._queue, self.id, index))

    def close(self) -> None:
        """Ends it: producers wait for it no more. Closing twice is fine, and so is one that was evicted."""
        queue, self._queue = self._queue, CLOSED
        if queue:
            status = patient.slickq_consumer_unregister(queue, self.id)
            if status != Status.E_EVICTED:
                check(status)

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
