// cli.hpp - the command line. Each command describes itself in these terms, once: parsing, --help, the man pages and
// the shells' completion are made from that (by CLI11, which stays behind this header).
#pragma once

#include "command.hpp"

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace tool {

// The command line makes no sense: ends the command with exit_usage.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class option {
public:
    explicit option(CLI::Option* made) : made_(made) {}
    option& group(const char* heading);
    option& excludes(const option& other);
    option& required();

private:
    friend class command_line;
    CLI::Option* made_;
};

struct choice {
    const char* word;
    std::uint32_t value;
};

// Of one command.
class command_line {
public:
    explicit command_line(CLI::App& app) : app_(app) {}

    void footer(const char* text);
    // What to do if this is the command that was asked for.
    void run(std::function<int()> action);

    // The NAME of a queue, and several of them.
    option name(std::string& value);
    option names(std::vector<std::string>& values, const char* description);
    // Words without a dash before them. type: how --help calls them.
    option word(const char* type, std::string& value, const char* description);
    option words(const char* type, std::vector<std::string>& values, const char* description);

    option flag(const char* dashed, bool& value, const char* description);
    option text(const char* dashed, const char* type, std::string& value, const char* description);
    // parse throws usage_error; `repeats`: it may be given more than once.
    option parsed(const char* dashed, const char* type, std::function<void(const std::string&)> parse,
                  const char* description, bool repeats = false);
    // A size or number above 0, which may end in k, M or G: powers of 1024.
    option size(const char* dashed, const char* type, std::uint64_t& value, const char* description);
    option size(const char* dashed, const char* type, std::uint32_t& value, const char* description);
    option number(const char* dashed, const char* type, std::uint64_t& value, const char* description);
    option seconds(const char* dashed, double& value, const char* description);
    option one_of(const char* dashed, std::uint32_t& value, std::vector<choice> choices, const char* description);

    // Options that several commands have.
    option json(bool& value);
    option element_size(std::uint32_t& value);

    // All commands as they have described themselves; for what is made from that. To be called in run().
    class description describe_all() const;

private:
    CLI::App& app_;
};

// The whole command line, for the man pages and the shells.
struct described_option {
    std::vector<std::string> dashed; // "--count", "-n"; none: a word
    std::string word;                // how a word is called
    std::string type;                // "RECORDS", "oldest|newest", or "" for a flag
    std::string text;
    std::string heading;
};
struct described_command {
    std::string name; // "" for slickq itself
    std::string summary;
    std::string footer;
    std::vector<described_option> options;
};
class description {
public:
    described_command main;
    std::vector<described_command> commands;
};

// NAME[:OFFSET]. A name may have a ':' itself: only digits after the last one are an offset.
cursor_address parse_cursor(const char* flag, const std::string& text);

struct command_entry {
    const char* name;
    const char* summary;
    void (*describe)(command_line&);
};

// Describes the commands, parses and runs. overview, footer: of slickq --help.
int run_command_line(int argc, char** argv, const char* overview, const char* footer,
                     const std::vector<command_entry>& commands);

} // namespace tool
