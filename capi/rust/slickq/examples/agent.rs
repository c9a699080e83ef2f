//! The conformance agent: what the tests of all bindings drive this one by. It obeys requests on stdin, one a line,
//! and answers each with a line. Built on the crate's public interface alone, with elements whose size is known at run
//! time.

use slickq::{
    Claims, Cursor, Deadline, Error, Found, GroupMode, Layout, Loss, LossCause, NotRead, NotWritten, Options,
    PartlyWritten, Queue, Racy, Reader, ReaderOptions, Record, SharedCursor, Start, Worker, WorkerOptions,
};
use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What is answered when a request fails.
struct Refusal(String);

type Answer = Result<String, Refusal>;

const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let mut agent = Agent::default();
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("requests are text");
        if line == "quit" {
            break;
        }
        let answer = agent.obey(&line).unwrap_or_else(|refusal| refusal.0).replace('\n', " ");
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("somebody listens");
    }
}

// ---------------------------------------------------------------- refusals

fn error(status: &str, message: impl std::fmt::Display) -> Refusal {
    Refusal(format!("error {status} {message}"))
}

impl From<Error> for Refusal {
    fn from(failed: Error) -> Self {
        error(failed.name(), failed.message())
    }
}

impl From<NotWritten> for Refusal {
    fn from(why: NotWritten) -> Self {
        match why {
            NotWritten::Full => Refusal("SLICKQ_FULL".into()),
            NotWritten::TimedOut => Refusal("SLICKQ_TIMED_OUT".into()),
            NotWritten::Cancelled => Refusal("SLICKQ_CANCELLED".into()),
            NotWritten::Failed(failed) => failed.into(),
            other => error("UNKNOWN", other),
        }
    }
}

impl From<PartlyWritten> for Refusal {
    fn from(batch: PartlyWritten) -> Self {
        batch.why.into()
    }
}

/// `at`: where reading goes on, which is told where there is nothing to read.
fn not_read(why: NotRead, at: u64) -> Refusal {
    match why {
        NotRead::Empty => Refusal(format!("SLICKQ_EMPTY {at} 0")),
        NotRead::Pending => Refusal(format!("SLICKQ_PENDING {at} 0")),
        NotRead::TimedOut => Refusal("SLICKQ_TIMED_OUT 0 0".into()),
        NotRead::Cancelled => Refusal("SLICKQ_CANCELLED 0 0".into()),
        NotRead::Lost(Loss { cause: LossCause::Corrupt, .. }) => error("SLICKQ_E_CORRUPT", why),
        NotRead::Lost(loss) => Refusal(format!("{} {} {}", loss_name(loss.cause), loss.index, loss.elements)),
        NotRead::Failed(failed) => failed.into(),
        other => error("UNKNOWN", other),
    }
}

fn loss_name(cause: LossCause) -> &'static str {
    match cause {
        LossCause::Lapped => "SLICKQ_LAPPED",
        LossCause::Gap => "SLICKQ_GAP",
        LossCause::Reset => "SLICKQ_RESET",
        LossCause::Abandoned => "SLICKQ_ABANDONED",
        _ => "SLICKQ_UNKNOWN",
    }
}

// ---------------------------------------------------------------- words

struct Words<'a>(std::str::Split<'a, char>);

impl<'a> Words<'a> {
    fn text(&mut self) -> Result<&'a str, Refusal> {
        self.0.next().ok_or_else(|| error("REQUEST", "a word is missing"))
    }

    fn number<N: std::str::FromStr>(&mut self) -> Result<N, Refusal> {
        let word = self.text()?;
        word.parse().map_err(|_| error("REQUEST", format!("{word:?} is no such number")))
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Refusal> {
        let text = self.text()?;
        if text == "-" {
            return Ok(Vec::new());
        }
        let digit = |at: usize| text.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        (0..text.len()).step_by(2).map(|at| digit(at).ok_or_else(|| error("REQUEST", "no hex"))).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes it");
        text
    })
}

fn start(which: u32) -> Result<Start, Refusal> {
    match which {
        0 => Ok(Start::Now),
        1 => Ok(Start::Oldest),
        2 => Ok(Start::Newest),
        other => Err(error("REQUEST", format!("{other} is no start"))),
    }
}

// ---------------------------------------------------------------- records that verify themselves

