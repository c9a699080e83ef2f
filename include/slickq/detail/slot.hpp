// slot.hpp - the words of a segment in use, and its slots: looking at one, and storing one.
//
// A slot says which record begins there: (data_index, count). A slot that names an index of another position is a wrap
// marker: producers skipped the end of the ring, and the record is at its start. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_SLOT_HPP
#define SLICKQ_DETAIL_SLOT_HPP

#include <slickq/detail/event_count.hpp>
#include <slickq/detail/extension.hpp>
#include <slickq/detail/index.hpp>

#include <algorithm>

namespace slickq::inline SLICKQ_NAMESPACE {

// What one look at a cursor's slot found.
struct slot_view {
    enum kind { nothing, wrap_marker, changed, intact_record, damaged_record } what;
    std::uint64_t data_index;
    std::uint32_t count;
};

template <class Atomics>
class basic_slots : public index_space {
public:
    template <class T>
    using atomic = typename Atomics::template atomic<T>;
    using header_type = basic_header<Atomics>;
    using wide_header_type = basic_wide_header<Atomics>;
    using slot_type = basic_slot<Atomics>;
    using extension_type = basic_extension<Atomics>;

    std::byte* at(std::uint64_t index) const noexcept {
        return elements_ + std::uint64_t{position(index)} * element_size_;
    }
    std::byte* elements() const noexcept { return elements_; }
    std::uint32_t element_size() const noexcept { return element_size_; }
    std::uint64_t bytes_of(std::uint32_t count) const noexcept { return std::uint64_t{count} * element_size_; }
    extension_type* extension() const noexcept { return extension_; }

    // The next index to be reserved.
    std::uint64_t reserved_index(std::memory_order order = std::memory_order_acquire) const noexcept {
        return first_word().load(order) >> index_shift_;
    }

    // ---------------------------------------------------------------- sleeping and waking

    // What readers sleep on until something is published. There is none, and who sleeps elsewhere is woken by nobody,
    // where the segment has no extension area or the mapping `is_read_only`. Producers that are peers wake nobody.
    basic_event_count<Atomics> arrivals(bool is_read_only = false) const noexcept {
        if (extension_ == nullptr || is_read_only) return basic_event_count<Atomics>();
        return basic_event_count<Atomics>(&extension_->arrivals, &extension_->has_light_fences);
    }
    void wake_sleepers() const noexcept { basic_event_count<Atomics>::wake_sleepers_on(*arrivals_); }

    // ---------------------------------------------------------------- looking

    // Whether the cursor is at a record of one element, the usual case; `index` is then the record's, the same number.
    //
    // A batch goes on from the cursor and does not wait for what is loaded here: the processor predicts the
    // comparisons, knows the next cursor before the slot's cache line is there, and fetches several lines at once. A
    // single read goes on from `index` and waits for each line. That is better close behind a producer: running ahead
    // takes the lines from it that it is writing, and halved the rate where it was measured (bench/README.md).
    bool is_next_single(std::uint64_t cursor, std::uint64_t& index) const noexcept {
        const slot_type& s = slot_of(cursor);
        const std::uint64_t expected = Atomics::opaque(cursor);
        const std::uint64_t found = s.data_index.load(std::memory_order_acquire); // read:A
        index = Atomics::opaque(found);
        return found == expected && s.count.load(std::memory_order_acquire) == 1 && // read:B
               s.data_index.load(std::memory_order_relaxed) == expected &&          // read:C
               expected != no_index;
    }
    bool is_next_single(std::uint64_t cursor) const noexcept {
        std::uint64_t index;
        return is_next_single(cursor, index);
    }

    slot_view look(std::uint64_t cursor) const noexcept {
        const slot_type& s = slot_of(cursor);
        const std::uint64_t raw = s.data_index.load(std::memory_order_acquire); // read:A
        if (raw == no_index) return {slot_view::nothing, raw, 0};
        const std::uint64_t index = raw & index_mask();
        const std::int64_t ahead = difference(index, cursor);
        if (ahead < 0) return {slot_view::nothing, index, 0};
        if (position(index) != position(cursor)) {
            // A producer skipped the end of the ring. Its marker leads to the ring's start; a cursor that is at no
            // record's start (the caller's choice) is led to its own slot's. Anything else would let a hostile segment
            // lead us in circles.
            if (position(index) != 0 && &slot_of(index) != &s) return damaged(cursor & index_mask(), 0);
            return {is_reserved(index) ? slot_view::wrap_marker : slot_view::nothing, index, 0};
        }
        if (ahead != 0 && !is_reserved(index + 1)) return {slot_view::nothing, index, 0};
        std::uint32_t count = s.count.load(std::memory_order_acquire);                          // read:B
        if (s.data_index.load(std::memory_order_relaxed) != raw) return {slot_view::changed, 0, 0}; // read:C
        const auto room = static_cast<std::uint32_t>(capacity() - position(index));
        if (count != 0 && count <= room) return {slot_view::intact_record, index, count};
        return damaged(index, count < room ? count : room);
    }

    // Whether all before `end`, of which a slot tells that was loaded before, is reserved: it is, unless the queue was
    // reset meanwhile. Else a peer has published, after a reset, what it had reserved before it, or the segment is
    // damaged: then it is as if nothing was published there.
    bool is_reserved(std::uint64_t end) const noexcept {
        return difference(reserved_index(std::memory_order_acquire), end) >= 0; // ahead:A
    }

