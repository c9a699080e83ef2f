// slickq info: what is under a name.
#include "command.hpp"
#include "error.hpp"

#include "shared_queue.hpp"

#include <cinttypes>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace tool {
namespace {

constexpr std::uint64_t no_index = UINT64_MAX;
constexpr std::uint64_t header_length = 64; // a segment that is shorter is no queue of any layout

const char* name_of_state(std::uint32_t init_state) {
    switch (init_state) {
    case 0: return "fresh";
    case 1: return "made by slick-queue 1.3";
    case 2: return "being initialised";
    case 3: return "ready";
    default: return "unknown";
    }
}

std::string headline(slickq_status verdict) {
    switch (verdict) {
    case SLICKQ_OK: return "a queue, ready to use";
    case SLICKQ_E_NO_LENGTH:
    case SLICKQ_E_NOT_READY:
    case SLICKQ_E_HALF_MADE: return "not ready: it is just being made, or its creator died";
    case SLICKQ_E_TRUNCATED:
    case SLICKQ_E_CORRUPT: return "damaged";
    case SLICKQ_E_NEWER: return "a queue of a newer version";
    default: return "not a queue that can be used here";
    }
}

// A segment for a shared cursor is nothing but cells; the first one's value, if this is one.
std::optional<std::uint64_t> value_as_cursor(const std::string& name, const slickq_inspection& seen) {
    if (seen.length < sizeof(std::uint64_t) || seen.length >= header_length) return std::nullopt;
    slickq_cursor* cursor = nullptr;
    if (slickq_cursor_open(name.c_str(), 0, SLICKQ_TIMEOUT_NONE, &cursor) != SLICKQ_OK) return std::nullopt;
    std::uint64_t* cell = nullptr;
    std::uint64_t value = 0;
    const bool is_read =
        slickq_cursor_cell(cursor, &cell) == SLICKQ_OK && slickq_cell_load(cell, &value) == SLICKQ_OK;
    slickq_cursor_close(cursor);
    return is_read ? std::optional(value) : std::nullopt;
}

// Who holds lossless producers up.
struct subscribers {
    std::vector<slickq_consumer_info> consumers;
    std::vector<slickq_group_info> groups;
};

subscribers subscribers_of(const std::string& name, std::uint32_t element_size) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = SLICKQ_OPEN_READ_ONLY;
    options.element_size = element_size;
    options.timeout_ns = SLICKQ_TIMEOUT_NONE;
    subscribers found;
    slickq_queue* handle = nullptr;
    if (slickq_queue_open(name.c_str(), &options, &handle) != SLICKQ_OK) return found; // gone meanwhile
    const shared_queue queue(handle, name);
    for (std::uint32_t number = 0; number < SLICKQ_MOST_CONSUMERS; ++number) {
        slickq_consumer_info one{};
        one.struct_size = sizeof one;
        if (slickq_consumer_get_info(handle, number, &one) == SLICKQ_OK) found.consumers.push_back(one);
    }
    for (std::uint32_t number = 0; number < SLICKQ_MOST_GROUPS; ++number) {
        slickq_group_info one{};
        one.struct_size = sizeof one;
        if (slickq_group_get_info(handle, number, &one) == SLICKQ_OK) found.groups.push_back(one);
    }
    return found;
}

const char* name_of(std::uint32_t kind) {
    switch (kind) {
    case SLICKQ_CONSUMER_READER: return "reader";
    case SLICKQ_CONSUMER_WORKER: return "worker";
    default: return "evicted";
    }
}
const char* name_of_mode(std::uint32_t mode) { return mode == SLICKQ_GROUP_AT_LEAST_ONCE ? "at-least-once" : "at-most-once"; }

