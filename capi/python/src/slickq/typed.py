"""Queues whose records are values: tuples by the struct module, NumPy arrays."""
import struct
from typing import TYPE_CHECKING, Any, Generic, Iterable, Optional, Sequence, Tuple, TypeVar, Union

from .codec import Codec
from .constants import Layout, Status
from .cursor import AtomicCursor
from .errors import ArgumentError
from .queue import CodedQueue

if TYPE_CHECKING:
    import numpy

T = TypeVar("T")
Row = Tuple[Any, ...]


class _TypedQueue(CodedQueue[T], Generic[T]):
    """What typed queues read by themselves is decoded, as what their readers and workers read is. Views are bytes."""

    def read(self, read_index: Union[int, AtomicCursor]) -> Tuple[Optional[T], int, int]:
        """Queue.read(), with the record's value."""
        data, count, place = self._copy(read_index)
        return None if data is None else self._codec.one(data), count, place


class _StructCodec(Codec[Row]):
    """Records of one element are tuples; longer ones are a tuple of tuples, so that no two lengths look alike."""

    def __init__(self, packer: struct.Struct) -> None:
        self._packer = packer

    def __reduce__(self) -> "Tuple[Any, ...]":
        return _struct_codec, (self._packer.format,)

    def one(self, data: bytes) -> Row:
        if len(data) == self._packer.size:
            return self._packer.unpack(data)
        return tuple(self._packer.iter_unpack(data))

    def many(self, data: bytes, records: int) -> Sequence[Row]:
        return list(self._packer.iter_unpack(data))


def _struct_codec(format: str) -> _StructCodec:
    return _StructCodec(struct.Struct(format))


class StructQueue(_TypedQueue[Row]):
    """A queue of C structs: `StructQueue("<QdI", "ticks", capacity=1024)`. An element is one struct in the format of the struct
    module, whose size is the element size. What is read are tuples, of a record with several elements a tuple of tuples. All
    else is as in Queue, with its arguments."""

    def __init__(self, format: str, name: Optional[str] = None, *, capacity: Optional[int] = None,
                 items_per_slot: Optional[int] = None, layout: int = Layout.ANY, create: Optional[bool] = None, exclusive: bool = False,
                 read_only: bool = False, lossless: bool = False, single_producer: bool = False, prompt_producer: bool = False,
                 prefault: bool = False, lock_memory: bool = False, huge_pages: bool = False, hugetlb: bool = False,
                 half_reset: bool = False, permissions: Optional[int] = None, timeout: Optional[float] = None) -> None:
        """See Queue. format: of the struct module."""
        self._set_up(format)
        super().__init__(name, capacity=capacity, element_size=self.struct.size, items_per_slot=items_per_slot, layout=layout,
                         create=create, exclusive=exclusive, read_only=read_only, lossless=lossless, single_producer=single_producer,
                         prompt_producer=prompt_producer, prefault=prefault, lock_memory=lock_memory, huge_pages=huge_pages,
                         hugetlb=hugetlb, half_reset=half_reset, permissions=permissions, timeout=timeout)

    def _settings(self) -> Any:
        return self.struct.format

    def _set_up(self, settings: Any) -> None:
        #: The struct.Struct.
        self.struct = struct.Struct(settings)
        self._codec = _StructCodec(self.struct)

    def put(self, *fields: Any) -> int:
        """Writes one record of one struct; returns its index. As write() with timeout 0."""
        return self.write(self.struct.pack(*fields))

    def put_many(self, rows: Iterable[Sequence[Any]], timeout: Optional[float] = 0) -> int:
        """Writes a record for each row, in one call. As write_batch()."""
        pack = self.struct.pack
        return self.write_batch(b"".join([pack(*row) for row in rows]), None, timeout)


