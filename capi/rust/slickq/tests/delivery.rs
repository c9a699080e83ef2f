//! Delivery without loss: registered consumers, groups of workers, operators.

use slickq::{
    ConsumerKind, ErrorKind, GroupMode, Liveness, Loss, LossCause, NotRead, NotWritten, Options, Queue, ReaderOptions,
    Start, Worker, WorkerOptions,
};
use std::thread;
use std::time::Duration;

fn lossless(capacity: u32) -> Queue<u32> {
    Options::new().capacity(capacity).lossless(true).local().unwrap()
}

fn join(queue: &Queue<u32>, mode: GroupMode) -> Worker<u32> {
    WorkerOptions::new("group").mode(mode).start(Start::Oldest).open(queue).unwrap()
}

/// What a wait for the record of another worker ends with.
fn next(worker: &mut Worker<u32>) -> Result<(Vec<u32>, bool), NotRead> {
    worker.claim_until(Duration::from_secs(20)).map(|record| (record.to_vec(), record.is_redelivered()))
}

#[test]
fn each_record_goes_to_one_worker() {
    const RECORDS: u32 = 5000;
    let queue = lossless(256);
    let mut workers: Vec<_> = (0..3).map(|_| join(&queue, GroupMode::AtLeastOnce)).collect();
    let mut all: Vec<u32> = thread::scope(|scope| {
        let cancellers: Vec<_> = workers.iter().map(Worker::canceller).collect();
        let threads: Vec<_> = workers
            .drain(..)
            .map(|mut worker| {
                scope.spawn(move || {
                    let mut mine = Vec::new();
                    loop {
                        match worker.claim_until(Duration::from_secs(20)) {
                            Ok(record) => mine.push(record[0]),
                            Err(NotRead::Cancelled) => break mine,
                            Err(other) => panic!("{other}"),
                        }
                    }
                })
            })
            .collect();
        let numbers: Vec<u32> = (0..RECORDS).collect();
        queue.producer().unwrap().write_batch_until(&numbers, Duration::from_secs(20)).unwrap();
        while queue.groups().unwrap()[0].lag != 0 {
            thread::sleep(Duration::from_millis(1));
        }
        cancellers.iter().for_each(|one| assert!(one.cancel()));
        threads.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..RECORDS));
}

#[test]
fn what_an_evicted_worker_had_in_hand_is_redelivered() {
    let queue = lossless(16);
    queue.producer().unwrap().write_batch(&[1, 2]).unwrap();
    let (mut slow, mut other) = (join(&queue, GroupMode::AtLeastOnce), join(&queue, GroupMode::AtLeastOnce));
    assert_eq!(next(&mut slow), Ok((vec![1], false)));
    let busy = queue.consumers().unwrap().into_iter().find(|one| one.index == 0).unwrap();
    assert_eq!((busy.kind, busy.pid), (ConsumerKind::Worker { group: 0, has_claim: true }, std::process::id()));
    assert_eq!(queue.groups().unwrap()[0].unfinished, 0);
    queue.evict(busy.id).unwrap();
    assert_eq!(queue.groups().unwrap()[0].unfinished, 1);
    assert_eq!(queue.evict(busy.id).unwrap_err().kind(), ErrorKind::NoConsumer);

    let mut got = vec![next(&mut other).unwrap(), next(&mut other).unwrap()];
    got.sort();
    assert_eq!(got, [(vec![1], true), (vec![2], false)]);
    assert_eq!(other.claim().map(|_| ()), Err(NotRead::Empty));
    assert_eq!(slow.done().unwrap_err().kind(), ErrorKind::Evicted);
    assert!(matches!(slow.claim().map(|_| ()), Err(NotRead::Failed(e)) if e.kind() == ErrorKind::Evicted));
    let group = &queue.groups().unwrap()[0];
    assert_eq!((group.name.as_str(), group.mode, group.redelivered), ("group", GroupMode::AtLeastOnce, 1));
}

#[test]
fn or_abandoned() {
    let queue = lossless(16);
    queue.producer().unwrap().write(&[1]).unwrap();
    let (mut slow, mut other) = (join(&queue, GroupMode::AtMostOnce), join(&queue, GroupMode::AtMostOnce));
    next(&mut slow).unwrap();
    queue.consumers().unwrap().iter().filter(|one| one.index == 0).for_each(|one| queue.evict(one.id).unwrap());
    match next(&mut other) {
        Err(NotRead::Lost(loss)) => assert_eq!((loss.cause, loss.index), (LossCause::Abandoned, 0)),
        unexpected => panic!("{unexpected:?}"),
    }
}

