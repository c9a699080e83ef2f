// Random sequences of calls of the C API, with handles and arguments good, closed, foreign and made up: every call returns one of
// the statuses of slickq.h, and memory and handles stay sound.
#include "support/names.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t most_calls = 200;
constexpr std::uint64_t largest_capacity = 4096;

class input {
public:
    input(const std::uint8_t* data, std::size_t length) : at_(data), end_(data + length) {}
    bool is_empty() const { return at_ == end_; }
    std::uint8_t byte() { return is_empty() ? std::uint8_t{0} : *at_++; }
    std::uint32_t word() { return byte() | std::uint32_t{byte()} << 8 | std::uint32_t{byte()} << 16 | std::uint32_t{byte()} << 24; }
    // Mostly small, sometimes anything.
    std::uint32_t number() {
        const std::uint8_t kind = byte();
        return kind < 200 ? kind % 20 : word();
    }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

// One run: some names, some handles, some buffers.
class run {
public:
    explicit run(input& in) : in_(in) {}

    ~run() {
        for (slickq_queue* q : queues_) slickq_queue_close(q);
        for (slickq_reader* r : readers_) slickq_reader_close(r);
        for (slickq_worker* w : workers_) slickq_worker_close(w);
        for (slickq_cursor* c : cursors_) slickq_cursor_close(c);
        slickq_segment_remove("also-not-there");
    }

