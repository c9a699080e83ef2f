"""The life of a queue: opening, closing, what it is. Producing and consuming build on it."""
import ctypes
import os
from dataclasses import dataclass
from ctypes import byref, c_int, c_uint32, c_uint64
from operator import index as integer
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, NoReturn, Optional, Tuple, Type, TypeVar

from ._handle import CLOSED, Handle, make_handle
from ._helpers import interruptibly
from ._library import patient
from ._structs import ConsumerInfo as _ConsumerInfo, EpochInfo, GroupInfo as _GroupInfo, Options, QueueInfo, sized
from ._waiting import nanoseconds
from .constants import ConsumerKind, GroupMode, Layout, Liveness, NameState, Status
from .errors import ArgumentError, ClosedError, HalfResetError, MismatchError, SegmentError, check

(_READ_ONLY, _LOSSLESS, _SINGLE_PRODUCER, _PREFAULT, _LOCK_MEMORY, _HUGE_PAGES, _HUGETLB, _PROMPT_PRODUCER, _HALF_RESET) = (
    1 << bit for bit in range(9))
_INFO_CREATOR, _INFO_READ_ONLY, _INFO_LOSSLESS, _INFO_SINGLE_PRODUCER = 1, 4, 8, 16
_INFO_LOCKED, _INFO_HUGE_PAGES, _INFO_HUGETLB, _INFO_PROMPT_PRODUCER = 32, 64, 128, 256
_MAX_CONSUMERS, _MAX_GROUPS = 64, 8
_MOST_32_BITS = 2**32 - 1
MOST_64_BITS = 2**64 - 1

Self = TypeVar("Self", bound="Ring")


@dataclass(frozen=True)
class ConsumerInfo:
    """A registered consumer or worker, as Queue.consumers() lists them."""

    kind: ConsumerKind
    id: int          #: for Queue.evict()
    pid: int         #: of its process
    liveness: Liveness  #: whether that process lives, as far as it can be told
    group: int       #: worker: the number of its group
    has_claim: bool  #: worker: whether it has claimed a record, at `index`
    index: int       #: all before it is acknowledged; worker: what it has claimed, else the group's cursor
    lag: int         #: elements reserved from there on

    @property
    def is_alive(self) -> Optional[bool]:
        """Whether its process lives; None: it can't be told, and it is taken to live."""
        return None if self.liveness == Liveness.UNKNOWN else self.liveness == Liveness.ALIVE


@dataclass(frozen=True)
class GroupInfo:
    """A group of workers, as Queue.groups() lists them."""

    name: str
    mode: GroupMode
    cursor: int          #: the next index to be claimed
    lag: int             #: elements reserved from the cursor on
    redelivered: int     #: records handed from a dead worker to another
    abandoned: int       #: records that a dead worker had claimed, and nobody got
    lost: int            #: elements lapped, torn or never published
    workers: int         #: registered, and not surely dead
    is_waited_for: bool  #: whether lossless producers wait for it
    unfinished: int         #: records that dead, evicted and former workers have left, and no other has taken over yet


class Epoch(NamedTuple):
    """In which epoch a queue is, see Queue.epoch()."""

    resets: int           #: since the segment was made; one left half done and the one that mends it are two
    reserved_before: int  #: elements reserved in all former epochs together
    is_resetting: bool    #: it is being reset, or a reset was left half done: the numbers may be of either epoch


def encode_name(name: str) -> bytes:
    """A segment's name for the library, which would take a NUL for its end."""
    encoded = os.fsencode(name)
    if b"\0" in encoded:
        raise ArgumentError(Status.E_NAME, f"a NUL byte in the name {name!r}")
    return encoded


def unsigned(name: str, value: Optional[int]) -> int:
    """A 32-bit option of that name, 0 for None. ctypes would cut off what is beyond."""
    value = 0 if value is None else integer(value)
    if not 0 <= value <= _MOST_32_BITS:
        raise _out_of_range(name, value)
    return value