#[test]
fn groups_are_made_matched_and_removed() {
    let queue = lossless(16);
    let nobody = WorkerOptions::new("group").open(&queue).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NoGroup);
    let options =
        WorkerOptions::new("group").mode(GroupMode::AtLeastOnce).linger(None).stall(Some(Duration::from_secs(1)));
    let mut worker = options.open(&queue).unwrap();
    assert_eq!(
        WorkerOptions::new("group").mode(GroupMode::AtMostOnce).open(&queue).unwrap_err().kind(),
        ErrorKind::Mismatch
    );
    queue.producer().unwrap().write(&[1]).unwrap();
    assert_eq!(*worker.claim().unwrap(), [1]);
    worker.done().unwrap();
    assert_eq!(queue.remove_group("group").unwrap_err().kind(), ErrorKind::Busy);
    drop(worker);
    queue.remove_group("group").unwrap();
    assert_eq!(queue.remove_group("group").unwrap_err().kind(), ErrorKind::NoGroup);
    assert_eq!(queue.groups(), Ok(vec![]));
}

#[test]
fn a_registered_cursor_holds_producers() {
    let queue = lossless(4);
    let mut producer = queue.producer().unwrap();
    producer.write(&[0]).unwrap();
    let consumer = queue.register(None).unwrap();
    assert_eq!(consumer.held_from(), 1);
    producer.write_batch(&[1, 2, 3, 4]).unwrap();
    assert_eq!(producer.write(&[5]), Err(NotWritten::Full));
    let mut cursor = consumer.cursor();
    assert_eq!(cursor.read().unwrap(), 1);
    consumer.acknowledge(cursor.position()).unwrap();
    producer.write(&[5]).unwrap();
    let registered = &queue.consumers().unwrap()[0];
    assert_eq!((registered.kind, registered.liveness), (ConsumerKind::Reader, Liveness::Alive));
    drop(consumer);
    assert_eq!(queue.consumers(), Ok(vec![]));
    producer.write_batch(&[6, 7, 8, 9]).unwrap();
}

#[test]
fn a_registered_cursor_gets_past_gaps_and_resets() {
    let queue = lossless(8);
    let (consumer, mut producer) = (queue.register(None).unwrap(), queue.producer().unwrap());
    let mut cursor = consumer.cursor();
    let brief = Some(Duration::from_millis(5));
    assert_eq!(consumer.wait_until(&mut cursor, brief, Duration::ZERO), Err(NotRead::TimedOut));
    producer.write(&[1]).unwrap();
    assert_eq!(consumer.wait_until(&mut cursor, brief, Duration::ZERO), Ok(()));
    assert_eq!(cursor.read().unwrap(), 1);

    drop(producer.reserve(2).unwrap()); // and never published
    producer.write(&[4]).unwrap();
    assert_eq!(consumer.wait_until(&mut cursor, None, Duration::from_millis(20)), Err(NotRead::TimedOut));
    let gap = NotRead::Lost(Loss { cause: LossCause::Gap, elements: 2, index: 3 });
    assert_eq!(consumer.wait_until(&mut cursor, brief, Duration::from_secs(20)), Err(gap));
    assert_eq!((cursor.position(), cursor.read().unwrap()), (3, 4));

    queue.reset().unwrap();
    let reset = NotRead::Lost(Loss { cause: LossCause::Reset, elements: 0, index: 0 });
    assert_eq!(consumer.acknowledge(4), Err(reset.clone()));
    assert_eq!(consumer.acknowledge(0), Ok(()));
    queue.reset().unwrap();
    assert_eq!(consumer.wait_until(&mut cursor, brief, Duration::ZERO), Err(reset));
    assert_eq!(cursor.position(), 0);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| consumer.wait_until(&mut consumer.cursor(), None, Duration::from_secs(20)));
        while !waiting.is_finished() {
            queue.cancel().unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(waiting.join().unwrap(), Err(NotRead::Cancelled));
    });
    queue.evict(consumer.id()).unwrap();
    let gone = consumer.wait_until(&mut cursor, brief, Duration::ZERO);
    assert!(matches!(gone, Err(NotRead::Failed(e)) if e.kind() == ErrorKind::Evicted));
}

#[test]
fn an_evicted_reader_is_told_once_and_reads_on() {
    let queue = lossless(4);
    let mut reader = ReaderOptions::new().registered(true).open(&queue).unwrap();
    queue.producer().unwrap().write(&[1]).unwrap();
    queue.evict(queue.consumers().unwrap()[0].id).unwrap();
    let mut items: Vec<_> = (0..3).map(|_| reader.read().map(|record| record.to_vec())).collect();
    let told = items.iter().position(|item| matches!(item, Err(NotRead::Failed(e)) if e.kind() == ErrorKind::Evicted));
    let _ = items.remove(told.expect("it is told"));
    assert_eq!(items, [Ok(vec![1]), Err(NotRead::Empty)]);
}
