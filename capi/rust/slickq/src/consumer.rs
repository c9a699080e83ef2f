//! Consumers with a cursor of their own for which lossless producers wait.

use crate::cursor::Cursor;
use crate::error::{ok, Result};
use crate::outcome::NotRead;
use crate::pod::Pod;
use crate::queue::Queue;
use crate::time::{positive, Deadline};
use slickq_sys as sys;
use std::time::Duration;

/// A registered consumer: lossless producers overwrite nothing that it has not [acknowledged](Self::acknowledge). For
/// those who read with a [`Cursor`]; a [`Reader`](crate::Reader) registers [by
/// itself](crate::ReaderOptions::registered). Dropping it ends the registration, in the process that made it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = slickq::Options::new().capacity(4).lossless(true).local::<u32>()?;
/// let consumer = queue.register(None)?;
/// let mut producer = queue.producer()?;
/// producer.write_batch(&[1, 2, 3, 4])?;
/// assert_eq!(producer.write(&[5]), Err(slickq::NotWritten::Full));
///
/// let mut cursor = consumer.cursor();
/// assert_eq!(cursor.read()?, 1);
/// consumer.acknowledge(cursor.position())?;
/// producer.write(&[5])?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Registration<'q, T: Pod> {
    queue: &'q Queue<T>,
    id: u64,
    held_from: u64,
    process: u32,
}

impl<'q, T: Pod> Registration<'q, T> {
    pub(crate) fn new(queue: &'q Queue<T>, index: Option<u64>) -> Result<Self> {
        let (mut id, mut held_from) = (0, 0);
        let index = index.unwrap_or(sys::SLICKQ_NO_INDEX);
        // SAFETY: an open handle and two out parameters.
        ok(unsafe { sys::slickq_consumer_register(queue.as_raw(), index, &mut id, &mut held_from) })?;
        Ok(Registration { queue, id, held_from, process: std::process::id() })
    }

    /// From this index on nothing will be overwritten before it is acknowledged.
    pub fn held_from(&self) -> u64 {
        self.held_from
    }

    /// A cursor that starts there.
    pub fn cursor(&self) -> Cursor<'q, T> {
        Cursor::new(self.queue, self.held_from)
    }

    /// As in [`ConsumerInfo`](crate::ConsumerInfo).
    pub fn id(&self) -> u64 {
        self.id
    }

    /// All before `index` has been read, and may be overwritten. [`NotRead::Lost`] with
    /// [`LossCause::Reset`](crate::LossCause::Reset): the queue was reset since this consumer last said something;
    /// nothing is acknowledged, and it goes on at index 0. [`ErrorKind::Evicted`](crate::ErrorKind::Evicted): producers
    /// do not wait for this consumer any more.
    pub fn acknowledge(&self, index: u64) -> std::result::Result<(), NotRead> {
        // SAFETY: an open handle.
        match unsafe { sys::slickq_consumer_acknowledge(self.queue.as_raw(), self.id, index) } {
            sys::SLICKQ_OK => Ok(()),
            status => Err(NotRead::of(status, 0, 0)),
        }
    }

    /// Waits for something to read at the cursor, before which all was read, and gets past what nobody publishes.
    /// `stall`: how long a record may stay reserved and unpublished before it is stepped over; `None`: for ever.
    ///
    /// [`NotRead::Lost`]: the cursor was moved, to the index that the loss tells, over what stayed unpublished
    /// ([`LossCause::Gap`](crate::LossCause::Gap)), or was overwritten unpublished by producers that do not wait, or
    /// to 0 by a reset; what it was moved over is acknowledged. [`NotRead::TimedOut`], [`NotRead::Cancelled`] (by
    /// [`Queue::cancel`]), [`ErrorKind::Evicted`](crate::ErrorKind::Evicted).
    pub fn wait_until(
        &self,
        cursor: &mut Cursor<'_, T>,
        stall: Option<Duration>,
        deadline: impl Into<Deadline>,
    ) -> std::result::Result<(), NotRead> {
        let stall = stall.map_or(sys::SLICKQ_STALL_NEVER, positive);
        let deadline = deadline.into().nanoseconds();
        let (mut position, mut lost) = (cursor.position(), 0);
        // SAFETY: an open handle and two out parameters.
        let status = unsafe {
            sys::slickq_consumer_wait_until(self.queue.as_raw(), self.id, &mut position, stall, deadline, &mut lost)
        };
        cursor.seek(position);
        match status {
            sys::SLICKQ_OK => Ok(()),
            status => Err(NotRead::of(status, position, lost)),
        }
    }
}

impl<T: Pod> Drop for Registration<'_, T> {
    fn drop(&mut self) {
        // A child of fork() has a copy of this, and no consumer of its own.
        if std::process::id() == self.process {
            // SAFETY: an open handle. Whoever was evicted is told so, and does not mind.
            unsafe { sys::slickq_consumer_unregister(self.queue.as_raw(), self.id) };
        }
    }
}

impl<T: Pod> Queue<T> {
    /// Registers a consumer with a cursor of its own, for which lossless producers wait; see [`Registration`].
    /// `index`: what it needs, not ahead of what is reserved; `None`: what is reserved from now on.
    pub fn register(&self, index: Option<u64>) -> Result<Registration<'_, T>> {
        Registration::new(self, index)
    }
}
