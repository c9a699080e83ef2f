#include "options.hpp"

#include "cpu.hpp"

#include <algorithm>
#include <map>
#include <sstream>

namespace bench {

const char* const usage =
    "usage: slickq_bench WORKLOAD [OPTION VALUE]...\n"
    "       slickq_bench list         the queues of this build, and the ones that it lacks\n"
    "       slickq_bench smoke        every queue in every workload, shortly: checks, no times\n"
    "       slickq_bench count --queues A --items N   only pushes and pops N items on one thread, for callgrind\n"
    "\n"
    "workloads: spsc, pingpong, uncontended, broadcast, sharing, producers, laps\n"
    "\n"
    "  --queues A,B,...   the queues to compare, measured A B ... A B ... (all that can do it)\n"
    "  --bytes N          of an item: 8 or 64; for spsc and uncontended also 256 and 1024 (8)\n"
    "  --capacity N       of the ring, in items, a power of two (1024)\n"
    "  --mode M           threads or processes (processes)\n"
    "  --runs N           rounds of one placement to keep (7)\n"
    "  --ms N             milliseconds of each measurement (20)\n"
    "  --items N          exactly so many items instead of milliseconds\n"
    "  --polling N        pauses after an empty or full answer (0)\n"
    "  --producers N, --consumers N   in broadcast, sharing and producers (1 each)\n"
    "  --work N           laps: pauses that the slow consumer spends on each item (8)\n"
    "  --cpus A,B,...     one for each side, again from the first if there are more (all allowed ones)\n"
    "  --placement P      keep rounds with the CPUs in this placement only: near, far or any (any)\n"
    "  --base A           the queue that ratios are to (the first)\n"
    "  --json FILE        append the results to it, a JSON object a line\n";

namespace {

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

std::uint64_t number(const std::string& name, const std::string& text, std::uint64_t least, std::uint64_t most) {
    std::size_t used = 0;
    std::uint64_t value = 0;
    try {
        value = std::stoull(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || used != text.size() || value < least || value > most) {
        throw std::invalid_argument(name + " takes a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

workload workload_named(const std::string& name) {
    static const std::map<std::string, workload> known{
        {"spsc", workload::spsc},           {"pingpong", workload::pingpong},   {"uncontended", workload::uncontended},
        {"broadcast", workload::broadcast}, {"sharing", workload::sharing},     {"producers", workload::producers},
        {"laps", workload::laps},
        {"count", workload::uncontended}};
    const auto found = known.find(name);
    if (found == known.end()) throw std::invalid_argument("no workload " + name);
    return found->second;
}

template <class T>
T chosen(const std::string& name, const std::string& text, const std::map<std::string, T>& among) {
    const auto found = among.find(text);
    if (found == among.end()) throw std::invalid_argument(name + " can't be " + text);
    return found->second;
}

} // namespace

options parse_options(int argc, char** argv) {
    if (argc < 2) throw std::invalid_argument("no workload given");
    options made;
    made.workload = argv[1];
    made.asked.queue = {.capacity = 1024, .how = mode::processes};
    made.asked.work_pauses = 8;
    made.asked.cpus = allowed_cpus();
    if (made.workload == "list" || made.workload == "smoke" || made.workload == "--help") return made;
    made.asked.what = workload_named(made.workload);

    for (int k = 2; k < argc; k += 2) {
        const std::string name = argv[k];
        if (k + 1 == argc) throw std::invalid_argument(name + " needs a value");
        const std::string value = argv[k + 1];
        if (name == "--queues") made.queues = split(value);
        else if (name == "--bytes") made.bytes = number(name, value, 8, 1024);
        else if (name == "--capacity") made.asked.queue.capacity = static_cast<std::uint32_t>(number(name, value, 64, 1u << 24));
        else if (name == "--mode")
            made.asked.queue.how = chosen<mode>(name, value, {{"threads", mode::threads}, {"processes", mode::processes}});
        else if (name == "--runs") made.runs = static_cast<unsigned>(number(name, value, 1, 1000));
        else if (name == "--ms") made.milliseconds = static_cast<double>(number(name, value, 1, 10'000));
        else if (name == "--items") made.items = number(name, value, 1, 1'000'000'000);
        else if (name == "--polling") made.asked.pauses = static_cast<unsigned>(number(name, value, 0, 10'000));
        else if (name == "--producers") made.asked.queue.producers = static_cast<unsigned>(number(name, value, 1, 16));
        else if (name == "--consumers") made.asked.queue.consumers = static_cast<unsigned>(number(name, value, 1, 16));
        else if (name == "--work") made.asked.work_pauses = static_cast<unsigned>(number(name, value, 0, 10'000));
        else if (name == "--cpus") {
            made.asked.cpus.clear();
            for (const std::string& cpu : split(value)) made.asked.cpus.push_back(static_cast<int>(number(name, cpu, 0, 1023)));
        } else if (name == "--placement")
            made.placement = chosen<std::string>(name, value, {{"any", "any"}, {"near", "near"}, {"far", "far"}});
        else if (name == "--base") made.base = value;
        else if (name == "--json") made.json = value;
        else throw std::invalid_argument("no option " + name);
    }
    if ((made.asked.queue.capacity & (made.asked.queue.capacity - 1)) != 0) {
        throw std::invalid_argument("--capacity takes a power of two");
    }
    if (made.asked.cpus.size() < 2) throw std::invalid_argument("two CPUs are needed");
    return made;
}

} // namespace bench
