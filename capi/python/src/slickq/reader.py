"""Readers: consumers that hand out only true records, and account for all others."""
import asyncio
from ctypes import byref, c_char, c_uint32
from operator import length_hint
from typing import Any, AsyncIterator, Callable, Dict, Generic, Iterator, NamedTuple, Optional, Sequence, Tuple, TypeVar, Union

from ._awaiting import Awaitable
from ._handle import CLOSED, Handle, make_handle
from ._library import patient, quick
from ._memory import Window, writable_bytes
from ._ring import Origin, unsigned, unsigned_64
from ._structs import BATCH, BATCH_RECORDS, ENTRY, ReaderInfo as _ReaderInfo, ReaderOptions, sized
from ._waiting import deadline_of, in_slices, nanoseconds, remaining
from .codec import Codec
from .constants import AfterLap, Start, Status
from .errors import ArgumentError, BufferTooSmallError, Cancelled, ClosedError, Error, check, error
from .records import Batch, Losses, Outcome, Record

T = TypeVar("T")
R = TypeVar("R")

_read_batch, _unpack = quick.slickq_reader_read_batch, BATCH.unpack

_NOT_YET = frozenset((Status.EMPTY, Status.PENDING))
_NOTHING = frozenset((Status.EMPTY, Status.PENDING, Status.TIMED_OUT, Status.CANCELLED))
_LOSSES = frozenset((Status.LAPPED, Status.GAP, Status.RESET))
_READER_REGISTERED = 1
_START_INDEX = 3
_MOST_AHEAD = 65536
_NONE: Iterator[Any] = iter(())
_A_LOOK = 0.001  # seconds: a wait in which the library looks whether it was cancelled


class ReaderInfo(NamedTuple):
    """What a reader counts since it was opened. Elements are those of the index space."""

    cursor: int             #: index of what is handed out next (of what the library hands to this object next)
    lag: int                #: elements reserved from there on, now
    received_records: int
    received_elements: int
    losses: Losses
    resets: int             #: how often the queue was reset
    pending: float          #: seconds that the record at the cursor has been seen reserved and unpublished
    suspect_elements: int   #: of received_elements, those that may be wrong, at most: producers told since that they came too late


