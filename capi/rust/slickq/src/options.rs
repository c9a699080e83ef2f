//! How a queue is made or opened.

use crate::error::{ok, Error, ErrorKind, Result};
use crate::numbers::Layout;
use crate::pod::{Carried, Pod};
use crate::queue::Queue;
use crate::raw::{c_string, sized};
use crate::time::creation_timeout;
use slickq_sys as sys;
use std::mem::size_of;
use std::ptr::null_mut;
use std::time::Duration;

/// How a queue is made or opened, as [`std::fs::OpenOptions`] is for files: set what should not be the default, then
/// [`local`](Self::local), [`create`](Self::create), [`open`](Self::open) or [`open_or_create`](Self::open_or_create).
///
/// ```
/// # fn main() -> slickq::Result<()> {
/// let queue = slickq::Options::new().capacity(1024).single_producer(true).local::<f64>()?;
/// assert_eq!(queue.capacity(), 1024);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Options {
    raw: sys::slickq_options,
    element_size: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

type Open = unsafe extern "C" fn(
    *const std::os::raw::c_char,
    *const sys::slickq_options,
    *mut *mut sys::slickq_queue,
) -> sys::slickq_status;

impl Options {
    /// All defaults.
    pub fn new() -> Self {
        Options { raw: sized(), element_size: None }
    }

    fn flag(mut self, flag: u32, on: bool) -> Self {
        self.raw.flags = if on { self.raw.flags | flag } else { self.raw.flags & !flag };
        self
    }

    /// Elements of the ring, a power of two up to 2^31. Needed for making a queue; opening with 0 (the default) adopts
    /// the segment's.
    pub fn capacity(mut self, elements: u32) -> Self {
        self.raw.capacity = elements;
        self
    }

    /// Bytes of an element, if that is not the size of the queue's type `T`: a multiple of it that is known only at
    /// run time. Every element then has several values, see [`Queue::width`]: a `Queue<u8>` can open any segment.
    /// Opening with 0 adopts the segment's.
    pub fn element_size(mut self, bytes: u32) -> Self {
        self.element_size = Some(bytes);
        self
    }

    /// Elements that share a control slot, a power of two: every reservation is rounded up to a multiple of it. 0: 1
    /// when creating, the segment's when opening.
    pub fn items_per_slot(mut self, elements: u32) -> Self {
        self.raw.items_per_slot = elements;
        self
    }

