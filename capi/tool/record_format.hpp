// record_format.hpp - a record's bytes for a person or a program: as text, hexadecimal, base64, JSON, or by a format
// string like those of Python's struct.
#pragma once

#include "cli.hpp"
#include "json_fwd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

// "<qd4s": what fields a record has, and where. Formats as those of Python's struct, with native sizes and alignment
// for '@'.
class struct_format {
public:
    struct_format() = default;
    // names: of the fields, in order; "" for field0, field1 ... Throws usage_error.
    struct_format(const std::string& format, const std::string& names);

    std::size_t bytes() const noexcept { return bytes_; }
    // The fields of what is at `data`, bytes() long.
    json decode(const char* data) const;

private:
    struct field {
        char code;
        std::size_t offset;
        std::size_t size;  // of one
        std::size_t count; // of 's' and 'p': bytes
        std::string name;
    };
    json value_of(const field& f, const char* data) const;

    bool is_big_endian_ = false;
    std::size_t bytes_ = 0;
    std::vector<field> fields_;
};

// A record without the zero bytes that it was padded with, and the line end that slickq send sends along.
std::string_view line_of(std::string_view bytes);

class record_format {
public:
    enum kind : std::uint32_t { text, raw, hex, base64, json_lines, fields };

    record_format() = default;
    record_format(kind wanted, struct_format layout) : kind_(wanted), layout_(std::move(layout)) {}

    kind what() const noexcept { return kind_; }
    // Whether every record is an object of its own, with index and count in it.
    bool is_json() const noexcept { return kind_ == json_lines || kind_ == fields; }

    // One record as it is to be printed, with the line end; raw: as it is. index, count: shown before it if
    // wants_index.
    std::string print(std::string_view bytes, std::uint64_t index, std::uint32_t count, bool wants_index) const;

private:
    json object_of(std::string_view bytes, std::uint64_t index, std::uint32_t count) const;

    kind kind_ = text;
    struct_format layout_;
};

// What the command line says of it: --format, --struct, --fields.
struct format_options {
    std::uint32_t kind;
    std::string layout;
    std::string names;

    record_format make() const;
};
void describe_format(command_line& line, format_options& options, const char* usual);

} // namespace tool
