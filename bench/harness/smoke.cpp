#include "smoke.hpp"

#include <cstdio>

namespace bench {

namespace {

struct trial {
    const char* name;
    workload what;
    unsigned producers;
    unsigned consumers;
};

constexpr trial trials[] = {
    {"spsc", workload::spsc, 1, 1},           {"pingpong", workload::pingpong, 1, 1}, {"uncontended", workload::uncontended, 1, 1},
    {"broadcast", workload::broadcast, 1, 2}, {"sharing", workload::sharing, 2, 1},   {"sharing", workload::sharing, 2, 2},
    {"producers", workload::producers, 2, 1}, {"laps", workload::laps, 1, 1}};

constexpr std::size_t sizes[] = {8, 64, 256, 1024};

} // namespace

void smoke(const registry& all, const std::vector<int>& cpus) {
    unsigned passed = 0;
    for (const queue_entry& queue : all.entries()) {
        unsigned of_this = 0;
        for (const trial& each : trials) {
            for (const mode how : {mode::threads, mode::processes}) {
                for (const std::size_t bytes : sizes) {
                    const request asked{.what = each.what,
                                        .queue = {.capacity = 256, .how = how, .producers = each.producers, .consumers = each.consumers},
                                        .items = 1024,
                                        .work_pauses = 1,
                                        .cpus = cpus};
                    if (!queue.why_not(asked, bytes).empty()) continue;
                    if (each.what == workload::uncontended && how == mode::processes) continue; // one thread, in either case
                    try {
                        queue.by_bytes.at(bytes)(asked);
                    } catch (const std::exception& error) {
                        throw std::runtime_error(queue.name + ", " + each.name + ", " + std::to_string(bytes) + " bytes, " +
                                                 (how == mode::threads ? "threads: " : "processes: ") + error.what());
                    }
                    ++of_this;
                }
            }
        }
        std::printf("%-26s %3u runs checked\n", queue.name.c_str(), of_this);
        if (of_this == 0) throw std::runtime_error(queue.name + " can do nothing");
        passed += of_this;
    }
    for (const auto& [name, what] : all.missing()) std::printf("left out: %s: no %s\n", name.c_str(), what.c_str());
    std::printf("%u runs checked\n", passed);
}

} // namespace bench
