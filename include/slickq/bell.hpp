// bell.hpp - a word in shared memory to sleep on until somebody else has changed something, and to wake those who do.
//
//   label    operation                                   pairs with  so that
//   wake:A   word load (seq_cst), after a change made    sleep:A     of a change and somebody falling asleep, each first says what
//            by a seq_cst operation, or a full fence                 it does, then looks: one of the two sees the other (they are
//   sleep:A  word fetch_or (seq_cst), full fence, then   wake:A      all in one total order)
//            a last look at what may have changed
#ifndef SLICKQ_BELL_HPP
#define SLICKQ_BELL_HPP

#include <slickq/atomics.hpp>

namespace slickq {

template <class Atomics = native_atomics>
class basic_bell {
public:
    using word_type = typename Atomics::template atomic<std::uint32_t>;

    // nullptr: there is none; nobody is woken.
    explicit basic_bell(word_type* word = nullptr) noexcept : word_(word) {}

    bool can_wake() const noexcept { return word_ != nullptr; }

    // Says that the caller is about to sleep. If it then still finds nothing to do, it may sleep while the word is what this
    // returned: whatever changes afterwards changes it.
    std::uint32_t announce_sleep() const noexcept {
        const std::uint32_t ticket = word_->fetch_or(1, std::memory_order_seq_cst) | 1; // sleep:A
        Atomics::full_fence();                                                          // sleep:A
        return ticket;
    }

    void sleep(std::uint32_t ticket, std::int64_t longest_ns) const noexcept { Atomics::sleep(*word_, ticket, longest_ns); }

    // After a change that somebody may be waiting for. One load if nobody sleeps; one system call for all who do.
    void wake_sleepers() const noexcept {
        if (word_ == nullptr) return;
        std::uint32_t seen = word_->load(std::memory_order_seq_cst); // wake:A
        if ((seen & 1) == 0) return;
        // If this fails, another one is waking them: those who were asleep when we looked.
        if (word_->compare_exchange_strong(seen, seen + 1, std::memory_order_relaxed)) Atomics::wake_all(*word_);
    }

private:
    word_type* word_;
};

} // namespace slickq

#endif