    /// The layout to create, or to insist on.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.raw.layout = layout as u32;
        self
    }

    /// Permission bits of a created segment, set exactly; 0: 0666 less the umask. Not on Windows.
    pub fn permissions(mut self, bits: u32) -> Self {
        self.raw.permissions = bits;
        self
    }

    /// How long to wait for another process that is just creating the segment: 2 seconds if not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.raw.timeout_ns = creation_timeout(timeout);
        self
    }

    /// Map without write permission, for consumers. Not for making a queue.
    pub fn read_only(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_READ_ONLY, on)
    }

    /// What is produced through this handle laps no registered consumer and no group: without room it is
    /// [`NotWritten::Full`](crate::NotWritten::Full).
    pub fn lossless(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_LOSSLESS, on)
    }

    /// Nobody else produces while this handle is open, in any process: cheaper. [`Queue::producer`] gives out one
    /// producer at a time then. Another process that produces all the same is told or noticed by
    /// [`ErrorKind::SecondProducer`] where that is cheap; records may be lost or mixed by then.
    pub fn single_producer(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_SINGLE_PRODUCER, on)
    }

    /// Whatever is reserved through this handle is published before the ring comes round: a cheaper publish, for any
    /// number of producers. One that is late is told so all the same, unless it is lapped in the midst of a publish:
    /// see `slickq.h`, "producing".
    pub fn prompt_producer(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_PROMPT_PRODUCER, on)
    }

    /// Map every page now: the first lap has no page faults.
    pub fn prefault(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_PREFAULT, on)
    }

    /// Keep the queue in memory, if that is allowed.
    pub fn lock_memory(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_LOCK_MEMORY, on)
    }

    /// Ask for transparent huge pages.
    pub fn huge_pages(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_HUGE_PAGES, on)
    }

    /// Local queues: pages of the system's huge page pool, if it has enough; else as [`huge_pages`](Self::huge_pages).
    pub fn hugetlb(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_HUGETLB, on)
    }

    /// Also open a queue whose reset was not finished ([`ErrorKind::HalfReset`] otherwise), to [reset](Queue::reset) it
    /// again.
    pub fn half_reset(self, on: bool) -> Self {
        self.flag(sys::SLICKQ_OPEN_HALF_RESET, on)
    }

    /// Makes a queue in this process's memory, for its threads.
    pub fn local<T: Pod>(&self) -> Result<Queue<T>> {
        let options = self.raw_for::<T>()?;
        let mut handle = null_mut();
        // SAFETY: options of this size, and one out parameter.
        ok(unsafe { sys::slickq_queue_create_local(&options, &mut handle) })?;
        // SAFETY: just opened, and ours.
        unsafe { Queue::adopt(handle) }
    }

    /// Makes a shared queue under a name that must be free (else [`ErrorKind::Exists`]). All its memory is allocated
    /// now.
    pub fn create<T: Pod>(&self, name: &str) -> Result<Queue<T>> {
        self.by_name(name, sys::slickq_queue_create)
    }

    /// Opens an existing shared queue of any layout. What the options give must match (else [`ErrorKind::Mismatch`]),
    /// the rest is adopted.
    pub fn open<T: Pod>(&self, name: &str) -> Result<Queue<T>> {
        self.by_name(name, sys::slickq_queue_open)
    }

    /// Opens the queue, or creates it if the name is free; any number of processes may race, one creates.
    pub fn open_or_create<T: Pod>(&self, name: &str) -> Result<Queue<T>> {
        self.by_name(name, sys::slickq_queue_open_or_create)
    }

    fn by_name<T: Pod>(&self, name: &str, open: Open) -> Result<Queue<T>> {
        let name = c_string(name)?;
        let options = self.raw_for::<T>()?;
        let mut handle = null_mut();
        // SAFETY: a NUL-terminated name, options of this size, and one out parameter.
        ok(unsafe { open(name.as_ptr(), &options, &mut handle) })?;
        // SAFETY: just opened, and ours.
        unsafe { Queue::adopt(handle) }
    }

    #[allow(clippy::let_unit_value)] // clippy before 1.66 does not know why somebody would
    fn raw_for<T: Pod>(&self) -> Result<sys::slickq_options> {
        let () = Carried::<T>::IS_POSSIBLE;
        let one = size_of::<T>();
        let element_size = match self.element_size {
            None => u32::try_from(one).ok(),
            Some(bytes) => (bytes as usize % one == 0).then_some(bytes),
        };
        let element_size = element_size.ok_or_else(|| {
            let asked = self.element_size.unwrap_or(u32::MAX);
            Error::new(ErrorKind::Argument, format!("elements of {asked} bytes do not hold values of {one} bytes"))
        })?;
        Ok(sys::slickq_options { element_size, ..self.raw })
    }
}

impl<T: Pod> Queue<T> {
    /// A queue of `capacity` elements in this process's memory, for its threads.
    pub fn local(capacity: u32) -> Result<Self> {
        Options::new().capacity(capacity).local()
    }

    /// Opens the shared queue of that name, which must hold elements of this size.
    pub fn open(name: &str) -> Result<Self> {
        Options::new().open(name)
    }

    /// Opens the shared queue of that name, or creates it.
    pub fn open_or_create(name: &str, capacity: u32) -> Result<Self> {
        Options::new().capacity(capacity).open_or_create(name)
    }
}
