//! A consumer that hands out only true records, and accounts for all others.

use crate::cancel::{Canceller, Target};
use crate::error::{ok, Result};
use crate::info::{self, ReaderInfo};
use crate::numbers::Start;
use crate::outcome::NotRead;
use crate::pod::Pod;
use crate::queue::Queue;
use crate::raw::{no_record, sized};
use crate::record::{Batch, Record};
use crate::time::{positive, Deadline};
use slickq_sys as sys;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{null, null_mut, NonNull};
use std::time::Duration;

/// Where a reader goes on when producers have lapped it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AfterLap {
    /// The oldest record that is at least [`slack`](ReaderOptions::slack) elements away from being overwritten.
    #[default]
    Oldest,
    /// The newest published record.
    Newest,
    /// As the peers: whole laps ahead, at the same position.
    Compat,
}

/// How a [`Reader`] reads.
///
/// ```
/// # fn main() -> slickq::Result<()> {
/// # let queue = slickq::Queue::<u32>::local(64)?;
/// use slickq::{ReaderOptions, Start};
/// let reader = ReaderOptions::new().start(Start::Oldest).registered(true).open(&queue)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ReaderOptions {
    raw: sys::slickq_reader_options,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ReaderOptions {
    /// All defaults.
    pub fn new() -> Self {
        ReaderOptions { raw: sized() }
    }

    /// Where to start; [`Start::Now`] if not given.
    pub fn start(mut self, start: Start) -> Self {
        (self.raw.start, self.raw.start_index) = start.numbers();
        self
    }

    /// Where to go on when producers were faster; [`AfterLap::Oldest`] if not given.
    pub fn after_lap(mut self, policy: AfterLap) -> Self {
        self.raw.after_lap = match policy {
            AfterLap::Oldest => sys::SLICKQ_AFTER_LAP_OLDEST,
            AfterLap::Newest => sys::SLICKQ_AFTER_LAP_NEWEST,
            AfterLap::Compat => sys::SLICKQ_AFTER_LAP_COMPAT,
        };
        self
    }

    /// Elements, less than the capacity, see [`AfterLap::Oldest`]; an eighth of the capacity if not given.
    pub fn slack(mut self, elements: u32) -> Self {
        self.raw.slack = elements;
        self
    }

    /// Records copied ahead at most, up to 65536; 64 if not given. Fewer if they have more than 16 KiB.
    pub fn batch(mut self, records: u32) -> Self {
        self.raw.batch = records;
        self
    }

    /// Register: lossless producers wait for this reader.
    pub fn registered(mut self, on: bool) -> Self {
        self.raw.flags = if on { sys::SLICKQ_READER_REGISTERED } else { 0 };
        self
    }

    /// How long a record may stay reserved and unpublished before it is stepped over as a gap; `None`: for ever. 1
    /// second if not given.
    pub fn stall(mut self, time: Option<Duration>) -> Self {
        self.raw.stall_ns = time.map_or(sys::SLICKQ_STALL_NEVER, positive);
        self
    }

    /// Makes a reader of the queue.
    pub fn open<T: Pod>(&self, queue: &Queue<T>) -> Result<Reader<T>> {
        let mut handle = null_mut();
        // SAFETY: an open handle, options with their size, and one out parameter.
        ok(unsafe { sys::slickq_reader_open(queue.as_raw(), &self.raw, &mut handle) })?;
        let handle = NonNull::new(handle).expect("an open reader has a handle");
        let canceller = Canceller::new(Target::Reader(handle));
        Ok(Reader { handle, canceller, width: queue.width(), values: PhantomData })
    }
}

