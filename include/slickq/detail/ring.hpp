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
//                                                                last:A
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
//   reset:B     ring              resets even (release, and      resets:A,    all is reset, and `reserved_before` is
//                                 seq_cst for wake:A)            epoch:A      right
//   reset:C     ring              resets load (acquire), and     itself       who goes on with a half reset knows what was
//                                 store odd (release)                         counted
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

    using base::reserved_index;
    using base::wake_sleepers;

    basic_ring() = default;

    // `start` has geometry.segment_length() bytes, aligned to 64. `extra`: nullptr if the segment has no extension
    // area.
    basic_ring(std::byte* start, const geometry& g, extension_type* extra = nullptr) noexcept : base(start, g, extra) {}

    // Makes every slot as one that was never written, and nothing reserved. The caller makes sure that no producer is
    // active. A reset that was left half done is finished by the next one: what was reserved before it is counted once.
    void reset() noexcept {
        std::uint64_t resets = 0;
        if (extension_ != nullptr) {
            resets = extension_->resets.load(std::memory_order_acquire); // reset:C
            auto& reserved_before = extension_->reserved_before;
            if ((resets & 1) == 0) {
                extension_->reserved_before_reset.store(reserved_before.load(std::memory_order_relaxed),
                                                        std::memory_order_relaxed);
            }
            resets |= 1;
            extension_->resets.store(resets, std::memory_order_release); // reset:C
            Atomics::release_fence();                                     // reset:A
            const std::uint64_t before = extension_->reserved_before_reset.load(std::memory_order_relaxed);
            if (reserved_before.load(std::memory_order_relaxed) == before) { // else it was counted already
                reserved_before.store(before + reserved_index(std::memory_order_relaxed), std::memory_order_relaxed);
            }
            extension_->suspicion.store(0, std::memory_order_relaxed);
            for (std::uint32_t k = 0; k < Atomics::reports_kept; ++k) {
                extension_->reports[k].range.store(0, std::memory_order_relaxed);
            }
        }
        // First of all the counter: from now on validate:B refuses what the slots still say.
        if (is_wide_) {
            wide().reserved_count.store(0, std::memory_order_relaxed);
            wide().reserved_index.store(0, std::memory_order_relaxed);
        } else {
            shared().reserved.store(0, std::memory_order_relaxed);
        }
        // Release, for segments without an extension area: a consumer that sees one of these sees the counter above.
        for (std::uint64_t i = 0; i <= mask_ >> slot_shift_; ++i) {
            slots_[i].count.store(fresh_slot_count, std::memory_order_relaxed);
            slots_[i].data_index.store(no_index, std::memory_order_release); // reset:A
        }
        if (keeps_last_) shared().last_published.store(no_index, std::memory_order_release); // reset:A
        if (extension_ != nullptr) extension_->resets.store(resets + 1, std::memory_order_seq_cst); // reset:B
        wake_sleepers();
    }

private:
    using base::extension_;
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
