#include "roles.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include <sched.h>
#include <unistd.h>

namespace storm {
namespace {

constexpr std::uint64_t hang_us = 20'000'000;

std::uint64_t reserved_index(slickq_queue* queue) {
    std::uint64_t index = 0;
    require(slickq_queue_next_index(queue, &index));
    return index;
}

// Lengths from 1 to `longest`, each order of magnitude as often as the others.
std::uint32_t any_length(std::mt19937_64& random, std::uint32_t longest) {
    std::uint32_t limit = 1;
    while (limit < longest && random() % 8 < 7) limit *= 2;
    return static_cast<std::uint32_t>(random() % std::min(limit, longest)) + 1;
}

// Turns are taken by whoever comes first. A producer that dies must not have it: storms that kill have none.
class turn {
public:
    explicit turn(const scene& s) : baton_(s.one_at_a_time ? &s.shared->baton : nullptr) {
        while (baton_ != nullptr && baton_->test_and_set(std::memory_order_acquire)) ::sched_yield();
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() {
        if (baton_ != nullptr) baton_->clear(std::memory_order_release);
    }

private:
    std::atomic_flag* baton_;
};

void produce_one(const scene& s, slickq_queue* queue, producer_cell& cell, std::uint32_t count) {
    std::uint64_t index = 0;
    require(slickq_queue_reserve(queue, count, &index));
    cell.in_flight_count.store(count, std::memory_order_relaxed);
    cell.in_flight.store(index, std::memory_order_release);
    void* elements = nullptr;
    require(slickq_queue_at(queue, index, &elements));
    std::memcpy(elements, s.content->of(index), std::size_t{count} * s.element_size);
    const slickq_status status = slickq_queue_publish(queue, index, count);
    tally& sums = s.shared->sums;
    if (status == SLICKQ_OK) {
        sums.published.fetch_add(1, std::memory_order_relaxed);
        // Lapped while its bytes were on their way to the others, too late for publish to see it.
        const std::uint64_t now = reserved_index(queue);
        if (now - index > s.capacity) s.shared->note_late({index, count, now});
    } else if (status == SLICKQ_E_STALE) {
        sums.refused.fetch_add(1, std::memory_order_relaxed);
        s.shared->note_late({index, count, reserved_index(queue)});
    } else {
        require(status);
    }
    const std::uint64_t length = (std::uint64_t{count} + s.slot_step - 1) / s.slot_step * s.slot_step;
    sums.used.fetch_add(length, std::memory_order_relaxed);
    cell.in_flight.store(producer_cell::none, std::memory_order_release);
}

// Whether a record, which may be being overwritten meanwhile, is not what its producer wrote.
bool is_damaged(const scene& s, const slickq_record& record, damage& found) {
    const std::size_t length = std::size_t{record.count} * s.element_size;
    if (s.content->is_whole(record.index, record.data, length)) return false;
    const auto* is = static_cast<const volatile unsigned char*>(record.data);
    const unsigned char* const should_be = s.content->of(record.index);
    found = {record.index, 0, {}, 0};
    while (found.offset < length && is[found.offset] == should_be[found.offset]) ++found.offset;
    for (std::size_t i = found.offset; i < length && found.length < found.bytes.size(); ++i) {
        const unsigned char byte = is[i];
        if (byte == should_be[i]) break;
        found.bytes[found.length++] = byte;
    }
    return true;
}

// Looks at a copy that the library says is whole.
void judge(const scene& s, const slickq_record& record) {
    damage found;
    if (is_damaged(s, record, found)) s.shared->note_damage(found);
}

} // namespace

void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

std::uint64_t now_us() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count());
}

slickq_queue* open_queue(const scene& s, std::uint32_t flags) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.element_size = s.element_size;
    options.flags = flags;
    slickq_queue* queue = nullptr;
    require(slickq_queue_open(s.queue_name.c_str(), &options, &queue));
    return queue;
}

// Every second one has declared to be prompt, which it often is not: what is said of checked reads holds all the same.
void produce(const scene& s, std::size_t number) {
    slickq_queue* const queue = open_queue(s, number % 2 != 0 ? SLICKQ_OPEN_PROMPT_PRODUCER : 0);
    producer_cell& cell = s.shared->producers[number];
    std::mt19937_64 random(static_cast<std::uint64_t>(::getpid()) * 31 + now_us());
    while (!s.shared->are_producers_over.load(std::memory_order_relaxed)) {
        while (s.shared->pause.load()) {
            cell.is_paused.store(1);
            ::sched_yield();
            if (s.shared->are_producers_over.load()) return;
        }
        cell.is_paused.store(0);
        if (s.shared->pause.load()) continue; // it was set before it could see that we go on
        const turn mine(s);
        if (s.rest_us != 0) ::usleep(s.rest_us);
        for (int k = 0; k < 128; ++k) produce_one(s, queue, cell, any_length(random, s.longest));
    }
}

