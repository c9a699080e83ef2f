// validated_reader.hpp - a consumer that can be trusted: it copies a batch of records ahead, validates them with one look at the
// producers' counter, and hands them out one by one. It tells losses by cause, steps over what a dead producer left unpublished,
// and notices a reset.
//
// Everything that it counts is in elements of the index space. Between the index where it started and its cursor, each one was
// either in a record that it copied, or lost, or is the end of the ring that a producer skipped (or the rest of a reservation
// that was rounded up to whole slots), which is counted nowhere. But where it was overwritten, or its producer died before it
// marked the skipped end, nobody can tell it from what was lost with it.
//
// What it does with shared memory is in ring.hpp, but for resets:A and resets:B, whose partners stand there.
#ifndef SLICKQ_READER_HPP
#define SLICKQ_READER_HPP

#include <slickq/detail/registry.hpp>
#include <slickq/detail/wait_until.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

namespace slickq {

// The numbers are those of slickq.h.
enum class start : std::uint32_t { now = 0, oldest = 1, newest = 2, index = 3 };

// Where that is now; not for start::index.
template <class Atomics>
std::uint64_t position_of(const basic_ring<Atomics>& source, start from) noexcept {
    switch (from) {
    case start::oldest: return source.oldest();
    case start::newest: return source.newest();
    default: return source.reserved_index();
    }
}

enum class after_lap : std::uint32_t {
    oldest = 0, // go on at the oldest record that is a little away from being overwritten
    newest = 1, // go on at the newest record
    compat = 2  // as the peers: where the slot at the cursor leads, whole laps ahead
};

struct reader_options {
    start from = start::now;
    std::uint64_t index = 0; // with start::index: not ahead of what is reserved
    after_lap policy = after_lap::oldest;
    std::uint32_t batch = 64; // records copied ahead at most
    std::uint32_t slack = 0;  // elements, with after_lap::oldest; 0: an eighth of the capacity
    // How long a record may stay unpublished before it is stepped over; 0: not at all; negative: for ever.
    std::int64_t stall_ns = 1'000'000'000;
};

enum class read_result {
    record,
    empty,      // nothing reserved at the cursor yet
    pending,    // reserved, not published
    lapped,     // producers had lapped the reader: `lost` elements were skipped
    gap,       // `lost` elements stayed unpublished for longer than stall_ns, and were stepped over
    reset,      // the queue was reset: the reader goes on at index 0, `lost` elements of its former epoch were not read
    corrupt,    // the slot says what no producer writes: skipped, `lost` elements
    half_reset, // a reset was begun and is not finished: its process died
    evicted,    // producers in lossless mode wait for this reader no more, said before a loss that comes of it; or it is registered by the process that forked this one
};

struct losses {
    std::uint64_t lapped = 0; // overwritten before the reader came to them
    std::uint64_t gap = 0;   // reserved, and not published within the stall time
    std::uint64_t torn = 0;   // copied, and rejected: being overwritten meanwhile, or damaged
    std::uint64_t reset = 0;  // unread when the queue was reset
};

struct delivery {
    const std::byte* data = nullptr; // in the reader's memory, until its next read
    std::uint64_t index = 0;         // of the record; without one, where the reader goes on
    std::uint64_t lost = 0;
    std::uint32_t count = 0;
};

// Belongs to one thread at a time.
template <class Atomics = native_atomics>
class basic_reader {
public:
    static constexpr std::uint32_t largest_batch = 1 << 16;

    using ring_type = basic_ring<Atomics>;
    using registry_type = basic_registry<Atomics>;

