//! The C API of libslickq, as `slickq/slickq.h` declares it: the contract of every item here is written there.
//!
//! Names are those of the header. Rust programs are better served by the crate `slickq`, which is safe.
//!
//! How the library is found: see `build.rs`. That everything here agrees with the header is the test `tests/abi.rs`,
//! which reads this file: it relies on one field, constant or argument list following the other in this plain style.

#![allow(non_camel_case_types)]

use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_void};

// ---------------------------------------------------------------- version

/// The ABI that these declarations describe; the library's must be equal or higher.
pub const SLICKQ_ABI_VERSION: u32 = 1;

// ---------------------------------------------------------------- status

pub type slickq_status = c_int;

pub const SLICKQ_OK: slickq_status = 0;
pub const SLICKQ_EMPTY: slickq_status = 1;
pub const SLICKQ_CHANGED: slickq_status = 2;
pub const SLICKQ_PENDING: slickq_status = 3;
pub const SLICKQ_LAPPED: slickq_status = 4;
pub const SLICKQ_FULL: slickq_status = 5;
pub const SLICKQ_TIMED_OUT: slickq_status = 6;
pub const SLICKQ_GAP: slickq_status = 7;
pub const SLICKQ_RESET: slickq_status = 8;
pub const SLICKQ_CANCELLED: slickq_status = 9;
pub const SLICKQ_ABANDONED: slickq_status = 10;
pub const SLICKQ_E_NULL: slickq_status = -1;
pub const SLICKQ_E_HANDLE: slickq_status = -2;
pub const SLICKQ_E_ARGUMENT: slickq_status = -3;
pub const SLICKQ_E_NAME: slickq_status = -4;
pub const SLICKQ_E_BUFFER: slickq_status = -5;
pub const SLICKQ_E_READ_ONLY: slickq_status = -6;
pub const SLICKQ_E_UNSUPPORTED: slickq_status = -7;
pub const SLICKQ_E_NOT_FOUND: slickq_status = -20;
pub const SLICKQ_E_EXISTS: slickq_status = -21;
pub const SLICKQ_E_ACCESS: slickq_status = -22;
pub const SLICKQ_E_NO_SPACE: slickq_status = -23;
pub const SLICKQ_E_NO_MEMORY: slickq_status = -24;
pub const SLICKQ_E_LIMIT: slickq_status = -25;
pub const SLICKQ_E_OS: slickq_status = -26;
pub const SLICKQ_E_NO_LENGTH: slickq_status = -40;
pub const SLICKQ_E_NOT_READY: slickq_status = -41;
pub const SLICKQ_E_HALF_MADE: slickq_status = -42;
pub const SLICKQ_E_NOT_A_QUEUE: slickq_status = -43;
pub const SLICKQ_E_NEWER: slickq_status = -44;
pub const SLICKQ_E_TRUNCATED: slickq_status = -45;
pub const SLICKQ_E_CORRUPT: slickq_status = -46;
pub const SLICKQ_E_MISMATCH: slickq_status = -47;
pub const SLICKQ_E_STALE: slickq_status = -60;
pub const SLICKQ_E_NOT_RESERVED: slickq_status = -61;
pub const SLICKQ_E_SECOND_PRODUCER: slickq_status = -62;
pub const SLICKQ_E_HALF_RESET: slickq_status = -70;
pub const SLICKQ_E_EVICTED: slickq_status = -71;
pub const SLICKQ_E_NO_CONSUMER: slickq_status = -72;
pub const SLICKQ_E_NO_GROUP: slickq_status = -73;
pub const SLICKQ_E_BUSY: slickq_status = -74;
pub const SLICKQ_E_INTERNAL: slickq_status = -90;

// ---------------------------------------------------------------- numbers

pub const SLICKQ_LAYOUT_ANY: u32 = 0;
pub const SLICKQ_LAYOUT_SLQ0: u32 = 1;
pub const SLICKQ_LAYOUT_SLQ1: u32 = 2;
pub const SLICKQ_LAYOUT_SLQ2: u32 = 3;
pub const SLICKQ_LAYOUT_SLQ3: u32 = 4;
pub const SLICKQ_LAYOUT_PACKED: u32 = 5;
pub const SLICKQ_LAYOUT_WIDE: u32 = 6;

