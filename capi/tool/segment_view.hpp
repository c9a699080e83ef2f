// segment_view.hpp - what is under a name, looked at read-only: a queue, a shared cursor, or something that is neither.
#pragma once

#include "json_fwd.hpp"
#include "shared_queue.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tool {

constexpr std::uint64_t no_index = UINT64_MAX;
constexpr std::uint64_t header_length = 64;
// A header, a slot and an element of one byte: a segment that is shorter is no whole queue of any layout.
constexpr std::uint64_t shortest_queue = header_length + 16 + 1;

// What the file system knows of a segment; on Linux.
struct segment_file {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;      // permission bits
    std::int64_t made_at_s = 0;  // since 1970
    std::uint64_t allocated = 0; // bytes of memory behind it
};

struct segment_view {
    std::string name;
    slickq_status status = SLICKQ_OK; // of looking at it; the rest is known if it is SLICKQ_OK
    slickq_inspection seen{};
    std::string message; // of the status, or of a verdict that is not SLICKQ_OK
    // It is too short for a queue, and may be a shared cursor. Nobody tells where in it: the first cell that is not 0,
    // or if there is none the first one.
    std::optional<std::uint64_t> cursor_value;
    std::uint64_t cursor_offset = 0;
    std::optional<segment_file> file;

    bool is_queue() const { return status == SLICKQ_OK && seen.verdict == SLICKQ_OK; }
    bool is_cursor() const { return cursor_value.has_value(); }
    // Nothing is in it that would tell what it is: a queue that is just being made, or whose creator died; a shared
    // cursor that stands at 0, or lies behind the first 64 bytes; or a file of somebody else.
    bool is_blank() const {
        return status == SLICKQ_OK && !is_cursor() &&
               (seen.verdict == SLICKQ_E_NO_LENGTH || seen.verdict == SLICKQ_E_NOT_READY);
    }
    // One word of it tells of an initialisation that was begun, which anything else may hold as well.
    bool is_hardly_begun() const {
        return status == SLICKQ_OK && seen.verdict == SLICKQ_E_HALF_MADE && !has_marker() &&
               seen.layout == SLICKQ_LAYOUT_ANY;
    }
    // It bears the marker of an SLQ layout, whatever else is in it: nothing but a queue does.
    bool has_marker() const { return status == SLICKQ_OK && seen.marker >> 8 == 0x534C51; }
};

// element_size: 0 if not known. Does not throw: see status.
segment_view look_at(const std::string& name, std::uint32_t element_size);

// The queue, opened read-only without waiting; nullptr if it can't be (any more).
std::unique_ptr<shared_queue> open_to_look(const std::string& name, std::uint32_t element_size);

// The names of all that lies where segments do, in order. Throws where the system keeps no list of them.
std::vector<std::string> segment_names();

// Those of them that are queues.
std::vector<std::string> queue_names();

// "a queue, ready to use" and so on.
std::string headline(const segment_view& view);

// What to do about a verdict that is not SLICKQ_OK; "" if there is nothing to say.
std::string advice_of(const segment_view& view);

// The fields that every command uses for a segment.
json to_json(const segment_view& view);

} // namespace tool
