#include "cli.hpp"

#include "error.hpp"
#include "io.hpp"

#include <CLI/CLI.hpp>

#include <slickq/slickq.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>
#include <system_error>

namespace tool {
namespace {

std::function<int()> chosen; // by the command that was parsed

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

const CLI::Validator as_size = CLI::AsSizeValue(false).description("");

CLI::Option* add_size(CLI::App& app, const char* dashed, const char* type, auto& value, const char* description) {
    // What transforms is put in front: `positive` is asked first.
    return app.add_option(dashed, value, description)->transform(as_size)->transform(positive)->type_name(type);
}

std::string version_text() {
    return std::string("slickq (libslickq) ") + slickq_version_string() + ", ABI " +
           std::to_string(slickq_abi_version());
}

described_command described(const CLI::App& app) {
    described_command result{
        app.get_parent() != nullptr ? app.get_name() : "", app.get_description(), app.get_footer(), {}};
    for (const CLI::Option* option : app.get_options()) {
        described_option one{{}, "", option->get_type_name(), option->get_description(), option->get_group()};
        for (const std::string& name : option->get_lnames()) one.dashed.push_back("--" + name);
        for (const std::string& name : option->get_snames()) one.dashed.push_back("-" + name);
        if (one.dashed.empty()) {
            one.word = option->get_name();
            one.heading = "Arguments";
        }
        result.options.push_back(std::move(one));
    }
    return result;
}

// Every command's output is finished here: what could not be written is an error, unless its reader has gone.
int finish(int code) {
    try {
        flush_stdout();
    } catch (const std::exception& error) {
        note(error.what());
        return exit_error;
    }
    return code;
}

std::string problem_of(const CLI::App& app, const CLI::ParseError& error, const char* first_word) {
    if (!app.get_subcommands().empty()) return error.what();
    return std::string(first_word[0] == '-' ? "there is no option '" : "there is no command '") + first_word + "'";
}

} // namespace

option& option::group(const char* heading) {
    made_->group(heading);
    return *this;
}
option& option::excludes(const option& other) {
    made_->excludes(other.made_);
    return *this;
}
option& option::required() {
    made_->required();
    return *this;
}

void command_line::footer(const char* text) { app_.footer(text); }
void command_line::run(std::function<int()> action) {
    app_.callback([action = std::move(action)] { chosen = action; });
}

option command_line::name(std::string& value) {
    return option(app_.add_option("NAME", value, "The queue's name, as ticks or /ticks")->required()->type_name(""));
}
option command_line::names(std::vector<std::string>& values, const char* description) {
    return option(app_.add_option("NAME", values, description)->type_name(""));
}
option command_line::word(const char* type, std::string& value, const char* description) {
    return option(app_.add_option(type, value, description)->type_name(""));
}
option command_line::words(const char* type, std::vector<std::string>& values, const char* description) {
    return option(app_.add_option(type, values, description)->type_name(""));
}

option command_line::flag(const char* dashed, bool& value, const char* description) {
    return option(app_.add_flag(dashed, value, description));
}
option command_line::text(const char* dashed, const char* type, std::string& value, const char* description) {
    return option(app_.add_option(dashed, value, description)->type_name(type));
}
option command_line::parsed(const char* dashed, const char* type, std::function<void(const std::string&)> parse,
                            const char* description, bool repeats) {
    const auto each = [parse = std::move(parse), dashed](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
            try {
                parse(text);
            } catch (const usage_error& error) {
                throw CLI::ValidationError(dashed, error.what());
            }
        }
    };
    return option(app_.add_option_function<std::vector<std::string>>(dashed, each, description)
                      ->allow_extra_args(false) // what follows it is NAME or FILE
                      ->expected(1)
                      ->multi_option_policy(repeats ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw)
                      ->type_name(type));
}
option command_line::size(const char* dashed, const char* type, std::uint64_t& value, const char* description) {
    return option(add_size(app_, dashed, type, value, description));
}
option command_line::size(const char* dashed, const char* type, std::uint32_t& value, const char* description) {
    return option(add_size(app_, dashed, type, value, description));
}
option command_line::number(const char* dashed, const char* type, std::uint64_t& value, const char* description) {
    return option(app_.add_option(dashed, value, description)->check(positive)->type_name(type));
}
option command_line::seconds(const char* dashed, double& value, const char* description) {
    return option(app_.add_option(dashed, value, description)->check(not_negative)->type_name("SECONDS"));
}
option command_line::one_of(const char* dashed, std::uint32_t& value, std::vector<choice> choices,
                            const char* description) {
    std::string words;
    for (const choice& c : choices) words += (words.empty() ? "" : "|") + std::string(c.word);
    const auto choose = [&value, choices, words, dashed](const std::string& text) {
        const auto found =
            std::find_if(choices.begin(), choices.end(), [&](const choice& c) { return text == c.word; });
        if (found == choices.end()) throw CLI::ValidationError(dashed, "'" + text + "' is none of " + words);
        value = found->value;
    };
    return option(app_.add_option_function<std::string>(dashed, choose, description)->type_name(words));
}

option command_line::json(bool& value) { return flag("--json", value, "JSON, for programs"); }
option command_line::element_size(std::uint32_t& value) {
    return size("--element-size", "BYTES", value, "Bytes of an element: needed for a queue of layout wide");
}

description command_line::describe_all() const {
    const CLI::App& main = *app_.get_parent();
    description all{described(main), {}};
    for (const CLI::App* command : static_cast<const CLI::App&>(main).get_subcommands({}))
        all.commands.push_back(described(*command));
    return all;
}

cursor_address parse_cursor(const char* flag, const std::string& text) {
    cursor_address address{text, 0};
    const std::size_t colon = text.rfind(':');
    const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos) {
        address.name.resize(colon);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.offset);
        if (error != std::errc()) throw usage_error("the offset of '" + text + "' is out of range");
    }
    if (address.name.empty()) throw usage_error("'" + text + "' has no name of a cursor for " + flag);
    return address;
}

int run_command_line(int argc, char** argv, const char* overview, const char* footer,
                     const std::vector<command_entry>& commands) {
    CLI::App app(overview, "slickq");
    app.footer(footer);
    app.set_version_flag("--version", version_text, "Print the version and end");
    app.require_subcommand(1);
    for (const command_entry& entry : commands) {
        command_line line(*app.add_subcommand(entry.name, entry.summary));
        entry.describe(line);
    }

    if (argc < 2) {
        std::fputs(app.help().c_str(), stderr);
        return exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help, --version
        std::ostringstream text;
        const int code = app.exit(asked, text, text);
        std::fputs(text.str().c_str(), stdout);
        return finish(code);
    } catch (const CLI::ParseError& error) {
        const std::vector<CLI::App*> named = app.get_subcommands();
        const std::string command = named.empty() ? "" : named.front()->get_name() + " ";
        note(problem_of(app, error, argv[1]) + "\n  see: slickq " + command + "--help");
        return exit_usage;
    }
    try {
        return finish(chosen());
    } catch (const usage_error& error) {
        note(std::string(error.what()) + "\n  see: slickq " + app.get_subcommands().front()->get_name() + " --help");
        return exit_usage;
    } catch (const std::exception& error) {
        note(error.what());
        return exit_error;
    }
}

} // namespace tool
