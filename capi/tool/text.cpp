#include "text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace tool {
namespace {

struct character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool is_valid = false;
};

// The first character of a text that is not empty. A byte that begins no UTF-8 sequence is one that is not valid.
character first_of(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {lead, 1, false};
    char32_t code = lead & (0x7Fu >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0u) != 0x80) return {lead, 1, false};
        code = code << 6 | (byte(at) & 0x3Fu);
    }
    constexpr char32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    if (code < shortest[length] || code > 0x10FFFF || is_surrogate) return {lead, 1, false};
    return {code, length, true};
}

// What a terminal shows as itself: no controls, and nothing that is invisible or turns the direction of what follows.
bool is_visible(char32_t code) {
    const auto within = [code](char32_t first, char32_t last) { return code >= first && code <= last; };
    return !(code < 0x20 || within(0x7F, 0x9F) || code == 0xAD || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
             within(0x2060, 0x206F) || code == 0xFEFF || within(0xE0000, 0xE0FFF));
}

void append_escape(std::string& to, const character& c) {
    char escape[16];
    const char* const letters = "\a\b\t\n\v\f\r";
    if (c.is_valid && c.code >= 7 && c.code <= 13) {
        to += '\\';
        to += "abtnvfr"[c.code - static_cast<unsigned char>(letters[0])];
        return;
    }
    std::snprintf(escape, sizeof escape, c.is_valid && c.code > 0x7F ? "\\u{%X}" : "\\x%02X",
                  static_cast<unsigned>(c.code));
    to += escape;
}

} // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const character c = first_of(text);
        if (c.is_valid && is_visible(c.code)) {
            shown += text.substr(0, c.bytes);
        } else {
            append_escape(shown, c);
        }
        text.remove_prefix(c.bytes);
    }
    return shown;
}

std::string printable_lines(std::string_view text) {
    std::string shown;
    for (;;) {
        const std::size_t end = text.find('\n');
        shown += printable(text.substr(0, end));
        if (end == std::string_view::npos) return shown;
        shown += '\n';
        text.remove_prefix(end + 1);
    }
}

std::string visible_json(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        // Below 0x7F there is nothing to do: JSON has no raw controls in its strings.
        const auto end = std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x7F; });
        const auto plain = static_cast<std::size_t>(end - text.begin());
        shown += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const character c = first_of(text);
        char escape[16];
        if (is_visible(c.code)) {
            shown += text.substr(0, c.bytes);
        } else if (c.code < 0x10000) {
            std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c.code));
            shown += escape;
        } else {
            const auto rest = static_cast<unsigned>(c.code) - 0x10000u;
            std::snprintf(escape, sizeof escape, "\\u%04X\\u%04X", 0xD800u + (rest >> 10), 0xDC00u + (rest & 0x3FFu));
            shown += escape;
        }
        text.remove_prefix(c.bytes);
    }
    return shown;
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%=";
    if (!text.empty() && text.front() != '-' && text.find_first_not_of(plain) == std::string_view::npos)
        return std::string(text);
    if (!text.empty() && text.front() == '-')
        return shell_word('/' + std::string(text)); // a leading '/' names the same segment

    bool is_visible_text = true;
    for (std::string_view rest = text; !rest.empty() && is_visible_text;) {
        const character c = first_of(rest);
        is_visible_text = c.is_valid && is_visible(c.code);
        rest.remove_prefix(c.bytes);
    }
    std::string quoted = is_visible_text ? "'" : "$'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_visible_text) {
            quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
        } else if (c == '\'' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte >= 0x7F) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            quoted += escape;
        } else {
            quoted += c;
        }
    }
    return quoted + '\'';
}

} // namespace tool
