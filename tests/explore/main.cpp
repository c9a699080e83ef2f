// explore [plain|batch|trusted|waiting|delivery|lifetime|half_reset|relaxed|eviction|all [PREEMPTIONS [LATE_LOADS]]]: runs every scenario of that kind through
// every schedule within the bounds (late loads only in the relaxed ones), prints a line for each, and fails at the first invariant that
// does not hold.
#include "delivery_scenario.hpp"
#include "lifetime_scenario.hpp"
#include "ring_scenario.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>

namespace {

using explore::plan;
using explore::produce;
using slickq::after_lap;
using slickq::layout;

template <class Plan>
struct named {
    std::string name;
    Plan plan;
};
using named_plan = named<explore::plan>;
using named_delivery = named<explore::delivery_plan>;
using named_lifetime = named<explore::lifetime_plan>;

slickq::geometry tiny(layout l, std::uint32_t capacity, std::uint32_t items_per_slot = 1) {
    return {l, capacity, 8, items_per_slot};
}

constexpr std::uint64_t before_wrap = (std::uint64_t{1} << 48) - 3;

// Two producers of two records at least, before consumers of each kind.
std::vector<named_plan> plain_plans() {
    return {
        {"singles, 2 producers x 2, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1}, {1, 1}}, .readers = 2}},
        {"singles, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1}, {1, 1}}, .readers = 2}},
        {"several elements, 2 producers x 2, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{2, 1}, {1, 2}}, .readers = 2}},
        {"several elements, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1}, {1, 2}}, .readers = 2}},
        {"claims, 2 producers x 2, 2 claimers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 2}, {2, 1}}, .claimers = 2}},
        {"claims, 2 producers x 2, 2 claimers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 2}, {2, 1}}, .claimers = 2}},
        {"a lap and more, 2 producers x 3, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1}, {1, 1, 1}}, .readers = 1}},
        {"wrap markers, 2 producers x 2 of 3, 1 reader, capacity 4",
         {.shape = tiny(layout::slq0, 4), .producers = {{3, 3}, {3, 2}}, .readers = 1}},
        {"items per slot, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq3, 4, 2), .producers = {{1, 2}, {3, 1}}, .readers = 2}},
        {"packed, 2 producers x 2, 1 reader, 1 claimer, capacity 4",
         {.shape = tiny(layout::packed, 4), .producers = {{1, 3}, {2, 1}}, .readers = 1, .claimers = 1}},
        {"wide, 2 producers x 2, 1 reader, 1 claimer, capacity 4",
         {.shape = tiny(layout::wide, 4), .producers = {{1, 3}, {2, 1}}, .readers = 1, .claimers = 1}},
        {"across 2^48, 2 producers x 2, 1 reader, 1 claimer, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1}, {1, 1}}, .readers = 1, .claimers = 1, .start = before_wrap}},
        {"just before 2^48, 2 producers x 1, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1}, {1}}, .readers = 1, .start = before_wrap}},
    };
}

// A declared single producer, with and without a 16-byte store; batches of either.
std::vector<named_plan> single_producer_and_batch_plans() {
    return {
        {"alone, singles x 4, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, 1}}, .readers = 2, .alone = true}},
        {"alone, several elements, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1, 2, 1}}, .readers = 2, .alone = true}},
        {"alone, several elements, claims, no 16-byte store, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{2, 1, 1, 2}}, .readers = 1, .claimers = 1, .alone = true, .can_store16 = false}},
        {"alone, published backwards, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::backwards(1, 2)}}, .readers = 1, .alone = true}},
        {"alone, items per slot, capacity 4",
         {.shape = tiny(layout::slq3, 4, 2), .producers = {{1, 3, 2}}, .readers = 1, .trusted = 1, .alone = true}},
        {"alone, a lap and more, trusted, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 2, 1}}, .trusted = 2, .alone = true}},
        {"alone, reset, trusted, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, produce::reset, 1, 1}}, .trusted = 1, .reads = 4, .alone = true}},
        {"alone, across 2^48, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, 1}}, .readers = 1, .trusted = 1, .start = before_wrap, .alone = true}},
        {"prompt, singles, 2 producers x 2, 1 reader, 1 claimer, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1}, {1, 1}}, .readers = 1, .claimers = 1, .prompt = true}},
        {"prompt, several elements, 2 producers, 1 reader, trusted, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1}, {1}}, .readers = 1, .trusted = 1, .prompt = true}},
        {"prompt, wide, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::wide, 4), .producers = {{1, 1}, {2}}, .readers = 2, .prompt = true}},
        {"prompt, batches, 2 producers, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::singles(2)}, {produce::batch(1, 1)}}, .readers = 1, .prompt = true}},
        {"prompt, several laps, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{2, 1, 1, 2}}, .readers = 1, .trusted = 1, .prompt = true}},
        {"prompt, across 2^48, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, 1}}, .readers = 1, .trusted = 1, .start = before_wrap, .prompt = true}},
        {"prompt by word only, published backwards and too late, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::backwards(2, 2)}}, .readers = 1, .prompt = true}},
        {"prompt, no 16-byte store, lapped, 2 producers x 2, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 2}, {2, 1}}, .readers = 1, .prompt = true, .can_store16 = false}},
        {"batches, alone, singles, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::singles(3), produce::singles(3)}}, .readers = 1, .trusted = 1, .alone = true}},
        {"batches, alone, several elements and skipped ends, capacity 4",
         {.shape = tiny(layout::packed, 4), .producers = {{produce::batch(1, 2), produce::batch(2, 3)}}, .readers = 1, .trusted = 1,
          .alone = true}},
        {"batches, singles, 2 producers, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::singles(2)}, {produce::singles(3)}}, .readers = 2}},
        {"batches, singles beside single records, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::singles(3)}, {1, 2}}, .readers = 1, .claimers = 1}},
        {"batches, several elements, 2 producers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::batch(2, 1)}, {produce::batch(1, 3)}}, .readers = 1, .trusted = 1}},
        {"batches, items per slot, 2 producers, capacity 4",
         {.shape = tiny(layout::slq3, 4, 2), .producers = {{produce::singles(2)}, {produce::batch(3, 1)}}, .readers = 1}},
        {"batches, wide, 2 producers, capacity 4",
         {.shape = tiny(layout::wide, 4), .producers = {{produce::singles(2)}, {produce::batch(2, 3)}}, .readers = 1}},
        {"batches, packed, 2 producers, capacity 4",
         {.shape = tiny(layout::packed, 4), .producers = {{produce::singles(2)}, {produce::batch(2, 1)}}, .readers = 1, .lasts = 1}},
        {"batches, across 2^48, by their counts, 2 producers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::batch(1, 1)}, {produce::batch(1, 1)}}, .readers = 1, .start = before_wrap}},
        {"batches, across 2^48, 2 producers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::singles(2)}, {produce::singles(2)}}, .readers = 1, .start = before_wrap}},
    };
}

std::vector<named_plan> trusted_plans() {
    return {
        {"trusted, singles, 2 producers x 2, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1}, {1, 1}}, .trusted = 2}},
        {"trusted, several elements, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1}, {1, 2}}, .trusted = 2, .steps_over = false}},
        {"trusted, a producer is lapped while it writes, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{2}, {1, 1, 1}}, .trusted = 1}},
        {"trusted, a batch is lapped while it is written, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{produce::singles(2)}, {1, 2, 1}}, .trusted = 1}},
        {"trusted, three producers lap each other, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1}, {1}, {2, 1}}, .trusted = 1, .reads = 2}},
        {"trusted, a lap and more, newest, 2 producers x 3, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1}, {1, 1, 1}}, .trusted = 1, .policy = after_lap::newest}},
        {"trusted, wrap markers, compat, 2 producers x 2 of 3, capacity 4",
         {.shape = tiny(layout::slq0, 4), .producers = {{3, 3}, {3, 2}}, .trusted = 1, .policy = after_lap::compat}},
        {"trusted, wrap markers, 2 producers x 2 of 3, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3, 3}, {3, 2}}, .trusted = 1}},
        {"trusted, items per slot, 2 producers x 2, capacity 4",
         {.shape = tiny(layout::slq3, 4, 2), .producers = {{1, 2}, {3, 1}}, .trusted = 1}},
        {"trusted, a producer dies, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::stop(1), 1}, {1, 1}}, .trusted = 2}},
        {"trusted, a producer dies, several elements, 2 producers, capacity 4",
         {.shape = tiny(layout::wide, 4), .producers = {{produce::stop(2)}, {1, 2, 1}}, .trusted = 1}},
        {"trusted, a producer dies and is lapped, capacity 2",
         {.shape = tiny(layout::packed, 2), .producers = {{produce::stop(1), 1}, {1, 1}}, .trusted = 1}},
        {"trusted, a producer dies and is lapped, waiting, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::stop(1), 1}, {1, 1}}, .trusted = 1, .steps_over = false}},
        {"trusted, a producer dies before the end is skipped, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::stop(1), 2}}, .trusted = 1, .reads = 0, .start = 2}},
        {"trusted, across 2^48, 2 producers x 2, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1}, {1, 1}}, .trusted = 1, .start = before_wrap}},
        {"trusted, reset, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1, produce::reset, 1, 1, 1}}, .trusted = 2, .reads = 4}},
        {"trusted, reset after a lap, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, produce::reset, 1, 1, 1, produce::reset, 1}}, .trusted = 1, .reads = 5}},
    };
}

// A wake-up that is lost leaves somebody asleep, which ends the schedule.
std::vector<named_plan> waiting_plans() {
    return {
        {"waiting, 2 producers x 2, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1}, {1, 1}}, .waiting = 1, .end = 4, .steps_over = false}},
        {"waiting, 1 producer x 2, 2 readers, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .waiting = 2, .end = 2, .steps_over = false}},
        {"waiting, laps, 2 producers x 2, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}, {1, 1}}, .waiting = 1, .end = 4, .steps_over = false}},
        {"waiting, wrap markers, 1 producer x 2 of 3, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3, 3}}, .waiting = 1, .end = 7, .steps_over = false}},
        {"waiting, reset, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, produce::reset}}, .waiting = 1, .end = 0, .steps_over = false}},
        {"waiting, the end is skipped and nothing follows, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3, produce::stop(3)}}, .awaited = 3}},
        {"waiting, batches, 2 producers, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{produce::singles(2)}, {produce::batch(1, 1)}}, .waiting = 1, .end = 4,
          .steps_over = false}},
        {"waiting, alone, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, produce::singles(2)}}, .waiting = 2, .end = 3, .steps_over = false, .alone = true}},
        {"waiting, prompt, 2 producers, 1 reader, capacity 4",
         {.shape = tiny(layout::slq0, 4), .producers = {{1, produce::singles(2)}, {1}}, .waiting = 1, .end = 4, .steps_over = false,
          .prompt = true}},
        {"waiting, cancelled, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{produce::stop(1)}}, .awaited = 0, .cancels = true}},
    };
}

std::vector<named_plan> relaxed_waiting_plans() {
    return {
        {"late loads: waiting, 1 producer x 2, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .waiting = 1, .end = 2, .steps_over = false}},
        {"late loads: waiting, 2 producers, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1}, {1}}, .waiting = 1, .end = 2, .steps_over = false}},
        {"late loads: waiting, alone, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .waiting = 1, .end = 2, .steps_over = false, .alone = true}},
        {"late loads: waiting, alone, a batch, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{produce::singles(2)}}, .waiting = 1, .end = 2, .steps_over = false, .alone = true}},
        {"late loads: waiting, alone, no fence for others, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .waiting = 1, .end = 2, .steps_over = false, .alone = true,
          .can_fence_others = false}},
        {"late loads: waiting, prompt, 2 producers, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1}, {1}}, .waiting = 1, .end = 2, .steps_over = false, .prompt = true}},
        {"late loads: waiting, prompt, no fence for others, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .waiting = 1, .end = 2, .steps_over = false, .prompt = true,
          .can_fence_others = false}},
        {"late loads: waiting, reset, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, produce::reset}}, .waiting = 1, .end = 0, .steps_over = false}},
        {"late loads: waiting, cancelled, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {}, .awaited = 0, .cancels = true}},
    };
}

// Lossless mode: nobody is lapped who registered, and nobody waits for ever.
std::vector<named_delivery> flow_control_plans() {
    return {
        {"flow control, 1 producer x 3, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1, 1}}, .end = 3, .readers = 1}},
        {"flow control, 2 producers x 2, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}, {1, 1}}, .end = 4, .readers = 1, .is_heavy = true}},
        {"flow control, 2 threads x 2 with one flow control, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}, {1, 1}}, .share_flow_control = true, .end = 4, .readers = 1, .is_heavy = true}},
        {"flow control, 1 producer, 2 readers, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1}}, .before = {1}, .end = 2, .readers = 2, .is_heavy = true}},
        {"flow control, several elements and skipped ends, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3, 4, 3}}, .end = 11, .readers = 1}},
        {"flow control, an end skipped together with a record, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1, 2}}, .end = 6, .readers = 1}},
        {"flow control, an end skipped by itself, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3, 1, 2, 3}}, .end = 11, .readers = 1}},
        {"flow control, items per slot, 1 reader, capacity 4",
         {.shape = tiny(layout::slq3, 4, 2), .producers = {{1, 3, 2}}, .end = 10, .readers = 1}},
        {"flow control, a reader joins, 1 producer x 3, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1, 1}}, .end = 3, .joining = 1}},
        {"flow control, a reader joins, 2 producers, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1}, {1}}, .end = 3, .joining = 1, .is_heavy = true}},
        {"flow control, a reader leaves, 1 producer x 3, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1, 1}}, .end = 3, .leaving = 1}},
        {"flow control, across 2^48, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1, 1}}, .end = 1, .readers = 1, .start = before_wrap}},
    };
}

constexpr int most_steps = 60; // more than a worker takes in any of these

// Each record goes to one worker; what a dead or evicted one had claimed is handed on, or given up.
std::vector<named_delivery> worker_plans() {
    using slickq::group_state::at_least_once;
    using slickq::group_state::at_most_once;
    std::vector<named_delivery> all{
        {"workers, 2, 2 records, capacity 2", {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2}},
        {"workers, 3, 3 records, capacity 4",
         {.shape = tiny(layout::slq0, 4), .producers = {}, .before = {1, 1, 1}, .end = 3, .workers = 3, .is_heavy = true}},
        {"workers, 2, a producer waits, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1}}, .before = {1}, .end = 2, .workers = 2, .is_heavy = true}},
        {"workers, 1, skipped ends, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{3}}, .before = {3}, .end = 7, .workers = 1}},
        {"workers, 1, a skipped end that is overrun, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{4}}, .before = {3}, .end = 8, .workers = 1}},
        {"workers, one is evicted, handed on, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2, .evicts = true}},
        {"workers, one is evicted, given up, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2, .mode = at_most_once, .evicts = true}},
        {"workers, one is evicted, a producer waits, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1}}, .before = {1}, .end = 2, .workers = 2, .evicts = true,
          .fewer_preemptions = 1}},
    };
    for (int steps = 1; steps <= most_steps; ++steps) {
        const std::string when = "workers, one dies at step " + std::to_string(steps);
        all.push_back({when + ", handed on",
                       {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2, .dies_after = steps}});
        all.push_back({when + ", given up",
                       {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2, .mode = at_most_once,
                        .dies_after = steps}});
        // About when it has its first record claimed, so that a producer may look while that is handed on.
        const bool is_closer_look = steps >= 22 && steps <= 24;
        all.push_back({when + ", a producer waits",
                       {.shape = tiny(layout::slq0, 1), .producers = {{1}}, .before = {1}, .end = 2, .workers = 2, .dies_after = steps,
                        .fewer_preemptions = is_closer_look ? 0 : 1, .is_heavy = true}});
        all.push_back({when + ", skipped ends",
                       {.shape = tiny(layout::slq0, 4), .producers = {{3}}, .before = {3}, .end = 7, .workers = 2, .dies_after = steps,
                        .fewer_preemptions = 1}});
    }
    return all;
}

constexpr std::uint64_t a_lap_before_wrap = (std::uint64_t{1} << 48) - 2;

// What ends or begins anew under those who use it, wherever the indices begin.
std::vector<named_lifetime> lifetime_plans() {
    std::vector<named_lifetime> all;
    for (const std::uint64_t start : {std::uint64_t{0}, a_lap_before_wrap, before_wrap}) {
        const std::string where = start == 0 ? "" : ", from 2^48 - " + std::to_string((std::uint64_t{1} << 48) - start);
        const auto shape = tiny(layout::slq0, 2);
        const auto add = [&](const char* what, explore::lifetime_plan p) {
            p.shape = shape;
            p.start = start;
            p.is_heavy = start != 0 || p.workers == 2;
            all.push_back({std::string("lifetime, ") + what + where, p});
        };
        add("reset, 1 worker, 2 records after 2", {.before = 2, .resets = true, .after = 2, .workers = 1});
        add("reset, 2 workers, 1 record after 1", {.before = 1, .resets = true, .after = 1, .workers = 2});
        add("reset, 1 registered reader, 3 records after 2", {.before = 2, .resets = true, .after = 3, .readers = 1});
        add("reset after a lap, 1 registered reader, 3 records after 3", {.first = 3, .resets = true, .after = 3, .readers = 1});
        add("reset, 1 consumer with its own cursor, 3 records after 2", {.before = 2, .resets = true, .after = 3, .consumers = 1});
        add("a producer waits for one with its own cursor", {.before = 2, .after = 3, .consumers = 1});
        add("a group is removed and made anew, 2 records", {.before = 2, .workers = 1, .remakes = true});
        add("a child of fork() has a copy of a reader", {.before = 2, .after = 2, .readers = 1, .forks = true});
        add("whether a reader lives can't be told", {.before = 2, .after = 2, .readers = 1, .can_not_tell = true});
    }
    for (int steps = 1; steps <= 45; ++steps) {
        const std::string when = "lifetime, at step " + std::to_string(steps);
        all.push_back({when + " the maker of a group dies",
                       {.shape = tiny(layout::slq0, 2), .before = 2, .maker_dies_after = steps, .is_heavy = true}});
        all.push_back({when + " the remover of a group dies",
                       {.shape = tiny(layout::slq0, 2), .before = 2, .remover_dies_after = steps, .is_heavy = true}});
    }
    return all;
}

// Who resets dies at every step of it; another one resets again.
std::vector<named_lifetime> half_reset_plans() {
    std::vector<named_lifetime> all;
    for (int steps = 1; steps <= 30; ++steps) {
        const std::string when = "half reset, at step " + std::to_string(steps) + " the one who resets dies, ";
        const auto add = [&](const char* beside, explore::lifetime_plan p) {
            p.shape = tiny(layout::slq0, 2);
            p.before = 2;
            p.resets = p.is_heavy = true;
            p.resetter_dies_after = steps;
            all.push_back({when + beside, p});
        };
        add("a producer waits", {.after = 1});
        add("1 registered reader", {.after = 1, .readers = 1, .mender_produces = true});
        add("1 worker", {.after = 1, .workers = 1, .mender_produces = true});
        add("1 consumer with its own cursor", {.after = 1, .consumers = 1, .mender_produces = true});
    }
    return all;
}

// Millions of schedules: not among `all`.
std::vector<named_delivery> eviction_plans() {
    return {{"workers, one is evicted, a producer waits, capacity 1, closer",
             {.shape = tiny(layout::slq0, 1), .producers = {{1}}, .before = {1}, .end = 2, .workers = 2, .evicts = true}}};
}

std::vector<named_delivery> relaxed_delivery_plans() {
    return {
        {"late loads: flow control, 1 producer x 2, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1}}, .end = 2, .readers = 1}},
        {"late loads: flow control, a reader joins, 1 producer x 2, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1}}, .end = 2, .joining = 1}},
        {"late loads: workers, 2, 2 records, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {}, .before = {1, 1}, .end = 2, .workers = 2, .is_heavy = true}},
        {"late loads: workers, a producer x 2 waits, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1}}, .end = 2, .workers = 1, .is_heavy = true}},
    };
}

// Smaller ones: each load multiplies the schedules.
std::vector<named_plan> relaxed_plans() {
    return {
        {"late loads: singles, 1 producer x 3, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 1}}, .readers = 1}},
        {"late loads: several elements, 1 producer, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 2}}, .readers = 1}},
        {"late loads: 2 producers x 2, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}, {1, 1}}, .readers = 1}},
        {"late loads: claims, 1 producer x 2, 2 claimers, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1}}, .claimers = 2, .reads = 2}},
        {"late loads: wide, 2 producers, 1 reader, capacity 2",
         {.shape = tiny(layout::wide, 2), .producers = {{1, 1}, {1}}, .readers = 1}},
        {"late loads: the last record, 1 producer x 2, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1}}, .lasts = 1}},
        {"late loads: trusted, 1 producer x 3, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1, 1}}, .trusted = 1, .reads = 4}},
        {"late loads: trusted, several elements, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1, 2}}, .trusted = 1, .reads = 4}},
        {"late loads: trusted, wrap markers, 1 reader, capacity 4",
         {.shape = tiny(layout::slq0, 4), .producers = {{3, 3}}, .trusted = 1}},
        {"late loads: alone, several elements, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1, 2}}, .readers = 1, .alone = true}},
        {"late loads: alone, no 16-byte store, 1 reader, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 2, 1, 1}}, .readers = 1, .alone = true, .can_store16 = false}},
        {"late loads: alone, trusted, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1, 1}}, .trusted = 1, .reads = 4, .alone = true}},
        {"late loads: alone, the last record, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 1}}, .lasts = 1, .alone = true}},
        {"late loads: prompt, several elements, 2 producers, 1 reader, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{1, 2}, {1}}, .readers = 1, .prompt = true}},
        {"late loads: batches, 2 producers, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{produce::singles(2)}, {1}}, .readers = 1}},
        {"late loads: batches, alone, trusted, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{produce::singles(2), produce::singles(1)}}, .trusted = 1, .reads = 4, .alone = true}},
        {"late loads: trusted, reset, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, produce::reset, 1, 1}}, .trusted = 1,
          .reads = 3, .steps_over = false}},
        {"late loads: trusted, reset behind a record, 1 reader, capacity 2",
         {.shape = tiny(layout::slq0, 2), .producers = {{1, 1, produce::reset, 1}}, .trusted = 1,
          .reads = 3, .steps_over = false, .batch = 1}},
        {"late loads: trusted, reset after a lap, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, 1, 1, produce::reset, 1, 1}}, .trusted = 1,
          .reads = 3, .steps_over = false, .batch = 1}},
        {"late loads: trusted, reset twice, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, produce::reset, 1, produce::reset}}, .trusted = 1,
          .reads = 3, .steps_over = false, .batch = 1}},
    };
}

std::unique_ptr<explore::scenario> make(const explore::plan& p, bool is_sequential) {
    return std::make_unique<explore::ring_scenario>(p, is_sequential);
}
std::unique_ptr<explore::scenario> make(const explore::delivery_plan& p, bool) { return std::make_unique<explore::delivery_scenario>(p); }

std::unique_ptr<explore::scenario> make(const explore::lifetime_plan& p, bool) { return std::make_unique<explore::lifetime_scenario>(p); }

bool runs_all = false; // kinds

template <class Plan>
bool run_all(const std::vector<named<Plan>>& plans, const explore::bounds& limits) {
    for (const named<Plan>& p : plans) {
        const auto begun = std::chrono::steady_clock::now();
        explore::bounds within = limits;
        if constexpr (std::is_same_v<Plan, explore::delivery_plan>) {
            within.preemptions -= p.plan.is_heavy && runs_all ? std::max(p.plan.fewer_preemptions, 1) : p.plan.fewer_preemptions;
        }
        if constexpr (std::is_same_v<Plan, explore::lifetime_plan>) within.preemptions -= p.plan.is_heavy && runs_all ? 1 : 0;
        const explore::result found = explore::explore(within, [&] { return make(p.plan, limits.late_loads == 0); });
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        std::printf("%-70s %9llu schedules of up to %llu steps, %d preemptions, %d late loads, %.1f s: %s\n", p.name.c_str(),
                    static_cast<unsigned long long>(found.schedules), static_cast<unsigned long long>(found.longest),
                    within.preemptions, within.late_loads, took.count(), found.violation.empty() ? "holds" : found.violation.c_str());
        std::fflush(stdout);
        if (!found.violation.empty()) {
            std::printf("  schedule: %s\n", found.schedule.c_str());
            return false;
        }
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    const std::string which = argc > 1 ? argv[1] : "all";
    explore::bounds sequential, relaxed{2, 2};
    if (argc > 2) sequential.preemptions = relaxed.preemptions = std::atoi(argv[2]);
    if (argc > 3) relaxed.late_loads = std::atoi(argv[3]);
    const bool all = runs_all = which == "all";
    if (which == "eviction") return run_all(eviction_plans(), sequential) ? 0 : 1;
    const bool holds =
        (!(all || which == "plain") || run_all(plain_plans(), sequential)) &&
        (!(all || which == "batch") || run_all(single_producer_and_batch_plans(), sequential)) &&
        (!(all || which == "trusted") || run_all(trusted_plans(), sequential)) &&
        (!(all || which == "waiting") || (run_all(waiting_plans(), sequential) && run_all(relaxed_waiting_plans(), relaxed))) &&
        (!(all || which == "delivery") || (run_all(flow_control_plans(), sequential) && run_all(worker_plans(), sequential) &&
                                           run_all(relaxed_delivery_plans(), relaxed))) &&
        (!(all || which == "lifetime") || run_all(lifetime_plans(), sequential)) &&
        (!(all || which == "half_reset") || run_all(half_reset_plans(), sequential)) &&
        (!(all || which == "relaxed") || run_all(relaxed_plans(), relaxed));
    return holds ? 0 : 1;
}
