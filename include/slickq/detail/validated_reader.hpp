// validated_reader.hpp - a consumer that can be trusted: it copies a batch of records ahead, validates them with one
// look at the producers' counter, and hands them out one by one. It tells losses by cause, steps over what a dead
// producer left unpublished, and notices a reset.
//
// Everything that it counts is in elements of the index space. Between the index where it started and its cursor, each
// one was either in a record that it copied, or lost, or is the end of the ring that a producer skipped (or the rest of
// a reservation that was rounded up to whole slots), which is counted nowhere. But where it was overwritten, or its
// producer died before it marked the skipped end, nobody can tell it from what was lost with it.
//
//   label       operation                                  pairs with  so that
//   copy:A      elements, loaded (relaxed), acquire fence  reserve:B   if a copy holds anything of a later record, then
//                                                                      validate:B sees that record's reservation
//   validate:B  reserved load (acquire)                    reserve:B   the same. Acquire for resets:B: the counter may
//                                                                      be of another epoch
//   ahead:A     reserved load (acquire)                    reserve:A   (ring.hpp)
//   late:B      suspicion load (relaxed) behind copy:A     late:A      (suspects.hpp)
//   resets:A    extension.resets load (acquire)            reset:B     all is reset, and `reserved_before` is right
//   resets:B    acquire load of anything that a reset      reset:A     who sees anything of a reset sees that it is
//               changes, then extension.resets (relaxed)               one
#ifndef SLICKQ_DETAIL_VALIDATED_READER_HPP
#define SLICKQ_DETAIL_VALIDATED_READER_HPP

#include <slickq/detail/read_ahead.hpp>
#include <slickq/detail/reader_types.hpp>
#include <slickq/detail/registry.hpp>
#include <slickq/detail/step_over.hpp>
#include <slickq/detail/suspects.hpp>
#include <slickq/detail/wait_until.hpp>

#include <algorithm>
#include <span>

namespace slickq::inline SLICKQ_NAMESPACE {

// Belongs to one thread at a time.
template <class Atomics = native_atomics>
class basic_reader {
public:
    using ring_type = basic_ring<Atomics>;
    using registry_type = basic_registry<Atomics>;
    static constexpr std::uint32_t largest_batch = basic_read_ahead<Atomics>::largest_batch;

    basic_reader(const ring_type& source, const reader_options& options)
        : ring_(source), options_(options), ahead_(source, options.batch) {
        if (options_.slack == 0) options_.slack = usual_slack(ring_);
        options_.slack = std::min(options_.slack, static_cast<std::uint32_t>(ring_.capacity()) - 1);
        if (const auto* known = ring_.extension()) {
            epoch_ = known->resets.load(std::memory_order_acquire); // resets:A
            reserved_before_ = known->reserved_before.load(std::memory_order_relaxed);
            if ((epoch_ & 1) != 0) epoch_ = no_epoch; // a reset is under way: it ends before anything is read
        }
        const std::uint64_t given = options.index & ring_.index_mask() & ~(ring_.slot_step() - 1);
        cursor_ = options.from == start::index ? given : position_of(ring_, options.from);
        end_ = begin_ = cursor_;
    }

    // The next record, or why there is none. Throws std::bad_alloc if a record larger than any before finds no memory;
    // nothing is lost then.
    read_result read(delivery& out) {
        if (!is_ours()) [[unlikely]] return refuse(out);
        if (is_drained()) {
            const read_result what = fetch(out);
            if (what != read_result::record) return what;
        }
        const std::byte* data;
        const batch_entry& e = ahead_.take(ring_, data);
        out = {data, e.index, 0, e.count};
        return read_result::record;
    }

    // The same for as many records as were copied ahead, `limit` at most (0: all).
    read_result read_batch(std::uint32_t limit, batch_delivery& out) {
        if (!is_ours()) [[unlikely]] {
            out = {nullptr, nullptr, cursor(), 0, 0, 0};
            return read_result::evicted;
        }
        if (is_drained()) {
            delivery none;
            const read_result what = fetch(none);
            if (what != read_result::record) {
                out = {nullptr, nullptr, none.index, none.lost, 0, 0};
                return what;
            }
        }
        out = ahead_.take_batch(ring_, limit);
        return read_result::record;
    }