pub const SLICKQ_OPEN_READ_ONLY: u32 = 1;
pub const SLICKQ_OPEN_LOSSLESS: u32 = 2;
pub const SLICKQ_OPEN_SINGLE_PRODUCER: u32 = 4;
pub const SLICKQ_OPEN_PREFAULT: u32 = 8;
pub const SLICKQ_OPEN_LOCK_MEMORY: u32 = 16;
pub const SLICKQ_OPEN_HUGE_PAGES: u32 = 32;
pub const SLICKQ_OPEN_HUGETLB: u32 = 64;
pub const SLICKQ_OPEN_PROMPT_PRODUCER: u32 = 128;
pub const SLICKQ_OPEN_HALF_RESET: u32 = 256;

pub const SLICKQ_TIMEOUT_DEFAULT: i64 = 0;
pub const SLICKQ_TIMEOUT_FOREVER: i64 = -1;
pub const SLICKQ_TIMEOUT_NONE: i64 = 1;

pub const SLICKQ_INFO_CREATOR: u32 = 1;
pub const SLICKQ_INFO_SHARED: u32 = 2;
pub const SLICKQ_INFO_READ_ONLY: u32 = 4;
pub const SLICKQ_INFO_LOSSLESS: u32 = 8;
pub const SLICKQ_INFO_SINGLE_PRODUCER: u32 = 16;
pub const SLICKQ_INFO_LOCKED: u32 = 32;
pub const SLICKQ_INFO_HUGE_PAGES: u32 = 64;
pub const SLICKQ_INFO_HUGETLB: u32 = 128;
pub const SLICKQ_INFO_PROMPT_PRODUCER: u32 = 256;

pub const SLICKQ_RECORD_REDELIVERED: u32 = 1;

pub const SLICKQ_START_NOW: u32 = 0;
pub const SLICKQ_START_OLDEST: u32 = 1;
pub const SLICKQ_START_NEWEST: u32 = 2;
pub const SLICKQ_START_INDEX: u32 = 3;

pub const SLICKQ_AFTER_LAP_OLDEST: u32 = 0;
pub const SLICKQ_AFTER_LAP_NEWEST: u32 = 1;
pub const SLICKQ_AFTER_LAP_COMPAT: u32 = 2;

pub const SLICKQ_STALL_DEFAULT: i64 = 0;
pub const SLICKQ_STALL_NEVER: i64 = -1;

pub const SLICKQ_READER_REGISTERED: u32 = 1;

pub const SLICKQ_FOREVER: i64 = i64::MAX;
pub const SLICKQ_NO_INDEX: u64 = u64::MAX;

pub const SLICKQ_MAX_CONSUMERS: u32 = 64;
pub const SLICKQ_CONSUMER_READER: u32 = 2;
pub const SLICKQ_CONSUMER_WORKER: u32 = 3;
pub const SLICKQ_CONSUMER_EVICTED: u32 = 4;

pub const SLICKQ_STRUCT_OPTIONS: u32 = 1;
pub const SLICKQ_STRUCT_QUEUE_INFO: u32 = 2;
pub const SLICKQ_STRUCT_READER_OPTIONS: u32 = 3;
pub const SLICKQ_STRUCT_READER_INFO: u32 = 4;
pub const SLICKQ_STRUCT_CONSUMER_INFO: u32 = 5;
pub const SLICKQ_STRUCT_WORKER_OPTIONS: u32 = 6;
pub const SLICKQ_STRUCT_GROUP_INFO: u32 = 7;
pub const SLICKQ_STRUCT_INSPECTION: u32 = 8;
pub const SLICKQ_STRUCT_EPOCH_INFO: u32 = 9;

pub const SLICKQ_GROUP_ANY: u32 = 0;
pub const SLICKQ_GROUP_AT_LEAST_ONCE: u32 = 2;
pub const SLICKQ_GROUP_AT_MOST_ONCE: u32 = 3;
pub const SLICKQ_LINGER_DEFAULT: i64 = 0;
pub const SLICKQ_LINGER_FOREVER: i64 = -1;
pub const SLICKQ_MAX_GROUPS: u32 = 8;

pub const SLICKQ_NAME_OURS: u32 = 0;
pub const SLICKQ_NAME_GONE: u32 = 1;
pub const SLICKQ_NAME_TAKEN: u32 = 2;

// ---------------------------------------------------------------- handles

