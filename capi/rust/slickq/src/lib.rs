#![doc = include_str!("../../README.md")]
#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_debug_implementations)]

mod cancel;
mod claims;
mod consumer;
mod cursor;
mod error;
mod info;
mod numbers;
mod options;
mod outcome;
mod pod;
mod producer;
mod queue;
mod racy;
mod raw;
mod reader;
mod record;
mod time;
mod worker;

pub use cancel::Canceller;
pub use claims::{Claims, SharedCursor};
pub use consumer::Registration;
pub use cursor::{Cursor, Found, RacyBatch};
pub use error::{Error, ErrorKind, Result};
pub use info::{inspect, ConsumerInfo, ConsumerKind, Epoch, GroupInfo, Inspection, QueueInfo, ReaderInfo};
pub use numbers::{GroupMode, Layout, Liveness, NameState, Start};
pub use options::Options;
pub use outcome::{Loss, LossCause, NotRead, NotWritten, PartlyWritten};
pub use pod::Pod;
pub use producer::{Producer, Reservation};
pub use queue::{remove, version, Queue};
pub use racy::Racy;
pub use reader::{AfterLap, Reader, ReaderOptions, Values};
pub use record::{Batch, Record, Records};
pub use slickq_sys as sys;
pub use time::Deadline;
pub use worker::{Worker, WorkerOptions};

// A compiler's proof of what the modules say of threads.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Queue<u64>>();
    is_shared::<Producer<'_, u64>>();
    is_shared::<Cursor<'_, u64>>();
    is_shared::<Claims<'_, u64>>();
};
