#include "writer.hpp"

#include "clock.hpp"

#include <algorithm>
#include <cstring>

namespace bridge {
namespace {

constexpr std::uint64_t most_records = 1024; // that one kill can leave unpublished

std::uint64_t round_up(std::uint64_t count, std::uint64_t slot) {
    return (count + slot - 1) / slot * slot;
}

// The same without the last records of its run.
commit without(commit c, std::uint64_t records, std::uint32_t element_size) {
    c.run_records -= records;
    c.records_done -= records;
    c.records -= records;
    c.elements -= records * c.run_count;
    c.bytes -= records * c.run_count * element_size;
    if (c.source != 0) {
        c.books.sent -= records;
        c.books.index -= records * c.source_stride;
    }
    return c;
}

// `records` more of the message are done with, from number `done` on, which has that index in the source.
void advance(commit& c, decoded kind, const description& what, std::uint64_t index, std::uint64_t done,
             std::uint64_t records) {
    c.records_done = done + records;
    if (kind != decoded::ours) return;
    c.books.sent = what.before.sent + done + records;
    for (std::uint64_t r = done; r < done + records; ++r) index = what.after(index, r);
    c.books.index = index;
}

} // namespace

writer::writer(const segment& queue, state& s, std::function<bool()> should_go_on)
    : queue_(queue), state_(s), sources_(s.page()), should_go_on_(std::move(should_go_on)) {
    recover();
}

// How many of its records, the first ones, were published.
std::uint64_t writer::published_of(const commit& begun) const {
    if (begun.queue != queue_.id() || begun.queue_epoch != queue_.epoch().number) return 0;
    for (std::uint64_t k = 0; k < begun.run_records; ++k) {
        const std::uint64_t index = queue_.wrap(begun.queue_index + k * begun.run_stride);
        std::uint64_t cursor = index;
        slickq_record record{};
        if (slickq_queue_read(queue_.handle(), &cursor, &record) != SLICKQ_OK || record.index != index) return k;
    }
    return begun.run_records;
}

// What whoever was killed before us had begun.
void writer::recover() {
    if (state_.is_armed()) {
        const commit begun = state_.armed();
        const std::uint64_t published = published_of(begun);
        state_.disarm();
        if (published != 0) state_.store(without(begun, begun.run_records - published, queue_.info().element_size));
    }
    sources_.keep(state_.current());
}

void writer::begin_stream(std::uint64_t stream, std::uint64_t sequence) {
    commit next = state_.current();
    if (next.stream != stream || next.next_sequence <= sequence) next.next_sequence = next.records_done = 0;
    next.stream = stream;
    next.sequence = sequence;
    next.source = 0;
    state_.store(next);
}

// Not so many that a kill leaves a large gap, or that waiting for room waits for most of the ring; and, with nobody
// else producing, none across its end, where the rest would be skipped.
std::uint64_t writer::longest_run(std::uint64_t stride) const {
    const std::uint64_t capacity = queue_.info().capacity;
    const std::uint64_t to_end = capacity - queue_.reserved() % capacity;
    return std::max<std::uint64_t>(1, std::min({most_records, capacity / 4 / stride, to_end / stride}));
}

bool writer::write_run(const std::byte* data, commit full, commit& next) {
    const std::uint32_t element_size = queue_.info().element_size;
    const auto count = static_cast<std::uint32_t>(full.run_count);
    const auto elements = static_cast<std::uint32_t>((full.run_records - 1) * full.run_stride + count);
    std::uint64_t index = 0;
    for (;;) {
        const std::int64_t deadline = slickq_deadline(100 * ns_per_ms);
        const slickq_status status = slickq_queue_reserve_until(queue_.handle(), elements, deadline, &index);
        check(status, "reserve in queue " + queue_.name());
        if (status == SLICKQ_OK) break;
        if (!should_go_on_()) return false;
    }
    full.queue = queue_.id();
    full.queue_epoch = queue_.epoch().number;
    full.queue_index = index;
    state_.arm(full);
    for (std::uint64_t k = 0; k < full.run_records; ++k) {
        void* place = nullptr;
        check(slickq_queue_at(queue_.handle(), index + k * full.run_stride, &place), "write to queue " + queue_.name());
        std::memcpy(place, data + k * count * element_size, std::size_t{count} * element_size);
    }
    std::uint64_t overrun = 0;
    for (std::uint64_t k = 0; k < full.run_records; ++k) {
        const slickq_status status =
            slickq_queue_publish(queue_.handle(), queue_.wrap(index + k * full.run_stride), count);
        if (status == SLICKQ_E_NOT_RESERVED) { // reset just now: the rest of the reservation is gone
            state_.disarm();
            if (k != 0) state_.store(next = without(full, full.run_records - k, element_size));
            return true;
        }
        if (status == SLICKQ_E_STALE) { // a lossy queue, and others were faster: lost as any overwritten record is
            overrun += count;
            continue;
        }
        check(status, "publish in queue " + queue_.name());
    }
    next = full;
    if (overrun == 0) {
        state_.accept();
    } else {
        next.overrun += overrun;
        state_.store(next);
    }
    return true;
}

void writer::refuse(commit& next, std::uint64_t records, const std::string& why) {
    next.refused += records;
    refusal_ = why;
}

void writer::finish(commit& next, std::uint64_t sequence) {
    next.sequence = sequence;
    next.next_sequence = next.records_done = 0;
    state_.store(next);
    sources_.keep(next);
}

writer::outcome writer::write(natsMsg* from, std::uint64_t sequence) {
    refusal_.clear();
    commit next = state_.current();
    bool goes_on = next.next_sequence == sequence && next.records_done != 0;

    description what;
    std::string why;
    const decoded kind = decode(from, what, why);
    const auto* data = reinterpret_cast<const std::byte*>(natsMsg_GetData(from));
    const auto length = static_cast<std::uint64_t>(natsMsg_GetDataLength(from));
    const std::uint32_t element_size = queue_.info().element_size;
    std::size_t known = 0; // records that have been here before

    if (kind == decoded::damaged) {
        refuse(next, 1, why);
        finish(next, sequence);
        return outcome::written;
    }
    if (kind == decoded::foreign) {
        next.source = 0;
        if (length == 0 || length % element_size != 0) {
            refuse(next, 1,
                   "a payload of " + std::to_string(length) + " bytes is no number of elements of " +
                       std::to_string(element_size) + " bytes");
            finish(next, sequence);
            return outcome::written;
        }
        what.counts = {static_cast<std::uint32_t>(length / element_size)};
        what.element_size = element_size;
    } else {
        const std::uint64_t begun = what.before.sent + next.records_done;
        goes_on = goes_on && next.books.segment == what.before.segment && next.books.sent == begun;
        next.source = sources_.find(what, next.books);
        if (!goes_on) {
            known = sources_.enter(what, next);
            if (known == what.counts.size()) { // or there are none, and only the books were brought up to date
                finish(next, sequence);
                return outcome::written;
            }
        }
        if (what.element_size != element_size) {
            refuse(next, what.counts.size() - known,
                   "its elements have " + std::to_string(what.element_size) + " bytes, those of queue " +
                       queue_.name() + " have " + std::to_string(element_size));
            next.books.sent = what.before.sent + what.counts.size();
            for (std::size_t r = 0; r < what.counts.size(); ++r) next.books.index = what.after(next.books.index, r);
            finish(next, sequence);
            return outcome::written;
        }
    }

    next.next_sequence = sequence;
    if (!goes_on) next.records_done = known;
    std::uint64_t index = what.before.index;
    std::uint64_t done = 0; // of the records, up to `data` and `index`
    while (done < what.counts.size()) {
        const std::uint32_t count = what.counts[done];
        const std::size_t bytes = std::size_t{count} * element_size;
        if (done < next.records_done) {
            data += bytes;
            index = what.after(index, done++);
            continue;
        }
        if (count > queue_.info().capacity) {
            refuse(next, 1, "a record of " + std::to_string(count) + " elements does not fit queue " + queue_.name());
            advance(next, kind, what, index, done, 1);
            state_.store(next);
        } else {
            commit full = next;
            full.run_count = count;
            full.run_stride = round_up(count, queue_.info().items_per_slot);
            full.source_stride = round_up(count, what.items_per_slot);
            full.run_records = 1;
            const std::uint64_t most = std::min<std::uint64_t>(longest_run(full.run_stride), what.counts.size() - done);
            while (full.run_records < most && what.counts[done + full.run_records] == count) ++full.run_records;
            advance(full, kind, what, index, done, full.run_records);
            full.records += full.run_records;
            full.elements += full.run_records * count;
            full.bytes += full.run_records * bytes;
            if (!write_run(data, full, next)) return outcome::no_room;
        }
        if (kind == decoded::ours) sources_.keep(next);
    }
    finish(next, sequence);
    return outcome::written;
}

} // namespace bridge
