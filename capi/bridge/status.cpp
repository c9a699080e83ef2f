#include "status.hpp"

#include "../tool/text.hpp"
#include "metrics.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <ctime>
#include <string>

namespace bridge {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_trouble = 3;
constexpr long sample_ms = 500; // between two looks, for the rate

bool is_well(const sighting& s) {
    return s.is_running && s.value("connected") != 0 && s.value("trouble_since_seconds") == 0;
}

std::uint64_t rate(const std::vector<sighting>& before, const sighting& now) {
    for (const sighting& b : before) {
        if (b.name == now.name) return (now.value("records_total") - b.value("records_total")) * 1000 / sample_ms;
    }
    return 0;
}

std::string state_text(const sighting& s) {
    if (!s.is_running) return "not running";
    std::string text = s.value("connected") != 0 ? "connected" : "no connection";
    if (const auto since = static_cast<std::time_t>(s.value("trouble_since_seconds")); since != 0) {
        char when[32];
        std::tm local{};
        localtime_r(&since, &local);
        std::strftime(when, sizeof when, "%F %T", &local);
        text += std::string(", trouble since ") + when;
    }
    return text;
}

std::string shown(const std::string& text) { return tool::printable(text); }

void print_text(const std::vector<sighting>& before, const std::vector<sighting>& seen) {
    for (const sighting& s : seen) {
        const char* const mode = s.is_jetstream ? "JetStream" : "core";
        if (s.kind == 'o') {
            std::printf("%s: queue %s to subject %s (%s): %s\n", shown(s.name).c_str(), shown(s.queue).c_str(),
                        shown(s.subject).c_str(), mode, state_text(s).c_str());
        } else {
            std::printf("%s: subject %s (%s) to queue %s: %s\n", shown(s.name).c_str(), shown(s.subject).c_str(), mode,
                        shown(s.queue).c_str(), state_text(s).c_str());
        }
        std::printf("  %-28s %llu\n", "records per second", static_cast<unsigned long long>(rate(before, s)));
        for (const metric& m : s.metrics) {
            const std::string name(m.name);
            if (name == "connected" || name == "trouble_since_seconds") continue;
            if (*m.label != 0 && m.value == 0) continue; // causes that there were not
            std::string words =
                name.size() > 6 && name.substr(name.size() - 6) == "_total" ? name.substr(0, name.size() - 6) : name;
            for (char& c : words) c = c == '_' ? ' ' : c;
            if (*m.label != 0) words += ", " + std::string(m.label + 7, std::string(m.label).size() - 8); // cause="..."
            std::printf("  %-28s %llu\n", words.c_str(), static_cast<unsigned long long>(m.value));
        }
    }
    if (seen.empty()) std::printf("no direction has ever run here\n");
}

void print_json(const std::vector<sighting>& before, const std::vector<sighting>& seen) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const sighting& s : seen) {
        nlohmann::ordered_json one{{"direction", s.name},
                                   {"kind", s.kind == 'o' ? "out" : "in"},
                                   {"queue", s.queue},
                                   {"subject", s.subject},
                                   {"jetstream", s.is_jetstream},
                                   {"running", s.is_running},
                                   {"records_per_second", rate(before, s)}};
        for (const metric& m : s.metrics) {
            if (*m.label == 0) {
                one[m.name] = m.value;
            } else {
                one[m.name][std::string(m.label + 7, std::string(m.label).size() - 8)] = m.value;
            }
        }
        all.push_back(std::move(one));
    }
    std::printf("%s\n", tool::visible_json(all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)).c_str());
}

} // namespace

int print_status(const status_options& options) {
    const std::string directory = options.directory.empty() ? default_state_directory() : options.directory;
    const std::vector<sighting> before = options.prometheus ? std::vector<sighting>{} : look(directory);
    if (!options.prometheus) {
        const timespec pause{0, sample_ms * 1'000'000};
        nanosleep(&pause, nullptr);
    }
    const std::vector<sighting> seen = look(directory);
    if (options.prometheus) {
        std::fputs(prometheus_text(seen).c_str(), stdout);
    } else if (options.json) {
        print_json(before, seen);
    } else {
        print_text(before, seen);
    }
    for (const sighting& s : seen) {
        if (!is_well(s)) return exit_trouble;
    }
    return exit_ok;
}

} // namespace bridge
