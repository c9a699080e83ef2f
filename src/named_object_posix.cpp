// What POSIX systems have in common; see named_object_linux.cpp and named_object_bsd.cpp for the rest.
#include "named_object.hpp"

#include "error.hpp"
#include "system_call.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slickq::detail {

std::uint64_t longest_file() noexcept {
    rlimit limit{};
    return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

void require_file_length(const std::string& name, std::uint64_t length) {
    const std::uint64_t longest = longest_file();
    if (length <= longest) return;
    fail_os_as(SLICKQ_E_LIMIT, EFBIG, "segment '%s': its %llu bytes are more than this process may give a file, %llu (ulimit -f)",
               name.c_str(), static_cast<unsigned long long>(length), static_cast<unsigned long long>(longest));
}

std::string named_object::checked_name(const char* name) {
    const char* text = name[0] == '/' ? name + 1 : name;
    const std::string rest(text);
    if (rest.empty() || rest == "." || rest == ".." || rest.find('/') != std::string::npos) {
        fail(SLICKQ_E_NAME, "'%.260s' can't be a segment's name: it takes one optional '/' and then a text without '/'", name);
    }
    if (rest.size() > longest_name()) {
        fail(SLICKQ_E_NAME, "a segment's name of %zu bytes is too long: at most %zu behind the '/'", rest.size(),
             longest_name());
    }
    return '/' + rest;
}

std::optional<named_object> named_object::open(const std::string& name, access mode) {
    const int flags = (mode == access::read_only ? O_RDONLY : O_RDWR) | flags_to_open();
    named_object object(name, -1, mode);
    object.handle_ = retry([&] { return ::shm_open(name.c_str(), flags, 0); });
    if (object.handle_ == -1) {
        if (errno == ENOENT) return std::nullopt;
        const char* wanted = mode == access::read_only ? "read" : "read and write";
        if (errno == EINVAL || errno == ENXIO) { // glibc's answers to a directory, and to a socket
            fail(SLICKQ_E_NOT_A_QUEUE, "'%s' is no shared memory but another kind of file", name.c_str());
        }
        fail_os(errno, "segment '%s' can't be opened to %s", name.c_str(), wanted);
    }
    const struct stat status = status_of(object.handle_, name);
    // XNU gives shared memory no file type (bsd/kern/posix_shm.c, pshm_stat()), and FreeBSD calls it a regular file.
    if ((status.st_mode & S_IFMT) != 0 && !S_ISREG(status.st_mode)) {
        fail(SLICKQ_E_NOT_A_QUEUE, "'%s' is no shared memory but another kind of file", name.c_str());
    }
    object.identity_ = identity_of(status);
    return object;
}

void named_object::remove(const std::string& name) {
    if (retry([&] { return ::shm_unlink(name.c_str()); }) == -1) {
        fail_os(errno, "segment '%s' can't be removed", name.c_str());
    }
}

named_object::named_object(named_object&& other) noexcept
    : name_(std::move(other.name_)), handle_(other.handle_), mode_(other.mode_), identity_(other.identity_),
      is_published_(other.is_published_), private_name_(std::move(other.private_name_)) {
    other.handle_ = -1;
}

named_object::~named_object() {
    if (handle_ == -1) return;
    if (!is_published_) take_back();
    // Not retried: after EINTR Linux has closed it, and the number may be another thread's file already.
    ::close(handle_);
}

std::uint64_t named_object::length() const { return static_cast<std::uint64_t>(status_of(handle_, name_).st_size); }

boost::interprocess::mapping_handle_t named_object::get_mapping_handle() const noexcept {
    return boost::interprocess::ipcdetail::mapping_handle_from_file_handle(handle_);
}

} // namespace slickq::detail
