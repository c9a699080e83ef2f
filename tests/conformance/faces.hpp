// The same few operations on a queue through each of the ways to use it, so that one set of data drives them all.
#pragma once

#include <slickq/detail/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace test {

struct seen_record {
    std::uint64_t position = 0;
    std::uint32_t count = 0;
    std::span<const std::byte> data;
};

class face {
public:
    virtual ~face() = default;
    virtual std::uint64_t reserve(std::uint32_t count) = 0;
    virtual std::byte* at(std::uint64_t index) = 0;
    virtual bool publish(std::uint64_t index, std::uint32_t count) = 0;
    virtual std::optional<seen_record> read(std::uint64_t& cursor) = 0;
    virtual std::optional<seen_record> read_shared(std::uint64_t& cell) = 0;
    virtual std::uint64_t initial_reading_index() = 0;
};

// The face's names, for parameterised tests: "ring", "c" and "cpp".
std::vector<std::string> face_names();

// A new queue: the ring over a plain array, a local queue through the C API, a shared one through the C++ face (which has no
// constructor for a layout of one's choice: the segment is created through the C API and adopted).
std::unique_ptr<face> make_face(const std::string& name, const slickq::geometry& shape);

// The faces on an existing shared segment.
std::unique_ptr<face> open_face(const std::string& name, const std::string& segment, const slickq::geometry& shape);

} // namespace test