def unsigned_64(name: str, value: int) -> int:
    """The same for an index, or another number of 64 bits."""
    value = integer(value)
    if not 0 <= value <= MOST_64_BITS:
        raise _out_of_range(name, value)
    return value


def _out_of_range(name: str, value: int) -> ArgumentError:
    return ArgumentError(Status.E_ARGUMENT, f"{name} {value} is out of range")


# What a creator, or who resets it, may still change in a moment: worth waiting for. (NOT_A_QUEUE: for its first 0.1 seconds.)
_BEING_MADE = (Status.E_NO_LENGTH, Status.E_NOT_READY, Status.E_HALF_MADE, Status.E_NOT_A_QUEUE, Status.E_HALF_RESET)


#: Nanoseconds for a look and no wait.
TIMEOUT_NONE = 1


def timeout_of_creator(timeout: Optional[float]) -> int:
    """Nanoseconds for the library to wait for who is making a segment: 0 the default, -1 for ever."""
    return TIMEOUT_NONE if timeout == 0 else nanoseconds(timeout, 0, -1)


def open_named(kind: str, open_within: Callable[[int], Tuple[Any, ...]], timeout: Optional[float]) -> Handle:
    """A handle on a segment that another process may just be making, which is waited for so that Ctrl-C is noticed.
    open_within(timeout_ns): the call, and its arguments."""
    timeout_ns = timeout_of_creator(timeout)
    try:
        return make_handle(kind, *open_within(TIMEOUT_NONE))
    except (SegmentError, HalfResetError) as failure:
        if timeout_ns == TIMEOUT_NONE or failure.status not in _BEING_MADE:
            raise
    return interruptibly(lambda: make_handle(kind, *open_within(timeout_ns)))


class Origin(NamedTuple):
    """What another process needs to open the same queue."""

    kind: "Type[Ring]"
    name: Optional[str]      # None: nobody else can
    identity: Any            # of the segment; None if there is nothing to tell it by
    capacity: int
    options: Dict[str, Any]  # for _open()
    settings: Any            # for _set_up()

    def pickled(self) -> "Origin":
        """Itself, for a pickle. TypeError for a local queue."""
        if self.name is None:
            raise TypeError("a local queue is in this process's memory only, and so can't be pickled or copied: make it with a "
                            "name, or start processes by fork, which share it")
        return self

    def open(self) -> Any:
        """The queue, opened anew by its name. MismatchError: the name leads to another segment."""
        queue = self.kind.__new__(self.kind)
        queue._set_up(self.settings)
        queue._open(self.name, **self.options)
        if queue.capacity == self.capacity and queue._origin.identity == self.identity:
            return queue
        queue.close()
        raise MismatchError(Status.E_MISMATCH, f"the name '{self.name}' leads to another segment than the one that was pickled: "
                                               "it was removed since, and made anew")


def open_origin(*fields: Any) -> Any:
    """What a pickled queue is unpickled by."""
    return Origin(*fields).open()