/// A consumer that hands out only true records, and accounts for all others. It copies a batch of records ahead,
/// proves with one look at the producers' counter that nobody had begun to overwrite them, and hands them out one by
/// one: cheaper than a checked read of each. It keeps the segment mapped, also when the [`Queue`] is gone.
///
/// What it hands out borrows it, and is gone at its next read:
///
/// ```compile_fail,E0499
/// # let queue = slickq::Queue::<u32>::local(64).unwrap();
/// let mut reader = queue.reader(slickq::Start::Oldest).unwrap();
/// let first = reader.read().unwrap();
/// let second = reader.read().unwrap(); // overwrites the first
/// println!("{first:?} {second:?}");
/// ```
///
/// # Threads
///
/// It belongs to one thread at a time: it may be sent to another, and not shared. To end its wait from elsewhere there
/// is [`canceller`](Self::canceller).
///
/// ```
/// fn may_be_sent<T: Send>() {}
/// may_be_sent::<slickq::Reader<u32>>();
/// ```
/// ```compile_fail,E0277
/// fn may_be_shared<T: Sync>() {}
/// may_be_shared::<slickq::Reader<u32>>();
/// ```
pub struct Reader<T: Pod> {
    handle: NonNull<sys::slickq_reader>,
    canceller: Canceller,
    width: usize,
    values: PhantomData<T>,
}

// SAFETY: slickq.h: a reader belongs to one thread at a time, any thread. It is not Sync: NonNull sees to that.
unsafe impl<T: Pod> Send for Reader<T> {}

impl<T: Pod> Reader<T> {
    /// The next record, or why there is none.
    #[inline]
    pub fn read(&mut self) -> std::result::Result<Record<'_, T>, NotRead> {
        let mut record = no_record();
        // SAFETY: an open handle and one out parameter.
        let status = unsafe { sys::slickq_reader_read(self.handle.as_ptr(), &mut record) };
        self.record(status, &record)
    }

    /// The same, waiting where it would say [`NotRead::Empty`] or [`NotRead::Pending`]: until something else is to be
    /// said, or the deadline ([`NotRead::TimedOut`]), or [`NotRead::Cancelled`].
    pub fn read_until(&mut self, deadline: impl Into<Deadline>) -> std::result::Result<Record<'_, T>, NotRead> {
        let mut record = no_record();
        let deadline = deadline.into().nanoseconds();
        // SAFETY: as above.
        let status = unsafe { sys::slickq_reader_read_until(self.handle.as_ptr(), deadline, &mut record) };
        self.record(status, &record)
    }

    #[inline]
    fn record(
        &mut self,
        status: sys::slickq_status,
        record: &sys::slickq_record,
    ) -> std::result::Result<Record<'_, T>, NotRead> {
        match status {
            // SAFETY: given out just now, and this reader is borrowed until the record is gone.
            sys::SLICKQ_OK => Ok(unsafe { Record::new(record, self.width) }),
            status => Err(NotRead::of(status, record.index, record.lost)),
        }
    }

    /// Up to `limit` records at once, at least one; 0: as many as the reader has copied ahead, or can. The cheapest
    /// way to read.
    #[inline]
    pub fn read_batch(&mut self, limit: u32) -> std::result::Result<Batch<'_, T>, NotRead> {
        let mut batch = no_batch();
        // SAFETY: an open handle and one out parameter.
        let status = unsafe { sys::slickq_reader_read_batch(self.handle.as_ptr(), limit, &mut batch) };
        self.batch(status, &batch)
    }

    /// The same, waiting as [`read_until`](Self::read_until) does.
    pub fn read_batch_until(
        &mut self,
        limit: u32,
        deadline: impl Into<Deadline>,
    ) -> std::result::Result<Batch<'_, T>, NotRead> {
        let mut batch = no_batch();
        let deadline = deadline.into().nanoseconds();
        // SAFETY: as above.
        let status = unsafe { sys::slickq_reader_read_batch_until(self.handle.as_ptr(), limit, deadline, &mut batch) };
        self.batch(status, &batch)
    }

    #[inline]
    fn batch(
        &mut self,
        status: sys::slickq_status,
        batch: &sys::slickq_batch,
    ) -> std::result::Result<Batch<'_, T>, NotRead> {
        match status {
            // SAFETY: as in record().
            sys::SLICKQ_OK => Ok(unsafe { Batch::new(batch, self.width) }),
            status => Err(NotRead::of(status, batch.index, batch.lost)),
        }
    }

    /// The values of all records that there are now, one by one, copied out.
    ///
    /// It ends where nothing more is there. An `Err` is a loss, after which the iteration goes on, or a failure
    /// ([`NotRead::Failed`]), which is its last item. Records are taken one by one: to stop early leaves the others to
    /// the next read, but for the rest of a record of several values.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let queue = slickq::Queue::<u32>::local(64)?;
    /// let mut reader = queue.reader(slickq::Start::Oldest)?;
    /// queue.producer()?.write_batch(&[1, 2, 3])?;
    /// assert_eq!(reader.iter().collect::<Result<Vec<_>, _>>()?, [1, 2, 3]);
    /// # Ok(()) }
    /// ```
    pub fn iter(&mut self) -> Values<'_, T> {
        Values { reader: self, deadline: None, rest: null(), left: 0, has_failed: false }
    }

    /// The same, waiting for records until the deadline, or a [`Canceller`], ends the iteration.
    pub fn iter_until(&mut self, deadline: impl Into<Deadline>) -> Values<'_, T> {
        Values { deadline: Some(deadline.into()), ..self.iter() }
    }

    /// What ends this reader's waits, from any thread.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// What it received and lost so far.
    pub fn info(&self) -> Result<ReaderInfo> {
        info::reader(self.handle.as_ptr())
    }

    /// A descriptor that becomes readable when the reader has something to say, for poll, epoll or an event loop.
    /// Never read from it. When it is readable, read records until that says [`NotRead::Empty`] or
    /// [`NotRead::Pending`]; only that makes it wait for the next one. Costs a pipe and a sleeping thread from the
    /// first call on.
    #[cfg(unix)]
    pub fn descriptor(&self) -> Result<std::os::unix::io::BorrowedFd<'_>> {
        let mut descriptor = -1;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_reader_descriptor(self.handle.as_ptr(), &mut descriptor) })?;
        // SAFETY: the reader's own, which it closes at its end: not while it is borrowed.
        Ok(unsafe { std::os::unix::io::BorrowedFd::borrow_raw(descriptor) })
    }
}