#[derive(Clone, Copy)]
struct Stream {
    writer: u64,
    first: u64,
    last: u64,
    most: u64,
    element_size: usize,
}

impl Stream {
    fn elements(&self, number: u64) -> u64 {
        1 + (number * 7 + number / 11 + self.writer) % self.most
    }

    fn append(&self, number: u64, bytes: &mut Vec<u8>) {
        let (start, length) = (bytes.len(), self.elements(number) as usize * self.element_size);
        bytes.extend((0..length as u64).map(|j| (self.writer * 131 + number * 31 + j * 7 + 13) as u8));
        let head = length.min(4);
        bytes[start..start + head].copy_from_slice(&(number as u32).to_le_bytes()[..head]);
    }

    fn check(&self, number: u64, found: &[u8]) -> Result<(), Refusal> {
        let mut expected = Vec::new();
        self.append(number, &mut expected);
        if found == expected {
            return Ok(());
        }
        Err(error("BAD", format!("record {number} is {}, not {}", hex(found), hex(&expected))))
    }
}

// ---------------------------------------------------------------- the agent

#[derive(Default)]
struct Agent {
    queue: Option<Queue<u8>>,
    reader: Option<Reader<u8>>,
    worker: Option<(Worker<u8>, String)>,
    cell: Cell,
    cursor: u64, // of consume
}

enum Cell {
    Local(AtomicU64),
    Shared(SharedCursor),
}

impl Default for Cell {
    fn default() -> Self {
        Cell::Local(AtomicU64::new(0))
    }
}

impl std::ops::Deref for Cell {
    type Target = AtomicU64;

    fn deref(&self) -> &AtomicU64 {
        match self {
            Cell::Local(cell) => cell,
            Cell::Shared(cell) => cell,
        }
    }
}

impl Agent {
    fn obey(&mut self, line: &str) -> Answer {
        let mut words = Words(line.split(' '));
        match words.text()? {
            "open" => self.open(&mut words),
            "close" => self.close(),
            "reserve" => self.reserve(words.number()?),
            "fill" => self.fill(words.number()?, &words.bytes()?),
            "publish" => self.publish(words.number()?, words.number()?),
            "write" => self.write(&words.bytes()?),
            "write_batch" => self.write_batch(&words.bytes()?, words.text()?),
            "start" => Ok(format!("ok {}", self.queue()?.position(start(words.number()?)?)?)),
            "read" => self.read(words.number()?),
            "read_copy" => self.read_copy(words.number()?),
            "read_batch" => self.read_batch(words.number()?, words.number()?),
            "cell" => self.open_cell(words.text()?, words.number()?),
            "cell_load" => Ok(format!("ok {}", self.cell.load(Ordering::Acquire))),
            "cell_store" => {
                self.cell.store(words.number()?, Ordering::Release);
                Ok("ok".into())
            }
            "cell_cas" => self.exchange(words.number()?, words.number()?),
            "claim" => self.claim(),
            "read_last" => self.read_last(),
            "next" => Ok(format!("ok {}", self.queue()?.next_index()?)),
            "check" => {
                let is_intact = self.queue()?.is_intact(words.number()?)?;
                Ok(if is_intact { "ok" } else { "SLICKQ_LAPPED" }.into())
            }
            "lost" => Ok(format!("ok {}", self.queue()?.loss_count()?)),
            "reset" => self.queue()?.reset().map(|()| "ok".into()).map_err(Refusal::from),
            "reader" => self.open_reader(&mut words),
            "next_record" => self.next_record(None),
            "next_batch" => self.next_batch(words.number()?),
            "wait_record" => self.next_record(Some(Duration::from_millis(words.number()?).into())),
            "worker" => self.open_worker(words.text()?, words.number()?),
            "work" => self.work(),
            "done" => self.worker()?.done().map(|()| "ok".into()).map_err(Refusal::from),
            "remove" => slickq::remove(words.text()?).map(|()| "ok".into()).map_err(Refusal::from),
            "produce" => self.produce(&self.stream(&mut words)?, None),
            "produce_batch" => self.produce(&self.stream(&mut words)?, Some(words.number()?)),
            "seek" => {
                self.cursor = words.number()?;
                Ok("ok".into())
            }
            "consume" => self.consume(&self.stream(&mut words)?),
            "consume_reader" => {
                let stream = self.stream(&mut words)?;
                self.consume_reader(&stream)
            }
            other => Err(error("UNSUPPORTED", other)),
        }
    }

