// slickq.hpp - the C++ face of libslickq: slickq::queue<T>, with the member names and constructors of slick::queue<T>, so that
// a program written for that compiles by changing the namespace. Its life goes through the C ABI (link slickq::slickq), its hot
// path is ring.hpp, inlined over the mapped bytes.
//
// Differences from slick::queue<T>, all of them on purpose (compat/slick_queue.hpp has fewer, and slick-queue 2.x's traits):
//   - attaching adopts the segment's layout; capacity and sizeof(T) must match
//   - the destructor never removes the segment's name: remove_shm() does
//   - publish() tells whether it came in time
//   - losses are always counted, per queue object
//   - a damaged slot throws instead of handing out memory beyond the ring
// And it has what they lack: validate(), copying reads, batches, waiting, a pause for who spins (slickq::poller), lossless mode, declared
// prompt or single producers, slickq::reader<T> and slickq::worker<T>. What fewer programs need has headers of its own: consumer.hpp (who
// is registered, and to be it), cursor.hpp (shared cursors with names), inspect.hpp (any segment), polled_reader.hpp (for event loops),
// records.hpp (a reader's records as a range). Who declares a single producer produces through this object or
// through its handle(), not through both.
//
// Threads: all members may be called at the same time from any thread, but for construction, destruction and reset(). A plain
// cursor belongs to one thread.
//
// Without exceptions (-fno-exceptions) what would throw prints its message and aborts: ask slickq_queue_open() and the like first.
#ifndef SLICKQ_SLICKQ_HPP
#define SLICKQ_SLICKQ_HPP

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#  error "slickq.hpp needs C++20: compile with -std=c++20 or later (MSVC: /std:c++20). slickq.h, the C API, needs no more than C++98"
#endif

#include <slickq/error.hpp>
#include <slickq/poller.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/ring.hpp>
#include <slickq/slickq.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace slickq {

namespace detail {

template <class Rep, class Period>
std::int64_t deadline_in(std::chrono::duration<Rep, Period> timeout) {
    return slickq_deadline(std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(timeout).count(), 0));
}

} // namespace detail

template <class T>
class reader;
template <class T>
class worker;

// Say which constructor is meant.
struct create_only_t {
    explicit create_only_t() = default;
};
inline constexpr create_only_t create_only{};
struct adopt_t {
    explicit adopt_t() = default;
};
inline constexpr adopt_t adopt{};

template <class T>
class queue {
    static_assert(std::is_trivially_copyable_v<T>, "elements are shared as bytes: T must be trivially copyable");

    friend class reader<T>;
    friend class worker<T>;

public:
    using value_type = T;

    // `size` elements (a power of two). Without a name in this process's memory; with one in the shared segment of that name,
    // which is created if it does not exist.
    explicit queue(std::uint32_t size, const char* shm_name = nullptr) : queue(shm_name, options_for(size, 0), how::create) {}

    // Every reservation is rounded up to a multiple of items_per_slot, a power of two.
    queue(std::uint32_t size, std::uint32_t items_per_slot, const char* shm_name = nullptr)
        : queue(shm_name, options_for(size, items_per_slot), how::create) {}

    // Attaches to an existing shared segment.
    explicit queue(const char* shm_name) : queue(shm_name, options_for(0, 0), how::open) {}

    // Attaches to an existing shared segment with options of one's own (read-only, deadline, layout). element_size may be 0.
    // On a read-only queue only reading is allowed: the memory can't be written.
    queue(const char* shm_name, slickq_options options) : queue(shm_name, with_element_size(options), how::open) {}

    // Opens the shared segment or creates it, with options of one's own (flags, layout, permissions); nullptr: a local queue.
    queue(std::uint32_t size, const char* shm_name, slickq_options options)
        : queue(shm_name, with_shape(options, size), how::create) {}

    // Creates the shared segment, whose name must be free: else it throws SLICKQ_E_EXISTS.
    queue(create_only_t, std::uint32_t size, const char* shm_name, slickq_options options = {})
        : queue(shm_name, with_shape(options, size), how::create_new) {}