    void call() {
        slickq_status status = SLICKQ_OK;
        slickq_queue* made = nullptr;
        slickq_cursor* made_cursor = nullptr;
        slickq_options options = any_options();
        slickq_options* options_or_null = in_.byte() < 250 ? &options : nullptr;
        switch (in_.byte() % 57) {
        case 0: status = slickq_queue_create_local(options_or_null, &made); break;
        case 1: status = slickq_queue_create(name(), options_or_null, &made); break;
        case 2: status = slickq_queue_open(name(), options_or_null, &made); break;
        case 3: status = slickq_queue_open_or_create(name(), options_or_null, &made); break;
        case 4: status = slickq_queue_close(queue()); break;
        case 5: status = slickq_segment_remove(name()); break;
        case 6: status = slickq_queue_reserve(queue(), in_.number(), &number_); break;
        case 7: {
            void* elements = nullptr;
            status = slickq_queue_at(queue(), number_, &elements);
            break;
        }
        case 8: status = slickq_queue_publish(queue(), in_.byte() % 2 != 0 ? number_ : in_.number(), in_.number()); break;
        case 9: status = write(); break;
        case 10: status = slickq_queue_cursor_at(queue(), in_.number(), &cursor_); break;
        case 11: status = slickq_queue_next_index(queue(), &number_); break;
        case 12: status = slickq_queue_read(queue(), &cursor_, &record_); break;
        case 13: status = slickq_queue_read_copy(queue(), &cursor_, buffer_, in_.byte() % (sizeof buffer_ + 1), &record_); break;
        case 14: status = slickq_queue_read_shared(queue(), cell(), &record_); break;
        case 15: status = slickq_queue_read_shared_copy(queue(), cell(), buffer_, in_.byte() % (sizeof buffer_ + 1), &record_); break;
        case 16: status = slickq_queue_read_last(queue(), &record_); break;
        case 17: status = slickq_queue_loss_count(queue(), &number_); break;
        case 18: status = slickq_queue_reset(queue()); break;
        case 19: cursor_ = in_.byte() % 2 != 0 ? in_.number() : std::uint64_t{in_.word()} << 32 | in_.word(); break;
        case 20: status = slickq_cursor_create(name(), in_.number() % largest_capacity, in_.number(), &made_cursor); break;
        case 21: status = slickq_cursor_open(name(), in_.number(), SLICKQ_TIMEOUT_NONE, &made_cursor); break;
        case 22: status = slickq_cursor_close(cursor()); break;
        case 23: {
            std::uint64_t* found = nullptr;
            status = slickq_cursor_cell(cursor(), &found);
            if (status == SLICKQ_OK) status = slickq_cell_compare_exchange(found, &number_, cursor_);
            break;
        }
        case 24: {
            slickq_inspection seen{};
            seen.struct_size = in_.byte() < 200 ? static_cast<std::uint32_t>(sizeof seen) : in_.byte();
            status = slickq_segment_inspect(name(), in_.number(), &seen);
            break;
        }
        case 25: {
            slickq_queue_info info{};
            info.struct_size = in_.byte() < 200 ? static_cast<std::uint32_t>(sizeof info) : in_.byte();
            status = slickq_queue_get_info(queue(), &info);
            break;
        }
        case 26: status = slickq_queue_validate(queue(), in_.byte() % 2 != 0 ? record_.index : in_.number()); break;
        case 27: status = open_reader(); break;
        case 28: {
            // What it hands out is in the reader's memory: all of it can be read.
            slickq_record got{};
            status = slickq_reader_read(reader(), &got);
            const auto* data = static_cast<const volatile char*>(got.data);
            for (std::uint32_t i = 0; status == SLICKQ_OK && i < got.count; ++i) (void)data[i];
            break;
        }
        case 29: {
            slickq_reader_info info{};
            info.struct_size = in_.byte() < 200 ? static_cast<std::uint32_t>(sizeof info) : in_.byte();
            status = slickq_reader_get_info(reader(), &info);
            break;
        }
        case 30: status = slickq_reader_close(reader()); break;
        case 31: {
            std::uint32_t state = 0;
            status = slickq_queue_name_state(queue(), &state);
            break;
        }
        case 32: status = slickq_queue_reattach(queue(), &made); break;
        case 33: {
            slickq_record got{};
            status = slickq_reader_read_until(reader(), slickq_deadline(in_.byte()), &got);
            break;
        }
        case 34: status = slickq_reader_cancel(reader()); break;
        case 35: status = slickq_queue_wait_until(queue(), in_.number(), slickq_deadline(in_.byte())); break;
        case 36: status = slickq_queue_cancel(queue()); break;
        case 37: {
            int descriptor = -1;
            int* const out = in_.byte() < 250 ? &descriptor : nullptr;
            switch (in_.byte() % 3) {
            case 0: status = slickq_reader_descriptor(reader(), out); break;
            case 1: status = slickq_worker_descriptor(worker(), out); break;
            default: status = slickq_queue_room_descriptor(queue(), out); break;
            }
            break;
        }
        case 38: status = slickq_queue_reserve_until(queue(), in_.number(), slickq_deadline(in_.byte()), &number_); break;
        case 39: status = slickq_queue_write_until(queue(), buffer_, 0, 0, &number_); break;
        case 40:
            status = slickq_consumer_register(queue(), in_.byte() % 2 != 0 ? SLICKQ_NO_INDEX : in_.number(), &consumer_, &cursor_);
            break;
        case 41: status = slickq_consumer_acknowledge(queue(), consumer(), in_.byte() % 2 != 0 ? cursor_ : in_.number()); break;
        case 42: status = slickq_consumer_unregister(queue(), consumer()); break;
        case 43: status = slickq_consumer_evict(queue(), consumer()); break;
        case 44: {
            slickq_consumer_info info{};
            info.struct_size = in_.byte() < 200 ? static_cast<std::uint32_t>(sizeof info) : in_.byte();
            status = slickq_consumer_get_info(queue(), in_.byte() % 70u, &info);
            if (status == SLICKQ_OK && info.struct_size == sizeof info) consumer_ = info.id;
            break;
        }
        case 45: status = open_worker(); break;
        case 46: {
            slickq_record got{};
            status = slickq_worker_read(worker(), &got);
            const auto* data = static_cast<const volatile char*>(got.data);
            for (std::uint32_t i = 0; status == SLICKQ_OK && i < got.count; ++i) (void)data[i];
            break;
        }
        case 47: {
            slickq_record got{};
            status = slickq_worker_read_until(worker(), slickq_deadline(in_.byte()), &got);
            break;
        }
        case 48: status = in_.byte() % 2 != 0 ? slickq_worker_done(worker()) : slickq_worker_cancel(worker()); break;
        case 49: status = slickq_worker_close(worker()); break;
        case 50: {
            slickq_group_info info{};
            info.struct_size = in_.byte() < 200 ? static_cast<std::uint32_t>(sizeof info) : in_.byte();
            status = slickq_group_get_info(queue(), in_.byte() % 9u, &info);
            break;
        }
        case 51: status = slickq_group_remove(queue(), group()); break;
        case 52: status = write_batch(); break;
        case 53: status = slickq_queue_write_batch_until(queue(), buffer_, nullptr, 0, slickq_deadline(in_.byte()), nullptr); break;
        case 54: {
            slickq_record got[9];
            std::uint32_t count = 0;
            status = slickq_queue_read_batch(queue(), &cursor_, got, in_.byte() % 10u, &count);
            if (status == SLICKQ_OK && count > 9) std::abort();
            break;
        }
        case 55: {
            slickq_batch got{};
            status = slickq_reader_read_batch(reader(), in_.byte(), &got);
            const auto* data = static_cast<const volatile char*>(got.data);
            for (std::uint32_t i = 0; status == SLICKQ_OK && i < got.elements; ++i) (void)data[i];
            for (std::uint32_t i = 0; status == SLICKQ_OK && i < got.records; ++i) number_ = got.entries[i].index;
            break;
        }
        case 56: {
            slickq_batch got{};
            status = slickq_reader_read_batch_until(reader(), in_.byte(), slickq_deadline(in_.byte()), &got);
            break;
        }
        }
        if (std::strcmp(slickq_status_name(status), "SLICKQ_UNKNOWN") == 0 || status == SLICKQ_E_INTERNAL) std::abort();
        if (made != nullptr) queues_.push_back(made);
        if (made_cursor != nullptr) cursors_.push_back(made_cursor);
    }

private:
    slickq_options any_options() {
        slickq_options options{};
        // Not a short one that is valid: it would mean the default timeout.
        options.struct_size = in_.byte() < 240 ? static_cast<std::uint32_t>(sizeof options) : in_.byte() % 4u;
        options.capacity = in_.byte() < 200 ? 1u << in_.byte() % 13 : in_.number();
        options.element_size = in_.number();
        options.items_per_slot = in_.byte() < 150 ? 0 : in_.number();
        options.layout = in_.byte() % 9;
        options.flags = in_.byte() < 200 ? 0 : in_.byte() % 16;
        options.permissions = in_.byte() < 200 ? 0 : in_.number();
        options.timeout_ns = SLICKQ_TIMEOUT_NONE;
        // Wrong values are welcome, large allocations are not.
        if (options.capacity > largest_capacity) options.capacity |= 1;
        if (options.element_size > largest_capacity) options.element_size = 0;
        return options;
    }

