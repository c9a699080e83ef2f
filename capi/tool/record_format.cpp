#include "record_format.hpp"

#include "json.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdio>

namespace tool {
namespace {

std::string base64_of(std::string_view bytes) {
    constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t three = 0;
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (k < have ? static_cast<unsigned char>(bytes[at + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += k <= have ? digits[three >> (18 - 6 * k) & 63u] : '=';
    }
    return text;
}

// 16 bytes a line, as hexdump -C prints them; `margin` before each.
std::string hex_of(std::string_view bytes, const std::string& margin) {
    std::string all;
    for (std::size_t line = 0; line < bytes.size(); line += 16) {
        const std::string_view part = bytes.substr(line, 16);
        char number[24];
        std::snprintf(number, sizeof number, "%06zx ", line);
        all += margin + number;
        for (std::size_t at = 0; at < 16; ++at) {
            std::snprintf(number, sizeof number, at < part.size() ? " %02x" : "   ",
                          at < part.size() ? static_cast<unsigned char>(part[at]) : 0u);
            all += at == 8 ? std::string(" ") + number : number;
        }
        all += "  |";
        for (const char c : part) all += c >= 0x20 && c < 0x7F ? c : '.';
        all += "|\n";
    }
    return all;
}

} // namespace

std::string_view line_of(std::string_view bytes) {
    bytes = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
    if (!bytes.empty() && bytes.back() == '\n') bytes.remove_suffix(1);
    return bytes;
}

json record_format::object_of(std::string_view bytes, std::uint64_t index, std::uint32_t count) const {
    json object = {{"index", index}, {"count", count}};
    if (kind_ == json_lines) {
        const bool is_text = json(std::string(bytes)).dump(-1, ' ', false, json::error_handler_t::ignore).size() ==
                             json(std::string(bytes)).dump(-1, ' ', false, json::error_handler_t::replace).size();
        if (is_text) object["text"] = std::string(bytes);
        else object["base64"] = base64_of(bytes);
        return object;
    }
    json elements = json::array();
    std::size_t at = 0;
    for (; layout_.bytes() != 0 && at + layout_.bytes() <= bytes.size(); at += layout_.bytes()) {
        elements.push_back(layout_.decode(bytes.data() + at));
    }
    if (elements.size() == 1) object["fields"] = elements[0];
    else object["fields"] = elements;
    if (at != bytes.size()) object["rest"] = base64_of(bytes.substr(at));
    return object;
}

std::string record_format::print(std::string_view bytes, std::uint64_t index, std::uint32_t count,
                                 bool wants_index) const {
    const std::string where = wants_index ? std::to_string(index) + " " + std::to_string(count) + "  " : "";
    switch (kind_) {
    case raw: return std::string(bytes);
    case text: return where + printable(line_of(bytes)) + "\n";
    case base64: return where + base64_of(bytes) + "\n";
    case hex:
        return (wants_index ? std::to_string(index) + " " + std::to_string(count) + "\n" : "") +
               hex_of(bytes, wants_index ? "  " : "");
    default: return to_text(object_of(bytes, index, count)) + "\n";
    }
}

record_format format_options::make() const {
    const bool has_fields = kind == record_format::fields;
    if (!layout.empty() && !has_fields) throw usage_error("--struct is of --format struct");
    if (has_fields && layout.empty()) throw usage_error("--format struct needs --struct FORMAT");
    return {static_cast<record_format::kind>(kind), has_fields ? struct_format(layout, names) : struct_format()};
}

void describe_format(command_line& line, format_options& options, const char* usual) {
    const auto set_layout = [&options](const std::string& text) {
        options.layout = text;
        options.kind = record_format::fields;
    };
    line.one_of("--format", options.kind,
                {{"text", record_format::text},
                 {"raw", record_format::raw},
                 {"hex", record_format::hex},
                 {"base64", record_format::base64},
                 {"json", record_format::json_lines},
                 {"struct", record_format::fields}},
                usual);
    line.parsed("--struct", "FORMAT", set_layout,
                "Decode records, as Python's struct does: '<qd8s'; sets --format struct");
    line.text("--fields", "NAMES", options.names, "Names of the decoded fields: time,price,side");
}

} // namespace tool
