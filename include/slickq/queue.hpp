// queue.hpp - slickq::queue<T>: producing, and consuming with cursors of one's own. See slickq.hpp.
#ifndef SLICKQ_QUEUE_HPP
#define SLICKQ_QUEUE_HPP

#include <slickq/detail/producing.hpp>
#include <slickq/detail/ring.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/wait_until.hpp>
#include <slickq/error.hpp>
#include <slickq/queue_handle.hpp>
#include <slickq/slickq.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class T>
class reader;

template <class T>
class queue : public queue_handle {
    static_assert(std::is_trivially_copyable_v<T>, "elements are shared as bytes: T must be trivially copyable");

    friend class reader<T>;

public:
    using value_type = T;

    // `size` elements (a power of two). Without a name in this process's memory; with one in the shared segment of that
    // name, which is created if it does not exist.
    explicit queue(std::uint32_t size, const char* shm_name = nullptr) : queue(shm_name, shape(size), open_or_create) {}

    // Every reservation is rounded up to a multiple of items_per_slot, a power of two.
    queue(std::uint32_t size, std::uint32_t items_per_slot, const char* shm_name = nullptr)
        : queue(shm_name, shape(size, items_per_slot), open_or_create) {}

    // Attaches to an existing shared segment.
    explicit queue(const char* shm_name) : queue(shm_name, shape(0), slickq_queue_open) {}

    // Attaches to an existing shared segment with options of one's own (read-only, deadline, layout). On a read-only
    // queue only reading is allowed: the memory can't be written.
    queue(const char* shm_name, slickq_options options) : queue(shm_name, options, slickq_queue_open) {}

    // Opens the shared segment or creates it, with options of one's own (flags, layout, permissions); nullptr: a local
    // queue.
    queue(std::uint32_t size, const char* shm_name, slickq_options options)
        : queue(shm_name, with_size(options, size), open_or_create) {}

    // Creates the shared segment, whose name must be free: else it throws SLICKQ_E_EXISTS.
    queue(create_only_t, std::uint32_t size, const char* shm_name, slickq_options options = {})
        : queue(shm_name, with_size(options, size), slickq_queue_create) {}

    // Takes a handle of the C API over, also where it throws: the elements must have the size of T.
    queue(adopt_t, slickq_queue* handle) : queue_handle(handle, sizeof(T), alignof(T)) {}

    // ---------------------------------------------------------------- producing

    // Room for n contiguous elements, 1 <= n <= size(): the first one's index. In a queue opened with
    // SLICKQ_OPEN_LOSSLESS it waits for room. Throws SLICKQ_E_SECOND_PRODUCER if the queue was opened with
    // SLICKQ_OPEN_SINGLE_PRODUCER, and there is another.
    std::uint64_t reserve(std::uint32_t n = 1) {
        if (!ring_.can_hold(n)) [[unlikely]] throw_bad_count(n);
        std::uint64_t index;
        if (n <= adds_up_to_ && ring_.reserve_by_adding(n, index)) [[likely]] return index;
        if (is_lossless_) return reserve_lossless(n);
        if (!is_single_producer_) return ring_.reserve_contiguous(n);
        if (!ring_.reserve_single_producer(single_producer_, n, index)) [[unlikely]] throw_second_producer();
        return index;
    }

    // The same for at most `timeout` (0: it looks once): nothing if there was no room. Only in lossless mode may there
    // be none.
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
    T* operator[](std::uint64_t index) noexcept { return elements() + ring_.position(index); }
    const T* operator[](std::uint64_t index) const noexcept { return elements() + ring_.position(index); }

    // Makes n elements from a reserved index on visible as one record. False: too late, the ring has lapped it (or that
    // was never reserved, was published already, or n is 0), nothing was published.
    bool publish(std::uint64_t index, std::uint32_t n = 1) noexcept {
        return ring_.is_span(index, n) && ring_.publish(index, n) == ring_result::ok;
    }

    // Reserves, copies and publishes. To write in place is faster by the copy; this is no data race with a copying
    // consumer that the producers lap (it throws away what it copied), which ThreadSanitizer would otherwise report.
    bool write(std::span<const T> elements) {
        if (elements.size() > UINT32_MAX) [[unlikely]] throw_bad_count(elements.size());
        const std::uint64_t index = reserve(static_cast<std::uint32_t>(elements.size()));
        ring_.fill(index, elements.data(), elements.size_bytes());
        return publish(index, static_cast<std::uint32_t>(elements.size()));
    }

    // Writes every element as a record of its own: see slickq_queue_write_batch(), also for the counts of longer
    // records. False: the ring lapped some of them before they were published. In lossless mode it waits for room for
    // all.
    bool write_batch(std::span<const T> elements) { return write_records(elements.data(), nullptr, elements.size()); }
    bool write_batch(std::span<const T> elements, std::span<const std::uint32_t> counts) {
        std::uint64_t total = 0;
        for (const std::uint32_t count : counts) {
            if (!ring_.can_hold(count)) throw_bad_count(count);
            total += count;
        }
        if (total != elements.size()) {
            raise(SLICKQ_E_ARGUMENT, "records of " + std::to_string(total) + " elements, but " +
                                         std::to_string(elements.size()) + " are given");
        }
        return write_records(elements.data(), counts.data(), counts.size());
    }

