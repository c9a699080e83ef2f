// What is in the records of the storms: bytes that follow from the record's index alone, so that a record with a single byte of
// another one is told from a whole one, whatever its length (a checksum would need room that a record of 1 byte does not have).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace storm {

constexpr std::size_t longest_record = 4096; // bytes

class payload {
public:
    payload() : noise_(offsets + longest_record) {
        std::mt19937_64 random(1); // the same in every process
        for (auto& byte : noise_) byte = static_cast<unsigned char>(random());
    }

    const unsigned char* of(std::uint64_t index) const { return noise_.data() + (index * 0x9E3779B97F4A7C15 >> 32) % offsets; }

    bool is_whole(std::uint64_t index, const void* data, std::size_t length) const {
        return std::memcmp(of(index), data, length) == 0;
    }

private:
    static constexpr std::size_t offsets = 1 << 16;
    std::vector<unsigned char> noise_;
};

} // namespace storm
