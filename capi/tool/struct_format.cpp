// Decoding by a format string, as Python's struct does.
#include "json.hpp"
#include "record_format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace tool {
namespace {

struct code_size {
    char code;
    std::size_t standard; // 0: not there but natively
    std::size_t native;
};
constexpr code_size sizes[] = {{'x', 1, 1},
                               {'c', 1, 1},
                               {'b', 1, 1},
                               {'B', 1, 1},
                               {'?', 1, 1},
                               {'h', 2, 2},
                               {'H', 2, 2},
                               {'i', 4, 4},
                               {'I', 4, 4},
                               {'l', 4, sizeof(long)},
                               {'L', 4, sizeof(long)},
                               {'q', 8, 8},
                               {'Q', 8, 8},
                               {'n', 0, 8},
                               {'N', 0, 8},
                               {'e', 2, 2},
                               {'f', 4, 4},
                               {'d', 8, 8},
                               {'s', 1, 1},
                               {'p', 1, 1},
                               {'P', 0, 8}};

std::size_t size_of(char code, bool is_native) {
    for (const code_size& one : sizes) {
        if (one.code == code && (is_native || one.standard != 0)) return is_native ? one.native : one.standard;
    }
    throw usage_error(std::string("'") + code + "' is no format character " +
                      (is_native ? "" : "with standard sizes ") + "of --struct");
}

double half(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const double fraction = bits & 1023;
    const double size = exponent == 0    ? std::ldexp(fraction, -24)
                        : exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                                         : std::ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 != 0 ? -size : size;
}

// JSON has no numbers for these.
json number_or_text(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

} // namespace

struct_format::struct_format(const std::string& format, const std::string& names) {
    std::string_view rest = format;
    bool is_native = true, is_aligned = true;
    if (!rest.empty() && std::string_view("@=<>!").find(rest.front()) != std::string_view::npos) {
        is_native = is_aligned = rest.front() == '@';
        is_big_endian_ = rest.front() == '>' || rest.front() == '!';
        rest.remove_prefix(1);
    }
    std::string_view left_names = names;
    const auto add = [&](char code, std::size_t size, std::size_t count) {
        const std::size_t end = std::min(left_names.find(','), left_names.size());
        std::string name(left_names.substr(0, end));
        left_names.remove_prefix(std::min(end + 1, left_names.size()));
        if (name.empty()) name = "field" + std::to_string(fields_.size());
        fields_.push_back({code, bytes_, size, count, std::move(name)});
        bytes_ += size * count;
    };
    while (!rest.empty()) {
        if (rest.front() == ' ') {
            rest.remove_prefix(1);
            continue;
        }
        std::size_t count = 0, digits = 0;
        for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
            count = count * 10 + static_cast<std::size_t>(rest[digits] - '0');
            if (count > 65536) throw usage_error("a count in --struct is too large");
        }
        if (digits == 0) count = 1;
        if (digits == rest.size()) throw usage_error("--struct ends in a count");
        const char code = rest[digits];
        const std::size_t size = size_of(code, is_native);
        rest.remove_prefix(digits + 1);
        if (is_aligned) bytes_ = (bytes_ + size - 1) / size * size;
        if (code == 'x') {
            bytes_ += count;
        } else if (code == 's' || code == 'p') {
            add(code, 1, count);
        } else {
            for (std::size_t k = 0; k < count; ++k) add(code, size, 1);
        }
    }
    if (fields_.empty()) throw usage_error("--struct '" + format + "' has no field");
    if (!left_names.empty()) throw usage_error("--fields has more names than --struct '" + format + "' has fields");
}

json struct_format::value_of(const field& f, const char* data) const {
    if (f.code == 's') {
        const std::string_view bytes(data, f.count);
        return std::string(bytes.substr(0, bytes.find_last_not_of('\0') + 1));
    }
    if (f.code == 'p')
        return std::string(data + (f.count != 0),
                           std::min<std::size_t>(f.count != 0 ? static_cast<unsigned char>(*data) : 0,
                                                 f.count == 0 ? 0 : f.count - 1));
    if (f.code == 'c') return std::string(1, *data);
    unsigned char bytes[8] = {};
    std::memcpy(bytes, data, f.size);
    if (is_big_endian_) std::reverse(bytes, bytes + f.size);
    std::uint64_t bits = 0;
    for (std::size_t k = f.size; k-- > 0;) bits = bits << 8 | bytes[k];
    switch (f.code) {
    case '?': return bits != 0;
    case 'e': return number_or_text(half(static_cast<std::uint16_t>(bits)));
    case 'f': return number_or_text(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
    case 'd': return number_or_text(std::bit_cast<double>(bits));
    default: break;
    }
    const bool is_signed = std::string_view("bhilqn").find(f.code) != std::string_view::npos;
    if (!is_signed) return bits;
    const unsigned unused = 64 - static_cast<unsigned>(f.size) * 8;
    return static_cast<std::int64_t>(bits << unused) >> unused;
}

json struct_format::decode(const char* data) const {
    json object = json::object();
    for (const field& f : fields_) object[f.name] = value_of(f, data + f.offset);
    return object;
}

} // namespace tool