class Reader(Awaitable, Generic[T]):
    """Reads every record of a queue, in order; made by Queue.reader(). What it hands out was validated. What is lost is
    counted by cause (losses), and told to on_loss, if there is one: on_loss(Outcome), before the next record is handed out.
    CorruptError tells of a slot that no producer writes so; it was skipped, and reading can go on.

    It reads ahead: one call of the library fetches up to `batch` records. It belongs to one thread, or task, at a time, and
    refuses a second one (RuntimeError), but for cancel() and close(). It keeps the queue mapped even when the queue is closed.
    After a fork a registered reader is the parent's (ClosedError in the child); others go on in both, each for itself.

    A pickled reader is another reader of the same queue, opened by name, that begins with the record that this one would hand out
    next, with the same options.
    """

    _kind = "reader"

    def __init__(self, queue: Any, codec: Codec[T], *, start: int = Start.NOW, start_index: Optional[int] = None,
                 after_lap: int = AfterLap.OLDEST, slack: int = 0, batch: int = 0, registered: bool = False,
                 stall: Optional[float] = None, on_loss: Optional[Callable[[Outcome], object]] = None) -> None:
        """See Queue.reader()."""
        super().__init__()
        options = sized(ReaderOptions, start=unsigned("start", start) if start_index is None else _START_INDEX,
                        start_index=0 if start_index is None else unsigned_64("start_index", start_index),
                        after_lap=unsigned("after_lap", after_lap), slack=unsigned("slack", slack),
                        batch=unsigned("batch", batch), flags=_READER_REGISTERED if registered else 0,
                        stall_ns=nanoseconds(stall, 0, -1))
        self._handle = make_handle("reader", patient.slickq_reader_open, queue._handle, byref(options))
        self._codec = codec
        self._element_size: int = queue.element_size
        self._is_registered = registered
        self._origin: Origin = queue._origin
        self._options: Dict[str, Any] = dict(after_lap=after_lap, slack=slack, batch=batch, registered=registered, stall=stall)
        self._last_info: Optional[ReaderInfo] = None
        #: Called with each loss. An exception that it raises comes out of the reading call; nothing more is lost by that.
        self.on_loss = on_loss
        # What the library said last. Nothing else is asked for until all of it is handed out: its memory has the bytes.
        self._said = bytearray(BATCH.size)
        self._said_ref = byref(c_char.from_buffer(self._said))
        self._unheeded = c_uint32.from_buffer(self._said, BATCH_RECORDS)  # records said, and not handed out or decoded
        self._ready: Iterator[T] = _NONE
        self._kept = _Said(0, b"", 0, 0)  # what the values in _ready are the last ones of
        self._data, self._entries = Window(), Window()

    # ---- one by one

    def read(self, timeout: Optional[float] = 0) -> Optional[T]:
        """The next record, waited for up to `timeout` seconds (None: for ever). None: there is none. Cancelled: see cancel()."""
        for value in self._ready:
            return value
        said = None
        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            handle = self._handle
            if not self._unheeded.value and not length_hint(self._ready):
                status = _read_batch(handle, 0, self._said_ref)
                if status == 0:
                    address, _, _, _, records, elements = _unpack(self._said)
                    if records == 1:  # what keeps up with its producer mostly gets one at a time
                        value = self._codec.one(self._data.read(address, elements * self._element_size))
                        self._unheeded.value = 0
                        self._is_in_use = False
                        return value
                elif timeout != 0 or status not in _NOT_YET:
                    said = self._outcome(status)
                else:
                    self._is_in_use = False
                    return None
            self._is_in_use = False
        except BaseException:
            if mine:
                self._is_in_use = False
            raise
        return self._next(self._first, timeout, 0, said)

    def __iter__(self) -> Iterator[T]:
        """Every record, waiting for the next one for ever; ends when the reader is cancelled or closed."""
        return self.iterate(None)

    def iterate(self, timeout: Optional[float] = 0) -> Iterator[T]:
        """Every record, until there was none for `timeout` seconds (None: for ever), or the reader was cancelled or closed.
        Breaking off loses nothing: the next read goes on behind the last record."""
        try:
            while True:
                for value in self._ready:
                    yield value
                if not self._next(self._fill, timeout):
                    return
        except Cancelled:
            return
        except ClosedError:
            if self._handle is not CLOSED:  # not by close(): it is another process's
                raise

    def poll(self, timeout: Optional[float] = 0) -> Union[Record[T], Outcome]:
        """One step: the next record, or why there is none, losses included, one at a time. on_loss is not called."""
        value, outcome = self._step(self._one, 0, deadline_of(timeout))
        return value if outcome is None else outcome

    # ---- batches

    def read_batch(self, limit: int = 0, timeout: Optional[float] = 0) -> Optional[Batch[T]]:
        """Up to `limit` records (0: as many as are read ahead) in one bytes object; None as for read()."""
        if limit:
            limit = min(unsigned("limit", limit), _MOST_AHEAD)
        said = None
        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            handle = self._handle
            if not self._unheeded.value and not length_hint(self._ready):
                status = _read_batch(handle, limit, self._said_ref)
                if status == 0:
                    address, entries, _, _, records, elements = _unpack(self._said)
                    batch = Batch(self._data.read(address, elements * self._element_size),
                                  self._entries.read(entries, records * ENTRY.size), self._element_size, self._codec)
                    self._unheeded.value = 0
                    self._is_in_use = False
                    return batch
                if timeout != 0 or status not in _NOT_YET:
                    said = self._outcome(status)
                else:
                    self._is_in_use = False
                    return None
            self._is_in_use = False
        except BaseException:
            if mine:
                self._is_in_use = False
            raise
        return self._next(lambda said, left: self._batch(limit, said, left), timeout, limit, said)

    def poll_batch(self, limit: int = 0, timeout: Optional[float] = 0) -> Union[Batch[T], Outcome]:
        """poll() for up to `limit` records (0: as many as are read ahead)."""
        limit = min(unsigned("limit", limit), _MOST_AHEAD)
        batch, outcome = self._step(lambda said, left: self._batch(limit, said, left), limit, deadline_of(timeout))
        return batch if outcome is None else outcome

    def read_into(self, buffer: Any, timeout: Optional[float] = 0) -> int:
        """Copies the records at hand that fit into the buffer, one behind the other, and returns the bytes copied: 0 if there
        is none. The buffer is anything writable: bytearray, array.array, mmap, a NumPy array. BufferTooSmallError: for the
        next record, which is still there."""
        target = writable_bytes(buffer)
        limit = len(target) // self._element_size

        def copy(said: _Said, left: int) -> "Tuple[int, Iterator[T]]":
            records = _fitting(limit, said, left)
            if not records:
                raise BufferTooSmallError(Status.E_BUFFER, f"{len(target)} bytes are too few for the next record")
            address, length, _, rest = self._step_over(records, said, left)
            target[:length] = self._data.view(address, length)
            return length, rest

        return self._next(copy, timeout, max(1, min(limit, _MOST_AHEAD))) or 0

    # ---- asyncio

    async def receive(self, timeout: Optional[float] = None) -> Optional[T]:
        """read() for asyncio: waits without keeping the event loop."""
        deadline = deadline_of(timeout)
        while True:
            for value in self._ready:
                return value
            if not self._next(self._fill, 0) and not await self._readable(remaining(deadline)):
                return None

    def __aiter__(self) -> AsyncIterator[T]:
        """Every record, waiting for ever; ends when the reader is cancelled or closed. Lets others run once per batch."""
        return self._receive_all()

    async def _receive_all(self) -> AsyncIterator[T]:
        try:
            while True:
                for value in self._ready:
                    yield value
                await asyncio.sleep(0)
                if not self._next(self._fill, 0):
                    await self._readable(None)
        except Cancelled:
            return
        except ClosedError:
            if self._handle is not CLOSED:
                raise

    def _look(self) -> bool:
        return bool(self._next(self._fill, _A_LOOK))  # Cancelled, if the library was told of it

    # ---- state

    @property
    def info(self) -> ReaderInfo:
        """All counts; after close() what they were then. Records that are read ahead count as received."""
        def ask() -> ReaderInfo:
            handle = self._handle
            return self._last_info if handle is CLOSED and self._last_info is not None else _info(handle)

        return self._alone(ask)

    @property
    def losses(self) -> Losses:
        """The elements lost, by cause."""
        return self.info.losses

    def _cancel_wait(self, handle: Handle) -> int:
        status: int = patient.slickq_reader_cancel(handle)
        return status

    def _closing(self, handle: Handle) -> None:
        self._ready = _NONE
        if handle:
            try:
                self._last_info = self._alone(lambda: _info(handle))
            except Error:  # also if another thread is in a call: then the counts are not to be had
                pass

    def _in_child(self) -> None:
        super()._in_child()
        if self._handle is not CLOSED and not self._handle:
            self._ready = _NONE  # read ahead by the parent, and the parent's

    def __enter__(self) -> "Reader[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> "Tuple[Any, ...]":
        origin = self._origin.pickled()
        return _open_pickled, (tuple(origin), self._alone(self._position), self._options, self.on_loss)

    def _position(self) -> int:
        """The index of what is handed out next."""
        handle, left = self._handle, length_hint(self._ready)
        if not handle:
            raise error(Status.E_NULL)
        if left:
            return self._kept.counts()[-left][0]
        return self._heard().counts()[0][0] if self._unheeded.value else _info(handle).cursor

    # ---- reading ahead

    def _next(self, take: "Callable[[_Said, int], Tuple[R, Iterator[T]]]", timeout: Optional[float], limit: int = 0,
              said: Optional[Outcome] = None) -> Optional[R]:
        """take() of the next records; None if there are none in time. Tells of the losses on the way. said: what the library has
        just said, if it was asked already."""
        deadline = 0 if timeout == 0 else deadline_of(timeout)
        value: Optional[R]
        while True:
            if said is None or said.status in _NOT_YET:
                value, said = self._step(take, limit, deadline)
                if said is None:
                    return value
            if said.status in _LOSSES:
                if self.on_loss is not None:
                    self.on_loss(said)
            elif said.status in (Status.CANCELLED, Status.E_CORRUPT):
                raise error(said.status)
            else:
                return None
            said = None

    def _step(self, take: "Callable[[_Said, int], Tuple[R, Iterator[T]]]", limit: int,
              deadline: int) -> "Tuple[Any, Optional[Outcome]]":
        """take() of what is left, or of what the library says next; or why it says nothing. take() copies what it gives
        while nobody else can use or close the reader's memory."""
        mine = False
        try:
            with self._gate:
                if self._is_in_use:
                    raise self._is_busy()
                mine = self._is_in_use = True
            handle = self._handle
            left = length_hint(self._ready) if handle else 0
            if left:
                said = self._kept
            else:
                status = 0
                if not handle or not self._unheeded.value:
                    status = _read_batch(handle, limit, self._said_ref)
                    if deadline and status in _NOT_YET:
                        status = in_slices(lambda until: patient.slickq_reader_read_batch_until(
                            handle, limit, until, self._said_ref), deadline)
                if status:
                    outcome = self._outcome(status)
                    self._is_in_use = False
                    return None, outcome
                said = self._heard()
                left = said.records
            value, rest = take(said, left)
            self._kept, self._ready = said, rest
            if self._handle is not handle:  # closed meanwhile: close() looks at these two in the other order
                self._ready = _NONE
            self._unheeded.value = 0
            self._is_in_use = False
            return value, None
        except BaseException:
            if mine:
                self._is_in_use = False
            raise

    def _heard(self) -> "_Said":
        """What is in the library's batch."""
        address, entries, _, _, records, elements = _unpack(self._said)
        return _Said(address, self._entries.read(entries, records * ENTRY.size), records, elements)

    def _outcome(self, status: int) -> Outcome:
        """Of a status that is not OK. Raises where it is an error, but for CorruptError, after which reading goes on."""
        if status in _NOTHING or status in _LOSSES or status == Status.E_CORRUPT:
            if status == Status.CANCELLED:
                self._was_cancelled()
            _, _, index, lost, _, _ = _unpack(self._said)
            return Outcome(Status(status), index, lost)
        raise error(status)

    # ---- what take() may be: take(said, left). The last `left` records of what was said are not handed out. It changes
    # nothing, and returns what is to be handed out, and the values behind that.

    def _fill(self, said: "_Said", left: int) -> "Tuple[bool, Iterator[T]]":
        """Nothing: all of them are only decoded."""
        values = self._values(said)
        return True, iter(values if left == said.records else values[-left:])

    def _first(self, said: "_Said", left: int) -> "Tuple[T, Iterator[T]]":
        """The first value."""
        values = self._values(said)
        rest = iter(values if left == said.records else values[-left:])
        return next(rest), rest

    def _one(self, said: "_Said", left: int) -> "Tuple[Record[T], Iterator[T]]":
        """The first one as a record."""
        batch, rest = self._batch(1, said, left)
        return next(batch.records()), rest

    def _batch(self, most: int, said: "_Said", left: int) -> "Tuple[Batch[T], Iterator[T]]":
        """The first `most` (0: all) of them, not decoded."""
        address, length, entries, rest = self._step_over(most, said, left)
        return Batch(self._data.read(address, length), entries, self._element_size, self._codec), rest

    def _step_over(self, most: int, said: "_Said", left: int) -> "Tuple[int, int, bytes, Iterator[T]]":
        """The same: where their elements lie, how many bytes, and their entries."""
        size, first = self._element_size, said.records - left
        last = said.records if most == 0 else min(said.records, first + most)
        rest = _NONE if last == said.records else iter(self._values(said)[last:])
        if last - first == said.records:
            return said.address, said.elements * size, said.entries, rest
        counts = [count for _, count in said.counts()]
        return (said.address + sum(counts[:first]) * size, sum(counts[first:last]) * size,
                said.entries[first * ENTRY.size:last * ENTRY.size], rest)

    def _values(self, said: "_Said") -> Sequence[T]:
        """All of it, decoded once."""
        values: Optional[Sequence[T]] = said.values
        if values is None:
            values = said.values = self._decoded(said)
        return values

    def _decoded(self, said: "_Said") -> Sequence[T]:
        data = self._data.read(said.address, said.elements * self._element_size)
        if said.records == said.elements:
            return self._codec.many(data, said.records)
        size, start, values = self._element_size, 0, []
        for _, count in said.counts():
            end = start + count * size
            values.append(self._codec.one(data[start:end]))
            start = end
        return values


