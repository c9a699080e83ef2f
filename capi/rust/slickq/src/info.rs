//! What queues, readers, consumers, groups and segments are like at the moment.

use crate::error::{ok, Error, ErrorKind, Result};
use crate::numbers::{GroupMode, Layout, Liveness};
use crate::raw::{c_string, entries, fill, identity, moment, text};
use slickq_sys as sys;
use std::time::SystemTime;

/// Of an open queue, see [`Queue::info`](crate::Queue::info).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueInfo {
    /// With its leading '/' (POSIX); empty for a local queue.
    pub name: String,
    /// Never [`Layout::Any`].
    pub layout: Layout,
    /// Elements.
    pub capacity: u32,
    /// Bytes.
    pub element_size: u32,
    /// Elements that share a control slot.
    pub items_per_slot: u32,
    /// Bytes that are mapped.
    pub length: u64,
    /// Random bytes, made with the segment: the same in every process that has it open, and in no other segment, whatever
    /// its name. `None` in a segment without a place for it: made by a peer, or wide.
    pub identity: Option<[u8; 16]>,
    /// When the segment was made; `None` as above.
    pub created: Option<SystemTime>,
    /// This handle made the segment.
    pub is_creator: bool,
    /// In a named segment; else local.
    pub is_shared: bool,
    /// Opened with [`Options::read_only`](crate::Options::read_only).
    pub is_read_only: bool,
    /// Opened with [`Options::lossless`](crate::Options::lossless).
    pub is_lossless: bool,
    /// Opened with [`Options::single_producer`](crate::Options::single_producer).
    pub is_single_producer: bool,
    /// Opened with [`Options::prompt_producer`](crate::Options::prompt_producer).
    pub is_prompt_producer: bool,
    /// [`Options::lock_memory`](crate::Options::lock_memory) was granted.
    pub is_locked: bool,
    /// [`Options::huge_pages`](crate::Options::huge_pages) was accepted; whether there are any is up to the system.
    pub has_huge_pages: bool,
    /// [`Options::hugetlb`](crate::Options::hugetlb) was granted.
    pub has_hugetlb: bool,
}

/// Of a reader since it was opened, see [`Reader::info`](crate::Reader::info). Elements are those of the index space:
/// with records that never leave unused elements behind, the received ones and the four losses add up exactly to what
/// was reserved between the reader's start and its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderInfo {
    /// The index of what is handed out next.
    pub cursor: u64,
    /// Elements reserved from there on, now.
    pub lag: u64,
    /// Records handed out.
    pub received_records: u64,
    /// Their elements.
    pub received_elements: u64,
    /// Elements overwritten before the reader came to them.
    pub lost_lapped: u64,
    /// Elements stepped over because they stayed unpublished.
    pub lost_gap: u64,
    /// Elements copied and rejected: they were being overwritten, or made no sense.
    pub lost_torn: u64,
    /// Elements unread when the queue was reset.
    pub lost_reset: u64,
    /// How often the queue was reset.
    pub resets: u32,
    /// Nanoseconds that this reader has seen the record at its cursor unpublished; 0 if it is not so.
    pub pending_ns: u64,
    /// Of `received_elements`, those that may be wrong, at most: producers have told since then that the ring had
    /// lapped them while they wrote there ([`ErrorKind::Stale`]).
    pub suspect_elements: u64,
}

/// In which epoch a queue is, see [`Queue::epoch`](crate::Queue::epoch).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Epoch {
    /// Resets since the segment was made. One that was left half done and the one that mends it are two.
    pub resets: u64,
    /// Elements reserved in all former epochs together.
    pub reserved_before: u64,
    /// The queue is being reset, or a reset was left half done: the numbers may be of either epoch.
    pub is_resetting: bool,
}

pub(crate) fn epoch(queue: *mut sys::slickq_queue) -> Result<Epoch> {
    // SAFETY: an open handle, and a struct that says its size.
    let found: sys::slickq_epoch_info = fill(|out| unsafe { sys::slickq_queue_epoch(queue, out) })?;
    Ok(Epoch { resets: found.resets, reserved_before: found.reserved_before, is_resetting: found.is_resetting != 0 })
}

