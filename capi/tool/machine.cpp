#include "machine.hpp"

#include "table.hpp"

#if defined(__linux__)

#  include <algorithm>
#  include <filesystem>
#  include <fstream>
#  include <set>
#  include <string>
#  include <sys/resource.h>
#  include <sys/statvfs.h>

namespace tool {
namespace {

void add_space(std::vector<finding>& all) {
    struct statvfs space;
    if (::statvfs("/dev/shm", &space) != 0) {
        all.push_back({"no-shm", weight::fault, "certain", "there is no /dev/shm, where segments live",
                       "mkdir -p /dev/shm; mount -t tmpfs tmpfs /dev/shm", "", {}});
        return;
    }
    const double total = static_cast<double>(space.f_blocks) * static_cast<double>(space.f_frsize);
    const double free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
    if ((space.f_flag & ST_RDONLY) != 0) {
        all.push_back({"read-only",
                       weight::fault,
                       "certain",
                       "/dev/shm is mounted read-only: queues can be read and not written",
                       "mount -o remount,rw /dev/shm",
                       "",
                       {}});
    }
    if (total > 0 && free < total / 10) {
        all.push_back(
            {"full",
             free < total / 50 ? weight::fault : weight::warning,
             "certain",
             "/dev/shm is nearly full: " + short_bytes(free) + " of " + short_bytes(total) +
                 " are left; new queues are refused, and peers that write to segments without memory are killed",
             "remove what is not needed (slickq ls, ls -l /dev/shm), or make it larger: mount -o remount,size=SIZE "
             "/dev/shm",
             "",
             {}});
    }
}

bool says_no(const std::filesystem::path& path) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        line.erase(std::remove(line.begin(), line.end(), ' '), line.end());
        if (line.rfind("RemoveIPC=no", 0) == 0) return true;
    }
    return false;
}

// systemd-logind removes what a user who is no system user has in /dev/shm when that user's last session ends.
bool removes_at_logout() {
    std::error_code error;
    if (!std::filesystem::exists("/run/systemd/seats", error)) return false;
    bool is_off = says_no("/etc/systemd/logind.conf");
    for (std::filesystem::directory_iterator at("/etc/systemd/logind.conf.d", error), end; !error && at != end;
         at.increment(error)) {
        is_off = is_off || says_no(at->path());
    }
    return !is_off;
}

void add_logout(std::vector<finding>& all, const std::vector<segment_view>& segments) {
    constexpr std::uint32_t first_regular_user = 1000;
    std::set<std::uint32_t> owners;
    for (const segment_view& view : segments) {
        const bool is_ours = view.is_queue() || view.is_cursor();
        if (is_ours && view.file && view.file->owner >= first_regular_user) owners.insert(view.file->owner);
    }
    if (owners.empty() || !removes_at_logout()) return;
    for (const std::uint32_t owner : owners) {
        const std::string user = name_of_user(owner);
        std::error_code error;
        if (std::filesystem::exists("/var/lib/systemd/linger/" + user, error)) continue;
        all.push_back(
            {"logout",
             weight::warning,
             "likely",
             "when the last session of " + user + " ends, systemd-logind removes the names of " + user + "'s segments",
             "loginctl enable-linger " + user + "; or RemoveIPC=no in /etc/systemd/logind.conf",
             "",
             {}});
    }
}

void add_limits(std::vector<finding>& all) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 256) {
        all.push_back({"limit",
                       weight::hint,
                       "certain",
                       "programs started here may have only " + std::to_string(files.rlim_cur) + " files open",
                       "ulimit -n 1024",
                       "",
                       {}});
    }
}

} // namespace

std::vector<finding> findings_of_machine(const std::vector<segment_view>& segments) {
    std::vector<finding> all;
    add_space(all);
    add_logout(all, segments);
    add_limits(all);
    return all;
}

} // namespace tool

#else

namespace tool {

std::vector<finding> findings_of_machine(const std::vector<segment_view>&) { return {}; }

} // namespace tool

#endif
