// explore [plain|trusted|waiting|relaxed|all [PREEMPTIONS [LATE_LOADS]]]: runs every scenario of that kind through every schedule within
// the bounds (late loads only in the relaxed ones), prints a line for each, and fails at the first invariant that does not hold.
#include "ring_scenario.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using explore::plan;
using explore::produce;
using slickq::after_lap;
using slickq::layout;

struct named_plan {
    const char* name;
    explore::plan plan;
};

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
    };
}

std::vector<named_plan> trusted_plans() {
    return {
        {"trusted, singles, 2 producers x 2, 2 readers, capacity 2",
         {.shape = tiny(layout::slq1, 2), .producers = {{1, 1}, {1, 1}}, .trusted = 2}},
        {"trusted, several elements, 2 producers x 2, 2 readers, capacity 4",
         {.shape = tiny(layout::slq1, 4), .producers = {{2, 1}, {1, 2}}, .trusted = 2, .steps_over = false}},
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
        {"late loads: waiting, reset, 1 reader, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {{1, produce::reset}}, .waiting = 1, .end = 0, .steps_over = false}},
        {"late loads: waiting, cancelled, capacity 1",
         {.shape = tiny(layout::slq0, 1), .producers = {}, .awaited = 0, .cancels = true}},
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

bool run_all(const std::vector<named_plan>& plans, const explore::bounds& limits) {
    for (const named_plan& p : plans) {
        const auto begun = std::chrono::steady_clock::now();
        const explore::result found = explore::explore(
            limits, [&] { return std::make_unique<explore::ring_scenario>(p.plan, limits.late_loads == 0); });
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        std::printf("%-70s %9llu schedules of up to %llu steps, %d preemptions, %d late loads, %.1f s: %s\n", p.name,
                    static_cast<unsigned long long>(found.schedules), static_cast<unsigned long long>(found.longest),
                    limits.preemptions, limits.late_loads, took.count(), found.violation.empty() ? "holds" : found.violation.c_str());
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
    const bool all = which == "all";
    const bool holds = (!(all || which == "plain") || run_all(plain_plans(), sequential)) &&
                       (!(all || which == "trusted") || run_all(trusted_plans(), sequential)) &&
                       (!(all || which == "waiting") || (run_all(waiting_plans(), sequential) && run_all(relaxed_waiting_plans(), relaxed))) &&
                       (!(all || which == "relaxed") || run_all(relaxed_plans(), relaxed));
    return holds ? 0 : 1;
}
