// slickq tail and slickq dump: records, for looking at.
#include "cli.hpp"
#include "commands.hpp"
#include "viewer.hpp"

#include <memory>

namespace tool {
namespace {

const char* const tail_footer =
    "Each record is shown with its index and its count of elements. Nothing is consumed, and producers do not wait: "
    "if\n"
    "they are faster, what they overwrote is told in the stream and at the end, with its cause:\n"
    "  lapped        overwritten before it was read\n"
    "  unpublished   reserved by a producer that died, or sleeps: stepped over after a second\n"
    "  reset         the queue was emptied before it was read\n"
    "  corrupt       a slot held what no producer writes\n"
    "\n"
    "Examples:\n"
    "  slickq tail -n 5 ticks                 the newest five\n"
    "  slickq tail --follow ticks             the newest ten, and then what comes\n"
    "  slickq dump --struct '<qd' --fields time,price ticks\n"
    "  slickq dump --format json ticks | jq .\n"
    "  slickq tail --follow --grep ERROR log\n"
    "\n"
    "Exit status: 0 all was shown; 1 error, or with --follow the queue was removed; 2 usage; 3 records were lost.";

void describe(command_line& line, bool is_tail) {
    const auto options = std::make_shared<tail_options>();
    options->is_tail = is_tail;
    line.footer(tail_footer);
    line.run([options] { return view(*options); });
    line.name(options->name);
    line.number("-n,--count", "RECORDS", options->count,
                is_tail ? "So many of the newest, or from --from on [10]" : "End after so many [all]");
    line.text("--from", "oldest|newest|now|INDEX", options->from,
              is_tail ? "Start there, not at the newest" : "Start there [oldest]");
    line.flag("-f,--follow", options->follow, "Go on with what comes, until Ctrl-C");
    line.text("--grep", "REGEX", options->pattern, "Only records that it matches");
    describe_format(line, options->format, "How to show a record [text]");
    line.json(options->json);
    line.element_size(options->element_size);
}

} // namespace

void describe_tail(command_line& line) { describe(line, true); }
void describe_dump(command_line& line) { describe(line, false); }

} // namespace tool
