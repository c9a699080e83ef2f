//! Work sharing: a group of workers, each record to one of them. One is evicted with a claimed record, as if it had
//! died: another one gets that again.

use slickq::{GroupMode, NotRead, Options, Start, WorkerOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const JOBS: u64 = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let queue = Options::new().capacity(256).lossless(true).local::<u64>()?;
    let options = WorkerOptions::new("sums").mode(GroupMode::AtLeastOnce).start(Start::Oldest);

    queue.producer()?.write(&[0])?;
    let mut unlucky = options.open(&queue)?;
    println!("in hand when it is evicted: {:?}", unlucky.claim()?.values());
    for one in queue.consumers()? {
        queue.evict(one.id)?;
    }

    let sum = AtomicU64::new(0);
    thread::scope(|scope| -> Result<(), Box<dyn std::error::Error>> {
        let mut cancellers = Vec::new();
        for _ in 0..3 {
            let mut worker = options.open(&queue)?;
            cancellers.push(worker.canceller());
            let sum = &sum;
            scope.spawn(move || loop {
                match worker.claim_until(Duration::from_secs(10)) {
                    Ok(job) => {
                        if job.is_redelivered() {
                            println!("redelivered: {:?}", job.values());
                        }
                        sum.fetch_add(job[0], Ordering::Relaxed);
                    }
                    Err(NotRead::Cancelled) => break,
                    Err(other) => panic!("{other}"),
                }
            });
        }
        let mut producer = queue.producer()?;
        for job in 1..JOBS {
            producer.write_until(&[job], Duration::from_secs(10))?;
        }
        // Done when nothing is left to claim, and another worker has got what the unlucky one had; what is in hand
        // they finish.
        let is_busy = || -> slickq::Result<bool> {
            let group = &queue.groups()?[0];
            Ok(group.lag != 0 || group.redelivered == 0)
        };
        while is_busy()? {
            thread::sleep(Duration::from_millis(1));
        }
        for canceller in &cancellers {
            canceller.cancel();
        }
        Ok(())
    })?;
    assert_eq!(sum.into_inner(), (0..JOBS).sum());
    println!("{:?}", queue.groups()?[0]);
    Ok(())
}
