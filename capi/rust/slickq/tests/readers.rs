//! Validated readers.

use slickq::{AfterLap, Deadline, Loss, LossCause, NotRead, Options, Queue, ReaderOptions, Start};
use std::thread;
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn records_and_batches() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = queue.reader(Start::Now).unwrap();
    assert_eq!(reader.read().map(|_| ()), Err(NotRead::Empty));
    queue.producer().unwrap().write_records(&[1, 2, 3, 4, 5, 6], &[1, 2, 2, 1]).unwrap();

    let record = reader.read().unwrap();
    assert_eq!((record.values(), record.index(), record.count()), (&[1][..], 0, 1));
    let batch = reader.read_batch(2).unwrap();
    assert_eq!((batch.len(), batch.values()), (2, &[2, 3, 4, 5][..]));
    let records: Vec<_> = batch.iter().map(|one| (one.index(), one.values().to_vec())).collect();
    assert_eq!(records, [(1, vec![2, 3]), (3, vec![4, 5])]);
    assert_eq!(reader.read_batch(0).unwrap().iter().len(), 1);

    let info = reader.info().unwrap();
    assert_eq!((info.cursor, info.lag, info.received_records, info.received_elements), (6, 0, 4, 6));
}

#[test]
fn elements_of_several_values() {
    let queue = Options::new().capacity(8).element_size(12).local::<f32>().unwrap();
    queue.producer().unwrap().write_batch(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    let mut reader = queue.reader(Start::Oldest).unwrap();
    let batch = reader.read_batch(0).unwrap();
    let records: Vec<_> = batch.into_iter().map(|one| one.to_vec()).collect();
    assert_eq!(records, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
}

#[test]
fn alignments_up_to_16() {
    let queue = Queue::<u128>::local(8).unwrap();
    queue.producer().unwrap().write_batch(&[u128::MAX, 1]).unwrap();
    assert_eq!(queue.reader(Start::Oldest).unwrap().read_batch(0).unwrap().values(), [u128::MAX, 1]);
    assert_eq!(queue.cursor(Start::Oldest).unwrap().read_with(|record| record.get(0)), Ok(u128::MAX));
}

#[test]
fn iterating() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = queue.reader(Start::Oldest).unwrap();
    let mut producer = queue.producer().unwrap();
    producer.write_records(&[1, 2, 3, 4], &[1, 2, 1]).unwrap();
    // Who stops early finds the other records there.
    assert_eq!(reader.iter().take(1).collect::<Result<Vec<_>, _>>(), Ok(vec![1]));
    assert_eq!(reader.iter().collect::<Result<Vec<_>, _>>(), Ok(vec![2, 3, 4]));
    assert_eq!(reader.iter().next(), None);

    // A loss is an item, and the iteration goes on.
    producer.write_batch(&(0..40).collect::<Vec<_>>()).unwrap();
    let items: Vec<_> = reader.iter().collect();
    assert!(matches!(items[0], Err(NotRead::Lost(Loss { cause: LossCause::Lapped, .. }))), "{items:?}");
    assert_eq!(items.last(), Some(&Ok(39)));
    assert!(items[1..].iter().all(Result::is_ok));

    let numbers = thread::scope(|scope| {
        let waiting = scope.spawn(|| reader.iter_until(LONG).take(3).collect::<Result<Vec<_>, _>>());
        producer.write_batch(&[7, 8, 9]).unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(numbers, Ok(vec![7, 8, 9]));
    assert_eq!(reader.iter_until(Duration::from_millis(5)).next(), None);
}

#[test]
fn losses_add_up() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = ReaderOptions::new().after_lap(AfterLap::Oldest).slack(4).batch(8).open(&queue).unwrap();
    queue.producer().unwrap().write_batch(&(0..100).collect::<Vec<_>>()).unwrap();
    let lost = match reader.read().map(|_| ()) {
        Err(NotRead::Lost(Loss { cause: LossCause::Lapped, elements, index })) => {
            assert_eq!(elements, index);
            elements
        }
        other => panic!("{other:?}"),
    };
    let values: Vec<u32> = reader.iter().map(Result::unwrap).collect();
    assert!(values.iter().copied().eq(lost as u32..100), "{values:?}");
    let info = reader.info().unwrap();
    assert_eq!(info.received_elements + info.lost_lapped + info.lost_gap + info.lost_torn + info.lost_reset, 100);

    let mut newest = ReaderOptions::new().start(Start::Index(0)).after_lap(AfterLap::Newest).open(&queue).unwrap();
    assert!(matches!(newest.read().map(|_| ()), Err(NotRead::Lost(_))));
    assert_eq!(*newest.read().unwrap(), [99]);
}

#[test]
fn holes_and_resets_are_told_apart() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = ReaderOptions::new().stall(Some(Duration::from_millis(20))).open(&queue).unwrap();
    let mut producer = queue.producer().unwrap();
    drop(producer.reserve(2).unwrap()); // as if its producer had died
    producer.write(&[5]).unwrap();
    assert_eq!(reader.read().map(|_| ()), Err(NotRead::Pending));
    let lost = reader.read_until(LONG).map(|_| ());
    assert_eq!(lost, Err(NotRead::Lost(Loss { cause: LossCause::Gap, elements: 2, index: 2 })));
    assert_eq!(*reader.read().unwrap(), [5]);

    producer.write_batch(&[6, 7]).unwrap();
    queue.reset().unwrap();
    let lost = reader.read().map(|_| ());
    assert_eq!(lost, Err(NotRead::Lost(Loss { cause: LossCause::Reset, elements: 2, index: 0 })));
    assert_eq!(reader.info().unwrap().resets, 1);

    let mut patient = ReaderOptions::new().stall(None).open(&queue).unwrap();
    drop(producer.reserve(1).unwrap());
    assert_eq!(patient.read_until(Duration::from_millis(30)).map(|_| ()), Err(NotRead::TimedOut));
}

#[test]
fn a_wait_ends() {
    let queue = Queue::<u32>::local(16).unwrap();
    let mut reader = queue.reader(Start::Now).unwrap();
    let started = Instant::now();
    assert_eq!(reader.read_until(Duration::from_millis(20)).map(|_| ()), Err(NotRead::TimedOut));
    assert!(started.elapsed() >= Duration::from_millis(20));
    assert_eq!(reader.read_batch_until(0, Instant::now()).map(|_| ()), Err(NotRead::TimedOut));

    let canceller = reader.canceller();
    assert!(canceller.cancel()); // the next wait, if there is none
    assert_eq!(reader.read_until(Deadline::FOREVER).map(|_| ()), Err(NotRead::Cancelled));
    let waiting = thread::spawn(move || reader.read_until(Deadline::FOREVER).map(|_| ()));
    thread::sleep(Duration::from_millis(20));
    assert!(canceller.cancel());
    assert_eq!(waiting.join().unwrap(), Err(NotRead::Cancelled));
    let another = canceller.clone();
    assert!(!canceller.cancel() && !another.cancel(), "the reader is closed");
}

#[test]
fn cancelling_races_with_closing() {
    let queue = Queue::<u32>::local(16).unwrap();
    for _ in 0..500 {
        let reader = queue.reader(Start::Now).unwrap();
        let canceller = reader.canceller();
        thread::scope(|scope| {
            scope.spawn(move || while canceller.cancel() {});
            drop(reader);
        });
    }
}

#[test]
fn a_reader_outlives_the_queue() {
    let queue = Queue::<u32>::local(16).unwrap();
    queue.producer().unwrap().write(&[1, 2]).unwrap();
    let mut reader = queue.reader(Start::Oldest).unwrap();
    drop(queue);
    assert_eq!(*reader.read().unwrap(), [1, 2]);
}
