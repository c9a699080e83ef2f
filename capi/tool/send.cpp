// slickq send: bytes into a queue, as records.
#include "cli.hpp"
#include "commands.hpp"
#include "record_parser.hpp"
#include "sender.hpp"

#include <slickq/slickq.h>

#include <memory>

namespace tool {
namespace {

const char* const send_footer =
    "A line is sent with its newline, so that an empty one is a record too. A queue that is there is used\n"
    "as it is; the options of creation that are given must then match. 4M is 4 x 1024 x 1024.\n"
    "\n"
    "Without --rate, --pace and --lossless it sends as fast as it can, and overwrites what nobody has read\n"
    "yet. With --pace it fills the ring up to a half and waits for the consumers, also for the first to come.\n"
    "With --lossless it waits for those that slickq recv --register, or any program, has registered by then.\n"
    "\n"
    "Examples:\n"
    "  ls | slickq send names                           each line is a record\n"
    "  slickq send --block 4096 image disk.img          each 4096 bytes are a record\n"
    "  slickq send --rate 10M ticks day.csv             at most 10 MiB a second\n"
    "  slickq send --pace work jobs jobs.txt            never faster than the consumers, which run\n"
    "                                                   slickq recv --share work jobs\n"
    "  slickq send --lossless ticks day.csv             overwrites nothing that is still to be read by\n"
    "                                                   slickq recv --register ticks\n"
    "\n"
    "Exit status: 0 sent; 1 error, or the queue was removed meanwhile (without --follow); 2 usage; 3 a record was\n"
    "lost: other producers went round the ring while it was written, or it went into a queue that had been removed.";

void describe_creation(command_line& line, send_options& options) {
    const char* const creation = "If the queue is not there, it is created";
    const option create = line.flag("--create", options.must_create, "It must not be there yet").group(creation);
    line.flag("--open", options.must_exist, "It must be there already").excludes(create).group(creation);
    line.size("--capacity", "ELEMENTS", options.capacity, "A power of two [4M]").group(creation);
    line.size("--element-size", "BYTES", options.element_size,
              "With more than 1, records are padded with zero bytes [1]")
        .group(creation);
    line.size("--items-per-slot", "ELEMENTS", options.items_per_slot,
              "Elements that share a control slot [64 if they are of 1 byte, else 1]")
        .group(creation);
    line.one_of("--layout", options.layout,
                {{"slq0", SLICKQ_LAYOUT_SLQ0}, {"slq1", SLICKQ_LAYOUT_SLQ1}, {"slq2", SLICKQ_LAYOUT_SLQ2},
                 {"slq3", SLICKQ_LAYOUT_SLQ3}, {"packed", SLICKQ_LAYOUT_PACKED}, {"wide", SLICKQ_LAYOUT_WIDE}},
                "[slq3 if elements share slots, else slq1]")
        .group(creation);
    const auto set_permissions = [&options](const std::string& text) {
        if (text.empty() || text.size() > 4 || text.find_first_not_of("01234567") != std::string::npos) {
            throw usage_error("'" + text + "' is no octal number like 660");
        }
        options.permissions = static_cast<std::uint32_t>(std::stoul(text, nullptr, 8));
    };
    line.parsed("--permissions", "OCTAL", set_permissions, "Who may open it [666 less the umask]").group(creation);
}

} // namespace

void describe_send(command_line& line) {
    const auto options = std::make_shared<send_options>();
    line.footer(send_footer);
    line.run([options] { return send_all(*options); });
    line.name(options->name);
    line.words("FILE", options->files, "What to send; - or none is standard input");
    const option block = line.size("--block", "BYTES", options->block_bytes,
                                   "A record is so many bytes, not a line; the last may be shorter");
    line.one_of("--format", options->format,
                {{"raw", line_format::raw},
                 {"hex", line_format::hex},
                 {"base64", line_format::base64},
                 {"json", line_format::json_lines}},
                "What a line is: hex digits, base64, or what slickq dump --json printed [raw]")
        .excludes(block);
    line.flag("--follow", options->follow,
              "If the queue is removed meanwhile, go on in the one that has its name then");
    line.flag("-v,--verbose", options->verbose, "Say at the end what was sent");

    const char* const pacing = "Pacing";
    line.size("--rate", "BYTES", options->bytes_per_second, "At most so many bytes a second").group(pacing);
    const auto add_pace = [&all = options->pace](const std::string& cursor) {
        all.push_back(parse_cursor("--pace", cursor));
    };
    line.parsed("--pace", "CURSOR[:OFFSET]", add_pace,
                "Wait for the consumers that --share this cursor; may be repeated", true)
        .group(pacing);
    line.flag("--lossless", options->lossless, "Wait for registered consumers: overwrite nothing of theirs")
        .group(pacing);
    describe_creation(line, *options);
}

} // namespace tool
