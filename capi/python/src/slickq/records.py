"""What reading gives."""
from dataclasses import dataclass, field
from typing import Any, Generic, Iterator, List, NamedTuple, Optional, Tuple, TypeVar

from ._structs import ENTRY
from .codec import Codec
from .constants import Status

T = TypeVar("T")


@dataclass(frozen=True)
class Record(Generic[T]):
    """One record."""

    data: bytes                #: all its elements
    index: int                 #: of its first element
    count: int                 #: elements
    redelivered: bool = False  #: worker: another one had claimed it before, and died or was evicted
    #: How a typed queue makes a value of it; None: it is bytes.
    codec: Optional[Codec[T]] = field(default=None, compare=False, repr=False)

    @property
    def value(self) -> T:
        """What read() would give: a typed queue's value, else the bytes."""
        data: Any = self.data
        return data if self.codec is None else self.codec.one(data)


@dataclass(frozen=True)
class View:
    """One record in the ring, not copied. Producers that lap the reader overwrite it while it is read: what was made of it is
    true if Queue.validate(index) says so afterwards."""

    data: memoryview  #: all its elements; valid even after the queue was closed
    index: int        #: of its first element
    count: int        #: elements
    lost: int         #: elements skipped just before it because producers had lapped the cursor


@dataclass(frozen=True)
class Outcome:
    """Why there is no record: EMPTY, PENDING, TIMED_OUT, CANCELLED, or a loss."""

    status: Status
    index: int  #: where the consumer goes on
    lost: int   #: elements


class Losses(NamedTuple):
    """The elements that a reader has lost since it was opened, by cause."""

    lapped: int  #: overwritten before the reader came to them
    gap: int    #: reserved, and never published for longer than the stall time
    torn: int    #: being overwritten while they were copied, or made no sense
    reset: int   #: unread when the queue was reset


class Batch(Generic[T]):
    """Several records, one behind the other in one bytes object."""

    __slots__ = ("data", "_entries", "_element_size", "_codec")

    def __init__(self, data: bytes, entries: bytes, element_size: int, codec: Codec[T]) -> None:
        #: The elements of all records. numpy.frombuffer() and memoryview() of it copy nothing.
        self.data = data
        self._entries = entries
        self._element_size = element_size
        self._codec = codec

    @property
    def entries(self) -> List[Tuple[int, int]]:
        """(index, count) of each record."""
        return list(ENTRY.iter_unpack(self._entries))

    def __len__(self) -> int:
        """Records."""
        return len(self._entries) // ENTRY.size

    def __iter__(self) -> Iterator[T]:
        """Each record's value: bytes, or what the typed queue makes of them."""
        return (record.value for record in self.records())

    def records(self) -> Iterator[Record[T]]:
        """Each record."""
        start = 0
        for index, count in ENTRY.iter_unpack(self._entries):
            end = start + count * self._element_size
            yield Record(self.data[start:end], index, count, False, self._codec)
            start = end

    def __repr__(self) -> str:
        return f"<Batch of {len(self)} records, {len(self.data)} bytes>"

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Batch):
            return NotImplemented
        return self.data == other.data and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]