    // The index behind a damaged record: not beyond what is reserved, where a consumer would take itself for reset.
    std::uint64_t past_damage(std::uint64_t index, std::uint32_t count) const noexcept {
        const std::uint64_t next = after(index, count);
        const std::uint64_t reserved = reserved_index(std::memory_order_acquire); // ahead:A
        return difference(next, reserved) > 0 && difference(reserved, index) > 0 ? reserved : next;
    }

protected:
    basic_slots() = default;
    basic_slots(std::byte* base, const geometry& g, extension_type* extra) noexcept
        : index_space(g),
          base_(base),
          extension_(extra),
          arrivals_(extra != nullptr ? &extra->arrivals : &nobodys_event_count),
          slots_(reinterpret_cast<slot_type*>(base + header_length)),
          elements_(base + g.data_offset()),
          element_size_(g.element_size),
          is_wide_(g.layout == layout::wide),
          keeps_last_(g.tracks_last_published()),
          has_cas16_(Atomics::has_cas16()) {}

    // At a cursor where nothing is reserved a damaged slot tells of nothing.
    slot_view damaged(std::uint64_t index, std::uint32_t count) const noexcept {
        return {is_reserved(index + 1) ? slot_view::damaged_record : slot_view::nothing, index, count};
    }

    slot_type& slot_of(std::uint64_t index) const noexcept { return slots_[position(index) >> slot_shift_]; }
    header_type& shared() const noexcept { return *reinterpret_cast<header_type*>(base_); }
    wide_header_type& wide() const noexcept { return *reinterpret_cast<wide_header_type*>(base_); }
    // The word with the reserved index, in any layout: in the wide one it has all the bits.
    atomic<std::uint64_t>& first_word() const noexcept { return shared().reserved; }

    // Whether the indices have begun again at 0, or may have, when `end` is the next one. In the first lap of all, the
    // last slots of the ring were never written; in a lap after 2^48 elements, a record must have begun in one of so
    // many. Later nobody can tell.
    bool has_wrapped(std::uint64_t end) const noexcept {
        const std::uint64_t at_start = slots_[0].data_index.load(std::memory_order_relaxed);
        if (at_start != no_index && (at_start > end || end == capacity())) return true;
        if (end > capacity()) return true;
        const std::uint32_t slots = (mask_ >> slot_shift_) + 1;
        const auto written = static_cast<std::uint32_t>(end >> slot_shift_); // the slots of this lap
        const std::uint32_t first = std::max(written, slots - std::min(slots, telling_slots));
        for (std::uint32_t k = slots; k-- > first;) {
            if (slots_[k].data_index.load(std::memory_order_relaxed) != no_index) return true;
        }
        return false;
    }
    static constexpr std::uint32_t telling_slots = 4096;

    // ---------------------------------------------------------------- storing

    // Sets the slot of index `at` to (data_index, count), unless it already holds that index or a newer one: then the
    // result is false.
    bool store_slot(std::uint64_t at, std::uint64_t data_index, std::uint32_t count) noexcept {
        slot_type& s = slot_of(at);
        if (!has_cas16_) [[unlikely]] return store_slot_in_two(s, data_index, count);
        // Most likely the slot holds the record of the lap before, of the same count. A wrong guess costs a second try.
        detail::pair64 seen{at < capacity() ? no_index : at - capacity(), count};
        // publish:B
        if (Atomics::cas16(&s, seen, {data_index, count}, std::memory_order_seq_cst)) [[likely]] return true;
        return store_slot_over(s, seen, data_index, count);
    }
    SLICKQ_NOINLINE bool store_slot_over(slot_type& s, detail::pair64 seen, std::uint64_t data_index,
                                         std::uint32_t count) noexcept {
        while (!holds_newer(seen.low, data_index)) {
            if (Atomics::cas16(&s, seen, {data_index, count}, std::memory_order_seq_cst)) return true; // publish:B
        }
        return false;
    }
    // Without a 16-byte compare-and-swap, a producer that sleeps a whole lap just between the two stores can spoil the
    // count of a newer record.
    SLICKQ_NOINLINE bool store_slot_in_two(slot_type& s, std::uint64_t data_index, std::uint32_t count) noexcept {
        std::uint64_t seen = s.data_index.load(std::memory_order_relaxed);
        for (;;) {
            s.count.store(count, std::memory_order_relaxed);
            // publish:B
            if (s.data_index.compare_exchange_weak(seen, data_index, std::memory_order_seq_cst,
                                                   std::memory_order_relaxed)) return true;
            if (holds_newer(seen, data_index)) return false;
        }
    }
    bool holds_newer(std::uint64_t seen, std::uint64_t data_index) const noexcept {
        return seen != no_index && difference(seen & index_mask(), data_index) >= 0;
    }

    // The end of the ring that a reservation skipped gets a marker, so that consumers follow. The result is the
    // record's index.
    std::uint64_t mark_skip(std::uint64_t from, std::uint64_t index, std::uint32_t count) noexcept {
        index &= index_mask();
        if (position(index) == 0 && from != index) {
            store_slot(from, index, count);
            wake_sleepers();
        }
        return index;
    }

    std::byte* base_ = nullptr;
    extension_type* extension_ = nullptr;
    atomic<std::uint32_t>* arrivals_ = nullptr; // the extension area's; without one, a word on which nobody sleeps
    slot_type* slots_ = nullptr;
    std::byte* elements_ = nullptr;
    std::uint32_t element_size_ = 0;
    bool is_wide_ = false;
    bool keeps_last_ = false;
    bool has_cas16_ = false;

private:
    SLICKQ_HIDDEN static inline atomic<std::uint32_t> nobodys_event_count{};
};

} // namespace slickq

#endif
