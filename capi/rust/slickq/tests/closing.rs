//! What ends while others use it: the types see to it that nobody is inside, and these tests that this is enough. Every record
//! verifies itself.

use slickq::{
    Canceller, Deadline, ErrorKind, GroupMode, NotRead, NotWritten, Options, Queue, ReaderOptions, Start, WorkerOptions,
};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const BUDGET: Duration = Duration::from_millis(700);
const LONG: Duration = Duration::from_secs(20);
const WORDS: u64 = 8; // of an element

fn record(number: u64) -> Vec<u64> {
    (0..WORDS).map(|at| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(at as u32) ^ at).collect()
}

fn verify(values: &[u64]) {
    assert!(!values.is_empty() && values.len() % WORDS as usize == 0);
    for element in values.chunks(WORDS as usize) {
        let seed = element[0];
        for (at, value) in element.iter().enumerate() {
            assert_eq!(*value, seed.rotate_left(at as u32) ^ at as u64, "bytes that nobody wrote: {element:x?}");
        }
    }
}

fn queue() -> Queue<u64> {
    Options::new().capacity(16).element_size(8 * WORDS as u32).lossless(true).local().unwrap()
}

/// One that reads until it is told of the end, and then drops what it has.
fn use_up(mut read: impl FnMut() -> Result<(), NotRead>) {
    loop {
        match read() {
            Ok(()) | Err(NotRead::Lost(_)) => {}
            Err(NotRead::Cancelled) => return,
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn readers_and_workers_whose_queue_goes() {
    let end = Instant::now() + BUDGET;
    let mut round = 0_u64;
    while Instant::now() < end || round < 10 {
        round += 1;
        let queue = queue();
        let mut reader = ReaderOptions::new().registered(round % 3 == 0).open(&queue).unwrap();
        let mut worker = WorkerOptions::new("g").mode(GroupMode::AtLeastOnce).open(&queue).unwrap();
        let cancellers = [reader.canceller(), worker.canceller()];
        let users = [
            thread::spawn(move || use_up(|| reader.read_batch_until(0, Deadline::FOREVER).map(|b| verify(b.values())))),
            thread::spawn(move || use_up(|| worker.claim_until(Deadline::FOREVER).map(|one| verify(one.values())))),
        ];
        let mut producer = queue.producer().unwrap();
        for number in 0..round % 20 {
            match producer.write_until(&record(number), LONG) {
                Ok(_) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        drop(producer);
        drop(queue); // the readers keep it mapped
                     // They are cancelled, while they end, and afterwards: until there is nobody any more.
        let callers: Vec<_> = (0..2)
            .map(|_| {
                let cancellers: Vec<Canceller> = cancellers.to_vec();
                thread::spawn(move || while cancellers.iter().any(Canceller::cancel) {})
            })
            .collect();
        for thread in users.into_iter().chain(callers) {
            thread.join().unwrap();
        }
    }
}

#[test]
fn waits_on_a_queue_that_others_cancel() {
    let end = Instant::now() + BUDGET;
    let mut round = 0;
    while Instant::now() < end || round < 10 {
        round += 1;
        let queue = Arc::new(queue());
        let full = queue.register(None).unwrap();
        queue.producer().unwrap().write_batch(&(0..16).flat_map(record).collect::<Vec<_>>()).unwrap();
        let waits: Vec<thread::JoinHandle<bool>> = vec![
            {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.wait_until(16, Deadline::FOREVER) == Err(NotRead::Cancelled))
            },
            {
                let queue = Arc::clone(&queue);
                thread::spawn(move || {
                    let said = queue.producer().unwrap().write_until(&record(1), Deadline::FOREVER);
                    said == Err(NotWritten::Cancelled)
                })
            },
            {
                let queue = Arc::clone(&queue);
                thread::spawn(move || {
                    let more: Vec<_> = (0..3).flat_map(record).collect();
                    let partly = queue.producer().unwrap().write_batch_until(&more, Deadline::FOREVER).unwrap_err();
                    (partly.written, partly.why) == (0, NotWritten::Cancelled)
                })
            },
        ];
        while !waits.iter().all(thread::JoinHandle::is_finished) {
            queue.cancel().unwrap(); // it ends what is under way: again for who was not there yet
            thread::sleep(Duration::from_micros(200));
        }
        for wait in waits {
            assert!(wait.join().unwrap());
        }
        drop(full);
    }
}

#[test]
fn a_batch_without_room_for_all_says_how_much_was_written() {
    let queue = queue();
    let held = queue.register(None).unwrap();
    let all: Vec<_> = (0..20).flat_map(record).collect();
    let mut producer = queue.producer().unwrap();
    let partly = producer.write_batch(&all).unwrap_err();
    assert_eq!((partly.written, partly.why), (16, NotWritten::Full));
    held.acknowledge(3).unwrap();
    let partly = producer.write_batch_until(&all, Duration::from_millis(30)).unwrap_err();
    assert_eq!((partly.written, partly.why), (3, NotWritten::TimedOut));
    let counts = [1; 20];
    held.acknowledge(5).unwrap();
    let partly = producer.write_records(&all, &counts).unwrap_err();
    assert_eq!((partly.written, partly.why), (2, NotWritten::Full));
    assert_eq!(queue.reader(Start::Index(999)).unwrap_err().kind(), ErrorKind::Argument);
}
