//! fork() while other threads are just cancelling: the child has their locks, and not the threads. (The only test of this file.)
#![cfg(unix)]

use slickq::{Queue, Start};
use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

extern "C" {
    fn fork() -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
}

#[test]
fn a_child_waits_for_no_thread_of_its_parent() {
    const WNOHANG: c_int = 1;
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let queue = Queue::<u32>::local(8).unwrap();
    let mut reader = queue.reader(Start::Now).unwrap();
    let busy: Vec<_> = (0..2)
        .map(|_| {
            let canceller = reader.canceller();
            thread::spawn(move || {
                while !IS_OVER.load(Ordering::Relaxed) {
                    canceller.cancel();
                }
            })
        })
        .collect();
    for round in 0..100 {
        // SAFETY: the child leaves by _exit().
        let child = unsafe { fork() };
        if child == 0 {
            let canceller = reader.canceller();
            canceller.cancel();
            let _ = reader.read().map(|_| ());
            drop(reader);
            // SAFETY: ends the child, without what the parent has to do at its end.
            unsafe { _exit(0) };
        }
        let (begun, mut status) = (Instant::now(), -1);
        // SAFETY: our child, and one out parameter.
        while unsafe { waitpid(child, &mut status, WNOHANG) } == 0 {
            if begun.elapsed() > Duration::from_secs(10) {
                // SAFETY: our child, which is not waited for yet.
                unsafe { kill(child, 9) };
                panic!("round {round}: the child hangs");
            }
            thread::sleep(Duration::from_micros(100));
        }
        assert_eq!(status, 0, "round {round}");
    }
    IS_OVER.store(true, Ordering::Relaxed);
    for thread in busy {
        thread.join().unwrap();
    }
}
