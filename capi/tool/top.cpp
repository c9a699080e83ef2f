// slickq top: all queues live, on a full screen.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "meter.hpp"
#include "segment_view.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <memory>

namespace tool {
namespace {

const char* const top_footer =
    "Keys: r, l, p, n sort by rate, lag, pending and name; q ends it, as Ctrl-C does. The last column draws the rate\n"
    "of the last intervals, each queue by its own scale. It takes 80 columns, and leaves the last ones out if there\n"
    "are fewer.\n"
    "\n"
    "Exit status: 0; 1 standard output is no terminal.";

struct top_options {
    std::vector<std::string> names;
    double interval_seconds = 1;
};

struct row {
    reading now;
    std::deque<double> history; // elements a second
};

std::string sparkline(const std::deque<double>& history, bool has_utf8) {
    static const char* const bars[] = {" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                                       "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char* const plain[] = {" ", ".", ".", ":", "-", "=", "+", "*", "#"};
    double largest = 0;
    for (const double value : history) largest = std::max(largest, value);
    std::string line;
    for (const double value : history) {
        const int height = largest > 0 ? static_cast<int>(std::ceil(value / largest * 8)) : 0; // 0 to 8
        line += has_utf8 ? bars[height] : plain[height];
    }
    return line;
}

bool comes_before(const row& a, const row& b, char order) {
    switch (order) {
    case 'l': return a.now.largest_lag() > b.now.largest_lag();
    case 'p': return a.now.pending_seconds > b.now.pending_seconds;
    case 'r': return a.now.records_per_second > b.now.records_per_second;
    default: return a.now.name < b.now.name;
    }
}

class screen {
public:
    explicit screen(const top_options& options) : options_(options) {}

    void refresh() {
        const std::vector<std::string> names = options_.names.empty() ? queue_names() : options_.names;
        for (auto at = meters_.begin(); at != meters_.end();) {
            const bool is_listed = std::find(names.begin(), names.end(), at->first) != names.end();
            at = is_listed ? std::next(at) : meters_.erase(at);
        }
        rows_.clear();
        for (const std::string& name : names) {
            auto& [one, history] = meters_.try_emplace(name, meter(name), std::deque<double>()).first->second;
            row shown{one.read(), {}};
            history.push_back(shown.now.elements_per_second);
            if (history.size() > history_length) history.pop_front();
            shown.history = history;
            rows_.push_back(std::move(shown));
        }
    }

    void draw(const full_screen& on, char order) {
        std::stable_sort(rows_.begin(), rows_.end(),
                         [order](const row& a, const row& b) { return comes_before(a, b, order); });
        table shown({{"QUEUE"},
                     {"REC/S", true},
                     {"BYTES/S", true},
                     {"PENDING", true},
                     {"LAG", true},
                     {"LAPPED IN", true},
                     {"SUBS", true},
                     {"TREND"}});
        double total = 0;
        for (const row& one : rows_) {
            const reading& now = one.now;
            total += now.records_per_second;
            const std::uint64_t lag = now.largest_lag();
            const double seconds = now.seconds_to_lap(lag);
            const std::size_t subscribers = now.who.consumers.size();
            const bool has_any = subscribers != 0 || !now.who.groups.empty();
            shown.add({printable(now.name), now.is_there ? short_count(now.records_per_second) : "gone",
                       short_bytes(now.bytes_per_second), now.pending == 0 ? "-" : short_time(now.pending_seconds),
                       has_any ? short_count(static_cast<double>(lag)) : "-",
                       !has_any || seconds < 0 ? "-" : short_time(seconds), std::to_string(subscribers),
                       sparkline(one.history, on.has_utf8())});
        }
        std::vector<std::string> lines{"slickq top - " + std::to_string(rows_.size()) + " queues, " +
                                           short_count(total) +
                                           " records/s; keys: r(ate) l(ag) p(ending) n(ame) q(uit)",
                                       ""};
        for (std::string& line : shown.lines(on.columns())) lines.push_back(std::move(line));
        on.draw(lines);
    }

private:
    static constexpr std::size_t history_length = 16;
    const top_options& options_;
    std::map<std::string, std::pair<meter, std::deque<double>>> meters_;
    std::vector<row> rows_;
};

int top(const top_options& options) {
    catch_stop_signals();
    const full_screen on;
    screen shown(options);
    char order = 'r';
    const auto interval = std::chrono::duration_cast<steady_clock::duration>(
        std::chrono::duration<double>(std::max(options.interval_seconds, 0.05)));
    while (stop_signal() == 0) {
        const auto next = steady_clock::now() + interval;
        shown.refresh();
        for (;;) {
            shown.draw(on, order);
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - steady_clock::now()).count();
            if (left <= 0 || stop_signal() != 0) break;
            const char typed = on.key(static_cast<int>(left) + 1);
            if (typed == 'q') return exit_ok;
            if (typed == 'r' || typed == 'l' || typed == 'p' || typed == 'n') order = typed;
        }
    }
    return exit_ok;
}

} // namespace

void describe_top(command_line& line) {
    const auto options = std::make_shared<top_options>();
    line.footer(top_footer);
    line.run([options] { return top(*options); });
    line.names(options->names, "Names of queues [all there are]");
    line.seconds("-i,--interval", options->interval_seconds, "Between two looks [1]");
}

} // namespace tool