/// What kind of consumer [`ConsumerInfo`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConsumerKind {
    /// Registered by itself.
    Reader,
    /// Of the group with this number.
    Worker {
        /// See [`GroupInfo::number`].
        group: u32,
        /// It has claimed a record.
        has_claim: bool,
    },
    /// Evicted, and has not noticed yet.
    Evicted,
}

/// Of a registered consumer or a worker, see [`Queue::consumers`](crate::Queue::consumers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerInfo {
    /// For [`Queue::evict`](crate::Queue::evict).
    pub id: u64,
    /// What it is.
    pub kind: ConsumerKind,
    /// Of its process.
    pub pid: u32,
    /// Whether that process lives, as far as it can be told.
    pub liveness: Liveness,
    /// Reader: all before it is acknowledged. Worker: what it has claimed, else the group's cursor.
    pub index: u64,
    /// Elements reserved from there on.
    pub lag: u64,
}

/// Of a group of workers, see [`Queue::groups`](crate::Queue::groups).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupInfo {
    /// Its place in the segment's table.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What happens to the record of a worker that dies.
    pub mode: GroupMode,
    /// The next index to be claimed.
    pub cursor: u64,
    /// Elements reserved from there on.
    pub lag: u64,
    /// Records handed from a dead worker to another.
    pub redelivered: u64,
    /// Records that a dead worker had claimed, and nobody got.
    pub abandoned: u64,
    /// Elements lapped, torn or never published.
    pub lost: u64,
    /// Workers that are not surely dead.
    pub workers: u32,
    /// Lossless producers wait for it.
    pub is_waited_for: bool,
    /// Records that dead, evicted and former workers have left, and no other has taken over yet.
    pub unfinished: u64,
}

/// Of any segment, see [`inspect`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// What opening it without waiting would say.
    pub verdict: Result<()>,
    /// Bytes of the segment.
    pub length: u64,
    /// Bytes that its header asks for; 0 if the header makes no sense, or the element size is unknown.
    pub required_length: u64,
    /// [`Layout::Any`] if it cannot be told.
    pub layout: Layout,
    /// The 4 bytes at offset 24, 0x534C5131 for SLQ1.
    pub marker: u32,
    /// The 4 bytes at offset 48: 0 fresh, 1 old creator, 2 being initialised, 3 ready.
    pub init_state: u32,
    /// Elements, as the header says; like the next two 0 if the layout cannot be told.
    pub capacity: u32,
    /// Bytes; 0 in a wide segment unless the caller gave it.
    pub element_size: u32,
    /// Elements.
    pub items_per_slot: u32,
    /// The next index to be reserved; with the next ones only if the verdict is good.
    pub next_index: u64,
    /// The highest index published; `None`: there is none, or this layout does not keep it.
    pub last_published: Option<u64>,
    /// Where [`Start::Oldest`](crate::Start::Oldest) would start.
    pub oldest_index: u64,
    /// Records in the ring that a consumer starting there would find now.
    pub published: u64,
    /// As [`QueueInfo::identity`].
    pub identity: Option<[u8; 16]>,
    /// As [`QueueInfo::created`].
    pub created: Option<SystemTime>,
    /// Reservations that the ring had lapped before they were published ([`ErrorKind::Stale`]). If there are many, the
    /// ring is too small for its producers.
    pub late_publishes: u64,
}

/// Looks at whatever is under the name, read-only, without waiting; nothing is written to it. `element_size`: bytes, 0
/// if not known (needed to understand a wide segment). An error means that it could not be looked at at all.
pub fn inspect(name: &str, element_size: u32) -> Result<Inspection> {
    let name = c_string(name)?;
    let found: sys::slickq_inspection = fill(|out| {
        // SAFETY: a NUL-terminated name; `out` has its size in its first field.
        unsafe { sys::slickq_segment_inspect(name.as_ptr(), element_size, out) }
    })?;
    Ok(Inspection {
        verdict: ok(found.verdict),
        length: found.length,
        required_length: found.required_length,
        layout: Layout::of(found.layout),
        marker: found.marker,
        init_state: found.init_state,
        capacity: found.capacity,
        element_size: found.element_size,
        items_per_slot: found.items_per_slot,
        next_index: found.next_index,
        last_published: (found.last_published != u64::MAX).then_some(found.last_published),
        oldest_index: found.oldest_index,
        published: found.published,
        identity: identity(found.identity),
        created: moment(found.created_ns),
        late_publishes: found.late_publishes,
    })
}

