//! Producing: whole records, batches of them, and in place.

use crate::error::{ok, Error, ErrorKind, Result};
use crate::outcome::{NotWritten, PartlyWritten};
use crate::pod::Pod;
use crate::queue::Queue;
use crate::racy;
use crate::time::Deadline;
use slickq_sys as sys;
use std::mem::size_of_val;
use std::sync::atomic::Ordering;

/// Writes to a queue. On a lossy one (the default) that never waits and never fails for want of room: the oldest
/// records are given up. On one opened with [`Options::lossless`](crate::Options::lossless) there may be no room
/// before a registered consumer has read on: the plain functions then say [`NotWritten::Full`] and have done nothing,
/// the `..._until` ones wait.
///
/// A record is one or more contiguous elements that are published together. Slices have
/// [`width`](Queue::width) values for each element, that is one, unless the queue was opened otherwise.
#[derive(Debug)]
pub struct Producer<'q, T: Pod> {
    queue: &'q Queue<T>,
}

impl<'q, T: Pod> Producer<'q, T> {
    pub(crate) fn new(queue: &'q Queue<T>) -> Result<Self> {
        // Acquires what the producer before, perhaps in another thread, did last.
        if queue.is_single() && queue.is_producing.swap(true, Ordering::Acquire) {
            return Err(Error::new(
                ErrorKind::SecondProducer,
                "the queue was opened for a single producer, and there is one already",
            ));
        }
        Ok(Producer { queue })
    }