def file_identity(name: str) -> "Optional[Tuple[int, int]]":
    """What tells a segment without an identity of its own from others that have its name; None where there is no file."""
    try:
        status = os.stat(f"/dev/shm/{name}")
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Ring:
    """What all queues have. Not to be made by itself: see Queue."""

    _handle = CLOSED
    _flags: int
    _can_be_woken: bool
    _never_full: bool
    _system_name: Optional[str]
    _memory: memoryview
    _elements: memoryview
    _mask: int
    _options: Dict[str, Any]      # as it was opened, without what the segment tells
    _origin: Origin
    _cancelled: object = None     # another one after each cancel() and close()
    _losses_at_close: Optional[int] = None

    #: Elements in the ring.
    capacity: int
    #: Bytes.
    element_size: int
    #: Elements that share a control slot: every reservation is rounded up to a multiple of it.
    items_per_slot: int
    #: Control slots: capacity / items_per_slot.
    slot_count: int
    #: What bytes the segment has, never ANY.
    layout: Layout
    #: Of the segment, without the leading "/"; None for a queue in this process's memory.
    name: Optional[str]
    #: 16 random bytes, made with the segment: the same in every process that has it open, and in no other segment, whatever its
    #: name. None in a segment without a place for it: made by a peer, or WIDE.
    identity: Optional[bytes]
    #: When the segment was made, seconds since 1970; None as above.
    created: Optional[float]

    def _open(self, name: Optional[str], *, capacity: Optional[int] = None, element_size: Optional[int] = None,
              items_per_slot: Optional[int] = None, layout: int = Layout.ANY, create: Optional[bool] = None, exclusive: bool = False,
              read_only: bool = False, lossless: bool = False, single_producer: bool = False, prompt_producer: bool = False,
              prefault: bool = False, lock_memory: bool = False, huge_pages: bool = False, hugetlb: bool = False,
              half_reset: bool = False, permissions: Optional[int] = None, timeout: Optional[float] = None) -> None:
        flags = sum(flag for flag, wanted in (
            (_READ_ONLY, read_only), (_LOSSLESS, lossless), (_SINGLE_PRODUCER, single_producer),
            (_PROMPT_PRODUCER, prompt_producer), (_PREFAULT, prefault), (_LOCK_MEMORY, lock_memory),
            (_HUGE_PAGES, huge_pages), (_HUGETLB, hugetlb), (_HALF_RESET, half_reset)) if wanted)
        timeout_of_creator(timeout)  # refuses nonsense, also where nobody waits
        self._options = dict(read_only=read_only, lossless=lossless, single_producer=single_producer,
                             prompt_producer=prompt_producer, prefault=prefault, lock_memory=lock_memory, huge_pages=huge_pages)

        def options(timeout_ns: int) -> Any:
            return byref(sized(Options, flags=flags, capacity=unsigned("capacity", capacity),
                               element_size=unsigned("element_size", element_size),
                               items_per_slot=unsigned("items_per_slot", items_per_slot), layout=unsigned("layout", layout),
                               permissions=unsigned("permissions", permissions), timeout_ns=timeout_ns))

        if create is False and (exclusive or name is None):
            raise ArgumentError(Status.E_ARGUMENT, "what is only to be opened needs a name, and is not exclusive")
        if name is None:
            handle = make_handle("queue", patient.slickq_queue_create_local, options(-1))
        else:
            call = (patient.slickq_queue_create if create or exclusive else
                    patient.slickq_queue_open if create is False or not capacity else patient.slickq_queue_open_or_create)
            encoded = encode_name(name)
            handle = open_named("queue", lambda timeout_ns: (call, encoded, options(timeout_ns)), timeout)
        self._attach(handle)

    def _attach(self, handle: Handle) -> None:
        """Takes over a handle. Subclasses that depend on the queue's settings extend it."""
        info = sized(QueueInfo)
        check(patient.slickq_queue_get_info(handle, byref(info)))
        self._handle, self._flags, self._can_be_woken = handle, info.flags, info.extension_offset != 0
        self._never_full = not info.flags & _INFO_LOSSLESS
        self.capacity, self.element_size = info.capacity, info.element_size
        self.items_per_slot, self.slot_count = info.items_per_slot, info.slot_count
        self.layout = Layout(info.layout)
        self._system_name = os.fsdecode(info.name) if info.name else None
        self.name = self._system_name.lstrip("/") if self._system_name else None
        self.identity = bytes(info.identity) if any(info.identity) else None
        self.created = info.created_ns / 1e9 if info.created_ns else None
        self._origin = self._describe()

        # All views into the ring keep this object, and with it the mapping: close() may come before they go.
        mapping = (ctypes.c_char * info.length).from_address(info.base)
        mapping.handle = handle
        self._memory = memoryview(mapping).cast("B")
        if info.flags & _INFO_READ_ONLY:
            self._memory = self._memory.toreadonly()
        self._elements = self._memory[info.data_offset:info.data_offset + self.capacity * self.element_size]
        self._mask = self.capacity - 1

    def _describe(self) -> Origin:
        identity: Any = self.identity
        if identity is None and self.name is not None and self.name_state() == NameState.OURS:
            identity = file_identity(self.name)
        options = dict(self._options, layout=int(self.layout), items_per_slot=self.items_per_slot,
                       element_size=self.element_size)
        return Origin(type(self), self.name, identity, self.capacity, options, self._settings())

    def close(self) -> None:
        """Ends the use of the queue. Calls that wait on it end with Cancelled; memoryviews into the ring stay valid, and
        keep it mapped until they are gone. Never removes the name. Closing twice is fine."""
        handle = self._handle
        if handle:
            self._losses_at_close = loss_count_of(handle)
        self._handle = CLOSED
        if handle:
            self._cancelled = object()
            self._wake_tasks()
            patient.slickq_queue_cancel(handle)
            self._elements.release()
            self._memory.release()

    def _wake_tasks(self) -> None:
        """Those that wait in event loops look again."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> "Tuple[Any, ...]":
        """Pickled by name. Another process (copy.copy(): this one) opens the same segment with the same options, as an object
        of its own; MismatchError there if the name leads to another segment by then. TypeError for a local queue."""
        if not self._handle:
            raise ClosedError(Status.E_HANDLE, "closed")
        return open_origin, tuple(self._origin.pickled())

    if TYPE_CHECKING:
        __iter__: None
    else:
        def __iter__(self) -> NoReturn:
            """Refused: a queue is no sequence of records, and `for` over its places would never end."""
            raise TypeError("a queue can't be iterated over: iterate over one of its readers, `for record in queue.reader()`")

    __reversed__ = None
    __contains__ = None

    def __repr__(self) -> str:
        state = "" if self._handle else " closed"
        return (f"<{type(self).__name__} {self.name or 'local'}{state} capacity={self.capacity} "
                f"element_size={self.element_size} {self.layout.name}>")

    def __len__(self) -> int:
        """The capacity in elements."""
        return self.capacity

    def __getitem__(self, index: int) -> memoryview:
        """The element with that index, zero-copy: writable bytes in the ring, where it is index mod capacity."""
        if type(index) is not int or not 0 <= index <= MOST_64_BITS:
            index = unsigned_64("index", index)
        size = self.element_size
        offset = (index & self._mask) * size
        try:
            return self._elements[offset:offset + size]
        except ValueError:
            raise ClosedError(Status.E_HANDLE, "closed") from None

    def elements(self, index: int, count: int) -> memoryview:
        """`count` elements from that index on, zero-copy, as those of one reservation lie; up to the ring's end."""
        index, count = unsigned_64("index", index), unsigned_64("count", count)
        size = self.element_size
        offset = (index & self._mask) * size
        try:
            return self._elements[offset:offset + count * size]
        except ValueError:
            raise ClosedError(Status.E_HANDLE, "closed") from None

    # ---- what it is

    def _has(self, flag: int) -> bool:
        return self._flags & flag != 0

    @property
    def is_creator(self) -> bool:
        """Whether this object made the segment."""
        return self._has(_INFO_CREATOR)

    @property
    def is_closed(self) -> bool:
        """Whether close() was called."""
        return not self._handle

    @property
    def is_read_only(self) -> bool:
        """Whether it was opened with read_only."""
        return self._has(_INFO_READ_ONLY)

    @property
    def is_lossless(self) -> bool:
        """Whether it was opened with lossless."""
        return self._has(_INFO_LOSSLESS)

    @property
    def is_single_producer(self) -> bool:
        """Whether it was opened with single_producer."""
        return self._has(_INFO_SINGLE_PRODUCER)

    @property
    def is_prompt_producer(self) -> bool:
        """Whether it was opened with prompt_producer."""
        return self._has(_INFO_PROMPT_PRODUCER)

    @property
    def is_locked(self) -> bool:
        """Whether lock_memory was granted."""
        return self._has(_INFO_LOCKED)

    @property
    def has_huge_pages(self) -> bool:
        """Whether huge_pages was accepted, or hugetlb granted."""
        return self._has(_INFO_HUGE_PAGES | _INFO_HUGETLB)

    @property
    def can_be_woken(self) -> bool:
        """Whether the segment has libslickq's place for waking, registering and groups: not one that a peer made."""
        return self._can_be_woken

    # ---- orphans

    def name_state(self) -> NameState:
        """Where the name leads now. Three system calls. UnsupportedError for a local queue."""
        state = c_uint32()
        check(patient.slickq_queue_name_state(self._handle, byref(state)))
        return NameState(state.value)

    def epoch(self) -> Epoch:
        """In which epoch the queue is: each reset begins another one. UnsupportedError if the segment has no place for
        it (a peer made it, or it is wide). Peers' resets are not counted."""
        info = sized(EpochInfo)
        check(patient.slickq_queue_epoch(self._handle, byref(info)))
        return Epoch(info.resets, info.reserved_before, bool(info.is_resetting))

    def room_descriptor(self) -> int:
        """A descriptor that is readable when a write that raised Full may be tried again, for select, poll, epoll and event loops
        (those of asyncio are served by send()). It is the queue's: never read from it, never close it. One thread at a time polls it;
        Full that others are told on the same object makes it wait anew. UnsupportedError on Windows."""
        return descriptor_of("queue_room", self._handle)

    def reattach(self: Self) -> Self:
        """Another object of the same kind, on what the name leads to now. Read what is left in this one, then close it."""
        queue = self._handle
        handle = interruptibly(lambda: make_handle("queue", patient.slickq_queue_reattach, queue))
        fresh = type(self).__new__(type(self))
        fresh._options = self._options
        fresh._set_up(self._settings())
        fresh._attach(handle)
        return fresh

    def _settings(self) -> Any:
        """What a subclass keeps that does not come from the segment. It can be pickled if the queue can."""

    def _set_up(self, settings: Any) -> None:
        """Takes over such settings, before _attach()."""

    # ---- who reads, for operators

    def consumers(self) -> List[ConsumerInfo]:
        """All registered consumers and workers, of all processes."""
        found, info = [], sized(_ConsumerInfo)
        for number in range(_MAX_CONSUMERS):
            if check(patient.slickq_consumer_get_info(self._handle, number, byref(info))) == Status.OK:
                found.append(ConsumerInfo(ConsumerKind(info.kind), info.id, info.pid, Liveness(info.is_alive), info.group,
                                          bool(info.has_claim), info.index, info.lag))
        return found

    def groups(self) -> List[GroupInfo]:
        """All groups of workers."""
        found, info = [], sized(_GroupInfo)
        for number in range(_MAX_GROUPS):
            if check(patient.slickq_group_get_info(self._handle, number, byref(info))) == Status.OK:
                found.append(GroupInfo(os.fsdecode(info.name), GroupMode(info.mode), info.cursor, info.lag,
                                       info.redelivered, info.abandoned, info.lost, info.workers,
                                       bool(info.is_waited_for), info.unfinished))
        return found

    def evict(self, consumer: int) -> None:
        """Producers wait for that consumer or worker (ConsumerInfo.id) no more. NoConsumerError: it is over already."""
        check(patient.slickq_consumer_evict(self._handle, unsigned_64("consumer", consumer)))

    def remove_group(self, group: str) -> None:
        """Removes a group without living workers. NoGroupError; BusyError: it has workers."""
        check(patient.slickq_group_remove(self._handle, encode_name(group)))


def descriptor_of(kind: str, handle: Handle) -> int:
    descriptor = c_int()
    check(getattr(patient, f"slickq_{kind}_descriptor")(handle, byref(descriptor)))
    return descriptor.value


def loss_count_of(handle: Handle) -> int:
    elements = c_uint64()
    check(patient.slickq_queue_loss_count(handle, byref(elements)))
    return elements.value


def remove(name: str) -> None:
    """Removes the name of a segment, of a queue or a shared cursor. Who has it open goes on. NotFoundError if there is none;
    UnsupportedError on Windows, where segments vanish with their last user."""
    check(patient.slickq_segment_remove(encode_name(name)))
