// publish.hpp - the second and third step of a record: its elements are filled in, then it is made visible in its slot.
//
// A producer publishes in one of three manners, by what has been declared of it (producing). Each first looks whether
// the ring has lapped the reservation; what differs is how the slot is stored. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_PUBLISH_HPP
#define SLICKQ_DETAIL_PUBLISH_HPP

#include <slickq/detail/late.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

// What the user of a ring has declared of its producing.
enum class producing {
    strict, // nothing: a slot is published by a compare-and-swap
    prompt, // whatever is reserved is published within a lap
    single, // nobody else produces
};

template <class Atomics>
class basic_publishing : public basic_late_reports<Atomics> {
    using base = basic_late_reports<Atomics>;

public:
    template <class T>
    using atomic = typename Atomics::template atomic<T>;
    using typename base::extension_type;
    using typename base::single_producer_type;
    using typename base::slot_type;

    using base::at;
    using base::can_hold;
    using base::difference;
    using base::is_later;
    using base::is_within;
    using base::reserved_index;
    using base::wake_sleepers;

    // ---------------------------------------------------------------- declarations

    // Declares that whatever is reserved is published within a lap: then a look at *reserved* and a plain store
    // publish. A record that is late against this word is refused all the same; only if it is lapped between the look
    // and the moment when others see its store, the slot moves back to its record, and a reader that waits there for
    // the newer one misses that. Does nothing where a slot can't be stored as a whole, or where a consumer that falls
    // asleep can't make a fence for producers that have none. Before begin_single_producer(), if at all.
    void begin_promptly() noexcept {
        if (has_store16_ && use_light_fences()) producing_ = producing::prompt;
    }

    // Declares that nobody else produces: everything is a plain store then (single_producer.hpp).
    void begin_single_producer(single_producer_type& me) noexcept {
        me.reserved.store(shared().reserved.load(std::memory_order_relaxed), std::memory_order_relaxed);
        producing_ = producing::single;
        needs_fence_ = !use_light_fences();
    }

    // ---------------------------------------------------------------- one record

    // Copies elements of so many bytes into a reservation.
    void fill(std::uint64_t index, const void* elements, std::size_t bytes) noexcept {
        Atomics::copy_in(at(index), elements, bytes);
    }

    // A producer that is lapped at this very moment, while its bytes are still on their way to the others, may not be
    // told: only a full fence before publish:A could do that, on every publish. Its record is refused by checked reads
    // all the same.
    ring_result publish(std::uint64_t index, std::uint32_t count) noexcept {
        // Apart from each other, so that each is in one piece, without jumps.
        return producing_ == producing::strict ? publish_as(producing::strict, index, count)
               : producing_ == producing::prompt ? publish_as(producing::prompt, index, count)
                                                 : publish_as(producing::single, index, count);
    }

protected:
    using base::extension_;
    using base::has_wrapped;
    using base::index_mask_;
    using base::is_late;
    using base::keeps_last_;
    using base::mask_;
    using base::shared;
    using base::slot_of;
    using base::store_slot;

    basic_publishing() = default;
    basic_publishing(std::byte* start, const geometry& g, extension_type* extra) noexcept
        : base(start, g, extra), has_store16_(Atomics::has_store16()) {}

    // Stores the slot; false: too late. Both words are stored at once: whoever read the count of one record with the
    // index of another would not know how far to go on.
    bool put(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        if (how == producing::strict) return store_slot(index, index, count);
        if (how == producing::prompt || has_store16_) [[likely]] {
            Atomics::store16(&slot_of(index), {index, count}); // single:B, prompt:B
        } else {
            set_slot_in_parts(slot_of(index), index, count);
        }
        return true;
    }
    void announce(producing how, std::uint64_t index) noexcept {
        how == producing::single ? set_last_published(index) : raise_last_published(index);
    }
    void wake_after_put(producing how) const noexcept {
        if (how != producing::strict) Atomics::compiler_fence();                            // wake:B
        if (how == producing::single && needs_fence_) [[unlikely]] Atomics::full_fence(); // wake:A
        wake_sleepers();
    }

    producing producing_ = producing::strict;

private:
    ring_result publish_as(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
        const std::uint64_t distance = reserved - index;
        if (reserved < index || distance - 1 > mask_ || distance < count) [[unlikely]] {
            return publish_if_reserved(how, index, count);
        }
        if (!put(how, index, count)) [[unlikely]] return refused(index, count);
        if (keeps_last_) [[likely]] announce(how, index);
        wake_after_put(how);
        return ring_result::ok;
    }
    // The same, for an index that is not just behind *reserved*.
    SLICKQ_NOINLINE ring_result publish_if_reserved(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        const ring_result told = judge(index, count);
        if (told != ring_result::ok) return told == ring_result::stale ? is_late(index, count) : told;
        if (!put(how, index, count)) return refused(index, count);
        if (keeps_last_) announce(how, index);
        wake_after_put(how);
        return ring_result::ok;
    }

    // Whether so much may be published from that index on, when *reserved* is not just ahead of it as plain numbers go.
    // Then it is too late, or was never reserved, or is one of the last before the indices began again at 0.
    ring_result judge(std::uint64_t index, std::uint32_t count) const noexcept {
        if (index > index_mask_ || !can_hold(count)) return ring_result::not_reserved;
        const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
        if (difference(reserved, index) < std::int64_t{count}) return ring_result::not_reserved;
        if (index > reserved && !has_wrapped(reserved)) return ring_result::not_reserved;
        return is_within(index, reserved) ? ring_result::ok : ring_result::stale;
    }

    // The slot has that index already, or a newer one.
    SLICKQ_NOINLINE ring_result refused(std::uint64_t index, std::uint32_t count) noexcept {
        const std::uint64_t there = slot_of(index).data_index.load(std::memory_order_relaxed);
        return there == index ? ring_result::not_reserved : is_late(index, count); // published before, or lapped
    }

    // ---------------------------------------------------------------- storing

    SLICKQ_NOINLINE void set_slot_in_parts(slot_type& s, std::uint64_t index, std::uint32_t count) noexcept {
        if (s.count.load(std::memory_order_relaxed) == count) {
            s.data_index.store(index, std::memory_order_release); // single:B
        } else {
            store_slot(index, index, count);
        }
    }

    void set_last_published(std::uint64_t index) noexcept {
        const std::uint64_t seen = shared().last_published.load(std::memory_order_relaxed);
        if (!is_later(index, seen)) return;
        shared().last_published.store(index, std::memory_order_release); // single:C
    }
    void raise_last_published(std::uint64_t index) noexcept {
        atomic<std::uint64_t>& last = shared().last_published;
        std::uint64_t seen = last.load(std::memory_order_relaxed);
        while (is_later(index, seen)) {
            // publish:C
            if (last.compare_exchange_weak(seen, index, std::memory_order_release, std::memory_order_relaxed)) return;
        }
    }

    // From now on this producer need not have a fence in its publish: a consumer that falls asleep makes it. False:
    // they can't.
    bool use_light_fences() noexcept {
        if (extension_ == nullptr) return true; // nobody is woken
        if (!Atomics::can_use_heavy_fences()) return false;
        extension_->has_light_fences.store(1, std::memory_order_relaxed); // light:A
        Atomics::full_fence();                                         // light:A
        return true;
    }

    bool has_store16_ = false;
    bool needs_fence_ = false; // of a single producer, to see who has fallen asleep
};

} // namespace slickq

#endif
