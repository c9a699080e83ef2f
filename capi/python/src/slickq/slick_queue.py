"""The interface of slick-queue-py: what it has, under its names. Programs need only change the import.

What is different: a queue that peers have half made or damaged is refused in more cases, reads validate their copies, and
closing works whatever is still in use.
"""
from ctypes import byref, c_char_p
from types import SimpleNamespace
from typing import Any, Optional, Tuple, Type, Union

from ._library import patient
from .constants import Layout, Status
from .cursor import AtomicCursor
from .errors import Error, MismatchError, StaleError, UnsupportedError
from .queue import Queue
from ._ring import remove as _remove


class QueueTraits:
    """What a SlickQueue is to have. Subclass it, and override what you need; read when a queue is made."""

    #: Whether publishing keeps an index of the last record, for read_last(). All users of a segment must agree.
    enable_read_last = True
    #: Whether read() notices that its cursor is from before a reset(), and begins again at 0.
    enable_reset_check = False
    #: Whether loss_count() counts.
    enable_loss_detection = True
    #: Accepted, without effect: the library has no loop that Python could relax.
    enable_cpu_relax = True


default_queue_traits = QueueTraits

_TRAITS = ("enable_read_last", "enable_reset_check", "enable_loss_detection", "enable_cpu_relax")


def validate_traits(traits: Any) -> None:
    """TypeError if a trait is missing or not a bool."""
    for name in _TRAITS:
        if not hasattr(traits, name):
            raise TypeError(f"traits type {getattr(traits, '__name__', traits)!r} is missing required attribute '{name}'; "
                            "derive from QueueTraits")
        value = getattr(traits, name)
        if not isinstance(value, bool):
            raise TypeError(f"traits attribute '{name}' must be a bool, got {type(value).__name__}")


class _FrozenTraits(QueueTraits):
    """The traits that a queue was made with. Can't be changed."""

    def __init__(self, traits: Any) -> None:
        for name in _TRAITS:
            object.__setattr__(self, name, getattr(traits, name))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"traits are read-only after construction; build a new queue to change {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("traits are read-only after construction")

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, _FrozenTraits):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _TRAITS)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in _TRAITS))

    def __repr__(self) -> str:
        return f"traits({', '.join(f'{name}={getattr(self, name)}' for name in _TRAITS)})"


