// reader.hpp - slickq::reader<T>: a consumer that validates what it hands out, and accounts for all else. See
// slickq.hpp.
#ifndef SLICKQ_PUBLIC_READER_HPP
#define SLICKQ_PUBLIC_READER_HPP

#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/wait_until.hpp>
#include <slickq/error.hpp>
#include <slickq/queue.hpp>
#include <slickq/slickq.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace slickq::inline SLICKQ_NAMESPACE {

// A consumer that hands out only whole records, and accounts for all others: see detail/validated_reader.hpp. The queue
// must outlive it; it belongs to one thread at a time.
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

    // Throws SLICKQ_E_ARGUMENT for a start::index that is ahead of what is reserved. is_registered: producers in
    // lossless mode wait for it, see "delivery without loss" in slickq.h. Then it must not be used in a child of
    // fork().
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
        // where each was, and how many elements it has. Both in the reader's memory
        std::span<const batch_entry> records;
        std::uint64_t index;                   // of the first one; without any, where the reader goes on
        std::uint64_t lost;

        explicit operator bool() const noexcept { return what == read_result::record; }
    };

    // Up to `limit` records at once (0: as many as the reader's `batch`), validated together.
    many read_batch(std::uint32_t limit = 0) {
        batch_delivery got;
        return described(core_.read_batch(limit, got), got);
    }
    many read_batch_until(std::uint32_t limit, std::int64_t deadline_ns) {
        batch_delivery got;
        read_result what{};
        core_.read_batch_until(limit, deadline_ns, is_read_only_, [&] { return cancelled_.take(); }, what, got);
        return described(what, got);
    }

    // The same, but where nothing is there, or nothing published, waits for it, `timeout` at most: see "waiting" in
    // slickq.h.
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

    // From any thread, also while the reader waits: ends its wait (with read_result::empty or pending), the next one if
    // there is none.
    void cancel() {
        cancelled_.ask();
        source_.ring_.arrivals(is_read_only_).wake_sleepers();
    }

    std::uint64_t cursor() const noexcept { return core_.cursor(); }         // index of what is handed out next
    std::uint64_t lag() const noexcept { return core_.lag(); }               // elements reserved from there on
    std::uint64_t received() const noexcept { return core_.received_elements(); }
    std::uint64_t received_records() const noexcept { return core_.received_records(); }
    const losses& lost() const noexcept { return core_.lost(); }             // elements, by cause
    // elements received that may be wrong, as lapped producers told since: slickq.h
    std::uint64_t suspects() { return core_.suspects(); }
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
        : core_(checked(source.ring_, options), beginning(options, registered)), source_(source),
          is_read_only_(source.is_read_only_) {
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

    static many described(read_result what, const batch_delivery& got) {
        return {what,
                {reinterpret_cast<const T*>(got.data), got.elements},
                {got.entries, got.records},
                got.index,
                got.lost};
    }

    basic_reader<> core_;
    queue<T>& source_;
    bool is_read_only_;
    std::uint64_t member_ = 0; // if it is registered
    cancellation cancelled_;
};

} // namespace slickq

#endif
