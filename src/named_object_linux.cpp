// Shared memory as Linux has it: files in /dev/shm. One is made without a name (O_TMPFILE), and gets it by linkat(2)
// when it is complete. So nobody ever finds it half-made, whatever this process dies of, and a peer that opens or
// creates under the same name meets either nothing or a whole queue. (slick-queue gives a file of length 0 a length of
// its own, and so cuts off one that is being made.)
//
// Where that can't be done (a /dev/shm that is no tmpfs, no /proc) it lies under a private name in the same directory
// meanwhile. Such a name begins with private_prefix. Its maker holds a lock on the file (flock(2)), which ends with the
// process: who makes the next one removes those that nobody holds.
#include "named_object.hpp"

#include "error.hpp"
#include "system_call.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace slickq::detail {
namespace {

constexpr const char* directory = "/dev/shm"; // where shm_open() looks, in glibc and in musl
constexpr const char* private_prefix = ".slickq-unfinished-";

std::string path_of(const std::string& name) { return directory + name; }

[[noreturn]] void fail_to_create(int error, const std::string& name) {
    if (error == ENOENT) {
        fail_os_as(SLICKQ_E_OS, error, "segment '%s' can't be created, mount a tmpfs at %s", name.c_str(), directory);
    }
    if (error == EROFS) {
        fail_os_as(SLICKQ_E_OS, error, "segment '%s' can't be created in %s", name.c_str(), directory);
    }
    fail_os(error, "segment '%s' can't be created", name.c_str());
}

// Without a name; -1 if that can't be had here.
int open_unnamed(const std::string& name, mode_t mode) {
    const int descriptor = retry([&] { return ::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, mode); });
    if (descriptor != -1) return descriptor;
    // Filesystems and kernels that don't have it (open(2)).
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return -1;
    fail_to_create(errno, name);
}

// Removes what makers left behind that were killed at it. Whoever has just made his file, and does not hold it yet,
// notices and makes another.
void clear_private_names() noexcept {
    DIR* const all = ::opendir(directory);
    if (all == nullptr) return;
    const std::size_t prefix_length = std::strlen(private_prefix);
    while (const dirent* const entry = ::readdir(all)) {
        if (std::strncmp(entry->d_name, private_prefix, prefix_length) != 0) continue;
        const int file = ::openat(::dirfd(all), entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file == -1) continue;
        if (::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlinkat(::dirfd(all), entry->d_name, 0);
        ::close(file);
    }
    ::closedir(all);
}

// Under a name of its own, that nobody else makes.
int open_private(const std::string& name, mode_t mode, std::string& private_name) {
    clear_private_names();
    static constinit std::atomic<unsigned> serial{0};
    for (int tries = 0; tries < 1000; ++tries) {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        char text[100];
        std::snprintf(text, sizeof text, "/%s%ld-%u-%lx-%lx", private_prefix, static_cast<long>(::getpid()),
                      serial.fetch_add(1, std::memory_order_relaxed), // only its uniqueness counts
                      static_cast<unsigned long>(now.tv_sec), static_cast<unsigned long>(now.tv_nsec));
        private_name = path_of(text);
        const int descriptor = retry([&] {
            return ::open(private_name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC, mode);
        });
        if (descriptor != -1) {
            // A system without such locks is one where nobody clears up either.
            static_cast<void>(retry([&] { return ::flock(descriptor, LOCK_EX); }));
            return descriptor;
        }
        if (errno != EEXIST) break;
    }
    fail_to_create(errno, name);
}

// One attempt after the other to get memory for the bytes, each of which a signal may interrupt and undo (on kernels
// before 6.x): in parts that become smaller each time, so that what is done between two signals is done. `allocate`
// gives errno, or 0.
template <class Allocate>
int allocate_in_parts(std::uint64_t offset, std::uint64_t length, Allocate allocate) {
    constexpr std::uint64_t smallest = 4096;
    constexpr int most_interruptions = 100; // of a part that takes about a microsecond
    std::uint64_t part = length;
    int interruptions = 0;
    for (std::uint64_t done = 0; done < length;) {
        const std::uint64_t now = std::min(part, length - done);
        const int error = allocate(static_cast<off_t>(offset + done), static_cast<off_t>(now));
        if (error == 0) {
            done += now;
            interruptions = 0;
        } else if (error != EINTR) {
            return error;
        } else if (part > smallest) {
            part = std::max(part / 2 / smallest * smallest, smallest);
        } else if (++interruptions == most_interruptions) {
            return EINTR;
        }
    }
    return 0;
}

[[noreturn]] void fail_to_allocate(int error, const std::string& name, std::uint64_t length) {
    fail_os(error, "segment '%s': no room for its %llu bytes", name.c_str(), static_cast<unsigned long long>(length));
}

bool has_all_its_memory(const struct stat& status) noexcept {
    return static_cast<std::uint64_t>(status.st_blocks) * 512 >= static_cast<std::uint64_t>(status.st_size);
}

} // namespace