class _ArrayCodec(Codec["numpy.ndarray[Any, Any]"]):
    """Records are arrays of items: of the dtype, or, if that is itself an array of so many items of another, of its shape."""

    def __init__(self, dtype: "numpy.dtype[Any]") -> None:
        import numpy
        self.dtype = dtype
        self.base: "numpy.dtype[Any]"
        self.base, shape = dtype.subdtype or (dtype, ())
        self.shape: Tuple[int, ...] = tuple(shape)
        self._frombuffer = numpy.frombuffer

    def __reduce__(self) -> "Tuple[Any, ...]":
        return _ArrayCodec, (self.dtype,)

    def one(self, data: Any) -> "numpy.ndarray[Any, Any]":
        array: "numpy.ndarray[Any, Any]" = self._frombuffer(data, self.base)
        return array.reshape((-1, *self.shape)) if self.shape else array

    def many(self, data: bytes, records: int) -> "Sequence[numpy.ndarray[Any, Any]]":
        array = self.one(data)
        return [array[place:place + 1] for place in range(records)]

    def encoded(self, values: Any) -> "numpy.ndarray[Any, Any]":
        """Contiguous items of the dtype. The array itself, if it is that. OverflowError: an integer that does not fit."""
        import numpy
        array: "numpy.ndarray[Any, Any]"
        if self.base.kind in "iub" and getattr(values, "dtype", None) != self.base:
            given = numpy.asarray(values)
            if given.size and given.dtype.kind not in "iub":
                given = numpy.asarray(values, object)
                if not all(isinstance(value, (int, numpy.integer)) for value in given.flat):
                    raise TypeError(f"{self.base} items are integers")
            array = given.astype(self.base)
            if not (array == given).all():
                raise OverflowError(f"an integer is out of the range of {self.base}")
        else:
            array = numpy.asarray(values, self.base)
        array = numpy.ascontiguousarray(array)
        if self.shape:
            if array.shape[array.ndim - len(self.shape):] != self.shape or array.ndim > len(self.shape) + 1:
                raise ArgumentError(Status.E_ARGUMENT, f"items have the shape {self.shape}, which an array of {array.shape} has not")
        return array


class ArrayQueue(_TypedQueue["numpy.ndarray[Any, Any]"]):
    """A queue of NumPy arrays: `ArrayQueue(dtype, "ticks", capacity=1024)`. An element is one item of the dtype, which must not
    hold Python objects. A record is a one-dimensional array, or, if the dtype is a sub-array as ("<f8", (3,)), one of items of
    that shape: (number, 3). What is read are read-only views of bytes objects, which nobody overwrites. All else is as in Queue,
    with its arguments. Needs NumPy."""

    def __init__(self, dtype: Any, name: Optional[str] = None, *, capacity: Optional[int] = None,
                 items_per_slot: Optional[int] = None, layout: int = Layout.ANY, create: Optional[bool] = None, exclusive: bool = False,
                 read_only: bool = False, lossless: bool = False, single_producer: bool = False, prompt_producer: bool = False,
                 prefault: bool = False, lock_memory: bool = False, huge_pages: bool = False, hugetlb: bool = False,
                 half_reset: bool = False, permissions: Optional[int] = None, timeout: Optional[float] = None) -> None:
        """See Queue. dtype: anything that numpy.dtype() takes."""
        self._set_up(dtype)
        super().__init__(name, capacity=capacity, element_size=self.dtype.itemsize, items_per_slot=items_per_slot,
                         layout=layout, create=create, exclusive=exclusive, read_only=read_only, lossless=lossless,
                         single_producer=single_producer, prompt_producer=prompt_producer, prefault=prefault,
                         lock_memory=lock_memory, huge_pages=huge_pages, hugetlb=hugetlb, half_reset=half_reset, permissions=permissions,
                         timeout=timeout)

    def _settings(self) -> Any:
        return self.dtype

    def _set_up(self, settings: Any) -> None:
        import numpy
        #: The numpy.dtype.
        self.dtype: "numpy.dtype[Any]" = numpy.dtype(settings)
        if self.dtype.hasobject:
            raise ValueError("the dtype holds Python objects, which mean nothing to other processes")
        self._codec: _ArrayCodec = _ArrayCodec(self.dtype)

    def put(self, array: Any, timeout: Optional[float] = 0) -> int:
        """Writes all items as one record; returns its index. As write()."""
        return self.write(self._codec.encoded(array), timeout)

    def put_many(self, array: Any, timeout: Optional[float] = 0) -> int:
        """Writes a record for each item, in one call; no copy of a writable contiguous array of the dtype. As write_batch()."""
        return self.write_batch(self._codec.encoded(array), None, timeout)

    def array(self, index: int, count: int = 1) -> "numpy.ndarray[Any, Any]":
        """`count` items in the ring from that index on, zero-copy: to fill what reserve(count) has given. It stays valid, and
        keeps the ring mapped, even when the queue is closed."""
        return self._codec.one(self.elements(index, count))
