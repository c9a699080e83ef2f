//! Records that are validated, in memory of their reader's or worker's own.

use slickq_sys as sys;
use std::mem::align_of;
use std::ops::Deref;

/// One record: a slice of its values. It lies in the memory of the [`Reader`](crate::Reader) or
/// [`Worker`](crate::Worker) that gave it out, and is gone when that reads again, which the borrow checker sees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'r, T> {
    values: &'r [T],
    index: u64,
    count: u32,
    flags: u32,
}

impl<'r, T> Record<'r, T> {
    /// # Safety
    /// `record` was just given out, validated, by a reader or worker that is borrowed for `'r`.
    pub(crate) unsafe fn new(record: &sys::slickq_record, width: usize) -> Self {
        // SAFETY: that many values, in memory that nobody writes to before the next call.
        let values = unsafe { slice(record.data.cast(), record.count as usize * width) };
        Record { values, index: record.index, count: record.count, flags: record.flags }
    }

    /// The values: [`width`](crate::Queue::width) for each element.
    pub fn values(&self) -> &'r [T] {
        self.values
    }

    /// The index of its first element.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many elements it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Worker: another one had claimed it before, and died or was evicted.
    pub fn is_redelivered(&self) -> bool {
        self.flags & sys::SLICKQ_RECORD_REDELIVERED != 0
    }
}

impl<T> Deref for Record<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.values
    }
}

/// Several records that were read at once: all their values lie one after another.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'r, T> {
    values: &'r [T],
    entries: &'r [sys::slickq_entry],
    width: usize,
}

impl<'r, T> Batch<'r, T> {
    /// # Safety
    /// `batch` was just given out by a reader that is borrowed for `'r`.
    pub(crate) unsafe fn new(batch: &sys::slickq_batch, width: usize) -> Self {
        // SAFETY: that many values and entries, in memory that nobody writes to before the next call.
        unsafe {
            Batch {
                values: slice(batch.data.cast(), batch.elements as usize * width),
                entries: slice(batch.entries, batch.records as usize),
                width,
            }
        }
    }

    /// The values of all records, one after another.
    pub fn values(&self) -> &'r [T] {
        self.values
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The records, in order.
    pub fn iter(&self) -> Records<'r, T> {
        Records { values: self.values, entries: self.entries.iter(), width: self.width }
    }
}

impl<'r, T> IntoIterator for Batch<'r, T> {
    type Item = Record<'r, T>;
    type IntoIter = Records<'r, T>;

    fn into_iter(self) -> Records<'r, T> {
        self.iter()
    }
}

/// The records of a [`Batch`].
#[derive(Clone, Debug)]
pub struct Records<'r, T> {
    values: &'r [T],
    entries: std::slice::Iter<'r, sys::slickq_entry>,
    width: usize,
}

impl<'r, T> Iterator for Records<'r, T> {
    type Item = Record<'r, T>;

    fn next(&mut self) -> Option<Record<'r, T>> {
        let entry = self.entries.next()?;
        let (values, rest) = self.values.split_at(entry.count as usize * self.width);
        self.values = rest;
        Some(Record { values, index: entry.index, count: entry.count, flags: 0 })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<T> ExactSizeIterator for Records<'_, T> {}

/// A slice of the library's own memory.
///
/// # Safety
/// `length` values from `first` on are initialised, and stay unchanged for `'r`.
unsafe fn slice<'r, T>(first: *const T, length: usize) -> &'r [T] {
    // The library aligns its memory to cache lines, and a queue carries nothing that needs more than 16: seen to all
    // the same.
    assert!(!first.is_null() && first as usize % align_of::<T>() == 0, "libslickq gave out misaligned memory");
    // SAFETY: see above.
    unsafe { std::slice::from_raw_parts(first, length) }
}