pub(crate) fn raw_queue(handle: *mut sys::slickq_queue) -> Result<sys::slickq_queue_info> {
    // SAFETY: `out` has its size in its first field. A handle that is closed is refused.
    fill(|out| unsafe { sys::slickq_queue_get_info(handle, out) })
}

/// `info`: of a queue that is open still.
pub(crate) fn queue(info: &sys::slickq_queue_info) -> QueueInfo {
    let has = |flag| info.flags & flag != 0;
    QueueInfo {
        name: text(info.name),
        layout: Layout::of(info.layout),
        capacity: info.capacity,
        element_size: info.element_size,
        items_per_slot: info.items_per_slot,
        length: info.length,
        identity: identity(info.identity),
        created: moment(info.created_ns),
        is_creator: has(sys::SLICKQ_INFO_CREATOR),
        is_shared: has(sys::SLICKQ_INFO_SHARED),
        is_read_only: has(sys::SLICKQ_INFO_READ_ONLY),
        is_lossless: has(sys::SLICKQ_INFO_LOSSLESS),
        is_single_producer: has(sys::SLICKQ_INFO_SINGLE_PRODUCER),
        is_prompt_producer: has(sys::SLICKQ_INFO_PROMPT_PRODUCER),
        is_locked: has(sys::SLICKQ_INFO_LOCKED),
        has_huge_pages: has(sys::SLICKQ_INFO_HUGE_PAGES),
        has_hugetlb: has(sys::SLICKQ_INFO_HUGETLB),
    }
}

pub(crate) fn reader(handle: *mut sys::slickq_reader) -> Result<ReaderInfo> {
    // SAFETY: as above.
    let info: sys::slickq_reader_info = fill(|out| unsafe { sys::slickq_reader_get_info(handle, out) })?;
    Ok(ReaderInfo {
        cursor: info.cursor,
        lag: info.lag,
        received_records: info.received_records,
        received_elements: info.received_elements,
        lost_lapped: info.lost_lapped,
        lost_gap: info.lost_gap,
        lost_torn: info.lost_torn,
        lost_reset: info.lost_reset,
        resets: info.resets,
        pending_ns: info.pending_ns,
        suspect_elements: info.suspect_elements,
    })
}

pub(crate) fn consumers(handle: *mut sys::slickq_queue) -> Result<Vec<ConsumerInfo>> {
    let all = entries(sys::SLICKQ_MAX_CONSUMERS, |number, out: *mut sys::slickq_consumer_info| {
        // SAFETY: `out` has its size in its first field.
        unsafe { sys::slickq_consumer_get_info(handle, number, out) }
    })?;
    let describe = |info: &sys::slickq_consumer_info| ConsumerInfo {
        id: info.id,
        kind: match info.kind {
            sys::SLICKQ_CONSUMER_WORKER => ConsumerKind::Worker { group: info.group, has_claim: info.has_claim != 0 },
            sys::SLICKQ_CONSUMER_EVICTED => ConsumerKind::Evicted,
            _ => ConsumerKind::Reader,
        },
        pid: info.pid,
        liveness: Liveness::of(info.is_alive),
        index: info.index,
        lag: info.lag,
    };
    Ok(all.iter().map(|(_, info)| describe(info)).collect())
}

pub(crate) fn groups(handle: *mut sys::slickq_queue) -> Result<Vec<GroupInfo>> {
    let all = entries(sys::SLICKQ_MAX_GROUPS, |number, out: *mut sys::slickq_group_info| {
        // SAFETY: `out` has its size in its first field.
        unsafe { sys::slickq_group_get_info(handle, number, out) }
    })?;
    let describe = |(number, info): &(u32, sys::slickq_group_info)| {
        Ok(GroupInfo {
            number: *number,
            name: text(info.name.as_ptr()),
            mode: GroupMode::of(info.mode)
                .ok_or_else(|| Error::new(ErrorKind::Internal, format!("group {number} has mode {}", info.mode)))?,
            cursor: info.cursor,
            lag: info.lag,
            redelivered: info.redelivered,
            abandoned: info.abandoned,
            lost: info.lost,
            workers: info.workers,
            is_waited_for: info.is_waited_for != 0,
            unfinished: info.unfinished,
        })
    };
    all.iter().map(describe).collect()
}
