#include "gatherer.hpp"

#include "clock.hpp"
#include "log.hpp"

#include <algorithm>
#include <cstring>

namespace bridge {
namespace {

constexpr std::uint64_t header_room = 1024;   // more than our headers have
constexpr std::uint64_t digits_of_count = 11; // a record's part of Slickq-Counts, at most

} // namespace

gatherer::gatherer(const segment& queue, const direction_config& config, const account& from)
    : queue_(queue), config_(config), position_(from), first_epoch_(from.epoch) {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = SLICKQ_START_INDEX;
    options.start_index = from.index;
    options.batch = std::max(64u, config.batch);
    slickq_reader* made = nullptr;
    check(slickq_reader_open(queue.handle(), &options, &made), "read queue " + queue.name());
    reader_.reset(made);
    if (queue.epoch().number != from.epoch) throw queue_failure("queue " + queue.name() + " was reset just now");
}

void gatherer::enter_loss(slickq_status status) {
    losses& lost = position_.lost;
    switch (status) {
    case SLICKQ_LAPPED: lost.elements[lapped] += batch_.lost; break;
    case SLICKQ_GAP: lost.elements[gap] += batch_.lost; break;
    case SLICKQ_E_CORRUPT: lost.elements[torn] += batch_.lost; break;
    case SLICKQ_RESET: {
        lost.elements[cause::was_reset] += batch_.lost;
        slickq_reader_info info{};
        info.struct_size = sizeof info;
        check(slickq_reader_get_info(reader_.get(), &info), "read queue " + queue_.name());
        position_.epoch = first_epoch_ + info.resets;
        position_.past = queue_.epoch().past;
        was_reset_ = true;
        break;
    }
    default: check(status, "read queue " + queue_.name()); return;
    }
    position_.index = batch_.index;
    if (batch_.lost != 0) {
        log(level::warning, config_.name,
            "lost " + std::to_string(batch_.lost) + " elements of " + queue_.name() + " before index " +
                std::to_string(batch_.index) + ": " + slickq_status_text(status));
    }
}

// False: there is no record, at least not now.
bool gatherer::refill(std::int64_t deadline_ns, mailbox& box) {
    used_records_ = 0;
    used_bytes_ = 0;
    slickq_status status = slickq_reader_read_batch(reader_.get(), 0, &batch_);
    if (status != SLICKQ_OK) batch_.records = 0;
    if ((status == SLICKQ_EMPTY || status == SLICKQ_PENDING) && deadline_ns != 0) {
        if (!box.begin_reading(reader_.get())) return false;
        status = slickq_reader_read_batch_until(reader_.get(), 0, deadline_ns, &batch_);
        box.end_reading();
    }
    if (status == SLICKQ_OK) return true;
    batch_.records = 0;
    if (status != SLICKQ_EMPTY && status != SLICKQ_PENDING && status != SLICKQ_TIMED_OUT && status != SLICKQ_CANCELLED)
        enter_loss(status);
    return false;
}

description gatherer::describe(const account& before) const {
    description d;
    d.source = queue_.name();
    d.before = before;
    d.element_size = queue_.info().element_size;
    d.items_per_slot = queue_.info().items_per_slot;
    d.time_ns = wall_clock_ns();
    return d;
}

message gatherer::books_only() const {
    return encode(config_.subject, "", describe(position_), "", 0, false);
}

bool gatherer::next(std::int64_t deadline_ns, mailbox& box, const std::string& answer_to, std::uint64_t payload_limit,
                    parcel& made) {
    const std::size_t element_size = queue_.info().element_size;
    description d;
    std::uint64_t expected = 0; // the index that continues the parcel
    buffer_.clear();
    while (d.counts.size() < config_.batch) {
        if (used_records_ == batch_.records) {
            const bool is_first = d.counts.empty();
            if (!refill(is_first ? deadline_ns : 0, box)) break;
        }
        const slickq_entry& entry = batch_.entries[used_records_];
        const std::size_t bytes = entry.count * element_size;
        const std::uint64_t needed = buffer_.size() + bytes + header_room + (d.counts.size() + 1) * digits_of_count;
        if (d.counts.empty()) {
            if (needed > payload_limit) {
                const std::string what =
                    "a record of " + std::to_string(bytes) + " bytes at index " + std::to_string(entry.index) + " of " +
                    queue_.name() + " is larger than a message may be (" + std::to_string(payload_limit) + " bytes)";
                if (!config_.drop_oversize) {
                    throw nats_failure(
                        what +
                        ": raise max_payload of the server or max_msg_size of the stream, or set oversize = \"drop\"");
                }
                log(level::error, config_.name, what + ": dropped, and counted as lost by oversize");
                position_.lost.elements[oversize] += entry.count;
                const std::uint64_t slot = queue_.info().items_per_slot;
                position_.index = queue_.wrap(entry.index + (entry.count + slot - 1) / slot * slot);
                ++used_records_;
                used_bytes_ += bytes;
                if (now_ns() >= deadline_ns) break; // however many there are: the caller may have to stop
                continue;
            }
            position_.index = entry.index;
            d = describe(position_);
        } else if (entry.index != expected || needed > payload_limit || buffer_.size() + bytes > config_.batch_bytes) {
            break;
        }
        const auto* const data = static_cast<const std::byte*>(batch_.data) + used_bytes_;
        buffer_.insert(buffer_.end(), data, data + bytes);
        d.counts.push_back(entry.count);
        expected = position_.index = queue_.wrap(d.after(entry.index, d.counts.size() - 1));
        position_.sent += 1;
        ++used_records_;
        used_bytes_ += bytes;
    }
    if (d.counts.empty()) return false;

    made.content = encode(config_.subject, answer_to, d, buffer_.data(), buffer_.size(), config_.jetstream);
    made.id = config_.jetstream ? d.id() : "";
    made.after = position_;
    made.records = d.counts.size();
    made.elements = d.elements();
    made.bytes = buffer_.size();
    return true;
}

} // namespace bridge
