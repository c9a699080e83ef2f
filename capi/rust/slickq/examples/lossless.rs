//! Delivery without loss: the producer waits for a registered consumer that is slower.

use slickq::{NotWritten, Options, ReaderOptions};
use std::thread;
use std::time::Duration;

const RECORDS: u32 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Options::new().capacity(64).lossless(true).local::<u32>()?;
    let mut reader = ReaderOptions::new().registered(true).open(&queue)?;
    let consumer = thread::spawn(move || {
        let mut expected = 0;
        while expected < RECORDS {
            let batch = reader.read_batch_until(0, Duration::from_secs(10)).expect("nothing is lost");
            for value in batch.values() {
                assert_eq!(*value, expected);
                expected += 1;
            }
            thread::yield_now();
        }
    });

    let mut producer = queue.producer()?;
    let mut times_full = 0;
    for number in 0..RECORDS {
        match producer.write(&[number]) {
            Ok(_) => continue,
            Err(NotWritten::Full) => times_full += 1, // do something else meanwhile, or wait:
            Err(other) => return Err(other.into()),
        }
        producer.write_until(&[number], Duration::from_secs(10))?;
    }
    consumer.join().expect("the consumer got everything");
    println!("{RECORDS} records delivered; the ring was full {times_full} times");
    Ok(())
}
