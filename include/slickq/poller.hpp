// poller.hpp - what a consumer that spins does between two looks: a moment in which it leaves the producer's cache
// lines alone.
//
// Four slots share a line. A consumer that is close behind and looks again at once takes the line that the producer is
// writing, and the producer has to fetch it back for each record. A consumer that has just read several records in a
// row has a producer that is streaming: it pauses for some 300 ns, and finds several again. One that found a single
// record waits for answers, or for rare events: it looks again soon. bench/README.md has what that gives, and other
// numbers of pauses.
//
//     slickq::poller poll;
//     for (;;) {
//         if (const auto [data, count] = queue.read(cursor); data != nullptr) { use(data, count); poll.found(); }
//         else poll.nothing();
//     }
#ifndef SLICKQ_POLLER_HPP
#define SLICKQ_POLLER_HPP

#include <slickq/detail/atomics.hpp>

#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

// Belongs to one consumer's thread.
class poller {
public:
    static constexpr int pauses_of_a_stream = 12; // of 10 to 40 ns each, by the processor

    void found() noexcept { ++in_a_row_; }

    void nothing() noexcept {
        const int pauses = in_a_row_ > 1 ? pauses_of_a_stream : 1;
        in_a_row_ = 0;
        for (int k = 0; k < pauses; ++k) native_atomics::pause();
    }

private:
    std::uint64_t in_a_row_ = 0; // records found since the last look that found nothing
};

} // namespace slickq

#endif
