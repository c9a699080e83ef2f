// hash.hpp - FNV-1a: the same number on every machine and in every version.
#pragma once

#include <cstdint>
#include <string>

namespace bridge {

inline std::uint64_t hash_of(const std::string& text) noexcept {
    std::uint64_t h = 0xCBF29CE484222325;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    return h;
}

} // namespace bridge
