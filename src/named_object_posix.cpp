#include "named_object.hpp"

#include "error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slickq::detail {
namespace {

// System calls that a signal interrupted are made again. `call` returns -1 and sets errno on failure.
template <class Call>
int retry(Call call) {
    int result;
    do {
        result = call();
    } while (result == -1 && errno == EINTR);
    return result;
}

// Closes what was begun, and takes the name away again, unless all went well.
class unfinished {
public:
    unfinished(int descriptor, const std::string& name) : descriptor_(descriptor), name_(name) {}
    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;
    ~unfinished() {
        if (descriptor_ == -1) return;
        ::shm_unlink(name_.c_str());
        ::close(descriptor_);
    }
    void finish() { descriptor_ = -1; }

private:
    int descriptor_;
    const std::string& name_;
};

void reserve_memory(int descriptor, std::uint64_t length, const std::string& name) {
    const auto bytes = static_cast<off_t>(length);
#if defined(__linux__)
    // tmpfs gives out length without memory; this asks for both, the length last. It returns the error instead of setting
    // errno, and a signal undoes it.
    int error;
    do {
        error = ::posix_fallocate(descriptor, 0, bytes);
    } while (error == EINTR);
#else
    // macOS commits memory to a shared memory object when it gets its length, which can be set only once.
    struct stat status;
    const bool has_length = ::fstat(descriptor, &status) == 0 && status.st_size >= bytes;
    const int error = has_length || retry([&] { return ::ftruncate(descriptor, bytes); }) == 0 ? 0 : errno;
#endif
    if (error == 0) return;
    fail_os(error, "segment '%s': no room for its %llu bytes", name.c_str(), static_cast<unsigned long long>(length));
}

struct stat status_of(int descriptor, const std::string& name) {
    struct stat status;
    if (::fstat(descriptor, &status) == -1) fail_os(errno, "segment '%s' can't be examined", name.c_str());
    return status;
}

named_object::identity_type identity_of(const struct stat& status) noexcept {
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

} // namespace

std::string named_object::checked_name(const char* name) {
    const char* text = name[0] == '/' ? name + 1 : name;
    const std::string rest(text);
    if (rest.empty() || rest == "." || rest == ".." || rest.find('/') != std::string::npos) {
        fail(SLICKQ_E_NAME, "'%.260s' can't be a segment's name: it takes one optional '/' and then a text without '/'", name);
    }
#if defined(__APPLE__)
    constexpr std::size_t longest = 30;
#else
    constexpr std::size_t longest = 255;
#endif
    if (rest.size() > longest) {
        fail(SLICKQ_E_NAME, "a segment's name of %zu bytes is too long: at most %zu behind the '/'", rest.size(), longest);
    }
    return '/' + rest;
}

std::optional<named_object> named_object::create(const std::string& name, std::uint64_t length, unsigned permissions) {
    const mode_t mode = permissions != 0 ? static_cast<mode_t>(permissions) : mode_t{0666};
    const int descriptor = retry([&] { return ::shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, mode); });
    if (descriptor == -1) {
        if (errno == EEXIST) return std::nullopt;
        fail_os(errno, "segment '%s' can't be created", name.c_str());
    }
    unfinished guard(descriptor, name);
    if (permissions != 0 && retry([&] { return ::fchmod(descriptor, mode); }) == -1) { // the umask took its part
        fail_os(errno, "segment '%s': its permission bits can't be set to %04o", name.c_str(), permissions);
    }
    reserve_memory(descriptor, length, name);
    const identity_type identity = identity_of(status_of(descriptor, name));
    named_object object(name, descriptor, access::read_write);
    object.identity_ = identity;
    guard.finish();
    return object;
}

std::optional<named_object> named_object::open(const std::string& name, access mode) {
    // O_NONBLOCK: should a FIFO lie there, opening it must not wait for its writer.
    const int flags = (mode == access::read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK;
    const int descriptor = retry([&] { return ::shm_open(name.c_str(), flags, 0); });
    if (descriptor == -1) {
        if (errno == ENOENT) return std::nullopt;
        const char* wanted = mode == access::read_only ? "read" : "read and write";
        if (errno == EINVAL || errno == ENXIO) { // glibc's answers to a directory, and to a socket
            fail(SLICKQ_E_NOT_A_QUEUE, "'%s' is no shared memory but another kind of file", name.c_str());
        }
        fail_os(errno, "segment '%s' can't be opened to %s", name.c_str(), wanted);
    }
    named_object object(name, descriptor, mode);
    const struct stat status = status_of(descriptor, name);
    object.identity_ = identity_of(status);
#if defined(__linux__)
    if (!S_ISREG(status.st_mode)) {
        fail(SLICKQ_E_NOT_A_QUEUE, "'%s' is no shared memory but another kind of file", name.c_str());
    }
#endif
    return object;
}

void named_object::remove(const std::string& name) {
    if (retry([&] { return ::shm_unlink(name.c_str()); }) == -1) {
        fail_os(errno, "segment '%s' can't be removed", name.c_str());
    }
}

void named_object::try_remove(const std::string& name) noexcept { ::shm_unlink(name.c_str()); }

named_object::named_object(named_object&& other) noexcept
    : name_(std::move(other.name_)), handle_(other.handle_), mode_(other.mode_), identity_(other.identity_) {
    other.handle_ = -1;
}

named_object::~named_object() {
    // Not retried: after EINTR Linux has closed it, and the number may be another thread's file already.
    if (handle_ != -1) ::close(handle_);
}

std::uint64_t named_object::length() const { return static_cast<std::uint64_t>(status_of(handle_, name_).st_size); }

void named_object::allocate(std::uint64_t length) const { reserve_memory(handle_, length, name_); }

bool named_object::is_unlinked() const {
    struct stat status;
    return ::fstat(handle_, &status) == 0 && status.st_nlink == 0;
}

boost::interprocess::mapping_handle_t named_object::get_mapping_handle() const noexcept {
    return boost::interprocess::ipcdetail::mapping_handle_from_file_handle(handle_);
}

} // namespace slickq::detail
