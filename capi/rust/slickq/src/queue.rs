//! A queue's handle: what it is, and what can be done with it besides producing and consuming.

use crate::error::{ok, Error, ErrorKind, Result};
use crate::info::{self, ConsumerInfo, Epoch, GroupInfo, QueueInfo};
use crate::numbers::{NameState, Start};
use crate::outcome::NotRead;
use crate::pod::Pod;
use crate::racy::Racy;
use crate::raw::{c_string, no_record};
use crate::time::Deadline;
use slickq_sys as sys;
use std::fmt;
use std::marker::PhantomData;
use std::mem::size_of;
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::AtomicBool;

/// An open queue of plain data, in this process's memory or in a named segment. Dropping it closes the handle; the
/// segment and its name stay, until [`remove`](crate::remove).
///
/// Producers, cursors and claims borrow it, so it cannot be closed under them; a [`Reader`](crate::Reader) and a
/// [`Worker`](crate::Worker) keep the segment mapped by themselves, and outlive it.
///
/// # Threads
///
/// `&Queue` may be used by any number of threads at once: put it into an [`Arc`](std::sync::Arc), or use
/// [`std::thread::scope`].
///
/// ```
/// fn may_be_shared<T: Send + Sync>() {}
/// may_be_shared::<slickq::Queue<u64>>();
/// ```
pub struct Queue<T: Pod> {
    handle: NonNull<sys::slickq_queue>,
    elements: *mut u8, // the first one in the ring
    capacity: u32,
    element_size: u32,
    width: usize,
    is_single: bool,
    is_read_only: bool,
    // Whether the one producer of a handle for a single producer is out.
    pub(crate) is_producing: AtomicBool,
    values: PhantomData<T>,
}

// SAFETY: the ring's bytes are accessed atomically (racy.rs). slickq.h: every function may be called from any thread
// at any time, also on the same handle. The two exceptions: closing needs the Queue itself, which nobody borrows then;
// and on a handle for a single producer there is one Producer at a time, whose methods take it exclusively. Values go
// from one thread to the other: Pod implies Send.
unsafe impl<T: Pod> Send for Queue<T> {}
// SAFETY: as above.
unsafe impl<T: Pod> Sync for Queue<T> {}

