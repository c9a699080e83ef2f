//! Cursors of one's own, and shared ones.

mod common;

use common::Name;
use slickq::{ErrorKind, Found, Loss, LossCause, NotRead, Options, Queue, SharedCursor, Start};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn copying_reads() {
    let queue = Queue::<u32>::local(8).unwrap();
    let mut producer = queue.producer().unwrap();
    producer.write(&[1]).unwrap();
    producer.write(&[2, 3, 4]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    assert_eq!((cursor.read(), cursor.found()), (Ok(1), Found { index: 0, count: 1, lost: 0 }));
    // Three values are no single one, and stay.
    assert!(matches!(cursor.read(), Err(NotRead::Failed(e)) if e.kind() == ErrorKind::Buffer));
    let mut values = Vec::new();
    assert_eq!(cursor.read_into(&mut values), Ok(Found { index: 1, count: 3, lost: 0 }));
    assert_eq!((values.as_slice(), cursor.position()), (&[2, 3, 4][..], 4));
    assert_eq!(cursor.read_into(&mut values), Err(NotRead::Empty));
    cursor.seek(1);
    cursor.read_into(&mut values).unwrap();
    assert_eq!(values, [2, 3, 4]);
}

#[test]
fn a_lap_is_told() {
    let queue = Queue::<u32>::local(4).unwrap();
    queue.producer().unwrap().write_batch(&[1, 2, 3, 4, 5, 6]).unwrap();
    let mut cursor = queue.cursor(Start::Index(0)).unwrap();
    assert_eq!((cursor.read(), cursor.found()), (Ok(5), Found { index: 4, count: 1, lost: 4 }));
    assert_eq!(queue.loss_count(), Ok(4));
    assert_eq!(queue.cursor(Start::Newest).unwrap().read(), Ok(6));
}

#[test]
fn what_was_overwritten_under_the_readers_eyes_does_not_become_a_value() {
    let queue = Queue::<u32>::local(4).unwrap();
    queue.producer().unwrap().write(&[1, 2]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    let outcome = cursor.read_with(|record| {
        queue.producer().unwrap().write_batch(&[9; 4]).unwrap();
        record.iter().sum::<u32>()
    });
    assert_eq!(outcome, Err(NotRead::Lost(Loss { cause: LossCause::Lapped, elements: 2, index: 0 })));
    // And what was not, does.
    assert_eq!(cursor.read_with(|record| (record.len(), record.get(0), record.index())), Ok((1, 9, 2)));

    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    let outcome = cursor.read_batch_with(8, |batch| {
        queue.producer().unwrap().write(&[7]).unwrap();
        batch.len()
    });
    assert!(matches!(outcome, Err(NotRead::Lost(Loss { elements: 4, index: 2, .. }))), "{outcome:?}");
}

#[test]
fn zero_copy_batches() {
    let queue = Queue::<u32>::local(8).unwrap();
    queue.producer().unwrap().write_records(&[1, 2, 3, 4, 5, 6], &[1, 2, 3]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    let records = |cursor: &mut slickq::Cursor<u32>, limit| {
        cursor
            .read_batch_with(limit, |batch| batch.iter().map(|one| one.iter().collect::<Vec<_>>()).collect::<Vec<_>>())
    };
    assert_eq!(records(&mut cursor, 2).unwrap(), [vec![1], vec![2, 3]]);
    assert_eq!(records(&mut cursor, 2).unwrap(), [vec![4, 5, 6]]);
    assert_eq!(records(&mut cursor, 2), Err(NotRead::Empty));
}

#[test]
fn values_outside_of_a_record_are_refused() {
    let queue = Queue::<u32>::local(8).unwrap();
    queue.producer().unwrap().write(&[1]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    let left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cursor.read_with(|record| record.get(1))));
    assert!(left.is_err());
}

#[test]
fn the_last_record() {
    let queue = Queue::<u32>::local(8).unwrap();
    assert_eq!(queue.read_last(), Err(NotRead::Empty));
    queue.producer().unwrap().write_records(&[1, 2, 3], &[1, 2]).unwrap();
    assert_eq!(queue.read_last(), Ok((1, vec![2, 3])));
    // While it is being overwritten it is read again.
    let mut calls = 0;
    let last = queue.read_last_with(|record| {
        calls += 1;
        if calls == 1 {
            queue.producer().unwrap().write_batch(&[5; 8]).unwrap();
        }
        record.index()
    });
    assert_eq!((last, calls), (Ok(10), 2));
}

#[test]
fn the_last_record_after_a_late_producer() {
    let queue = Queue::<u32>::local(4).unwrap();
    let (mut late, mut producer) = (queue.producer().unwrap(), queue.producer().unwrap());
    let reserved = late.reserve(1).unwrap();
    producer.write_batch(&[1; 4]).unwrap(); // the last one lies where that was reserved
    assert!(reserved.publish().is_err());
    let mut calls = 0;
    assert_eq!(queue.read_last_with(|_| calls += 1), Err(NotRead::Empty));
    assert_eq!(calls, 1); // it does not get better by reading it again
    producer.write(&[2]).unwrap();
    assert_eq!(queue.read_last(), Ok((5, vec![2])));
}

#[test]
fn waiting_at_a_cursor() {
    let queue = Queue::<u32>::local(8).unwrap();
    let cursor = queue.cursor(Start::Now).unwrap();
    assert_eq!(cursor.wait_until(Duration::from_millis(5)), Err(NotRead::TimedOut));
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            queue.producer().unwrap().write(&[1]).unwrap();
        });
        assert_eq!(cursor.wait_until(Duration::from_secs(20)), Ok(()));
    });
    let next = queue.cursor(Start::Now).unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| next.wait_until(slickq::Deadline::FOREVER));
        while !waiting.is_finished() {
            queue.cancel().unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(waiting.join().unwrap(), Err(NotRead::Cancelled));
    });
}

