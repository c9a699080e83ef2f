#include "processes.hpp"

#include "json.hpp"
#include "text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#if defined(__linux__)
#  include <pwd.h>
#  include <sys/stat.h>
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

// False: nothing is in it. errno tells why it could not be opened, or is 0.
bool read_maps(mappings& all, const std::string& path, std::uint32_t pid, const std::string& process) {
    errno = 0;
    std::ifstream maps(path);
    if (!maps.is_open()) return false;
    errno = 0;
    std::string line;
    bool has_any = false;
    for (; std::getline(maps, line); has_any = true) take_line(all, line, pid, process);
    return has_any;
}

// A process whose main thread has ended shows its mappings at its other threads. False: we may not look into it.
bool look_into(mappings& all, std::uint32_t pid, const std::string& process) {
    const auto is_readable = [] { return errno == 0 || errno == ENOENT || errno == ESRCH; };
    if (read_maps(all, process + "/maps", pid, process)) return true;
    if (!is_readable()) return false;
    std::error_code error;
    for (std::filesystem::directory_iterator at(process + "/task", error), end; !error && at != end;
         at.increment(error)) {
        if (read_maps(all, at->path().string() + "/maps", pid, process)) return true;
        if (!is_readable()) return false;
    }
    return true;
}

// Whether /proc is that of the pid namespace which has all processes in it, and ours.
bool has_all_processes() {
    constexpr ino_t initial_pid_namespace = 0xEFFFFFFC; // the kernel's PROC_PID_INIT_INO
    struct stat status;
    return ::stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == initial_pid_namespace;
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
    const std::string self = std::filesystem::read_symlink("/proc/self", error).string(); // our number in that /proc
    bool has_seen_init = false; // hidepid shows only one's own processes, and says nothing of the others
    for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        std::uint32_t pid = 0;
        const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (problem != std::errc() || stop != name.data() + name.size()) continue;
        all.is_known = true;
        has_seen_init |= pid == 1;
        if (name == self) continue;
        if (!look_into(all, pid, "/proc/" + name)) ++all.hidden;
    }
    all.is_complete = !error && all.hidden == 0 && has_seen_init && has_all_processes();
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
