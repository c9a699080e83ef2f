"""Queues whose records are values: tuples by the struct module, NumPy arrays."""
import struct
from typing import TYPE_CHECKING, Any, Iterable, Optional, Sequence, Tuple

from .codec import Codec
from .queue import CodedQueue

if TYPE_CHECKING:
    import numpy

Row = Tuple[Any, ...]


class _StructCodec(Codec[Row]):
    """Records of one element are tuples; longer ones are a tuple of tuples, so that no two lengths look alike."""

    def __init__(self, packer: struct.Struct) -> None:
        self._packer = packer

    def one(self, data: bytes) -> Row:
        if len(data) == self._packer.size:
            return self._packer.unpack(data)
        return tuple(self._packer.iter_unpack(data))

    def many(self, data: bytes, records: int) -> Sequence[Row]:
        return list(self._packer.iter_unpack(data))


class StructQueue(CodedQueue[Row]):
    """A queue of C structs: `StructQueue("<QdI", "ticks", capacity=1024)`. An element is one struct in the format of the struct
    module, whose size is the element size. Readers and workers give tuples, of a record with several elements a tuple of
    tuples. All else is as in Queue, with its arguments."""

    def __init__(self, format: str, name: Optional[str] = None, **options: Any) -> None:
        #: The struct.Struct.
        self.struct = struct.Struct(format)
        self._codec = _StructCodec(self.struct)
        super().__init__(name, element_size=self.struct.size, **options)

    def _copy_settings(self, other: Any) -> None:
        self.struct, self._codec = other.struct, other._codec

    def put(self, *fields: Any) -> int:
        """Writes one record of one struct; returns its index. As write() with timeout 0."""
        return self.write(self.struct.pack(*fields))

    def put_many(self, rows: Iterable[Sequence[Any]], timeout: Optional[float] = 0) -> int:
        """Writes a record for each row, in one call. As write_batch()."""
        pack = self.struct.pack
        return self.write_batch(b"".join([pack(*row) for row in rows]), None, timeout)


class _ArrayCodec(Codec["numpy.ndarray[Any, Any]"]):
    def __init__(self, dtype: "numpy.dtype[Any]", frombuffer: Any) -> None:
        self._dtype, self._frombuffer = dtype, frombuffer

    def one(self, data: bytes) -> "numpy.ndarray[Any, Any]":
        array: "numpy.ndarray[Any, Any]" = self._frombuffer(data, self._dtype)
        return array

    def many(self, data: bytes, records: int) -> "Sequence[numpy.ndarray[Any, Any]]":
        array = self._frombuffer(data, self._dtype)
        return [array[place:place + 1] for place in range(records)]


class ArrayQueue(CodedQueue["numpy.ndarray[Any, Any]"]):
    """A queue of NumPy arrays: `ArrayQueue(dtype, "ticks", capacity=1024)`. An element is one item of the dtype, which must not
    hold Python objects. A record is a one-dimensional array; those of readers and workers are read-only views of bytes objects,
    which nobody overwrites. All else is as in Queue, with its arguments. Needs NumPy."""

    def __init__(self, dtype: Any, name: Optional[str] = None, **options: Any) -> None:
        import numpy
        #: The numpy.dtype.
        self.dtype = numpy.dtype(dtype)
        if self.dtype.hasobject:
            raise ValueError("the dtype holds Python objects, which mean nothing to other processes")
        self._frombuffer = numpy.frombuffer
        self._ascontiguous = numpy.ascontiguousarray
        self._codec = _ArrayCodec(self.dtype, numpy.frombuffer)
        super().__init__(name, element_size=self.dtype.itemsize, **options)

    def _copy_settings(self, other: Any) -> None:
        self.dtype, self._codec = other.dtype, other._codec
        self._frombuffer, self._ascontiguous = other._frombuffer, other._ascontiguous

    def put(self, array: Any, timeout: Optional[float] = 0) -> int:
        """Writes all items as one record; returns its index. As write()."""
        return self.write(self._ascontiguous(array, self.dtype), timeout)

    def put_many(self, array: Any, timeout: Optional[float] = 0) -> int:
        """Writes a record for each item, in one call; no copy of a writable contiguous array of the dtype. As write_batch()."""
        return self.write_batch(self._ascontiguous(array, self.dtype), None, timeout)

    def array(self, index: int, count: int = 1) -> "numpy.ndarray[Any, Any]":
        """`count` items in the ring from that index on, zero-copy: to fill what reserve(count) has given. It stays valid, and
        keeps the ring mapped, even when the queue is closed."""
        array: "numpy.ndarray[Any, Any]" = self._frombuffer(self.elements(index, count), self.dtype)
        return array
