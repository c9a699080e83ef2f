#include "processes.hpp"

#include "json.hpp"
#include "text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#if defined(__linux__)
#  include <pwd.h>
#  include <sys/sysmacros.h>
#  include <unistd.h>
#endif

namespace tool {
namespace {

#if defined(__linux__)

constexpr std::string_view directory = "/dev/shm/";
constexpr std::string_view deleted_mark = " (deleted)";

std::string command_of(const std::string& process) {
    std::ifstream file(process + "/comm");
    std::string command;
    std::getline(file, command);
    return command;
}

// The kernel writes a line end in a path as \012.
std::string unescaped(std::string_view path) {
    std::string text;
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path.substr(at, 4) == "\\012") {
            text += '\n';
            at += 3;
        } else {
            text += path[at];
        }
    }
    return text;
}

mapped_segment& entry_for(mappings& all, std::uint64_t device, std::uint64_t inode) {
    for (mapped_segment& known : all.segments) {
        if (known.device == device && known.inode == inode) return known;
    }
    all.segments.push_back({device, inode, {}, 0, false, {}});
    return all.segments.back();
}

// A line of /proc/PID/maps: 7f0a-7f0b rw-s 00000000 00:18 42     /dev/shm/name (deleted)
void take_line(mappings& all, const std::string& line, std::uint32_t pid, const std::string& process) {
    const std::size_t place = line.find(directory);
    if (place == std::string::npos || line.find('/') != place) return;
    unsigned long long first, last, offset, inode;
    unsigned device_major, device_minor;
    char permissions[5];
    if (std::sscanf(line.c_str(), "%llx-%llx %4s %llx %x:%x %llu", &first, &last, permissions, &offset, &device_major,
                    &device_minor, &inode) != 7) {
        return;
    }
    mapped_segment& segment = entry_for(all, ::makedev(device_major, device_minor), inode);
    std::string_view name = std::string_view(line).substr(place + directory.size());
    segment.is_deleted =
        name.size() > deleted_mark.size() && name.substr(name.size() - deleted_mark.size()) == deleted_mark;
    if (segment.is_deleted) name.remove_suffix(deleted_mark.size());
    segment.name = unescaped(name);
    segment.length = std::max<std::uint64_t>(segment.length, offset + (last - first));
    const bool is_writable = permissions[1] == 'w';
    if (!segment.users.empty() && segment.users.back().pid == pid) {
        segment.users.back().is_writable |= is_writable;
    } else {
        segment.users.push_back({pid, command_of(process), is_writable});
    }
}

#endif

} // namespace

const mapped_segment* mappings::find(const segment_file& file) const {
    const auto found = std::find_if(segments.begin(), segments.end(), [&](const mapped_segment& one) {
        return one.device == file.device && one.inode == file.inode;
    });
    return found == segments.end() ? nullptr : &*found;
}

#if defined(__linux__)

mappings scan_mappings() {
    mappings all;
    std::error_code error;
    for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::uint32_t pid = 0;
        const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (problem != std::errc() || stop != name.data() + name.size()) continue;
        all.is_known = true;
        if (pid == static_cast<std::uint32_t>(::getpid())) continue;
        const std::string process = "/proc/" + name;
        std::ifstream maps(process + "/maps");
        std::string line;
        while (std::getline(maps, line)) take_line(all, line, pid, process);
        std::error_code gone;
        if (!maps.is_open() && std::filesystem::exists(process, gone)) ++all.hidden;
    }
    return all;
}

std::string name_of_user(std::uint32_t id) {
    const passwd* const user = ::getpwuid(id);
    return user != nullptr ? printable(user->pw_name) : std::to_string(id);
}

#else

mappings scan_mappings() { return {}; }
std::string name_of_user(std::uint32_t id) { return std::to_string(id); }

#endif

std::vector<user_of_segment> users_of(const mappings& all, const segment_view& view) {
    const mapped_segment* const found = view.file ? all.find(*view.file) : nullptr;
    return found != nullptr ? found->users : std::vector<user_of_segment>();
}

std::string to_text(const std::vector<user_of_segment>& users) {
    std::string text;
    for (const user_of_segment& user : users) {
        if (!text.empty()) text += ", ";
        text += std::to_string(user.pid) + " (" + printable(user.command) +
                (user.is_writable ? ", read-write)" : ", read)");
    }
    return text;
}

json to_json(const std::vector<user_of_segment>& users) {
    json list = json::array();
    for (const user_of_segment& user : users) {
        list.push_back({{"pid", user.pid}, {"command", user.command}, {"is_writable", user.is_writable}});
    }
    return list;
}

} // namespace tool
