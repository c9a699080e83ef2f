#include "process.hpp"

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
#  include <sys/mman.h>
#  include <sys/stat.h>
#  include <unistd.h>
#endif

namespace slickq::detail {

#if defined(_WIN32)

std::uint32_t this_pid() noexcept { return static_cast<std::uint32_t>(::GetCurrentProcessId()); }
process_identity this_process() noexcept { return {this_pid(), 0, 0}; }

bool is_alive(const process_identity& who) noexcept {
    const HANDLE process = ::OpenProcess(SYNCHRONIZE, FALSE, who.pid);
    if (process == nullptr) return ::GetLastError() != ERROR_INVALID_PARAMETER; // that is: no such process
    const bool has_ended = ::WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    ::CloseHandle(process);
    return !has_ended;
}

#else

namespace {

struct process_state {
    char letter = '?';               // 'Z' and 'X' have ended
    std::uint64_t start_time = 0;    // clock ticks after the machine's start; 0: not known
};

// /proc/PID/stat: "PID (name) S ..." of which the state is the 3rd field and the start time the 22nd; the name may have anything in it.
// See proc(5).
process_state look_up([[maybe_unused]] std::uint32_t pid) noexcept {
    process_state found;
#if defined(__linux__)
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%u/stat", pid);
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) return found;
    char text[1024];
    const ssize_t length = ::read(file, text, sizeof text - 1);
    ::close(file);
    if (length <= 0) return found;
    text[length] = '\0';
    const char* at = std::strrchr(text, ')');
    if (at == nullptr || at[1] != ' ') return found;
    at += 2;
    found.letter = *at;
    for (int field = 3; field < 22 && at != nullptr; ++field) {
        at = std::strchr(at, ' ');
        if (at != nullptr) ++at;
    }
    if (at != nullptr) found.start_time = std::strtoull(at, nullptr, 10);
#endif
    return found;
}

std::uint64_t own_pid_namespace() noexcept {
    struct stat status;
    return ::stat("/proc/self/ns/pid", &status) == 0 ? static_cast<std::uint64_t>(status.st_ino) : 0;
}

} // namespace

namespace {

// A page that is all zero again in a child of fork(); nullptr where there is none (Linux before 4.14, other systems).
std::atomic<std::uint32_t>* page_wiped_by_fork() noexcept {
#if defined(MADV_WIPEONFORK)
    const std::size_t length = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* const page = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return nullptr;
    if (::madvise(page, length, MADV_WIPEONFORK) == 0) return new (page) std::atomic<std::uint32_t>{0};
    ::munmap(page, length);
#endif
    return nullptr;
}

} // namespace

// The system call takes longer than what it protects: its answer is kept where a child does not find it.
std::uint32_t this_pid() noexcept {
    static std::atomic<std::uint32_t>* const known = page_wiped_by_fork();
    std::uint32_t pid = known != nullptr ? known->load(std::memory_order_relaxed) : 0; // of this process, or 0: no other value is stored
    if (pid != 0) return pid;
    pid = static_cast<std::uint32_t>(::getpid());
    if (known != nullptr) known->store(pid, std::memory_order_relaxed);
    return pid;
}

process_identity this_process() noexcept {
    const int error = errno;
    const std::uint32_t pid = this_pid();
    const process_identity self{pid, look_up(pid).start_time, own_pid_namespace()};
    errno = error;
    return self;
}

bool is_alive(const process_identity& who) noexcept {
    const int error = errno;
    const auto answer = [&]() -> bool {
        if (who.pid == 0 || who.pid > INT_MAX) return false; // no process has that number
        if (who.pid_namespace != 0 && who.pid_namespace != own_pid_namespace()) return true;
        if (::kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH) return false;
        const process_state state = look_up(who.pid);
        if (state.letter == 'Z' || state.letter == 'X') return false;
        return who.start_time == 0 || state.start_time == 0 || who.start_time == state.start_time;
    };
    const bool lives = answer();
    errno = error;
    return lives;
}

#endif

} // namespace slickq::detail
