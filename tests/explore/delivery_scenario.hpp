// Producers in lossless mode, registered consumers and groups of workers on a tiny ring, one of which may die or be evicted at any
// point; and what must hold of them in every schedule.
#pragma once

#include "explorer.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/group_worker.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace explore {

struct delivery_plan {
    slickq::geometry shape;
    std::vector<std::vector<std::uint32_t>> producers; // each its records, of so many elements; they wait for room
    bool share_flow_control = false;                         // they are threads of one process
    std::vector<std::uint32_t> before = {};            // records published before anybody begins
    std::uint64_t end = 0;                             // the last index of all
    int readers = 0;                                   // registered before anybody begins
    int joining = 0;                                   // registering sometime
    int leaving = 0;                                   // registered before, reading one record, and leaving
    int workers = 0;                                   // of one group
    slickq::group_state::mode mode = slickq::group_state::at_least_once;
    int dies_after = 0; // steps of the first worker; 0: it does not
    bool evicts = false; // the first worker, sometime
    int fewer_preemptions = 0; // than other plans: it has many schedules
    bool is_heavy = false;     // the same, but where all plans are run: who asks for this kind has time
    std::uint64_t start = 0;
};

// A type of its own, so that its instantiations of the ring are its own: mutants are compiled into one scenario only.
struct delivery_atomics : watched_atomics {};

class delivery_scenario : public scenario {
public:
    explicit delivery_scenario(const delivery_plan& p);
    std::vector<std::function<void()>> threads() override;
    void check() override;

private:
    using ring = slickq::basic_ring<delivery_atomics>;
    using registry = slickq::basic_registry<delivery_atomics>;
    using flow_control = slickq::basic_flow_control<delivery_atomics>;
    using reader = slickq::basic_reader<delivery_atomics>;
    using worker = slickq::basic_worker<delivery_atomics>;

    void produce(flow_control& g, const std::vector<std::uint32_t>& counts);
    void publish(std::uint64_t index, std::uint32_t count);
    void read_all(reader& r, std::uint64_t from);
    void read_one_and_leave(std::size_t number);
    void join_and_read();
    void work(std::size_t number);
    void delivered(std::size_t number, const slickq::assignment& got, const std::uint64_t* elements);
    std::uint64_t peek_reserved() const; // without a step
    bool is_whole(std::uint64_t index, std::uint32_t count, const std::uint64_t* elements) const;

    delivery_plan plan_;
    std::vector<slickq::detail::pair64> memory_; // 16-byte aligned
    std::unique_ptr<ring::extension_type> extension_;
    ring ring_;
    registry registry_;
    std::vector<std::unique_ptr<flow_control>> flows_;
    std::vector<std::unique_ptr<reader>> readers_;
    std::vector<registry::id> reader_ids_;
    std::vector<std::unique_ptr<worker>> workers_;
    // Who of them lives.
    struct judge {
        const delivery_scenario& all;
        slickq::liveness operator()(const slickq::process_identity& who) const {
            return all.dead_.contains(who.pid) ? slickq::liveness::dead : slickq::liveness::alive;
        }
        std::uint32_t clock() const { return 1; }
    };

    std::set<std::uint32_t> dead_; // process ids
    std::size_t over_ = 0;         // workers that do nothing any more

    bool wrote_late_ = false;
    bool is_held_ = false; // since somebody joined: from this index on
    std::uint64_t held_from_ = 0;

    std::map<std::uint64_t, std::uint32_t> reserved_;  // records, and their counts
    std::map<std::uint64_t, int> delivered_;           // by workers: how often
    std::map<std::uint64_t, int> abandoned_;
};

} // namespace explore
