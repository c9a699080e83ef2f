// record_parser.hpp - lines of text into the bytes of records: the other way round than record_format.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tool {

namespace line_format {
enum kind : std::uint32_t { raw, hex, base64, json_lines };
}

class record_parser {
public:
    // from: what the lines come from, for messages.
    record_parser(std::uint32_t kind, std::string from) : kind_(kind), from_(std::move(from)) {}

    // The record that a line stands for, valid until the next call. Throws a failure that names the line.
    std::string_view operator()(std::string_view line);

private:
    bool parse_hex(std::string_view digits);
    bool parse_base64(std::string_view text);
    bool parse_json(std::string_view text);

    std::uint32_t kind_;
    std::string from_;
    std::uint64_t line_ = 0;
    std::string bytes_;
};

} // namespace tool