    // Producers in lossless mode wait for it from now on. It was registered as that member, at its cursor or before.
    void registered_as(typename registry_type::id member) noexcept {
        member_ = member;
        is_member_ = true;
    }

    // ---------------------------------------------------------------- observers

    // Whether it belongs to this process. One that is registered is not a child's of fork(), nor is what it had copied
    // ahead.
    bool is_ours() const noexcept { return member_ == 0 || member_state::pid(member_) == Atomics::process_id(); }
    epoch_view epoch() const noexcept { return {epoch_, reserved_before_}; } // that its cursor is of
    // Whether the next read looks at the queue.
    bool is_drained() const noexcept { return ahead_.is_drained(); }
    // The index of what read() gives next.
    std::uint64_t cursor() const noexcept { return is_drained() ? cursor_ : ahead_.records().front().index; }
    // How many elements were reserved from there on.
    std::uint64_t lag() const noexcept {
        const std::int64_t ahead = ring_.difference(ring_.reserved_index(), cursor());
        return static_cast<std::uint64_t>(std::max<std::int64_t>(ahead, 0));
    }
    std::uint64_t received_records() const noexcept { return copied_records_ - ahead_.records().size(); }
    std::uint64_t received_elements() const noexcept { return copied_elements_ - elements_of(ahead_.records()); }
    const slickq::losses& lost() const noexcept { return losses_; }
    // Of the elements received, those that may be wrong, at most, if producers write each element of a reservation once:
    // they have told since that they were lapped while they wrote there. Throws std::bad_alloc.
    std::uint64_t suspects() {
        if (const std::uint64_t word = ring_.suspicion(); suspects_.is_new(word)) { // late:B
            suspects_.set_may_tell_of_next(true);
            suspects_.look(ring_, word, begin_, cursor_);
        }
        return std::min(suspects_.count(), received_elements());
    }
    std::uint64_t resets() const noexcept { return resets_; }
    // For how long, as far as this reader knows, the record at its cursor has been reserved and not published; 0 if it
    // is not so.
    std::int64_t pending_ns() const noexcept {
        return stall_.is_pending() && is_drained() ? Atomics::now_ns() - stall_.since() : 0;
    }

    // ---------------------------------------------------------------- waiting

    // read(), but where that finds nothing, or nothing published, waits for it until the deadline: see wait_until.hpp.
    // `what` is what read() said last, whatever the result.
    template <class Cancelled>
    wait_result read_until(std::int64_t deadline, bool is_read_only, Cancelled is_cancelled, read_result& what,
                           delivery& out) {
        return wait(deadline, is_read_only, is_cancelled, what, [&] { return read(out); });
    }
    template <class Cancelled>
    wait_result read_batch_until(std::uint32_t limit, std::int64_t deadline, bool is_read_only, Cancelled is_cancelled,
                                 read_result& what, batch_delivery& out) {
        return wait(deadline, is_read_only, is_cancelled, what, [&] { return read_batch(limit, out); });
    }
    // After read_result::empty or pending: for how long that stays so if nobody does anything.
    std::int64_t patience_ns() const noexcept {
        if (reset_since_ != 0) {
            return std::max<std::int64_t>(reset_since_ + ring_.longest_reset_ns() - Atomics::now_ns(), 0);
        }
        const bool can_end = stall_.is_pending() && options_.stall_ns >= 0;
        return can_end ? std::max<std::int64_t>(options_.stall_ns - pending_ns(), 0) : forever;
    }

private:
    static constexpr std::uint64_t no_epoch = ~std::uint64_t{0};

