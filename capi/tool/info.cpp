// slickq info: what is under a name.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "front.hpp"
#include "json.hpp"
#include "processes.hpp"
#include "segment_view.hpp"
#include "subscribers.hpp"
#include "table.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace tool {
namespace {

const char* const info_footer =
    "Exit status: 0 a queue that can be used; 1 there is nothing, or it cannot be looked at; 2 usage;\n"
    "4 there is something else, or a queue that is damaged or was never finished.";

struct info_options {
    std::string name;
    std::uint32_t element_size = 0;
    bool json = false;
};

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
    if (seen.element_size != 0)
        capacity += " of " + number(seen.element_size) + (seen.element_size == 1 ? " byte" : " bytes");
    if (seen.items_per_slot > 1) capacity += ", " + number(seen.items_per_slot) + " per slot";
    line("capacity", capacity);
}

void print_header(const slickq_inspection& seen) {
    char marker[16];
    std::snprintf(marker, sizeof marker, "0x%08" PRIX32, seen.marker);
    line("marker", marker);
    line("state", number(seen.init_state) + ", " + name_of_state(seen.init_state));
}

// What there is to say of a queue beyond its header.
struct details {
    std::vector<user_of_segment> users;
    subscribers who;
    front gap;                      // unpublished is 0: there is none
    double elements_per_second = 0; // while somebody has registered
};

// How long it takes until producers lap who is so far behind.
std::string time_to_lap(const details& more, const slickq_inspection& seen, std::uint64_t lag) {
    if (more.elements_per_second <= 0 || lag > seen.capacity) return "";
    return ", " + short_time(static_cast<double>(seen.capacity - lag) / more.elements_per_second) +
           " before being lapped";
}
json seconds_to_lap(const details& more, const slickq_inspection& seen, std::uint64_t lag) {
    if (more.elements_per_second <= 0 || lag > seen.capacity) return nullptr;
    return static_cast<double>(seen.capacity - lag) / more.elements_per_second;
}

details details_of(const segment_view& view) {
    details more;
    more.users = users_of(scan_mappings(), view);
    const auto queue = view.is_queue() ? open_to_look(view.name, view.seen.element_size) : nullptr;
    if (queue == nullptr) return more;
    more.who = subscribers_of(*queue);
    more.gap = front_of(*queue);
    const bool has_subscribers = !more.who.consumers.empty() || !more.who.groups.empty();
    if (more.gap.unpublished == 0 && !has_subscribers) return more;

    const std::uint64_t before = queue->reserved();
    const auto since = steady_clock::now();
    nap(100'000'000); // a rate, and what is still not published then
    const std::chrono::duration<double> passed = steady_clock::now() - since;
    more.elements_per_second = static_cast<double>(queue->distance(queue->reserved(), before)) / passed.count();
    if (more.gap.unpublished != 0 && !is_gap(*queue, more.gap.index)) more.gap.unpublished = 0;
    return more;
}

void print_subscribers(const details& more, const slickq_inspection& seen) {
    for (const slickq_group_info& g : more.who.groups) {
        line("group", printable(g.name) + ": " + name_of_mode(g) + ", " + number(g.workers) + " workers, next " +
                          number(g.cursor) + ", " + number(g.lag) + " behind" + time_to_lap(more, seen, g.lag) +
                          ", redelivered " + number(g.redelivered) + ", abandoned " + number(g.abandoned) + ", lost " +
                          number(g.lost) + (g.is_waited_for != 0 ? "" : "; not waited for"));
    }
    for (const slickq_consumer_info& c : more.who.consumers) {
        line(name_of_kind(c), number(c.id) + ": process " + number(c.pid) + (c.is_alive == 0 ? " (dead)" : c.is_alive == 1 ? "" : " (dead or alive: can't be told from here)") +
                                  (c.has_claim != 0 ? ", has claimed " : ", at ") + number(c.index) + ", " +
                                  number(c.lag) + " behind" + time_to_lap(more, seen, c.lag));
    }
}

void print_queue(const slickq_inspection& seen, const details& more) {
    line("next index", number(seen.next_index));
    line("last published", seen.last_published == no_index ? "none, or not kept" : number(seen.last_published));
    line("oldest index", number(seen.oldest_index));
    line("records", number(seen.published) + " in the ring");
    if (more.gap.unpublished != 0) {
        line("gap", "index " + number(more.gap.index) + " is reserved and not published for 0.1 s or more; " +
                        number(more.gap.unpublished) + " elements are reserved from there on");
    }
    print_subscribers(more, seen);
}

void print_text(const segment_view& view, const details& more) {
    const slickq_inspection& seen = view.seen;
    std::printf("%s: %s\n", printable(view.name).c_str(), headline(view).c_str());
    if (seen.layout != SLICKQ_LAYOUT_ANY) print_shape(seen);
    if (seen.length >= header_length) print_header(seen);
    line("length", number(seen.length) + " bytes" +
                       (seen.required_length != 0 ? ", its header asks for " + number(seen.required_length) : ""));
    if (view.file) {
        char mode[8];
        std::snprintf(mode, sizeof mode, "%04o", view.file->mode);
        line("owner", name_of_user(view.file->owner) + ", mode " + mode);
    }
    if (view.is_cursor()) {
        line("value", number(*view.cursor_value) + ", the index that its consumers claim next" +
                          (view.cursor_offset != 0 ? "; at offset " + number(view.cursor_offset) : ""));
    } else if (view.is_queue()) {
        print_queue(seen, more);
    } else {
        line("problem", printable(view.message));
        const std::string what_to_do = advice_of(view);
        if (!what_to_do.empty()) line("what to do", what_to_do);
    }
    if (!more.users.empty()) line("mapped by", to_text(more.users));
}

json described(const segment_view& view, const details& more) {
    json object = to_json(view);
    object["gap_index"] = known(more.gap.index, more.gap.unpublished != 0);
    object["gap_elements"] = more.gap.unpublished;
    object["groups"] = json::array();
    for (const slickq_group_info& g : more.who.groups) {
        object["groups"].push_back(to_json(g));
        object["groups"].back()["seconds_to_lap"] = seconds_to_lap(more, view.seen, g.lag);
    }
    object["consumers"] = json::array();
    for (const slickq_consumer_info& c : more.who.consumers) {
        object["consumers"].push_back(to_json(c));
        object["consumers"].back()["seconds_to_lap"] = seconds_to_lap(more, view.seen, c.lag);
    }
    object["mapped_by"] = to_json(more.users);
    return object;
}

int info(const info_options& options) {
    const segment_view view = look_at(options.name, options.element_size);
    check_segment(view.status, options.name);
    const details more = details_of(view);
    if (options.json) {
        std::printf("%s\n", to_text(described(view, more)).c_str());
    } else {
        print_text(view, more);
    }
    return view.is_queue() ? exit_ok : exit_unusable;
}

} // namespace

void describe_info(command_line& line) {
    const auto options = std::make_shared<info_options>();
    line.footer(info_footer);
    line.run([options] { return info(*options); });
    line.name(options->name);
    line.json(options->json);
    line.element_size(options->element_size);
}

} // namespace tool
