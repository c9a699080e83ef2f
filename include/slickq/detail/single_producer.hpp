// single_producer.hpp - reserving by the only producer, by its own declaration: with plain loads and stores.
//
// Another producer beside it is noticed at the next reservation (false) if it reserved between two of this one's; if it
// does so in the middle of one, both get the same elements. Not in the wide layout. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_SINGLE_PRODUCER_HPP
#define SLICKQ_DETAIL_SINGLE_PRODUCER_HPP

#include <slickq/detail/reserve.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

// What a declared single producer knows: *reserved* as it left it. If it finds something else, there is another
// producer. It belongs to one thread at a time, and is atomic so that two threads that use it against the rule are told
// so, instead of racing.
template <class Atomics>
struct basic_single_producer {
    typename Atomics::template atomic<std::uint64_t> reserved{0};
};
using single_producer = basic_single_producer<native_atomics>;

template <class Atomics>
class basic_reserving_single : public basic_reserving<Atomics> {
    using base = basic_reserving<Atomics>;

public:
    using typename base::extension_type;
    using single_producer_type = basic_single_producer<Atomics>;

    using base::align;
    using base::start_of_span;

    bool can_have_single_producer() const noexcept { return !is_wide_; }

    bool reserve_single_producer(single_producer_type& me, std::uint32_t count, std::uint64_t& index) noexcept {
        if (reserve_by_adding_single(me, count, index)) [[likely]] return true;
        return reserve_contiguous_single(me, count, index);
    }

    // The two parts of it, as those of reserve(). False: nothing was done. Nothing but an addition lies between two
    // reservations, since each has to wait for the one before.
    bool reserve_by_adding_single(single_producer_type& me, std::uint32_t count, std::uint64_t& index) noexcept {
        const std::uint64_t before = shared().reserved.load(std::memory_order_relaxed); // single:A
        if (before != me.reserved.load(std::memory_order_relaxed)) return false;
        const std::uint64_t from = packed_reserved::index(before);
        if (count > adds_up_to_ || packed_reserved::count(before) != count || (from & item_mask_) != 0) return false;
        move_single_producer(me, before + one_slot_);
        index = from;
        return true;
    }
    SLICKQ_NOINLINE bool reserve_contiguous_single(single_producer_type& me, std::uint32_t count,
                                                   std::uint64_t& index) noexcept {
        std::uint64_t before;
        if (!is_single_producer(me, before)) return false;
        const std::uint64_t from = packed_reserved::index(before);
        const std::uint64_t need = align(count);
        const std::uint64_t start = start_of_span(from, need);
        move_single_producer(me, packed_reserved::pack(start + need, count));
        index = mark_skip(from, start, count);
        return true;
    }

    bool reserve_batch_single(single_producer_type& me, const batch& wanted, std::uint64_t& from,
                              std::uint32_t& fits) noexcept {
        std::uint64_t before;
        if (!is_single_producer(me, before)) return false;
        from = packed_reserved::index(before);
        std::uint64_t end;
        fits = fit(wanted, from, nullptr, end);
        move_single_producer(me, packed_reserved::pack(end, wanted.count(fits - 1)));
        return true;
    }

protected:
    using base::adds_up_to_;
    using base::fit;
    using base::is_wide_;
    using base::item_mask_;
    using base::mark_skip;
    using base::one_slot_;
    using base::shared;

    basic_reserving_single() = default;
    basic_reserving_single(std::byte* start, const geometry& g, extension_type* extra) noexcept
        : base(start, g, extra) {}

private:
    // Whether nobody else has reserved; `before` becomes *reserved*. 0 tells of a reset, whoever made that: no reservation
    // leaves 0 there.
    bool is_single_producer(const single_producer_type& me, std::uint64_t& before) const noexcept {
        before = shared().reserved.load(std::memory_order_relaxed); // single:A
        return before == me.reserved.load(std::memory_order_relaxed) || before == 0;
    }
    void move_single_producer(single_producer_type& me, std::uint64_t after) noexcept {
        shared().reserved.store(after, std::memory_order_relaxed); // single:A
        me.reserved.store(after, std::memory_order_relaxed);
        Atomics::release_fence(); // reserve:B
    }
};

} // namespace slickq

#endif