void print_text(const std::string& name, const slickq_inspection& seen, const subscribers& who, const std::string& message) {
    const auto line = [](const char* what) { std::printf("  %-15s ", what); };
    const std::optional<std::uint64_t> cursor = value_as_cursor(name, seen);

    std::printf("%s: %s\n", name.c_str(),
                cursor ? "no queue; it may be a shared cursor" : headline(seen.verdict).c_str());
    if (seen.layout != SLICKQ_LAYOUT_ANY) {
        line("layout");
        std::printf("%s\n", slickq_layout_name(seen.layout));
        line("capacity");
        std::printf("%" PRIu32 " elements", seen.capacity);
        if (seen.element_size != 0) {
            std::printf(" of %" PRIu32 " byte%s", seen.element_size, seen.element_size == 1 ? "" : "s");
        }
        if (seen.items_per_slot > 1) std::printf(", %" PRIu32 " per slot", seen.items_per_slot);
        std::printf("\n");
    }
    if (seen.length >= header_length) {
        line("marker");
        std::printf("0x%08" PRIX32 "\n", seen.marker);
        line("state");
        std::printf("%" PRIu32 ", %s\n", seen.init_state, name_of_state(seen.init_state));
    }
    line("length");
    std::printf("%" PRIu64 " bytes", seen.length);
    if (seen.required_length != 0) std::printf(", its header asks for %" PRIu64, seen.required_length);
    std::printf("\n");
    if (cursor) {
        line("value");
        std::printf("%" PRIu64 ", the index that its consumers claim next\n", *cursor);
    }
    if (seen.verdict == SLICKQ_OK) {
        line("next index");
        std::printf("%" PRIu64 "\n", seen.reserved_index);
        line("last published");
        if (seen.last_published == no_index) std::printf("none, or not kept\n");
        else std::printf("%" PRIu64 "\n", seen.last_published);
        line("oldest index");
        std::printf("%" PRIu64 "\n", seen.oldest_index);
        line("records");
        std::printf("%" PRIu64 " in the ring\n", seen.published);
        for (const slickq_group_info& g : who.groups) {
            line("group");
            std::printf("%s: %s, %" PRIu32 " workers, next %" PRIu64 ", %" PRIu64 " behind, redelivered %" PRIu64 ", abandoned %" PRIu64
                        ", lost %" PRIu64 "%s\n",
                        g.name, name_of_mode(g.mode), g.workers, g.cursor, g.lag, g.redelivered, g.abandoned, g.lost,
                        g.is_waited_for != 0 ? "" : "; not waited for");
        }
        for (const slickq_consumer_info& c : who.consumers) {
            line(name_of(c.kind));
            std::printf("%" PRIu64 ": process %" PRIu32 "%s, %s %" PRIu64 ", %" PRIu64 " behind\n", c.id, c.pid,
                        c.is_alive != 0 ? "" : " (dead)", c.has_claim != 0 ? "has in hand" : "at", c.index, c.lag);
        }
    } else if (!cursor) {
        line("problem");
        std::printf("%s\n", message.c_str());
        if (const std::string what_to_do = advice(seen.verdict, name); !what_to_do.empty()) {
            line("what to do");
            std::printf("%s\n", what_to_do.c_str());
        }
    }
}

std::string json_string(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            quoted += escape;
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

void print_json(const std::string& name, const slickq_inspection& seen, const subscribers& who, const std::string& message) {
    const bool is_queue = seen.verdict == SLICKQ_OK;
    const auto text = [](const char* key, const std::string& value) {
        std::printf("\"%s\": %s", key, json_string(value).c_str());
    };
    const auto number = [](const char* key, std::uint64_t value, bool is_known = true) {
        if (is_known) std::printf(", \"%s\": %" PRIu64, key, value);
        else std::printf(", \"%s\": null", key);
    };
    std::printf("{");
    text("name", name);
    std::printf(", ");
    text("verdict", slickq_status_name(seen.verdict));
    std::printf(", ");
    text("message", message);
    std::printf(", ");
    text("layout", slickq_layout_name(seen.layout));
    number("length", seen.length);
    number("required_length", seen.required_length, seen.required_length != 0);
    number("marker", seen.marker, seen.length >= header_length);
    number("init_state", seen.init_state, seen.length >= header_length);
    number("capacity", seen.capacity, seen.capacity != 0);
    number("element_size", seen.element_size, seen.element_size != 0);
    number("items_per_slot", seen.items_per_slot, seen.items_per_slot != 0);
    number("next_index", seen.reserved_index, is_queue);
    number("last_published", seen.last_published, is_queue && seen.last_published != no_index);
    number("oldest_index", seen.oldest_index, is_queue);
    number("records", seen.published, is_queue);
    std::printf(", \"groups\": [");
    for (const slickq_group_info& g : who.groups) {
        std::printf(&g == who.groups.data() ? "{" : ", {");
        text("name", g.name);
        std::printf(", ");
        text("mode", name_of_mode(g.mode));
        number("cursor", g.cursor);
        number("lag", g.lag);
        number("workers", g.workers);
        number("redelivered", g.redelivered);
        number("abandoned", g.abandoned);
        number("lost", g.lost);
        number("is_waited_for", g.is_waited_for);
        std::printf("}");
    }
    std::printf("], \"consumers\": [");
    for (const slickq_consumer_info& c : who.consumers) {
        std::printf(&c == who.consumers.data() ? "{" : ", {");
        text("kind", name_of(c.kind));
        number("id", c.id);
        number("pid", c.pid);
        number("is_alive", c.is_alive);
        number("group", c.group, c.kind == SLICKQ_CONSUMER_WORKER);
        number("has_claim", c.has_claim);
        number("index", c.index);
        number("lag", c.lag);
        std::printf("}");
    }
    std::printf("]}\n");
}

} // namespace

int info(const info_options& options) {
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    check(slickq_inspect(options.name.c_str(), options.element_size, &seen), options.name);
    const std::string message = seen.verdict == SLICKQ_OK ? "" : slickq_last_message();
    const subscribers who = seen.verdict == SLICKQ_OK ? subscribers_of(options.name, options.element_size) : subscribers{};
    if (options.json) {
        print_json(options.name, seen, who, message);
    } else {
        print_text(options.name, seen, who, message);
    }
    return seen.verdict == SLICKQ_OK ? exit_ok : exit_unusable;
}

} // namespace tool