    fn queue(&self) -> Result<&Queue<u8>, Refusal> {
        self.queue.as_ref().ok_or_else(|| error("REQUEST", "no queue is open"))
    }

    fn reader(&mut self) -> Result<&mut Reader<u8>, Refusal> {
        self.reader.as_mut().ok_or_else(|| error("REQUEST", "no reader is open"))
    }

    fn worker(&mut self) -> Result<&mut Worker<u8>, Refusal> {
        self.worker.as_mut().map(|(worker, _)| worker).ok_or_else(|| error("REQUEST", "no worker is open"))
    }

    fn open(&mut self, words: &mut Words) -> Answer {
        let name = words.text()?;
        let (capacity, element_size, items_per_slot) = (words.number()?, words.number()?, words.number()?);
        let (layout, flags): (u32, u32) = (words.number()?, words.number()?);
        let has = |flag: u32| flags & flag != 0;
        let options = Options::new()
            .capacity(capacity)
            .element_size(element_size)
            .items_per_slot(items_per_slot)
            .layout(Layout::try_from(layout)?)
            .read_only(has(slickq::sys::SLICKQ_OPEN_READ_ONLY))
            .lossless(has(slickq::sys::SLICKQ_OPEN_LOSSLESS))
            .single_producer(has(slickq::sys::SLICKQ_OPEN_SINGLE_PRODUCER))
            .prompt_producer(has(slickq::sys::SLICKQ_OPEN_PROMPT_PRODUCER))
            .prefault(has(slickq::sys::SLICKQ_OPEN_PREFAULT))
            .lock_memory(has(slickq::sys::SLICKQ_OPEN_LOCK_MEMORY))
            .huge_pages(has(slickq::sys::SLICKQ_OPEN_HUGE_PAGES))
            .hugetlb(has(slickq::sys::SLICKQ_OPEN_HUGETLB));
        let queue = match (name, capacity) {
            ("-", _) => options.local(),
            (_, 0) => options.open(name),
            _ => options.open_or_create(name),
        }?;
        let info = queue.info();
        *self = Agent { queue: Some(queue), ..Agent::default() };
        let (created, layout) = (u32::from(info.is_creator), info.layout as u32);
        Ok(format!("ok {created} {} {} {} {layout}", info.capacity, info.element_size, info.items_per_slot))
    }

    fn close(&mut self) -> Answer {
        self.reader = None;
        self.worker = None;
        match self.queue.take() {
            Some(queue) => queue.close().map(|()| "ok".into()).map_err(Refusal::from),
            None => Err(error("REQUEST", "no queue is open")),
        }
    }

    // ------------------------------------------------------------ producing

    fn reserve(&self, count: u32) -> Answer {
        Ok(format!("ok {}", self.queue()?.producer()?.reserve(count)?.index()))
    }

    fn fill(&self, index: u64, bytes: &[u8]) -> Answer {
        let queue = self.queue()?;
        let elements = (bytes.len() / queue.width()) as u32;
        queue.producer()?.reservation(index, elements)?.copy_from_slice(0, bytes);
        Ok("ok".into())
    }

    fn publish(&self, index: u64, count: u32) -> Answer {
        self.queue()?.producer()?.reservation(index, count)?.publish()?;
        Ok("ok".into())
    }

    fn write(&self, bytes: &[u8]) -> Answer {
        Ok(format!("ok {}", self.queue()?.producer()?.write(bytes)?))
    }

    fn write_batch(&self, bytes: &[u8], counts: &str) -> Answer {
        let mut producer = self.queue()?.producer()?;
        let (all, outcome) = if counts == "-" {
            (bytes.len() / self.queue()?.width(), producer.write_batch(bytes))
        } else {
            let counts: Result<Vec<u32>, _> = counts.split(',').map(str::parse).collect();
            let counts = counts.map_err(|_| error("REQUEST", "no counts"))?;
            (counts.len(), producer.write_records(bytes, &counts))
        };
        match outcome {
            Ok(()) => Ok(format!("ok {all}")),
            Err(PartlyWritten { written, why: NotWritten::Full }) if written != 0 => Ok(format!("ok {written}")),
            Err(other) => Err(other.into()),
        }
    }