void read_in_place(const scene& s) {
    slickq_queue* const queue = open_queue(s);
    std::uint64_t cursor = 0;
    while (!s.shared->is_over.load(std::memory_order_relaxed)) {
        slickq_record record;
        const slickq_status status = slickq_queue_read(queue, &cursor, &record);
        if (status == SLICKQ_EMPTY) {
            ::sched_yield();
            continue;
        }
        if (status == SLICKQ_E_CORRUPT) continue; // its slot was torn as well, by a peer's two stores; ours never are
        require(status);
        damage found;
        if (!is_damaged(s, record, found)) continue;
        if (slickq_queue_validate(queue, record.index) == SLICKQ_LAPPED) { // behind all that looked at it
            s.shared->sums.shown.fetch_add(1, std::memory_order_relaxed);
        } else {
            s.shared->note_damage(found);
        }
    }
}

void read_copies(const scene& s) {
    slickq_queue* const queue = open_queue(s);
    std::vector<unsigned char> buffer(std::size_t{s.longest} * s.element_size);
    std::uint64_t cursor = 0;
    while (!s.shared->is_over.load(std::memory_order_relaxed)) {
        slickq_record record;
        const slickq_status status = slickq_queue_read_copy(queue, &cursor, buffer.data(), buffer.size(), &record);
        if (status == SLICKQ_OK) judge(s, record);
        if (status == SLICKQ_EMPTY) ::sched_yield();
        if (status != SLICKQ_OK && status != SLICKQ_EMPTY && status != SLICKQ_LAPPED) require(status);
    }
}

void read_trusted(const scene& s, std::uint32_t after_lap, std::int64_t stall_ns) {
    slickq_queue* const queue = open_queue(s);
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = SLICKQ_START_INDEX; // 0
    options.after_lap = after_lap;
    options.stall_ns = stall_ns;
    slickq_reader* reader = nullptr;
    require(slickq_reader_open(queue, &options, &reader));
    s.shared->readers_ready.fetch_add(1);

    std::uint64_t told = 0; // elements received, or told to be lost
    std::uint64_t waits_since = 0;
    for (;;) {
        slickq_record record;
        // Before the read: if nothing is there although all had ended, nothing will come.
        const bool is_last = s.shared->are_producers_over.load() && s.shared->is_over.load();
        const slickq_status status = slickq_reader_read(reader, &record);
        if (status == SLICKQ_OK) {
            told += (std::uint64_t{record.count} + s.slot_step - 1) / s.slot_step * s.slot_step;
            judge(s, record);
        } else {
            if (status < 0) require(status);
            told += status == SLICKQ_EMPTY || status == SLICKQ_PENDING ? 0 : record.lost;
        }
        if (status == SLICKQ_PENDING) {
            const std::uint64_t now = now_us();
            if (waits_since == 0) waits_since = now;
            raise(s.shared->sums.longest_wait_us, now - waits_since);
            if (now - waits_since > hang_us) {
                s.shared->sums.hangs.fetch_add(1);
                return;
            }
        } else {
            waits_since = 0;
        }
        if (status == SLICKQ_EMPTY && is_last) break;
        if (status == SLICKQ_EMPTY || status == SLICKQ_PENDING) ::sched_yield();
    }
    slickq_reader_info info{};
    info.struct_size = sizeof info;
    require(slickq_reader_get_info(reader, &info));
    tally& sums = s.shared->sums;
    sums.received.fetch_add(info.received_records);
    sums.lapped.fetch_add(info.lost_lapped);
    sums.gap.fetch_add(info.lost_gap);
    sums.torn.fetch_add(info.lost_torn);
    sums.reset.fetch_add(info.lost_reset);
    // Every element that was reserved in all lives of the queue was received or told to be lost; and nothing beyond the skipped
    // ends of the ring was counted besides (with single elements there are none).
    const std::uint64_t reserved = sums.reserved.load() + reserved_index(queue);
    const bool balances = s.longest == 1 ? told == reserved : told >= sums.used.load() && told <= reserved;
    if (!balances) sums.unbalanced.fetch_add(1);
    if (info.received_records != 0 && info.cursor != reserved_index(queue)) sums.unbalanced.fetch_add(1);
    slickq_reader_close(reader);
    slickq_queue_close(queue);
}

} // namespace storm