    slickq_status open_reader() {
        slickq_reader_options options{};
        options.struct_size = in_.byte() < 240 ? static_cast<std::uint32_t>(sizeof options) : in_.byte() % 4u;
        options.start = in_.byte() % 5;
        options.start_index = in_.number();
        options.after_lap = in_.byte() % 4;
        options.slack = in_.byte() < 200 ? 0 : in_.number();
        options.batch = in_.number();
        options.flags = in_.byte() % 3;
        options.stall_ns = in_.byte() - 1;
        slickq_reader* made = nullptr;
        const slickq_status status = slickq_reader_open(queue(), in_.byte() < 250 ? &options : nullptr, &made);
        if (made != nullptr) readers_.push_back(made);
        return status;
    }

    slickq_status open_worker() {
        slickq_worker_options options{};
        options.struct_size = in_.byte() < 240 ? static_cast<std::uint32_t>(sizeof options) : in_.byte() % 4u;
        options.mode = in_.byte() % 5;
        options.group = group();
        options.start = in_.byte() % 4;
        options.stall_ns = in_.byte() - 1;
        options.linger_ns = in_.byte() - 1;
        slickq_worker* made = nullptr;
        const slickq_status status = slickq_worker_open(queue(), in_.byte() < 250 ? &options : nullptr, &made);
        if (made != nullptr) workers_.push_back(made);
        return status;
    }

