//! What a call costs, and what this crate adds to it: one thread writes and reads back, through `slickq_sys` alone and
//! through `slickq`, by turns. Prints nanoseconds a record, the median and the range of the runs, and the ratio of the
//! medians.
//!
//! `cargo bench` measures; `cargo bench -- --smoke` runs everything once, to see that it works.

use slickq::{sys, Options, Start};
use std::ptr::{null, null_mut};
use std::time::Instant;

const CAPACITY: u32 = 1024;
const BATCH: usize = 64;

struct Plan {
    runs: usize,
    records: usize, // a run
}

/// One way to write and read, as two loops over so many records.
struct Pair<'a> {
    what: String,
    c: Box<dyn FnMut(usize) + 'a>,
    rust: Box<dyn FnMut(usize) + 'a>,
}

fn nanoseconds(run: &mut dyn FnMut(usize), records: usize) -> f64 {
    let started = Instant::now();
    run(records);
    started.elapsed().as_nanos() as f64 / records as f64
}

fn measure(pair: &mut Pair, plan: &Plan) {
    let (mut c, mut rust) = (Vec::new(), Vec::new());
    nanoseconds(&mut pair.c, plan.records); // warms up
    nanoseconds(&mut pair.rust, plan.records);
    for _ in 0..plan.runs {
        c.push(nanoseconds(&mut pair.c, plan.records));
        rust.push(nanoseconds(&mut pair.rust, plan.records));
    }
    c.sort_by(f64::total_cmp);
    rust.sort_by(f64::total_cmp);
    let (middle, last) = (plan.runs / 2, plan.runs - 1);
    println!(
        "{:44} {:6.1} ({:.1} to {:.1})   {:6.1} ({:.1} to {:.1})   {:.2}",
        pair.what,
        c[middle],
        c[0],
        c[last],
        rust[middle],
        rust[0],
        rust[last],
        rust[middle] / c[middle]
    );
}

fn check(status: sys::slickq_status) {
    assert_eq!(status, sys::SLICKQ_OK);
}

fn record() -> sys::slickq_record {
    sys::slickq_record { data: null(), index: 0, lost: 0, count: 0, flags: 0 }
}

// ---------------------------------------------------------------- the same in C's calls

/// One record of one element.
fn c_write<const N: usize>(queue: *mut sys::slickq_queue, value: &[u64; N]) {
    // SAFETY: an open handle, and one element.
    check(unsafe { sys::slickq_queue_write(queue, value.as_ptr().cast(), 1, null_mut()) });
}

fn one_by_one<const N: usize>(plan: &Plan, options: &Options, what: &str) {
    // Two queues: each cursor is always at the end of its own.
    let (for_c, for_rust) = (options.local::<[u64; N]>().unwrap(), options.local::<[u64; N]>().unwrap());
    let mut position = 0;
    let c = |records: usize| {
        let (queue, mut back, mut found) = (for_c.as_raw(), [0u64; N], record());
        for number in 0..records {
            c_write(queue, &[number as u64; N]);
            // SAFETY: an open handle, a buffer of this size, and out parameters.
            check(unsafe {
                sys::slickq_queue_read_copy(queue, &mut position, back.as_mut_ptr().cast(), N * 8, &mut found)
            });
            assert_eq!(back[N - 1], number as u64);
        }
    };
    let mut producer = for_rust.producer().unwrap();
    let mut cursor = for_rust.cursor(Start::Oldest).unwrap();
    let rust = |records: usize| {
        for number in 0..records {
            producer.write(&[[number as u64; N]]).unwrap();
            assert_eq!(cursor.read().unwrap()[N - 1], number as u64);
        }
    };
    let what = format!("{what}, {} B: write, copying read", N * 8);
    measure(&mut Pair { what, c: Box::new(c), rust: Box::new(rust) }, plan);
}

fn zero_copy<const N: usize>(plan: &Plan, options: &Options) {
    let (for_c, for_rust) = (options.local::<[u64; N]>().unwrap(), options.local::<[u64; N]>().unwrap());
    let mut position = 0;
    let c = |records: usize| {
        let (queue, mut index, mut room, mut found) = (for_c.as_raw(), 0, null_mut(), record());
        for number in 0..records {
            // SAFETY: an open handle and out parameters; the room is for one element, and there is one thread.
            unsafe {
                check(sys::slickq_queue_reserve(queue, 1, &mut index));
                check(sys::slickq_queue_at(queue, index, &mut room));
                room.cast::<[u64; N]>().write([number as u64; N]);
                check(sys::slickq_queue_publish(queue, index, 1));
                check(sys::slickq_queue_read(queue, &mut position, &mut found));
                let back = found.data.cast::<[u64; N]>().read();
                check(sys::slickq_queue_validate(queue, found.index));
                assert_eq!(back[N - 1], number as u64);
            }
        }
    };
    let mut producer = for_rust.producer().unwrap();
    let mut cursor = for_rust.cursor(Start::Oldest).unwrap();
    let rust = |records: usize| {
        for number in 0..records {
            let mut room = producer.reserve(1).unwrap();
            room.set(0, [number as u64; N]);
            room.publish().unwrap();
            assert_eq!(cursor.read_with(|found| found.get(0)).unwrap()[N - 1], number as u64);
        }
    };
    let what = format!("{} B: in place, zero-copy read, check", N * 8);
    measure(&mut Pair { what, c: Box::new(c), rust: Box::new(rust) }, plan);
}

