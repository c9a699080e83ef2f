// The recorded data in tests/golden, as its README.md describes it.
#pragma once

#include "support/shm_file.hpp"

#include <slickq/detail/layout.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace test {

// One JSON object a line.
std::vector<nlohmann::json> read_lines(const std::string& file);

bytes read_file(const std::string& file);

// What the recorder wrote into the element with that index.
void fill_elements(std::byte* elements, std::uint64_t index, std::uint32_t count, std::uint32_t element_size);

std::string hex(std::span<const std::byte> data);
std::string fnv1a(std::span<const std::byte> data); // 64 bits, as 16 hex digits

const char* layout_text(slickq::layout value);

} // namespace test
