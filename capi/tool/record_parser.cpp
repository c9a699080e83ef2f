#include "record_parser.hpp"

#include "error.hpp"
#include "json.hpp"

namespace tool {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int sextet_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

std::string_view record_parser::operator()(std::string_view line) {
    ++line_;
    if (kind_ == line_format::raw) return line;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    bytes_.clear();
    const bool is_good = kind_ == line_format::hex      ? parse_hex(line)
                         : kind_ == line_format::base64 ? parse_base64(line)
                                                        : parse_json(line);
    if (!is_good || bytes_.empty()) {
        const char* const what = kind_ == line_format::hex      ? "hexadecimal digits, two a byte"
                                 : kind_ == line_format::base64 ? "base64"
                                                                : "an object with \"text\" or \"base64\"";
        throw failure("line " + std::to_string(line_) + " of " + from_ + " is not " + what);
    }
    return bytes_;
}

bool record_parser::parse_hex(std::string_view digits) {
    int high = -1;
    for (const char c : digits) {
        if (c == ' ' && high == -1) continue;
        const int digit = digit_of(c);
        if (digit == -1) return false;
        if (high == -1) {
            high = digit;
        } else {
            bytes_ += static_cast<char>(high << 4 | digit);
            high = -1;
        }
    }
    return high == -1;
}

bool record_parser::parse_base64(std::string_view text) {
    if (text.size() % 4 != 0) return false;
    const std::size_t padding = text.empty() || text.back() != '=' ? 0 : text[text.size() - 2] == '=' ? 2 : 1;
    text.remove_suffix(padding);
    std::uint32_t bits = 0;
    unsigned have = 0;
    for (const char c : text) {
        const int sextet = sextet_of(c);
        if (sextet == -1) return false;
        bits = bits << 6 | static_cast<std::uint32_t>(sextet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes_ += static_cast<char>(bits >> have & 0xFF);
        }
    }
    return true;
}

bool record_parser::parse_json(std::string_view text) {
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object()) return false;
    if (const auto found = object.find("text"); found != object.end() && found->is_string()) {
        bytes_ = found->get<std::string>();
        return true;
    }
    const auto found = object.find("base64");
    return found != object.end() && found->is_string() && parse_base64(found->get<std::string>());
}

} // namespace tool