    // Takes a handle of the C API over, also where it throws: the elements must have the size of T.
    queue(adopt_t, slickq_queue* handle) : handle_(handle) { adopt_or_close(); }

    queue(const queue&) = delete;
    queue& operator=(const queue&) = delete;
    ~queue() { slickq_queue_close(handle_); }

    // ---------------------------------------------------------------- producing

    // Room for n contiguous elements, 1 <= n <= size(): the first one's index. In a queue opened with SLICKQ_OPEN_LOSSLESS it waits
    // for room. Throws SLICKQ_E_SECOND_PRODUCER if the queue was opened with SLICKQ_OPEN_SINGLE_PRODUCER, and there is another.
    std::uint64_t reserve(std::uint32_t n = 1) {
        if (!ring_.can_hold(n)) [[unlikely]] throw_bad_count(n);
        std::uint64_t index;
        if (n <= adds_up_to_ && ring_.reserve_by_adding(n, index)) [[likely]] return index;
        if (is_lossless_) return reserve_lossless(n);
        if (!is_single_producer_) return ring_.reserve_contiguous(n);
        if (!ring_.reserve_single_producer(single_producer_, n, index)) [[unlikely]] throw_second_producer();
        return index;
    }

    // The same for at most `timeout` (0: it looks once): nothing if there was no room. Only in lossless mode may there be none.
    template <class Rep, class Period>
    std::optional<std::uint64_t> reserve_for(std::uint32_t n, std::chrono::duration<Rep, Period> timeout) {
        return reserve_until(n, detail::deadline_in(timeout));
    }
    // Deadlines are those of slickq_deadline().
    std::optional<std::uint64_t> reserve_until(std::uint32_t n, std::int64_t deadline_ns) {
        if (!is_lossless_) return reserve(n);
        std::uint64_t index = 0;
        const slickq_status status = slickq_queue_reserve_until(handle_, n, deadline_ns, &index);
        if (status == SLICKQ_TIMED_OUT) return std::nullopt;
        require_ok(status);
        return index;
    }

    // The element with that index; those of one reservation are contiguous.
    T* operator[](std::uint64_t index) noexcept { return elements_ + ring_.position(index); }
    const T* operator[](std::uint64_t index) const noexcept { return elements_ + ring_.position(index); }

    // Makes n elements from a reserved index on visible as one record. False: too late, the ring has lapped it (or that was never
    // reserved, was published already, or n is 0), nothing was published.
    bool publish(std::uint64_t index, std::uint32_t n = 1) noexcept {
        return ring_.is_span(index, n) && ring_.publish(index, n) == ring_result::ok;
    }

    // Reserves, copies and publishes. To write in place is faster by the copy; this is no data race with a copying consumer that
    // the producers lap (it throws away what it copied), which ThreadSanitizer would otherwise report.
    bool write(std::span<const T> elements) {
        if (elements.size() > UINT32_MAX) [[unlikely]] throw_bad_count(elements.size());
        const std::uint64_t index = reserve(static_cast<std::uint32_t>(elements.size()));
        ring_.fill(index, elements.data(), elements.size_bytes());
        return publish(index, static_cast<std::uint32_t>(elements.size()));
    }

    // Writes every element as a record of its own: see slickq_queue_write_batch(), also for the counts of longer records. False: the
    // ring lapped some of them before they were published. In lossless mode it waits for room for all.
    bool write_batch(std::span<const T> elements) { return write_records(elements.data(), nullptr, elements.size()); }
    bool write_batch(std::span<const T> elements, std::span<const std::uint32_t> counts) {
        std::uint64_t total = 0;
        for (const std::uint32_t count : counts) {
            if (!ring_.can_hold(count)) throw_bad_count(count);
            total += count;
        }
        if (total != elements.size()) {
            raise(SLICKQ_E_ARGUMENT,
                        "records of " + std::to_string(total) + " elements, but " + std::to_string(elements.size()) + " are given");
        }
        return write_records(elements.data(), counts.data(), counts.size());
    }

