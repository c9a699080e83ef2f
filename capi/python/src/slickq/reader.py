"""Readers: consumers that hand out only true records, and account for all others."""
import asyncio
from ctypes import byref, c_char, c_int
from operator import length_hint
from typing import Any, AsyncIterator, Callable, Generic, Iterator, NamedTuple, Optional, Sequence, TypeVar, Union

from ._handle import CLOSED, Handle, make_handle
from ._library import patient, quick
from ._memory import Window, writable_bytes
from ._ring import unsigned
from ._structs import BATCH, ENTRY, ReaderInfo as _ReaderInfo, ReaderOptions, sized
from ._waiting import deadline_of, in_slices, nanoseconds, remaining
from .codec import Codec
from .constants import AfterLap, Start, Status
from .errors import BufferTooSmallError, Cancelled, ClosedError, check, error
from .records import Batch, Losses, Outcome, Record

T = TypeVar("T")

_read_batch, _unpack = quick.slickq_reader_read_batch, BATCH.unpack

_NOTHING = frozenset((Status.EMPTY, Status.PENDING, Status.TIMED_OUT, Status.CANCELLED))
_LOSSES = frozenset((Status.LAPPED, Status.HOLE, Status.RESET))
_REGISTERED = 1
_START_INDEX = 3
_MOST_AHEAD = 65536
_POLLING = 0.002  # seconds between two looks in an event loop that can't watch a descriptor


class ReaderInfo(NamedTuple):
    """What a reader counts since it was opened. Elements are those of the index space."""

    cursor: int             #: index of what is handed out next (of what the library hands to this object next)
    lag: int                #: elements reserved from there on, now
    received_records: int
    received_elements: int
    losses: Losses
    resets: int             #: how often the queue was reset
    pending: float          #: seconds that the record at the cursor has been seen reserved and unpublished


