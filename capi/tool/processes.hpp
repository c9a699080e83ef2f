// processes.hpp - which processes have which segments mapped: what /proc says, on Linux, of those that we may look
// into.
#pragma once

#include "json_fwd.hpp"
#include "segment_view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tool {

struct user_of_segment {
    std::uint32_t pid = 0;
    std::string command;
    bool is_writable = false; // mapped for writing
};

struct mapped_segment {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::string name; // that it was mapped by
    std::uint64_t length = 0;
    bool is_deleted = false; // it has no name any more
    std::vector<user_of_segment> users;
};

struct mappings {
    std::vector<mapped_segment> segments;
    std::uint32_t hidden = 0; // processes that we may not look into: they may have more
    bool is_known = false;    // the system tells at all
    // Every process of the machine was looked into. Never in a container: who shares its /dev/shm is not in its /proc.
    bool is_complete = false;

    const mapped_segment* find(const segment_file& file) const;
};

// Looks through all processes but this one.
mappings scan_mappings();

// The users of that segment; none if nothing is known.
std::vector<user_of_segment> users_of(const mappings& all, const segment_view& view);

// "1234 (python3, read-write), 77 (slickq, read)"
std::string to_text(const std::vector<user_of_segment>& users);
json to_json(const std::vector<user_of_segment>& users);

// The user's name, or its number.
std::string name_of_user(std::uint32_t id);

} // namespace tool