    // write() and write_batch() that wait for room no longer than until the deadline. SLICKQ_OK, or what need not be an error:
    // SLICKQ_TIMED_OUT, SLICKQ_CANCELLED (by cancel()), and SLICKQ_E_STALE where those say false. `written`: so many records are, from the
    // first one on.
    slickq_status write_until(std::span<const T> elements, std::int64_t deadline_ns) {
        const auto count = static_cast<std::uint32_t>(elements.size());
        if (elements.size() > UINT32_MAX || !ring_.can_hold(count)) [[unlikely]] throw_bad_count(elements.size());
        return tolerated(slickq_queue_write_until(handle_, elements.data(), count, deadline_ns, nullptr));
    }
    template <class Rep, class Period>
    slickq_status write_for(std::span<const T> elements, std::chrono::duration<Rep, Period> timeout) {
        return write_until(elements, detail::deadline_in(timeout));
    }
    slickq_status write_batch_until(std::span<const T> elements, std::int64_t deadline_ns, std::uint32_t& written) {
        if (elements.size() > UINT32_MAX) [[unlikely]] throw_bad_count(elements.size());
        const auto records = static_cast<std::uint32_t>(elements.size());
        written = 0;
        if (records == 0) return SLICKQ_OK;
        return tolerated(slickq_queue_write_batch_until(handle_, elements.data(), nullptr, records, deadline_ns, &written));
    }
    template <class Rep, class Period>
    slickq_status write_batch_for(std::span<const T> elements, std::chrono::duration<Rep, Period> timeout, std::uint32_t& written) {
        return write_batch_until(elements, detail::deadline_in(timeout), written);
    }

    // ---------------------------------------------------------------- consuming

    // The record at the cursor, in place, and its number of elements; {nullptr, 0} if there is none yet. Producers that lap
    // the reader overwrite it while it is read: validate() it after use.
    std::pair<T*, std::uint32_t> read(std::uint64_t& read_index) {
        record next;
        if (ring_.read_single(read_index, next)) [[likely]] return {elements_ + next.position, 1};
        std::uint64_t at = read_index; // so that the caller's may stay in a register
        record seen;
        const ring_result result = read_any(at, seen);
        read_index = at;
        return deliver(result, seen);
    }

    // The same through a cursor that consumers share; each record goes to one of them.
    std::pair<T*, std::uint32_t> read(std::atomic<std::uint64_t>& read_index) {
        record seen;
        return deliver(ring_.claim(read_index, seen), seen);
    }

    // The elements of up to `limit` records that lie one after another in the ring, in place; none if there is nothing yet. It ends
    // early at the ring's end, at a loss (which is counted by the next read), and where nothing more is published. To be
    // checked after use, with the index of the first element: read_index after the read, less the number of elements.
    std::span<const T> read_batch(std::uint64_t& read_index, std::uint32_t limit) {
        record seen;
        const auto [first, count] = deliver(ring_.read_run(read_index, limit, seen), seen);
        return {first, count};
    }

    // After a record was used in place: whether nobody had begun to overwrite it when it was read. `index` is the record's:
    // read_index after the read, less the elements read (rounded up to items_per_slot).
    bool validate(std::uint64_t index) const noexcept { return ring_.is_intact(index, size()); }

    // Copies the record at the cursor and returns its number of elements; 0 if there is none yet. What was being overwritten is
    // skipped, and counted. Throws SLICKQ_E_BUFFER if it has more elements than `into`; it is still there then.
    std::uint32_t read(std::uint64_t& read_index, std::span<T> into) {
        return copy([&](record& seen) { return ring_.read_copy(read_index, into.data(), into.size(), seen); });
    }
    std::uint32_t read(std::atomic<std::uint64_t>& read_index, std::span<T> into) {
        return copy([&](record& seen) { return ring_.claim_copy(read_index, into.data(), into.size(), seen); });
    }

    // Waits until there is something to read at index `cursor` (true), for at most `timeout`. See "waiting" in slickq.h.
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

    // A cursor that is there now; not for start::index.
    std::uint64_t cursor_at(start from) const noexcept { return position_of(ring_, from); }

