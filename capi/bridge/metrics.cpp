#include "metrics.hpp"

#include "../tool/text.hpp"

#include <algorithm>
#include <filesystem>

namespace bridge {
namespace {

// As slickq stat has it: no control character, and UTF-8.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : tool::printable_lines(text)) {
        if (c == '\\' || c == '"') out += '\\';
        out += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return out;
}

} // namespace

std::vector<metric> metrics_of(const state_page& page, const commit& c) {
    const auto get = [](const word& w) { return w.load(std::memory_order_relaxed); };
    const gauges& now = page.now;
    std::vector<metric> all{
        {"records_total", "", "Records handed over: acknowledged by the stream, sent (core), or written into the queue",
         true, 0, c.records},
        {"elements_total", "", "Elements of these records (of those that a killed process had sent, as far as it knew)",
         true, 0, c.elements},
        {"bytes_total", "", "Bytes of these records", true, 0, c.bytes},
        {"messages_total", "", "Messages sent or received, repetitions included", true, 0, get(now.messages)},
        {"sessions_total", "", "Connections made to a server", true, 0, get(now.sessions)},
        {"refusals_total", "", "Sessions ended because the stream did not take a message", true, 'o',
         get(now.refusals)},
        {"refused_records_total", "", "Records that do not fit the queue, and were not written", true, 'i', c.refused},
        {"duplicate_records_total", "", "Records that came again, and were not written again", true, 'i', c.duplicates},
        {"before_records_total", "", "Records sent before this direction first heard of their queue", true, 'i',
         c.before},
        {"transit_lost_records_total", "", "Records lost between the two bridges", true, 'i', c.transit},
        {"overrun_elements_total", "", "Elements overwritten by other producers while they were written", true, 'i',
         c.overrun},
        {"dropped_messages_total", "",
         "Messages dropped on arrival because the queue was slower (in transit_lost, too)", true, 'i',
         get(now.dropped)},
    };
    const losses& lost = page.kind == 'o' ? c.books.lost : c.at_source;
    static const char* const labels[causes] = {"cause=\"lapped\"", "cause=\"gap\"", "cause=\"torn\"", "cause=\"reset\"",
                                               "cause=\"oversize\""};
    for (unsigned i = 0; i < causes; ++i) {
        all.push_back({"lost_elements_total", labels[i],
                       "Elements that the source queue lost before they were sent, by cause", true, 0,
                       lost.elements[i]});
    }
    const std::vector<metric> rest{
        {"connected", "", "1 while there is a connection", false, 0, get(now.is_connected)},
        {"backlog", "", "Out: elements of the queue not handed over yet. In: messages of the stream not written yet",
         false, 0, get(now.backlog)},
        {"in_flight_messages", "", "Messages not acknowledged yet", false, 0, get(now.in_flight)},
        {"in_flight_bytes", "", "Payload bytes of them", false, 'o', get(now.in_flight_bytes)},
        {"trouble_since_seconds", "", "When the trouble began that lasts, seconds since 1970; 0: none", false, 0,
         get(now.trouble_since) / 1'000'000'000},
    };
    all.insert(all.end(), rest.begin(), rest.end());
    const auto is_other = [&](const metric& m) {
        return m.kind != 0 && static_cast<std::uint32_t>(m.kind) != page.kind;
    };
    all.erase(std::remove_if(all.begin(), all.end(), is_other), all.end());
    return all;
}

std::uint64_t sighting::value(const std::string& metric_name) const {
    std::uint64_t sum = 0;
    for (const metric& m : metrics) {
        if (m.name == metric_name) sum += m.value;
    }
    return sum;
}

std::vector<sighting> look(const std::string& directory) {
    std::vector<sighting> seen;
    if (!std::filesystem::exists(directory)) return seen; // none has ever run here
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".state") continue;
        const state_view view(entry.path().string());
        if (!view.is_valid()) continue;
        const state_page& page = view.page();
        sighting s;
        s.name = entry.path().stem().string();
        s.is_running = view.is_running();
        s.kind = static_cast<char>(page.kind);
        s.queue = page.queue;
        s.subject = page.subject;
        s.is_jetstream = page.is_jetstream != 0;
        s.metrics = metrics_of(page, view.current());
        seen.push_back(std::move(s));
    }
    std::sort(seen.begin(), seen.end(), [](const sighting& a, const sighting& b) { return a.name < b.name; });
    return seen;
}

std::string prometheus_text(const std::vector<sighting>& seen) {
    std::string text = "# HELP slickq_bridge_up 1 if a process runs the direction\n# TYPE slickq_bridge_up gauge\n";
    const auto labels_of = [](const sighting& s) {
        return "direction=\"" + escaped(s.name) + "\",kind=\"" + (s.kind == 'o' ? "out" : "in") + "\",queue=\"" +
               escaped(s.queue) + "\",subject=\"" + escaped(s.subject) + "\"";
    };
    for (const sighting& s : seen)
        text += "slickq_bridge_up{" + labels_of(s) + "} " + (s.is_running ? "1" : "0") + "\n";

    std::vector<std::string> told; // all samples of a metric must stand together
    for (const sighting& first : seen) {
        for (const metric& m : first.metrics) {
            if (std::find(told.begin(), told.end(), m.name) != told.end()) continue;
            told.emplace_back(m.name);
            const std::string name = std::string("slickq_bridge_") + m.name;
            text += "# HELP " + name + " " + m.help + "\n# TYPE " + name + (m.is_counter ? " counter\n" : " gauge\n");
            for (const sighting& s : seen) {
                for (const metric& sample : s.metrics) {
                    if (told.back() != sample.name) continue;
                    text += name + "{" + labels_of(s) + (*sample.label != 0 ? "," : "") + sample.label + "} " +
                            std::to_string(sample.value) + "\n";
                }
            }
        }
    }
    return text;
}

} // namespace bridge
