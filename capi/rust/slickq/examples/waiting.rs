//! Waiting without burning a core: until a record, a deadline, or another thread that ends it.

use slickq::{Deadline, NotRead, Queue, Start};
use std::thread;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Queue::<u32>::local(64)?;
    let mut reader = queue.reader(Start::Now)?;

    let started = Instant::now();
    assert_eq!(reader.read_until(Duration::from_millis(50)), Err(NotRead::TimedOut));
    println!("nothing came for {:?}", started.elapsed());

    let canceller = reader.canceller();
    let consumer = thread::spawn(move || {
        let mut received = 0;
        loop {
            match reader.read_until(Deadline::FOREVER) {
                Ok(record) => received += record.len(),
                Err(NotRead::Cancelled) => return received,
                Err(other) => panic!("{other}"),
            }
        }
    });
    let mut producer = queue.producer()?;
    for number in 0..5 {
        thread::sleep(Duration::from_millis(10));
        producer.write(&[number])?; // wakes it
    }
    thread::sleep(Duration::from_millis(50));
    canceller.cancel();
    let received = consumer.join().expect("the consumer");
    println!("{received} records, then it was told to stop");
    assert_eq!(received, 5);
    Ok(())
}