    /// The queue it writes to.
    pub fn queue(&self) -> &'q Queue<T> {
        self.queue
    }

    /// Elements in so many values.
    fn elements_in(&self, values: usize) -> Result<u32> {
        let width = self.queue.width();
        let elements = if width == 1 { values } else { values / width };
        match u32::try_from(elements) {
            Ok(count) if elements * width == values => Ok(count),
            _ => Err(no_elements(values, width)),
        }
    }

    /// A descriptor that becomes readable when a write or reservation that was [`NotWritten::Full`] may be tried again,
    /// for poll, epoll or an event loop. Never read from it. Only being told that there is no room makes it wait for
    /// room; one thread at a time polls it, and others that are told so on the same queue make it wait anew. It is the
    /// queue's. Costs a pipe and a sleeping thread from the first call on.
    #[cfg(unix)]
    pub fn room_descriptor(&self) -> Result<std::os::unix::io::BorrowedFd<'q>> {
        let mut descriptor = -1;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_room_descriptor(self.queue.as_raw(), &mut descriptor) })?;
        // SAFETY: the queue's own, which it closes at its end: not while it is borrowed.
        Ok(unsafe { std::os::unix::io::BorrowedFd::borrow_raw(descriptor) })
    }

    // ------------------------------------------------------------ one record

    /// Writes one record, copying it. Returns its index.
    #[inline]
    pub fn write(&mut self, record: &[T]) -> std::result::Result<u64, NotWritten> {
        let count = self.elements_in(record.len())?;
        let mut index = 0;
        // SAFETY: an open handle; `record` has that many elements; on a handle for a single producer this is the only
        // one.
        NotWritten::check(unsafe {
            sys::slickq_queue_write(self.queue.as_raw(), record.as_ptr().cast(), count, &mut index)
        })?;
        Ok(index)
    }

    /// The same, waiting for room. (On a handle that is not lossless it never waits.)
    pub fn write_until(&mut self, record: &[T], deadline: impl Into<Deadline>) -> std::result::Result<u64, NotWritten> {
        let count = self.elements_in(record.len())?;
        let mut index = 0;
        let deadline = deadline.into().nanoseconds();
        // SAFETY: as in write().
        NotWritten::check(unsafe {
            sys::slickq_queue_write_until(self.queue.as_raw(), record.as_ptr().cast(), count, deadline, &mut index)
        })?;
        Ok(index)
    }

    // ------------------------------------------------------------ batches

    /// Writes each element as a record of its own, in one call: much cheaper than as many [`write`](Self::write)s.
    pub fn write_batch(&mut self, elements: &[T]) -> std::result::Result<(), PartlyWritten> {
        self.batch(elements, None, None)
    }

    /// The same, waiting for room.
    pub fn write_batch_until(
        &mut self,
        elements: &[T],
        deadline: impl Into<Deadline>,
    ) -> std::result::Result<(), PartlyWritten> {
        self.batch(elements, None, Some(deadline.into()))
    }

    /// Writes `counts.len()` records in one call: the first has the first `counts[0]` elements, and so on. The counts,
    /// each from 1 to the capacity, add up to what `elements` has.
    pub fn write_records(&mut self, elements: &[T], counts: &[u32]) -> std::result::Result<(), PartlyWritten> {
        self.batch(elements, Some(counts), None)
    }

    /// The same, waiting for room.
    pub fn write_records_until(
        &mut self,
        elements: &[T],
        counts: &[u32],
        deadline: impl Into<Deadline>,
    ) -> std::result::Result<(), PartlyWritten> {
        self.batch(elements, Some(counts), Some(deadline.into()))
    }

    fn batch(
        &mut self,
        elements: &[T],
        counts: Option<&[u32]>,
        deadline: Option<Deadline>,
    ) -> std::result::Result<(), PartlyWritten> {
        let mut written = 0;
        let status = match self.records_in(elements, counts) {
            Err(error) => return Err(PartlyWritten { written: 0, why: error.into() }),
            Ok(records) => {
                let (queue, first) = (self.queue.as_raw(), elements.as_ptr().cast());
                let counts = counts.map_or(std::ptr::null(), <[u32]>::as_ptr);
                // SAFETY: an open handle; `elements` has what the counts add up to; else as in write().
                unsafe {
                    match deadline {
                        None => sys::slickq_queue_write_batch(queue, first, counts, records, &mut written),
                        Some(until) => {
                            let until = until.nanoseconds();
                            sys::slickq_queue_write_batch_until(queue, first, counts, records, until, &mut written)
                        }
                    }
                }
            }
        };
        let written = written as usize;
        let all = counts.map_or(elements.len() / self.queue.width(), <[u32]>::len);
        match NotWritten::check(status) {
            Ok(()) if written == all => Ok(()),
            Ok(()) => Err(PartlyWritten { written, why: NotWritten::Full }),
            Err(why) => Err(PartlyWritten { written, why }),
        }
    }

    /// How many records there are, if the counts fit the elements: the library can't know where a slice ends.
    fn records_in(&self, elements: &[T], counts: Option<&[u32]>) -> Result<u32> {
        let there = self.elements_in(elements.len())?;
        let counts = match counts {
            None => return Ok(there),
            Some(counts) => counts,
        };
        let sum: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        match u32::try_from(counts.len()) {
            Ok(records) if sum == u64::from(there) => Ok(records),
            _ => Err(Error::new(ErrorKind::Argument, format!("the counts add up to {sum}, of {there} elements"))),
        }
    }

    // ------------------------------------------------------------ in place

    /// Room for `count` contiguous elements, to be filled in place and published as one record.
    #[inline]
    pub fn reserve(&mut self, count: u32) -> std::result::Result<Reservation<'_, T>, NotWritten> {
        let mut index = 0;
        // SAFETY: an open handle and one out parameter; else as in write().
        NotWritten::check(unsafe { sys::slickq_queue_reserve(self.queue.as_raw(), count, &mut index) })?;
        Ok(Reservation { queue: self.queue, index, count })
    }

    /// The same, waiting for room.
    pub fn reserve_until(
        &mut self,
        count: u32,
        deadline: impl Into<Deadline>,
    ) -> std::result::Result<Reservation<'_, T>, NotWritten> {
        let mut index = 0;
        let deadline = deadline.into().nanoseconds();
        // SAFETY: as in reserve().
        NotWritten::check(unsafe {
            sys::slickq_queue_reserve_until(self.queue.as_raw(), count, deadline, &mut index)
        })?;
        Ok(Reservation { queue: self.queue, index, count })
    }

    /// What was reserved before, to go on with it: by this or another producer, of this or another process that passed
    /// the index on. Whether it is reserved still is looked at when it is published.
    pub fn reservation(&mut self, index: u64, count: u32) -> Result<Reservation<'_, T>> {
        let capacity = u64::from(self.queue.capacity());
        let position = index & (capacity - 1); // a power of two
        if count == 0 || position + u64::from(count) > capacity {
            return Err(no_place(index, count, capacity));
        }
        if self.queue.is_read_only() {
            return Err(Error::new(ErrorKind::ReadOnly, "the queue was opened read-only"));
        }
        Ok(Reservation { queue: self.queue, index, count })
    }
}