    // write() and write_batch() that wait for room no longer than until the deadline. SLICKQ_OK, or what need not be an
    // error: SLICKQ_TIMED_OUT, SLICKQ_CANCELLED (by cancel()), and SLICKQ_E_STALE where those say false. `written`: so
    // many records are, from the first one on.
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
        return tolerated(
            slickq_queue_write_batch_until(handle_, elements.data(), nullptr, records, deadline_ns, &written));
    }
    template <class Rep, class Period>
    slickq_status write_batch_for(std::span<const T> elements, std::chrono::duration<Rep, Period> timeout,
                                  std::uint32_t& written) {
        return write_batch_until(elements, detail::deadline_in(timeout), written);
    }

    // ---------------------------------------------------------------- consuming

    // The record at the cursor, in place, and its number of elements; {nullptr, 0} if there is none yet. Producers that
    // lap the reader overwrite it while it is read: validate() it after use.
    std::pair<T*, std::uint32_t> read(std::uint64_t& read_index) {
        record next;
        if (ring_.read_single(read_index, next)) [[likely]] return {elements() + next.position, 1};
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

    // The elements of up to `limit` records that lie one after another in the ring, in place; none if there is nothing
    // yet. It ends early at the ring's end, at a loss (which is counted by the next read), and where nothing more is
    // published. To be checked after use, with the index of the first element: read_index after the read, less the
    // number of elements.
    std::span<const T> read_batch(std::uint64_t& read_index, std::uint32_t limit) {
        record seen;
        const auto [first, count] = deliver(ring_.read_run(read_index, limit, seen), seen);
        return {first, count};
    }

    // After a record was used in place: whether nobody had begun to overwrite it when it was read. `index` is the
    // record's: read_index after the read, less the elements read (rounded up to items_per_slot).
    bool validate(std::uint64_t index) const noexcept { return ring_.is_intact(index, size()); }

    // Copies the record at the cursor and returns its number of elements; 0 if there is none yet. What was being
    // overwritten is skipped, and counted. Throws SLICKQ_E_BUFFER if it has more elements than `into`; it is still
    // there then.
    std::uint32_t read(std::uint64_t& read_index, std::span<T> into) {
        return copy([&](record& seen) { return ring_.read_copy(read_index, into.data(), into.size(), seen); });
    }
    std::uint32_t read(std::atomic<std::uint64_t>& read_index, std::span<T> into) {
        return copy([&](record& seen) { return ring_.claim_copy(read_index, into.data(), into.size(), seen); });
    }

    // A cursor that is there now; not for start::index.
    std::uint64_t cursor_at(start from) const noexcept { return position_of(ring_, from); }

    // The record published last; {nullptr, 0} if there is none. Throws SLICKQ_E_UNSUPPORTED in layouts SLQ0 and SLQ2.
    std::pair<T*, std::uint32_t> read_last() {
        if (!ring_.can_read_last()) raise(SLICKQ_E_UNSUPPORTED, "this layout keeps no last-published index");
        record seen;
        return deliver(ring_.read_last(seen), seen);
    }

    // ---------------------------------------------------------------- life and properties

    queue reattach() const {
        slickq_queue* fresh = nullptr;
        require_ok(slickq_queue_reattach(handle_, &fresh));
        return queue(slickq::adopt, fresh);
    }

private:
    // The segment's elements must have the size of T.
    queue(const char* shm_name, slickq_options options, opening open)
        : queue_handle(opened(shm_name, options, sizeof(T), open), sizeof(T), alignof(T)) {}

    bool write_records(const T* elements, const std::uint32_t* counts, std::size_t records) {
        bool in_time = true;
        const auto* source = reinterpret_cast<const std::byte*>(elements);
        while (records != 0) {
            // what a batch can count
            const auto some = static_cast<std::uint32_t>(std::min<std::size_t>(records, max_capacity));
            unwritten left{{counts, some}, source};
            in_time = (is_lossless_ ? write_lossless(left) : write_freely(left)) && in_time;
            records -= some;
            if (records == 0) break;
            source += batch{counts, some}.elements(some) * sizeof(T);
            if (counts != nullptr) counts += some;
        }
        return in_time;
    }

    bool write_lossless(const unwritten& left) {
        std::uint32_t written = 0;
        return tolerated(slickq_queue_write_batch_until(handle_, left.elements, left.records.counts,
                                                        left.records.records, SLICKQ_FOREVER, &written)) == SLICKQ_OK;
    }

    bool write_freely(unwritten& left) {
        left.write_all(ring_, [&](const batch& wanted, std::uint64_t& from) {
            if (!is_single_producer_) return ring_.reserve_batch(wanted, from);
            std::uint32_t fits = 0;
            if (!ring_.reserve_batch_single(single_producer_, wanted, from, fits)) throw_second_producer();
            return fits;
        });
        return !left.is_stale;
    }

    SLICKQ_NOINLINE ring_result read_any(std::uint64_t& read_index, record& seen) const noexcept {
        return ring_.read_any(read_index, seen);
    }
    SLICKQ_NOINLINE std::uint64_t reserve_lossless(std::uint32_t n) { return *reserve_until(n, SLICKQ_FOREVER); }

    // Apart from the hot path, which they would keep from being inlined. Too many is no std::invalid_argument: in a
    // larger queue it is right, and slick::queue<T> throws a std::runtime_error.
    [[noreturn]] SLICKQ_COLD void throw_bad_count(std::uint64_t n) const {
        const std::string why =
            "a record of " + std::to_string(n) + " elements in a queue of " + std::to_string(size());
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
        lost_.add(seen.lost);
        if (result == ring_result::corrupt) throw_corrupt(seen.index);
        return {elements() + seen.position, seen.count};
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

    // One load, as a pointer of its own would be.
    T* elements() const noexcept { return reinterpret_cast<T*>(ring_.elements()); }
};

template <class T>
using SlickQueue = queue<T>;

} // namespace slickq

#endif
