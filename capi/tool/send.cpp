// slickq send: bytes into a queue, as records.
#include "command.hpp"
#include "error.hpp"
#include "io.hpp"
#include "pacer.hpp"
#include "polling.hpp"
#include "record_source.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"

#include <algorithm>
#include <string>

namespace tool {
namespace {

slickq_options requested(const send_options& options) {
    slickq_options request{};
    request.struct_size = sizeof request;
    request.capacity = options.capacity;
    request.element_size = options.element_size;
    request.items_per_slot = options.items_per_slot;
    request.layout = options.layout;
    request.permissions = options.permissions;
    if (options.lossless) request.flags = SLICKQ_OPEN_LOSSLESS;
    return request;
}

// A ring of bytes, in which a record has exactly the length that was sent; a slot for 64 of them keeps the slots small.
slickq_options with_defaults(slickq_options request) {
    constexpr std::uint32_t default_capacity = std::uint32_t{1} << 22;
    constexpr std::uint32_t bytes_per_slot = 64;
    if (request.capacity == 0) request.capacity = default_capacity;
    if (request.element_size == 0) request.element_size = 1;
    const bool may_share_slots = request.layout == SLICKQ_LAYOUT_ANY || request.layout == SLICKQ_LAYOUT_SLQ2 ||
                                 request.layout == SLICKQ_LAYOUT_SLQ3;
    if (request.items_per_slot == 0 && request.element_size == 1 && may_share_slots) {
        request.items_per_slot = std::min(bytes_per_slot, request.capacity);
    }
    return request;
}

// What is there is used as it is; the defaults are for a new queue only. So this is not slickq_queue_open_or_create().
shared_queue open_or_create(const send_options& options) {
    const slickq_options request = requested(options);
    const slickq_options creation = with_defaults(request);
    slickq_queue* handle = nullptr;
    for (;;) {
        slickq_status status = SLICKQ_E_NOT_FOUND;
        if (!options.must_create) status = slickq_queue_open(options.name.c_str(), &request, &handle);
        if (status == SLICKQ_E_NOT_FOUND && !options.must_exist) {
            status = slickq_queue_create(options.name.c_str(), &creation, &handle);
            if (status == SLICKQ_E_EXISTS && !options.must_create) continue; // somebody was faster: open theirs
        }
        check(status, options.name);
        return {handle, options.name};
    }
}

class sender {
public:
    sender(const shared_queue& queue, const send_options& options)
        : queue_(queue),
          element_size_(queue.info().element_size),
          pace_(queue, options.bytes_per_second, options.pace) {}

    // False: a stop signal came.
    bool send(std::string_view record) {
        const std::uint64_t elements = (record.size() + element_size_ - 1) / element_size_;
        if (!pace_.wait(elements, record.size())) return false;

        const void* bytes = record.data();
        if (record.size() != elements * element_size_) {
            padded_.assign(record);
            padded_.resize(elements * element_size_, '\0');
            bytes = padded_.data();
            ++padded_records_;
        }
        const slickq_status status = write(bytes, static_cast<std::uint32_t>(elements));
        if (status == SLICKQ_TIMED_OUT) return false;
        if (status == SLICKQ_E_STALE) {
            ++lost_records_;
        } else {
            check(status, queue_.name());
        }
        ++records_;
        bytes_ += record.size();
        return true;
    }

    int finish(bool verbose) const {
        if (padded_records_ != 0) {
            note("padded " + std::to_string(padded_records_) + " of " + std::to_string(records_) +
                 " records with zero bytes, up to whole elements of " + std::to_string(element_size_) +
                 " bytes (slickq recv --trim takes them off)");
        }
        if (lost_records_ != 0) {
            note("lost " + std::to_string(lost_records_) + " of " + std::to_string(records_) +
                 " records: other producers went round the ring while they were written\n"
                 "  use a queue of more --capacity");
        }
        if (verbose) note("sent " + std::to_string(records_) + " records, " + std::to_string(bytes_) + " bytes");
        return lost_records_ == 0 ? exit_ok : exit_lost;
    }

private:
    // SLICKQ_TIMED_OUT: a stop signal came. Only a lossless queue lets one wait.
    slickq_status write(const void* bytes, std::uint32_t elements) const {
        patience waiting;
        for (;;) {
            constexpr std::int64_t a_moment_ns = 50'000'000;
            const slickq_status status =
                slickq_queue_write_until(queue_.handle(), bytes, elements, slickq_deadline(a_moment_ns), nullptr);
            if (status != SLICKQ_TIMED_OUT || stop_signal() != 0) return status;
            if (waiting.is_out()) {
                note("waiting for registered consumers: slickq info " + queue_.name() +
                     " shows how far behind they are, slickq evict " + queue_.name() + " ID sends one away");
            }
        }
    }

    const shared_queue& queue_;
    std::uint64_t element_size_;
    pacer pace_;
    std::string padded_;
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t padded_records_ = 0;
    std::uint64_t lost_records_ = 0;
};

} // namespace

int send(const send_options& options) {
    catch_stop_signals();
    const shared_queue queue = open_or_create(options);
    const std::uint64_t longest_record = std::uint64_t{queue.info().capacity} * queue.info().element_size;

    if (options.block_bytes > longest_record) {
        throw failure("a block of " + std::to_string(options.block_bytes) + " bytes is longer than the whole queue, " +
                      std::to_string(longest_record) +
                      " bytes\n  use a smaller --block, or a queue of more --capacity");
    }

    sender to(queue, options);
    const std::vector<std::string> standard_input{"-"};
    for (const std::string& file : options.files.empty() ? standard_input : options.files) {
        input from(file);
        record_source records(from, options.block_bytes, longest_record);
        std::string_view record;
        while (stop_signal() == 0 && records.next(record) && to.send(record)) {}
    }
    const int code = to.finish(options.verbose);
    if (stop_signal() != 0) die_of(stop_signal());
    return code;
}

} // namespace tool
