// slickq doctor: what is wrong, how sure that is, what to type; and the repairs that need no guess.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "examination.hpp"
#include "json.hpp"
#include "machine.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace tool {
namespace {

const char* const doctor_footer =
    "Without NAME it looks at every queue and cursor, at segments without a name, and at the machine. It takes some\n"
    "moments, because what moves is looked at twice. certain, likely, possible: how sure it is.\n"
    "\n"
    "--repair does what needs no guess, and says it first: it finishes a half reset, ends the registrations of dead\n"
    "processes, and removes what a creator that died left half-made, if that bears a queue's marker and surely no\n"
    "process has it mapped.\n"
    "\n"
    "Exit status: 0 nothing is wrong, or all of it was repaired (hints do not count); 1 there is no such segment;\n"
    "4 something is wrong.";

struct doctor_options {
    std::string name;
    bool repair = false;
    bool json = false;
    std::uint32_t element_size = 0;
};

const char* name_of(weight how_bad) {
    switch (how_bad) {
    case weight::hint: return "hint";
    case weight::warning: return "warning";
    default: return "fault";
    }
}

class report {
public:
    explicit report(const doctor_options& options) : options_(options) {}

    // name: of the segment; "" for the machine.
    void add(const std::string& name, const std::vector<finding>& findings) {
        for (const finding& one : findings) {
            const bool is_repaired = options_.repair && one.repair && repair(name, one);
            if (one.how_bad != weight::hint && !is_repaired) has_faults_ = true;
            if (options_.json) print_object(name, one, is_repaired);
            else print_text(name, one, is_repaired);
        }
        if (findings.empty() && !options_.json && !name.empty()) std::printf("%s: ok\n", printable(name).c_str());
    }

    int code() const { return has_faults_ ? exit_unusable : exit_ok; }

private:
    bool repair(const std::string& name, const finding& one) const {
        note("'" + name + "': " + one.repair_text);
        try {
            one.repair();
            return true;
        } catch (const std::exception& error) {
            note(error.what());
            return false;
        }
    }

    static void print_object(const std::string& name, const finding& one, bool is_repaired) {
        std::printf("%s\n", to_text(json{{"name", name.empty() ? json(nullptr) : json(name)},
                                         {"finding", one.word},
                                         {"weight", name_of(one.how_bad)},
                                         {"certainty", one.certainty},
                                         {"message", one.text},
                                         {"advice", one.advice},
                                         {"repair", one.repair ? json(one.repair_text) : json(nullptr)},
                                         {"is_repaired", is_repaired}})
                                .c_str());
    }

    void print_text(const std::string& name, const finding& one, bool is_repaired) const {
        std::printf("%s: %s (%s, %s): %s\n", name.empty() ? "machine" : printable(name).c_str(), one.word,
                    name_of(one.how_bad), one.certainty, printable(one.text).c_str());
        if (is_repaired) std::printf("  repaired: %s\n", one.repair_text.c_str());
        else if (!one.advice.empty()) std::printf("  %s\n", printable_lines(one.advice).c_str());
        if (one.repair && !options_.repair) std::printf("  slickq doctor --repair would %s\n", one.repair_text.c_str());
    }

    const doctor_options& options_;
    bool has_faults_ = false;
};

std::vector<finding> findings_of_orphan(const mapped_segment& segment) {
    return {{"orphan",
             weight::warning,
             "certain",
             "it has no name any more, and is mapped by " + to_text(segment.users) +
                 ": who opens the name now does not meet them",
             "restart those processes, unless they are about to end",
             "",
             {}}};
}

int doctor(const doctor_options& options) {
    const mappings all = scan_mappings();
    std::vector<examination> found;
    std::vector<segment_view> views;
    for (const std::string& name : options.name.empty() ? segment_names() : std::vector<std::string>{options.name}) {
        segment_view view = look_at(name, options.element_size);
        if (!options.name.empty() && view.status == SLICKQ_E_NOT_FOUND) check_segment(view.status, name);
        const bool is_foreign =
            view.status == SLICKQ_OK && !view.is_cursor() && view.seen.verdict == SLICKQ_E_NOT_A_QUEUE;
        if (view.status == SLICKQ_E_NOT_FOUND || (options.name.empty() && is_foreign)) continue;
        views.push_back(view);
        found.emplace_back(std::move(view), all);
    }
    if (std::any_of(found.begin(), found.end(), [](const auto& one) { return one.needs_second_look(); })) {
        nap(examination::settle_ns);
    }
    report told(options);
    for (const examination& one : found) told.add(one.view().name, one.findings());
    for (const mapped_segment& segment : all.segments) {
        const std::string plain = options.name.rfind('/', 0) == 0 ? options.name.substr(1) : options.name;
        if (segment.is_deleted && (plain.empty() || plain == segment.name))
            told.add(segment.name, findings_of_orphan(segment));
    }
    if (options.name.empty()) told.add("", findings_of_machine(views));
    if (all.is_known && all.hidden != 0 && !options.json) {
        note(std::to_string(all.hidden) +
             " processes could not be looked into: run it as root to see what they have mapped");
    } else if (all.is_known && !all.is_complete && !options.json) {
        note("processes outside this container (pid namespace) are not seen: what they have mapped is not known");
    }
    return told.code();
}

} // namespace

void describe_doctor(command_line& line) {
    const auto options = std::make_shared<doctor_options>();
    line.footer(doctor_footer);
    line.run([options] { return doctor(*options); });
    line.word("NAME", options->name, "Of which segment [all, and the machine]");
    line.flag("--repair", options->repair, "Do what is safe");
    line.json(options->json);
    line.element_size(options->element_size);
}

} // namespace tool
