// ring.hpp - the protocol of the queue, inline, over a geometry and bytes that somebody else owns and has formatted.
//
// The ring is a chain of class templates, one a file, each derived from the one before it in this list and using
// nothing behind it: index, slot, reserve, single_producer, late, publish, write_batch, consume, resume, and this one.
// The using-declarations of each say what it needs of the others. One record's life, from top to bottom:
//
//    producer                                   segment             consumer
//
//    reserve.hpp        takes indices      -->  reserved  -------+
//    (single_producer.hpp)                                       |
//        |                                                       |
//    publish.hpp        fills in elements  -->  elements  ---+   |
//    (write_batch.hpp)  looks at reserved                    |   |
//        |              again; if lapped:                    |   |
//        |              late.hpp, a report                   |   |
//        |                                                   |   |
//    slot.hpp           stores the slot    -->  slot  ---+   |   |
//        |                                               |   |   |
//    event_count.hpp    wakes sleepers                   +---|---|-->  slot.hpp     looks at the slot
//                                                            +---|-->  consume.hpp  copies the elements
//                                                                +-->  consume.hpp  validates: it was not lapped,
//                                                                      late.hpp     and no report tells of it
//                                                                      resume.hpp   if not: where to go on
//
// validated_reader.hpp and group_worker.hpp do the consumer's part in batches, and for many processes.
//
// These are all atomic operations of the ring. What is said of others stands in event_count.hpp (sleeping and waking),
// registry.hpp, flow_control.hpp and group_worker.hpp, and for the creation of a segment in src/format.cpp.
//
//   label       in                operation                      pairs with   so that
//   reserve:A   reserve           reserved RMW (relaxed)         itself,      each index is handed out once
//                                                                publish:A,
//                                                                last:A,
//                                                                ahead:A
//   reserve:B   reserve,          release fence after reserve:A  copy:A,      a producer's intent is visible before its
//               single_producer   or single:A                    validate:B   writes are
//   publish:A   publish,          reserved load (relaxed)        reserve:A,   a lapped reservation is noticed; a late
//               write_batch                                      single:A     value only delays that, and publish:B
//                                                                             still protects the slot
//   publish:B   slot              slot (data_index, count) CAS   read:A,      elements and count are visible before the
//                                 (release, and seq_cst for      read:C       index is; one instruction, so that a slot
//                                 wake:A of event_count.hpp)                  never moves back
//   publish:C   publish           last_published CAS (release)   last:A       the slot is visible before its index is
//                                                                             announced
//   single:A    single_producer   reserved load, store           publish:A,   as reserve:A: nobody else changes this
//                                 (relaxed)                      last:A       word
//   single:B    publish           16-byte slot store (release),  read:A,      as publish:B: nobody else changes the
//                                 or of data_index (release)     read:C       slot. wake:B of event_count.hpp follows
//   single:C    publish           last_published store           last:A       as publish:C
//                                 (release)
//   prompt:B    publish           16-byte slot store (release)   read:A,      as publish:B. publish:A alone keeps the
//                                                                read:C       slot from moving back: as long as the
//                                                                             ring does not come round between the two
//   read:A      slot, resume      data_index load (acquire)      publish:B,   what the slot tells of is visible
//                                                                single:B,
//                                                                prompt:B
//   read:B      slot              count load (acquire)           -            read:C is behind it
//   read:C      slot              data_index load (relaxed)      publish:B,   a count of another record than read:A's
//                                                                single:B,    is noticed
//                                                                prompt:B
//   claim:A     consume           cursor load (acquire)          claim:B      what the claimant before did is visible
//   claim:B     consume           cursor CAS (acq_rel)           claim:A, B   each record is claimed once
//   last:A      resume            last_published or reserved     publish:C,   the last record's slot is visible
//                                 load (acquire)                 single:C,
//                                                                reserve:A,
//                                                                single:A
//   ahead:A     slot, consume,    reserved load (acquire),       reserve:A    what a slot tells of is reserved by then:
//               validated_reader, after read:A                                publish:B comes after it, and read:A sees
//               group_worker                                                  that. Else no producer of this epoch wrote it
//   copy:A      consume           elements loaded (relaxed),     reserve:B    if a copy holds anything of a later
//                                 then acquire fence                          record, then ...
//   validate:B  consume           reserved load (relaxed)        reserve:B    ... this sees that record's reservation
//   late:A      late              full fence, reserved load      late:B       who looks for reports after a lapped
//                                 (relaxed), report CAS, then                 producer has left one finds it. The
//                                 suspicion CAS (release)                     fence: what it wrote late is there before
//                                                                             the report is complete, so that no record
//                                                                             beyond `until` is touched
//   late:B      late              suspicion load (relaxed)       late:A       a record that may be damaged is refused
//                                 behind copy:A; if it tells of
//                                 something, acquire fence,
//                                 then the reports' loads
//                                 (acquire)
//   reset:A     ring              resets odd, release fence;     resets:B,    who sees anything of the reset sees that
//                                 the slots (release)            epoch:A, B   there is one
//   reset:B     ring              resets CAS, even (release,     resets:A,    all is reset, and `reserved_before` is
//                                 and seq_cst for wake:A)        epoch:A      right
//   reset:C     ring              resets load (acquire), and CAS itself,      who goes on with a half reset knows what was
//                                 to an odd number (acq_rel)     reset:D      counted
//   reset:D     ring              resets load (acquire), before  reset:C      who was taken for dead, and goes on, leaves
//                                 what is cleared                             the rest to the one who took the reset over
//   resets:A    validated_reader  resets load (acquire)          reset:B      the same
//   resets:B    validated_reader  acquire load of anything that  reset:A      the same
//                                 a reset changes, then resets
//                                 load (relaxed)
//
// x86-64 peers publish with two plain stores, count then data_index; read:B and read:C are for those.
//
// What validate:B can't see is a producer that was lapped between its reservation and its last byte, and writes into
// newer records: late.hpp.
#ifndef SLICKQ_DETAIL_RING_HPP
#define SLICKQ_DETAIL_RING_HPP

