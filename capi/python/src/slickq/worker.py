"""Workers of a group, and consumers that register with a cursor of their own."""
import asyncio
import struct
import weakref
from ctypes import byref, c_char, c_uint64
from os import getpid
from typing import Any, AsyncIterator, Callable, Dict, Generic, Iterator, Optional, Tuple, TypeVar, Union

from ._awaiting import Awaitable
from ._handle import CLOSED, FORKED, Handle, make_handle
from ._library import patient, quick
from ._memory import Window
from ._ring import Origin, encode_name, unsigned, unsigned_64
from ._structs import RECORD_FIELDS, RECORD_SIZE, WorkerOptions, sized
from ._waiting import QueueWait, deadline_of, in_slices, nanoseconds, remaining
from .codec import Codec
from .constants import GroupMode, Start, Status
from .errors import ArgumentError, Cancelled, ClosedError, check, error
from .records import Outcome, Record

T = TypeVar("T")
R = TypeVar("R")

_read = quick.slickq_worker_read
_unpack = struct.Struct("<" + RECORD_FIELDS).unpack_from

_NOTHING = frozenset((Status.EMPTY, Status.TIMED_OUT, Status.CANCELLED))
_LOSSES = frozenset((Status.LAPPED, Status.GAP, Status.RESET, Status.ABANDONED))
_RECORD_REDELIVERED = 1
_NO_INDEX = 2**64 - 1
_A_LOOK = 0.001  # seconds: a wait in which the library looks whether it was cancelled