    static std::uint64_t elements_of(std::span<const batch_entry> records) noexcept {
        std::uint64_t sum = 0;
        for (const batch_entry& e : records) sum += e.count;
        return sum;
    }
    // From one index to another that is not before it, in elements.
    std::uint64_t length(std::uint64_t from, std::uint64_t to) const noexcept {
        return (to - from) & ring_.index_mask();
    }
    std::uint64_t length_of(const batch_entry& e) const noexcept {
        return length(e.index, ring_.after(e.index, e.count));
    }

    template <class Cancelled, class Read>
    wait_result wait(std::int64_t deadline, bool is_read_only, Cancelled is_cancelled, read_result& what,
                     Read read_once) {
        return wait_until(
            ring_.arrivals(is_read_only), deadline,
            [&] {
                what = read_once();
                return what != read_result::empty && what != read_result::pending;
            },
            [&] { return patience_ns(); }, is_cancelled);
    }

    // Copies ahead: afterwards there are records (read_result::record), or `out` says why not.
    read_result fetch(delivery& out) {
        if (has_held_back_) [[unlikely]] {
            has_held_back_ = false;
            out = held_back_;
            return read_result::lapped;
        }
        if (member_ == 0) return refill(out);
        if (!is_member_) {
            member_ = 0;
            return refuse(out);
        }
        const std::uint64_t before = cursor_;
        const read_result what = refill(out);
        // What was copied need not stay in the ring.
        if (cursor_ != before) is_member_ = registry_type(ring_).acknowledge(member_, cursor_, epoch_);
        if (what != read_result::lapped || is_member_) return what;
        // It was lapped because it was evicted, as far as it can know: that comes first, the loss with the next read.
        held_back_ = out;
        has_held_back_ = true;
        member_ = 0;
        out = {nullptr, before, 0, 0};
        return read_result::evicted;
    }

    read_result refuse(delivery& out) const noexcept {
        out = {nullptr, cursor(), 0, 0};
        return read_result::evicted;
    }

    read_result refill(delivery& out) {
        for (;;) {
            std::uint64_t at = cursor_;
            const slot_view found = ahead_.copy_from(ring_, at);
            if (!ahead_.is_drained()) {
                const read_result told = validate(at, out);
                if (told != read_result::record || !ahead_.is_drained()) return told;
                continue; // nobody had written that; it may be otherwise now
            }
            cursor_ = at; // past skipped ends of the ring
            if (found.what != slot_view::nothing) {
                const bool is_later = found.what == slot_view::wrap_marker || found.data_index != at;
                return is_later ? lapped(found.data_index, out) : damaged(found.count, out);
            }
            const read_result told = idle(out);
            if (told != read_result::record) return told;
        }
    }

    // ---------------------------------------------------------------- what was copied

    // Whether nobody had begun to overwrite what was copied; `end` is the index behind it.
    read_result validate(std::uint64_t end, delivery& out) {
        Atomics::acquire_fence(); // copy:A
        const std::uint64_t reserved = ring_.reserved_index(std::memory_order_acquire); // validate:B, ahead:A
        const auto copied = ahead_.records();
        std::size_t torn = 0;
        while (torn < copied.size() && !ring_.is_within(copied[torn].index, reserved)) ++torn;
        if (torn == 0 && !is_other_epoch(std::memory_order_relaxed)) {
            if (ring_.difference(reserved, end) < 0) [[unlikely]] {
                const std::uint32_t first = copied.front().count;
                if (!drop_unreserved(reserved, end)) return nobody_wrote(end, first, out);
            }
            const std::uint64_t word = ring_.suspicion(); // late:B
            if (suspects_.is_due(word) && !drop_suspects(word, end, out)) [[unlikely]] return read_result::lapped;
            cursor_ = end;
            end_ = reserved;
            copied_records_ += ahead_.records().size();
            copied_elements_ += elements_of(ahead_.records());
            stall_.moved(ring_, cursor_);
            return read_result::record;
        }
        std::uint64_t lost = 0;
        for (std::size_t i = 0; i < torn; ++i) lost += length_of(copied[i]);
        const std::uint64_t next = torn < copied.size() ? copied[torn].index : end;
        ahead_.keep(0);
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out);
        if (ring_.difference(reserved, cursor_) < 0) return foreign_reset(out);
        return skip(next, lost, go_on_from(reserved, next, next), out);
    }

