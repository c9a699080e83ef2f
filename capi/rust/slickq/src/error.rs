//! Errors: a call was wrong, or the system or the segment would not have it. (What is no error, but no record either,
//! is in `outcome.rs`.)

use slickq_sys as sys;
use std::ffi::CStr;
use std::fmt;

/// Why a call failed: its [kind](ErrorKind) to decide by, a sentence for people, the operating system's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    status: sys::slickq_status,
    os_error: i32,
    message: Box<str>,
}

/// What [`Error`] gives.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:ident,)*) => {
        /// The kinds of [`Error`]. Each is a status of `slickq.h`, see [`Error::name`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
            /// A status that this crate does not know, of a newer library.
            Unknown,
        }

        impl ErrorKind {
            fn of(status: sys::slickq_status) -> Self {
                match status {
                    $(sys::$status => Self::$kind,)*
                    _ => Self::Unknown,
                }
            }

            fn status(self) -> sys::slickq_status {
                match self {
                    $(Self::$kind => sys::$status,)*
                    Self::Unknown => sys::SLICKQ_E_INTERNAL,
                }
            }
        }
    };
}

kinds! {
    /// The handle is of no use here: a registered reader or a worker of the process that this one was forked from.
    Handle = SLICKQ_E_HANDLE,
    /// A value is out of range or contradicts another.
    Argument = SLICKQ_E_ARGUMENT,
    /// The name is empty, too long, or has a '/' or a NUL inside.
    Name = SLICKQ_E_NAME,
    /// The record has more values than there is room for; nothing was consumed.
    Buffer = SLICKQ_E_BUFFER,
    /// The handle is read-only and the call would write.
    ReadOnly = SLICKQ_E_READ_ONLY,
    /// This platform, or this queue's layout, cannot do that.
    Unsupported = SLICKQ_E_UNSUPPORTED,
    /// No segment of that name.
    NotFound = SLICKQ_E_NOT_FOUND,
    /// The name is taken.
    Exists = SLICKQ_E_EXISTS,
    /// The operating system denies access.
    Access = SLICKQ_E_ACCESS,
    /// Shared memory has no room for the segment.
    NoSpace = SLICKQ_E_NO_SPACE,
    /// Out of memory or of address space.
    NoMemory = SLICKQ_E_NO_MEMORY,
    /// Too many open files, mappings, handles, consumers or groups.
    Limit = SLICKQ_E_LIMIT,
    /// Any other error of the operating system, see [`Error::os_error`].
    Os = SLICKQ_E_OS,
    /// Shorter than a header until the deadline: its creator died, or never gave it its length.
    NoLength = SLICKQ_E_NO_LENGTH,
    /// All zero until the deadline: its creator died before it began to initialise.
    NotReady = SLICKQ_E_NOT_READY,
    /// Begun and not finished until the deadline: its creator died while initialising.
    HalfMade = SLICKQ_E_HALF_MADE,
    /// Not a queue segment of any known layout.
    NotAQueue = SLICKQ_E_NOT_A_QUEUE,
    /// A segment with features of a newer version.
    Newer = SLICKQ_E_NEWER,
    /// Shorter than its header says.
    Truncated = SLICKQ_E_TRUNCATED,
    /// A header or slot that contradicts itself.
    Corrupt = SLICKQ_E_CORRUPT,
    /// A queue, but not as the caller asked; the message has both sides' values.
    Mismatch = SLICKQ_E_MISMATCH,
    /// The ring lapped the reservation before it was published: its record is lost.
    Stale = SLICKQ_E_STALE,
    /// Published what is not reserved (any more: the queue may have been reset).
    NotReserved = SLICKQ_E_NOT_RESERVED,
    /// The queue was opened for a single producer, and there is another.
    SecondProducer = SLICKQ_E_SECOND_PRODUCER,
    /// A reset was begun 2 seconds ago or more and is not finished: its process died. Reset again.
    HalfReset = SLICKQ_E_HALF_RESET,
    /// This consumer or worker is registered no more.
    Evicted = SLICKQ_E_EVICTED,
    /// No consumer or worker of that id is registered (any more).
    NoConsumer = SLICKQ_E_NO_CONSUMER,
    /// The queue has no group of that name.
    NoGroup = SLICKQ_E_NO_GROUP,
    /// The group has workers that may live.
    Busy = SLICKQ_E_BUSY,
    /// A defect in libslickq or in this crate; please report the message.
    Internal = SLICKQ_E_INTERNAL,
}

impl Error {
    /// What the calling thread's last call failed with.
    #[cold]
    pub(crate) fn last(status: sys::slickq_status) -> Self {
        // SAFETY: never NULL, valid until this thread's next failing call: it is copied before that.
        let message = unsafe { CStr::from_ptr(sys::slickq_last_message()) };
        // SAFETY: takes nothing and cannot fail.
        let os_error = unsafe { sys::slickq_last_os_error() };
        Error { status, os_error, message: message.to_string_lossy().into() }
    }

    /// Refused by this crate.
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Box<str>>) -> Self {
        Error { status: kind.status(), os_error: 0, message: message.into() }
    }

    /// What to decide by.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::of(self.status)
    }

    /// The name that `slickq.h` has for it: `"SLICKQ_E_STALE"`.
    pub fn name(&self) -> &'static str {
        // SAFETY: a constant of the library, for any number.
        let name = unsafe { CStr::from_ptr(sys::slickq_status_name(self.status)) };
        name.to_str().unwrap_or("SLICKQ_UNKNOWN")
    }

    /// One sentence with the details: names, both sides' values, the system's error.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The operating system's error, if that was the cause.
    pub fn os_error(&self) -> Option<std::io::Error> {
        (self.os_error != 0).then(|| std::io::Error::from_raw_os_error(self.os_error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            out.write_str(self.name())
        } else {
            write!(out, "{} ({})", self.message, self.name())
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match error.kind() {
            ErrorKind::NotFound => Io::NotFound,
            ErrorKind::Exists => Io::AlreadyExists,
            ErrorKind::Access | ErrorKind::ReadOnly => Io::PermissionDenied,
            ErrorKind::NoMemory => Io::OutOfMemory,
            ErrorKind::Unsupported => Io::Unsupported,
            ErrorKind::Argument | ErrorKind::Name | ErrorKind::Buffer | ErrorKind::Mismatch => Io::InvalidInput,
            ErrorKind::NotAQueue | ErrorKind::Newer | ErrorKind::Truncated | ErrorKind::Corrupt => Io::InvalidData,
            ErrorKind::NoLength | ErrorKind::NotReady | ErrorKind::HalfMade => Io::TimedOut,
            _ => Io::Other,
        };
        std::io::Error::new(kind, error)
    }
}

/// For calls that either succeed or fail: an outcome in between is none of theirs.
#[inline]
pub(crate) fn ok(status: sys::slickq_status) -> Result<()> {
    if status == sys::SLICKQ_OK {
        Ok(())
    } else {
        Err(failed(status))
    }
}

#[cold]
fn failed(status: sys::slickq_status) -> Error {
    if status < 0 {
        Error::last(status)
    } else {
        Error::new(ErrorKind::Internal, format!("unexpected outcome {status}"))
    }
}
