// slickq stat: rates and lags, line by line.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "io.hpp"
#include "json.hpp"
#include "meter.hpp"
#include "segment_view.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace tool {
namespace {

const char* const stat_footer =
    "Without NAME it is about all queues there are by then. Every interval prints a line for each queue, and one for "
    "each group and each\n"
    "registered consumer. Rates are of the interval; records are counted exactly up to some thousand in it, and\n"
    "estimated from those beyond. PENDING is what is reserved from the first unpublished record on, and for how long\n"
    "that has been seen so. LAPPED IN is when producers at this rate come round to a consumer that stopped now.\n"
    "\n"
    "Examples:\n"
    "  slickq stat ticks                      a line a second, until Ctrl-C\n"
    "  slickq stat --count 1 --json ticks     one object, for programs\n"
    "  slickq stat --format prometheus > /var/lib/node_exporter/slickq.prom\n"
    "\n"
    "Exit status: 0; 1 there is no such queue.";

enum format : std::uint32_t { as_text, as_json, as_prometheus };

struct stat_options {
    std::vector<std::string> names;
    double interval_seconds = 1;
    std::uint64_t count = 0; // of intervals; 0: until it is stopped
    std::uint32_t format = as_text;
    bool json = false;
    std::uint32_t element_size = 0;
};

std::string time_to_lap(const reading& one, std::uint64_t lag) {
    const double seconds = one.seconds_to_lap(lag);
    return seconds < 0 ? "-" : short_time(seconds);
}

table table_of(const std::vector<reading>& all) {
    table shown({{"QUEUE"}, {"REC/S", true}, {"ELEM/S", true}, {"BYTES/S", true}, {"PENDING", true}, {"LAG", true},
                 {"LAPPED IN", true}, {"WHAT"}});
    for (const reading& one : all) {
        const std::string name = printable(one.name);
        if (!one.is_there) {
            shown.add({name, "-", "-", "-", "-", "-", "-", "is not there"});
            continue;
        }
        const std::uint64_t lag = one.largest_lag();
        const bool has_subscribers = !one.who.groups.empty() || !one.who.consumers.empty();
        shown.add({name, short_count(one.records_per_second), short_count(one.elements_per_second),
                   short_bytes(one.bytes_per_second),
                   one.pending == 0
                       ? "-"
                       : short_count(static_cast<double>(one.pending)) + " " + short_time(one.pending_seconds),
                   has_subscribers ? short_count(static_cast<double>(lag)) : "-",
                   has_subscribers ? time_to_lap(one, lag) : "-", ""});
        for (const slickq_group_info& g : one.who.groups) {
            shown.add({"", "", "", "", "", short_count(static_cast<double>(g.lag)), time_to_lap(one, g.lag),
                       "group " + printable(g.name) + ": " + std::to_string(g.workers) + " workers, redelivered " +
                           std::to_string(g.redelivered) + ", abandoned " + std::to_string(g.abandoned) + ", lost " +
                           std::to_string(g.lost)});
        }
        for (const slickq_consumer_info& c : one.who.consumers) {
            shown.add({"", "", "", "", "", short_count(static_cast<double>(c.lag)), time_to_lap(one, c.lag),
                       std::string(name_of_kind(c)) + " of " + std::to_string(c.pid) +
                           (c.is_alive != 0 ? "" : ", dead") +
                           (c.has_claim != 0 ? ", has claimed " + std::to_string(c.index) : "")});
        }
    }
    return shown;
}

// False: whoever read it has gone.
bool print(const std::vector<reading>& all, const stat_options& options, std::uint64_t round) {
    if (options.format == as_prometheus) {
        std::fputs(to_prometheus(all).c_str(), stdout);
    } else if (options.json || options.format == as_json) {
        for (const reading& one : all) std::printf("%s\n", to_text(to_json(one)).c_str());
    } else {
        constexpr std::uint64_t lines_with_a_heading = 20;
        const std::vector<std::string> lines = table_of(all).lines(terminal_columns());
        const bool has_heading = all.size() > 1 || lines.size() > 2 || round % lines_with_a_heading == 0;
        for (std::size_t at = has_heading ? 0 : 1; at < lines.size(); ++at) std::printf("%s\n", lines[at].c_str());
    }
    return flush_stdout();
}

int stat(const stat_options& options) {
    catch_stop_signals();
    std::vector<meter> meters;
    for (const std::string& name : options.names.empty() ? queue_names() : options.names)
        meters.emplace_back(name, options.element_size);
    const auto read_all = [&] {
        std::vector<reading> all;
        for (meter& one : meters) all.push_back(one.read());
        return all;
    };
    const std::vector<reading> first = read_all();
    if (!options.names.empty() &&
        std::none_of(first.begin(), first.end(), [](const reading& one) { return one.is_there; })) {
        const segment_view view = look_at(options.names.front(), options.element_size);
        check_segment(view.status, view.name);
        throw failure("'" + view.name + "' is " + headline(view) + "\n  slickq info " + shell_word(view.name) +
                      " says more");
    }
    const std::uint64_t rounds = options.count == 0 && options.format == as_prometheus ? 1 : options.count;
    for (std::uint64_t round = 0; rounds == 0 || round < rounds; ++round) {
        nap_until(steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                            std::chrono::duration<double>(options.interval_seconds)));
        if (stop_signal() != 0) break;
        if (!print(read_all(), options, round)) break;
    }
    return exit_ok;
}

} // namespace

void describe_stat(command_line& line) {
    const auto options = std::make_shared<stat_options>();
    line.footer(stat_footer);
    line.run([options] { return stat(*options); });
    line.names(options->names, "Names of queues [all]");
    line.seconds("-i,--interval", options->interval_seconds, "Between two lines [1]");
    line.number("-n,--count", "LINES", options->count, "End after so many [with prometheus 1, else until Ctrl-C]");
    line.one_of("--format", options->format, {{"text", as_text}, {"json", as_json}, {"prometheus", as_prometheus}},
                "json: one object a line and queue");
    line.json(options->json);
    line.element_size(options->element_size);
}

} // namespace tool
