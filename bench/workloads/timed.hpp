// When each side of a workload began and ended, in memory that all share.
#ifndef BENCH_TIMED_HPP
#define BENCH_TIMED_HPP

#include "../harness/arena.hpp"
#include "../harness/cpu.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bench {

struct side_record {
    std::int64_t begun_ns = 0;
    std::int64_t ended_ns = 0;
    std::uint64_t items = 0;
    std::uint64_t sum = 0;
};

class side_records {
public:
    side_records(arena& memory, unsigned sides) {
        for (unsigned k = 0; k < sides; ++k) all_.push_back(&memory.make<side_record>());
    }
    side_record& operator[](unsigned side) const noexcept { return *all_[side]; }

    // From the first beginning to the last end.
    double duration_ns() const noexcept {
        std::int64_t begun = INT64_MAX;
        std::int64_t ended = 0;
        for (const side_record* each : all_) {
            begun = std::min(begun, each->begun_ns);
            ended = std::max(ended, each->ended_ns);
        }
        return static_cast<double>(ended - begun);
    }

private:
    std::vector<side_record*> all_;
};

} // namespace bench

#endif
