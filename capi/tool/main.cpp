// slickq - queues in shared memory from the command line. Parses it and hands over to the commands.
#include "command.hpp"
#include "error.hpp"

#include <CLI/CLI.hpp>

#include <slickq/slickq.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

namespace {

const char* const overview =
    "Looks into shared-memory queues of SlickQueue and moves data through them.\n"
    "A queue is a ring in a named segment, shared by any number of processes. It is lossy unless both sides\n"
    "ask for more: producers overwrite the oldest records; a consumer that is too slow is told what it lost.\n";

const char* const overview_footer =
    "Try it, in two terminals:\n"
    "  slickq recv ticks                      waits for records and writes them out; Ctrl-C ends it\n"
    "  slickq send ticks                      each line you type is a record; Ctrl-D ends it\n"
    "and then:\n"
    "  slickq info ticks                      what is in the segment?\n"
    "  slickq rm ticks                        a queue stays until it is removed\n"
    "\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  it could not be done; the message says why and what to do\n"
    "  2  the command line makes no sense\n"
    "  3  done, but records were lost on the way\n"
    "  4  info: there is something under the name, and not a queue that can be used\n"
    "\n"
    "slickq COMMAND --help says more about a command.";

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

const char* const recv_footer =
    "Records come out as the bytes they are. It waits for the queue to appear, and for more records,\n"
    "until Ctrl-C, --count or --idle ends it.\n"
    "\n"
    "A shared cursor is a small segment of its own, made when it is first named; --from is for a new one.\n"
    "It keeps its place: the next to use it goes on from there. slickq rm removes it.\n"
    "\n"
    "Examples:\n"
    "  slickq recv ticks                      everything in the ring, then what comes\n"
    "  slickq recv --from now ticks           only what comes\n"
    "  slickq recv --idle 0 ticks             what is there now\n"
    "  slickq recv --count 1 --from newest ticks\n"
    "  slickq recv --share work jobs          run several: each record goes to exactly one of them\n"
    "\n"
    "Exit status: 0 everything was received; 1 error, or the queue was removed meanwhile (without --follow); 2 usage;\n"
    "3 records were lost: producers overwrote them before they were read, or standard output was closed with\n"
    "records claimed.";

const char* const info_footer =
    "Exit status: 0 a queue that can be used; 1 there is nothing, or it cannot be looked at; 2 usage;\n"
    "4 there is something else, or a queue that is damaged or was never finished.";

const char* const rm_footer =
    "Processes that have it open go on undisturbed with the old segment; who comes later finds the name free.";

const char* const evict_footer =
    "Producers that opened the queue as lossless wait for registered consumers. One that lives and does not\n"
    "read holds them up until it is evicted; it is told so, and what a worker had in hand goes to another.\n"
    "Consumers whose process has died are sent away by the producers themselves.";

// NAME[:OFFSET]. A name may have a ':' itself: only digits after the last one are an offset.
tool::cursor_address parse_cursor(const char* flag, const std::string& text) {
    tool::cursor_address address{text, 0};
    const std::size_t colon = text.rfind(':');
    const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos) {
        address.name.resize(colon);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.offset);
        if (error != std::errc()) throw CLI::ValidationError(flag, "the offset of '" + text + "' is out of range");
    }
    if (address.name.empty()) throw CLI::ValidationError(flag, "'" + text + "' has no name of a cursor");
    return address;
}

// Looks at the text: CLI11 makes a huge number of "-1".
const CLI::Validator positive(
    [](const std::string& text) {
        const bool is_positive =
            text.find('-') == std::string::npos && text.find_first_of("123456789") != std::string::npos;
        return is_positive ? std::string() : "'" + text + "' is no number above 0";
    },
    "");
const CLI::Validator not_negative(
    [](const std::string& text) { return text.rfind('-', 0) == 0 ? "'" + text + "' is negative" : std::string(); }, "");

// A size in bytes or elements, which may end in k, M or G: powers of 1024.
const CLI::Validator as_size = CLI::AsSizeValue(false).description("");

CLI::Option* add_size(CLI::App& command, const char* flag, const char* unit, auto& value, const char* description) {
    // What transforms is put in front: `positive` is asked first.
    return command.add_option(flag, value, description)->transform(as_size)->transform(positive)->type_name(unit);
}

struct choice {
    const char* word;
    std::uint32_t value;
};

