//! Consumers with a cursor of their own for which lossless producers wait.

use crate::cursor::Cursor;
use crate::error::{ok, Result};
use crate::pod::Pod;
use crate::queue::Queue;
use slickq_sys as sys;

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

    /// All before `index` has been read, and may be overwritten. [`ErrorKind::Evicted`](crate::ErrorKind::Evicted):
    /// producers do not wait for this consumer any more.
    pub fn acknowledge(&self, index: u64) -> Result<()> {
        // SAFETY: an open handle.
        ok(unsafe { sys::slickq_consumer_acknowledge(self.queue.as_raw(), self.id, index) })
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
