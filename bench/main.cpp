// slickq_bench: one comparison of queues a call. See README.md; run.py calls it for all that the README shows.
#include "harness/comparison.hpp"
#include "harness/smoke.hpp"
#include "harness/shared_name.hpp"

#include <cstdio>
#include <exception>

namespace {

// For instructions.py: `items` items through one queue on one thread, and nothing else.
int count(const bench::registry& all, const bench::options& wanted) {
    const bench::queue_entry* const queue = wanted.queues.size() == 1 ? all.find(wanted.queues[0]) : nullptr;
    if (queue == nullptr) return 2;
    bench::request asked = wanted.asked;
    asked.items = wanted.items;
    queue->by_bytes.at(wanted.bytes)(asked);
    return 0;
}

void list(const bench::registry& all) {
    for (const bench::queue_entry& each : all.entries()) {
        std::printf("%-22s %s%s%s%s\n", each.name.c_str(), each.about.in_processes ? "processes" : "threads",
                    each.about.many_producers ? ", many producers" : "", each.about.many_consumers ? ", many consumers" : "",
                    each.about.is_lossy ? ", lossy (paced)" : "");
    }
    for (const auto& [name, what] : all.missing()) std::printf("left out: %s: no %s\n", name.c_str(), what.c_str());
}

} // namespace

int main(int argc, char** argv) {
    bench::remove_names_when_interrupted();
    try {
        const bench::options wanted = bench::parse_options(argc, argv);
        const bench::registry all = bench::all_queues();
        if (wanted.workload == "--help") {
            std::fputs(bench::usage, stdout);
        } else if (wanted.workload == "list") {
            list(all);
        } else if (wanted.workload == "smoke") {
            bench::smoke(all, wanted.asked.cpus);
        } else if (wanted.workload == "count") {
            return count(all, wanted);
        } else {
            const bench::comparison result = bench::compare(all, wanted);
            bench::print_table(wanted, result);
            if (!wanted.json.empty()) bench::append_json(wanted, result);
        }
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "slickq_bench: %s\n\n%s", error.what(), bench::usage);
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "slickq_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
