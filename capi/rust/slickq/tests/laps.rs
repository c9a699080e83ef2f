//! Threads that lap each other: nothing that is handed out was ever torn.

use slickq::{LossCause, NotRead, Queue, Start};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Sixteen words that are all alike, if nobody wrote into them meanwhile.
type Words = [u64; 16];

fn is_whole(words: &Words) -> bool {
    words.iter().all(|word| *word == words[0])
}

#[test]
fn what_is_handed_out_is_whole() {
    let queue = Queue::<Words>::local(4).unwrap();
    let stop = AtomicBool::new(false);
    let (handed_out, discarded) = (AtomicU64::new(0), AtomicU64::new(0));
    let count = |outcome: Result<bool, NotRead>| match outcome {
        Ok(whole) => {
            assert!(whole, "a torn record was handed out");
            handed_out.fetch_add(1, Ordering::Relaxed);
        }
        Err(NotRead::Lost(loss)) => {
            assert_eq!(loss.cause, LossCause::Lapped);
            discarded.fetch_add(1, Ordering::Relaxed);
        }
        Err(NotRead::Empty | NotRead::Pending) => thread::yield_now(), // there may be a single core
        Err(other) => panic!("{other}"),
    };
    thread::scope(|scope| {
        // One producer: several could be lapped by each other, and damage each other's records, which nobody can see.
        scope.spawn(|| {
            let mut producer = queue.producer().unwrap();
            for number in (0..).step_by(2) {
                producer.write(&[[number; 16]]).unwrap();
                let mut room = producer.reserve(1).unwrap();
                room.set(0, [number + 1; 16]);
                room.publish().unwrap();
                if number % 64 == 0 {
                    thread::yield_now();
                }
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        scope.spawn(|| {
            let mut reader = queue.reader(Start::Oldest).unwrap();
            while !stop.load(Ordering::Relaxed) {
                count(reader.read().map(|record| is_whole(&record[0])));
            }
        });
        scope.spawn(|| {
            let mut cursor = queue.cursor(Start::Oldest).unwrap();
            while !stop.load(Ordering::Relaxed) {
                count(cursor.read().map(|words| is_whole(&words)));
                count(cursor.read_with(|record| is_whole(&record.get(0))));
                count(cursor.read_batch_with(4, |batch| batch.iter().all(|record| is_whole(&record.get(0)))));
            }
        });
        // Long enough to lap, and to see what is discarded; but not for ever.
        let started = Instant::now();
        let enough = || handed_out.load(Ordering::Relaxed) > 10_000 && discarded.load(Ordering::Relaxed) > 100;
        while !enough() && started.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(10));
        }
        stop.store(true, Ordering::Relaxed);
        assert!(enough(), "{handed_out:?} handed out, {discarded:?} discarded: the test proved nothing");
    });
}