    basic_reader(const ring_type& source, const reader_options& options) : ring_(source), options_(options) {
        if (options_.slack == 0) options_.slack = static_cast<std::uint32_t>(ring_.capacity() / 8);
        options_.slack = std::min(options_.slack, static_cast<std::uint32_t>(ring_.capacity()) - 1);
        const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(largest_batch, ring_.capacity()));
        options_.batch = std::clamp<std::uint32_t>(options_.batch, 1, most);
        entries_.reserve(options_.batch);
        make_room(ring_.bytes_of(1));
        if (const auto* known = ring_.extension()) {
            epoch_ = known->resets.load(std::memory_order_acquire); // resets:A
            reserved_before_ = known->reserved_before.load(std::memory_order_relaxed);
            if ((epoch_ & 1) != 0) epoch_ = no_epoch; // a reset is under way: it ends before anything is read
        }
        const bool is_given = options.from == start::index;
        cursor_ = is_given ? options.index & ring_.index_mask() & ~(ring_.slot_step() - 1) : position_of(ring_, options.from);
        end_ = begin_ = cursor_;
    }

    // The next record, or why there is none. Throws std::bad_alloc if a record larger than any before finds no memory; nothing
    // is lost then.
    read_result read(delivery& out) {
        if (!is_ours()) [[unlikely]] return refuse(out);
        if (is_drained()) {
            const read_result what = fetch(out);
            if (what != read_result::record) return what;
        }
        const slickq_entry& e = entries_[next_++];
        out = {data_, e.index, 0, e.count};
        data_ += ring_.bytes_of(e.count);
        return read_result::record;
    }

    // The same for as many records as were copied ahead, `limit` at most (0: all).
    read_result read_batch(std::uint32_t limit, slickq_batch& out) {
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
        const auto held = static_cast<std::uint32_t>(entries_.size() - next_);
        const std::uint32_t records = limit != 0 ? std::min(limit, held) : held;
        out = {data_, &entries_[next_], entries_[next_].index, 0, records, 0};
        for (std::uint32_t k = 0; k < records; ++k) out.elements += entries_[next_ + k].count;
        next_ += records;
        data_ += ring_.bytes_of(out.elements);
        return read_result::record;
    }

    // Producers in lossless mode wait for it from now on. It was registered as that member, at its cursor or before.
    void registered_as(typename basic_registry<Atomics>::id member) noexcept {
        member_ = member;
        is_member_ = true;
    }

    // ---------------------------------------------------------------- observers

    // Whether it belongs to this process. One that is registered is not a child's of fork(), nor is what it had copied ahead.
    bool is_ours() const noexcept { return member_ == 0 || member_state::pid(member_) == Atomics::process_id(); }
    epoch_view epoch() const noexcept { return {epoch_, reserved_before_}; } // that its cursor is of
    // Whether the next read looks at the queue.
    bool is_drained() const noexcept { return next_ == entries_.size(); }
    // The index of what read() gives next.
    std::uint64_t cursor() const noexcept { return next_ != entries_.size() ? entries_[next_].index : cursor_; }
    // How many elements were reserved from there on.
    std::uint64_t lag() const noexcept {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(ring_.difference(ring_.reserved_index(), cursor()), 0));
    }
    std::uint64_t received_records() const noexcept { return copied_records_ - (entries_.size() - next_); }
    std::uint64_t received_elements() const noexcept {
        std::uint64_t held = 0;
        for (std::size_t i = next_; i < entries_.size(); ++i) held += entries_[i].count;
        return copied_elements_ - held;
    }
    const slickq::losses& lost() const noexcept { return losses_; }
    // Of the elements received, those that may be wrong, at most, if producers write each element of a reservation once: they have told
    // since that they were lapped while they wrote there.
    // Throws std::bad_alloc.
    std::uint64_t suspects() {
        if (const std::uint64_t word = ring_.suspicion(); word != suspicion_) { // late:B
            is_suspicious_ = true;
            look_for_suspects(word);
        }
        return std::min(suspect_, received_elements());
    }
    std::uint64_t resets() const noexcept { return resets_; }
    // For how long, as far as this reader knows, the record at its cursor has been reserved and not published; 0 if it is not so.
    std::int64_t pending_ns() const noexcept {
        return is_pending_ && next_ == entries_.size() ? Atomics::now_ns() - stalled_since_ : 0;
    }

    // ---------------------------------------------------------------- waiting

    // read(), but where that finds nothing, or nothing published, waits for it until the deadline: see wait_until.hpp. `what` is read's
    // last answer, whatever the result.
    template <class Cancelled>
    wait_result read_until(std::int64_t deadline, bool is_read_only, Cancelled is_cancelled, read_result& what, delivery& out) {
        return wait(deadline, is_read_only, is_cancelled, what, [&] { return read(out); });
    }
    template <class Cancelled>
    wait_result read_batch_until(std::uint32_t limit, std::int64_t deadline, bool is_read_only, Cancelled is_cancelled, read_result& what,
                                 slickq_batch& out) {
        return wait(deadline, is_read_only, is_cancelled, what, [&] { return read_batch(limit, out); });
    }
    // After read_result::empty or pending: for how long that stays so if nobody does anything.
    std::int64_t patience_ns() const noexcept {
        if (reset_since_ != 0) return std::max<std::int64_t>(reset_since_ + ring_.longest_reset_ns() - Atomics::now_ns(), 0);
        const bool can_end = is_pending_ && options_.stall_ns >= 0;
        return can_end ? std::max<std::int64_t>(options_.stall_ns - pending_ns(), 0) : forever;
    }

