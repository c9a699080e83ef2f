"""Consuming with a cursor of one's own, or a shared one."""
import ctypes
import struct
from ctypes import byref, c_size_t, c_uint32, c_uint64
from typing import Any, Generic, List, Optional, Tuple, TypeVar, Union

from ._handle import Handle
from ._library import patient, quick
from ._producing import Producing
from ._structs import RECORD_FIELDS, RECORD_SIZE, Record as _Record
from ._ring import MOST_64_BITS, loss_count_of, unsigned, unsigned_64
from ._waiting import QueueWait, deadline_of
from .codec import Codec
from .constants import Start, Status
from .cursor import AtomicCursor
from .errors import CorruptError, check, error
from .records import Record, View

T = TypeVar("T")

_read_copy, _read_shared_copy = quick.slickq_queue_read_copy, quick.slickq_queue_read_shared_copy
_read_shared = quick.slickq_queue_read_shared
_next_index = quick.slickq_queue_next_index

_LAST_TRIES = 16  # each time that one fails, producers have gone round the whole ring meanwhile
_CURSOR_SIZE = 8
_SKIP_DATA = f"8x{RECORD_FIELDS[1:]}"  # the address in a record is known to the caller of a copying read


class _Scratch:
    """What one call of a copying read works with, in one piece of memory: cursor, record, and room for its elements, so
    that all of the outcome is unpacked at once. In use by one call at a time."""

    __slots__ = ("memory", "cursor", "cursor_ref", "record_ref", "buffer", "size", "unpack")

    def __init__(self, element_size: int, elements: int) -> None:
        room = elements * element_size
        self.memory = bytearray(_CURSOR_SIZE + RECORD_SIZE + room)
        self.cursor = c_uint64.from_buffer(self.memory)
        self.cursor_ref = byref(self.cursor)
        self.record_ref = byref(_Record.from_buffer(self.memory, _CURSOR_SIZE))
        self.buffer = (ctypes.c_char * room).from_buffer(self.memory, _CURSOR_SIZE + RECORD_SIZE)
        self.size = c_size_t(room)
        # cursor, index, lost, count, flags, the first element
        self.unpack = struct.Struct(f"<Q{_SKIP_DATA}{element_size}s").unpack_from


