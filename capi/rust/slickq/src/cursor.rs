//! Consuming with a cursor of one's own.

use crate::error::{self, Error, ErrorKind};
use crate::numbers::Start;
use crate::outcome::{Loss, LossCause, NotRead};
use crate::pod::Pod;
use crate::queue::Queue;
use crate::racy::Racy;
use crate::raw::no_record;
use crate::time::Deadline;
use slickq_sys as sys;
use std::mem::{size_of, MaybeUninit};
use std::os::raw::c_void;

/// Where a record was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The index of its first element.
    pub index: u64,
    /// How many elements it has.
    pub count: u32,
    /// Elements skipped just before it because producers had lapped the cursor.
    pub lost: u64,
}

impl Found {
    #[inline]
    pub(crate) fn of(record: &sys::slickq_record) -> Self {
        Found { index: record.index, count: record.count, lost: record.lost }
    }
}

/// A cursor of one's own: an index, moved past each record that it reads. The cheapest consumer, and the one that
/// peers have; a [`Reader`](crate::Reader) tells more (what was lost and why, resets, gaps) and is cheaper than
/// checked reads one by one.
#[derive(Clone, Debug)]
pub struct Cursor<'q, T: Pod> {
    queue: &'q Queue<T>,
    position: u64,
    record: Record,     // the last one
    batch: Vec<Record>, // room for read_batch_with()
}

/// The library's record, of which the pointer is only followed while the queue is borrowed.
#[derive(Clone, Debug)]
struct Record(sys::slickq_record);

// SAFETY: an address and numbers. Whoever follows the address has the queue, which may be shared between threads.
unsafe impl Send for Record {}
// SAFETY: as above.
unsafe impl Sync for Record {}

impl<'q, T: Pod> Cursor<'q, T> {
    pub(crate) fn new(queue: &'q Queue<T>, position: u64) -> Self {
        Cursor { queue, position, record: Record(no_record()), batch: Vec::new() }
    }

    /// The index that will be read next.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Goes to another index.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// Waits until there is something to read. Otherwise [`NotRead::TimedOut`] or [`NotRead::Cancelled`].
    pub fn wait_until(&self, deadline: impl Into<Deadline>) -> Result<(), NotRead> {
        self.queue.wait_until(self.position, deadline)
    }

    /// The next record, copied and validated, if it is a single value; one that has more is [`ErrorKind::Buffer`],
    /// and stays. [`found`](Self::found) tells where it was.
    #[inline]
    pub fn read(&mut self) -> Result<T, NotRead> {
        one(&mut self.record.0, |buffer, size, record| {
            // SAFETY: an open handle, the caller's own buffer and out parameters.
            unsafe { sys::slickq_queue_read_copy(self.queue.as_raw(), &mut self.position, buffer, size, record) }
        })
    }

    /// Where the record was that [`read`](Self::read) returned last.
    pub fn found(&self) -> Found {
        Found::of(&self.record.0)
    }

    /// The next record, copied into the vector, whose former content is gone, and validated.
    pub fn read_into(&mut self, values: &mut Vec<T>) -> Result<Found, NotRead> {
        let (queue, position) = (self.queue.as_raw(), &mut self.position);
        into(self.queue, values, |buffer, size, record| {
            // SAFETY: as in read().
            unsafe { sys::slickq_queue_read_copy(queue, position, buffer, size, record) }
        })
    }

