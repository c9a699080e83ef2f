// explore [PREEMPTIONS]: runs every scenario through every schedule with at most so many preemptions (2 if not given), prints a
// line for each, and fails at the first invariant that does not hold.
#include "ring_scenario.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using slickq::layout;

struct named_plan {
    const char* name;
    explore::plan plan;
};

slickq::geometry tiny(layout l, std::uint32_t capacity, std::uint32_t items_per_slot = 1) {
    return {l, capacity, 8, items_per_slot};
}

std::vector<named_plan> plans() {
    const std::uint64_t before_wrap = (std::uint64_t{1} << 48) - 3;
    std::vector<named_plan> all;
    all.push_back({"singles, 2 producers x 2, 2 readers, capacity 2", {tiny(layout::slq1, 2), {{1, 1}, {1, 1}}, 2, 0}});
    all.push_back({"singles, 2 producers x 2, 2 readers, capacity 4", {tiny(layout::slq1, 4), {{1, 1}, {1, 1}}, 2, 0}});
    all.push_back({"several elements, 2 producers x 2, 2 readers, capacity 2", {tiny(layout::slq1, 2), {{2, 1}, {1, 2}}, 2, 0}});
    all.push_back({"several elements, 2 producers x 2, 2 readers, capacity 4", {tiny(layout::slq1, 4), {{2, 1}, {1, 2}}, 2, 0}});
    all.push_back({"claims, 2 producers x 2, 2 claimers, capacity 2", {tiny(layout::slq1, 2), {{1, 2}, {2, 1}}, 0, 2}});
    all.push_back({"claims, 2 producers x 2, 2 claimers, capacity 4", {tiny(layout::slq1, 4), {{1, 2}, {2, 1}}, 0, 2}});
    all.push_back({"a lap and more, 2 producers x 3, 1 reader, capacity 2", {tiny(layout::slq1, 2), {{1, 1, 1}, {1, 1, 1}}, 1, 0}});
    all.push_back({"wrap markers, 2 producers x 2 of 3, 1 reader, capacity 4", {tiny(layout::slq0, 4), {{3, 3}, {3, 2}}, 1, 0}});
    all.push_back({"items per slot, 2 producers x 2, 2 readers, capacity 4", {tiny(layout::slq3, 4, 2), {{1, 2}, {3, 1}}, 2, 0}});
    all.push_back({"packed, 2 producers x 2, 1 reader, 1 claimer, capacity 4", {tiny(layout::packed, 4), {{1, 3}, {2, 1}}, 1, 1}});
    all.push_back({"wide, 2 producers x 2, 1 reader, 1 claimer, capacity 4", {tiny(layout::wide, 4), {{1, 3}, {2, 1}}, 1, 1}});
    all.push_back({"across 2^48, 2 producers x 2, 1 reader, 1 claimer, capacity 2",
                   {tiny(layout::slq1, 2), {{1, 1}, {1, 1}}, 1, 1, 3, before_wrap}});
    return all;
}

} // namespace

int main(int argc, char** argv) {
    const int preemptions = argc > 1 ? std::atoi(argv[1]) : 2;
    for (const named_plan& p : plans()) {
        const explore::result found = explore::explore(preemptions, [&] { return std::make_unique<explore::ring_scenario>(p.plan); });
        std::printf("%-62s %9llu schedules of up to %llu steps, %d preemptions: %s\n", p.name,
                    static_cast<unsigned long long>(found.schedules), static_cast<unsigned long long>(found.longest), preemptions,
                    found.violation.empty() ? "holds" : found.violation.c_str());
        if (!found.violation.empty()) {
            std::printf("  schedule: %s\n", found.schedule.c_str());
            return 1;
        }
        std::fflush(stdout);
    }
    return 0;
}