    const char* group() {
        switch (in_.byte() % 8) {
        case 0: return nullptr;
        case 1: return "";
        case 2: return "longer than sixteen bytes";
        case 3: return "other";
        default: return "work";
        }
    }
    std::uint64_t consumer() { return in_.byte() < 200 ? consumer_ : in_.word(); }
    slickq_worker* worker() {
        const std::uint8_t choice = in_.byte();
        if (choice == 255) return nullptr;
        if (choice == 254 && !queues_.empty()) return reinterpret_cast<slickq_worker*>(queues_[choice % queues_.size()]);
        return workers_.empty() ? nullptr : workers_[choice % workers_.size()];
    }

    const char* name() {
        switch (in_.byte() % 8) {
        case 0: return nullptr;
        case 1: return "bad/name";
        case 2: return "";
        case 3: return second_.c_str();
        default: return first_.c_str();
        }
    }

    // A live handle, one that was closed, one of the other kind, or none at all.
    slickq_queue* queue() {
        const std::uint8_t choice = in_.byte();
        if (choice == 255) return nullptr;
        if (choice == 254) return reinterpret_cast<slickq_queue*>(std::uintptr_t{in_.word()});
        if (choice == 253 && !cursors_.empty()) return reinterpret_cast<slickq_queue*>(cursors_[choice % cursors_.size()]);
        return queues_.empty() ? nullptr : queues_[choice % queues_.size()];
    }
    slickq_cursor* cursor() {
        const std::uint8_t choice = in_.byte();
        if (choice == 255) return nullptr;
        if (choice == 254 && !queues_.empty()) return reinterpret_cast<slickq_cursor*>(queues_[choice % queues_.size()]);
        return cursors_.empty() ? nullptr : cursors_[choice % cursors_.size()];
    }

    slickq_reader* reader() {
        const std::uint8_t choice = in_.byte();
        if (choice == 255) return nullptr;
        if (choice == 254) return reinterpret_cast<slickq_reader*>(std::uintptr_t{in_.word()});
        if (choice == 253 && !queues_.empty()) return reinterpret_cast<slickq_reader*>(queues_[choice % queues_.size()]);
        return readers_.empty() ? nullptr : readers_[choice % readers_.size()];
    }

    std::uint64_t* cell() {
        if (in_.byte() == 255) return reinterpret_cast<std::uint64_t*>(reinterpret_cast<char*>(cells_) + 3);
        return cells_;
    }

    slickq_status write() {
        // The library reads count * element_size bytes: the caller must have them.
        slickq_queue* q = queue();
        slickq_queue_info info{};
        info.struct_size = sizeof info;
        if (slickq_queue_get_info(q, &info) != SLICKQ_OK) return slickq_queue_write(q, buffer_, 1, nullptr);
        const std::uint32_t count = in_.number();
        const std::vector<char> elements(std::min<std::size_t>(count, info.capacity) * info.element_size + 1, 'w');
        return slickq_queue_write(q, elements.data(), count, &number_);
    }

    slickq_status write_batch() {
        slickq_queue* q = queue();
        slickq_queue_info info{};
        info.struct_size = sizeof info;
        if (slickq_queue_get_info(q, &info) != SLICKQ_OK) return slickq_queue_write_batch(q, buffer_, nullptr, 1, nullptr);
        std::vector<std::uint32_t> counts(in_.byte() % 9u);
        std::size_t bytes = 1;
        for (std::uint32_t& count : counts) {
            count = in_.number();
            bytes += std::min<std::size_t>(count, info.capacity) * info.element_size;
        }
        const bool singles = in_.byte() % 2 != 0;
        if (singles) bytes += counts.size() * info.element_size;
        const std::vector<char> elements(bytes, 'b');
        std::uint32_t written = 0;
        return slickq_queue_write_batch(q, elements.data(), singles ? nullptr : counts.data(), static_cast<std::uint32_t>(counts.size()),
                                        &written);
    }

    input& in_;
    test::segment_name first_, second_;
    std::vector<slickq_queue*> queues_;
    std::vector<slickq_reader*> readers_;
    std::vector<slickq_worker*> workers_;
    std::vector<slickq_cursor*> cursors_;
    std::uint64_t consumer_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t cursor_ = 0;
    alignas(8) std::uint64_t cells_[2] = {};
    slickq_record record_{};
    char buffer_[64];
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    input in(data, length);
    run sequence(in);
    for (std::size_t calls = 0; calls < most_calls && !in.is_empty(); ++calls) sequence.call();
    return 0;
}
