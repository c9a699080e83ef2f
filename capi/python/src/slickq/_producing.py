"""Producing: reserve, fill, publish; or write in one call."""
import asyncio
from ctypes import byref, c_uint32, c_uint64
from operator import index as integer
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple, TypeVar

from ._handle import Handle
from ._library import patient, quick
from ._memory import bytes_of, contiguous, readable
from ._ring import MOST_64_BITS, Ring, unsigned_64
from ._room import Room
from ._waiting import QueueWait, deadline_of, remaining
from .constants import Status
from .errors import ArgumentError, Cancelled, Full, TooLargeError, check, error

T = TypeVar("T")

_reserve, _publish = quick.slickq_queue_reserve, quick.slickq_queue_publish
_write, _write_batch = quick.slickq_queue_write, quick.slickq_queue_write_batch

# From so many bytes on, other threads may run while a write copies them: giving up the interpreter's lock and taking it
# back costs some 100 ns, copying this much ten times that.
_LONG_COPY = 65536

# c_uint64 objects for the index that a call takes or gives, each in use by one call at a time. append() and pop() of a
# list are atomic, and a signal handler that comes in between takes another one, or makes one.
_indices: List[Any] = []


def _take_index() -> Any:
    try:
        return _indices.pop()
    except IndexError:
        return c_uint64()


def _partly(status: int, written: int) -> Exception:
    """For a batch of which the first `written` records were written."""
    failure = error(status)
    if written and status >= 0:
        failure.args = (f"{failure} Of the batch {written} records were written, the first ones.",)
    failure.written = written
    return failure


