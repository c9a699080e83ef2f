// slickq info: what is under a name.
#include "command.hpp"
#include "error.hpp"
#include "segment_view.hpp"
#include "subscribers.hpp"
#include "text.hpp"

#include <cinttypes>
#include <cstdio>
#include <optional>
#include <string>

namespace tool {
namespace {

const char* name_of_state(std::uint32_t init_state) {
    switch (init_state) {
    case 0: return "fresh";
    case 1: return "made by slick-queue 1.3";
    case 2: return "being initialised";
    case 3: return "ready";
    default: return "unknown";
    }
}

void line(const char* what, const std::string& text) { std::printf("  %-15s %s\n", what, text.c_str()); }

std::string number(std::uint64_t value) { return std::to_string(value); }

void print_shape(const slickq_inspection& seen) {
    line("layout", slickq_layout_name(seen.layout));
    std::string capacity = number(seen.capacity) + " elements";
    if (seen.element_size != 0) capacity += " of " + number(seen.element_size) + (seen.element_size == 1 ? " byte" : " bytes");
    if (seen.items_per_slot > 1) capacity += ", " + number(seen.items_per_slot) + " per slot";
    line("capacity", capacity);
}

void print_header(const slickq_inspection& seen) {
    char marker[16];
    std::snprintf(marker, sizeof marker, "0x%08" PRIX32, seen.marker);
    line("marker", marker);
    line("state", number(seen.init_state) + ", " + name_of_state(seen.init_state));
}

void print_subscribers(const subscribers& who) {
    for (const slickq_group_info& g : who.groups) {
        line("group", printable(g.name) + ": " + name_of_mode(g) + ", " + number(g.workers) + " workers, next " + number(g.cursor) +
                          ", " + number(g.lag) + " behind, redelivered " + number(g.redelivered) + ", abandoned " +
                          number(g.abandoned) + ", lost " + number(g.lost) + (g.is_waited_for != 0 ? "" : "; not waited for"));
    }
    for (const slickq_consumer_info& c : who.consumers) {
        line(name_of_kind(c), number(c.id) + ": process " + number(c.pid) + (c.is_alive != 0 ? "" : " (dead)") +
                                  (c.has_claim != 0 ? ", has in hand " : ", at ") + number(c.index) + ", " + number(c.lag) + " behind");
    }
}

void print_text(const segment_view& view, const subscribers& who) {
    const slickq_inspection& seen = view.seen;
    std::printf("%s: %s\n", printable(view.name).c_str(), headline(view).c_str());
    if (seen.layout != SLICKQ_LAYOUT_ANY) print_shape(seen);
    if (seen.length >= header_length) print_header(seen);
    line("length", number(seen.length) + " bytes" +
                       (seen.required_length != 0 ? ", its header asks for " + number(seen.required_length) : ""));
    if (view.is_cursor()) {
        line("value", number(*view.cursor_value) + ", the index that its consumers claim next");
    } else if (view.is_queue()) {
        line("next index", number(seen.reserved_index));
        line("last published", seen.last_published == no_index ? "none, or not kept" : number(seen.last_published));
        line("oldest index", number(seen.oldest_index));
        line("records", number(seen.published) + " in the ring");
        print_subscribers(who);
    } else {
        line("problem", printable(view.message));
        const std::string what_to_do = advice(seen.verdict, view.name);
        if (!what_to_do.empty()) line("what to do", what_to_do);
    }
}

json described(const segment_view& view, const subscribers& who) {
    json object = to_json(view);
    object["groups"] = json::array();
    for (const slickq_group_info& g : who.groups) object["groups"].push_back(to_json(g));
    object["consumers"] = json::array();
    for (const slickq_consumer_info& c : who.consumers) object["consumers"].push_back(to_json(c));
    return object;
}

} // namespace

int info(const info_options& options) {
    const segment_view view = look_at(options.name, options.element_size);
    check_segment(view.status, options.name);
    subscribers who;
    if (view.is_queue()) {
        if (const auto queue = open_to_look(options.name, options.element_size)) who = subscribers_of(*queue);
    }
    if (options.json) {
        std::printf("%s\n", to_text(described(view, who)).c_str());
    } else {
        print_text(view, who);
    }
    return view.is_queue() ? exit_ok : exit_unusable;
}

} // namespace tool