class SlickQueue(Queue):
    """slick_queue_py.SlickQueue over libslickq. Everything that Queue has is there too: readers, batches, groups.

    name: of a shared segment; None: in this process's memory.
    size: elements, a power of two. With a name it may be None: then an existing segment is opened.
    element_size: bytes.
    traits: a subclass of QueueTraits.
    items_per_slot: the least elements that a reservation takes; None: 1, or that of the segment which is opened.
    """

    def __init__(self, *, name: Optional[str] = None, size: Optional[int] = None, element_size: Optional[int] = None,
                 traits: Optional[Type[QueueTraits]] = None, items_per_slot: Optional[int] = None) -> None:
        chosen: Any = default_queue_traits if traits is None else traits
        validate_traits(chosen)
        #: What this queue has, read-only.
        self.traits = _FrozenTraits(chosen)
        #: Records of this object that came too late: the ring had gone round between reserve() and publish(). They are
        #: lost, and publish() does not raise for them, as slick-queue-py does not.
        self.stale_count = 0
        if element_size is None or (name is None and size is None):
            raise ValueError("size and element_size required" if size or name is None else
                             "element_size must be provided when opening existing shared memory")
        if size is not None and (size < 0 or size & (size - 1) or not size and name is None):
            raise ValueError("size must be a power of two")
        if items_per_slot is not None and (items_per_slot <= 0 or items_per_slot & (items_per_slot - 1)):
            raise ValueError("items_per_slot must be a power of two")
        if size and items_per_slot is None:
            items_per_slot = 1
        layout = Layout.ANY
        if not self.traits.enable_read_last and size:
            layout = Layout.SLQ0 if items_per_slot == 1 else Layout.SLQ2
        super().__init__(name, capacity=size, element_size=element_size, items_per_slot=items_per_slot, layout=layout)
        keeps_last = self.layout not in (Layout.SLQ0, Layout.SLQ2)
        if keeps_last != self.traits.enable_read_last and self.layout not in (Layout.PACKED, Layout.WIDE):
            self.close()
            raise MismatchError(Status.E_MISMATCH, f"the segment was created with enable_read_last={keeps_last} but this "
                                                   f"queue has enable_read_last={not keeps_last}")

    def _attach(self, handle: Any) -> None:
        super()._attach(handle)
        #: Elements in the ring.
        self.size = self.capacity
        #: size - 1.
        self.mask = self._mask
        #: Whether it is in shared memory.
        self.use_shm = self.name is not None
        self._pending_unlink = self.name

    def _settings(self) -> Any:
        return {name: getattr(self.traits, name) for name in _TRAITS}

    def _set_up(self, settings: Any) -> None:
        self.traits, self.stale_count = _FrozenTraits(SimpleNamespace(**settings)), 0

    def publish(self, index: int, n: int = 1) -> None:
        """Makes a reservation visible as one record of n elements. If it came too late, stale_count tells."""
        try:
            super().publish(index, n)
        except StaleError:
            self.stale_count += 1

    def reserve(self, n: int = 1) -> int:  # type: ignore[override]
        """Reserves n contiguous elements; returns the first one's index. ValueError: n is 0. RuntimeError: more than size."""
        return super().reserve(n)

    def initial_reading_index(self) -> int:
        """next_index(), by the peer's name."""
        return self.next_index()

    def read(self, read_index: Union[int, AtomicCursor]) -> Tuple[Optional[bytes], int, int]:
        """Queue.read(), with enable_reset_check also for a cursor from before a reset()."""
        said = super().read(read_index)
        if said[0] is None and self.traits.enable_reset_check:
            behind = self.next_index()
            if isinstance(read_index, AtomicCursor):
                cursor = read_index.load()
                if cursor > behind:
                    read_index.compare_exchange_weak(cursor, 0)  # else another consumer was faster
                    return super().read(read_index)
            elif said[2] > behind:
                return super().read(0)
        return said

    def read_last(self) -> Tuple[Optional[bytes], int]:
        """(data, elements) of the record that was published last, (None, 0) if there is none. RuntimeError without
        enable_read_last."""
        if not self.traits.enable_read_last:
            raise UnsupportedError(Status.E_UNSUPPORTED, "read_last() requires traits.enable_read_last")
        return super().read_last()

    def loss_count(self) -> int:
        """The elements that this object's reads skipped; 0 without enable_loss_detection."""
        return super().loss_count() if self.traits.enable_loss_detection else 0

    def get_shm_name(self) -> Optional[str]:
        """The name as C++ programs need it, with a leading "/" but on Windows; None for a local queue."""
        return self._system_name

    def unlink(self) -> None:
        """Removes the segment's name; once, before or after close(). Nothing for a local queue."""
        name, self._pending_unlink = self._pending_unlink, None
        if name is not None:
            SlickQueue.remove(name)

    def remove_shm(self) -> bool:
        """Removes whatever has the segment's name, each time. Whether it did; always on Windows, False for a local queue."""
        self._pending_unlink = None
        return self.name is not None and SlickQueue.remove(self.name)

    @staticmethod
    def remove(name: str) -> bool:
        """Removes the name of a segment without opening it. Whether it did; always on Windows."""
        try:
            _remove(name)
        except UnsupportedError:
            return True
        except Error:
            return False
        return True


def check_platform_support() -> Tuple[bool, str]:
    """(whether this platform can use the library, a sentence that says what there is)."""
    sentence = c_char_p()
    status = patient.slickq_platform_check(Layout.ANY, byref(sentence))
    return status == Status.OK, (sentence.value or b"").decode()