#[cold]
fn no_elements(values: usize, width: usize) -> Error {
    Error::new(ErrorKind::Argument, format!("{values} values are no elements of {width} values each"))
}

#[cold]
fn no_place(index: u64, count: u32, capacity: u64) -> Error {
    let message = format!("{count} elements from index {index} on do not lie together in a ring of {capacity}");
    Error::new(ErrorKind::Argument, message)
}

impl<T: Pod> Drop for Producer<'_, T> {
    fn drop(&mut self) {
        if self.queue.is_single() {
            self.queue.is_producing.store(false, Ordering::Release);
        }
    }
}

/// Room in the ring: fill it, then [`publish`](Self::publish). Until then consumers stop there, so be quick, and do
/// not sleep: once the ring has been lapped, what is written here damages newer records (which nobody can see in
/// them), and publishing says [`ErrorKind::Stale`]. Dropped without publishing, it stays a gap that readers step over
/// after their stall time.
///
/// This is not a `&mut [T]`, for it is not exclusive: once lapped, other producers write here, and consumers may be
/// copying at any time. Every write is made of relaxed atomic stores instead, which is no data race whoever is there;
/// to write through [`as_mut_ptr`](Self::as_mut_ptr) is one with whoever laps or is lapped. To build a record
/// elsewhere and [`Producer::write`] it is as fast, unless it is large.
#[derive(Debug)]
#[must_use = "consumers stop at a reservation that is not published"]
pub struct Reservation<'p, T: Pod> {
    queue: &'p Queue<T>, // not read-only
    index: u64,
    count: u32,
}

impl<T: Pod> Reservation<'_, T> {
    /// The index of its first element.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many elements were reserved.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many values there is room for: the elements times [`Queue::width`].
    pub fn len(&self) -> usize {
        self.count as usize * self.queue.width()
    }

    /// Never: at least one element is reserved.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one value.
    ///
    /// # Panics
    /// If there is no such place.
    #[inline]
    pub fn set(&mut self, at: usize, value: T) {
        assert!(at < self.len(), "value {at} of a reservation for {}", self.len());
        // SAFETY: inside the reservation, which is mapped for writing while the queue is borrowed.
        unsafe { racy::store(self.queue.place(self.index).add(at), value) }
    }

    /// Writes values from place `at` on.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn copy_from_slice(&mut self, at: usize, values: &[T]) {
        let fits = at <= self.len() && values.len() <= self.len() - at;
        assert!(fits, "{} values at {at} of a reservation for {}", values.len(), self.len());
        // SAFETY: as in set().
        unsafe {
            racy::copy_in(values.as_ptr().cast(), self.queue.place(self.index).add(at).cast(), size_of_val(values))
        }
    }

    /// Writes every value, in turn.
    pub fn fill_with(&mut self, mut value: impl FnMut(usize) -> T) {
        for at in 0..self.len() {
            self.set(at, value(at));
        }
    }

    /// The first value's address, for those who take the race (see above) upon themselves. Valid, for
    /// [`len`](Self::len) values, while the reservation lives. Its content is what an earlier lap left there.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.queue.place(self.index)
    }

    /// Makes it visible to consumers as one record. Returns its index. [`ErrorKind::Stale`]: too late, the ring has
    /// lapped it.
    #[inline]
    pub fn publish(self) -> Result<u64> {
        let count = self.count;
        self.publish_first(count)
    }

    /// The same for the first `count` elements only; the others are lost room.
    #[inline]
    pub fn publish_first(self, count: u32) -> Result<u64> {
        // SAFETY: an open handle; on one for a single producer, the producer is borrowed.
        ok(unsafe { sys::slickq_queue_publish(self.queue.as_raw(), self.index, count) })?;
        Ok(self.index)
    }
}

impl<T: Pod> Queue<T> {
    /// What writes. Any number of them, unless the queue was opened for a single producer: then
    /// [`ErrorKind::SecondProducer`] while another one is alive. Cheap.
    pub fn producer(&self) -> Result<Producer<'_, T>> {
        Producer::new(self)
    }
}