impl<T: Pod> Drop for Reader<T> {
    fn drop(&mut self) {
        if self.canceller.retire() {
            // SAFETY: ours; nobody cancels it any more, and what it handed out is gone.
            unsafe { sys::slickq_reader_close(self.handle.as_ptr()) };
        }
    }
}

impl<T: Pod> fmt::Debug for Reader<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reader").field("info", &self.info()).finish_non_exhaustive()
    }
}

#[inline]
fn no_batch() -> sys::slickq_batch {
    sys::slickq_batch { data: null(), entries: null(), index: 0, lost: 0, records: 0, elements: 0 }
}

/// The values that a [`Reader`] reads, see [`Reader::iter`].
#[derive(Debug)]
pub struct Values<'r, T: Pod> {
    reader: &'r mut Reader<T>,
    deadline: Option<Deadline>,
    // What is left of the last record, in the reader's memory: nobody else reads while this borrows it.
    rest: *const T,
    left: usize,
    has_failed: bool,
}

// SAFETY: an exclusive borrow of a Reader, which may be sent, and an address in its memory.
unsafe impl<T: Pod> Send for Values<'_, T> {}

impl<T: Pod> Iterator for Values<'_, T> {
    type Item = std::result::Result<T, NotRead>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            if self.has_failed {
                return None;
            }
            let found = match self.deadline {
                None => self.reader.read(),
                Some(deadline) => self.reader.read_until(deadline),
            };
            match found {
                Ok(record) => (self.rest, self.left) = (record.as_ptr(), record.len()),
                Err(NotRead::Empty | NotRead::Pending | NotRead::TimedOut | NotRead::Cancelled) => return None,
                Err(other) => {
                    self.has_failed = matches!(other, NotRead::Failed(_));
                    return Some(Err(other));
                }
            }
        }
        // SAFETY: inside the record, which is whole and stays until the reader reads again.
        let value = unsafe { *self.rest };
        // SAFETY: at most one past its end.
        self.rest = unsafe { self.rest.add(1) };
        self.left -= 1;
        Some(Ok(value))
    }
}

impl<T: Pod> Queue<T> {
    /// A validated reader with default options, the first choice for consuming. See [`ReaderOptions`] for others.
    pub fn reader(&self, start: Start) -> Result<Reader<T>> {
        ReaderOptions::new().start(start).open(self)
    }
}
