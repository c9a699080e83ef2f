// identity.hpp - which queue: the 16 random bytes of its segment.
#pragma once

#include <cstdint>
#include <string>

namespace bridge {

struct identity {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    bool operator==(const identity&) const = default;
    bool is_set() const { return (high | low) != 0; }

    // 32 hexadecimal digits.
    std::string text() const;
    // False if it is none; *this is then as it was.
    bool parse(const std::string& text);
};

} // namespace bridge
