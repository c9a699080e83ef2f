//! Consumers that share the work through a cursor: each record goes to exactly one of them.

use crate::cursor::{into, one, with, Found};
use crate::error::{ok, Result};
use crate::outcome::NotRead;
use crate::pod::Pod;
use crate::queue::Queue;
use crate::racy::Racy;
use crate::raw::{c_string, no_record};
use crate::time::{creation_timeout, Deadline};
use slickq_sys as sys;
use std::ffi::CString;
use std::ops::Deref;
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Reads through a shared cursor, an [`AtomicU64`] of this process or a [`SharedCursor`]: each record is claimed by
/// exactly one of those that read through it, threads, processes and peers. A record that is claimed by a process that
/// dies is lost: [`Worker`](crate::Worker)s notice that.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a, T: Pod> {
    queue: &'a Queue<T>,
    cell: &'a AtomicU64,
}

impl<'a, T: Pod> Claims<'a, T> {
    pub(crate) fn new(queue: &'a Queue<T>, cell: &'a AtomicU64) -> Self {
        Claims { queue, cell }
    }

    fn cell(&self) -> *mut u64 {
        (self.cell as *const AtomicU64 as *mut AtomicU64).cast()
    }

    /// Claims the next record, copied and validated, if it is a single value; one that has more is
    /// [`ErrorKind::Buffer`](crate::ErrorKind::Buffer), and was not claimed. [`NotRead::Lost`]: what was claimed was
    /// overwritten.
    pub fn read(&self) -> std::result::Result<(T, Found), NotRead> {
        let mut record = no_record();
        let value = one(&mut record, |buffer, size, record| {
            // SAFETY: an open handle, a cell that is aligned and only accessed atomically, the caller's own buffer.
            unsafe { sys::slickq_queue_read_shared_copy(self.queue.as_raw(), self.cell(), buffer, size, record) }
        })?;
        Ok((value, Found::of(&record)))
    }

    /// Claims the next record, copied into the vector, whose former content is gone, and validated.
    pub fn read_into(&self, values: &mut Vec<T>) -> std::result::Result<Found, NotRead> {
        into(self.queue, values, |buffer, size, record| {
            // SAFETY: as in read().
            unsafe { sys::slickq_queue_read_shared_copy(self.queue.as_raw(), self.cell(), buffer, size, record) }
        })
    }

    /// Claims the next record and reads it in the ring, as [`Cursor::read_with`](crate::Cursor::read_with) does.
    pub fn read_with<U>(&self, read: impl FnOnce(Racy<'_, T>) -> U) -> std::result::Result<U, NotRead> {
        with(self.queue, read, |record| {
            // SAFETY: as in read().
            unsafe { sys::slickq_queue_read_shared(self.queue.as_raw(), self.cell(), record) }
        })
    }

    /// Waits until there is something to claim (another consumer may be faster). Otherwise [`NotRead::TimedOut`] or
    /// [`NotRead::Cancelled`].
    pub fn wait_until(&self, deadline: impl Into<Deadline>) -> std::result::Result<(), NotRead> {
        self.queue.wait_until(self.cell.load(Ordering::Acquire), deadline)
    }
}

/// A shared cursor's cell in a named segment of its own, interchangeable with slick-queue-py's
/// `AtomicCursor(SharedMemory(name, size=8).buf, offset)`. It is used as the [`AtomicU64`] that it is. Dropping it
/// leaves the segment and its name, until [`remove`](crate::remove).
#[derive(Debug)]
pub struct SharedCursor {
    handle: NonNull<sys::slickq_cursor>,
    cell: NonNull<AtomicU64>,
}

// SAFETY: the handle may be used from any thread, is closed by whoever owns this, and the cell is an atomic.
unsafe impl Send for SharedCursor {}
// SAFETY: as above.
unsafe impl Sync for SharedCursor {}

impl SharedCursor {
    /// Makes the segment under a free name, `offset + 8` bytes long and all zero. `offset`: bytes from its start to
    /// the cell, a multiple of 8; peers use 0. `permissions`: as in
    /// [`Options::permissions`](crate::Options::permissions).
    pub fn create(name: &str, offset: u64, permissions: u32) -> Result<Self> {
        // SAFETY: a NUL-terminated name and one out parameter.
        Self::by_name(name, |name, out| unsafe { sys::slickq_cursor_create(name.as_ptr(), offset, permissions, out) })
    }

    /// Opens an existing one. While it has no length its creator is waited for.
    pub fn open(name: &str, offset: u64, timeout: Duration) -> Result<Self> {
        let timeout = creation_timeout(timeout);
        // SAFETY: as above.
        Self::by_name(name, |name, out| unsafe { sys::slickq_cursor_open(name.as_ptr(), offset, timeout, out) })
    }

    /// Opens it, or creates it if the name is free.
    pub fn open_or_create(name: &str, offset: u64, permissions: u32, timeout: Duration) -> Result<Self> {
        let timeout = creation_timeout(timeout);
        Self::by_name(name, |name, out| {
            // SAFETY: as above.
            unsafe { sys::slickq_cursor_open_or_create(name.as_ptr(), offset, permissions, timeout, out) }
        })
    }

    fn by_name(
        name: &str,
        open: impl FnOnce(CString, *mut *mut sys::slickq_cursor) -> sys::slickq_status,
    ) -> Result<Self> {
        let mut handle = null_mut();
        ok(open(c_string(name)?, &mut handle))?;
        let handle = NonNull::new(handle).expect("an open cursor has a handle");
        let mut cursor = SharedCursor { handle, cell: NonNull::dangling() };
        let mut cell = null_mut();
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_cursor_cell(handle.as_ptr(), &mut cell) })?;
        cursor.cell = NonNull::new(cell.cast()).expect("an open cursor has a cell");
        Ok(cursor)
    }
}

impl Deref for SharedCursor {
    type Target = AtomicU64;

    fn deref(&self) -> &AtomicU64 {
        // SAFETY: 8 bytes, aligned to 8, mapped until the handle is closed, and accessed by everybody as an atomic.
        unsafe { self.cell.as_ref() }
    }
}

impl Drop for SharedCursor {
    fn drop(&mut self) {
        // SAFETY: ours; nobody borrows the cell any more.
        unsafe { sys::slickq_cursor_close(self.handle.as_ptr()) };
    }
}

impl<T: Pod> Queue<T> {
    /// Reads through a cursor that several consumers share. The cell is set to the starting index before use; see
    /// [`SharedCursor`] for one that processes share.
    pub fn claims<'a>(&'a self, cell: &'a AtomicU64) -> Claims<'a, T> {
        Claims::new(self, cell)
    }
}