class Worker(Awaitable, Generic[T]):
    """Takes records from a group; made by Queue.worker(). Each record of the queue goes to one worker of the group. What a
    worker has claimed is written down in the segment until it takes the next one, or says done(); if the worker dies, it goes
    to another, or is reported, by the group's mode. on_loss(Outcome) is told of losses, and of records that a dead worker
    leaves behind in an at-most-once group (ABANDONED).

    It belongs to one thread, or task, at a time, and refuses a second one (RuntimeError), but for cancel() and close(). What
    close() leaves claimed counts as done. After a fork it is the parent's (ClosedError in the child).

    A pickled worker is another worker of the same group, which joins it where it is unpickled."""

    _is_registered = True
    _kind = "worker"

    def __init__(self, queue: Any, codec: Codec[T], group: str, mode: int = GroupMode.ANY, *, start: int = Start.NOW,
                 stall: Optional[float] = None, linger: Optional[float] = None,
                 on_loss: Optional[Callable[[Outcome], object]] = None) -> None:
        """See Queue.worker()."""
        super().__init__()
        options = sized(WorkerOptions, mode=unsigned("mode", mode), group=encode_name(group), start=unsigned("start", start),
                        stall_ns=nanoseconds(stall, 0, -1), linger_ns=nanoseconds(linger, 0, -1))
        self._handle = make_handle("worker", patient.slickq_worker_open, queue._handle, byref(options))
        self._codec = codec
        self._element_size: int = queue.element_size
        self._origin: Origin = queue._origin
        self._options: Dict[str, Any] = dict(mode=int(mode), start=int(start), stall=stall, linger=linger)
        #: Called with each loss.
        self.on_loss = on_loss
        #: Of the group.
        self.group = group
        self._said = bytearray(RECORD_SIZE)
        self._said_ref = byref(c_char.from_buffer(self._said))
        self._unheeded = c_uint64.from_buffer(self._said)  # where a record lies that is not handed out; else 0
        self._data = Window()
        self._found: Optional[Outcome] = None  # a loss, when a task looked whether it was cancelled

    def poll(self, timeout: Optional[float] = 0) -> Union[Record[T], Outcome]:
        """One step: claims the next record, waiting up to `timeout` seconds (None: for ever), or tells why there is none,
        losses included, one at a time. What the worker had claimed is done with. EvictedError: it is a worker no more."""
        record, outcome = self._step(self._record, deadline_of(timeout))
        return record if outcome is None else outcome

    def _step(self, make: "Callable[..., R]", deadline: int, keeps: bool = False) -> "Tuple[Any, Optional[Outcome]]":
        """make() of the next record's fields; or why there is none. keeps: the record stays the next one."""
        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            handle, status = self._handle, 0  # its memory stays until all is copied
            if not handle or not self._unheeded.value:
                status = _read(handle, self._said_ref)
                if status == Status.EMPTY and deadline:
                    status = in_slices(lambda until: patient.slickq_worker_read_until(
                        handle, until, self._said_ref), deadline)
            address, index, lost, count, flags = _unpack(self._said)
            if status == 0:
                made = make(self._data.read(address, count * self._element_size), index, count, flags)
                if not keeps:
                    self._unheeded.value = 0
                self._is_in_use = False
                return made, None
            if not (status in _NOTHING or status in _LOSSES or status == Status.E_CORRUPT):
                raise error(status)
            if status == Status.CANCELLED:
                self._was_cancelled()
            outcome = Outcome(Status(status), index, lost)
            self._is_in_use = False
            return None, outcome
        except BaseException:
            if mine:
                self._is_in_use = False
            raise

    def _record(self, data: bytes, index: int, count: int, flags: int) -> Record[T]:
        return Record(data, index, count, bool(flags & _RECORD_REDELIVERED), self._codec)

    def _value(self, data: bytes, *_: int) -> T:
        return self._codec.one(data)

    def _next(self, make: "Callable[..., R]", deadline: int) -> Optional[R]:
        """make() of the next record, telling on_loss of losses on the way."""
        made: Optional[R]
        while True:
            made, outcome = self._step(make, deadline)
            if outcome is None:
                return made
            if not self._goes_on(outcome):
                return None

    def read_record(self, timeout: Optional[float] = 0) -> Optional[Record[T]]:
        """The next record, as poll(), but telling on_loss of losses on the way. Cancelled: see cancel()."""
        return self._next(self._record, deadline_of(timeout))

    def _goes_on(self, said: Outcome) -> bool:
        """Tells of a loss. Whether it was one: there may be a record right behind it."""
        if said.status in (Status.CANCELLED, Status.E_CORRUPT):
            raise error(said.status)
        if said.status not in _LOSSES:
            return False
        if self.on_loss is not None:
            self.on_loss(said)
        return True

    def read(self, timeout: Optional[float] = 0) -> Optional[T]:
        """The next record's value, None if there is none in time."""
        return self._next(self._value, deadline_of(timeout))

    def __iter__(self) -> Iterator[T]:
        """Record by record, waiting for ever; ends when the worker is cancelled or closed. A record is done with when the next
        one is asked for."""
        return self.iterate(None)

    def iterate(self, timeout: Optional[float] = 0) -> Iterator[T]:
        """Record by record, until there was none for `timeout` seconds (None: for ever)."""
        try:
            while True:
                value = self._next(self._value, deadline_of(timeout))
                if value is None:
                    return
                yield value
        except Cancelled:
            return
        except ClosedError:
            if self._handle is not CLOSED:  # not by close(): it is another process's
                raise

    def done(self) -> None:
        """What the worker has claimed is done with; but for a record that an interrupted call has left to the next one.
        EvictedError: it may have been given to another."""
        def tell() -> None:
            if not self._handle or not self._unheeded.value:
                check(patient.slickq_worker_done(self._handle))

        self._alone(tell)

    # ---- asyncio

    async def receive_record(self, timeout: Optional[float] = None) -> Optional[Record[T]]:
        """read_record() for asyncio: waits without keeping the event loop."""
        return await self._receive(self._record, timeout)

    async def receive(self, timeout: Optional[float] = None) -> Optional[T]:
        """read() for asyncio."""
        return await self._receive(self._value, timeout)

    async def _receive(self, make: "Callable[..., R]", timeout: Optional[float]) -> Optional[R]:
        deadline = deadline_of(timeout)
        made: Optional[R]
        while True:
            outcome, self._found = self._found, None
            if outcome is None:
                made, outcome = self._step(make, 0)
                if outcome is None:
                    return made
            if not self._goes_on(outcome) and not await self._readable(remaining(deadline)):
                return None

    async def __aiter__(self) -> AsyncIterator[T]:
        """Record by record, waiting for ever; ends when the worker is cancelled or closed. Lets others run before each."""
        try:
            while True:
                await asyncio.sleep(0)
                value = await self._receive(self._value, None)
                if value is not None:
                    yield value
        except Cancelled:
            return
        except ClosedError:
            if self._handle is not CLOSED:
                raise

    def _look(self) -> bool:
        _, outcome = self._step(lambda *_: None, deadline_of(_A_LOOK), keeps=True)
        if outcome is None:
            return True
        if outcome.status in _LOSSES:
            self._found = outcome  # taken before anything else can run
            return True
        if outcome.status in (Status.CANCELLED, Status.E_CORRUPT):
            raise error(outcome.status)
        return False

    def _cancel_wait(self, handle: Handle) -> int:
        status: int = patient.slickq_worker_cancel(handle)
        return status

    def __enter__(self) -> "Worker[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> "Tuple[Any, ...]":
        if not self._handle:
            raise error(Status.E_NULL)
        return _open_pickled, (tuple(self._origin.pickled()), self.group, self._options, self.on_loss)