CLI::Option* add_choice(CLI::App& command, const char* flag, std::uint32_t& value, std::vector<choice> choices,
                        const char* description) {
    std::string words;
    for (const choice& c : choices) words += (words.empty() ? "" : "|") + std::string(c.word);
    const auto choose = [&value, choices, words, flag](const std::string& text) {
        const auto chosen =
            std::find_if(choices.begin(), choices.end(), [&](const choice& c) { return text == c.word; });
        if (chosen == choices.end()) throw CLI::ValidationError(flag, "'" + text + "' is none of " + words);
        value = chosen->value;
    };
    return command.add_option_function<std::string>(flag, choose, description)->type_name(words);
}

void add_name(CLI::App& command, std::string& name) {
    command.add_option("NAME", name, "The queue's name, as ticks or /ticks")->required()->type_name("");
}

void add_element_size(CLI::App& command, std::uint32_t& element_size) {
    add_size(command, "--element-size", "BYTES", element_size,
             "Bytes of an element: needed for a queue of layout wide");
}

void add_send(CLI::App& app, tool::send_options& options, std::function<int()>& run) {
    CLI::App& command = *app.add_subcommand("send", "Sends lines or blocks of bytes into a queue");
    command.footer(send_footer);
    command.callback([&] { run = [&] { return tool::send(options); }; });
    add_name(command, options.name);
    command.add_option("FILE", options.files, "What to send; - or none is standard input")->type_name("");
    add_size(command, "--block", "BYTES", options.block_bytes,
             "A record is so many bytes, not a line; the last may be shorter");
    command.add_flag("--follow", options.follow, "If the queue is removed meanwhile, go on in the one that has its name then");
    command.add_flag("-v,--verbose", options.verbose, "Say at the end what was sent");

    const char* const pacing = "Pacing";
    add_size(command, "--rate", "BYTES", options.bytes_per_second, "At most so many bytes a second")->group(pacing);
    const auto add_pace = [&options](const std::vector<std::string>& cursors) {
        for (const std::string& cursor : cursors) options.pace.push_back(parse_cursor("--pace", cursor));
    };
    command
        .add_option_function<std::vector<std::string>>(
            "--pace", add_pace, "Wait for the consumers that --share this cursor; may be repeated")
        ->allow_extra_args(false) // what follows it is NAME or FILE
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("CURSOR[:OFFSET]")
        ->group(pacing);
    command.add_flag("--lossless", options.lossless, "Wait for registered consumers: overwrite nothing of theirs")
        ->group(pacing);

    const char* const creation = "If the queue is not there, it is created";
    CLI::Option* const create =
        command.add_flag("--create", options.must_create, "It must not be there yet")->group(creation);
    command.add_flag("--open", options.must_exist, "It must be there already")->excludes(create)->group(creation);
    add_size(command, "--capacity", "ELEMENTS", options.capacity, "A power of two [4M]")->group(creation);
    add_size(command, "--element-size", "BYTES", options.element_size,
             "With more than 1, records are padded with zero bytes [1]")
        ->group(creation);
    add_size(command, "--items-per-slot", "ELEMENTS", options.items_per_slot,
             "Elements that share a control slot [64 if they are of 1 byte, else 1]")
        ->group(creation);
    add_choice(command, "--layout", options.layout,
               {{"slq0", SLICKQ_LAYOUT_SLQ0}, {"slq1", SLICKQ_LAYOUT_SLQ1}, {"slq2", SLICKQ_LAYOUT_SLQ2},
                {"slq3", SLICKQ_LAYOUT_SLQ3}, {"packed", SLICKQ_LAYOUT_PACKED}, {"wide", SLICKQ_LAYOUT_WIDE}},
               "[slq3 if elements share slots, else slq1]")
        ->group(creation);
    const auto set_permissions = [&options](const std::string& text) {
        if (text.empty() || text.size() > 4 || text.find_first_not_of("01234567") != std::string::npos) {
            throw CLI::ValidationError("--permissions", "'" + text + "' is no octal number like 660");
        }
        options.permissions = static_cast<std::uint32_t>(std::stoul(text, nullptr, 8));
    };
    command.add_option_function<std::string>("--permissions", set_permissions, "Who may open it [666 less the umask]")
        ->type_name("OCTAL")
        ->group(creation);
}

