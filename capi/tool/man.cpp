// slickq man: the command line as man pages, made from what --help is made from.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"

#include <slickq/slickq.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

namespace tool {
namespace {

// Text as troff takes it.
std::string roff(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        const bool begins_line = escaped.empty() || escaped.back() == '\n';
        if (c == '\\') {
            escaped += "\\e";
        } else if (c == '-') {
            escaped += "\\-";
        } else {
            if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
            escaped += c;
        }
    }
    return escaped;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string entry_of(const described_option& option) {
    std::string names;
    for (const std::string& name : option.dashed) names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
    if (option.dashed.empty()) names = "\\fI" + roff(option.word) + "\\fR";
    else if (!option.type.empty()) names += " \\fI" + roff(option.type) + "\\fR";
    return ".TP\n" + names + "\n" + roff(option.text) + "\n";
}

std::string options_of(const described_command& command) {
    std::vector<std::string> order;
    std::map<std::string, std::string> sections;
    for (const described_option& option : command.options) {
        if (sections.find(option.heading) == sections.end()) order.push_back(option.heading);
        sections[option.heading] += entry_of(option);
    }
    std::string all;
    for (const std::string& heading : order) all += ".SH \"" + roff(upper(heading)) + "\"\n" + sections[heading];
    return all;
}

std::string head(const std::string& page, const std::string& summary, const std::string& synopsis) {
    return ".TH " + roff(upper(page)) + " 1 \"\" \"libslickq " + slickq_version_string() +
           "\" \"User Commands\"\n.SH NAME\n" + roff(page) + " \\- " + roff(summary) + "\n.SH SYNOPSIS\n" + synopsis +
           "\n";
}

std::string tail_of(const described_command& command) { return ".SH NOTES\n.nf\n" + roff(command.footer) + "\n.fi\n"; }

std::string page_of(const described_command& command) {
    std::string words;
    for (const described_option& option : command.options) {
        if (option.dashed.empty()) words += " \\fI" + roff(option.word) + "\\fR";
    }
    return head("slickq-" + command.name, command.summary,
                "\\fBslickq " + command.name + "\\fR [\\fIOPTION\\fR...]" + words) +
           options_of(command) + tail_of(command) + ".SH \"SEE ALSO\"\n\\fBslickq\\fR(1)\n";
}

std::string main_page_of(const description& all) {
    std::string commands = ".SH DESCRIPTION\n" + roff(all.main.summary) + "\n.SH COMMANDS\n";
    for (const described_command& command : all.commands) {
        commands += ".TP\n\\fBslickq\\-" + command.name + "\\fR(1)\n" + roff(command.summary) + "\n";
    }
    return head("slickq", "queues in shared memory from the command line",
                "\\fBslickq\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fINAME\\fR]") +
           commands + options_of(all.main) + tail_of(all.main);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) throw failure("cannot write " + path.string());
}

struct man_options {
    std::string command;
    std::string into;
};

int man(const man_options& options, const description& all) {
    if (!options.into.empty()) {
        const std::filesystem::path into = options.into;
        std::filesystem::create_directories(into);
        write_file(into / "slickq.1", main_page_of(all));
        for (const described_command& command : all.commands)
            write_file(into / ("slickq-" + command.name + ".1"), page_of(command));
        return exit_ok;
    }
    const auto found = std::find_if(all.commands.begin(), all.commands.end(),
                                    [&](const described_command& command) { return command.name == options.command; });
    if (found == all.commands.end() && !options.command.empty())
        throw usage_error("there is no command '" + options.command + "'");
    std::fputs((found != all.commands.end() ? page_of(*found) : main_page_of(all)).c_str(), stdout);
    return exit_ok;
}

} // namespace

void describe_man(command_line& line) {
    const auto options = std::make_shared<man_options>();
    line.footer("Without a COMMAND it is the page of slickq itself. To read one: slickq man send | man -l -");
    line.run([options, line] { return man(*options, line.describe_all()); });
    line.word("COMMAND", options->command, "Of which command");
    line.text("--into", "DIRECTORY", options->into, "Write the pages of all commands to files there");
}

} // namespace tool
