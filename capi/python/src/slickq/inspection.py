"""Looking at any segment."""
from ctypes import byref
from typing import NamedTuple, Optional

from ._library import patient
from ._ring import encode_name, unsigned
from ._structs import Inspection as _Inspection, sized
from .constants import Layout, Status
from .errors import check, last_message


class Inspection(NamedTuple):
    """What is under a name."""

    verdict: Status            #: what opening it, with no waiting, would say
    message: str               #: the details of a verdict that is not OK
    length: int                #: bytes of the segment
    required_length: int       #: bytes that its header asks for; 0 if unknown
    layout: Layout             #: ANY if it can't be told
    marker: int                #: the 4 bytes at offset 24
    init_state: int            #: the 4 bytes at offset 48: 0 fresh, 1 old creator, 2 being initialised, 3 ready
    capacity: int              #: elements, like the next two 0 if the layout can't be told
    element_size: int          #: bytes; 0 in a WIDE segment unless given
    items_per_slot: int        #: elements
    next_index: int        #: the next index to be reserved; this and the next three only if the verdict is OK
    last_published: Optional[int]  #: the highest index published; None: none, or not kept in this layout
    oldest_index: int          #: where Start.OLDEST would start
    published: int             #: records that a consumer starting there would find now
    identity: Optional[bytes]  #: as Queue.identity
    created: Optional[float]   #: when the segment was made, seconds since 1970; None if it has no place for that
    late_publishes: int        #: reservations that the ring had lapped before they were published (StaleError); many: it is too small


def inspect(name: str, element_size: int = 0) -> Inspection:
    """Looks at whatever is under the name, read-only, without waiting. element_size: bytes, needed to understand a WIDE
    segment. NotFoundError, AccessError: it could not be looked at."""
    found = sized(_Inspection)
    check(patient.slickq_segment_inspect(encode_name(name), unsigned("element_size", element_size), byref(found)))
    message = last_message() if found.verdict else ""
    return Inspection(Status(found.verdict), message, found.length, found.required_length, Layout(found.layout),
                      found.marker, found.init_state, found.capacity, found.element_size, found.items_per_slot,
                      found.next_index, None if found.last_published == 2**64 - 1 else found.last_published,
                      found.oldest_index, found.published, bytes(found.identity) if any(found.identity) else None,
                      found.created_ns / 1e9 if found.created_ns else None, found.late_publishes)
