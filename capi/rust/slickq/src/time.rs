//! Deadlines.

use slickq_sys as sys;
use std::time::{Duration, Instant};

/// The moment until which a call waits. Made from a [`Duration`] from now on or an [`Instant`]; every waiting function
/// takes any of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(i64);

impl Deadline {
    /// Never.
    pub const FOREVER: Deadline = Deadline(sys::SLICKQ_FOREVER);

    /// That long from now. What lies beyond all time is [`FOREVER`](Self::FOREVER).
    pub fn after(timeout: Duration) -> Self {
        let nanoseconds = i64::try_from(timeout.as_nanos()).unwrap_or(-1);
        // SAFETY: takes a number and cannot fail.
        Deadline(unsafe { sys::slickq_deadline(nanoseconds) })
    }

    pub(crate) fn nanoseconds(self) -> i64 {
        self.0
    }
}

impl From<Duration> for Deadline {
    fn from(timeout: Duration) -> Self {
        Deadline::after(timeout)
    }
}

impl From<Instant> for Deadline {
    fn from(moment: Instant) -> Self {
        Deadline::after(moment.saturating_duration_since(Instant::now()))
    }
}

/// How long to wait for the creator of a segment, as the library takes it: there 0 is the default. What lies beyond all
/// time is for ever.
pub(crate) fn creation_timeout(timeout: Duration) -> i64 {
    i64::try_from(timeout.as_nanos()).map_or(sys::SLICKQ_TIMEOUT_FOREVER, |ns| ns.max(sys::SLICKQ_TIMEOUT_NONE))
}

/// A duration where 0 is taken for "default" by the library, and a negative number for something else.
pub(crate) fn positive(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX).max(1)
}
