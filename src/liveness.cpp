#include "liveness.hpp"

#include <slickq/detail/os_wait.hpp>

#if defined(_WIN32)
#  include <windows.h>
#else
#  include <cerrno>
#  include <climits>
#  include <csignal>
#  include <cstdio>
#  include <cstdlib>
#  include <cstring>

#  include <atomic>
#  include <new>

#  include <fcntl.h>
#  include <pthread.h>
#  include <sys/mman.h>
#  include <sys/stat.h>
#  include <unistd.h>
#  if defined(__APPLE__)
#    include <sys/sysctl.h>
#  endif
#endif

namespace slickq::detail {

namespace {
// For what there is only one of on a system.
constexpr std::uint64_t the_only_one = 1;
} // namespace

#if defined(_WIN32)

namespace {

std::uint64_t start_time_of(HANDLE process) noexcept {
    FILETIME began, ended, in_kernel, in_user;
    if (!::GetProcessTimes(process, &began, &ended, &in_kernel, &in_user)) return 0;
    return std::uint64_t{began.dwHighDateTime} << 32 | began.dwLowDateTime;
}

} // namespace

std::uint32_t this_pid() noexcept { return static_cast<std::uint32_t>(::GetCurrentProcessId()); }
process_identity this_process() noexcept {
    return {this_pid(), start_time_of(::GetCurrentProcess()), the_only_one, the_only_one};
}
std::uint32_t this_clock() noexcept { return the_only_one; }

liveness liveness_by_number(const process_identity& who) noexcept {
    const HANDLE process = ::OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, who.pid);
    if (process == nullptr) { // an invalid parameter: there is no such process
        return ::GetLastError() == ERROR_INVALID_PARAMETER ? liveness::dead : liveness::unknown;
    }
    const bool has_ended = ::WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    const std::uint64_t began = start_time_of(process);
    ::CloseHandle(process);
    if (has_ended) return liveness::dead;
    if (who.start_time == 0 || began == 0) return liveness::unknown;
    return began == who.start_time ? liveness::alive : liveness::dead;
}

#else

namespace {

struct process_state {
    bool has_ended = false;
    std::uint64_t start_time = 0; // as its system counts; 0: not known
};

#if defined(__linux__)

// The first bytes of a file, as a string. Empty: it can't be read.
template <std::size_t size>
void read_text(const char* path, char (&text)[size]) noexcept {
    text[0] = '\0';
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) return;
    const ssize_t length = ::read(file, text, size - 1);
    ::close(file);
    text[length > 0 ? length : 0] = '\0';
}

// A /proc of another pid namespace (a container's, made without mounting its own) has other processes under the
// numbers. The process finds itself there under another number, or under several ("NSpid", since Linux 4.1).
bool has_own_proc() noexcept {
    char target[32];
    const ssize_t length = ::readlink("/proc/self", target, sizeof target - 1);
    if (length <= 0) return false;
    target[length] = '\0';
    if (std::strtol(target, nullptr, 10) != ::getpid()) return false;
    char text[4096];
    read_text("/proc/self/status", text);
    const char* line = std::strstr(text, "\nNSpid:\t");
    if (line == nullptr) return true;
    line += std::strlen("\nNSpid:\t");
    return line[std::strcspn(line, "\t\n")] != '\t';
}

// /proc/PID/stat: "PID (name) S ..." of which the state is the 3rd field, the number of threads the 20th, the start
// time the 22nd; the name may have anything in it. See proc(5). A process whose main thread has ended is shown as a
// zombie while its others live on: it counts them.
process_state look_up(std::uint32_t pid) noexcept {
    process_state found;
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
    char text[1024];
    read_text(path, text);
    const char* at = std::strrchr(text, ')');
    if (at == nullptr || at[1] != ' ') return found;
    at += 2;
    const char letter = *at;
    long threads = 0;
    for (int field = 3; field < 22 && at != nullptr; ++field) {
        if (field == 20) threads = std::strtol(at, nullptr, 10);
        at = std::strchr(at, ' ');
        if (at != nullptr) ++at;
    }
    found.has_ended = letter == 'X' || (letter == 'Z' && threads <= 1);
    if (at != nullptr) found.start_time = std::strtoull(at, nullptr, 10);
    return found;
}