fn through_a_reader<const N: usize>(plan: &Plan, options: &Options) {
    let (for_c, for_rust) = (options.local::<[u64; N]>().unwrap(), options.local::<[u64; N]>().unwrap());
    let mut raw = null_mut();
    // SAFETY: an open handle and one out parameter.
    check(unsafe { sys::slickq_reader_open(for_c.as_raw(), null(), &mut raw) });
    let c = |records: usize| {
        let mut found = record();
        for number in 0..records {
            c_write(for_c.as_raw(), &[number as u64; N]);
            // SAFETY: an open handle; what it hands out is one element.
            let back = unsafe {
                check(sys::slickq_reader_read(raw, &mut found));
                found.data.cast::<[u64; N]>().read()
            };
            assert_eq!(back[N - 1], number as u64);
        }
    };
    let mut producer = for_rust.producer().unwrap();
    let mut reader = for_rust.reader(Start::Now).unwrap();
    let rust = |records: usize| {
        for number in 0..records {
            producer.write(&[[number as u64; N]]).unwrap();
            assert_eq!(reader.read().unwrap()[0][N - 1], number as u64);
        }
    };
    let what = format!("{} B: write, validated reader", N * 8);
    measure(&mut Pair { what, c: Box::new(c), rust: Box::new(rust) }, plan);
    // SAFETY: open, and used no more.
    check(unsafe { sys::slickq_reader_close(raw) });
}

fn batches<const N: usize>(plan: &Plan, options: &Options, what: &str) {
    let (for_c, for_rust) = (options.local::<[u64; N]>().unwrap(), options.local::<[u64; N]>().unwrap());
    let elements = [[7u64; N]; BATCH];
    let mut raw = null_mut();
    // SAFETY: an open handle and one out parameter.
    check(unsafe { sys::slickq_reader_open(for_c.as_raw(), null(), &mut raw) });
    let sum = |elements: &[[u64; N]]| elements.iter().map(|one| one[0]).sum::<u64>();
    let c = |records: usize| {
        let (mut written, mut found) = (0, no_batch());
        for _ in 0..records / BATCH {
            // SAFETY: an open handle and so many elements; what the reader hands out is as many.
            let values = unsafe {
                let queue = for_c.as_raw();
                check(sys::slickq_queue_write_batch(
                    queue,
                    elements.as_ptr().cast(),
                    null(),
                    BATCH as u32,
                    &mut written,
                ));
                check(sys::slickq_reader_read_batch(raw, BATCH as u32, &mut found));
                std::slice::from_raw_parts(found.data.cast::<[u64; N]>(), found.elements as usize)
            };
            assert_eq!(sum(values), 7 * BATCH as u64);
        }
    };
    let mut producer = for_rust.producer().unwrap();
    let mut reader = for_rust.reader(Start::Now).unwrap();
    let rust = |records: usize| {
        for _ in 0..records / BATCH {
            producer.write_batch(&elements).unwrap();
            assert_eq!(sum(reader.read_batch(BATCH as u32).unwrap().values()), 7 * BATCH as u64);
        }
    };
    let what = format!("{what}, {} B: batches of {BATCH}, reader", N * 8);
    measure(&mut Pair { what, c: Box::new(c), rust: Box::new(rust) }, plan);
    // SAFETY: open, and used no more.
    check(unsafe { sys::slickq_reader_close(raw) });
}

fn no_batch() -> sys::slickq_batch {
    sys::slickq_batch { data: null(), entries: null(), index: 0, lost: 0, records: 0, elements: 0 }
}

fn main() {
    let is_smoke = std::env::args().any(|word| word == "--smoke");
    let plan = if is_smoke { Plan { runs: 1, records: 10 * BATCH } } else { Plan { runs: 33, records: 200_000 } };
    println!("nanoseconds a record, {} runs of {} records; medians, least and most", plan.runs, plan.records);
    println!("{:44} {:21}    {:21}  ratio", "", "C calls", "slickq");
    let many = Options::new().capacity(CAPACITY);
    let single = many.clone().single_producer(true);
    one_by_one::<1>(&plan, &many, "any producers");
    one_by_one::<8>(&plan, &many, "any producers");
    one_by_one::<1>(&plan, &single, "single producer");
    zero_copy::<1>(&plan, &many);
    zero_copy::<8>(&plan, &many);
    through_a_reader::<1>(&plan, &many);
    through_a_reader::<8>(&plan, &many);
    batches::<1>(&plan, &many, "any producers");
    batches::<8>(&plan, &many, "any producers");
    batches::<1>(&plan, &single, "single producer");
}
