//! Ending the wait of a reader or a worker from another thread.

use slickq_sys as sys;
use std::fmt;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Ends a wait of the [`Reader`](crate::Reader) or [`Worker`](crate::Worker) that it is of, from any thread. The
/// reader itself belongs to one thread at a time; this is the one thing that others may do with it, and may outlive
/// it.
///
/// ```
/// fn may_be_shared<T: Send + Sync + Clone>() {}
/// may_be_shared::<slickq::Canceller>();
/// ```
#[derive(Clone)]
pub struct Canceller {
    target: Arc<Mutex<Target>>,
    process: u32, // in which the lock is
}

#[derive(Clone, Copy)]
pub(crate) enum Target {
    Reader(NonNull<sys::slickq_reader>),
    Worker(NonNull<sys::slickq_worker>),
    Closed,
}

// SAFETY: the handles are only used to cancel, which slickq.h allows from any thread, and under the lock that closing
// takes too: nobody closes a handle while another thread is in a call here.
unsafe impl Send for Target {}

impl Canceller {
    pub(crate) fn new(target: Target) -> Self {
        Canceller { target: Arc::new(Mutex::new(target)), process: std::process::id() }
    }

    /// `None`: in a child of fork(), where a thread of the parent had it, which the child has not.
    fn lock(&self) -> Option<MutexGuard<'_, Target>> {
        // Nothing in here can be left half-done, so poison means nothing.
        if std::process::id() == self.process {
            return Some(self.target.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.target.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Ends the wait that is under way with [`NotRead::Cancelled`](crate::NotRead::Cancelled), the next one if there
    /// is none. False: there is nobody to wait any more.
    pub fn cancel(&self) -> bool {
        // SAFETY: open handles: closing them takes them out of here first.
        let status = match self.lock().as_deref() {
            Some(Target::Reader(handle)) => unsafe { sys::slickq_reader_cancel(handle.as_ptr()) },
            Some(Target::Worker(handle)) => unsafe { sys::slickq_worker_cancel(handle.as_ptr()) },
            Some(Target::Closed) | None => return false,
        };
        status == sys::SLICKQ_OK
    }

    /// After this, nobody is in a call of cancel() that uses the handle, or will be. False: that can't be told, and the handle
    /// is not to be closed, see lock().
    pub(crate) fn retire(&self) -> bool {
        self.lock().map(|mut target| *target = Target::Closed).is_some()
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Canceller")
    }
}