// 0: not known. Where the system has no time namespaces (before Linux 5.6) there is one.
std::uint64_t namespace_of(const char* path) noexcept {
    struct stat status;
    return ::stat(path, &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0;
}
std::uint64_t own_pid_namespace() noexcept { return namespace_of("/proc/self/ns/pid"); }
std::uint64_t own_time_namespace() noexcept {
    const std::uint64_t known = namespace_of("/proc/self/ns/time");
    return known != 0 || namespace_of("/proc/self/ns/pid") == 0 ? known : the_only_one;
}

#else

#  if defined(__APPLE__)
process_state look_up(std::uint32_t pid) noexcept {
    process_state found;
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, static_cast<int>(pid)};
    struct kinfo_proc info;
    std::size_t length = sizeof info;
    if (::sysctl(name, 4, &info, &length, nullptr, 0) != 0 || length < sizeof info) return found;
    found.has_ended = info.kp_proc.p_stat == SZOMB;
    const auto& began = info.kp_proc.p_starttime;
    found.start_time = static_cast<std::uint64_t>(began.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(began.tv_usec);
    return found;
}
#  else
process_state look_up(std::uint32_t) noexcept { return {}; }
#  endif
bool has_own_proc() noexcept { return true; }
std::uint64_t own_pid_namespace() noexcept { return the_only_one; }
std::uint64_t own_time_namespace() noexcept { return the_only_one; }

#endif

// What a process finds out about itself once. A child of fork() finds it all zero: in a page that the system wipes
// (Linux since 4.14), and by a handler, for systems without, and for emulators which say that they have it.
struct known_self {
    std::atomic<std::uint32_t> pid{0}; // of this process, or 0: no other value is stored
    std::atomic<bool> is_complete{false}; // the rest is there: pairs with itself
    std::atomic<std::uint64_t> start_time{0};
    std::atomic<std::uint64_t> pid_namespace{0};
    std::atomic<std::uint64_t> time_namespace{0};
    std::atomic<bool> sees_others{false}; // /proc is ours
};

known_self* place_for_self() noexcept {
    static known_self plain;
    known_self* place = &plain;
#if defined(MADV_WIPEONFORK)
    const std::size_t length = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* const page = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && ::madvise(page, length, MADV_WIPEONFORK) == 0) {
        place = new (page) known_self;
    } else if (page != MAP_FAILED) {
        ::munmap(page, length);
    }
#endif
    static known_self* forgotten_by_children;
    forgotten_by_children = place;
    ::pthread_atfork(nullptr, nullptr, [] {
        forgotten_by_children->pid.store(0, std::memory_order_relaxed);
        forgotten_by_children->is_complete.store(false, std::memory_order_relaxed);
    });
    return place;
}

known_self& self() noexcept {
    static known_self* const place = place_for_self();
    return *place;
}

// Relaxed: whoever does it finds the same.
const known_self& complete_self() noexcept {
    known_self& me = self();
    if (me.is_complete.load(std::memory_order_acquire)) return me;
    const bool sees_others = has_own_proc();
    me.start_time.store(sees_others ? look_up(this_pid()).start_time : 0, std::memory_order_relaxed);
    me.pid_namespace.store(own_pid_namespace(), std::memory_order_relaxed);
    me.time_namespace.store(own_time_namespace(), std::memory_order_relaxed);
    me.sees_others.store(sees_others, std::memory_order_relaxed);
    me.is_complete.store(true, std::memory_order_release);
    return me;
}

} // namespace

// The system call takes longer than what it protects: its answer is kept where a child does not find it.
std::uint32_t this_pid() noexcept {
    known_self& me = self();
    std::uint32_t pid = me.pid.load(std::memory_order_relaxed);
    if (pid != 0) return pid;
    pid = static_cast<std::uint32_t>(::getpid());
    me.pid.store(pid, std::memory_order_relaxed);
    return pid;
}

process_identity this_process() noexcept {
    const int error = errno;
    const std::uint32_t pid = this_pid();
    const known_self& me = complete_self();
    errno = error;
    return {pid, me.start_time.load(std::memory_order_relaxed), me.pid_namespace.load(std::memory_order_relaxed),
            me.time_namespace.load(std::memory_order_relaxed)};
}

// Namespaces are numbered from a high number on: the low bits tell them apart.
std::uint32_t this_clock() noexcept {
    const int error = errno;
    const std::uint64_t name = complete_self().time_namespace.load(std::memory_order_relaxed);
    errno = error;
    return static_cast<std::uint32_t>(name) & 0x3FFFFF;
}

liveness liveness_by_number(const process_identity& who) noexcept {
    const int error = errno;
    const auto answer = [&] {
        const process_identity me = this_process();
        if (who.pid == 0 || who.pid > INT_MAX) return liveness::dead; // no process has that number
        if (!who.is_told) return liveness::unknown;
        const bool is_mine = who.pid == me.pid && who.pid_namespace == me.pid_namespace && who.start_time == me.start_time &&
                             who.time_namespace == me.time_namespace;
        if (is_mine) return liveness::alive; // whether there is a /proc or not
        if (who.pid_namespace == 0 || who.pid_namespace != me.pid_namespace) return liveness::unknown;
        if (::kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH) return liveness::dead;
        if (!complete_self().sees_others.load(std::memory_order_relaxed)) return liveness::unknown;
        const bool is_number_mine = who.pid == me.pid;
        const process_state state = is_number_mine ? process_state{false, me.start_time} : look_up(who.pid);
        if (state.has_ended) return liveness::dead; // be it the owner, or another one which got its number after it
        const bool can_compare = who.time_namespace != 0 && who.time_namespace == me.time_namespace && who.start_time != 0 &&
                                 state.start_time != 0;
        if (!can_compare) return liveness::unknown;
        return who.start_time == state.start_time ? liveness::alive : liveness::dead;
    };
    const liveness found = answer();
    errno = error;
    return found;
}

#endif

} // namespace slickq::detail

std::uint32_t slickq_detail_process_id() noexcept { return slickq::detail::this_pid(); }
