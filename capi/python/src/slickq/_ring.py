"""The life of a queue: opening, closing, what it is. Producing and consuming build on it."""
import ctypes
import os
from dataclasses import dataclass
from ctypes import byref, c_uint32
from typing import Any, List, Optional, Type, TypeVar

from ._handle import CLOSED, Handle, make_handle
from ._library import patient
from ._structs import ConsumerInfo as _ConsumerInfo, GroupInfo as _GroupInfo, Options, QueueInfo, sized
from ._waiting import nanoseconds
from .constants import ConsumerKind, GroupMode, Layout, NameState, Status
from .errors import ArgumentError, ClosedError, check

(_READ_ONLY, _LOSSLESS, _SINGLE_PRODUCER, _PREFAULT, _LOCK_MEMORY, _HUGE_PAGES, _HUGETLB, _PROMPT_PRODUCER) = (
    1 << bit for bit in range(8))
_INFO_CREATOR, _INFO_READ_ONLY, _INFO_LOSSLESS, _INFO_SINGLE_PRODUCER = 1, 4, 8, 16
_INFO_LOCKED, _INFO_HUGE_PAGES, _INFO_HUGETLB, _INFO_PROMPT_PRODUCER = 32, 64, 128, 256
_MOST_CONSUMERS, _MOST_GROUPS = 64, 8
_MOST_32_BITS = 2**32 - 1

Self = TypeVar("Self", bound="Ring")


@dataclass(frozen=True)
class ConsumerInfo:
    """A registered consumer or worker, as Queue.consumers() lists them."""

    kind: ConsumerKind
    id: int          #: for Queue.evict()
    pid: int         #: of its process
    is_alive: bool   #: whether that process is
    group: int       #: worker: the number of its group
    has_claim: bool  #: worker: whether it has a record in hand, at `index`
    index: int       #: all before it is acknowledged; worker: what it has in hand, else the group's cursor
    lag: int         #: elements reserved from there on


@dataclass(frozen=True)
class GroupInfo:
    """A group of workers, as Queue.groups() lists them."""

    name: str
    mode: GroupMode
    cursor: int          #: the next index to be claimed
    lag: int             #: elements reserved from the cursor on
    redelivered: int     #: records handed from a dead worker to another
    abandoned: int       #: records that a dead worker had in hand, and nobody got
    lost: int            #: elements lapped, torn or never published
    workers: int         #: registered, and alive
    is_waited_for: bool  #: whether lossless producers wait for it


def encode_name(name: str) -> bytes:
    """A segment's name for the library, which would take a NUL for its end."""
    encoded = os.fsencode(name)
    if b"\0" in encoded:
        raise ArgumentError(Status.E_NAME, f"a NUL byte in the name {name!r}")
    return encoded


