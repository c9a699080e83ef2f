// What ends or begins anew under those who use it: the queue is reset, perhaps by one who dies at it, a group is removed and made again, its maker or
// remover dies, a process forks, one can't be told alive. What must hold then, by a model of its own: which records
// there were in which epoch, and who got them.
#pragma once

#include "explorer.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/group_worker.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace explore {

struct lifetime_plan {
    slickq::geometry shape = {};
    std::uint64_t start = 0; // the first index
    int before = 0;          // records of one element that are published before anybody begins
    int first = 0;           // records that the producer writes, waiting for room
    bool resets = false;     // the producer, before it goes on
    int after = 0;           // records that it then writes, the same
    int resetter_dies_after = 0; // steps: it is another one who resets, and dies at it; a third one resets again
    int workers = 0;         // of one group
    int readers = 0;         // registered
    int consumers = 0;       // registered, with a cursor of their own, which they acknowledge with each record
    bool remakes = false;    // the first worker is evicted, its group removed, and made anew by another worker, who takes all
    int maker_dies_after = 0;   // steps: one makes the group, and dies; another wants it
    int remover_dies_after = 0; // one removes the group, in which a dead worker left a record, and dies; another wants it
    bool forks = false;      // a child has a copy of the first reader, and uses it
    bool is_heavy = false;   // as in delivery_plan
    bool can_not_tell = false; // whether anybody lives; somebody looks for the dead all the same
    bool mender_produces = false; // who resets again, and not another one, who waits for that
};

struct lifetime_atomics : watched_atomics {}; // as delivery_atomics

class lifetime_scenario : public scenario {
public:
    explicit lifetime_scenario(const lifetime_plan& p);
    std::vector<std::function<void()>> threads() override;
    void check() override;

private:
    using ring = slickq::basic_ring<lifetime_atomics>;
    using registry = slickq::basic_registry<lifetime_atomics>;
    using flow_control = slickq::basic_flow_control<lifetime_atomics>;
    using reader = slickq::basic_reader<lifetime_atomics>;
    using worker = slickq::basic_worker<lifetime_atomics>;
    using record_id = std::pair<int, std::uint64_t>; // epoch, index

    // What a lease tells of one who has not said anything else.
    struct judge {
        const lifetime_scenario& all;
        slickq::liveness operator()(const slickq::process_identity& who) const {
            if (all.plan_.can_not_tell || (!who.is_told && who.lease == 0)) return slickq::liveness::unknown;
            return all.dead_.contains(who.pid) ? slickq::liveness::dead : slickq::liveness::alive;
        }
        std::uint32_t clock() const { return 1; }
    };
    struct leases {
        slickq::lease_state take(std::uint64_t) const { return slickq::lease_state::held; }
        void drop(std::uint64_t) const {}
    };

    void publish(std::uint64_t index);
    void write();
    void reset_and_die();
    void mend();
    bool is_resetting() const { return (extension_->resets.peek() & 1) != 0; }
    void wait_for(const std::function<bool()>& is_so);
    void produce();
    void read_all(reader& r);
    void read_with_own_cursor(registry::id id);
    void work(worker& w, int group, const std::function<bool()>& is_over);
    void make_anew();
    void make_and_die();
    void remove_and_die();
    void want_group();
    bool is_record(std::uint64_t index, std::uint64_t content, record_id& found) const;
    std::uint64_t end() const; // of the last epoch
    bool has_group() const;
    std::unique_ptr<worker> open(std::uint32_t pid);

    lifetime_plan plan_;
    std::vector<slickq::detail::pair64> memory_; // 16-byte aligned
    std::unique_ptr<ring::extension_type> extension_;
    ring ring_;
    registry registry_;
    std::unique_ptr<flow_control> flow_;
    std::vector<std::unique_ptr<reader>> readers_;
    std::unique_ptr<reader> copy_; // the child's
    std::vector<registry::id> ids_;  // of consumers with a cursor of their own
    std::vector<std::unique_ptr<worker>> workers_;
    std::set<std::uint32_t> dead_; // process ids

    int epoch_ = 0;
    std::uint64_t resets_before_ = 0; // extension.resets
    bool is_reset_left_ = false; // by the one who dies at it, or would
    bool is_mended_ = false;
    bool is_produced_ = false; // all
    int resets_told_ = 0;        // to workers
    std::uint64_t lost_at_resets_ = 0; // of theirs
    bool is_opened_ = false;   // by who died, or not
    std::map<record_id, std::uint64_t> records_; // and their contents
    std::map<record_id, int> got_[2];            // by the workers of each group: how often
};

} // namespace explore
