#include "writer.hpp"

#include "clock.hpp"

#include <cstring>

namespace bridge {

writer::writer(const segment& queue, state& s, std::function<bool()> should_go_on)
    : queue_(queue), state_(s), sources_(s.page()), should_go_on_(std::move(should_go_on)) {
    recover();
}

// What whoever was killed before us had begun.
void writer::recover() {
    if (state_.is_armed()) {
        const commit& begun = state_.armed();
        bool is_published = false;
        if (begun.queue == queue_.id() && begun.queue_epoch == queue_.epoch().number) {
            std::uint64_t cursor = begun.queue_index;
            slickq_record record{};
            const slickq_status status = slickq_queue_read(queue_.handle(), &cursor, &record);
            is_published = status == SLICKQ_OK && record.index == begun.queue_index;
        }
        if (is_published) {
            state_.accept();
        } else {
            state_.disarm();
        }
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

bool writer::write_record(const std::byte* data, std::uint32_t count, commit& next) {
    const std::size_t length = std::size_t{count} * queue_.info().element_size;
    for (;;) {
        std::uint64_t index = 0;
        const slickq_status status =
            slickq_queue_reserve_until(queue_.handle(), count, slickq_deadline(100 * ns_per_ms), &index);
        if (status == SLICKQ_TIMED_OUT || status == SLICKQ_CANCELLED) {
            if (!should_go_on_()) return false;
            continue;
        }
        check(status, "reserve in queue " + queue_.name());
        next.queue = queue_.id();
        next.queue_epoch = queue_.epoch().number;
        next.queue_index = index;
        state_.arm(next);
        void* elements = nullptr;
        check(slickq_queue_at(queue_.handle(), index, &elements), "write to queue " + queue_.name());
        std::memcpy(elements, data, length);
        const slickq_status published = slickq_queue_publish(queue_.handle(), index, count);
        if (published ==
            SLICKQ_E_NOT_RESERVED) { // reset just now: what was reserved is gone, and the record is not there
            state_.disarm();
            continue;
        }
        if (published ==
            SLICKQ_E_STALE) { // a lossy queue, and others were faster than this: lost as any overwritten record is
            commit lost = next;
            lost.overrun += count;
            state_.store(lost);
            next = lost;
            return true;
        }
        check(published, "publish in queue " + queue_.name());
        state_.accept();
        return true;
    }
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
    const bool goes_on = next.next_sequence == sequence && next.records_done != 0;

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
    for (std::size_t r = 0; r < what.counts.size(); ++r) {
        const std::uint32_t count = what.counts[r];
        const std::size_t bytes = std::size_t{count} * element_size;
        const std::uint64_t after = what.after(index, r);
        if (r >= next.records_done) {
            next.records_done = r + 1;
            if (kind == decoded::ours) {
                next.books.sent = what.before.sent + r + 1;
                next.books.index = after;
            }
            if (count > queue_.info().capacity) {
                refuse(next, 1,
                       "a record of " + std::to_string(count) + " elements does not fit queue " + queue_.name());
                state_.store(next);
            } else {
                next.records += 1;
                next.elements += count;
                next.bytes += bytes;
                if (!write_record(data, count, next)) return outcome::no_room;
            }
            if (kind == decoded::ours) sources_.keep(next);
        }
        data += bytes;
        index = after;
    }
    finish(next, sequence);
    return outcome::written;
}

} // namespace bridge
