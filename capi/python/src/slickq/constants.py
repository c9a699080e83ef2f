"""The numbers of slickq.h that have names in Python. All are IntEnum: an int of the same value will do as well."""
from enum import IntEnum

from ._library import quick


class Status(IntEnum):
    """What a call of the C API came to: 0 is success, positive an outcome that is no record, negative an error."""

    OK = 0
    EMPTY = 1
    CHANGED = 2
    PENDING = 3
    LAPPED = 4
    FULL = 5
    TIMED_OUT = 6
    GAP = 7
    RESET = 8
    CANCELLED = 9
    ABANDONED = 10
    E_NULL = -1
    E_HANDLE = -2
    E_ARGUMENT = -3
    E_NAME = -4
    E_BUFFER = -5
    E_READ_ONLY = -6
    E_UNSUPPORTED = -7
    E_NOT_FOUND = -20
    E_EXISTS = -21
    E_ACCESS = -22
    E_NO_SPACE = -23
    E_NO_MEMORY = -24
    E_LIMIT = -25
    E_OS = -26
    E_NO_LENGTH = -40
    E_NOT_READY = -41
    E_HALF_MADE = -42
    E_NOT_A_QUEUE = -43
    E_NEWER = -44
    E_TRUNCATED = -45
    E_CORRUPT = -46
    E_MISMATCH = -47
    E_STALE = -60
    E_NOT_RESERVED = -61
    E_SECOND_PRODUCER = -62
    E_HALF_RESET = -70
    E_EVICTED = -71
    E_NO_CONSUMER = -72
    E_NO_GROUP = -73
    E_BUSY = -74
    E_INTERNAL = -90


class Layout(IntEnum):
    """Which bytes a segment has. ANY: whatever is there; when creating SLQ1, or SLQ3 with several items per slot."""

    ANY = 0
    SLQ0 = 1
    SLQ1 = 2
    SLQ2 = 3
    SLQ3 = 4
    PACKED = 5
    WIDE = 6

    def distance(self, start: int, end: int) -> int:
        """How many elements lie from index `start` up to index `end` of such a queue, across the wrap of indices too:
        negative if `end` is older."""
        return int(quick.slickq_index_distance(self, start, end))

    def add(self, index: int, elements: int) -> int:
        """The index that lies `elements` behind `index`, before it if that is negative."""
        return int(quick.slickq_index_add(self, index, elements))


class Start(IntEnum):
    """Where a consumer begins: NOW with what is reserved from now on, OLDEST and NEWEST with that record in the ring."""

    NOW = 0
    OLDEST = 1
    NEWEST = 2


class AfterLap(IntEnum):
    """Where a reader goes on that producers have lapped: at the oldest record that is safe from being overwritten for a
    while, at the newest, or as SlickQueue does (COMPAT), whole laps ahead."""

    OLDEST = 0
    NEWEST = 1
    COMPAT = 2


class GroupMode(IntEnum):
    """What a group of workers does with the record that a dead worker had claimed: gives it to another one
    (AT_LEAST_ONCE), or reports it and gives it to nobody (AT_MOST_ONCE). ANY: join, whatever the group does."""

    ANY = 0
    AT_LEAST_ONCE = 2
    AT_MOST_ONCE = 3


class NameState(IntEnum):
    """Where an open queue's name leads: to this very segment, nowhere any more, or to another segment."""

    OURS = 0
    GONE = 1
    TAKEN = 2


class Liveness(IntEnum):
    """Whether the process that registered a consumer lives. UNKNOWN: it can't be told from here, and it is taken to live: producers
    wait for it until an operator evicts it."""

    DEAD = 0
    ALIVE = 1
    UNKNOWN = 2


class ConsumerKind(IntEnum):
    """What a place in the table of consumers is taken by. EVICTED: one that was evicted and has not noticed yet."""

    READER = 2
    WORKER = 3
    EVICTED = 4