impl<T: Pod> Queue<T> {
    /// # Safety
    /// `handle` is open, and nobody else closes it.
    pub(crate) unsafe fn adopt(handle: *mut sys::slickq_queue) -> Result<Self> {
        let handle = NonNull::new(handle).expect("an open queue has a handle");
        let info = match info::raw_queue(handle.as_ptr()) {
            Ok(info) => info,
            Err(error) => {
                // SAFETY: ours, and nobody knows it yet.
                unsafe { sys::slickq_queue_close(handle.as_ptr()) };
                return Err(error);
            }
        };
        let (element_size, one) = (info.element_size as usize, size_of::<T>());
        let queue = Queue {
            handle,
            // SAFETY: inside the mapped segment.
            elements: unsafe { info.base.cast::<u8>().add(info.data_offset as usize) },
            capacity: info.capacity,
            element_size: info.element_size,
            width: element_size / one,
            is_single: info.flags & sys::SLICKQ_INFO_SINGLE_PRODUCER != 0,
            is_read_only: info.flags & sys::SLICKQ_INFO_READ_ONLY != 0,
            is_producing: AtomicBool::new(false),
            values: PhantomData,
        };
        if element_size % one != 0 {
            let name = info::queue(&info).name;
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!("queue '{name}' has elements of {element_size} bytes, which do not hold values of {one} bytes"),
            ));
        }
        Ok(queue)
    }

    /// The handle, for calls of `slickq_sys`. It stays this queue's: do not close it, and mind what
    /// [`Producer`](crate::Producer) promises on a handle for a single producer.
    pub fn as_raw(&self) -> *mut sys::slickq_queue {
        self.handle.as_ptr()
    }

    /// Closes the queue, and tells if that fails (dropping does not).
    pub fn close(self) -> Result<()> {
        let handle = self.handle.as_ptr();
        std::mem::forget(self);
        // SAFETY: ours, and no borrow of it is left.
        ok(unsafe { sys::slickq_queue_close(handle) })
    }

    // ------------------------------------------------------------ what it is

    /// Elements of the ring.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Bytes of an element.
    pub fn element_size(&self) -> u32 {
        self.element_size
    }

    /// Values of `T` in an element: 1, unless [`Options::element_size`](crate::Options::element_size) asked for larger
    /// elements. The slices that are written and read have that many values for each element.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All about the handle and its segment. Nothing in it changes.
    pub fn info(&self) -> QueueInfo {
        info::queue(&info::raw_queue(self.as_raw()).expect("the handle is open"))
    }

    pub(crate) fn is_single(&self) -> bool {
        self.is_single
    }

    /// Where the element with that index lies. Only for writing, if the queue is not read-only.
    #[inline]
    pub(crate) fn place(&self, index: u64) -> *mut T {
        let position = index as usize & (self.capacity as usize - 1); // a power of two
                                                                      // SAFETY: inside the ring, which is mapped.
        unsafe { self.elements.add(position * self.element_size as usize).cast() }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    // ------------------------------------------------------------ indices and waits

    /// The index that `start` means now.
    pub fn position(&self, start: Start) -> Result<u64> {
        let (number, index) = start.numbers();
        if number == sys::SLICKQ_START_INDEX {
            return Ok(index);
        }
        let mut cursor = 0;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_cursor_at(self.as_raw(), number, &mut cursor) })?;
        Ok(cursor)
    }

    /// The next index that will be reserved: 0 in a new queue.
    pub fn next_index(&self) -> Result<u64> {
        let mut index = 0;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_next_index(self.as_raw(), &mut index) })?;
        Ok(index)
    }

    /// The values of the record that was published last, and its index. [`NotRead::Empty`]: there is none; or what lies
    /// there may be damaged, because a producer that came too late wrote over it
    /// ([`ErrorKind::Stale`](crate::ErrorKind::Stale)), or others kept overwriting it through 16 attempts.
    pub fn read_last(&self) -> std::result::Result<(u64, Vec<T>), NotRead> {
        self.read_last_with(|record| (record.index(), record.iter().collect()))
    }

    /// The same without copying: what `read` makes of the record is returned if the record was whole until after that.
    /// `read` may be called several times, if producers overwrite what it reads.
    pub fn read_last_with<U>(&self, mut read: impl FnMut(Racy<'_, T>) -> U) -> std::result::Result<U, NotRead> {
        const TRIES: u32 = 16; // each time that it fails, producers have gone round the whole ring meanwhile
        let mut before = None;
        for _ in 0..TRIES {
            let mut record = no_record();
            // SAFETY: an open handle and one out parameter.
            let status = unsafe { sys::slickq_queue_read_last(self.as_raw(), &mut record) };
            if status != sys::SLICKQ_OK {
                return Err(NotRead::of(status, record.index, record.lost));
            }
            if before == Some(record.index) {
                break; // nobody has published since, so it stays as it is
            }
            // SAFETY: a record in this queue's ring, which is mapped while `self` is borrowed.
            let made = read(unsafe { Racy::new(&record, self.width) });
            if self.is_intact(record.index)? {
                return Ok(made);
            }
            before = Some(record.index);
        }
        Err(NotRead::Empty)
    }

    /// Whether no producer had begun to overwrite what lies at this index: then what was read of it before is true.
    pub fn is_intact(&self, index: u64) -> Result<bool> {
        // SAFETY: an open handle.
        match unsafe { sys::slickq_queue_validate(self.as_raw(), index) } {
            sys::SLICKQ_LAPPED => Ok(false),
            status => ok(status).map(|()| true),
        }
    }

    /// Waits until a read at index `cursor` would give something, or the queue was reset to before it. Otherwise
    /// [`NotRead::TimedOut`] or [`NotRead::Cancelled`].
    pub fn wait_until(&self, cursor: u64, deadline: impl Into<Deadline>) -> std::result::Result<(), NotRead> {
        // SAFETY: an open handle.
        match unsafe { sys::slickq_queue_wait_until(self.as_raw(), cursor, deadline.into().nanoseconds()) } {
            sys::SLICKQ_OK => Ok(()),
            status => Err(NotRead::of(status, cursor, 0)),
        }
    }

    /// From any thread: ends all waits for room and of [`wait_until`](Self::wait_until) that are under way on this
    /// handle.
    pub fn cancel(&self) -> Result<()> {
        // SAFETY: an open handle; may be called at any time.
        ok(unsafe { sys::slickq_queue_cancel(self.as_raw()) })
    }

    /// Elements that cursors and claims on this handle skipped because producers had lapped them. (Readers count for
    /// themselves.)
    pub fn loss_count(&self) -> Result<u64> {
        let mut elements = 0;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_loss_count(self.as_raw(), &mut elements) })?;
        Ok(elements)
    }

    /// Empties the queue. Make sure that no producer is active meanwhile (else records are lost or mixed), and that
    /// plain and shared cursors start again at 0; readers notice by themselves.
    pub fn reset(&self) -> Result<()> {
        // SAFETY: an open handle. What a producer or consumer sees of a reset under its feet is plain data still.
        ok(unsafe { sys::slickq_queue_reset(self.as_raw()) })
    }

    // ------------------------------------------------------------ who consumes

    /// The registered consumers and the workers.
    pub fn consumers(&self) -> Result<Vec<ConsumerInfo>> {
        info::consumers(self.as_raw())
    }

    /// The groups of workers.
    pub fn groups(&self) -> Result<Vec<GroupInfo>> {
        info::groups(self.as_raw())
    }

    /// By an operator: producers wait for that consumer or worker no more, and it is told so. What an evicted worker
    /// had claimed is treated as if it had died. `id`: of [`ConsumerInfo`]. [`ErrorKind::NoConsumer`]: it is over
    /// already.
    pub fn evict(&self, id: u64) -> Result<()> {
        // SAFETY: an open handle.
        ok(unsafe { sys::slickq_consumer_evict(self.as_raw(), id) })
    }

    /// Removes a group without living workers. [`ErrorKind::Busy`]: it has some.
    pub fn remove_group(&self, name: &str) -> Result<()> {
        let name = c_string(name)?;
        // SAFETY: an open handle and a NUL-terminated name.
        ok(unsafe { sys::slickq_group_remove(self.as_raw(), name.as_ptr()) })
    }

    /// The epoch that the queue is in now: each reset begins another one, in which indices begin again at 0.
    /// [`ErrorKind::Unsupported`] if its segment has no place for it: a peer made it, or it is wide. Peers' resets are
    /// not counted.
    pub fn epoch(&self) -> Result<Epoch> {
        info::epoch(self.as_raw())
    }

    // ------------------------------------------------------------ orphans

    /// Where the queue's name leads now. Makes three system calls. [`ErrorKind::Unsupported`] for a local queue.
    pub fn name_state(&self) -> Result<NameState> {
        let mut state = 0;
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_name_state(self.as_raw(), &mut state) })?;
        Ok(match state {
            sys::SLICKQ_NAME_OURS => NameState::Ours,
            sys::SLICKQ_NAME_GONE => NameState::Gone,
            _ => NameState::Taken,
        })
    }

    /// Opens what the queue's name leads to now, with the options that this one was opened with. This one stays as it
    /// is: read what is left in it, then drop it.
    pub fn reattach(&self) -> Result<Queue<T>> {
        let mut fresh = null_mut();
        // SAFETY: an open handle and one out parameter.
        ok(unsafe { sys::slickq_queue_reattach(self.as_raw(), &mut fresh) })?;
        // SAFETY: just opened, and ours.
        unsafe { Queue::adopt(fresh) }
    }
}

