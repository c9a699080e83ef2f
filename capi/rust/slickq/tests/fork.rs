//! A child of fork() goes on with its handles as slickq.h says, and takes nothing from its parent. (The only test of
//! this file: a child has just the thread that forked.)
#![cfg(unix)]

mod common;

use common::Name;
use slickq::{ErrorKind, NotRead, NotWritten, Options, ReaderOptions};
use std::os::raw::c_int;

extern "C" {
    fn fork() -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
}

#[test]
fn the_child_has_its_own_handles() {
    let name = Name::new();
    let queue = Options::new().capacity(4).lossless(true).create::<u32>(&name).unwrap();
    let consumer = queue.register(None).unwrap();
    let mut registered = ReaderOptions::new().registered(true).open(&queue).unwrap();
    let mut reader = ReaderOptions::new().open(&queue).unwrap();

    // SAFETY: the child leaves by _exit(), and needs no other thread of the parent.
    let child = unsafe { fork() };
    if child == 0 {
        let works = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            queue.producer().unwrap().write(&[7]).unwrap();
            assert_eq!(*reader.read().unwrap(), [7]);
            assert!(matches!(registered.read().map(|_| ()), Err(NotRead::Failed(e)) if e.kind() == ErrorKind::Handle));
            drop((consumer, registered));
            drop(reader);
        }));
        // SAFETY: ends the child, without what the parent has to do at its end.
        unsafe { _exit(c_int::from(works.is_err())) };
    }
    let mut status = -1;
    // SAFETY: our child, and one out parameter.
    assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed");

    assert_eq!(*reader.read().unwrap(), [7]);
    assert_eq!(*registered.read().unwrap(), [7]);
    // Both registrations are there still: the child has not ended them.
    assert_eq!(queue.consumers().unwrap().len(), 2);
    let mut producer = queue.producer().unwrap();
    producer.write_batch(&[1, 2, 3]).unwrap();
    assert_eq!(producer.write(&[4]), Err(NotWritten::Full));
    consumer.acknowledge(1).unwrap();
}