    /// Reads the next record in the ring, without copying it. What `read` makes of it is returned if no producer had
    /// begun to overwrite the record by then; else it is dropped: [`NotRead::Lost`]. So let `read` do nothing that
    /// cannot be undone.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let queue = slickq::Queue::<u32>::local(64)?;
    /// queue.producer()?.write(&[1, 2, 3])?;
    /// let mut cursor = queue.cursor(slickq::Start::Oldest)?;
    /// let sum = cursor.read_with(|record| record.iter().sum::<u32>())?;
    /// assert_eq!(sum, 6);
    /// # Ok(()) }
    /// ```
    ///
    /// Nothing of the record gets out of the closure but values:
    ///
    /// ```compile_fail
    /// # let queue = slickq::Queue::<u32>::local(64).unwrap();
    /// let mut cursor = queue.cursor(slickq::Start::Oldest).unwrap();
    /// let escaped = cursor.read_with(|record| record);
    /// ```
    pub fn read_with<U>(&mut self, read: impl FnOnce(Racy<'_, T>) -> U) -> Result<U, NotRead> {
        let (queue, position) = (self.queue.as_raw(), &mut self.position);
        with(self.queue, read, |record| {
            // SAFETY: an open handle and out parameters.
            unsafe { sys::slickq_queue_read(queue, position, record) }
        })
    }

    /// The same for up to `limit` records at once, at least one, with one check for all.
    ///
    /// # Panics
    /// If the limit is 0.
    pub fn read_batch_with<U>(&mut self, limit: u32, read: impl FnOnce(&RacyBatch<'_, T>) -> U) -> Result<U, NotRead> {
        assert!(limit != 0, "a batch of no records");
        let limit = limit.min(self.queue.capacity()); // there are no more, and there must be room for them
        self.batch.resize(limit as usize, Record(no_record()));
        let mut count = 0;
        let status = {
            // Record is a slickq_record.
            let records = self.batch.as_mut_ptr().cast::<sys::slickq_record>();
            // SAFETY: an open handle, room for `limit` records, and out parameters.
            unsafe { sys::slickq_queue_read_batch(self.queue.as_raw(), &mut self.position, records, limit, &mut count) }
        };
        let batch = RacyBatch { records: &self.batch[..count as usize], queue: self.queue };
        if status != sys::SLICKQ_OK {
            return Err(refused(status, batch.records.first().map_or(&no_record(), |first| &first.0)));
        }
        let first = batch.records[0].0.index;
        let made = read(&batch);
        if self.queue.is_intact(first)? {
            return Ok(made);
        }
        let elements = batch.records.iter().map(|record| record.0.lost + u64::from(record.0.count)).sum();
        Err(NotRead::Lost(Loss { cause: LossCause::Lapped, elements, index: first }))
    }
}

/// Several records in the ring that producers may be overwriting, see [`Cursor::read_batch_with`].
#[derive(Debug)]
pub struct RacyBatch<'r, T: Pod> {
    records: &'r [Record],
    queue: &'r Queue<T>,
}

impl<'r, T: Pod> RacyBatch<'r, T> {
    /// How many records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, in order.
    pub fn iter(&self) -> impl Iterator<Item = Racy<'_, T>> + '_ {
        // SAFETY: records in the ring of this queue, which is mapped while it is borrowed.
        self.records.iter().map(move |record| unsafe { Racy::new(&record.0, self.queue.width()) })
    }
}

// ---------------------------------------------------------------- what cursors and claims do alike

/// What is left to say where there is no record. A slot with a size that is none has its elements skipped.
#[cold]
fn refused(status: sys::slickq_status, record: &sys::slickq_record) -> NotRead {
    let skipped = if status == sys::SLICKQ_E_CORRUPT { u64::from(record.count) } else { 0 };
    NotRead::of(status, record.index, record.lost + skipped)
}

/// A copying read of a single value, which tells in `record` where it was. (To return that along with the value costs
/// several nanoseconds of copying.)
#[inline]
pub(crate) fn one<T: Pod>(
    record: &mut sys::slickq_record,
    read: impl FnOnce(*mut c_void, usize, *mut sys::slickq_record) -> sys::slickq_status,
) -> Result<T, NotRead> {
    let mut value = MaybeUninit::<T>::uninit();
    match read(value.as_mut_ptr().cast(), size_of::<T>(), record) {
        // SAFETY: the library wrote a whole record, which is at least one element: all bytes of a value that may have
        // any.
        sys::SLICKQ_OK => Ok(unsafe { value.assume_init() }),
        status => Err(refused(status, record)),
    }
}

/// A copying read into a vector, with as much room as it takes.
pub(crate) fn into<T: Pod>(
    queue: &Queue<T>,
    values: &mut Vec<T>,
    mut read: impl FnMut(*mut c_void, usize, *mut sys::slickq_record) -> sys::slickq_status,
) -> Result<Found, NotRead> {
    values.clear();
    values.reserve(queue.width());
    loop {
        let mut record = no_record();
        match read(values.as_mut_ptr().cast(), values.capacity() * size_of::<T>(), &mut record) {
            sys::SLICKQ_OK => {
                // SAFETY: that many were written; any bytes are values.
                unsafe { values.set_len(record.count as usize * queue.width()) };
                return Ok(Found::of(&record));
            }
            sys::SLICKQ_E_BUFFER if record.count <= queue.capacity() => {
                let needed = record.count as usize * queue.width();
                if needed <= values.capacity() {
                    return Err(Error::last(sys::SLICKQ_E_BUFFER).into());
                }
                if values.try_reserve(needed).is_err() {
                    let message = format!("no memory for a record of {needed} values");
                    return Err(Error::new(ErrorKind::NoMemory, message).into());
                }
            }
            status => return Err(refused(status, &record)),
        }
    }
}

/// A read in the ring, checked afterwards.
pub(crate) fn with<T: Pod, U>(
    queue: &Queue<T>,
    read: impl FnOnce(Racy<'_, T>) -> U,
    find: impl FnOnce(*mut sys::slickq_record) -> sys::slickq_status,
) -> Result<U, NotRead> {
    let mut record = no_record();
    match find(&mut record) {
        sys::SLICKQ_OK => {}
        status => return Err(refused(status, &record)),
    }
    // SAFETY: a record in this queue's ring, which is mapped while the queue is borrowed.
    let made = read(unsafe { Racy::new(&record, queue.width()) });
    if queue.is_intact(record.index)? {
        return Ok(made);
    }
    let elements = record.lost + u64::from(record.count);
    Err(NotRead::Lost(Loss { cause: LossCause::Lapped, elements, index: record.index }))
}

impl<T: Pod> Queue<T> {
    /// A cursor of one's own, for zero-copy reads and the last nanosecond.
    pub fn cursor(&self, start: Start) -> error::Result<Cursor<'_, T>> {
        Ok(Cursor::new(self, self.position(start)?))
    }
}
