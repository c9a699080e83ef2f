//! Broadcast: one producer, and consumers that each see every record. Whoever is too slow is told what it lost.

use slickq::{NotRead, Queue, Start};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy)]
#[repr(C)]
struct Tick {
    price: f64,
    number: u64,
}
slickq::impl_pod!(Tick { price: f64, number: u64 });

const TICKS: u64 = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Queue::<Tick>::local(4096)?;
    thread::scope(|scope| -> Result<(), Box<dyn std::error::Error>> {
        for name in ["left", "right"] {
            let mut reader = queue.reader(Start::Oldest)?; // keeps the memory by itself
            scope.spawn(move || {
                let (mut received, mut lost) = (0, 0);
                loop {
                    match reader.read_batch_until(0, Duration::from_secs(10)) {
                        Ok(batch) => {
                            received += batch.len() as u64;
                            if batch.values().last().map(|tick| tick.number) == Some(TICKS - 1) {
                                break;
                            }
                        }
                        Err(NotRead::Lost(loss)) => lost += loss.elements,
                        Err(other) => panic!("{name}: {other}"),
                    }
                }
                println!("{name}: {received} received, {lost} lost");
                assert_eq!(received + lost, TICKS);
            });
        }
        let mut producer = queue.producer()?;
        for number in 0..TICKS {
            producer.write(&[Tick { price: 100.0 + number as f64 / 8.0, number }])?; // never waits
            if number % 500 == 0 {
                thread::sleep(Duration::from_micros(50));
            }
        }
        Ok(())
    })
}
