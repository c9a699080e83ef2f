// suspects.hpp - which of the records that a reader handed out may be wrong: reports of producers that were lapped
// while they wrote (leave_report() in the ring) are compared with what the reader has received.
//
//   label    operation                              pairs with  so that
//   late:B   suspicion load (relaxed), by the       late:A      reports are complete: what they tell of was written
//            reader; if it has changed, acquire                 before
//            fence, then the reports' loads
#ifndef SLICKQ_DETAIL_SUSPECTS_HPP
#define SLICKQ_DETAIL_SUSPECTS_HPP

#include <slickq/detail/ring.hpp>

#include <algorithm>
#include <vector>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_suspects {
public:
    using ring_type = basic_ring<Atomics>;

    // Of the elements received, those that may be wrong, at most, if producers write each element of a reservation once.
    std::uint64_t count() const noexcept { return count_; }

    // Whether reports are to be looked at before what was copied is handed out, `word` being extension.suspicion now.
    bool is_due(std::uint64_t word) const noexcept { return is_new(word) || may_tell_of_next_; }
    bool is_new(std::uint64_t word) const noexcept { return word != word_; }
    void set_may_tell_of_next(bool may) noexcept { may_tell_of_next_ = may; }

    // What new reports tell of all that was received, from `begin` to `end`. Throws std::bad_alloc.
    void look(const ring_type& source, std::uint64_t word, std::uint64_t begin, std::uint64_t end) {
        word_ = word;
        if (source.extension() == nullptr) return;
        Atomics::acquire_fence(); // late:B
        known_.resize(Atomics::reports_kept);
        for (std::uint32_t number = 0; number < Atomics::reports_kept; ++number) {
            const detail::pair64 told = source.report(number); // late:B
            if (told.low == known_[number].told.low && told.high == known_[number].told.high) continue;
            // A reservation that is published late again tells of the same elements.
            std::uint64_t counted = 0;
            for (const known_report& k : known_) {
                if (k.told.low == told.low) counted = std::max(counted, k.elements);
            }
            const std::uint64_t elements = told.low != 0 ? std::max(suspects_of(source, told, begin, end), counted) : 0;
            known_[number] = {told, elements};
            if (told.low != 0) count_ += elements - counted;
        }
    }

    // The queue was reset: its reports are gone.
    void reset() noexcept {
        word_ = 0;
        known_.clear();
        may_tell_of_next_ = false;
    }

private:
    struct known_report {
        detail::pair64 told{};
        std::uint64_t elements = 0; // that were counted for it
    };
    // How many elements that were received such a producer may have overwritten: at most as many as it wrote, in
    // whichever lap it was.
    static std::uint64_t suspects_of(const ring_type& source, const detail::pair64& told, std::uint64_t begin,
                                     std::uint64_t received_end) noexcept {
        const std::uint64_t from = suspicion::index(told.low);
        const std::uint64_t end = source.difference(told.high, received_end) < 0 ? told.high : received_end;
        const auto length = static_cast<std::int64_t>(std::min(suspicion::count(told.low), source.capacity()));
        std::int64_t most = 0;
        // In the last lap, or in the one before if that was not received to its end.
        const std::uint64_t behind = (end - from) & source.index_mask();
        std::uint64_t laps = source.difference(end, from) > 0 ? (behind - 1) / source.capacity() : 0;
        for (int looks = 0; looks < 2 && laps != 0; ++looks, --laps) {
            const std::uint64_t start = from + laps * source.capacity();
            const std::int64_t after_start = std::min<std::int64_t>(source.difference(end, start), length);
            const std::int64_t before_begin = std::max<std::int64_t>(source.difference(begin, start), 0);
            most = std::max(most, after_start - before_begin);
        }
        return static_cast<std::uint64_t>(most);
    }

    std::uint64_t word_ = 0; // extension.suspicion, as it was known last, and the reports
    std::vector<known_report> known_;
    bool may_tell_of_next_ = false;
    std::uint64_t count_ = 0;
};

} // namespace slickq

#endif