class Consuming(Producing, Generic[T]):
    """The consuming half of a queue. All of it may be called from any threads at once; a plain cursor is the caller's."""

    _codec: Codec[T]
    _scratches: List[_Scratch]
    _most: int  # elements of the largest record met

    def _attach(self, handle: Handle) -> None:
        super()._attach(handle)
        # append() and pop() of a list are atomic: each call of any thread has one, or makes one.
        self._scratches, self._most = [], 1

    def start(self, start: int = Start.OLDEST) -> int:
        """A cursor to begin with."""
        cursor = c_uint64()
        check(patient.slickq_queue_cursor_at(self._handle, unsigned("start", start), byref(cursor)))
        return cursor.value

    def next_index(self) -> int:
        """The next index that will be reserved: a cursor from which on everything is new. 0 in a new queue."""
        index = c_uint64()
        check(_next_index(self._handle, byref(index)))
        return index.value

    def read(self, read_index: Union[int, AtomicCursor]) -> Tuple[Optional[T], int, int]:
        """Copies the next record. Its value is bytes, or what a typed queue makes of them.

        With an int, a cursor of one's own: (value, elements, new cursor), or (None, 0, cursor) if there is none yet.
        With an AtomicCursor, each record goes to one of those who share it: (value, elements, index of the record), or
        (None, 0, -1).

        Every copy is validated: what producers were overwriting meanwhile is not returned but counted in loss_count().
        CorruptError: a slot claims what no producer writes; reading can go on at its `cursor`."""
        if isinstance(read_index, AtomicCursor):
            return self._claim(read_index)
        cursor: int = read_index
        if type(cursor) is not int or not 0 <= cursor <= MOST_64_BITS:
            cursor = unsigned_64("cursor", cursor)
        while True:
            try:
                scratch = self._scratches.pop()
            except IndexError:
                scratch = _Scratch(self.element_size, self._most)
            scratch.cursor.value = cursor
            status = _read_copy(self._handle, scratch.cursor_ref, scratch.buffer, scratch.size, scratch.record_ref)
            cursor, _, _, count, _, data = scratch.unpack(scratch.memory)
            if status == 0 and count != 1:
                data = scratch.buffer[:count * self.element_size]
            self._scratches.append(scratch)
            if status == 0:
                return data, count, cursor
            if status == Status.EMPTY:
                return None, 0, cursor
            self._prepare_next(status, count, cursor)

    _copy: Any = read  # which typed queues extend: this one gives bytes

    def _claim(self, cell: AtomicCursor) -> Tuple[Any, int, int]:
        while True:
            try:
                scratch = self._scratches.pop()
            except IndexError:
                scratch = _Scratch(self.element_size, self._most)
            status = cell._call(_read_shared_copy, (self._handle,), (scratch.buffer, scratch.size, scratch.record_ref))
            _, index, _, count, _, data = scratch.unpack(scratch.memory)
            if status == 0 and count != 1:
                data = scratch.buffer[:count * self.element_size]
            self._scratches.append(scratch)
            if status == 0:
                return data, count, index
            if status == Status.EMPTY:
                return None, 0, -1
            self._prepare_next(status, count, None)

    def _prepare_next(self, status: int, count: int, cursor: Optional[int]) -> None:
        """Before the next attempt of a copying read; raises where there is no sense in one."""
        if status == Status.E_BUFFER:
            self._most = max(self._most, count)
            self._scratches.clear()  # what other calls have in use comes back, and is found too small once more
        elif status != Status.LAPPED:
            failure = error(status)
            if isinstance(failure, CorruptError):
                failure.cursor = cursor
            raise failure

    def read_record(self, cursor: int) -> Tuple[Optional[Record[T]], int]:
        """read() with the record's index: (record or None, new cursor)."""
        data, count, cursor = self._copy(cursor)
        if data is None:
            return None, cursor
        used = -(-count // self.items_per_slot) * self.items_per_slot  # the cursor stands right behind that
        return Record(data, self.layout.add(cursor, -used), count, False, self._codec), cursor

    def read_view(self, read_index: Union[int, AtomicCursor]) -> Tuple[Optional[View], int]:
        """The next record without copying, see View. With an int: (view, new cursor), or (None, cursor). With an
        AtomicCursor, which claims it: (view, index of the record), or (None, -1); validate() tells afterwards whether
        it was lost. CorruptError: as for read()."""
        record = _Record()
        if isinstance(read_index, AtomicCursor):
            if check(read_index._call(_read_shared, (self._handle,), (byref(record),))) == Status.EMPTY:
                return None, -1
            return self._view(record), record.index
        place = c_uint64(unsigned_64("cursor", read_index))
        status = check(patient.slickq_queue_read(self._handle, byref(place), byref(record)))
        if status == Status.EMPTY:
            return None, place.value
        return self._view(record), place.value

    def read_view_batch(self, cursor: int, limit: int) -> Tuple[List[View], int]:
        """Up to `limit` records without copying, and the new cursor. validate(index of the first one) validates all of them. It
        ends early before a loss, which the next call tells of."""
        place, count = c_uint64(unsigned_64("cursor", cursor)), c_uint32()
        records = (_Record * min(unsigned("limit", limit), self.slot_count))()  # there are no more
        limit = len(records)
        check(patient.slickq_queue_read_batch(self._handle, byref(place), records, limit, byref(count)))
        return [self._view(records[number]) for number in range(count.value)], place.value

    def _view(self, record: Any) -> View:
        return View(self.elements(record.index, record.count).toreadonly(), record.index, record.count, record.lost)

    def validate(self, index: int) -> bool:
        """After a record was used through a view: whether no producer had begun to overwrite it."""
        return check(patient.slickq_queue_validate(self._handle, unsigned_64("index", index))) == Status.OK

    def read_last_record(self) -> Optional[Record[T]]:
        """A validated copy of the record that was published last. None: there is none; or what lies there may be
        damaged, because a producer that came too late (StaleError) wrote over it, or others kept overwriting it through
        16 attempts. UnsupportedError on SLQ0, SLQ2."""
        record, before = _Record(), None
        for _ in range(_LAST_TRIES):
            if check(patient.slickq_queue_read_last(self._handle, byref(record))) == Status.EMPTY:
                return None
            if record.index == before:  # nobody has published since, so it stays as it is
                return None
            data = bytes(self.elements(record.index, record.count))
            if self.validate(record.index):
                return Record(data, record.index, record.count, False, self._codec)
            before = record.index
        return None

    def read_last(self) -> Tuple[Optional[T], int]:
        """(value, elements) of the record that was published last, (None, 0) where read_last_record() gives None."""
        record = self.read_last_record()
        return (None, 0) if record is None else (record.value, record.count)

    def wait(self, cursor: int, timeout: Optional[float] = None) -> bool:
        """Waits up to `timeout` seconds (None: for ever) until there is something to read at the cursor, or the queue was
        reset. Whether there is. With a shared cursor (load() it) another consumer may be faster. Cancelled: see cancel()."""
        place, wait = unsigned_64("cursor", cursor), QueueWait(self)
        status = wait.in_slices(lambda until: check(patient.slickq_queue_wait_until(wait.handle, place, until)),
                                deadline_of(timeout))
        if status == Status.CANCELLED:
            raise error(status)
        return status == Status.OK

    def loss_count(self) -> int:
        """The elements that reads through this object skipped because producers had lapped them; after close() what it was
        then. (Not those of its readers and workers, which count for themselves.)"""
        handle, at_close = self._handle, self._losses_at_close
        return at_close if at_close is not None and not handle else loss_count_of(handle)

    def reset(self) -> None:
        """Empties the queue: the next index is 0 again. Nobody may be producing meanwhile, and plain and shared cursors have
        to start again at 0; readers notice by themselves."""
        check(patient.slickq_queue_reset(self._handle))
