// slickq bench: how fast a queue between two processes is on this machine.
#include "bench_run.hpp"
#include "cli.hpp"
#include "commands.hpp"
#include "json.hpp"
#include "signals.hpp"
#include "table.hpp"

#include <cstdio>
#include <memory>

namespace tool {
namespace {

const char* const bench_footer =
    "Two processes, a sender and a receiver, and a queue of their own. First the sender is as fast as it can, and the\n"
    "receiver counts what it gets and what it loses; then the sender keeps to --rate, and the receiver takes the time\n"
    "from before a record is written until it has been read. The receiver sleeps when there is nothing, unless "
    "--spin.\n"
    "Other load on the machine shows: this is about what it is like now, not what it could be.\n"
    "\n"
    "Examples:\n"
    "  slickq bench\n"
    "  slickq bench --pin 2,3 --spin --record 256 --seconds 10\n"
    "\n"
    "Exit status: 0, also if the receiver lost records; 1 error.";

void print(const bench_options& options, const bench_result& fast, const bench_result& paced, bool as_json) {
    const double rate = fast.seconds > 0 ? static_cast<double>(fast.records) / fast.seconds : 0;
    const auto time_of = [&](double share) { return static_cast<double>(paced.times.percentile(share)); };
    if (as_json) {
        std::printf("%s\n", to_text(json{{"record_bytes", options.record_bytes},
                                         {"capacity", options.capacity},
                                         {"records_per_second", rate},
                                         {"lost", fast.lost},
                                         {"rate", options.rate},
                                         {"latency_ns",
                                          {{"p50", time_of(.5)},
                                           {"p90", time_of(.9)},
                                           {"p99", time_of(.99)},
                                           {"p99.9", time_of(.999)},
                                           {"max", time_of(1)}}},
                                         {"paced_records", paced.records},
                                         {"paced_lost", paced.lost}})
                                .c_str());
        return;
    }
    std::printf(
        "as fast as it goes: %s records/s of %u bytes received, %s/s; lost %.1f %%\n", short_count(rate).c_str(),
        options.record_bytes, short_bytes(rate * options.record_bytes).c_str(),
        fast.lost == 0 ? 0.0 : 100.0 * static_cast<double>(fast.lost) / static_cast<double>(fast.lost + fast.records));
    std::printf(
        "at %s records/s: half are there in %s, 90 %% in %s, 99 %% in %s, 99.9 %% in %s, all in %s; lost %llu\n",
        short_count(static_cast<double>(options.rate)).c_str(), short_time(time_of(.5) * 1e-9).c_str(),
        short_time(time_of(.9) * 1e-9).c_str(), short_time(time_of(.99) * 1e-9).c_str(),
        short_time(time_of(.999) * 1e-9).c_str(), short_time(time_of(1) * 1e-9).c_str(),
        static_cast<unsigned long long>(paced.lost));
    const std::size_t columns = terminal_columns();
    for (const std::string& line : paced.times.drawing(columns != 0 ? columns : 80)) std::printf("%s\n", line.c_str());
}

int bench(bench_options options, const std::string& pin, bool as_json) {
    catch_stop_signals();
    if (options.record_bytes < sizeof(std::uint64_t)) throw usage_error("--record is 8 bytes or more");
    if (!pin.empty() && std::sscanf(pin.c_str(), "%d,%d", &options.sender_cpu, &options.receiver_cpu) != 2) {
        throw usage_error("--pin takes two CPUs: 2,3");
    }
    const bench_result fast = run_bench(options, true);
    const bench_result paced = stop_signal() == 0 ? run_bench(options, false) : bench_result();
    print(options, fast, paced, as_json);
    return exit_ok;
}

} // namespace

void describe_bench(command_line& line) {
    struct bench_line : bench_options {
        std::string pin;
        bool json = false;
    };
    const auto options = std::make_shared<bench_line>();
    line.footer(bench_footer);
    line.run([options] { return bench(*options, options->pin, options->json); });
    line.seconds("--seconds", options->seconds, "Of each of the two parts [2]");
    line.size("--record", "BYTES", options->record_bytes, "Of a record [64]");
    line.size("--capacity", "RECORDS", options->capacity, "Of the queue, a power of two [64k]");
    line.number("--rate", "RECORDS", options->rate, "A second, in the second part [20000]");
    line.text("--pin", "CPU,CPU", options->pin, "Where the sender and the receiver run");
    line.flag("--spin", options->spin, "The receiver never sleeps");
    line.json(options->json);
}

} // namespace tool
