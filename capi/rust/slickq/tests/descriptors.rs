//! What event loops wait for: descriptors of readers, of workers, and of room for producers.
#![cfg(unix)]

use slickq::{GroupMode, NotRead, NotWritten, Options, Queue, Start, WorkerOptions};
use std::os::raw::{c_int, c_short, c_ulong};
use std::os::unix::io::{AsRawFd, BorrowedFd};

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}
extern "C" {
    fn poll(all: *mut PollFd, count: c_ulong, timeout_ms: c_int) -> c_int;
}
const POLLIN: c_short = 1;
const LONG_ENOUGH: c_int = 20_000; // milliseconds

fn is_readable(descriptor: BorrowedFd<'_>, timeout_ms: c_int) -> bool {
    let mut one = PollFd { fd: descriptor.as_raw_fd(), events: POLLIN, revents: 0 };
    // SAFETY: one entry.
    unsafe { poll(&mut one, 1, timeout_ms) == 1 }
}

#[test]
fn of_a_reader() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = queue.reader(Start::Now).unwrap();
    assert!(is_readable(reader.descriptor().unwrap(), LONG_ENOUGH)); // as the first call leaves it
    while reader.read().is_ok() {}
    assert!(!is_readable(reader.descriptor().unwrap(), 30));
    queue.producer().unwrap().write(&[1]).unwrap();
    assert!(is_readable(reader.descriptor().unwrap(), LONG_ENOUGH));
    assert_eq!(*reader.read().unwrap(), [1]);
}

#[test]
fn of_a_worker() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut worker = WorkerOptions::new("group").mode(GroupMode::AtLeastOnce).open(&queue).unwrap();
    assert!(is_readable(worker.descriptor().unwrap(), LONG_ENOUGH));
    assert_eq!(worker.claim().map(|_| ()), Err(NotRead::Empty));
    assert!(!is_readable(worker.descriptor().unwrap(), 30));
    queue.producer().unwrap().write(&[1]).unwrap();
    assert!(is_readable(worker.descriptor().unwrap(), LONG_ENOUGH));
    assert_eq!(*worker.claim().unwrap(), [1]);
}

#[test]
fn of_room() {
    let queue: Queue<u32> = Options::new().capacity(4).lossless(true).local().unwrap();
    let consumer = queue.register(None).unwrap();
    let mut producer = queue.producer().unwrap();
    let descriptor = producer.room_descriptor().unwrap();
    assert!(is_readable(descriptor, LONG_ENOUGH));
    producer.write_batch(&[1, 2, 3, 4]).unwrap();
    assert_eq!(producer.write(&[5]), Err(NotWritten::Full));
    assert!(!is_readable(descriptor, 30));
    consumer.acknowledge(2).unwrap();
    assert!(is_readable(descriptor, LONG_ENOUGH));
    producer.write(&[5]).unwrap();
    producer.write(&[6]).unwrap();
    assert!(producer.reserve(1).is_err());
    assert!(!is_readable(descriptor, 30));
    drop(consumer);
    assert!(is_readable(descriptor, LONG_ENOUGH));
    producer.write(&[7]).unwrap();
}
