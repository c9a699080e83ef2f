#include "holders.hpp"

#include "waiting.hpp"

#include <algorithm>

#if defined(__linux__)
#  include <cerrno>
#  include <csignal>

#  include <fcntl.h>
#  include <sys/stat.h>
#  include <sys/sysmacros.h>
#  include <unistd.h>
#endif

namespace tool {
namespace {

#if defined(__linux__)

// The kernel grants a write lease on a file only while nobody else has it open, and a read lease only while nobody has
// it open for writing; a mapping keeps its file open. Before Linux 5.3 it refuses always on tmpfs; it refuses who neither
// owns the file nor is root: then nothing is known. Whoever opens the file while the lease is held, for a moment, without
// waiting, gets EAGAIN; so it is only asked of what is about to be removed, repaired or reset.
bool kernel_says_unused(const segment_view& view, holder which) {
    if (!view.file) return false;
    const std::string path = "/dev/shm/" + (view.name.rfind('/', 0) == 0 ? view.name.substr(1) : view.name);
    const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (file == -1) return false;
    std::signal(SIGIO, SIG_IGN); // that somebody waits for the lease
    struct stat status;
    bool is_unused = false;
    if (::fstat(file, &status) == 0 && status.st_dev == view.file->device && status.st_ino == view.file->inode) {
        constexpr int tries = 20; // another command may be looking at it just now
        for (int k = 0; k < tries && !is_unused; ++k) {
            if (k != 0) nap(5'000'000);
            is_unused = ::fcntl(file, F_SETLEASE, which == holder::any ? F_WRLCK : F_RDLCK) == 0;
            if (!is_unused && errno != EAGAIN) break;
        }
    }
    ::close(file); // and with it the lease
    return is_unused;
}

#else

bool kernel_says_unused(const segment_view&, holder) { return false; }

#endif

} // namespace

bool is_surely_unused(const mappings& all, const segment_view& view, holder which) {
    const std::vector<user_of_segment> users = users_of(all, view);
    const bool has_users = std::any_of(users.begin(), users.end(), [which](const user_of_segment& user) {
        return which == holder::any || user.is_writable;
    });
    return !has_users && (all.is_complete || kernel_says_unused(view, which));
}

std::string unseen_text(const mappings& all) {
    if (!all.is_known) return "this system does not tell which processes have it mapped";
    if (all.hidden != 0)
        return "a process that may not be looked into (" + std::to_string(all.hidden) + " of them) may have it mapped";
    return "a process outside this container (pid namespace) may have it mapped";
}

} // namespace tool
