//! What is neither a record nor an error: nothing there yet, something lost, no room, the end of a wait.

use crate::error::Error;
use slickq_sys as sys;
use std::fmt;

/// Why a read gave no record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRead {
    /// Nothing there yet.
    Empty,
    /// The next record is reserved, and not published yet. (Cursors do not tell this from [`Empty`](Self::Empty).)
    Pending,
    /// Records were lost. Said once; reading goes on behind them.
    Lost(Loss),
    /// The deadline passed.
    TimedOut,
    /// Another thread ended the wait.
    Cancelled,
    /// The call failed. After [`ErrorKind::Evicted`](crate::ErrorKind::Evicted) a reader can go on reading.
    Failed(Error),
}

/// Elements that a consumer did not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Why not.
    pub cause: LossCause,
    /// How many elements; 0 where that cannot be known.
    pub elements: u64,
    /// The index that the call told: where a reader or worker goes on, but with [`LossCause::Abandoned`] and in
    /// cursors' reads that of the record.
    pub index: u64,
}

/// The causes of a [`Loss`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LossCause {
    /// Producers were faster, and overwrote them.
    Lapped,
    /// They stayed unpublished for longer than the stall time: their producer died, or sleeps.
    Gap,
    /// The queue was reset before they were read.
    Reset,
    /// Another worker of an at-most-once group died with this record claimed: nobody gets it any more.
    Abandoned,
    /// A slot claims what no producer writes; it was skipped.
    Corrupt,
}

impl NotRead {
    /// What a status other than `SLICKQ_OK` of a reading function means.
    #[cold]
    pub(crate) fn of(status: sys::slickq_status, index: u64, elements: u64) -> Self {
        let lost = |cause| NotRead::Lost(Loss { cause, elements, index });
        match status {
            sys::SLICKQ_EMPTY => NotRead::Empty,
            sys::SLICKQ_PENDING => NotRead::Pending,
            sys::SLICKQ_LAPPED => lost(LossCause::Lapped),
            sys::SLICKQ_GAP => lost(LossCause::Gap),
            sys::SLICKQ_RESET => lost(LossCause::Reset),
            sys::SLICKQ_ABANDONED => lost(LossCause::Abandoned),
            sys::SLICKQ_E_CORRUPT => lost(LossCause::Corrupt),
            sys::SLICKQ_TIMED_OUT => NotRead::TimedOut,
            sys::SLICKQ_CANCELLED => NotRead::Cancelled,
            error => NotRead::Failed(Error::last(error)),
        }
    }

    /// Nothing there yet: look again later.
    pub fn is_empty(&self) -> bool {
        matches!(self, NotRead::Empty | NotRead::Pending)
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.cause {
            LossCause::Lapped => "overwritten before they were read",
            LossCause::Gap => "never published",
            LossCause::Reset => "lost by a reset of the queue",
            LossCause::Abandoned => "in the hands of a worker that died",
            LossCause::Corrupt => "corrupt",
        };
        write!(out, "{} elements at index {}: {why}", self.elements, self.index)
    }
}

impl fmt::Display for NotRead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRead::Empty => out.write_str("nothing to read yet"),
            NotRead::Pending => out.write_str("the next record is not published yet"),
            NotRead::Lost(loss) => loss.fmt(out),
            NotRead::TimedOut => out.write_str("nothing to read until the deadline"),
            NotRead::Cancelled => out.write_str("the wait was cancelled"),
            NotRead::Failed(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for NotRead {}

impl From<Error> for NotRead {
    fn from(error: Error) -> Self {
        NotRead::Failed(error)
    }
}

/// Why nothing was written or reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotWritten {
    /// Lossless: no room before a registered consumer or a group has read on.
    Full,
    /// The deadline passed.
    TimedOut,
    /// [`Queue::cancel`](crate::Queue::cancel) ended the wait.
    Cancelled,
    /// The call failed. [`ErrorKind::Stale`](crate::ErrorKind::Stale): it was written, but the ring had lapped it
    /// before it was published.
    Failed(Error),
}

impl NotWritten {
    /// `SLICKQ_OK`, or why not.
    #[inline]
    pub(crate) fn check(status: sys::slickq_status) -> Result<(), Self> {
        if status == sys::SLICKQ_OK {
            Ok(())
        } else {
            Err(Self::of(status))
        }
    }

    #[cold]
    fn of(status: sys::slickq_status) -> Self {
        match status {
            sys::SLICKQ_FULL => NotWritten::Full,
            sys::SLICKQ_TIMED_OUT => NotWritten::TimedOut,
            sys::SLICKQ_CANCELLED => NotWritten::Cancelled,
            error => NotWritten::Failed(Error::last(error)),
        }
    }
}

impl fmt::Display for NotWritten {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotWritten::Full => out.write_str("no room before a consumer has read on"),
            NotWritten::TimedOut => out.write_str("no room until the deadline"),
            NotWritten::Cancelled => out.write_str("the wait for room was cancelled"),
            NotWritten::Failed(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for NotWritten {}

impl From<Error> for NotWritten {
    fn from(error: Error) -> Self {
        NotWritten::Failed(error)
    }
}

/// A batch of which not all was written: the first `written` records were, the others were not, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartlyWritten {
    /// How many records were taken.
    pub written: usize,
    /// Why no more. With [`ErrorKind::Stale`](crate::ErrorKind::Stale) the ring lapped some of them before they were
    /// published; those are lost.
    pub why: NotWritten,
}

impl fmt::Display for PartlyWritten {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} records were written, then: {}", self.written, self.why)
    }
}

impl std::error::Error for PartlyWritten {}
