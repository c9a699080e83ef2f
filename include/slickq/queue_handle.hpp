// queue_handle.hpp - what slickq::queue<T> has whatever T is: the handle of the C API, waiting, and what the queue is.
// Its base, and of no use by itself.
#ifndef SLICKQ_QUEUE_HANDLE_HPP
#define SLICKQ_QUEUE_HANDLE_HPP

#include <slickq/detail/loss_count.hpp>
#include <slickq/detail/producing.hpp>
#include <slickq/detail/ring.hpp>
#include <slickq/detail/wait_until.hpp>
#include <slickq/error.hpp>
#include <slickq/slickq.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace slickq::inline SLICKQ_NAMESPACE {

// Say which constructor is meant.
struct create_only_t {
    explicit create_only_t() = default;
};
inline constexpr create_only_t create_only{};
struct adopt_t {
    explicit adopt_t() = default;
};
inline constexpr adopt_t adopt{};

class queue_handle {
public:
    queue_handle(const queue_handle&) = delete;
    queue_handle& operator=(const queue_handle&) = delete;

    // ---------------------------------------------------------------- consuming

    // Waits until there is something to read at index `cursor` (true), for at most `timeout`. See "waiting" in
    // slickq.h.
    template <class Rep, class Period>
    bool wait_for(std::uint64_t cursor, std::chrono::duration<Rep, Period> timeout) {
        return wait_until(cursor, detail::deadline_in(timeout));
    }
    bool wait_until(std::uint64_t cursor, std::int64_t deadline_ns) {
        const slickq_status status = slickq_queue_wait_until(handle_, cursor, deadline_ns);
        if (status < 0) require_ok(status);
        return status == SLICKQ_OK;
    }
    // From any thread: ends all waits under way in this object, for records and for room.
    void cancel() { require_ok(slickq_queue_cancel(handle_)); }

    // The next index to be reserved: where a consumer begins that wants only new records.
    std::uint64_t next_index() const noexcept { return ring_.reserved_index(); }

    // Elements that reads through this object skipped because producers had lapped them.
    std::uint64_t loss_count() const noexcept { return lost_.elements(); }

    // ---------------------------------------------------------------- life and properties

    // Empties the queue; nobody else may be using it.
    void reset() noexcept {
        slickq_queue_reset(handle_);
        lost_.clear();
    }

    // Removes the segment's name; who has it open goes on. False if there is none (any more).
    bool remove_shm() noexcept { return use_shm() && slickq_segment_remove(shm_name_.c_str()) == SLICKQ_OK; }

    // Whether the name still leads here: see "orphans" in slickq.h. If not, reattach() opens what it leads to now, as
    // another object.
    slickq_name_state name_state() const {
        std::uint32_t state = SLICKQ_NAME_OURS;
        require_ok(slickq_queue_name_state(handle_, &state));
        return static_cast<slickq_name_state>(state);
    }
    // All that the C API tells of it, such as the segment's identity, and what the system granted.
    slickq_queue_info info() const {
        slickq_queue_info info{};
        info.struct_size = sizeof info;
        require_ok(slickq_queue_get_info(handle_, &info));
        return info;
    }
    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ring_.capacity()); }
    std::uint32_t items_per_slot() const noexcept { return items_per_slot_; }
    std::uint32_t slot_count() const noexcept { return size() / items_per_slot_; }
    bool own_buffer() const noexcept { return is_creator_; } // whether this object made the queue
    bool use_shm() const noexcept { return !shm_name_.empty(); }
    const std::string& shm_name() const noexcept { return shm_name_; } // with its leading '/' (POSIX); empty: local
    slickq::layout layout() const noexcept { return layout_; }
    slickq_queue* handle() const noexcept { return handle_; } // for the C functions; closed by the destructor

protected:
    using opening = slickq_status (*)(const char*, const slickq_options*, slickq_queue**);

    static slickq_status open_or_create(const char* shm_name, const slickq_options* options, slickq_queue** made) {
        return shm_name == nullptr ? slickq_queue_create_local(options, made)
                                   : slickq_queue_open_or_create(shm_name, options, made);
    }
    static slickq_queue* opened(const char* shm_name, slickq_options options, std::uint32_t element_size,
                                opening open) {
        options.element_size = element_size;
        slickq_queue* made = nullptr;
        require_ok(open(shm_name, &options, &made));
        return made;
    }
    static slickq_options with_size(slickq_options options, std::uint32_t size) noexcept {
        options.struct_size = sizeof options;
        options.capacity = size;
        return options;
    }
    static slickq_options shape(std::uint32_t size, std::uint32_t items_per_slot = 0) noexcept {
        slickq_options options{};
        options.items_per_slot = items_per_slot;
        return with_size(options, size);
    }

    // The handle is its own from now on, also where this throws.
    queue_handle(slickq_queue* handle, std::size_t element_size, std::size_t alignment) : queue_handle(handle) {
        const slickq_queue_info info = this->info();
        if (info.element_size != element_size) {
            raise(SLICKQ_E_MISMATCH, "the elements have " + std::to_string(info.element_size) + " bytes, T has " +
                                         std::to_string(element_size));
        }
        layout_ = static_cast<slickq::layout>(info.layout);
        auto* const base = static_cast<std::byte*>(info.base);
        ring_ = ring(base, {layout_, info.capacity, info.element_size, info.items_per_slot},
                     info.extension_offset != 0 ? reinterpret_cast<extension*>(base + info.extension_offset) : nullptr);
        if (reinterpret_cast<std::uintptr_t>(ring_.elements()) % alignment != 0) {
            raise(SLICKQ_E_UNSUPPORTED, "the elements of this queue are not aligned as T asks for");
        }
        items_per_slot_ = info.items_per_slot;
        is_creator_ = (info.flags & SLICKQ_INFO_CREATOR) != 0;
        is_read_only_ = (info.flags & SLICKQ_INFO_READ_ONLY) != 0;
        is_lossless_ = (info.flags & SLICKQ_INFO_LOSSLESS) != 0;
        is_single_producer_ = (info.flags & SLICKQ_INFO_SINGLE_PRODUCER) != 0;
        const bool is_prompt_producer = (info.flags & SLICKQ_INFO_PROMPT_PRODUCER) != 0;
        begin_producing(ring_, single_producer_, {is_lossless_, is_single_producer_, is_prompt_producer});
        if (!is_single_producer_ && !is_lossless_) adds_up_to_ = ring_.adds_up_to();
        shm_name_ = info.name;
    }
    ~queue_handle() { slickq_queue_close(handle_); }

    ring ring_; // first: what the hot paths need
    slickq_queue* handle_ = nullptr;
    std::uint32_t items_per_slot_ = 1;
    slickq::layout layout_ = layout::any;
    bool is_creator_ = false;
    bool is_read_only_ = false;
    bool is_lossless_ = false;
    bool is_single_producer_ = false;
    std::uint32_t adds_up_to_ = 0; // elements are reserved by an addition; 0: it is lossless or a single producer
    std::string shm_name_;
    // Apart from what every operation reads: written when something was lost, ...
    alignas(64) slickq::loss_count lost_;
    // ... and by each reservation of a single producer.
    alignas(64) single_producer single_producer_;

private:
    // So that the destructor runs where the other constructor throws.
    explicit queue_handle(slickq_queue* handle) noexcept : handle_(handle) {}
};

} // namespace slickq

#endif
