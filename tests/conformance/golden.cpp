#include "golden.hpp"

#include <slickq/slickq.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace test {
namespace {

std::ifstream open_golden(const std::string& file) {
    std::ifstream in(std::string(SLICKQ_GOLDEN_DIR "/") + file, std::ios::binary);
    if (!in) throw std::runtime_error("can't read golden file " + file);
    return in;
}

} // namespace

std::vector<nlohmann::json> read_lines(const std::string& file) {
    std::ifstream in = open_golden(file);
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
}

bytes read_file(const std::string& file) {
    std::ifstream in = open_golden(file);
    bytes content;
    for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) content.push_back(static_cast<std::byte>(*at));
    return content;
}

void fill_elements(std::byte* elements, std::uint64_t index, std::uint32_t count, std::uint32_t element_size) {
    for (std::uint32_t k = 0; k < count; ++k) {
        for (std::uint32_t j = 0; j < element_size; ++j) {
            elements[std::size_t{k} * element_size + j] = static_cast<std::byte>((index + k) * 31 + j * 7 + 13);
        }
    }
}

std::string hex(std::span<const std::byte> data) {
    std::string text;
    for (const std::byte b : data) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", std::to_integer<unsigned>(b));
        text += two;
    }
    return text;
}

std::string fnv1a(std::span<const std::byte> data) {
    std::uint64_t hash = 0x14650fb0739d0383; // the recorder's offset basis, not FNV's usual one
    for (const std::byte b : data) hash = (hash ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3;
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

const char* layout_text(slickq::layout value) { return slickq_layout_name(static_cast<std::uint32_t>(value)); }

} // namespace test
