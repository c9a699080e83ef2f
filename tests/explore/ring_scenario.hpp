// Producers, readers and claimers on a tiny ring, and what must hold of them in every schedule.
#pragma once

#include "explorer.hpp"

#include <slickq/ring.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace explore {

using ring = slickq::basic_ring<watched_atomics>;

struct plan {
    slickq::geometry shape;
    std::vector<std::vector<std::uint32_t>> producers; // of each, the counts of its records
    int readers = 0;                                   // each with a cursor of its own
    int claimers = 0;                                  // sharing one cursor
    int reads = 3;                                     // attempts of each consumer while producers are at work
    std::uint64_t start = 0;                           // the first index
};

class ring_scenario : public scenario {
public:
    explicit ring_scenario(const plan& p);
    std::vector<std::function<void()>> threads() override;
    void check() override;

private:
    struct seen {
        std::uint64_t index;
        std::uint32_t count;
    };
    struct reader {
        std::uint64_t cursor;
    };

    void produce(const std::vector<std::uint32_t>& counts);
    void read(reader& r);
    void claim();
    // Reads the record's elements as a consumer does, and checks them if no producer had lapped them by then.
    void use(const slickq::record& record);
    void slots_never_move_back();

    std::uint64_t* element(std::uint64_t index) { return reinterpret_cast<std::uint64_t*>(ring_.at(index)); }
    std::uint64_t reserved() const; // without a step
    watched<std::uint64_t>& slot_index(std::uint32_t number);

    plan plan_;
    std::vector<slickq::detail::pair64> memory_; // 16-byte aligned
    ring ring_;
    std::vector<reader> readers_;
    watched<std::uint64_t> shared_;
    std::vector<seen> claimed_;
    std::map<std::uint64_t, std::uint32_t> published_; // index and count, of every publish that succeeded
    std::set<std::uint64_t> holes_; // reservations whose publish came too late: a plain cursor there waits for the next lap
    std::vector<std::uint64_t> highest_;               // of each slot, the highest data index it ever had
    bool wrote_late_ = false; // a producer wrote elements after the ring had lapped its reservation: then nobody's bytes are safe
};

} // namespace explore