#include <slickq/detail/resume.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics = native_atomics>
class basic_ring : public basic_resuming<Atomics> {
    using base = basic_resuming<Atomics>;

public:
    using typename base::extension_type;
    using typename base::slot_type;

    using base::capacity;
    using base::reserved_index;
    using base::slot_step;
    using base::wake_sleepers;

    basic_ring() = default;

    // `start` has geometry.segment_length() bytes, aligned to 64. `extra`: nullptr if the segment has no extension
    // area.
    basic_ring(std::byte* start, const geometry& g, extension_type* extra = nullptr) noexcept : base(start, g, extra) {}

    // Makes every slot as one that was never written, and nothing reserved. The caller makes sure that no producer is
    // active. A reset that was left half done is finished by the next one: what was reserved before it is counted once.
    // False: another one took this one for left, and goes on with it. Should this one have been stopped between a look
    // and a store, it has spoilt one slot at most, and where there is a 16-byte compare-and-swap only one that holds
    // again what it held before.
    bool reset() noexcept {
        const std::uint64_t mine = begin_reset();
        const auto is_mine = [&] {
            return extension_ == nullptr || extension_->resets.load(std::memory_order_acquire) == mine; // reset:D
        };
        if (extension_ != nullptr && !count_reset(is_mine)) return false;
        // First of all the counter: from now on validate:B refuses what the slots still say.
        if (is_wide_) {
            wide().reserved_count.store(0, std::memory_order_relaxed);
            wide().reserved_index.store(0, std::memory_order_relaxed);
        } else {
            if (!is_mine()) return false;
            shared().reserved.store(0, std::memory_order_relaxed);
        }
        // Release, for segments without an extension area: a consumer that sees one of these sees the counter above.
        for (std::uint64_t i = 0; i <= mask_ >> slot_shift_; ++i) {
            if (!clear_slot(slots_[i], is_mine)) return false;
        }
        if (!is_mine()) return false;
        if (keeps_last_) shared().last_published.store(no_index, std::memory_order_release); // reset:A
        if (extension_ != nullptr) {
            std::uint64_t expected = mine;
            const std::uint64_t done = mine + 1;
            // reset:B
            if (!extension_->resets.compare_exchange_strong(expected, done, std::memory_order_seq_cst)) return false;
        }
        wake_sleepers();
        return true;
    }

    // A reset that takes longer than this is taken for left by a process that died: 2 s, and 10 ns for each slot.
    std::int64_t longest_reset_ns() const noexcept {
        return 2'000'000'000 + static_cast<std::int64_t>(capacity() / slot_step()) * 10;
    }

private:
    // The number of the reset that now is the caller's: odd, and another one than that of a reset which is under way.
    std::uint64_t begin_reset() noexcept {
        if (extension_ == nullptr) return 0;
        auto& resets = extension_->resets;
        std::uint64_t seen = resets.load(std::memory_order_acquire); // reset:C
        for (;;) {
            const bool is_half = (seen & 1) != 0;
            if (!is_half) {
                const std::uint64_t before = extension_->reserved_before.load(std::memory_order_relaxed);
                extension_->reserved_before_reset.store(before, std::memory_order_relaxed);
            }
            const std::uint64_t mine = seen + (is_half ? 2 : 1);
            // reset:C
            if (!resets.compare_exchange_weak(seen, mine, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
            Atomics::release_fence(); // reset:A
            return mine;
        }
    }
    template <class IsMine>
    bool clear_slot(slot_type& s, IsMine is_mine) noexcept {
        constexpr detail::pair64 fresh{no_index, fresh_slot_count};
        detail::pair64 seen{s.data_index.load(std::memory_order_relaxed), s.count.load(std::memory_order_relaxed)};
        while (is_mine()) { // after the look at the slot
            if (seen.low == fresh.low && seen.high == fresh.high) return true;
            if (has_cas16_) {
                if (Atomics::cas16(&s, seen, fresh, std::memory_order_release)) return true; // reset:A
                continue; // `seen` is what there is, also in the bytes behind the count
            }
            s.count.store(fresh_slot_count, std::memory_order_relaxed);
            s.data_index.store(no_index, std::memory_order_release); // reset:A
            return true;
        }
        return false;
    }
    // Counts what was reserved, unless a reset that was left half done has counted it; and nobody is suspected any more.
    // False: the reset is another one's.
    template <class IsMine>
    bool count_reset(IsMine is_mine) noexcept {
        std::uint64_t before = extension_->reserved_before_reset.load(std::memory_order_relaxed);
        const std::uint64_t after = before + reserved_index();
        if (!is_mine()) return false;
        extension_->reserved_before.compare_exchange_strong(before, after, std::memory_order_relaxed);
        extension_->suspicion.store(0, std::memory_order_relaxed);
        for (std::uint32_t k = 0; k < Atomics::reports_kept; ++k) {
            extension_->reports[k].range.store(0, std::memory_order_relaxed);
        }
        return true;
    }

    using base::extension_;
    using base::has_cas16_;
    using base::is_wide_;
    using base::keeps_last_;
    using base::mask_;
    using base::shared;
    using base::slot_shift_;
    using base::slots_;
    using base::wide;
};

using ring = basic_ring<>;

} // namespace slickq

#endif
