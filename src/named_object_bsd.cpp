// Shared memory as macOS and the BSDs have it: objects in a space of their own, that have their name from the start.
// macOS commits their memory when they get their length, which they get once; so an object is without a length for an
// instant, and unformatted for as long as that takes. What macOS does differently was read in XNU's
// bsd/kern/posix_shm.c, and is rebuilt in tests/platforms/xnu.cpp.
#include "named_object.hpp"

#include "error.hpp"
#include "system_call.hpp"

#include <cerrno>
#include <mutex>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slickq::detail {
namespace {

// XNU applies no umask to shared memory (shm_open() stores the mode as it is given). It can only be asked for by
// changing it: for that instant other threads make files for their owner alone, never for more than they meant.
mode_t current_umask() {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const mode_t mask = ::umask(077);
    ::umask(mask);
    return mask;
}

constexpr mode_t permission_bits = 0777;

} // namespace

std::size_t named_object::longest_name() noexcept {
#if defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
    return 255;
#else
    return 30; // PSHMNAMLEN is 31, with the '/'
#endif
}

// macOS refuses what POSIX does not name for shm_open(), O_NONBLOCK among it (EINVAL).
int named_object::flags_to_open() noexcept { return 0; }

std::optional<named_object> named_object::create(const std::string& name, std::uint64_t length, unsigned permissions,
                                                  making) {
    require_file_length(name, length);
    const mode_t mode = permissions != 0 ? static_cast<mode_t>(permissions) : 0666 & ~current_umask();
    named_object object(name, -1, access::read_write);
    object.is_published_ = false;
    object.handle_ = retry([&] { return ::shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, mode); });
    if (object.handle_ == -1) {
        if (errno == EEXIST) return std::nullopt;
        fail_os(errno, "segment '%s' can't be created", name.c_str());
    }
    const struct stat status = status_of(object.handle_, name);
    object.identity_ = identity_of(status);
    // XNU can't change the mode of one (fchmod() is EINVAL), and need not; other systems' umask took its part.
    if ((status.st_mode & permission_bits) != mode && retry([&] { return ::fchmod(object.handle_, mode); }) == -1) {
        fail_os(errno, "segment '%s': its permission bits can't be set to %04o", name.c_str(),
                static_cast<unsigned>(mode));
    }
    if (retry([&] { return ::ftruncate(object.handle_, static_cast<off_t>(length)); }) == -1) {
        fail_os(errno, "segment '%s': no room for its %llu bytes", name.c_str(),
                static_cast<unsigned long long>(length));
    }
    return object;
}

named_object::naming named_object::publish() {
    is_published_ = true;
    return naming::done;
}

// Unless the name leads to another object by now. On macOS that can't be told.
void named_object::take_back() noexcept {
    if (!is_unlinked()) ::shm_unlink(name_.c_str());
}

// Memory comes with the length.
void named_object::allocate(std::uint64_t, std::uint64_t) const {}
std::uint64_t named_object::first_hole(std::uint64_t) const { return length(); }

// XNU counts no links of shared memory (st_nlink is 0, as are st_dev and st_ino): whether the name is gone is told by
// looking for it.
bool named_object::is_unlinked() const {
    const int other = retry([&] { return ::shm_open(name_.c_str(), O_RDONLY, 0); });
    if (other == -1) return errno == ENOENT;
    struct stat status;
    const bool is_another = identity_.is_known() && ::fstat(other, &status) == 0 && identity_of(status) != identity_;
    ::close(other);
    return is_another;
}

} // namespace slickq::detail