    // The record published last; {nullptr, 0} if there is none. Throws SLICKQ_E_UNSUPPORTED in layouts SLQ0 and SLQ2.
    std::pair<T*, std::uint32_t> read_last() {
        if (!ring_.can_read_last()) raise(SLICKQ_E_UNSUPPORTED, "this layout keeps no last-published index");
        record seen;
        return deliver(ring_.read_last(seen), seen);
    }

    // The next index to be reserved: where a consumer begins that wants only new records.
    std::uint64_t next_index() const noexcept { return ring_.reserved_index(); }

    // Elements that reads through this object skipped because producers had lapped them.
    std::uint64_t loss_count() const noexcept { return loss_count_.load(std::memory_order_relaxed); }

    // ---------------------------------------------------------------- life and properties

    // Empties the queue; nobody else may be using it.
    void reset() noexcept {
        slickq_queue_reset(handle_);
        loss_count_.store(0, std::memory_order_relaxed);
    }

    // Removes the segment's name; who has it open goes on. False if there is none (any more).
    bool remove_shm() noexcept { return use_shm() && slickq_segment_remove(shm_name_.c_str()) == SLICKQ_OK; }

    // Whether the name still leads here: see "orphans" in slickq.h. If not, reattach() opens what it leads to now, as another object.
    slickq_name_state name_state() const {
        std::uint32_t state = SLICKQ_NAME_OURS;
        require_ok(slickq_queue_name_state(handle_, &state));
        return static_cast<slickq_name_state>(state);
    }
    queue reattach() const {
        slickq_queue* fresh = nullptr;
        require_ok(slickq_queue_reattach(handle_, &fresh));
        return queue(slickq::adopt, fresh);
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

private:
    enum class how { create, create_new, open };

    queue(const char* shm_name, const slickq_options& options, how manner) {
        require_ok(manner == how::open          ? slickq_queue_open(shm_name, &options, &handle_)
                   : manner == how::create_new  ? slickq_queue_create(shm_name, &options, &handle_)
                   : shm_name == nullptr        ? slickq_queue_create_local(&options, &handle_)
                                                : slickq_queue_open_or_create(shm_name, &options, &handle_));
        adopt_or_close();
    }

    // The destructor does not run for an object whose constructor threw.
    void adopt_or_close() {
        struct guard {
            slickq_queue* handle;
            ~guard() {
                if (handle != nullptr) slickq_queue_close(handle);
            }
        } closes{handle_};
        describe();
        closes.handle = nullptr;
    }

    void describe() {
        const slickq_queue_info info = this->info();
        if (info.element_size != sizeof(T)) {
            raise(SLICKQ_E_MISMATCH, "the elements have " + std::to_string(info.element_size) + " bytes, T has " + std::to_string(sizeof(T)));
        }
        layout_ = static_cast<slickq::layout>(info.layout);
        auto* const base = static_cast<std::byte*>(info.base);
        ring_ = ring(base, {layout_, info.capacity, info.element_size, info.items_per_slot},
                     info.extension_offset != 0 ? reinterpret_cast<extension*>(base + info.extension_offset) : nullptr);
        if (reinterpret_cast<std::uintptr_t>(ring_.elements()) % alignof(T) != 0) {
            raise(SLICKQ_E_UNSUPPORTED, "the elements of this queue are not aligned as T asks for");
        }
        elements_ = reinterpret_cast<T*>(ring_.elements());
        items_per_slot_ = info.items_per_slot;
        is_creator_ = (info.flags & SLICKQ_INFO_CREATOR) != 0;
        is_read_only_ = (info.flags & SLICKQ_INFO_READ_ONLY) != 0;
        is_lossless_ = (info.flags & SLICKQ_INFO_LOSSLESS) != 0;
        is_single_producer_ = (info.flags & SLICKQ_INFO_SINGLE_PRODUCER) != 0;
        if ((info.flags & SLICKQ_INFO_PROMPT_PRODUCER) != 0 && !is_lossless_) ring_.begin_promptly();
        if (is_single_producer_) ring_.begin_single_producer(single_producer_);
        if (!is_single_producer_ && !is_lossless_) adds_up_to_ = ring_.adds_up_to();
        shm_name_ = info.name;
    }

    bool write_records(const T* elements, const std::uint32_t* counts, std::size_t records) {
        bool in_time = true;
        const auto* source = reinterpret_cast<const std::byte*>(elements);
        while (records != 0) {
            const batch all{counts, static_cast<std::uint32_t>(std::min<std::size_t>(records, max_capacity))};
            std::uint32_t written = 0;
            if (is_lossless_) {
                const slickq_status status =
                    slickq_queue_write_batch_until(handle_, source, counts, all.records, SLICKQ_FOREVER, &written);
                if (status != SLICKQ_E_STALE) require_ok(status);
                in_time = in_time && status == SLICKQ_OK;
            } else {
                std::uint64_t from;
                if (!is_single_producer_) {
                    written = ring_.reserve_batch(all, from);
                } else if (!ring_.reserve_batch_single(single_producer_, all, from, written)) {
                    throw_second_producer();
                }
                in_time = ring_.write_batch(from, {counts, written}, source) == ring_result::ok && in_time;
            }
            records -= written;
            if (records == 0) break;
            source += all.elements(written) * sizeof(T);
            if (counts != nullptr) counts += written;
        }
        return in_time;
    }

    SLICKQ_NOINLINE ring_result read_any(std::uint64_t& read_index, record& seen) const noexcept { return ring_.read_any(read_index, seen); }
    SLICKQ_NOINLINE std::uint64_t reserve_lossless(std::uint32_t n) { return *reserve_until(n, SLICKQ_FOREVER); }

    // Apart from the hot path, which they would keep from being inlined. Too many is no std::invalid_argument: in a larger queue it is
    // right, and slick::queue<T> throws a std::runtime_error.
    [[noreturn]] SLICKQ_COLD void throw_bad_count(std::uint64_t n) const {
        const std::string why = "a record of " + std::to_string(n) + " elements in a queue of " + std::to_string(size());
        if (n == 0) raise(SLICKQ_E_ARGUMENT, why);
        raise_as<failure>(SLICKQ_E_ARGUMENT, why);
    }
    [[noreturn]] SLICKQ_COLD static void throw_corrupt(std::uint64_t index) {
        raise(SLICKQ_E_CORRUPT, "the slot of index " + std::to_string(index) + " is damaged");
    }
    [[noreturn]] SLICKQ_COLD static void throw_second_producer() {
        raise(SLICKQ_E_SECOND_PRODUCER, "the queue was opened for a single producer, and somebody else has produced");
    }

    std::pair<T*, std::uint32_t> deliver(ring_result result, const record& seen) {
        if (result == ring_result::empty) return {nullptr, 0};
        if (seen.lost != 0) loss_count_.fetch_add(seen.lost, std::memory_order_relaxed); // a statistic
        if (result == ring_result::corrupt) throw_corrupt(seen.index);
        return {elements_ + seen.position, seen.count};
    }

    template <class Read>
    std::uint32_t copy(Read read_once) {
        for (;;) {
            record seen;
            const ring_result result = read_once(seen);
            if (result == ring_result::too_large) {
                raise(SLICKQ_E_BUFFER, "the record has " + std::to_string(seen.count) + " elements");
            }
            const std::uint32_t count = deliver(result, seen).second;
            if (result != ring_result::lapped) return count;
        }
    }

    static slickq_status tolerated(slickq_status status) {
        if (status < 0 && status != SLICKQ_E_STALE) require_ok(status);
        return status;
    }

    static slickq_options options_for(std::uint32_t size, std::uint32_t items_per_slot) noexcept {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.capacity = size;
        options.items_per_slot = items_per_slot;
        return with_element_size(options);
    }
    static slickq_options with_shape(slickq_options options, std::uint32_t size) noexcept {
        options.struct_size = sizeof options;
        options.capacity = size;
        return with_element_size(options);
    }
    static slickq_options with_element_size(slickq_options options) noexcept {
        options.element_size = sizeof(T);
        return options;
    }

    ring ring_;
    T* elements_ = nullptr;
    slickq_queue* handle_ = nullptr;
    std::uint32_t items_per_slot_ = 1;
    slickq::layout layout_ = layout::any;
    bool is_creator_ = false;
    bool is_read_only_ = false;
    bool is_lossless_ = false;
    bool is_single_producer_ = false;
    std::uint32_t adds_up_to_ = 0; // elements are reserved by an addition; 0: it is lossless or alone
    std::string shm_name_;
    // Apart from what every operation reads: written when something was lost, ...
    alignas(64) std::atomic<std::uint64_t> loss_count_{0};
    // ... and by each reservation of a single producer.
    alignas(64) single_producer single_producer_;
};

template <class T>
using SlickQueue = queue<T>;

// A consumer that hands out only whole records, and accounts for all others: see reader.hpp. The queue must outlive it; it
// belongs to one thread at a time.
template <class T>
class reader {
public:
    struct item {
        read_result what;
        std::span<const T> elements; // if `what` is read_result::record: in the reader's memory, until its next read
        std::uint64_t index;         // of the record; without one, where the reader goes on
        std::uint64_t lost;          // elements, if something was lost

