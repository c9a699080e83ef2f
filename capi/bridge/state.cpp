#include "state.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <system_error>

namespace bridge {
namespace {

constexpr char state_magic[8] = {'S', 'L', 'Q', 'B', 'R', 'I', 'D', 'G'};
constexpr std::uint32_t state_version = 1;
constexpr std::size_t length = sizeof(state_page);

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

state_page* map(int file, int protection, const std::string& path) {
    void* const address = mmap(nullptr, length, protection, MAP_SHARED, file, 0);
    if (address == MAP_FAILED) fail("cannot map " + path);
    return static_cast<state_page*>(address);
}

// Tries for a second: `status` has it for a moment, to see whether anybody else has.
bool lock(int file) {
    for (int tries = 0; tries < 20; ++tries) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return true;
        usleep(50'000);
    }
    return false;
}

bool is_state(const state_page& page) {
    return std::memcmp(page.magic, state_magic, sizeof state_magic) == 0 && page.version == state_version;
}

} // namespace

std::uint64_t losses::sum() const {
    std::uint64_t all = 0;
    for (const std::uint64_t n : elements) all += n;
    return all;
}

state::state(const std::string& directory, const std::string& name, char kind) {
    if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) fail("cannot make the state directory " + directory);
    // /dev/shm is everybody's: somebody else's directory of that name is none to trust.
    struct stat about {};
    if (lstat(directory.c_str(), &about) != 0) fail("cannot look at the state directory " + directory);
    if (!S_ISDIR(about.st_mode) || (about.st_uid != geteuid() && about.st_uid != 0)) {
        throw std::runtime_error("the state directory " + directory + " belongs to somebody else: set state_directory");
    }
    const std::string path = directory + "/" + name + ".state";
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file_ < 0) fail("cannot open " + path);
    try {
        if (!lock(file_)) {
            throw std::runtime_error("direction '" + name +
                                     "' is run by another slickq-bridge already (it has locked " + path + ")");
        }
        // Allocated now: a full file system is an error here, and never a SIGBUS later.
        if (const int error = posix_fallocate(file_, 0, static_cast<off_t>(length)); error != 0) {
            throw std::system_error(error, std::generic_category(), "no room for " + path);
        }
        page_ = map(file_, PROT_READ | PROT_WRITE, path);
        const bool is_fresh =
            std::all_of(page_->magic, page_->magic + sizeof page_->magic, [](char c) { return c == 0; });
        if (is_fresh) {
            new (page_) state_page{};
            page_->version = state_version;
            page_->kind = static_cast<std::uint32_t>(kind);
            std::atomic_signal_fence(std::memory_order_release); // a kill leaves no magic without the rest
            std::memcpy(page_->magic, state_magic, sizeof state_magic);
        } else if (!is_state(*page_) || page_->kind != static_cast<std::uint32_t>(kind)) {
            munmap(page_, length);
            throw std::runtime_error(
                path + " is the state of something else: give the direction another name, or remove the file");
        }
    } catch (...) {
        close(file_);
        throw;
    }
    page_->pid = static_cast<std::uint32_t>(getpid());
}

state::~state() {
    page_->now.is_connected.store(0, std::memory_order_relaxed);
    munmap(page_, length);
    close(file_);
}

state_view::state_view(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) fail("cannot open " + path);
    struct stat about {};
    if (fstat(file, &about) == 0 && static_cast<std::size_t>(about.st_size) >= length) {
        try {
            page_ = map(file, PROT_READ, path);
        } catch (...) {
            close(file);
            throw;
        }
        if (!is_state(*page_)) {
            munmap(const_cast<state_page*>(page_), length);
            page_ = nullptr;
        }
    }
    is_running_ = flock(file, LOCK_SH | LOCK_NB) != 0;
    close(file);
}

state_view::~state_view() {
    if (page_ != nullptr) munmap(const_cast<state_page*>(page_), length);
}

commit state_view::current() const noexcept {
    for (int tries = 0;; ++tries) {
        const std::uint32_t before = page_->current.load(std::memory_order_acquire);
        const commit copy = page_->slots[before & 1];
        std::atomic_thread_fence(std::memory_order_acquire);
        // The slot in use is not written before `current` has left it.
        if (page_->current.load(std::memory_order_relaxed) == before || tries == 1000) return copy;
    }
}

std::string default_state_directory() {
    if (const char* const given = std::getenv("RUNTIME_DIRECTORY"); given != nullptr && *given != 0) return given;
    return "/dev/shm/slickq-bridge-" + std::to_string(getuid());
}

} // namespace bridge