class Reader(Generic[T]):
    """Reads every record of a queue, in order; made by Queue.reader(). What it hands out was proved whole. What is lost is
    counted by cause (losses), and told to on_loss, if there is one: on_loss(Outcome), before the next record is handed out.
    CorruptError tells of a slot that no producer writes so; it was skipped, and reading can go on.

    It reads ahead: one call of the library fetches up to `batch` records. It belongs to one thread, or task, at a time,
    but for cancel() and close(). It keeps the queue mapped even when the queue is closed. After a fork a registered reader
    is the parent's (ClosedError in the child); others go on in both, each for itself.
    """

    def __init__(self, queue: Any, codec: Codec[T], *, start: int = Start.NOW, start_index: Optional[int] = None,
                 after_lap: int = AfterLap.OLDEST, slack: int = 0, batch: int = 0, registered: bool = False,
                 stall: Optional[float] = None, on_loss: Optional[Callable[[Outcome], object]] = None) -> None:
        """See Queue.reader()."""
        options = sized(ReaderOptions, start=start if start_index is None else _START_INDEX, start_index=start_index or 0,
                        after_lap=after_lap, slack=unsigned("slack", slack), batch=unsigned("batch", batch),
                        flags=_REGISTERED if registered else 0, stall_ns=nanoseconds(stall, 0, -1))
        self._handle: Handle = CLOSED
        self._handle = make_handle("reader", patient.slickq_reader_open, queue._handle, byref(options))
        self._codec = codec
        self._element_size: int = queue.element_size
        #: Called with each loss. An exception that it raises comes out of the reading call; nothing more is lost by that.
        self.on_loss = on_loss
        # What the library said last. While values are left in _ready, its memory has their bytes.
        self._said = bytearray(BATCH.size)
        self._said_ref = byref(c_char.from_buffer(self._said))
        self._ready: Iterator[T] = iter(())
        self._data, self._entries = Window(), Window()
        self._waiter: "Optional[asyncio.Future[None]]" = None  # of the task that waits for this reader

    # ---- one by one

    def read(self, timeout: Optional[float] = 0) -> Optional[T]:
        """The next record, waited for up to `timeout` seconds (None: for ever). None: there is none. Cancelled: see cancel()."""
        for value in self._ready:
            return value
        status = _read_batch(self._handle, 0, self._said_ref)
        if status and not self._fetch_for(timeout, 0, status):
            return None
        address, _, _, _, records, elements = _unpack(self._said)
        if records == 1:  # what keeps up with its producer mostly gets one at a time
            return self._codec.one(self._data.read(address, elements * self._element_size))
        self._ready = iter(self._values())
        return next(self._ready)

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
                if not self._fill(timeout):
                    return
        except Cancelled:
            return
        except ClosedError:
            if self._handle:  # not by close(): it is another process's
                raise

    def poll(self, timeout: Optional[float] = 0) -> Union[Record, Outcome]:
        """One step: the next record, or why there is none, losses included, one at a time. on_loss is not called."""
        if not length_hint(self._ready):
            outcome = self._fetch(0, deadline_of(timeout))
            if outcome is not None:
                return outcome
            self._ready = iter(self._values())
        return next(self._take(1).records())

    # ---- batches

    def read_batch(self, limit: int = 0, timeout: Optional[float] = 0) -> Optional[Batch]:
        """Up to `limit` records (0: as many as are read ahead) in one bytes object; None as for read()."""
        if length_hint(self._ready):
            return self._take(limit)
        if limit:
            limit = min(unsigned("limit", limit), _MOST_AHEAD)
        status = _read_batch(self._handle, limit, self._said_ref)
        if status and not self._fetch_for(timeout, limit, status):
            return None
        return self._whole()

    def poll_batch(self, limit: int = 0, timeout: Optional[float] = 0) -> Union[Batch, Outcome]:
        """poll() for up to `limit` records (0: as many as are read ahead)."""
        if length_hint(self._ready):
            return self._take(limit)
        outcome = self._fetch(min(unsigned("limit", limit), _MOST_AHEAD), deadline_of(timeout))
        return self._whole() if outcome is None else outcome

    def read_into(self, buffer: Any, timeout: Optional[float] = 0) -> int:
        """Copies the records at hand that fit into the buffer, one behind the other, and returns the bytes copied: 0 if there
        is none. The buffer is anything writable: bytearray, array.array, mmap, a NumPy array. BufferTooSmallError: for the
        next record, which is still there."""
        target, size = writable_bytes(buffer), self._element_size
        limit = len(target) // size
        if not length_hint(self._ready):
            if not self._fetch_for(timeout, max(1, min(limit, _MOST_AHEAD))):
                return 0
            address, _, _, _, records, elements = _unpack(self._said)
            if elements <= limit:
                target[:elements * size] = self._data.view(address, elements * size)
                return int(elements * size)
            self._ready = iter(self._values())
        records = self._fitting(limit)
        if not records:
            raise BufferTooSmallError(Status.E_BUFFER, f"{len(target)} bytes are too few for the next record")
        data = self._take(records).data
        target[:len(data)] = data
        return len(data)

    # ---- asyncio

    async def receive(self, timeout: Optional[float] = None) -> Optional[T]:
        """read() for asyncio: waits without keeping the event loop."""
        for value in self._ready:
            return value
        deadline = deadline_of(timeout)
        while not self._fill(0):
            if not await self._readable(remaining(deadline)):
                return None
        return next(self._ready)

    def __aiter__(self) -> AsyncIterator[T]:
        """Every record, waiting for ever; ends when the reader is cancelled or closed. Lets others run once per batch."""
        return self._receive_all()

    async def _receive_all(self) -> AsyncIterator[T]:
        try:
            while True:
                for value in self._ready:
                    yield value
                await asyncio.sleep(0)
                while not self._fill(0):
                    await self._readable(None)
        except Cancelled:
            return
        except ClosedError:
            if self._handle:
                raise

    async def _readable(self, timeout: Optional[float]) -> bool:
        """Waits until the reader may have something to say. False: not in time."""
        if self._waiter is not None:
            raise RuntimeError("a task is waiting for this reader already")
        loop, handle = asyncio.get_running_loop(), self._handle  # open, with its descriptor, for as long as it is watched
        waiter: "asyncio.Future[None]" = loop.create_future()
        try:
            descriptor = self.descriptor()
            # Watched only while somebody waits: it stays readable while records are left unread.
            loop.add_reader(descriptor, _finish, waiter)
        except NotImplementedError:  # on Windows: of the library, or of the event loop
            await asyncio.sleep(_POLLING if timeout is None else min(_POLLING, timeout))
            return timeout is None or timeout > 0
        self._waiter = waiter
        try:
            await asyncio.wait_for(waiter, timeout)
            return True
        except asyncio.TimeoutError:
            return False
        finally:
            self._waiter = None
            loop.remove_reader(descriptor)
            del handle

    def descriptor(self) -> int:
        """A descriptor that is readable when the reader has something to say, for select, poll, epoll and event loops. It is
        the reader's: never read from it, never close it. When it is readable, read until there is nothing; only that makes it
        wait for the next record. UnsupportedError on Windows."""
        descriptor = c_int()
        check(patient.slickq_reader_descriptor(self._handle, byref(descriptor)))
        return descriptor.value

    # ---- state

    @property
    def info(self) -> ReaderInfo:
        """All counts. Records that are read ahead count as received."""
        info = sized(_ReaderInfo)
        check(patient.slickq_reader_get_info(self._handle, byref(info)))
        return ReaderInfo(info.cursor, info.lag, info.received_records, info.received_elements,
                          Losses(info.lost_lapped, info.lost_hole, info.lost_torn, info.lost_reset), info.resets,
                          info.pending_ns / 1e9)

    @property
    def losses(self) -> Losses:
        """The elements lost, by cause."""
        return self.info.losses

    def cancel(self) -> None:
        """From any thread: ends the reader's wait with Cancelled (an iteration just ends), the next one if there is none."""
        if not self._wake_task():
            check(patient.slickq_reader_cancel(self._handle))

    def close(self) -> None:
        """Ends the reader. What waits on it ends with Cancelled. Closing twice is fine."""
        handle, self._handle = self._handle, CLOSED
        self._ready = iter(())
        self._wake_task()
        if handle:
            patient.slickq_reader_cancel(handle)

    def _wake_task(self) -> bool:
        """Ends the wait of a task with Cancelled, if there is one."""
        waiter = self._waiter
        if waiter is not None:
            waiter.get_loop().call_soon_threadsafe(_finish, waiter, error(Status.CANCELLED))
        return waiter is not None

    def __enter__(self) -> "Reader[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- reading ahead

    def _fill(self, timeout: Optional[float]) -> bool:
        """Whether there is something in _ready now, which was empty."""
        if not self._fetch_for(timeout):
            return False
        self._ready = iter(self._values())
        return True

    def _fetch_for(self, timeout: Optional[float], limit: int = 0, status: Optional[int] = None) -> bool:
        """Whether the library has said something that has records. Tells of the losses on the way. status: what it has just
        said, if it was asked already."""
        deadline = 0 if timeout == 0 else deadline_of(timeout)
        while True:
            outcome = self._fetch(limit, deadline, status)
            status = None
            if outcome is None:
                return True
            if outcome.status in _LOSSES:
                if self.on_loss is not None:
                    self.on_loss(outcome)
            elif outcome.status in (Status.CANCELLED, Status.E_CORRUPT):
                raise error(outcome.status)
            else:
                return False

    def _fetch(self, limit: int, deadline: int, status: Optional[int] = None) -> Optional[Outcome]:
        """Lets the library say something that has records (None), or tells why it did not."""
        if status is None:
            status = _read_batch(self._handle, limit, self._said_ref)
        if status == 0:
            return None
        if deadline and status in (Status.EMPTY, Status.PENDING):
            handle = self._handle
            status = in_slices(lambda until: patient.slickq_reader_read_batch_until(handle, limit, until, self._said_ref),
                               deadline)
            if status == 0:
                return None
        if status in _NOTHING or status in _LOSSES or status == Status.E_CORRUPT:
            _, _, index, lost, _, _ = _unpack(self._said)
            return Outcome(Status(status), index, lost)
        raise error(status)

    def _whole(self) -> Batch:
        """All that the library has said, not decoded."""
        address, entries, _, _, records, elements = _unpack(self._said)
        return Batch(self._data.read(address, elements * self._element_size),
                     self._entries.read(entries, records * ENTRY.size), self._element_size)

    def _values(self) -> Sequence[T]:
        """All that the library has said, decoded."""
        address, _, _, _, records, elements = _unpack(self._said)
        data = self._data.read(address, elements * self._element_size)
        if records == elements:
            return self._codec.many(data, records)
        size, start, values = self._element_size, 0, []
        for _, count in self._entry_list():
            end = start + count * size
            values.append(self._codec.one(data[start:end]))
            start = end
        return values

    # ---- what is left of what was read ahead: the library's memory still has its bytes and entries

    def _entry_list(self) -> "list[tuple[int, int]]":
        _, entries, _, _, records, _ = _unpack(self._said)
        return list(ENTRY.iter_unpack(self._entries.read(entries, records * ENTRY.size)))

    def _fitting(self, limit: int) -> int:
        """How many of the records that are left have at most `limit` elements together."""
        records = elements = 0
        for _, count in self._entry_list()[-length_hint(self._ready):]:
            elements += count
            if elements > limit:
                break
            records += 1
        return records

    def _take(self, most: int) -> Batch:
        """The next records that are left, `most` (0: all) of them at most, not decoded."""
        address, entries, _, _, records, elements = _unpack(self._said)
        first = records - length_hint(self._ready)
        last = records if most == 0 else min(records, first + most)
        for _ in zip(range(last - first), self._ready):  # steps over them
            pass
        counts = [count for _, count in self._entry_list()]
        start, end = sum(counts[:first]) * self._element_size, sum(counts[:last]) * self._element_size
        return Batch(self._data.read(address, elements * self._element_size)[start:end],
                     self._entries.read(entries, records * ENTRY.size)[first * ENTRY.size:last * ENTRY.size],
                     self._element_size)


def _finish(waiter: "asyncio.Future[None]", failure: Optional[Exception] = None) -> None:
    if not waiter.done():
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(failure)
