//! Producing: batches, in place, without loss, alone.

use slickq::{Deadline, ErrorKind, NotWritten, Options, PartlyWritten, Queue, ReaderOptions, Start};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

fn kind(why: NotWritten) -> ErrorKind {
    match why {
        NotWritten::Failed(error) => error.kind(),
        other => panic!("no failure: {other:?}"),
    }
}

#[test]
fn batches_are_records_one_by_one() {
    let queue = Queue::<u16>::local(16).unwrap();
    let mut producer = queue.producer().unwrap();
    producer.write_batch(&[1, 2, 3]).unwrap();
    producer.write_batch(&[]).unwrap();
    producer.write_records(&[4, 5, 6, 7], &[1, 3]).unwrap();
    let mut cursor = queue.cursor(Start::Oldest).unwrap();
    let mut values = Vec::new();
    let mut records = Vec::new();
    while cursor.read_into(&mut values).is_ok() {
        records.push(values.clone());
    }
    assert_eq!(records, [vec![1], vec![2], vec![3], vec![4], vec![5, 6, 7]]);
}

#[test]
fn counts_that_do_not_fit_the_elements_are_refused() {
    let queue = Queue::<u16>::local(16).unwrap();
    let mut producer = queue.producer().unwrap();
    // The library would read beyond the slice; u32::MAX + 3 would be 2 in 32 bits.
    for counts in [&[1, 2][..], &[3], &[], &[u32::MAX, 3], &[1, 0, 1], &[2, 0]] {
        let PartlyWritten { written, why } = producer.write_records(&[1, 2], counts).unwrap_err();
        assert_eq!((written, kind(why)), (0, ErrorKind::Argument), "{counts:?}");
    }
    assert_eq!(kind(producer.write(&[]).unwrap_err()), ErrorKind::Argument);
    assert_eq!(kind(producer.write(&[0; 17]).unwrap_err()), ErrorKind::Argument);
    assert_eq!(queue.next_index(), Ok(0));
}

#[test]
fn in_place() {
    let queue = Queue::<u32>::local(8).unwrap();
    let mut producer = queue.producer().unwrap();
    let mut room = producer.reserve(3).unwrap();
    assert_eq!((room.index(), room.count(), room.len()), (0, 3, 3));
    room.set(0, 10);
    room.copy_from_slice(1, &[11, 12]);
    assert_eq!(queue.cursor(Start::Oldest).unwrap().read(), Err(slickq::NotRead::Empty));
    assert_eq!(room.publish(), Ok(0));

    let mut room = producer.reserve(4).unwrap();
    room.fill_with(|at| 20 + at as u32);
    room.publish_first(2).unwrap();

    let mut reader = queue.reader(Start::Oldest).unwrap();
    assert_eq!(*reader.read().unwrap(), [10, 11, 12]);
    assert_eq!(*reader.read().unwrap(), [20, 21]);
}

#[test]
fn a_reservation_cannot_be_left() {
    let queue = Queue::<u32>::local(8).unwrap();
    let mut producer = queue.producer().unwrap();
    let index = producer.reserve(2).unwrap().index();
    let mut room = producer.reservation(index, 2).unwrap();
    for attempt in [
        |room: &mut slickq::Reservation<u32>| room.set(2, 0),
        |room: &mut slickq::Reservation<u32>| room.copy_from_slice(1, &[1, 2]),
        |room: &mut slickq::Reservation<u32>| room.copy_from_slice(usize::MAX, &[1]),
    ] {
        let left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| attempt(&mut room)));
        assert!(left.is_err());
    }
    // Nor made where the ring has no such place.
    for (index, count) in [(7, 2), (0, 9), (0, 0)] {
        assert_eq!(producer.reservation(index, count).unwrap_err().kind(), ErrorKind::Argument);
    }
    assert_eq!(producer.reservation(3, 1).unwrap().publish().unwrap_err().kind(), ErrorKind::NotReserved);
}

#[test]
fn a_late_publish_is_stale() {
    for is_prompt in [false, true] {
        let queue = Options::new().capacity(4).prompt_producer(is_prompt).local::<u32>().unwrap();
        assert_eq!(queue.info().is_prompt_producer, is_prompt);
        let (mut slow, mut fast) = (queue.producer().unwrap(), queue.producer().unwrap());
        let room = slow.reserve(1).unwrap();
        fast.write_batch(&[1, 2, 3, 4, 5]).unwrap();
        assert_eq!(room.publish().unwrap_err().kind(), ErrorKind::Stale);
    }
}