std::size_t named_object::longest_name() noexcept { return NAME_MAX; }

// O_NONBLOCK: should a FIFO lie there, opening it must not wait for its writer.
int named_object::flags_to_open() noexcept { return O_NONBLOCK; }

std::optional<named_object> named_object::create(const std::string& name, std::uint64_t length, unsigned permissions,
                                                  making way) {
    struct stat status;
    const std::string path = path_of(name);
    if (::fstatat(AT_FDCWD, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return std::nullopt; // spares the effort
    const mode_t mode = permissions != 0 ? static_cast<mode_t>(permissions) : mode_t{0666};
    require_file_length(name, length);
    named_object object(name, -1, access::read_write);
    object.is_published_ = false;
    object.private_name_.reserve(path.size() + 100); // before there is something to lose
    if (way == making::unnamed) object.handle_ = open_unnamed(name, mode);
    if (object.handle_ == -1) object.handle_ = open_private(name, mode, object.private_name_);
    if (permissions != 0 && retry([&] { return ::fchmod(object.handle_, mode); }) == -1) { // the umask took its part
        fail_os(errno, "segment '%s': its permission bits can't be set to %04o", name.c_str(), permissions);
    }
    // tmpfs gives out length without memory; this asks for both. It returns the error instead of setting errno.
    const int error = allocate_in_parts(0, length, [&](off_t from, off_t bytes) {
        return ::posix_fallocate(object.handle_, from, bytes);
    });
    if (error != 0) fail_to_allocate(error, name, length);
    object.identity_ = identity_of(status_of(object.handle_, name));
    return object;
}

named_object::naming named_object::publish() {
    if (is_published_) return naming::done;
    const std::string path = path_of(name_);
    const bool is_unnamed = private_name_.empty();
    int result = -1;
    if (is_unnamed) {
        char self[40];
        std::snprintf(self, sizeof self, "/proc/self/fd/%d", handle_);
        result = retry([&] { return ::linkat(AT_FDCWD, self, AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW); });
    } else {
        // Not rename(2), which would take the name from another. For an instant the whole segment has two names.
        result = retry([&] { return ::linkat(AT_FDCWD, private_name_.c_str(), AT_FDCWD, path.c_str(), 0); });
        if (result == 0) ::unlink(private_name_.c_str());
    }
    if (result == 0) {
        is_published_ = true;
        return naming::done;
    }
    if (errno == EEXIST) return naming::taken;
    const int error = errno;
    // What may be for want of /proc, or because of a policy that forbids such links.
    const bool is_refused = error == ENOENT || error == EPERM || error == EACCES || error == ENOSYS ||
                            error == EOPNOTSUPP || error == EINVAL || error == EXDEV || error == ELOOP;
    if (is_unnamed && is_refused) return naming::again;
    if (error == ENOENT) return naming::again; // it was taken for one that a dead process left
    fail_to_create(error, name_);
}

void named_object::take_back() noexcept {
    if (!private_name_.empty()) ::unlink(private_name_.c_str());
}

void named_object::allocate(std::uint64_t offset, std::uint64_t length) const {
    if (has_all_its_memory(status_of(handle_, name_))) return;
    // Its length is not touched, should a peer have changed it.
    const int error = allocate_in_parts(offset, length, [&](off_t from, off_t bytes) {
        return ::fallocate(handle_, FALLOC_FL_KEEP_SIZE, from, bytes) == 0 ? 0 : errno;
    });
    if (error == EOPNOTSUPP || error == ENOSYS) return; // then holes are what this filesystem makes of files
    if (error != 0) fail_to_allocate(error, name_, length);
}

std::uint64_t named_object::first_hole(std::uint64_t offset) const {
    const struct stat status = status_of(handle_, name_);
    const auto length = static_cast<std::uint64_t>(status.st_size);
    if (offset >= length || has_all_its_memory(status)) return length;
    const off_t found = ::lseek(handle_, static_cast<off_t>(offset), SEEK_HOLE);
    if (found == -1) return errno == ENXIO ? offset : length; // truncated just now; a filesystem that can't tell
    return static_cast<std::uint64_t>(found);
}

bool named_object::is_unlinked() const {
    struct stat status;
    return ::fstat(handle_, &status) == 0 && status.st_nlink == 0;
}

} // namespace slickq::detail
