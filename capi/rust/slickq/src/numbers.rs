//! What the numbers of `slickq.h` mean: layouts, starting positions, modes, states.

use crate::error::{ok, Error, ErrorKind, Result};
use slickq_sys as sys;
use std::fmt;

/// Which bytes a segment has. All are recognised when opening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Layout {
    /// Creating: [`Slq1`](Self::Slq1), or [`Slq3`](Self::Slq3) with several items per slot. Opening: whatever is there.
    #[default]
    Any = sys::SLICKQ_LAYOUT_ANY,
    /// slick-queue >= 1.4 without last-published index: [`read_last`](crate::Queue::read_last) is not
    /// available.
    Slq0 = sys::SLICKQ_LAYOUT_SLQ0,
    /// slick-queue >= 1.4, the usual.
    Slq1 = sys::SLICKQ_LAYOUT_SLQ1,
    /// [`Slq0`](Self::Slq0) with several items per slot.
    Slq2 = sys::SLICKQ_LAYOUT_SLQ2,
    /// [`Slq1`](Self::Slq1) with several items per slot.
    Slq3 = sys::SLICKQ_LAYOUT_SLQ3,
    /// slick-queue 1.2 and 1.3. A 2.x peer that creates under the same name formats it anew.
    Packed = sys::SLICKQ_LAYOUT_PACKED,
    /// slick-queue 1.0 and 1.1. Needs a 16-byte compare-and-swap; stores no element size.
    Wide = sys::SLICKQ_LAYOUT_WIDE,
}

impl Layout {
    /// `Any` for a number of no layout.
    pub(crate) fn of(number: u32) -> Self {
        match number {
            sys::SLICKQ_LAYOUT_SLQ0 => Layout::Slq0,
            sys::SLICKQ_LAYOUT_SLQ1 => Layout::Slq1,
            sys::SLICKQ_LAYOUT_SLQ2 => Layout::Slq2,
            sys::SLICKQ_LAYOUT_SLQ3 => Layout::Slq3,
            sys::SLICKQ_LAYOUT_PACKED => Layout::Packed,
            sys::SLICKQ_LAYOUT_WIDE => Layout::Wide,
            _ => Layout::Any,
        }
    }

    /// How many elements lie from index `from` up to index `to` of such a queue, across the wrap of indices too: negative
    /// if `to` is older.
    pub fn distance(self, from: u64, to: u64) -> i64 {
        // SAFETY: takes numbers and cannot fail.
        unsafe { sys::slickq_index_distance(self as u32, from, to) }
    }

    /// The index that lies `elements` behind `index`, before it if that is negative.
    pub fn add(self, index: u64, elements: i64) -> u64 {
        // SAFETY: takes numbers and cannot fail.
        unsafe { sys::slickq_index_add(self as u32, index, elements) }
    }

    /// Whether this platform can use the layout ([`Any`](Self::Any): the library at all); if not, the message says
    /// what is missing.
    pub fn check_platform(self) -> Result<()> {
        let mut sentence = std::ptr::null();
        // SAFETY: one out parameter.
        match unsafe { sys::slickq_platform_check(self as u32, &mut sentence) } {
            sys::SLICKQ_E_UNSUPPORTED => {
                // SAFETY: set to a constant of the library with this status.
                let sentence = unsafe { std::ffi::CStr::from_ptr(sentence) };
                Err(Error::new(ErrorKind::Unsupported, sentence.to_string_lossy()))
            }
            status => ok(status),
        }
    }
}

/// From the number in `slickq.h`; [`ErrorKind::Argument`] if it is of no layout.
impl TryFrom<u32> for Layout {
    type Error = Error;

    fn try_from(number: u32) -> Result<Self> {
        match Layout::of(number) {
            Layout::Any if number != sys::SLICKQ_LAYOUT_ANY => {
                Err(Error::new(ErrorKind::Argument, format!("{number} is the number of no layout")))
            }
            layout => Ok(layout),
        }
    }
}

/// The library's name for it: `SLQ1`.
impl fmt::Display for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: a constant of the library, for any number.
        let name = unsafe { std::ffi::CStr::from_ptr(sys::slickq_layout_name(*self as u32)) };
        out.write_str(&name.to_string_lossy())
    }
}

/// Where a consumer may start. `Oldest` and `Newest` look through up to `capacity / items_per_slot` slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Start {
    /// After everything reserved so far: only new records.
    #[default]
    Now,
    /// The oldest record still in the ring.
    Oldest,
    /// The newest published record; `Now` if there is none.
    Newest,
    /// At an index, not ahead of what is reserved.
    Index(u64),
}

impl Start {
    /// The number in `slickq.h`, and the index if there is one.
    pub(crate) fn numbers(self) -> (u32, u64) {
        match self {
            Start::Now => (sys::SLICKQ_START_NOW, 0),
            Start::Oldest => (sys::SLICKQ_START_OLDEST, 0),
            Start::Newest => (sys::SLICKQ_START_NEWEST, 0),
            Start::Index(index) => (sys::SLICKQ_START_INDEX, index),
        }
    }
}

/// Where a queue's name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameState {
    /// To this queue's segment.
    Ours,
    /// Nowhere: nobody else can open it any more.
    Gone,
    /// To another segment: who opens it now will not meet us.
    Taken,
}

/// What happens to the record that a worker had claimed when it died or was evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupMode {
    /// Another worker gets it again, marked [redelivered](crate::Record::is_redelivered): nothing is lost, but what the
    /// dead one had done of it is done twice.
    AtLeastOnce,
    /// Another worker is told that it was [abandoned](crate::LossCause::Abandoned): nothing is done twice.
    AtMostOnce,
}

impl GroupMode {
    pub(crate) fn of(number: u32) -> Option<Self> {
        match number {
            sys::SLICKQ_GROUP_AT_LEAST_ONCE => Some(GroupMode::AtLeastOnce),
            sys::SLICKQ_GROUP_AT_MOST_ONCE => Some(GroupMode::AtMostOnce),
            _ => None,
        }
    }
}

/// Whether the process that registered a consumer lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Liveness {
    /// It has ended.
    Dead,
    /// It lives.
    Alive,
    /// It cannot be told from here, and is taken to live: producers wait for it until an operator evicts it.
    Unknown,
}

impl Liveness {
    pub(crate) fn of(number: u32) -> Self {
        match number {
            0 => Liveness::Dead,
            1 => Liveness::Alive,
            _ => Liveness::Unknown,
        }
    }
}
