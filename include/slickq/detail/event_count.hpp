// event_count.hpp - a word in shared memory to sleep on until somebody else has changed something, and to wake those who do.
//
//   label     in            operation                           pairs with  so that
//   wake:A    event_count,  word load (seq_cst), after a        sleep:A     of a change and somebody falling asleep,
//             publish       change made by a seq_cst operation              each first says what it does, then looks:
//                           (publish:B, reset:B), or a full                 one of the two sees the other (they are all
//                           fence                                           in one total order)
//   sleep:A   event_count   word fetch_or (seq_cst), full       wake:A,     the same
//                           fence, then a last look at what     ack:B
//                           may have changed
//   sleep:B   event_count   light load (relaxed) after the      light:A,    a single or prompt producer has no fence on
//                           full fence; if set, a fence of all  wake:B      each publish: a consumer that falls asleep
//                           processes' threads                              makes one for it (membarrier(2) on Linux),
//                                                                           so that the change is seen, or the sleeper
//   light:A   publish       light store, full fence, before     sleep:B     a sleeper that did not see `light` set is
//                           the producer's first change                     seen by the producer at each of its changes
//   wake:B    event_count,  word load, after a change without   sleep:B     as sleep:B says
//             publish       fence (single:B, prompt:B)
#ifndef SLICKQ_DETAIL_EVENT_COUNT_HPP
#define SLICKQ_DETAIL_EVENT_COUNT_HPP

#include <slickq/detail/atomics.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics = native_atomics>
class basic_event_count {
public:
    using word_type = typename Atomics::template atomic<std::uint32_t>;

    // nullptr: there is none; nobody is woken. light: says that some who change things have no fence; nullptr: all have.
    explicit basic_event_count(word_type* word = nullptr, const word_type* light = nullptr) noexcept : word_(word), light_(light) {}

    bool can_wake() const noexcept { return word_ != nullptr; }

    // Says that the caller is about to sleep. If it then still finds nothing to do, it may sleep while the word is what this
    // returned: whatever changes afterwards changes it.
    std::uint32_t announce_sleep() const noexcept {
        const std::uint32_t ticket = word_->fetch_or(1, std::memory_order_seq_cst) | 1; // sleep:A
        Atomics::full_fence();                                                          // sleep:A
        if (light_ != nullptr && light_->load(std::memory_order_relaxed) != 0) Atomics::heavy_fence(); // sleep:B
        return ticket;
    }

    void sleep(std::uint32_t ticket, std::int64_t longest_ns) const noexcept { Atomics::sleep(*word_, ticket, longest_ns); }

    // After a change that somebody may be waiting for. One load if nobody sleeps; one system call for all who do.
    void wake_sleepers() const noexcept {
        if (word_ != nullptr) wake_sleepers_on(*word_);
    }
    static void wake_sleepers_on(word_type& word) noexcept {
        std::uint32_t seen = word.load(std::memory_order_seq_cst); // wake:A, wake:B
        if ((seen & 1) == 0) [[likely]] return;
        // If this fails, another one is waking them: those who were asleep when we looked.
        if (word.compare_exchange_strong(seen, seen + 1, std::memory_order_relaxed)) Atomics::wake_all(word);
    }

private:
    word_type* word_;
    const word_type* light_;
};

} // namespace slickq

#endif