#[test]
fn lossless_is_full_before_the_consumer_has_read_on() {
    let queue = Options::new().capacity(4).lossless(true).local::<u32>().unwrap();
    let mut reader = ReaderOptions::new().registered(true).open(&queue).unwrap();
    let mut producer = queue.producer().unwrap();
    assert_eq!(producer.write_batch(&[1, 2, 3, 4, 5, 6]), Err(PartlyWritten { written: 4, why: NotWritten::Full }));
    assert_eq!(producer.write(&[5]), Err(NotWritten::Full));
    assert_eq!(producer.reserve(1).map(drop), Err(NotWritten::Full));

    let started = Instant::now();
    assert_eq!(producer.write_until(&[5], Duration::from_millis(20)), Err(NotWritten::TimedOut));
    assert!(started.elapsed() >= Duration::from_millis(20));
    assert_eq!(producer.reserve_until(1, Instant::now()).map(drop), Err(NotWritten::TimedOut));

    assert_eq!(reader.read_batch(0).unwrap().values(), [1, 2, 3, 4]);
    assert_eq!(reader.read(), Err(slickq::NotRead::Empty)); // this acknowledges what was handed out
    assert_eq!(producer.write(&[5]), Ok(4));
}

#[test]
fn a_wait_for_room_ends_when_a_consumer_reads_or_somebody_cancels() {
    let queue = Options::new().capacity(4).lossless(true).local::<u32>().unwrap();
    let mut reader = ReaderOptions::new().registered(true).open(&queue).unwrap();
    let numbers: Vec<u32> = (0..1000).collect();
    let received = thread::scope(|scope| {
        let consumer = scope.spawn(|| {
            let mut all = Vec::new();
            while all.len() < 1000 {
                all.extend_from_slice(reader.read_batch_until(0, Duration::from_secs(20)).unwrap().values());
            }
            all
        });
        queue.producer().unwrap().write_batch_until(&numbers, Duration::from_secs(20)).unwrap();
        consumer.join().unwrap()
    });
    assert_eq!(received, numbers);

    let _nobody_reads = ReaderOptions::new().registered(true).open(&queue).unwrap();
    let why = thread::scope(|scope| {
        let waiting = scope.spawn(|| queue.producer().unwrap().write_batch_until(&numbers, Deadline::FOREVER));
        while !waiting.is_finished() {
            queue.cancel().unwrap(); // ends what is under way only: the other thread may not have begun
            thread::sleep(Duration::from_millis(1));
        }
        waiting.join().unwrap().unwrap_err()
    });
    assert_eq!(why.why, NotWritten::Cancelled);
    assert!(why.written <= 4, "{why}");
}

#[test]
fn a_single_producer_is_alone() {
    let queue = Options::new().capacity(1024).single_producer(true).local::<u32>().unwrap();
    let mut producer = queue.producer().unwrap();
    assert_eq!(queue.producer().unwrap_err().kind(), ErrorKind::SecondProducer);
    producer.write(&[1]).unwrap();
    let mut room = producer.reserve(2).unwrap();
    room.copy_from_slice(0, &[2, 3]);
    room.publish().unwrap();
    producer.write_batch(&[4, 5]).unwrap();
    drop(producer);
    queue.producer().unwrap().write(&[6]).unwrap();
    let values: Result<Vec<_>, _> = queue.reader(Start::Oldest).unwrap().iter().collect();
    assert_eq!(values.unwrap(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn one_single_producer_at_a_time_also_among_threads() {
    let queue = Options::new().capacity(1024).single_producer(true).local::<u32>().unwrap();
    let barrier = Barrier::new(4);
    let written: u32 = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let mut written = 0;
                    for _ in 0..20_000 {
                        if let Ok(mut producer) = queue.producer() {
                            producer.write(&[0]).unwrap();
                            written += 1;
                        }
                    }
                    written
                })
            })
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(queue.next_index(), Ok(u64::from(written)));
}
