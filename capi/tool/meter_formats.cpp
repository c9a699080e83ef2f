// What a meter read, for programs.
#include "json.hpp"
#include "meter.hpp"
#include "text.hpp"

#include <cstdio>

namespace tool {
namespace {

// A label's value. Prometheus has escapes for backslash, quote and line end; for other controls, and bytes that are no
// UTF-8, the value itself is the escape that a person would see: \x1B.
std::string label(const std::string& text) {
    std::string value;
    for (const char c : printable_lines(text)) {
        if (c == '\\' || c == '"') value += '\\';
        value += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return value;
}

class exposition {
public:
    void metric(const char* name, const char* type, const char* help) {
        name_ = name;
        text_ += std::string("# HELP slickq_") + name + " " + help + "\n# TYPE slickq_" + name + " " + type + "\n";
    }
    void sample(const std::string& labels, double value) {
        char number[40];
        std::snprintf(number, sizeof number, "%.17g", value);
        text_ += "slickq_" + name_ + "{" + labels + "} " + number + "\n";
    }
    std::string take() { return std::move(text_); }

private:
    std::string name_;
    std::string text_;
};

} // namespace

json to_json(const reading& one) {
    const bool has_rates = one.is_there && !one.is_new;
    json object = {{"name", one.name},
                   {"is_there", one.is_there},
                   {"next_index", known(one.reserved, one.is_there)},
                   {"capacity", known(one.capacity, one.is_there)},
                   {"records_per_second", known(one.records_per_second, has_rates)},
                   {"elements_per_second", known(one.elements_per_second, has_rates)},
                   {"bytes_per_second", known(one.bytes_per_second, has_rates)},
                   {"pending_elements", known(one.pending, has_rates)},
                   {"pending_index", known(one.pending_index, one.pending != 0)},
                   {"pending_seconds", known(one.pending_seconds, has_rates)},
                   {"groups", json::array()},
                   {"consumers", json::array()}};
    const auto with_time = [&](json described, std::uint64_t lag) {
        const double seconds = one.seconds_to_lap(lag);
        described["seconds_to_lap"] = known(seconds, seconds >= 0);
        return described;
    };
    for (const slickq_group_info& g : one.who.groups) object["groups"].push_back(with_time(to_json(g), g.lag));
    for (const slickq_consumer_info& c : one.who.consumers) object["consumers"].push_back(with_time(to_json(c), c.lag));
    return object;
}

std::string to_prometheus(const std::vector<reading>& all) {
    exposition out;
    const auto each = [&](const char* name, const char* type, const char* help, auto value) {
        out.metric(name, type, help);
        for (const reading& one : all) {
            if (one.is_there) out.sample("queue=\"" + label(one.name) + "\"", static_cast<double>(value(one)));
        }
    };
    each("next_index", "counter", "Elements reserved since the queue was made or reset.",
         [](const reading& r) { return r.reserved; });
    each("capacity_elements", "gauge", "Elements of the ring.", [](const reading& r) { return r.capacity; });
    each("element_bytes", "gauge", "Bytes of an element.", [](const reading& r) { return r.element_size; });
    each("pending_elements", "gauge", "Elements reserved from the first unpublished record on.",
         [](const reading& r) { return r.pending; });
    each("pending_seconds", "gauge", "How long that record has been seen unpublished.",
         [](const reading& r) { return r.pending_seconds; });

    const auto of_groups = [&](const char* name, const char* type, const char* help, auto value) {
        out.metric(name, type, help);
        for (const reading& one : all) {
            for (const slickq_group_info& g : one.who.groups) {
                out.sample("queue=\"" + label(one.name) + "\",group=\"" + label(g.name) + "\"",
                           static_cast<double>(value(g)));
            }
        }
    };
    of_groups("group_lag_elements", "gauge", "Elements that the group has not claimed.",
              [](const auto& g) { return g.lag; });
    of_groups("group_workers", "gauge", "Living workers of the group.", [](const auto& g) { return g.workers; });
    of_groups("group_redelivered_total", "counter", "Records handed from a dead worker to another.",
              [](const auto& g) { return g.redelivered; });
    of_groups("group_abandoned_total", "counter", "Records that a dead worker had claimed, and nobody got.",
              [](const auto& g) { return g.abandoned; });
    of_groups("group_lost_elements_total", "counter", "Elements that the group lost.",
              [](const auto& g) { return g.lost; });

    out.metric("consumer_lag_elements", "gauge", "Elements that a registered consumer has not acknowledged.");
    for (const reading& one : all) {
        for (const slickq_consumer_info& c : one.who.consumers) {
            out.sample("queue=\"" + label(one.name) + "\",id=\"" + std::to_string(c.id) + "\",pid=\"" +
                           std::to_string(c.pid) + "\",kind=\"" + name_of_kind(c) + "\",alive=\"" +
                           (c.is_alive != 0 ? "1" : "0") + "\"",
                       static_cast<double>(c.lag));
        }
    }
    return out.take();
}

} // namespace tool