    fn stream(&self, words: &mut Words) -> Result<Stream, Refusal> {
        let element_size = self.queue()?.width();
        let (writer, first, last, most) = (words.number()?, words.number()?, words.number()?, words.number()?);
        Ok(Stream { writer, first, last, most, element_size })
    }

    fn produce(&self, stream: &Stream, at_once: Option<u64>) -> Answer {
        let mut producer = self.queue()?.producer()?;
        let (mut bytes, mut counts) = (Vec::new(), Vec::new());
        let mut number = stream.first;
        while number < stream.last {
            bytes.clear();
            counts.clear();
            let end = stream.last.min(number + at_once.unwrap_or(1).max(1));
            for one in number..end {
                stream.append(one, &mut bytes);
                counts.push(stream.elements(one) as u32);
            }
            match at_once {
                None => producer.write_until(&bytes, PATIENCE).map(drop)?,
                Some(_) => producer.write_records_until(&bytes, &counts, PATIENCE)?,
            }
            number = end;
        }
        Ok("ok".into())
    }

    // ------------------------------------------------------------ cursors

    fn cursor(&self, position: u64) -> Result<Cursor<'_, u8>, Refusal> {
        Ok(self.queue()?.cursor(Start::Index(position))?)
    }

    /// What was in the ring is answered also if it was being overwritten: a peer's read knows nothing of that.
    fn read(&self, position: u64) -> Answer {
        let mut cursor = self.cursor(position)?;
        let mut seen = None;
        let checked = cursor.read_with(|record| seen = Some(describe(&record)));
        match (seen, checked) {
            (Some(record), _) => Ok(format!("ok {} {record}", cursor.position())),
            (None, Err(NotRead::Empty)) => Ok(format!("empty {}", cursor.position())),
            (None, Err(other)) => Err(not_read(other, cursor.position())),
            (None, Ok(())) => unreachable!("it was not called"),
        }
    }

    fn read_copy(&self, position: u64) -> Answer {
        let mut cursor = self.cursor(position)?;
        let mut bytes = Vec::new();
        match cursor.read_into(&mut bytes) {
            Ok(Found { index, count, .. }) => Ok(format!("ok {} {index} {count} {}", cursor.position(), hex(&bytes))),
            Err(NotRead::Empty) => Ok(format!("empty {}", cursor.position())),
            Err(other) => Err(not_read(other, cursor.position())),
        }
    }

    fn read_batch(&self, position: u64, limit: u32) -> Answer {
        let mut cursor = self.cursor(position)?;
        let read = cursor.read_batch_with(limit, |batch| {
            let mut bytes = Vec::new();
            let mut places = Vec::new();
            for record in batch.iter() {
                places.push(format!("{}:{}", record.index(), record.count()));
                record.append_to(&mut bytes);
            }
            format!("{} {}", places.join(","), hex(&bytes))
        });
        match read {
            Ok(records) => Ok(format!("ok {} {records}", cursor.position())),
            Err(NotRead::Empty) => Ok(format!("empty {}", cursor.position())),
            Err(other) => Err(not_read(other, cursor.position())),
        }
    }

    fn read_last(&self) -> Answer {
        let mut seen = None;
        let checked = self.queue()?.read_last_with(|record| seen = Some(describe(&record)));
        found(seen, checked)
    }

    fn open_cell(&mut self, name: &str, offset: u64) -> Answer {
        self.cell = match name {
            "-" => Cell::default(),
            _ => Cell::Shared(SharedCursor::open_or_create(name, offset, 0, Duration::from_secs(2))?),
        };
        Ok("ok".into())
    }

    fn exchange(&self, expected: u64, desired: u64) -> Answer {
        match self.cell.compare_exchange(expected, desired, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok("ok".into()),
            Err(actual) => Ok(format!("SLICKQ_CHANGED {actual}")),
        }
    }

    fn claim(&self) -> Answer {
        let claims: Claims<'_, u8> = self.queue()?.claims(&self.cell);
        let mut seen = None;
        let checked = claims.read_with(|record| seen = Some(describe(&record)));
        found(seen, checked)
    }

    fn consume(&mut self, stream: &Stream) -> Answer {
        let mut cursor = self.cursor(self.cursor)?;
        let mut bytes = Vec::new();
        for number in stream.first..stream.last {
            let give_up = Instant::now() + PATIENCE;
            loop {
                match cursor.read_into(&mut bytes) {
                    Ok(_) => break stream.check(number, &bytes)?,
                    Err(NotRead::Empty) if Instant::now() < give_up => std::thread::sleep(Duration::from_micros(50)),
                    Err(why) => return Err(error("BAD", format!("record {number}: {why}"))),
                }
            }
        }
        self.cursor = cursor.position();
        Ok(format!("ok {}", self.cursor))
    }

    // ------------------------------------------------------------ readers and workers

    fn open_reader(&mut self, words: &mut Words) -> Answer {
        let options = ReaderOptions::new().start(start(words.number()?)?).batch(words.number()?);
        self.reader = Some(options.registered(words.number::<u32>()? != 0).open(self.queue()?)?);
        Ok("ok".into())
    }

    fn next_record(&mut self, deadline: Option<Deadline>) -> Answer {
        let reader = self.reader()?;
        let read = match deadline {
            None => reader.read(),
            Some(deadline) => reader.read_until(deadline),
        };
        match read {
            Ok(record) => Ok(format!("ok {}", tell(&record))),
            Err(why) => Err(not_read(why, reader.info()?.cursor)),
        }
    }

    fn next_batch(&mut self, limit: u32) -> Answer {
        let reader = self.reader()?;
        match reader.read_batch(limit) {
            Ok(batch) => {
                let places: Vec<_> = batch.iter().map(|one| format!("{}:{}", one.index(), one.count())).collect();
                Ok(format!("ok {} {}", places.join(","), hex(batch.values())))
            }
            Err(why) => Err(not_read(why, reader.info()?.cursor)),
        }
    }

    fn consume_reader(&mut self, stream: &Stream) -> Answer {
        if self.reader.is_none() {
            self.reader = Some(self.queue()?.reader(Start::Index(self.cursor))?);
        }
        let reader = self.reader()?;
        let mut number = stream.first;
        while number < stream.last {
            let left = u32::try_from(stream.last - number).unwrap_or(u32::MAX).min(64);
            match reader.read_batch_until(left, PATIENCE) {
                Ok(batch) => {
                    for record in batch {
                        stream.check(number, &record)?;
                        number += 1;
                    }
                }
                Err(why) => return Err(error("BAD", format!("record {number}: {why}"))),
            }
        }
        Ok("ok".into())
    }

    fn open_worker(&mut self, group: &str, mode: u32) -> Answer {
        let options = WorkerOptions::new(group).start(Start::Oldest);
        let options = match mode {
            slickq::sys::SLICKQ_GROUP_ANY => options,
            slickq::sys::SLICKQ_GROUP_AT_LEAST_ONCE => options.mode(GroupMode::AtLeastOnce),
            slickq::sys::SLICKQ_GROUP_AT_MOST_ONCE => options.mode(GroupMode::AtMostOnce),
            other => return Err(error("REQUEST", format!("{other} is no mode"))),
        };
        self.worker = Some((options.open(self.queue()?)?, group.to_owned()));
        Ok("ok".into())
    }

    fn work(&mut self) -> Answer {
        let why = match self.worker()?.claim() {
            Ok(record) => return Ok(format!("ok {} {}", tell(&record), u32::from(record.is_redelivered()))),
            Err(why) => why,
        };
        let group = self.worker.as_ref().map_or("", |(_, group)| group);
        let at = self.queue()?.groups()?.into_iter().find(|one| one.name == group).map_or(0, |one| one.cursor);
        Err(not_read(why, at))
    }
}

fn describe(record: &Racy<'_, u8>) -> String {
    let mut bytes = Vec::new();
    record.append_to(&mut bytes);
    format!("{} {} {}", record.index(), record.count(), hex(&bytes))
}

fn tell(record: &Record<'_, u8>) -> String {
    format!("{} {} {}", record.index(), record.count(), hex(record))
}

/// As Agent::read().
fn found(seen: Option<String>, checked: Result<(), NotRead>) -> Answer {
    match (seen, checked) {
        (Some(record), _) => Ok(format!("ok {record}")),
        (None, Err(NotRead::Empty)) => Ok("empty".into()),
        (None, Err(other)) => Err(not_read(other, 0)),
        (None, Ok(())) => unreachable!("it was not called"),
    }
}
