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
mod options;
mod outcome;
mod pod;
mod producer;
mod queue;
mod racy;
mod reader;
mod record;
mod time;
mod worker;

pub use cancel::Canceller;
pub use claims::{Claims, SharedCursor};
pub use consumer::Registration;
pub use cursor::{Cursor, Found, RacyBatch};
pub use error::{Error, ErrorKind, Result};
pub use info::{inspect, ConsumerInfo, ConsumerKind, GroupInfo, Inspection, QueueInfo, ReaderInfo};
pub use options::{Layout, Options};
pub use outcome::{Loss, LossCause, NotRead, NotWritten, PartlyWritten};
pub use pod::Pod;
pub use producer::{Producer, Reservation};
pub use queue::{remove, version, NameState, Queue, Start};
pub use racy::Racy;
pub use reader::{AfterLap, Reader, ReaderOptions, Values};
pub use record::{Batch, Record, Records};
pub use slickq_sys as sys;
pub use time::Deadline;
pub use worker::{GroupMode, Worker, WorkerOptions};
