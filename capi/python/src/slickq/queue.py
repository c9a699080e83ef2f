"""Queue: the native interface."""
from typing import Callable, Optional, TypeVar

from ._consuming import Consuming
from ._handle import Handle
from .codec import BytesCodec
from .constants import AfterLap, GroupMode, Layout, Start
from .reader import Reader
from .records import Outcome
from .worker import Consumer, Worker

T = TypeVar("T")


class CodedQueue(Consuming[T]):
    """What Queue and the typed queues share: consumers whose records become values by a codec."""

    def __init__(self, name: Optional[str] = None, *, capacity: Optional[int] = None, element_size: Optional[int] = None,
                 items_per_slot: Optional[int] = None, layout: int = Layout.ANY, create: Optional[bool] = None, exclusive: bool = False,
                 read_only: bool = False, lossless: bool = False, single_producer: bool = False, prompt_producer: bool = False,
                 prefault: bool = False, lock_memory: bool = False, huge_pages: bool = False, hugetlb: bool = False,
                 half_reset: bool = False, permissions: Optional[int] = None, timeout: Optional[float] = None) -> None:
        """Makes a queue in this process's memory (no name), opens an existing one (a name, no capacity), or opens one that is
        made if the name is free (name and capacity): but see create.

        name: of the segment; a leading "/" makes no difference.
        capacity: elements, a power of two up to 2**31. With a name, None adopts what is there.
        element_size: bytes. Needed to make one, and to open a WIDE one.
        items_per_slot: elements that share a control slot, a power of two; None: 1, or what is there.
        layout: what to make, or to insist on.
        create: of a name: False only opens what is there (NotFoundError), capacity or not; True only makes it (ExistsError); None:
            see above.
        exclusive: the same as create=True.
        read_only: maps it without write permission.
        lossless: what is produced through this object does not lap registered readers and workers, but waits or is Full.
        single_producer: nobody else produces while it is open, and one thread here: cheaper. SecondProducerError tells of
            another, where that is noticed.
        prompt_producer: whatever is reserved through this object is published before the ring comes round: a cheaper publish.
            Who is late is told so (StaleError), unless the ring comes round in the midst of a publish.
        prefault, lock_memory, huge_pages, hugetlb: map every page now; keep them in memory, if that is allowed; ask for
            transparent huge pages; for a local queue ask the pool of huge pages.
        half_reset: also opens a queue whose reset was not finished (HalfResetError otherwise), to reset() it again.
        permissions: of a new segment, exactly; None: 0o666 less the umask.
        timeout: seconds to wait for another process that is just making it; None: 2.

        NotFoundError, ExistsError, AccessError, OsError, ArgumentError; MismatchError: it is not as asked for; SegmentError: it
        is no usable queue."""
        self._open(name, capacity=capacity, element_size=element_size, items_per_slot=items_per_slot, layout=layout,
                   create=create, exclusive=exclusive, read_only=read_only, lossless=lossless, single_producer=single_producer,
                   prompt_producer=prompt_producer, prefault=prefault, lock_memory=lock_memory, huge_pages=huge_pages, hugetlb=hugetlb,
                   half_reset=half_reset, permissions=permissions, timeout=timeout)

    def reader(self, start: int = Start.NOW, *, start_index: Optional[int] = None, after_lap: int = AfterLap.OLDEST,
               slack: int = 0, batch: int = 0, registered: bool = False, stall: Optional[float] = None,
               on_loss: Optional[Callable[[Outcome], object]] = None) -> Reader[T]:
        """A consumer of its own of every record.

        start, start_index: where it begins; an index must not be ahead of what is reserved.
        after_lap: where it goes on when producers were faster; slack: the distance in elements that OLDEST keeps from being
            overwritten (0: an eighth of the capacity).
        batch: records read ahead at most (0: 64); fewer if they have more than 16 KiB.
        registered: lossless producers wait for it.
        stall: seconds that a record may stay reserved and unpublished before it is stepped over (None: 1; math.inf: never).
        on_loss: called with the Outcome of each loss."""
        return Reader(self, self._codec, start=start, start_index=start_index, after_lap=after_lap, slack=slack,
                      batch=batch, registered=registered, stall=stall, on_loss=on_loss)

    def worker(self, group: str, mode: int = GroupMode.ANY, *, start: int = Start.NOW, stall: Optional[float] = None,
               linger: Optional[float] = None, on_loss: Optional[Callable[[Outcome], object]] = None) -> Worker[T]:
        """Joins the group of that name (1 to 16 bytes), in which each record goes to one worker. The first one makes it, and
        must say what mode it has, where it starts, and for how many seconds lossless producers wait for it while it has no
        living worker (linger; None: 10, math.inf: for ever). stall, on_loss: as for reader(). MismatchError: it has the other
        mode."""
        return Worker(self, self._codec, group, mode, start=start, stall=stall, linger=linger, on_loss=on_loss)

    def register(self, index: Optional[int] = None) -> Consumer:
        """Registers a consumer with a cursor of its own, which needs what is reserved from `index` on (None: from now on)."""
        return Consumer(self, index)


class Queue(CodedQueue[bytes]):
    """A ring queue of fixed-size elements, in this process's memory or in a named segment, for any number of producers and
    consumers. A record is one element or several contiguous ones. Records are bytes: StructQueue and ArrayQueue have values.

    Lossy, unless both sides ask for more: producers overwrite the oldest records. All methods may be called from any threads
    at once; readers and workers belong to one each.
    """

    def _attach(self, handle: Handle) -> None:
        super()._attach(handle)
        self._codec = BytesCodec(self.element_size)