    // Of the records copied, those before the first that goes beyond what is reserved stay, and `end` is the index
    // behind them. False: that is the first one, at `end`.
    bool drop_unreserved(std::uint64_t reserved, std::uint64_t& end) {
        const auto copied = ahead_.records();
        const auto first = std::find_if(copied.begin(), copied.end(), [&](const batch_entry& e) {
            return ring_.difference(reserved, ring_.after(e.index, e.count)) < 0;
        });
        if (first == copied.end()) return true;
        end = first->index;
        ahead_.keep(static_cast<std::size_t>(first - copied.begin()));
        return !ahead_.is_drained();
    }
    // A record at the cursor that is not reserved, or not to its end.
    read_result nobody_wrote(std::uint64_t at, std::uint32_t count, delivery& out) {
        cursor_ = at;
        return ring_.is_reserved(at + 1) ? damaged(count, out) : idle(out);
    }

    // Of the records copied, those before the first that a lapped producer may have damaged stay, and `end` is the
    // index behind them. False: the first one is such; it is lost, with those that follow and are such too.
    bool drop_suspects(std::uint64_t word, std::uint64_t& end, delivery& out) {
        suspects_.look(ring_, word, begin_, cursor_);
        const auto is_suspect = [&](const batch_entry& e) { return ring_.is_reported(e.index, e.count); };
        const auto copied = ahead_.records();
        const auto first = std::find_if(copied.begin(), copied.end(), is_suspect);
        const std::uint64_t behind = first != copied.end() ? first->index : end;
        suspects_.set_may_tell_of_next(word != 0 && ring_.difference(suspicion::until(word), behind) > 0);
        if (first == copied.end()) return true;
        if (first != copied.begin()) {
            end = behind;
            ahead_.keep(static_cast<std::size_t>(first - copied.begin()));
            return true;
        }
        const auto next = std::find_if_not(first, copied.end(), is_suspect);
        std::uint64_t lost = 0;
        for (auto e = first; e != next; ++e) lost += length_of(*e);
        losses_.torn += lost;
        cursor_ = next != copied.end() ? next->index : end;
        ahead_.keep(0);
        out = {nullptr, cursor_, lost, 0};
        return false;
    }

    // ---------------------------------------------------------------- no record at the cursor