#[test]
fn each_record_is_claimed_by_one() {
    const RECORDS: u32 = 20_000;
    let queue = Queue::<u32>::local(1 << 15).unwrap();
    queue.producer().unwrap().write_batch(&(0..RECORDS).collect::<Vec<_>>()).unwrap();
    let cell = AtomicU64::new(0);
    let claims = queue.claims(&cell);
    let mut all: Vec<u32> = thread::scope(|scope| {
        let copying =
            scope.spawn(move || std::iter::from_fn(|| claims.read().ok()).map(|(one, _)| one).collect::<Vec<_>>());
        let in_place =
            scope.spawn(move || std::iter::from_fn(|| claims.read_with(|one| one.get(0)).ok()).collect::<Vec<_>>());
        [copying.join().unwrap(), in_place.join().unwrap()].concat()
    });
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..RECORDS));
    assert_eq!(claims.wait_until(Duration::from_millis(1)), Err(NotRead::TimedOut));
}

#[test]
fn a_cursor_in_shared_memory() {
    let (name, cursor) = (Name::new(), Name::new());
    let queue = Options::new().capacity(8).create::<u32>(&name).unwrap();
    let ours = SharedCursor::create(&cursor, 8, 0).unwrap();
    let theirs = SharedCursor::open(&cursor, 8, Duration::ZERO).unwrap();
    assert_eq!(SharedCursor::create(&cursor, 8, 0).unwrap_err().kind(), ErrorKind::Exists);
    assert_eq!(SharedCursor::open(&cursor, 16, Duration::ZERO).unwrap_err().kind(), ErrorKind::Truncated);
    let _once_more = SharedCursor::open_or_create(&cursor, 0, 0, Duration::from_secs(1)).unwrap();

    queue.producer().unwrap().write_records(&[1, 2, 3], &[2, 1]).unwrap();
    let mut values = Vec::new();
    queue.claims(&ours).read_into(&mut values).unwrap();
    assert_eq!(values, [1, 2]);
    assert_eq!(theirs.load(Ordering::Acquire), 2);
    queue.claims(&theirs).read_into(&mut values).unwrap();
    assert_eq!(values, [3]);
    assert_eq!(queue.claims(&ours).read_into(&mut values), Err(NotRead::Empty));
    assert_eq!(theirs.compare_exchange(3, 0, Ordering::AcqRel, Ordering::Acquire), Ok(3));
    assert_eq!(ours.load(Ordering::Acquire), 0);
}

#[test]
fn a_batch_as_large_as_can_be_asked_for() {
    let queue = Queue::<u32>::local(8).unwrap();
    queue.producer().unwrap().write_batch(&[1, 2, 3]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    assert_eq!(cursor.read_batch_with(u32::MAX, |batch| batch.len()), Ok(3));
}