class Producing(Ring):
    """The producing half of a queue. All of it may be called from any threads at once."""

    _room: Room

    def _attach(self, handle: Handle) -> None:
        super()._attach(handle)
        self._room = Room()

    def _wake_tasks(self) -> None:
        self._room.wake()

    def reserve(self, count: int = 1, timeout: Optional[float] = 0) -> int:
        """Reserves contiguous elements, and returns the index of the first. Fill them through q[index] (elements()) and
        publish() them soon: consumers stop there until then.

        Never waits, unless the queue is lossless: then it waits for room up to `timeout` seconds (None: for ever), and
        raises Full. TooLargeError: more than the capacity."""
        if type(count) is not int:
            count = integer(count)
        if not 0 < count <= self.capacity:
            raise self._bad_count(count)
        index = _take_index()
        status = _reserve(self._handle, count, byref(index))
        if status:
            self._wait_for_room(status, timeout,
                                lambda handle, deadline: patient.slickq_queue_reserve_until(
                                    handle, count, deadline, byref(index)))
        value: int = index.value
        _indices.append(index)
        return value

    def publish(self, index: int, count: int = 1) -> None:
        """Makes a reservation visible as one record of `count` elements, at most those reserved. StaleError: the ring had
        lapped it, nothing was published. NotReservedError: nobody has reserved that."""
        if type(count) is not int:
            count = integer(count)
        if not 0 < count <= self.capacity:
            raise self._bad_count(count)
        if type(index) is not int or not 0 <= index <= MOST_64_BITS:
            index = unsigned_64("index", index)
        number = _take_index()
        number.value = index
        status = _publish(self._handle, number, count)
        _indices.append(number)
        if status:
            raise error(status)

    def write(self, data: Any, timeout: Optional[float] = 0) -> int:
        """Writes one record, and returns its index. data: anything with the buffer protocol; its length is a multiple of
        element_size. timeout as for reserve(); StaleError as for publish()."""
        index = _take_index()
        if type(data) is bytes and len(data) == self.element_size and len(data) < _LONG_COPY:
            status = _write(self._handle, data, 1, byref(index))
            if not status:
                value: int = index.value
                _indices.append(index)
                return value
            count, pointer = 1, data
        else:
            pointer, length = readable(data)
            count = self._count(length)
            if length < _LONG_COPY:
                status = _write(self._handle, pointer, count, byref(index))
            else:
                status = patient.slickq_queue_write(self._handle, pointer, count, byref(index))
        if status:
            self._wait_for_room(status, timeout,
                                lambda handle, deadline: patient.slickq_queue_write_until(
                                    handle, pointer, count, deadline, byref(index)))
        value = index.value
        _indices.append(index)
        return value

    def write_batch(self, data: Any, counts: Optional[Sequence[int]] = None, timeout: Optional[float] = 0) -> int:
        """Writes many records in one call, and returns how many: all of them. A lossless queue without room for all writes the
        first ones, waits for room for the others up to `timeout` seconds (None: for ever), and raises Full, whose `written` is
        how many were. So it is with Cancelled and StaleError, and with what a signal handler raises (KeyboardInterrupt):
        the first `written` records are written, and no others.

        data: the records one after another, anything with the buffer protocol: bytes, and writable memory (bytearray,
        array.array, mmap, NumPy arrays) are read where they are, read-only memory of other types is copied first.
        counts: the elements of each record, each 1 to capacity; None: every record is one element.
        StaleError: the ring had lapped some of them before they were published."""
        if type(data) is bytes and counts is None and self._never_full and len(data) < _LONG_COPY:
            elements, rest = divmod(len(data), self.element_size)
            if not rest:
                status = _write_batch(self._handle, data, None, elements, None)
                if status:
                    raise error(status)
                return elements
        data = contiguous(data)
        pointer, length = readable(data)
        elements, rest = divmod(length, self.element_size)
        if rest:
            raise self._bad_length(length)
        records, sizes = elements, None
        if counts is not None:
            records, sizes = len(counts), self._sizes(counts, elements)
        if records > 2**31:
            raise ArgumentError(Status.E_ARGUMENT, f"{records} records in one call")
        written = c_uint32()
        if length < _LONG_COPY:
            status = _write_batch(self._handle, pointer, sizes, records, byref(written))
        else:
            status = patient.slickq_queue_write_batch(self._handle, pointer, sizes, records, byref(written))
        done: int = written.value
        if status == 0 and done == records:
            return records
        if status not in (Status.OK, Status.FULL):
            raise _partly(status, done)
        if timeout is not None and timeout <= 0:
            raise _partly(Status.FULL, done)
        self._write_rest(data, counts, done, records, deadline_of(timeout))
        return records

    def write_many(self, records: Iterable[bytes], timeout: Optional[float] = 0) -> int:
        """write_batch() of an iterable of bytes objects, each one record of a whole number of elements."""
        data, counts = self._joined(records)
        return self.write_batch(data, counts, timeout)

    def cancel(self) -> None:
        """Ends all waits that are under way on this object, in any thread or task, with Cancelled. (Readers and workers have
        their own.)"""
        handle, self._cancelled = self._handle, object()
        self._room.wake()
        check(patient.slickq_queue_cancel(handle))

    # ---- asyncio

    async def send(self, data: Any, timeout: Optional[float] = None) -> int:
        """write() for asyncio: waits for room in a lossless queue without keeping the event loop. Written is all of the record,
        or, when the task is cancelled, in the time-out's Full, or Cancelled, nothing."""
        return await self._when_room(lambda: self.write(data), timeout)

    async def send_batch(self, data: Any, counts: Optional[Sequence[int]] = None, timeout: Optional[float] = None) -> int:
        """write_batch() for asyncio. When the task is cancelled, the first records may have been written: the
        asyncio.CancelledError has `written` too."""
        done, view = 0, bytes_of(data)
        elements, rest = divmod(len(view), self.element_size)
        if rest:
            raise self._bad_length(len(view))
        if counts is not None:
            self._sizes(counts, elements)
        records = elements if counts is None else len(counts)
        place = 0  # elements written

        def write() -> int:
            nonlocal done, place
            while done < records:
                sizes = None if counts is None else counts[done:done + self.capacity]  # more would not fit at once
                count = min(records - done, self.capacity) if sizes is None else sum(sizes)
                try:
                    written = self.write_batch(view[place * self.element_size:(place + count) * self.element_size], sizes)
                except Full as full:
                    done += full.written
                    place += full.written if sizes is None else sum(sizes[:full.written])
                    raise
                done, place = done + written, place + count
            return records

        try:
            return await self._when_room(write, timeout)
        except (Full, Cancelled, asyncio.CancelledError) as ended:
            setattr(ended, "written", done)
            raise

    async def send_many(self, records: Iterable[bytes], timeout: Optional[float] = None) -> int:
        """write_many() for asyncio, as send_batch()."""
        data, counts = self._joined(records)
        return await self.send_batch(data, counts, timeout)

    async def reserve_async(self, count: int = 1, timeout: Optional[float] = None) -> int:
        """reserve() for asyncio. When the task is cancelled, nothing is reserved."""
        return await self._when_room(lambda: self.reserve(count), timeout)

    async def _when_room(self, attempt: Callable[[], T], timeout: Optional[float]) -> T:
        """attempt(), again whenever there may be room, while it raises Full. (A thread that waited in the task's place would write
        what a cancelled task has not written.)"""
        deadline, wait, looks = deadline_of(timeout), QueueWait(self), 0
        while True:
            try:
                return attempt()
            except Full:
                left = remaining(deadline)
                if left is not None and left <= 0:
                    raise
            await self._room.wait(wait, looks, left)
            looks += 1
            if wait.is_cancelled():
                raise error(Status.CANCELLED)

    # ---- slow paths

    def _wait_for_room(self, status: int, timeout: Optional[float],
                       call: Callable[[Handle, int], int]) -> None:
        """After reserve or write have said something else than OK."""
        if status == Status.FULL and (timeout is None or timeout > 0):
            wait = QueueWait(self)
            status = wait.in_slices(lambda deadline: call(wait.handle, deadline), deadline_of(timeout))
            if status == Status.TIMED_OUT:
                status = Status.FULL
        if status:
            raise error(status)

    def _write_rest(self, data: Any, counts: Optional[Sequence[int]], done: int, records: int, deadline: int) -> None:
        """The records from `done` on. Each slice of the wait begins behind what the last one has written."""
        wait, view = QueueWait(self), bytes_of(data)
        written = c_uint32()  # by the call under way, or the last one

        def write(slice_end: int) -> int:
            nonlocal done
            done, written.value = done + written.value, 0
            first = done if counts is None else sum(counts[:done])
            pointer, length = readable(view[first * self.element_size:])
            rest = None if counts is None else self._sizes(counts[done:], length // self.element_size)
            status: int = patient.slickq_queue_write_batch_until(wait.handle, pointer, rest, records - done, slice_end,
                                                                 byref(written))
            return status

        try:
            status = wait.in_slices(write, deadline)
        except BaseException as interruption:  # of a signal handler, just after the call as well
            setattr(interruption, "written", done + written.value)
            raise
        if status:
            raise _partly(Status.FULL if status == Status.TIMED_OUT else status, done + written.value)

    def _joined(self, records: Iterable[bytes]) -> Tuple[bytes, Optional[List[int]]]:
        """The data and counts of records."""
        whole = list(records)
        data, size = b"".join(whole), self.element_size
        if len(data) == len(whole) * size and all(len(record) == size for record in whole):
            return data, None
        return data, [self._count(len(record)) for record in whole]

    def _count(self, length: int) -> int:
        """Elements of a record of that many bytes."""
        count, rest = divmod(length, self.element_size)
        if rest or not count:
            raise self._bad_length(length)
        if count > self.capacity:
            raise self._bad_count(count)
        return count

    def _sizes(self, counts: Sequence[int], elements: int) -> Any:
        counts = [integer(count) for count in counts]
        if sum(counts) != elements:
            raise ArgumentError(Status.E_ARGUMENT, f"the counts add up to {sum(counts)}, the data has {elements} elements")
        if counts and not 0 < min(counts) <= max(counts) <= self.capacity:
            raise ArgumentError(Status.E_ARGUMENT, f"counts must be 1 to {self.capacity}")
        return (c_uint32 * len(counts))(*counts)

    def _bad_count(self, count: int) -> ArgumentError:
        if count > self.capacity:
            return TooLargeError(Status.E_ARGUMENT, f"{count} elements are more than the queue's {self.capacity}")
        return ArgumentError(Status.E_ARGUMENT, f"a record has 1 to {self.capacity} elements, not {count}")

    def _bad_length(self, length: int) -> ArgumentError:
        return ArgumentError(Status.E_ARGUMENT,
                             f"{length} bytes are no whole number of elements of {self.element_size} bytes")