    // Nothing is published there. read_result::record: there may be now, look again.
    read_result idle(delivery& out) {
        const unpublished seen = look_at_unpublished(ring_, stall_, cursor_, options_.stall_ns);
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out); // resets:B
        if (seen.what == unpublished::behind) return foreign_reset(out);
        end_ = seen.reserved;
        out = {nullptr, cursor_, 0, 0};
        switch (seen.what) {
        case unpublished::nothing: return read_result::empty;
        case unpublished::pending: return read_result::pending;
        case unpublished::changed: return read_result::record;
        case unpublished::lapped: return skip(cursor_, 0, go_on_from(seen.reserved, cursor_, seen.next), out);
        default: break;
        }
        const std::uint64_t lost = length(cursor_, seen.next);
        losses_.gap += lost;
        cursor_ = seen.next;
        stall_.moved(ring_, cursor_);
        out = {nullptr, cursor_, lost, 0};
        return read_result::gap;
    }

    // The slot at the cursor holds an index `found` of a later lap.
    read_result lapped(std::uint64_t found, delivery& out) {
        if (is_other_epoch(std::memory_order_acquire)) return other_epoch(out); // resets:A
        return skip(cursor_, 0, go_on_from(ring_.reserved_index(), cursor_, found), out);
    }

    std::uint64_t go_on_from(std::uint64_t reserved, std::uint64_t from, std::uint64_t found) const noexcept {
        return go_on_after_lap(ring_, options_.policy, options_.slack, reserved, from, found);
    }

    // From the cursor to `from` all was torn, `torn` elements; from there to `target` lapped.
    read_result skip(std::uint64_t from, std::uint64_t torn, std::uint64_t target, delivery& out) {
        // resets:B. All that led to the target was loaded with acquire.
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out);
        const std::uint64_t lost = length(from, target);
        losses_.torn += torn;
        losses_.lapped += lost;
        cursor_ = target;
        out = {nullptr, cursor_, torn + lost, 0};
        return read_result::lapped;
    }

    // The slot at the cursor says what no producer writes.
    read_result damaged(std::uint32_t count, delivery& out) noexcept {
        const std::uint64_t at = cursor_;
        cursor_ = ring_.past_damage(at, count);
        const std::uint64_t lost = length(at, cursor_);
        losses_.torn += lost;
        out = {nullptr, cursor_, lost, 0};
        return read_result::corrupt;
    }

    // ---------------------------------------------------------------- resets

    bool is_other_epoch(std::memory_order order) const noexcept {
        return ring_.extension() != nullptr && ring_.extension()->resets.load(order) != epoch_; // resets:A or resets:B
    }

    // A reset through this library, which says how much there was.
    read_result other_epoch(delivery& out) {
        const auto& known = *ring_.extension();
        const std::uint64_t resets = known.resets.load(std::memory_order_acquire);                   // resets:A
        const std::uint64_t reserved_before = known.reserved_before.load(std::memory_order_acquire); // resets:B
        out = {nullptr, cursor_, 0, 0};
        if ((resets & 1) != 0 || known.resets.load(std::memory_order_relaxed) != resets) { // resets:B. It is under way
            if (reset_since_ == 0) reset_since_ = Atomics::now_ns();
            const bool is_under_way = Atomics::now_ns() - reset_since_ < ring_.longest_reset_ns();
            return is_under_way ? read_result::empty : read_result::half_reset;
        }
        const bool is_first = epoch_ == no_epoch;
        const std::uint64_t lost = is_first ? 0 : length(cursor_, reserved_before - reserved_before_);
        const std::uint64_t times = is_first ? 1 : (resets - epoch_) / 2;
        epoch_ = resets;
        reserved_before_ = reserved_before;
        return begin_again(lost, times, out);
    }

    // A peer's reset shows only in the counter: it is behind us. What was there is known as far as it was seen.
    read_result foreign_reset(delivery& out) {
        const std::int64_t lost = std::max<std::int64_t>(ring_.difference(end_, cursor_), 0);
        return begin_again(static_cast<std::uint64_t>(lost), 1, out);
    }

    read_result begin_again(std::uint64_t lost, std::uint64_t times, delivery& out) noexcept {
        losses_.reset += lost;
        resets_ += times;
        cursor_ = end_ = begin_ = 0;
        suspects_.reset();
        stall_.clear();
        reset_since_ = 0;
        out = {nullptr, 0, lost, 0};
        return read_result::reset;
    }

    ring_type ring_;
    reader_options options_;
    basic_read_ahead<Atomics> ahead_;
    std::uint64_t cursor_ = 0; // the index behind what was copied
    std::uint64_t begin_ = 0;  // where it began, in this epoch
    std::uint64_t end_ = 0;    // what was reserved, when last seen

    basic_suspects<Atomics> suspects_;
    basic_stall_watch<Atomics> stall_;

    std::uint64_t epoch_ = 0; // extension.resets, and extension.reserved_before, as this reader knows them
    std::uint64_t reserved_before_ = 0;
    std::uint64_t resets_ = 0;
    std::int64_t reset_since_ = 0;

    typename registry_type::id member_ = 0;
    bool is_member_ = false; // if member_ != 0: as far as is known
    bool has_held_back_ = false; // of the next: a loss that is told with the next read
    delivery held_back_;

    std::uint64_t copied_records_ = 0;
    std::uint64_t copied_elements_ = 0;
    slickq::losses losses_;
};

} // namespace slickq

#endif
