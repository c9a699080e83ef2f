//! A queue that other processes share, in whatever language: lines of text, as records of bytes.
//!
//! ```sh
//! cargo run --example shared recv /lines &      # or: slickq recv lines, or a program in C, C++, Python, Go
//! printf 'one\ntwo\n' | cargo run --example shared send /lines
//! ```

use slickq::{NotRead, Queue, Start};
use std::io::BufRead;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["send", name] => send(name),
        ["recv", name] => receive(name),
        _ => Err("usage: shared send|recv NAME".into()),
    }
}

fn send(name: &str) -> Result<(), Box<dyn std::error::Error>> {
    let queue = Queue::<u8>::open_or_create(name, 1 << 16)?;
    let mut producer = queue.producer()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if !line.is_empty() {
            producer.write(line.as_bytes())?; // a record of as many elements as it has bytes
        }
    }
    Ok(())
}

/// Until nothing has come for a second.
fn receive(name: &str) -> Result<(), Box<dyn std::error::Error>> {
    let queue = Queue::<u8>::open_or_create(name, 1 << 16)?;
    let mut reader = queue.reader(Start::Oldest)?;
    loop {
        match reader.read_until(Duration::from_secs(1)) {
            Ok(record) => println!("{}", String::from_utf8_lossy(&record)),
            Err(NotRead::Lost(loss)) => eprintln!("{loss}"),
            Err(NotRead::TimedOut) => return Ok(()),
            Err(other) => return Err(other.into()),
        }
    }
}
