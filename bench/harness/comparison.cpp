#include "comparison.hpp"

#include "bounce.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {

namespace {

struct contender {
    const queue_entry* queue;
    request asked;
};

struct round {
    std::vector<measurement> measured; // one for each contender
    std::vector<double> bounces_ns;
    std::string placement; // empty: it changed

    void close() {
        placement = placement_of(bounces_ns.front());
        for (const double each : bounces_ns) {
            if (placement_of(each) != placement) placement.clear();
        }
    }
};

std::vector<contender> choose(const registry& all, const options& wanted, comparison& result) {
    std::vector<std::string> names = wanted.queues;
    if (names.empty()) {
        for (const queue_entry& each : all.entries()) names.push_back(each.name);
    }
    std::vector<contender> chosen;
    for (const std::string& name : names) {
        const queue_entry* const found = all.find(name);
        const std::string why = found == nullptr ? "not in this build" : found->why_not(wanted.asked, wanted.bytes);
        if (why.empty()) {
            chosen.push_back({found, wanted.asked});
        } else {
            result.left_out.emplace_back(name, why);
        }
    }
    return chosen;
}

measurement measure_once(const contender& one, std::size_t bytes) {
    try {
        return one.queue->by_bytes.at(bytes)(one.asked);
    } catch (const std::exception& error) {
        throw std::runtime_error(one.queue->name + ": " + error.what());
    }
}

// So many items that a measurement takes the time that was asked for. A short one tells how fast the queue is.
void calibrate(contender& one, const options& wanted) {
    constexpr std::uint64_t group = 64; // a multiple of every group
    if (wanted.items != 0) {
        one.asked.items = wanted.items;
        return;
    }
    const double wanted_ns = wanted.milliseconds * 1e6;
    one.asked.items = 8'192;
    double items = 0;
    for (int step = 0; step < 2; ++step) { // the first one is too short to be exact
        const double value = measure_once(one, wanted.bytes).numbers.front().second;
        switch (wanted.asked.what) {
        case workload::uncontended: items = wanted_ns / value; break;
        case workload::pingpong: items = wanted_ns / (2 * value); break;
        default: items = wanted_ns * value / 1e3; break;
        }
        if (items < 8'192) break;
        one.asked.items = static_cast<std::uint64_t>(step == 0 ? items / 4 : items) / group * group + group;
    }
    if (items < 8'192) one.asked.items = std::max<std::uint64_t>(static_cast<std::uint64_t>(items) / group * group, 1024);
}

round measure_round(const std::vector<contender>& chosen, std::size_t bytes, std::size_t first) {
    round made;
    made.measured.resize(chosen.size());
    const std::vector<int>& cpus = chosen.front().asked.cpus;
    made.bounces_ns.push_back(bounce_ns(cpus[0], cpus[1]));
    for (std::size_t k = 0; k < chosen.size(); ++k) {
        const std::size_t which = (first + k) % chosen.size(); // nobody is always first
        made.measured[which] = measure_once(chosen[which], bytes);
        made.bounces_ns.push_back(bounce_ns(cpus[0], cpus[1]));
    }
    made.close();
    return made;
}

// The placement that most rounds have.
std::string usual_placement(const std::vector<round>& rounds) {
    std::map<std::string, unsigned> seen;
    for (const round& each : rounds) {
        if (!each.placement.empty()) ++seen[each.placement];
    }
    std::string usual;
    for (const auto& [placement, count] : seen) {
        if (usual.empty() || count > seen[usual]) usual = placement;
    }
    return usual;
}

unsigned count_of(const std::vector<round>& rounds, const std::string& placement) {
    return static_cast<unsigned>(
        std::count_if(rounds.begin(), rounds.end(), [&](const round& each) { return each.placement == placement; }));
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void print_array(std::FILE* out, const char* name, const std::vector<double>& values) {
    std::fprintf(out, "\"%s\":[", name);
    for (std::size_t k = 0; k < values.size(); ++k) std::fprintf(out, "%s%.4g", k == 0 ? "" : ",", values[k]);
    std::fprintf(out, "]");
}

const char* mode_name(mode how) { return how == mode::threads ? "threads" : "processes"; }

} // namespace

comparison compare(const registry& all, const options& wanted) {
    comparison result;
    std::vector<contender> chosen = choose(all, wanted, result);
    if (chosen.empty()) return result;
    for (contender& each : chosen) calibrate(each, wanted);

    std::vector<round> rounds;
    std::string placement;
    const unsigned most_rounds = wanted.runs * 3;
    do {
        rounds.push_back(measure_round(chosen, wanted.bytes, rounds.size()));
        placement = wanted.placement == "any" ? usual_placement(rounds) : wanted.placement;
        result.kept = placement.empty() ? 0 : count_of(rounds, placement);
    } while (result.kept < wanted.runs && rounds.size() < most_rounds);

    result.placement = placement;
    result.dropped = static_cast<unsigned>(rounds.size()) - result.kept;
    for (const round& each : rounds) {
        if (result.kept == 0 || each.placement == placement) {
            result.bounces_ns.push_back(median(each.bounces_ns));
        }
    }
    if (result.kept == 0) return result;
    for (std::size_t which = 0; which < chosen.size(); ++which) {
        series made{chosen[which].queue->name, {}};
        for (const auto& [name, value] : rounds.front().measured[which].numbers) made.numbers.emplace_back(name, std::vector<double>{});
        for (const round& each : rounds) {
            if (each.placement != placement) continue;
            for (std::size_t k = 0; k < made.numbers.size(); ++k) {
                made.numbers[k].second.push_back(each.measured[which].numbers[k].second);
            }
        }
        result.queues.push_back(std::move(made));
    }
    return result;
}

void print_table(const options& wanted, const comparison& result) {
    const request& asked = wanted.asked;
    std::printf("%s, %zu bytes, capacity %u, %s, %u producer(s), %u consumer(s), polling %u\n", wanted.workload.c_str(), wanted.bytes,
                asked.queue.capacity, asked.what == workload::uncontended ? "one thread" : mode_name(asked.queue.how),
                asked.queue.producers, asked.queue.consumers, asked.pauses);
    for (const auto& [queue, why] : result.left_out) std::printf("left out: %s (%s)\n", queue.c_str(), why.c_str());
    if (result.queues.empty()) {
        std::printf("nothing to show: %u rounds dropped, their CPUs moved or were not placed as asked", result.dropped);
        for (const double each : result.bounces_ns) std::printf(" %.0f", each);
        std::printf("\n\n");
        return;
    }
    const auto [least, most] = std::minmax_element(result.bounces_ns.begin(), result.bounces_ns.end());
    std::printf("%u rounds kept, %u dropped; placement %s, bounce %.0f ns (%.0f to %.0f)", result.kept, result.dropped,
                result.placement.c_str(), median(result.bounces_ns), *least, *most);
    if (asked.what == workload::pingpong) {
        std::printf("; clock %s, reading it costs %.0f ns", stopwatch::is_tsc() ? "TSC" : "CLOCK_MONOTONIC", stopwatch::own_cost_ns());
    }
    std::printf("\n%-22s %-14s %10s %10s %10s   ratio of medians of rounds\n", "", "", "min", "median", "max");

    const auto base = std::find_if(result.queues.begin(), result.queues.end(),
                                   [&](const series& each) { return each.queue == wanted.base; });
    const series& beside = base == result.queues.end() ? result.queues.front() : *base;
    for (const series& each : result.queues) {
        for (std::size_t k = 0; k < each.numbers.size(); ++k) {
            const auto& [name, values] = each.numbers[k];
            const auto [low, high] = std::minmax_element(values.begin(), values.end());
            std::printf("%-22s %-14s %10.2f %10.2f %10.2f", k == 0 ? each.queue.c_str() : "", name.c_str(), *low, median(values), *high);
            if (k < beside.numbers.size() && beside.numbers[k].first == name && median(beside.numbers[k].second) > 0) {
                std::vector<double> ratios;
                for (std::size_t r = 0; r < values.size(); ++r) ratios.push_back(values[r] / beside.numbers[k].second[r]);
                std::printf("   %.2f", median(ratios));
            }
            std::printf("\n");
        }
    }
    std::printf("\n");
}

void append_json(const options& wanted, const comparison& result) {
    std::FILE* const out = std::fopen(wanted.json.c_str(), "a");
    if (out == nullptr) throw std::runtime_error("cannot write " + wanted.json);
    const request& asked = wanted.asked;
    for (const series& each : result.queues) {
        std::fprintf(out,
                     "{\"workload\":\"%s\",\"queue\":\"%s\",\"bytes\":%zu,\"capacity\":%u,\"mode\":\"%s\",\"producers\":%u,"
                     "\"consumers\":%u,\"polling\":%u,\"n\":%u,\"dropped\":%u,\"placement\":\"%s\",",
                     wanted.workload.c_str(), each.queue.c_str(), wanted.bytes, asked.queue.capacity,
                     asked.what == workload::uncontended ? "thread" : mode_name(asked.queue.how), asked.queue.producers,
                     asked.queue.consumers, asked.pauses, result.kept, result.dropped, result.placement.c_str());
        if (asked.what == workload::pingpong) std::fprintf(out, "\"clock_ns\":%.1f,", stopwatch::own_cost_ns());
        print_array(out, "bounce_ns", result.bounces_ns);
        std::fprintf(out, ",\"numbers\":{");
        for (std::size_t k = 0; k < each.numbers.size(); ++k) {
            if (k != 0) std::fprintf(out, ",");
            print_array(out, each.numbers[k].first.c_str(), each.numbers[k].second);
        }
        std::fprintf(out, "}}\n");
    }
    std::fclose(out);
}

} // namespace bench