        explicit operator bool() const noexcept { return what == read_result::record; }
    };

    // Throws SLICKQ_E_ARGUMENT for a start::index that is ahead of what is reserved. is_registered: producers in lossless mode wait
    // for it, see "delivery without loss" in slickq.h. Then it must not be used in a child of fork().
    explicit reader(queue<T>& source, const reader_options& options = {}, bool is_registered = false)
        : reader(source, options, is_registered ? registration(source, options) : registration{}) {}
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;
    ~reader() {
        if (member_ != 0) slickq_consumer_unregister(source_.handle_, member_);
    }

    item read() {
        delivery got;
        return described(core_.read(got), got);
    }

    struct many {
        read_result what;
        std::span<const T> elements;           // of all its records, one after another
        std::span<const slickq_entry> records; // where each was, and how many elements it has. Both in the reader's memory
        std::uint64_t index;                   // of the first one; without any, where the reader goes on
        std::uint64_t lost;

        explicit operator bool() const noexcept { return what == read_result::record; }
    };

    // Up to `limit` records at once (0: as many as the reader's `batch`), validated together.
    many read_batch(std::uint32_t limit = 0) {
        slickq_batch got{};
        return described(core_.read_batch(limit, got), got);
    }
    many read_batch_until(std::uint32_t limit, std::int64_t deadline_ns) {
        slickq_batch got{};
        read_result what{};
        core_.read_batch_until(limit, deadline_ns, is_read_only_, [&] { return cancelled_.take(); }, what, got);
        return described(what, got);
    }