class _Said:
    """What the library has said once: records, whose elements lie in its memory."""

    __slots__ = ("address", "entries", "records", "elements", "values")

    def __init__(self, address: int, entries: bytes, records: int, elements: int) -> None:
        self.address, self.entries, self.records, self.elements = address, entries, records, elements
        self.values: Any = None  # decoded, if somebody has needed that

    def counts(self) -> "list[Tuple[int, int]]":
        """(index, count) of each record."""
        return list(ENTRY.iter_unpack(self.entries))


def _fitting(limit: int, said: _Said, left: int) -> int:
    """How many of the last `left` records have at most `limit` elements together."""
    records = elements = 0
    for _, count in said.counts()[-left:]:
        elements += count
        if elements > limit:
            break
        records += 1
    return records


def _info(handle: Handle) -> ReaderInfo:
    info = sized(_ReaderInfo)
    check(patient.slickq_reader_get_info(handle, byref(info)))
    return ReaderInfo(info.cursor, info.lag, info.received_records, info.received_elements,
                      Losses(info.lost_lapped, info.lost_gap, info.lost_torn, info.lost_reset), info.resets,
                      info.pending_ns / 1e9, info.suspect_elements)


def _open_pickled(origin: "Tuple[Any, ...]", index: int, options: Dict[str, Any],
                  on_loss: Optional[Callable[[Outcome], object]]) -> Any:
    with Origin(*origin).open() as queue:
        try:
            return queue.reader(start_index=index, on_loss=on_loss, **options)
        except ArgumentError:
            if queue.next_index() >= index:
                raise
            # Ahead of the queue, which was reset since, or before the reader was pickled that had not noticed.
            return queue.reader(start_index=0, on_loss=on_loss, **options)
