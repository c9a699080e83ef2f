// slickq ls: every queue and shared cursor on the machine.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "examination.hpp"
#include "json.hpp"
#include "table.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

#if !defined(_WIN32)
#  include <fnmatch.h>
#endif

namespace tool {
namespace {

const char* const ls_footer =
    "PATTERN is like *.log or day-[0-9]*, in quotes; without it all are listed. What else lies where segments do is\n"
    "only listed with --all.\n"
    "\n"
    "HEALTH is ok, or the worst of what slickq doctor says more about: corrupt, truncated, half-made, blank (a queue\n"
    "that is being made, or a shared cursor that lies behind the first 64 bytes), half-reset, gap\n"
    "(reserved and never published), stuck (a registered consumer that does not read), dead-worker, no-workers, dead,\n"
    "sparse, newer, no-access, needs-size (of slick-queue 1.0 or 1.1: give --element-size). An orphan has no name any "
    "more, but processes still have it mapped.\n"
    "\n"
    "Examples:\n"
    "  slickq ls\n"
    "  slickq ls --json 'day-*' | jq -r 'select(.health != \"ok\") | .name'\n"
    "\n"
    "Exit status: 0, also if there is none; 1 it could not be looked.";

struct ls_options {
    std::string pattern;
    std::uint32_t element_size = 0;
    bool all = false;
    bool quiet = false;
    bool json = false;
};

bool matches(const std::string& pattern, const std::string& name) {
#if defined(_WIN32)
    return pattern.empty() || pattern == name;
#else
    return pattern.empty() || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
#endif
}

// Something of ours: a queue, a cursor, or what is becoming or was a queue.
bool is_interesting(const segment_view& view) { return view.is_cursor() || view.seen.verdict != SLICKQ_E_NOT_A_QUEUE; }

const char* kind_of(const segment_view& view) {
    if (view.is_cursor()) return "cursor";
    return view.seen.layout != SLICKQ_LAYOUT_ANY ? slickq_layout_name(view.seen.layout) : "?";
}

const char* health_of(const std::vector<finding>& findings) { return findings.empty() ? "ok" : findings.front().word; }

std::string octal(std::uint32_t mode) {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
}

std::string age_of(const segment_view& view) {
    if (!view.file) return "";
    const std::int64_t seconds = std::time(nullptr) - view.file->made_at_s;
    return seconds < 1 ? "0s" : short_time(static_cast<double>(seconds));
}

std::string pids_of(const std::vector<user_of_segment>& users) {
    std::string text;
    for (const user_of_segment& user : users) text += (text.empty() ? "" : ",") + std::to_string(user.pid);
    return text.empty() ? "-" : text;
}

std::vector<std::string> row_of(const examination& one, const char* health) {
    const segment_view& view = one.view();
    const slickq_inspection& seen = view.seen;
    const auto if_known = [](std::uint64_t value, bool is_known) {
        return is_known ? std::to_string(value) : std::string("-");
    };
    return {printable(view.name),
            kind_of(view),
            health,
            view.is_cursor() ? std::string("at ") + std::to_string(*view.cursor_value)
                             : if_known(seen.published, view.is_queue()),
            if_known(seen.capacity, seen.capacity != 0),
            if_known(seen.element_size, seen.element_size != 0),
            view.status == SLICKQ_OK ? short_bytes(static_cast<double>(seen.length)) : "-",
            age_of(view),
            view.file ? name_of_user(view.file->owner) : "-",
            view.file ? octal(view.file->mode) : "-",
            pids_of(one.users())};
}

json object_of(const examination& one, const char* health) {
    json object = to_json(one.view());
    object["kind"] = one.view().is_cursor() ? "cursor" : one.view().is_queue() ? "queue" : "other";
    object["health"] = health;
    object["mapped_by"] = to_json(one.users());
    return object;
}

int ls(const ls_options& options) {
    const mappings all = options.quiet ? mappings() : scan_mappings();
    std::vector<examination> found;
    for (const std::string& name : segment_names()) {
        if (!matches(options.pattern, name)) continue;
        segment_view view = look_at(name, options.element_size);
        if (view.status == SLICKQ_E_NOT_FOUND) continue; // gone meanwhile
        if (!options.all && view.status == SLICKQ_OK && !is_interesting(view)) continue;
        if (options.quiet) {
            if (printable(name) == name) std::printf("%s\n", name.c_str());
            continue;
        }
        found.emplace_back(std::move(view), all);
    }
    if (options.quiet) return exit_ok;
    if (std::any_of(found.begin(), found.end(), [](const auto& one) { return one.needs_second_look(); })) {
        nap(examination::settle_ns);
    }
    table shown({{"NAME"},
                 {"KIND"},
                 {"HEALTH"},
                 {"RECORDS", true},
                 {"CAPACITY", true},
                 {"ELEMENT", true},
                 {"BYTES", true},
                 {"AGE", true},
                 {"OWNER"},
                 {"MODE"},
                 {"MAPPED BY"}});
    for (const examination& one : found) {
        const std::vector<finding> findings = one.findings();
        if (options.json) {
            std::printf("%s\n", to_text(object_of(one, health_of(findings))).c_str());
        } else {
            shown.add(row_of(one, health_of(findings)));
        }
    }
    for (const mapped_segment& segment : all.segments) {
        if (!segment.is_deleted || !matches(options.pattern, segment.name)) continue;
        if (options.json) {
            std::printf("%s\n", to_text(json{{"name", segment.name}, {"length", segment.length}, {"kind", "orphan"},
                                             {"health", "orphan"}, {"mapped_by", to_json(segment.users)}}).c_str());
        } else {
            shown.add({printable(segment.name), "?", "orphan", "-", "-", "-",
                       short_bytes(static_cast<double>(segment.length)), "-", "-", "-", pids_of(segment.users)});
        }
    }
    if (!options.json) shown.print();
    return exit_ok;
}

} // namespace

void describe_ls(command_line& line) {
    const auto options = std::make_shared<ls_options>();
    line.footer(ls_footer);
    line.run([options] { return ls(*options); });
    line.word("PATTERN", options->pattern, "Which names");
    line.flag("-a,--all", options->all, "Also what is no queue");
    line.flag("-q,--quiet", options->quiet, "Only the names");
    line.json(options->json);
    line.element_size(options->element_size);
}

} // namespace tool