def unsigned(name: str, value: Optional[int]) -> int:
    """A 32-bit option of that name, 0 for None. ctypes would cut off what is beyond."""
    value = int(value or 0)
    if not 0 <= value <= _MOST_32_BITS:
        raise ArgumentError(Status.E_ARGUMENT, f"{name} {value} is out of range")
    return value


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

    def _open(self, name: Optional[str], *, capacity: Optional[int] = None, element_size: Optional[int] = None,
              items_per_slot: Optional[int] = None, layout: int = Layout.ANY, exclusive: bool = False,
              read_only: bool = False, lossless: bool = False, single_producer: bool = False, prompt_producer: bool = False,
              prefault: bool = False, lock_memory: bool = False, huge_pages: bool = False, hugetlb: bool = False,
              permissions: Optional[int] = None, timeout: Optional[float] = None) -> None:
        flags = sum(flag for flag, wanted in (
            (_READ_ONLY, read_only), (_LOSSLESS, lossless), (_SINGLE_PRODUCER, single_producer),
            (_PROMPT_PRODUCER, prompt_producer), (_PREFAULT, prefault), (_LOCK_MEMORY, lock_memory),
            (_HUGE_PAGES, huge_pages), (_HUGETLB, hugetlb)) if wanted)
        options = sized(Options, flags=flags, capacity=unsigned("capacity", capacity),
                        element_size=unsigned("element_size", element_size),
                        items_per_slot=unsigned("items_per_slot", items_per_slot), layout=layout,
                        permissions=unsigned("permissions", permissions),
                        timeout_ns=-1 if timeout == 0 else nanoseconds(timeout, 0, 2**63 - 1))
        if name is None:
            handle = make_handle("queue", patient.slickq_queue_create_local, byref(options))
        else:
            call = (patient.slickq_queue_create if exclusive else
                    patient.slickq_queue_open_or_create if options.capacity else patient.slickq_queue_open)
            handle = make_handle("queue", call, encode_name(name), byref(options))
        self._attach(handle)

    def _attach(self, handle: Handle) -> None:
        """Takes over a handle. Subclasses that depend on the queue's settings extend it."""
        info = sized(QueueInfo)
        check(patient.slickq_queue_get_info(handle, byref(info)))
        self._handle, self._flags, self._can_be_woken = handle, info.flags, info.annex_offset != 0
        self._never_full = not info.flags & _INFO_LOSSLESS
        self.capacity, self.element_size = info.capacity, info.element_size
        self.items_per_slot, self.slot_count = info.items_per_slot, info.slot_count
        self.layout = Layout(info.layout)
        self._system_name = os.fsdecode(info.name) if info.name else None
        self.name = self._system_name.lstrip("/") if self._system_name else None

        # All views into the ring keep this object, and with it the mapping: close() may come before they go.
        mapping = (ctypes.c_char * info.length).from_address(info.base)
        mapping.handle = handle
        self._memory = memoryview(mapping).cast("B")
        if info.flags & _INFO_READ_ONLY:
            self._memory = self._memory.toreadonly()
        self._elements = self._memory[info.data_offset:info.data_offset + self.capacity * self.element_size]
        self._mask = self.capacity - 1

    def close(self) -> None:
        """Ends the use of the queue. Calls that wait on it end with Cancelled; memoryviews into the ring stay valid, and
        keep it mapped until they are gone. Never removes the name. Closing twice is fine."""
        handle, self._handle = self._handle, CLOSED
        if handle:
            patient.slickq_queue_cancel(handle)
            self._elements.release()
            self._memory.release()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "" if self._handle else " closed"
        return (f"<{type(self).__name__} {self.name or 'local'}{state} capacity={self.capacity} "
                f"element_size={self.element_size} {self.layout.name}>")

    def __len__(self) -> int:
        """The capacity in elements."""
        return self.capacity

    def __getitem__(self, index: int) -> memoryview:
        """The element with that index, zero-copy: writable bytes in the ring, where it is index mod capacity."""
        size = self.element_size
        offset = (index & self._mask) * size
        try:
            return self._elements[offset:offset + size]
        except ValueError:
            raise ClosedError(Status.E_HANDLE, "closed") from None

    def elements(self, index: int, count: int) -> memoryview:
        """`count` elements from that index on, zero-copy, as those of one reservation lie; up to the ring's end."""
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

    def reattach(self: Self) -> Self:
        """Another object of the same kind, on what the name leads to now. Read what is left in this one, then close it."""
        handle = make_handle("queue", patient.slickq_queue_reattach, self._handle)
        fresh = type(self).__new__(type(self))
        fresh._copy_settings(self)
        fresh._attach(handle)
        return fresh

    def _copy_settings(self, other: Any) -> None:
        """What a subclass keeps that does not come from the segment."""

    # ---- who reads, for operators

    def consumers(self) -> List[ConsumerInfo]:
        """All registered consumers and workers, of all processes."""
        found, info = [], sized(_ConsumerInfo)
        for number in range(_MOST_CONSUMERS):
            if check(patient.slickq_consumer_get_info(self._handle, number, byref(info))) == Status.OK:
                found.append(ConsumerInfo(ConsumerKind(info.kind), info.id, info.pid, bool(info.is_alive), info.group,
                                          bool(info.has_claim), info.index, info.lag))
        return found

    def groups(self) -> List[GroupInfo]:
        """All groups of workers."""
        found, info = [], sized(_GroupInfo)
        for number in range(_MOST_GROUPS):
            if check(patient.slickq_group_get_info(self._handle, number, byref(info))) == Status.OK:
                found.append(GroupInfo(os.fsdecode(info.name), GroupMode(info.mode), info.cursor, info.lag,
                                       info.redelivered, info.abandoned, info.lost, info.workers,
                                       bool(info.is_waited_for)))
        return found

    def evict(self, consumer: int) -> None:
        """Producers wait for that consumer or worker (ConsumerInfo.id) no more. NotFoundError: it is over already."""
        check(patient.slickq_consumer_evict(self._handle, consumer))

    def remove_group(self, group: str) -> None:
        """Removes a group without living workers. NotFoundError; ExistsError: it has workers."""
        check(patient.slickq_group_remove(self._handle, encode_name(group)))


def remove(name: str) -> None:
    """Removes the name of a segment, of a queue or a shared cursor. Who has it open goes on. NotFoundError if there is none;
    UnsupportedError on Windows, where segments vanish with their last user."""
    check(patient.slickq_remove(encode_name(name)))
