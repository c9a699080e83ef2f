// slickq completion: what shells need to complete commands, options and the names of queues; made from what --help is
// made from.
#include "cli.hpp"
#include "commands.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace tool {
namespace {

const char* const completion_footer =
    "Examples:\n"
    "  slickq completion bash > /etc/bash_completion.d/slickq\n"
    "  slickq completion zsh > \"${fpath[1]}/_slickq\"\n"
    "  slickq completion fish > ~/.config/fish/completions/slickq.fish";

constexpr const char* names_of_queues = "$(slickq ls --quiet 2>/dev/null)";

// Of options like --from oldest|newest: "oldest newest".
std::string words_of(const described_option& option) {
    std::string words = option.type;
    if (words.find('|') == std::string::npos) return "";
    std::replace(words.begin(), words.end(), '|', ' ');
    return words;
}

// In single quotes of a shell.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::string for_bash(const description& all) {
    std::string commands, values, options;
    for (const described_command& command : all.commands) {
        commands += command.name + " ";
        std::string dashed;
        for (const described_option& option : command.options) {
            for (const std::string& name : option.dashed) {
                dashed += name + " ";
                if (const std::string words = words_of(option); !words.empty()) {
                    values += "    '" + command.name + " " + name + "') choices='" + words + "' ;;\n";
                }
            }
        }
        options += "    " + command.name + ") options='" + dashed + "' ;;\n";
    }
    return "_slickq() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
           "    local choices= options=\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        COMPREPLY=($(compgen -W '" + commands + "--help --version' -- \"$word\"))\n"
           "        return\n    fi\n"
           "    case \"$command $before\" in\n" + values + "    esac\n"
           "    case \"$command\" in\n" + options + "    esac\n"
           "    if [ -n \"$choices\" ]; then COMPREPLY=($(compgen -W \"$choices\" -- \"$word\"))\n"
           "    elif [ \"${word#-}\" != \"$word\" ]; then COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
           "    else COMPREPLY=($(compgen -W \"" + names_of_queues + "\" -- \"$word\"))\n"
           "    fi\n}\n"
           "complete -o default -F _slickq slickq\n";
}

std::string for_zsh(const description& all) {
    std::string commands, values, options;
    for (const described_command& command : all.commands) {
        commands += "        " + quoted(command.name + ":" + command.summary) + "\n";
        options += "    " + command.name + ") options=(";
        for (const described_option& option : command.options) {
            for (const std::string& name : option.dashed) {
                options += "\n        " + quoted(name + ":" + option.text);
                if (const std::string words = words_of(option); !words.empty()) {
                    values += "    '" + command.name + " " + name + "') compadd " + words + "; return ;;\n";
                }
            }
        }
        options += ") ;;\n";
    }
    return "#compdef slickq\n_slickq() {\n    local -a commands options\n    commands=(\n" + commands + "    )\n"
           "    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
           "    case \"$words[2] ${words[CURRENT-1]}\" in\n" + values + "    esac\n"
           "    case \"$words[2]\" in\n" + options + "    esac\n"
           "    if [[ $words[CURRENT] == -* ]]; then _describe option options\n"
           "    else compadd -- ${(f)\"" + names_of_queues + "\"}; _files\n    fi\n}\n_slickq \"$@\"\n";
}

std::string for_fish(const description& all) {
    std::string text;
    for (const described_command& command : all.commands) {
        const std::string name = command.name;
        text += "complete -c slickq -n __fish_use_subcommand -a " + name + " -d " + quoted(command.summary) + "\n";
        const std::string within = "complete -c slickq -n '__fish_seen_subcommand_from " + name + "'";
        for (const described_option& option : command.options) {
            if (option.dashed.empty()) continue;
            text += within;
            for (const std::string& dashed : option.dashed)
                text += dashed[1] == '-' ? " -l " + dashed.substr(2) : " -s " + dashed.substr(1);
            if (!option.type.empty()) text += " -r";
            if (const std::string words = words_of(option); !words.empty()) text += " -f -a " + quoted(words);
            text += " -d " + quoted(option.text) + "\n";
        }
    }
    return text + "complete -c slickq -n 'not __fish_use_subcommand' -a '(slickq ls --quiet 2>/dev/null)'\n";
}

} // namespace

void describe_completion(command_line& line) {
    const auto wanted = std::make_shared<std::string>();
    line.footer(completion_footer);
    line.word("SHELL", *wanted, "bash, zsh or fish").required();
    line.run([wanted, line] {
        const description all = line.describe_all();
        std::string text;
        if (*wanted == "bash") text = for_bash(all);
        if (*wanted == "zsh") text = for_zsh(all);
        if (*wanted == "fish") text = for_fish(all);
        if (text.empty()) throw usage_error("'" + *wanted + "' is none of bash, zsh, fish");
        std::fputs(text.c_str(), stdout);
        return static_cast<int>(exit_ok);
    });
}

} // namespace tool