private:
    struct known_report {
        detail::pair64 told;
        std::uint64_t elements = 0; // that were counted for it
    };
    struct free_aligned {
        void operator()(std::byte* memory) const noexcept { ::operator delete(memory, alignment); }
    };
    static constexpr std::align_val_t alignment{64}; // so that every record lies as its elements do in an array
    static constexpr std::uint64_t usual_room = 16 * 1024; // bytes: a part of the first-level cache
    static constexpr std::uint64_t no_epoch = ~std::uint64_t{0};

    // Elements of the index space.
    std::uint64_t length_of(const slickq_entry& e) const noexcept {
        return (ring_.after(e.index, e.count) - e.index) & ring_.index_mask();
    }

    template <class Cancelled, class Read>
    wait_result wait(std::int64_t deadline, bool is_read_only, Cancelled is_cancelled, read_result& what, Read read_once) {
        return wait_until(
            ring_.arrivals(is_read_only), deadline,
            [&] {
                what = read_once();
                return what != read_result::empty && what != read_result::pending;
            },
            [&] { return patience_ns(); }, is_cancelled);
    }

    // Copies ahead: afterwards there are entries (read_result::record), or `out` says why not.
    read_result fetch(delivery& out) {
        if (has_held_back_) [[unlikely]] {
            has_held_back_ = false;
            out = held_back_;
            return read_result::lapped;
        }
        if (member_ == 0) return refill(out);
        if (!is_member_) {
            member_ = 0;
            out = {nullptr, cursor_, 0, 0};
            return read_result::evicted;
        }
        const std::uint64_t before = cursor_;
        const read_result what = refill(out);
        // What was copied need not stay in the ring.
        if (cursor_ != before) is_member_ = registry_type(ring_).acknowledge(member_, cursor_, epoch_);
        if (what != read_result::lapped || is_member_) return what;
        // It was lapped because it was evicted, as far as it can know: that comes first, and the loss with the next read.
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
        entries_.clear();
        next_ = 0;
        data_ = buffer_.get();
        std::uint64_t at = cursor_;
        std::uint64_t used = 0;
        const std::byte* run = nullptr; // records that lie one after another are copied as one
        std::uint64_t run_length = 0;   // bytes, the last of what is used
        const auto copy_run = [&] {
            Atomics::copy_out(buffer_.get() + (used - run_length), run, run_length); // copy:A
            run_length = 0;
        };
        while (entries_.size() < options_.batch) {
            const std::uint32_t singles = count_singles(at, used);
            if (singles != 0) {
                if (ring_.at(at) != run + run_length) {
                    copy_run();
                    run = ring_.at(at);
                }
                for (std::uint32_t k = 0; k < singles; ++k) entries_.push_back({at + k, 1, 0});
                used += ring_.bytes_of(singles);
                run_length += ring_.bytes_of(singles);
                at = ring_.after(at, singles);
                continue;
            }
            const slot_view seen = ring_.look(at);
            if (seen.what == slot_view::changed) continue;
            if (seen.what == slot_view::nothing) break;
            if (seen.what == slot_view::wrap_marker && ring_.is_skip(at, seen.data_index)) {
                at = seen.data_index;
                continue;
            }
            if (seen.what == slot_view::wrap_marker || seen.data_index != at) { // of a later lap
                if (entries_.empty()) return lapped(at, seen.data_index, out);
                break;
            }
            const std::uint64_t bytes = ring_.bytes_of(seen.count);
            if (seen.what == slot_view::damaged_record) {
                if (entries_.empty()) return damaged(at, seen.count, out);
                break;
            }
            if (used + bytes > room_) {
                if (!entries_.empty()) break;
                make_room(bytes);
            }
            if (ring_.at(at) != run + run_length) {
                copy_run();
                run = ring_.at(at);
            }
            used += bytes;
            run_length += bytes;
            entries_.push_back({at, seen.count, 0});
            at = ring_.after(at, seen.count);
        }
        copy_run();
        if (!entries_.empty()) return validate(at, out);
        cursor_ = at;
        return idle(out);
    }

    // How many records of one element follow, one behind the other, as far as there is room for them and for their entries.
    std::uint32_t count_singles(std::uint64_t at, std::uint64_t used) const noexcept {
        if (ring_.slot_step() != 1) return 0;
        const std::uint64_t room = (room_ - used) / ring_.bytes_of(1);
        const auto most = static_cast<std::uint32_t>(
            std::min<std::uint64_t>({room, options_.batch - entries_.size(), ring_.capacity() - ring_.position(at)}));
        std::uint32_t found = 0;
        while (found < most && ring_.is_next_single(at + found)) ++found;
        return found;
    }

    // Whether nobody had begun to overwrite what was copied; `end` is the index behind it.
    read_result validate(std::uint64_t end, delivery& out) {
        Atomics::acquire_fence();                              // copy:A
        const std::uint64_t reserved = ring_.reserved_index(); // validate:B. Acquire, for resets:B: it may be of another life
        std::size_t torn = 0;
        while (torn < entries_.size() && !ring_.is_within(entries_[torn].index, reserved)) ++torn;
        if (torn == 0 && !is_other_epoch(std::memory_order_relaxed)) {
            if (ring_.difference(reserved, end) < 0) [[unlikely]] { // ahead:A
                const std::uint32_t first = entries_.front().count;
                if (!drop_unreserved(reserved, end)) return nobody_wrote(end, first, out);
            }
            const std::uint64_t word = ring_.suspicion(); // late:B
            if ((word != suspicion_ || is_suspicious_) && !drop_suspects(word, end, out)) [[unlikely]] return read_result::lapped;
            cursor_ = end;
            end_ = reserved;
            copied_records_ += entries_.size();
            for (const slickq_entry& e : entries_) copied_elements_ += e.count;
            is_pending_ = false;
            if (has_stall_mark_ && ring_.difference(stall_mark_, cursor_) <= 0) has_stall_mark_ = false;
            return read_result::record;
        }
        std::uint64_t lost = 0;
        for (std::size_t i = 0; i < torn; ++i) lost += length_of(entries_[i]);
        const std::uint64_t next = torn < entries_.size() ? entries_[torn].index : end;
        entries_.clear();
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out);
        if (ring_.difference(reserved, cursor_) < 0) return foreign_reset(out);
        return skip(next, lost, target_of(reserved, next, next), out);
    }

    // Of the entries, those before the first that goes beyond what is reserved stay, and `end` is the index behind them. False: that is
    // the first one, at `end`.
    bool drop_unreserved(std::uint64_t reserved, std::uint64_t& end) {
        const auto first = std::find_if(entries_.begin(), entries_.end(), [&](const slickq_entry& e) {
            return ring_.difference(reserved, ring_.after(e.index, e.count)) < 0;
        });
        if (first == entries_.end()) return true;
        end = first->index;
        entries_.erase(first, entries_.end());
        return !entries_.empty();
    }
    // A record at the cursor that is not reserved, or not to its end.
    read_result nobody_wrote(std::uint64_t at, std::uint32_t count, delivery& out) {
        if (ring_.is_reserved(at + 1)) return damaged(at, count, out);
        cursor_ = at;
        return idle(out);
    }

    // Of the entries, those before the first that a lapped producer may have damaged stay, and `end` is the index behind them. False: the
    // first one is such; it is lost, with those that follow and are such too.
    bool drop_suspects(std::uint64_t word, std::uint64_t& end, delivery& out) {
        look_for_suspects(word);
        const auto is_suspect = [&](const slickq_entry& e) { return ring_.is_reported(e.index, e.count); };
        const auto first = std::find_if(entries_.begin(), entries_.end(), is_suspect);
        is_suspicious_ = word != 0 && ring_.difference(suspicion::until(word), first != entries_.end() ? first->index : end) > 0;
        if (first == entries_.end()) return true;
        if (first != entries_.begin()) {
            end = first->index;
            entries_.erase(first, entries_.end());
            return true;
        }
        const auto next = std::find_if_not(first, entries_.end(), is_suspect);
        std::uint64_t lost = 0;
        for (auto e = first; e != next; ++e) lost += length_of(*e);
        losses_.torn += lost;
        cursor_ = next != entries_.end() ? next->index : end;
        entries_.clear();
        out = {nullptr, cursor_, lost, 0};
        return false;
    }

    // What new reports tell of all that was handed out.
    void look_for_suspects(std::uint64_t word) {
        suspicion_ = word;
        if (ring_.extension() == nullptr) return;
        Atomics::acquire_fence(); // late:B
        known_.resize(Atomics::reports_kept);
        for (std::uint32_t number = 0; number < Atomics::reports_kept; ++number) {
            const detail::pair64 told = ring_.report(number);
            if (told.low == known_[number].told.low && told.high == known_[number].told.high) continue;
            // A reservation that is published late again tells of the same elements.
            std::uint64_t counted = 0;
            for (const known_report& k : known_) {
                if (k.told.low == told.low) counted = std::max(counted, k.elements);
            }
            const std::uint64_t elements = told.low != 0 ? std::max(suspects_of(told), counted) : 0;
            known_[number] = {told, elements};
            if (told.low != 0) suspect_ += elements - counted;
        }
    }

    // How many elements that were handed out such a producer may have overwritten: at most as many as it wrote, in whichever lap it was.
    std::uint64_t suspects_of(const detail::pair64& told) const noexcept {
        const std::uint64_t from = suspicion::index(told.low);
        const std::uint64_t end = ring_.difference(told.high, cursor_) < 0 ? told.high : cursor_;
        const std::uint64_t length = std::min(suspicion::count(told.low), ring_.capacity());
        std::uint64_t most = 0;
        // In the last lap, or in the one before if that was not handed out to its end.
        std::uint64_t laps = ring_.difference(end, from) > 0 ? (((end - from) & ring_.index_mask()) - 1) / ring_.capacity() : 0;
        for (int looks = 0; looks < 2 && laps != 0; ++looks, --laps) {
            const std::uint64_t start = from + laps * ring_.capacity();
            const std::int64_t after_start = std::min<std::int64_t>(ring_.difference(end, start), static_cast<std::int64_t>(length));
            const std::int64_t before_begin = std::max<std::int64_t>(ring_.difference(begin_, start), 0);
            most = std::max(most, static_cast<std::uint64_t>(std::max<std::int64_t>(after_start - before_begin, 0)));
        }
        return most;
    }

    // Nothing is published at the cursor.
    read_result idle(delivery& out) {
        const std::uint64_t reserved = ring_.reserved_index();
        if (is_other_epoch(std::memory_order_acquire)) return other_epoch(out);
        const std::int64_t ahead = ring_.difference(reserved, cursor_);
        if (ahead < 0) return foreign_reset(out);
        end_ = reserved;
        out = {nullptr, cursor_, 0, 0};
        if (ahead == 0) {
            has_stall_mark_ = is_pending_ = false;
            return read_result::empty;
        }
        return static_cast<std::uint64_t>(ahead) <= ring_.capacity() ? pending(reserved, out) : lapped_unpublished(reserved, out);
    }

    // It was lapped before anybody published it.
    read_result lapped_unpublished(std::uint64_t reserved, delivery& out) {
        // Or the end of the ring was skipped there meanwhile: a record behind it may reach over it (flow_control.hpp).
        if (ring_.is_end_skipped(cursor_)) return refill(out);
        const auto ahead = static_cast<std::uint64_t>(ring_.difference(reserved, cursor_));
        const std::uint64_t same_position = (reserved - ((ahead - 1) % ring_.capacity() + 1)) & ring_.index_mask();
        return skip(cursor_, 0, target_of(reserved, cursor_, same_position), out);
    }

    // Reserved at the latest when stall_mark_ was taken: everything below it.
    read_result pending(std::uint64_t reserved, delivery& out) {
        const std::int64_t now = Atomics::now_ns();
        // A mark ahead of what is reserved is from before a reset that could not be seen.
        const bool is_usable = has_stall_mark_ && ring_.difference(stall_mark_, cursor_) > 0;
        if (!is_usable || ring_.difference(stall_mark_, reserved) > 0) {
            has_stall_mark_ = true;
            stall_mark_ = reserved;
            stalled_since_ = now;
        }
        is_pending_ = true;
        if (options_.stall_ns < 0 || now - stalled_since_ < options_.stall_ns) return read_result::pending;
        const std::uint64_t next = ring_.next_start(cursor_, stall_mark_);
        const std::uint64_t lost = (next - cursor_) & ring_.index_mask();
        if (lost == 0) return read_result::pending; // published just now: the next read has it
        Atomics::acquire_fence();                         // copy:A, of slots
        const std::uint64_t end = ring_.reserved_index(); // validate:B, and acquire for resets:B
        if (!ring_.is_within(cursor_, end)) {
            return ring_.difference(end, cursor_) > 0 ? lapped_unpublished(end, out) : read_result::pending;
        }
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out); // resets:B, for the slots
        losses_.gap += lost;
        is_pending_ = false;
        cursor_ = next;
        out = {nullptr, cursor_, lost, 0};
        return read_result::gap;
    }

    // The slot at the cursor `at` holds an index `found` of a later lap.
    read_result lapped(std::uint64_t at, std::uint64_t found, delivery& out) {
        cursor_ = at;
        if (is_other_epoch(std::memory_order_acquire)) return other_epoch(out);
        return skip(cursor_, 0, target_of(ring_.reserved_index(), cursor_, found), out);
    }

    // Where to go on after a lap, from index `from` on. `compat` is where the peers would, and never behind `from`.
    std::uint64_t target_of(std::uint64_t reserved, std::uint64_t from, std::uint64_t compat) const noexcept {
        std::uint64_t target = compat;
        if (options_.policy == after_lap::newest) target = ring_.newest();
        if (options_.policy == after_lap::oldest) {
            const std::uint64_t safe = (reserved - ring_.capacity() + options_.slack) & ring_.index_mask();
            target = ring_.next_start(ring_.difference(safe, from) > 0 ? safe : from, reserved);
        }
        return ring_.difference(target, from) <= 0 ? compat : target; // a reset, or a damaged segment, could lead us back
    }

    // From the cursor to `from` all was torn, `torn` elements; from there to `target` lapped.
    read_result skip(std::uint64_t from, std::uint64_t torn, std::uint64_t target, delivery& out) {
        // resets:B. All that led to the target was loaded with acquire.
        if (is_other_epoch(std::memory_order_relaxed)) return other_epoch(out);
        const std::uint64_t lost = (target - from) & ring_.index_mask();
        losses_.torn += torn;
        losses_.lapped += lost;
        cursor_ = target;
        out = {nullptr, cursor_, torn + lost, 0};
        return read_result::lapped;
    }

    read_result damaged(std::uint64_t at, std::uint32_t count, delivery& out) noexcept {
        cursor_ = ring_.past_damage(at, count);
        const std::uint64_t lost = (cursor_ - at) & ring_.index_mask();
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
        const std::uint64_t resets = known.resets.load(std::memory_order_acquire); // resets:A
        const std::uint64_t reserved_before = known.reserved_before.load(std::memory_order_acquire); // resets:B, as the next
        out = {nullptr, cursor_, 0, 0};
        if ((resets & 1) != 0 || known.resets.load(std::memory_order_relaxed) != resets) { // resets:B. It is under way
            if (reset_since_ == 0) reset_since_ = Atomics::now_ns();
            return Atomics::now_ns() - reset_since_ < ring_.longest_reset_ns() ? read_result::empty : read_result::half_reset;
        }
        const std::uint64_t lost = epoch_ == no_epoch ? 0 : (reserved_before - reserved_before_ - cursor_) & ring_.index_mask();
        const std::uint64_t times = epoch_ == no_epoch ? 1 : (resets - epoch_) / 2;
        epoch_ = resets;
        reserved_before_ = reserved_before;
        return begin_again(lost, times, out);
    }

    // A peer's reset shows only in the counter: it is behind us. What was there is known as far as it was seen.
    read_result foreign_reset(delivery& out) {
        return begin_again(static_cast<std::uint64_t>(std::max<std::int64_t>(ring_.difference(end_, cursor_), 0)), 1, out);
    }

    read_result begin_again(std::uint64_t lost, std::uint64_t times, delivery& out) noexcept {
        losses_.reset += lost;
        resets_ += times;
        cursor_ = end_ = begin_ = 0;
        suspicion_ = 0;
        known_.clear();
        is_suspicious_ = false;
        has_stall_mark_ = is_pending_ = false;
        reset_since_ = 0;
        out = {nullptr, 0, lost, 0};
        return read_result::reset;
    }

    void make_room(std::uint64_t bytes) {
        const std::uint64_t room = std::max(bytes, std::min(ring_.bytes_of(options_.batch), usual_room));
        buffer_.reset(static_cast<std::byte*>(::operator new(room, alignment)));
        room_ = room;
        data_ = buffer_.get();
    }

    ring_type ring_;
    reader_options options_;
    std::uint64_t cursor_ = 0; // the index behind what was copied
    std::uint64_t end_ = 0;    // what was reserved, when last seen

    std::vector<slickq_entry> entries_; // the records copied ahead, from next_ on
    std::size_t next_ = 0;
    const std::byte* data_ = nullptr; // of the next one
    std::unique_ptr<std::byte, free_aligned> buffer_;
    std::uint64_t room_ = 0; // bytes of the buffer

    std::uint64_t begin_ = 0;     // where it began, in this epoch
    std::uint64_t suspicion_ = 0; // extension.suspicion, as it knows it; and the reports
    std::vector<known_report> known_;
    bool is_suspicious_ = false; // what comes next may be told of there
    std::uint64_t suspect_ = 0;

    std::uint64_t epoch_ = 0; // extension.resets, and extension.reserved_before, as this reader knows them
    std::uint64_t reserved_before_ = 0;
    std::uint64_t resets_ = 0;
    std::int64_t reset_since_ = 0;

    typename registry_type::id member_ = 0;
    bool is_member_ = false; // if member_ != 0: as far as is known
    bool has_held_back_ = false; // of the next: a loss that is told with the next read
    delivery held_back_;

    bool has_stall_mark_ = false; // of the next two
    bool is_pending_ = false;
    std::uint64_t stall_mark_ = 0;
    std::int64_t stalled_since_ = 0;

    std::uint64_t copied_records_ = 0;
    std::uint64_t copied_elements_ = 0;
    slickq::losses losses_;
};

} // namespace slickq

#endif
