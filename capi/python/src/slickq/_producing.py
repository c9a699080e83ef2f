"""Producing: reserve, fill, publish; or write in one call."""
from ctypes import byref, c_uint32, c_uint64
from typing import Any, Callable, Iterable, List, Optional, Sequence

from ._handle import Handle
from ._library import patient, quick
from ._memory import readable
from ._ring import Ring
from ._waiting import deadline_of, in_slices
from .constants import Status
from .errors import ArgumentError, TooLargeError, check, error

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


class Producing(Ring):
    """The producing half of a queue. All of it may be called from any threads at once."""

    def reserve(self, count: int = 1, timeout: Optional[float] = 0) -> int:
        """Reserves contiguous elements, and returns the index of the first. Fill them through q[index] (elements()) and
        publish() them soon: consumers stop there until then.

        Never waits, unless the queue is lossless: then it waits for room up to `timeout` seconds (None: for ever), and
        raises Full. TooLargeError: more than the capacity."""
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
        if not 0 < count <= self.capacity:
            raise self._bad_count(count)
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
        """Writes many records in one call, and returns how many were written: all, unless a lossless queue ran out of room
        after the first ones. (Full, if there was none for the first.)

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
        if status and status != Status.FULL:
            raise error(status)
        if done < records and (timeout is None or timeout > 0):
            return self._write_rest(data, counts, done, records, deadline_of(timeout))
        if not done and records:
            raise error(Status.FULL)
        return done

    def write_many(self, records: Iterable[bytes], timeout: Optional[float] = 0) -> int:
        """write_batch() of an iterable of bytes objects, each one record of a whole number of elements."""
        whole = list(records)
        data, size = b"".join(whole), self.element_size
        if len(data) == len(whole) * size and all(len(record) == size for record in whole):
            return self.write_batch(data, None, timeout)
        return self.write_batch(data, [self._count(len(record)) for record in whole], timeout)

    def cancel(self) -> None:
        """Ends all waits that are under way on this object, in any thread, with Cancelled. (Readers and workers have
        their own.)"""
        check(patient.slickq_queue_cancel(self._handle))

    # ---- slow paths

    def _wait_for_room(self, status: int, timeout: Optional[float],
                       call: Callable[[Handle, int], int]) -> None:
        """After reserve or write have said something else than OK."""
        if status == Status.FULL and (timeout is None or timeout > 0):
            handle = self._handle
            status = in_slices(lambda deadline: call(handle, deadline), deadline_of(timeout))
            if status == Status.TIMED_OUT:
                status = Status.FULL
        if status:
            raise error(status)

    def _write_rest(self, data: Any, counts: Optional[Sequence[int]], done: int, records: int, deadline: int) -> int:
        """The records from `done` on. Each slice of the wait begins behind what the last one has written."""
        handle, view = self._handle, memoryview(data).cast("B")
        written = c_uint32()

        def write(slice_end: int) -> int:
            nonlocal done
            first = done if counts is None else sum(counts[:done])
            pointer, length = readable(view[first * self.element_size:])
            rest = None if counts is None else self._sizes(counts[done:], length // self.element_size)
            status: int = patient.slickq_queue_write_batch_until(handle, pointer, rest, records - done, slice_end,
                                                                 byref(written))
            if status >= 0:
                done += written.value
            return status

        status = in_slices(write, deadline)
        if status not in (Status.OK, Status.TIMED_OUT, Status.CANCELLED):
            raise error(status)
        if not done:
            raise error(Status.FULL if status == Status.TIMED_OUT else status)
        return done

    def _count(self, length: int) -> int:
        """Elements of a record of that many bytes."""
        count, rest = divmod(length, self.element_size)
        if rest or not count:
            raise self._bad_length(length)
        if count > self.capacity:
            raise self._bad_count(count)
        return count

    def _sizes(self, counts: Sequence[int], elements: int) -> Any:
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