macro_rules! handles {
    ($($name:ident)*) => {$(
        /// A handle: only ever used behind a pointer that the library gave out.
        #[repr(C)]
        pub struct $name {
            _private: [u8; 0],
            _not_send_not_unpin: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}
handles!(slickq_queue slickq_reader slickq_worker slickq_cursor);

// ---------------------------------------------------------------- structs

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_options {
    pub struct_size: u32,
    pub flags: u32,
    pub capacity: u32,
    pub element_size: u32,
    pub items_per_slot: u32,
    pub layout: u32,
    pub permissions: u32,
    pub reserved: u32,
    pub timeout_ns: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_queue_info {
    pub struct_size: u32,
    pub flags: u32,
    pub layout: u32,
    pub capacity: u32,
    pub element_size: u32,
    pub items_per_slot: u32,
    pub slot_count: u32,
    pub reserved: u32,
    pub base: *mut c_void,
    pub length: u64,
    pub data_offset: u64,
    pub name: *const c_char,
    pub extension_offset: u64,
    pub identity: [u8; 16],
    pub created_ns: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_epoch_info {
    pub struct_size: u32,
    pub is_resetting: u32,
    pub resets: u64,
    pub reserved_before: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_record {
    pub data: *const c_void,
    pub index: u64,
    pub lost: u64,
    pub count: u32,
    pub flags: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_reader_options {
    pub struct_size: u32,
    pub start: u32,
    pub start_index: u64,
    pub after_lap: u32,
    pub slack: u32,
    pub batch: u32,
    pub flags: u32,
    pub stall_ns: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_entry {
    pub index: u64,
    pub count: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_batch {
    pub data: *const c_void,
    pub entries: *const slickq_entry,
    pub index: u64,
    pub lost: u64,
    pub records: u32,
    pub elements: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_reader_info {
    pub struct_size: u32,
    pub resets: u32,
    pub cursor: u64,
    pub lag: u64,
    pub received_records: u64,
    pub received_elements: u64,
    pub lost_lapped: u64,
    pub lost_gap: u64,
    pub lost_torn: u64,
    pub lost_reset: u64,
    pub pending_ns: u64,
    pub suspect_elements: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_consumer_info {
    pub struct_size: u32,
    pub kind: u32,
    pub id: u64,
    pub pid: u32,
    pub is_alive: u32,
    pub group: u32,
    pub has_claim: u32,
    pub index: u64,
    pub lag: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_worker_options {
    pub struct_size: u32,
    pub mode: u32,
    pub group: *const c_char,
    pub start: u32,
    pub reserved: u32,
    pub stall_ns: i64,
    pub linger_ns: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_group_info {
    pub struct_size: u32,
    pub mode: u32,
    pub name: [c_char; 24],
    pub cursor: u64,
    pub lag: u64,
    pub redelivered: u64,
    pub abandoned: u64,
    pub lost: u64,
    pub workers: u32,
    pub is_waited_for: u32,
    pub unfinished: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct slickq_inspection {
    pub struct_size: u32,
    pub verdict: slickq_status,
    pub length: u64,
    pub required_length: u64,
    pub layout: u32,
    pub marker: u32,
    pub init_state: u32,
    pub capacity: u32,
    pub element_size: u32,
    pub items_per_slot: u32,
    pub next_index: u64,
    pub last_published: u64,
    pub oldest_index: u64,
    pub published: u64,
    pub identity: [u8; 16],
    pub created_ns: i64,
    pub late_publishes: u64,
}

// ---------------------------------------------------------------- functions

extern "C" {
    pub fn slickq_version() -> u32;
    pub fn slickq_version_string() -> *const c_char;
    pub fn slickq_abi_version() -> u32;

    pub fn slickq_status_name(status: slickq_status) -> *const c_char;
    pub fn slickq_status_text(status: slickq_status) -> *const c_char;
    pub fn slickq_last_message() -> *const c_char;
    pub fn slickq_last_os_error() -> c_int;

    pub fn slickq_layout_name(layout: u32) -> *const c_char;
    pub fn slickq_platform_check(layout: u32, sentence: *mut *const c_char) -> slickq_status;

    pub fn slickq_queue_create_local(options: *const slickq_options, queue: *mut *mut slickq_queue) -> slickq_status;
    pub fn slickq_queue_create(
        name: *const c_char,
        options: *const slickq_options,
        queue: *mut *mut slickq_queue,
    ) -> slickq_status;
    pub fn slickq_queue_open(
        name: *const c_char,
        options: *const slickq_options,
        queue: *mut *mut slickq_queue,
    ) -> slickq_status;
    pub fn slickq_queue_open_or_create(
        name: *const c_char,
        options: *const slickq_options,
        queue: *mut *mut slickq_queue,
    ) -> slickq_status;
    pub fn slickq_queue_close(queue: *mut slickq_queue) -> slickq_status;
    pub fn slickq_segment_remove(name: *const c_char) -> slickq_status;
    pub fn slickq_queue_get_info(queue: *mut slickq_queue, info: *mut slickq_queue_info) -> slickq_status;
    pub fn slickq_queue_epoch(queue: *mut slickq_queue, info: *mut slickq_epoch_info) -> slickq_status;

    pub fn slickq_queue_reserve(queue: *mut slickq_queue, count: u32, index: *mut u64) -> slickq_status;
    pub fn slickq_queue_at(queue: *mut slickq_queue, index: u64, elements: *mut *mut c_void) -> slickq_status;
    pub fn slickq_queue_publish(queue: *mut slickq_queue, index: u64, count: u32) -> slickq_status;
    pub fn slickq_queue_write(
        queue: *mut slickq_queue,
        elements: *const c_void,
        count: u32,
        index: *mut u64,
    ) -> slickq_status;
    pub fn slickq_queue_write_batch(
        queue: *mut slickq_queue,
        elements: *const c_void,
        counts: *const u32,
        records: u32,
        written: *mut u32,
    ) -> slickq_status;

    pub fn slickq_queue_cursor_at(queue: *mut slickq_queue, start: u32, cursor: *mut u64) -> slickq_status;
    pub fn slickq_queue_next_index(queue: *mut slickq_queue, index: *mut u64) -> slickq_status;
    pub fn slickq_queue_read(queue: *mut slickq_queue, cursor: *mut u64, record: *mut slickq_record) -> slickq_status;
    pub fn slickq_queue_validate(queue: *mut slickq_queue, index: u64) -> slickq_status;
    pub fn slickq_queue_read_copy(
        queue: *mut slickq_queue,
        cursor: *mut u64,
        buffer: *mut c_void,
        buffer_size: usize,
        record: *mut slickq_record,
    ) -> slickq_status;
    pub fn slickq_queue_read_shared(
        queue: *mut slickq_queue,
        cell: *mut u64,
        record: *mut slickq_record,
    ) -> slickq_status;
    pub fn slickq_queue_read_shared_copy(
        queue: *mut slickq_queue,
        cell: *mut u64,
        buffer: *mut c_void,
        buffer_size: usize,
        record: *mut slickq_record,
    ) -> slickq_status;
    pub fn slickq_queue_read_batch(
        queue: *mut slickq_queue,
        cursor: *mut u64,
        records: *mut slickq_record,
        limit: u32,
        count: *mut u32,
    ) -> slickq_status;
    pub fn slickq_queue_read_last(queue: *mut slickq_queue, record: *mut slickq_record) -> slickq_status;
    pub fn slickq_queue_loss_count(queue: *mut slickq_queue, elements: *mut u64) -> slickq_status;
    pub fn slickq_queue_reset(queue: *mut slickq_queue) -> slickq_status;

    pub fn slickq_reader_open(
        queue: *mut slickq_queue,
        options: *const slickq_reader_options,
        reader: *mut *mut slickq_reader,
    ) -> slickq_status;
    pub fn slickq_reader_close(reader: *mut slickq_reader) -> slickq_status;
    pub fn slickq_reader_read(reader: *mut slickq_reader, record: *mut slickq_record) -> slickq_status;
    pub fn slickq_reader_read_batch(reader: *mut slickq_reader, limit: u32, batch: *mut slickq_batch) -> slickq_status;
    pub fn slickq_reader_get_info(reader: *mut slickq_reader, info: *mut slickq_reader_info) -> slickq_status;

    pub fn slickq_deadline(timeout_ns: i64) -> i64;
    pub fn slickq_reader_read_until(
        reader: *mut slickq_reader,
        deadline_ns: i64,
        record: *mut slickq_record,
    ) -> slickq_status;
    pub fn slickq_reader_read_batch_until(
        reader: *mut slickq_reader,
        limit: u32,
        deadline_ns: i64,
        batch: *mut slickq_batch,
    ) -> slickq_status;
    pub fn slickq_reader_cancel(reader: *mut slickq_reader) -> slickq_status;
    pub fn slickq_reader_descriptor(reader: *mut slickq_reader, descriptor: *mut c_int) -> slickq_status;
    pub fn slickq_queue_wait_until(queue: *mut slickq_queue, cursor: u64, deadline_ns: i64) -> slickq_status;
    pub fn slickq_queue_cancel(queue: *mut slickq_queue) -> slickq_status;
    pub fn slickq_queue_room_descriptor(queue: *mut slickq_queue, descriptor: *mut c_int) -> slickq_status;

    pub fn slickq_queue_reserve_until(
        queue: *mut slickq_queue,
        count: u32,
        deadline_ns: i64,
        index: *mut u64,
    ) -> slickq_status;
    pub fn slickq_queue_write_until(
        queue: *mut slickq_queue,
        elements: *const c_void,
        count: u32,
        deadline_ns: i64,
        index: *mut u64,
    ) -> slickq_status;
    pub fn slickq_queue_write_batch_until(
        queue: *mut slickq_queue,
        elements: *const c_void,
        counts: *const u32,
        records: u32,
        deadline_ns: i64,
        written: *mut u32,
    ) -> slickq_status;
    pub fn slickq_consumer_register(
        queue: *mut slickq_queue,
        index: u64,
        consumer: *mut u64,
        held_from: *mut u64,
    ) -> slickq_status;
    pub fn slickq_consumer_acknowledge(queue: *mut slickq_queue, consumer: u64, index: u64) -> slickq_status;
    pub fn slickq_consumer_wait_until(
        queue: *mut slickq_queue,
        consumer: u64,
        cursor: *mut u64,
        stall_ns: i64,
        deadline_ns: i64,
        lost: *mut u64,
    ) -> slickq_status;
    pub fn slickq_consumer_unregister(queue: *mut slickq_queue, consumer: u64) -> slickq_status;
    pub fn slickq_consumer_evict(queue: *mut slickq_queue, consumer: u64) -> slickq_status;
    pub fn slickq_consumer_get_info(
        queue: *mut slickq_queue,
        number: u32,
        info: *mut slickq_consumer_info,
    ) -> slickq_status;

    pub fn slickq_worker_open(
        queue: *mut slickq_queue,
        options: *const slickq_worker_options,
        worker: *mut *mut slickq_worker,
    ) -> slickq_status;
    pub fn slickq_worker_close(worker: *mut slickq_worker) -> slickq_status;
    pub fn slickq_worker_read(worker: *mut slickq_worker, record: *mut slickq_record) -> slickq_status;
    pub fn slickq_worker_read_until(
        worker: *mut slickq_worker,
        deadline_ns: i64,
        record: *mut slickq_record,
    ) -> slickq_status;
    pub fn slickq_worker_cancel(worker: *mut slickq_worker) -> slickq_status;
    pub fn slickq_worker_descriptor(worker: *mut slickq_worker, descriptor: *mut c_int) -> slickq_status;
    pub fn slickq_worker_done(worker: *mut slickq_worker) -> slickq_status;
    pub fn slickq_group_get_info(queue: *mut slickq_queue, number: u32, info: *mut slickq_group_info) -> slickq_status;
    pub fn slickq_group_remove(queue: *mut slickq_queue, name: *const c_char) -> slickq_status;

    pub fn slickq_queue_name_state(queue: *mut slickq_queue, state: *mut u32) -> slickq_status;
    pub fn slickq_queue_reattach(queue: *mut slickq_queue, fresh: *mut *mut slickq_queue) -> slickq_status;

    pub fn slickq_cell_load(cell: *const u64, value: *mut u64) -> slickq_status;
    pub fn slickq_cell_store(cell: *mut u64, value: u64) -> slickq_status;
    pub fn slickq_cell_compare_exchange(cell: *mut u64, expected: *mut u64, desired: u64) -> slickq_status;
    pub fn slickq_cursor_create(
        name: *const c_char,
        offset: u64,
        permissions: u32,
        cursor: *mut *mut slickq_cursor,
    ) -> slickq_status;
    pub fn slickq_cursor_open(
        name: *const c_char,
        offset: u64,
        timeout_ns: i64,
        cursor: *mut *mut slickq_cursor,
    ) -> slickq_status;
    pub fn slickq_cursor_open_or_create(
        name: *const c_char,
        offset: u64,
        permissions: u32,
        timeout_ns: i64,
        cursor: *mut *mut slickq_cursor,
    ) -> slickq_status;
    pub fn slickq_cursor_cell(cursor: *mut slickq_cursor, cell: *mut *mut u64) -> slickq_status;
    pub fn slickq_cursor_close(cursor: *mut slickq_cursor) -> slickq_status;

    pub fn slickq_copy_message(buffer: *mut c_char, size: usize) -> usize;
    pub fn slickq_recent_message(status: slickq_status, buffer: *mut c_char, size: usize) -> usize;
    pub fn slickq_index_distance(layout: u32, from: u64, to: u64) -> i64;
    pub fn slickq_index_add(layout: u32, index: u64, elements: i64) -> u64;
    pub fn slickq_struct_size(kind: u32) -> usize;
    pub fn slickq_struct_init(kind: u32, memory: *mut c_void, size: usize) -> slickq_status;

    pub fn slickq_segment_inspect(
        name: *const c_char,
        element_size: u32,
        inspection: *mut slickq_inspection,
    ) -> slickq_status;
}