void add_recv(CLI::App& app, tool::recv_options& options, std::function<int()>& run) {
    CLI::App& command = *app.add_subcommand("recv", "Writes the records of a queue to standard output");
    command.footer(recv_footer);
    command.callback([&] { run = [&] { return tool::recv(options); }; });
    add_name(command, options.name);
    options.start = SLICKQ_START_OLDEST;
    add_choice(command, "--from", options.start,
               {{"oldest", SLICKQ_START_OLDEST}, {"newest", SLICKQ_START_NEWEST}, {"now", SLICKQ_START_NOW}},
               "Where in the ring to start; now: only what comes [oldest]");
    const auto set_share = [&options](const std::string& cursor) { options.share = parse_cursor("--share", cursor); };
    CLI::Option* const share = command.add_option_function<std::string>("--share", set_share,
                                                                        "Share the records with all who use this cursor");
    share->type_name("CURSOR[:OFFSET]");
    command.add_flag("--register", options.registers, "Have senders with --lossless wait for this receiver")->excludes(share);
    command.add_option("--count", options.count, "End after so many records")
        ->check(positive)
        ->type_name("RECORDS");
    command.add_option("--idle", options.idle_seconds, "End when nothing came for so long; 0: when nothing is left")
        ->check(not_negative)
        ->type_name("SECONDS");
    command.add_flag("--follow", options.follow, "If the queue is removed meanwhile, go on with the one that has its name then")
        ->excludes(share);
    command.add_flag("--trim", options.trim, "Take off zero bytes at the end of records, as slickq send pads them");
    add_element_size(command, options.element_size);
    command.add_flag("-v,--verbose", options.verbose, "Say at the end what was received");
}

void add_info(CLI::App& app, tool::info_options& options, std::function<int()>& run) {
    CLI::App& command = *app.add_subcommand("info", "Says what is under a name, and what to do if it is no good");
    command.footer(info_footer);
    command.callback([&] { run = [&] { return tool::info(options); }; });
    add_name(command, options.name);
    command.add_flag("--json", options.json, "One JSON object, for programs");
    add_element_size(command, options.element_size);
}

void add_rm(CLI::App& app, tool::rm_options& options, std::function<int()>& run) {
    CLI::App& command = *app.add_subcommand("rm", "Removes queues and shared cursors");
    command.footer(rm_footer);
    command.callback([&] { run = [&] { return tool::rm(options); }; });
    command.add_option("NAME", options.names, "Names of queues and shared cursors")->required()->type_name("");
    command.add_flag("-f,--force", options.force, "It is no error if a name is gone already");
}

void add_evict(CLI::App& app, tool::evict_options& options, std::function<int()>& run) {
    CLI::App& command = *app.add_subcommand("evict", "Ends the registration of a consumer that does not read");
    command.footer(evict_footer);
    command.callback([&] { run = [&] { return tool::evict(options); }; });
    add_name(command, options.name);
    command.add_option("ID", options.consumer, "The consumer's number, as slickq info prints it")->required()->type_name("");
}

std::string version_text() {
    const std::string abi = std::to_string(slickq_abi_version());
    return std::string("slickq (libslickq) ") + slickq_version_string() + ", ABI " + abi;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app(overview, "slickq");
    app.footer(overview_footer);
    app.set_version_flag("--version", version_text, "Print the version and end");
    app.require_subcommand(1);

    tool::send_options send;
    tool::recv_options recv;
    tool::info_options info;
    tool::rm_options rm;
    tool::evict_options evict;
    std::function<int()> run;
    add_send(app, send, run);
    add_recv(app, recv, run);
    add_info(app, info, run);
    add_rm(app, rm, run);
    add_evict(app, evict, run);

    if (argc < 2) {
        std::fputs(app.help().c_str(), stderr);
        return tool::exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help, --version
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        const std::vector<CLI::App*> named = app.get_subcommands();
        const std::string command = named.empty() ? "" : named.front()->get_name() + " ";
        const std::string problem =
            !named.empty() ? error.what()
                           : std::string(argv[1][0] == '-' ? "there is no option '" : "there is no command '") + argv[1] + "'";
        tool::note(problem + "\n  see: slickq " + command + "--help");
        return tool::exit_usage;
    }
    try {
        return run();
    } catch (const std::exception& error) {
        tool::note(error.what());
        return tool::exit_error;
    }
}