impl<T: Pod> Drop for Queue<T> {
    fn drop(&mut self) {
        // SAFETY: ours; whoever borrows it is gone.
        unsafe { sys::slickq_queue_close(self.handle.as_ptr()) };
    }
}

impl<T: Pod> fmt::Debug for Queue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.info();
        out.debug_struct("Queue")
            .field("name", &info.name)
            .field("layout", &info.layout)
            .field("capacity", &self.capacity)
            .field("element_size", &self.element_size)
            .finish_non_exhaustive()
    }
}

/// Removes the name of a shared segment, of a queue or of a cursor. Processes that have it open go on undisturbed, its
/// memory is freed when the last one closes. [`ErrorKind::NotFound`] if there is none; [`ErrorKind::Unsupported`] on
/// Windows, where a segment vanishes with its last handle.
pub fn remove(name: &str) -> Result<()> {
    let name = c_string(name)?;
    // SAFETY: a NUL-terminated name.
    ok(unsafe { sys::slickq_segment_remove(name.as_ptr()) })
}

/// The running library's version: `"1.0.0"`.
pub fn version() -> &'static str {
    // SAFETY: a constant of the library.
    let text = unsafe { std::ffi::CStr::from_ptr(sys::slickq_version_string()) };
    text.to_str().unwrap_or("")
}
