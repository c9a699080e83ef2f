//! The fastest way: a declared single producer that writes batches, and a reader that takes batches.

use slickq::{NotRead, Options, Start};
use std::thread;
use std::time::{Duration, Instant};

const BATCH: usize = 64;
const BATCHES: u64 = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Options::new().capacity(1 << 16).single_producer(true).prefault(true).local::<u64>()?;
    let mut reader = queue.reader(Start::Oldest)?;
    let total = BATCHES * BATCH as u64;
    let consumer = thread::spawn(move || {
        let (mut received, mut lost) = (0, 0);
        while received + lost < total {
            match reader.read_batch_until(0, Duration::from_secs(10)) {
                Ok(batch) => {
                    // Numbers in order, but for what was lost.
                    assert_eq!(batch.values()[0], received + lost);
                    received += batch.len() as u64;
                }
                Err(NotRead::Lost(loss)) => lost += loss.elements,
                Err(other) => panic!("{other}"),
            }
        }
        (received, lost)
    });

    let mut producer = queue.producer()?; // there is one at a time
    assert!(queue.producer().is_err());
    let started = Instant::now();
    let mut batch = [0; BATCH];
    for number in 0..BATCHES {
        for (at, value) in batch.iter_mut().enumerate() {
            *value = number * BATCH as u64 + at as u64;
        }
        producer.write_batch(&batch)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let (received, lost) = consumer.join().expect("the consumer");
    println!("{:.0} million records a second; {received} received, {lost} lost", total as f64 / seconds / 1e6);
    Ok(())
}