    // The same, but where nothing is there, or nothing published, waits for it, `timeout` at most: see "waiting" in slickq.h.
    template <class Rep, class Period>
    item read_for(std::chrono::duration<Rep, Period> timeout) {
        return read_until(detail::deadline_in(timeout));
    }
    // Deadlines are those of slickq_deadline().
    item read_until(std::int64_t deadline_ns) {
        delivery got;
        read_result what{};
        core_.read_until(deadline_ns, is_read_only_, [&] { return cancelled_.take(); }, what, got);
        return described(what, got);
    }

    // From any thread, also while the reader waits: ends its wait (with read_result::empty or pending), the next one if there is none.
    void cancel() {
        cancelled_.ask();
        source_.ring_.arrivals(is_read_only_).wake_sleepers();
    }

    std::uint64_t cursor() const noexcept { return core_.cursor(); }         // index of what is handed out next
    std::uint64_t lag() const noexcept { return core_.lag(); }               // elements reserved from there on
    std::uint64_t received() const noexcept { return core_.received_elements(); }
    std::uint64_t received_records() const noexcept { return core_.received_records(); }
    const losses& lost() const noexcept { return core_.lost(); }             // elements, by cause
    std::uint64_t suspects() { return core_.suspects(); } // elements received that may be wrong, as lapped producers told since: slickq.h
    std::uint64_t resets() const noexcept { return core_.resets(); }
    std::int64_t pending_ns() const noexcept { return core_.pending_ns(); } // since when the next record is unpublished

private:
    // Made before the reader's core, if it begins now: then nothing is lost from its first index on.
    struct registration {
        registration() = default;
        registration(queue<T>& q, const reader_options& options) : source(&q) {
            if (options.from == start::now) enrol(SLICKQ_NO_INDEX);
        }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { // of a reader that could not be made
            if (member != 0) slickq_consumer_unregister(source->handle_, member);
        }
        void enrol(std::uint64_t index) {
            require_ok(slickq_consumer_register(source->handle_, index, &member, &held_from));
        }
        queue<T>* source = nullptr; // if it is wanted at all
        std::uint64_t member = 0;
        std::uint64_t held_from = 0;
    };

