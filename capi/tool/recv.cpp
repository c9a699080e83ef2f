// slickq recv: records from a queue to standard output.
#include "cli.hpp"
#include "commands.hpp"
#include "receiver.hpp"

#include <memory>

namespace tool {
namespace {

const char* const recv_footer =
    "Records come out as the bytes they are. It waits for the queue to appear, and for more records,\n"
    "until Ctrl-C, --count or --idle ends it.\n"
    "\n"
    "A shared cursor is a small segment of its own, made when it is first named; --from is for a new one.\n"
    "It keeps its place: the next to use it goes on from there. slickq rm removes it.\n"
    "\n"
    "A group does the same inside the queue, and more: lossless senders wait for it, and a record that a worker had\n"
    "when it died goes to another. slickq rm --group removes it.\n"
    "\n"
    "Examples:\n"
    "  slickq recv ticks                      everything in the ring, then what comes\n"
    "  slickq recv --from now ticks           only what comes\n"
    "  slickq recv --idle 0 ticks             what is there now\n"
    "  slickq recv --count 1 --from newest ticks\n"
    "  slickq recv --share work jobs          run several: each record goes to exactly one of them\n"
    "  slickq recv --group crew jobs          the same, and no record is lost with one of them\n"
    "\n"
    "Exit status: 0 everything was received; 1 error, or the queue was removed meanwhile (without --follow); 2 usage;\n"
    "3 records were lost: producers overwrote them before they were read, or standard output was closed with\n"
    "records claimed.";

} // namespace

void describe_recv(command_line& line) {
    const auto options = std::make_shared<recv_options>();
    line.footer(recv_footer);
    line.run([options] { return receive(*options); });
    line.name(options->name);
    line.one_of("--from", options->consumer.start,
                {{"oldest", SLICKQ_START_OLDEST}, {"newest", SLICKQ_START_NEWEST}, {"now", SLICKQ_START_NOW}},
                "Where in the ring to start; now: only what comes [oldest]");
    const auto set_share = [&share = options->consumer.share](const std::string& cursor) {
        share = parse_cursor("--share", cursor);
    };
    const option share =
        line.parsed("--share", "CURSOR[:OFFSET]", set_share, "Share the records with all who use this cursor");
    const option group =
        line.text("--group", "GROUP", options->consumer.group,
                  "Work in this group: each record goes to one worker of it, and to another if that dies");
    line.flag("--at-most-once", options->consumer.at_most_once, "A new group hands no record out twice");
    line.flag("--register", options->consumer.registers, "Have senders with --lossless wait for this receiver")
        .excludes(share)
        .excludes(group);
    line.number("--count", "RECORDS", options->count, "End after so many records");
    line.seconds("--idle", options->idle_seconds, "End when nothing came for so long; 0: when nothing is left");
    line.flag("--follow", options->follow,
              "If the queue is removed meanwhile, go on with the one that has its name then")
        .excludes(share);
    line.flag("--trim", options->trim, "Take off zero bytes at the end of records, as slickq send pads them");
    describe_format(line, options->format, "How to write records; all but raw begin with index and count [raw]");
    line.element_size(options->element_size);
    line.flag("-v,--verbose", options->verbose, "Say at the end what was received");
}

} // namespace tool
