//! Groups of workers: each record goes to one of them, and what a dead one had claimed is not forgotten.

use crate::cancel::{Canceller, Target};
use crate::error::{ok, Result};
use crate::numbers::{GroupMode, Start};
use crate::outcome::NotRead;
use crate::pod::Pod;
use crate::queue::Queue;
use crate::raw::{c_string, no_record, sized};
use crate::record::Record;
use crate::time::{positive, Deadline};
use slickq_sys as sys;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{null_mut, NonNull};
use std::time::Duration;

/// How a [`Worker`] joins a group.
#[derive(Clone, Debug)]
#[must_use]
pub struct WorkerOptions {
    raw: sys::slickq_worker_options, // its name is set when it is used
    group: String,
}

impl WorkerOptions {
    /// A worker of the group with that name, 1 to 16 bytes, which is made if there is none and a [`mode`](Self::mode)
    /// is given.
    pub fn new(group: &str) -> Self {
        WorkerOptions { raw: sized(), group: group.to_owned() }
    }

    /// Needed by the first worker, who makes the group; from the others it must be the same, or not given.
    pub fn mode(mut self, mode: GroupMode) -> Self {
        self.raw.mode = match mode {
            GroupMode::AtLeastOnce => sys::SLICKQ_GROUP_AT_LEAST_ONCE,
            GroupMode::AtMostOnce => sys::SLICKQ_GROUP_AT_MOST_ONCE,
        };
        self
    }

    /// Where a new group starts: [`Start::Now`] if not given, [`Start::Oldest`] or [`Start::Newest`].
    pub fn start(mut self, start: Start) -> Self {
        self.raw.start = start.numbers().0;
        self
    }

    /// As [`ReaderOptions::stall`](crate::ReaderOptions::stall).
    pub fn stall(mut self, time: Option<Duration>) -> Self {
        self.raw.stall_ns = time.map_or(sys::SLICKQ_STALL_NEVER, positive);
        self
    }

    /// How long lossless producers wait for a new group while it has no living worker; `None`: for ever. 10 seconds if
    /// not given.
    pub fn linger(mut self, time: Option<Duration>) -> Self {
        self.raw.linger_ns = time.map_or(sys::SLICKQ_LINGER_FOREVER, positive);
        self
    }

    /// Joins the group.
    pub fn open<T: Pod>(&self, queue: &Queue<T>) -> Result<Worker<T>> {
        let group = c_string(&self.group)?;
        let options = sys::slickq_worker_options { group: group.as_ptr(), ..self.raw };
        let mut handle = null_mut();
        // SAFETY: an open handle, options with their size and a NUL-terminated name, and one out parameter.
        ok(unsafe { sys::slickq_worker_open(queue.as_raw(), &options, &mut handle) })?;
        let handle = NonNull::new(handle).expect("an open worker has a handle");
        let canceller = Canceller::new(Target::Worker(handle));
        Ok(Worker { handle, canceller, width: queue.width(), values: PhantomData })
    }
}

// SAFETY: numbers, and a pointer that is always NULL in here.
unsafe impl Send for WorkerOptions {}
// SAFETY: as above.
unsafe impl Sync for WorkerOptions {}

/// One of a group's workers, in any process. What it has claimed is written down in the segment: if it dies, or is
/// evicted, the others find that within 100 ms of looking for work. It keeps the segment mapped, also when the
/// [`Queue`] is gone.
///
/// Dropping it leaves the group, and what it has claimed counts as done, also where a panic unwinds: in a group that
/// must not lose work, let a panic end the process.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use slickq::{GroupMode, Queue, Start, WorkerOptions};
/// let queue = Queue::<u32>::local(64)?;
/// queue.producer()?.write_batch(&[1, 2, 3])?;
/// let mut worker = WorkerOptions::new("sums").mode(GroupMode::AtLeastOnce).start(Start::Oldest).open(&queue)?;
/// let mut sum = 0;
/// while let Ok(record) = worker.claim() {
///     sum += record[0];
/// }
/// assert_eq!(sum, 6);
/// # Ok(()) }
/// ```
///
/// It belongs to one thread at a time:
///
/// ```
/// fn may_be_sent<T: Send>() {}
/// may_be_sent::<slickq::Worker<u32>>();
/// ```
/// ```compile_fail,E0277
/// fn may_be_shared<T: Sync>() {}
/// may_be_shared::<slickq::Worker<u32>>();
/// ```
pub struct Worker<T: Pod> {
    handle: NonNull<sys::slickq_worker>,
    canceller: Canceller,
    width: usize,
    values: PhantomData<T>,
}

// SAFETY: slickq.h: a worker belongs to one thread at a time, any thread. It is not Sync: NonNull sees to that.
unsafe impl<T: Pod> Send for Worker<T> {}

impl<T: Pod> Worker<T> {
    /// Claims the next record; what the worker had claimed is done with then. Never waits.
    /// After [`ErrorKind::Evicted`](crate::ErrorKind::Evicted) this worker is none any more: drop it.
    pub fn claim(&mut self) -> std::result::Result<Record<'_, T>, NotRead> {
        let mut record = no_record();
        // SAFETY: an open handle and one out parameter.
        let status = unsafe { sys::slickq_worker_read(self.handle.as_ptr(), &mut record) };
        self.record(status, &record)
    }

    /// The same, waiting where it would say [`NotRead::Empty`].
    pub fn claim_until(&mut self, deadline: impl Into<Deadline>) -> std::result::Result<Record<'_, T>, NotRead> {
        let mut record = no_record();
        let deadline = deadline.into().nanoseconds();
        // SAFETY: as above.
        let status = unsafe { sys::slickq_worker_read_until(self.handle.as_ptr(), deadline, &mut record) };
        self.record(status, &record)
    }

    fn record(
        &mut self,
        status: sys::slickq_status,
        record: &sys::slickq_record,
    ) -> std::result::Result<Record<'_, T>, NotRead> {
        match status {
            // SAFETY: given out just now, and this worker is borrowed until the record is gone.
            sys::SLICKQ_OK => Ok(unsafe { Record::new(record, self.width) }),
            status => Err(NotRead::of(status, record.index, record.lost)),
        }
    }

    /// What the worker has claimed is done with. [`ErrorKind::Evicted`](crate::ErrorKind::Evicted): it may have been
    /// given to another.
    pub fn done(&mut self) -> Result<()> {
        // SAFETY: an open handle.
        ok(unsafe { sys::slickq_worker_done(self.handle.as_ptr()) })
    }

    /// As [`Reader::descriptor`](crate::Reader::descriptor): when it is readable, claim until that says
    /// [`NotRead::Empty`].
    #[cfg(unix)]
    pub fn descriptor(&self) -> Result<std::os::unix::io::BorrowedFd<'_>> {
        let mut descriptor = -1;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_worker_descriptor(self.handle.as_ptr(), &mut descriptor) })?;
        // SAFETY: the worker's own, which it closes at its end: not while it is borrowed.
        Ok(unsafe { std::os::unix::io::BorrowedFd::borrow_raw(descriptor) })
    }

    /// What ends this worker's waits, from any thread.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

impl<T: Pod> Drop for Worker<T> {
    fn drop(&mut self) {
        if self.canceller.retire() {
            // SAFETY: ours; nobody cancels it any more, and what it handed out is gone.
            unsafe { sys::slickq_worker_close(self.handle.as_ptr()) };
        }
    }
}

impl<T: Pod> fmt::Debug for Worker<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Worker").finish_non_exhaustive()
    }
}