    reader(queue<T>& source, const reader_options& options, registration&& registered)
        : core_(checked(source.ring_, options), beginning(options, registered)), source_(source), is_read_only_(source.is_read_only_) {
        if (registered.source == nullptr) return;
        if (registered.member == 0) registered.enrol(core_.cursor());
        member_ = std::exchange(registered.member, 0);
        core_.registered_as(member_);
    }

    static reader_options beginning(reader_options options, const registration& registered) {
        if (registered.member == 0) return options;
        options.from = start::index;
        options.index = registered.held_from;
        return options;
    }

    static const ring& checked(const ring& source, const reader_options& options) {
        if (options.from == start::index && source.difference(source.reserved_index(), options.index) < 0) {
            raise(SLICKQ_E_ARGUMENT, "index " + std::to_string(options.index) + " is ahead of the queue");
        }
        return source;
    }

    static item described(read_result what, const delivery& got) {
        return {what, {reinterpret_cast<const T*>(got.data), got.count}, got.index, got.lost};
    }

    static many described(read_result what, const slickq_batch& got) {
        return {what, {static_cast<const T*>(got.data), got.elements}, {got.entries, got.records}, got.index, got.lost};
    }

    basic_reader<> core_;
    queue<T>& source_;
    bool is_read_only_;
    std::uint64_t member_ = 0; // if it is registered
    cancellation cancelled_;
};

// One of a group that shares a cursor: see "groups of workers" in slickq.h. The queue must outlive it; it belongs to one thread at a
// time.
template <class T>
class worker {
public:
    struct item {
        slickq_status what;          // SLICKQ_OK, or one of slickq_worker_read()'s others that are no errors
        std::span<const T> elements; // with SLICKQ_OK: in the worker's memory, until its next call
        std::uint64_t index;
        std::uint64_t lost;
        bool is_redelivered;

        explicit operator bool() const noexcept { return what == SLICKQ_OK; }
    };

    // Throws what slickq_worker_open() says. options: its struct_size and group are set here.
    worker(queue<T>& source, const std::string& group, slickq_worker_options options) {
        options.struct_size = sizeof options;
        options.group = group.c_str();
        require_ok(slickq_worker_open(source.handle_, &options, &handle_));
    }
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker() { slickq_worker_close(handle_); }

    // For poll(), see slickq_worker_descriptor(). The worker closes it.
    int descriptor() {
        int found = -1;
        require_ok(slickq_worker_descriptor(handle_, &found));
        return found;
    }

    // Throws SLICKQ_E_EVICTED if it is no worker any more.
    item read() {
        slickq_record got{};
        return described(slickq_worker_read(handle_, &got), got);
    }
    template <class Rep, class Period>
    item read_for(std::chrono::duration<Rep, Period> timeout) {
        return read_until(detail::deadline_in(timeout));
    }
    item read_until(std::int64_t deadline_ns) {
        slickq_record got{};
        return described(slickq_worker_read_until(handle_, deadline_ns, &got), got);
    }
    // What it has claimed is done with.
    void done() { require_ok(slickq_worker_done(handle_)); }
    void cancel() { slickq_worker_cancel(handle_); }

private:
    static item described(slickq_status status, const slickq_record& got) {
        if (status < 0) require_ok(status);
        return {status, {static_cast<const T*>(got.data), got.count}, got.index, got.lost, (got.flags & SLICKQ_RECORD_REDELIVERED) != 0};
    }

    slickq_worker* handle_ = nullptr;
};

} // namespace slickq

#endif