def _open_pickled(origin: "Tuple[Any, ...]", group: str, options: Dict[str, Any],
                  on_loss: Optional[Callable[[Outcome], object]]) -> Any:
    with Origin(*origin).open() as queue:
        return queue.worker(group, on_loss=on_loss, **options)


class Consumer:
    """A consumer with a cursor of its own that lossless producers wait for; made by Queue.register(). Read with
    Queue.read() or read_view() from held_from on, and acknowledge. After a fork it is the parent's: the child's copy can do nothing
    (ClosedError), and does nothing when it is closed."""

    def __init__(self, queue: Any, index: Optional[int] = None) -> None:
        """See Queue.register()."""
        consumer, held_from = c_uint64(), c_uint64()
        self._ring = queue
        self._queue: Handle = queue._handle
        self._process = getpid()
        wanted = _NO_INDEX if index is None else unsigned_64("index", index)
        if wanted == index == _NO_INDEX:
            raise ArgumentError(Status.E_ARGUMENT, f"index {index} is none")  # the library's word for "from now on"
        check(patient.slickq_consumer_register(self._queue, wanted, byref(consumer), byref(held_from)))
        #: As ConsumerInfo.id.
        self.id = consumer.value
        self._ending = weakref.finalize(self, _unregister, self._queue, self.id, self._process)
        self._ending.atexit = False
        #: From this index on nothing is overwritten before it is acknowledged.
        self.held_from = held_from.value

    def _own(self) -> Handle:
        return self._queue if self._process == getpid() else FORKED

    def acknowledge(self, index: int) -> bool:
        """All before the index was read, and may be overwritten. False: the queue was reset since the consumer last said something;
        nothing is acknowledged, and it goes on at index 0. EvictedError: producers wait for it no more."""
        return check(patient.slickq_consumer_acknowledge(self._own(), self.id, unsigned_64("index", index))) == Status.OK

    def wait(self, cursor: int, timeout: Optional[float] = None, *, stall: Optional[float] = None) -> Outcome:
        """Waits up to `timeout` seconds (None: for ever) for something to read at the cursor, before which all was read, and gets past
        what nobody publishes. Go on at the outcome's index in any case:

            OK          there is a record: Queue.read() has it
            GAP        `lost` elements stayed unpublished for longer than `stall` seconds (None: 1; math.inf: for ever)
            LAPPED      `lost` elements were overwritten unpublished, by producers that do not wait
            RESET       the queue was reset
            TIMED_OUT   none of that

        What it moves over it acknowledges. EvictedError; Cancelled: see Queue.cancel()."""
        place, lost, handle = c_uint64(unsigned_64("cursor", cursor)), c_uint64(), self._own()
        stall_ns = nanoseconds(stall, 0, -1)
        status = check(QueueWait(self._ring).in_slices(
            lambda until: patient.slickq_consumer_wait_until(handle, self.id, byref(place), stall_ns, until, byref(lost)),
            deadline_of(timeout)))
        if status == Status.CANCELLED:
            raise error(status)
        return Outcome(Status(status), place.value, lost.value)

    def close(self) -> None:
        """Ends it: producers wait for it no more. Closing twice is fine, and so is one that was evicted."""
        self._queue = CLOSED
        status = self._ending()
        if status not in (None, Status.E_EVICTED):
            check(status)

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> "Tuple[Any, ...]":
        raise TypeError("a registered consumer can't be pickled or copied: it is this process's. Register another one "
                        "where it reads")


def _unregister(queue: Handle, consumer: int, process: int) -> int:
    """The last thing of a Consumer, closed or not. In a child of fork() it is the parent's."""
    status: int = patient.slickq_consumer_unregister(queue, consumer) if process == getpid() else Status.OK
    return status
