#include "memory_advice.hpp"

#include <cerrno>

#if defined(_WIN32)
#  include <windows.h>
#else
#  include "system_call.hpp"

#  include <fcntl.h>
#  include <sys/mman.h>
#  include <unistd.h>
#endif

namespace slickq::detail {
namespace {

constexpr std::uint64_t smallest_page = 4096;

// Reading is enough: memory that is shared is mapped writable at once, and private queues are shared with child processes.
void touch(const std::byte* base, std::uint64_t length) noexcept {
    for (std::uint64_t at = 0; at < length; at += smallest_page) static_cast<void>(*static_cast<const volatile std::byte*>(base + at));
}

#if defined(_WIN32)

bool lock(std::byte* base, std::uint64_t length) noexcept { return ::VirtualLock(base, length) != 0; }
bool ask_for_huge_pages(std::byte*, std::uint64_t) noexcept { return false; }
void populate(std::byte* base, std::uint64_t length, bool) noexcept { touch(base, length); }

#else

bool lock(std::byte* base, std::uint64_t length) noexcept { return ::mlock(base, length) == 0; }

bool ask_for_huge_pages([[maybe_unused]] std::byte* base, [[maybe_unused]] std::uint64_t length) noexcept {
#  if defined(MADV_HUGEPAGE)
    return ::madvise(base, length, MADV_HUGEPAGE) == 0;
#  else
    return false;
#  endif
}

void populate(std::byte* base, std::uint64_t length, [[maybe_unused]] bool is_writable) noexcept {
#  if defined(MADV_POPULATE_WRITE)
    // From Linux 5.14 on; those before know no such advice. Where it fails for another reason, touching the bytes
    // could end the process.
    if (::madvise(base, length, is_writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0 || errno != EINVAL) return;
#  endif
    touch(base, length);
}

#endif

} // namespace

memory_advice settle(std::byte* base, std::uint64_t length, bool is_writable, const memory_advice& wanted) noexcept {
    const int error = errno;
    memory_advice granted;
    if (wanted.huge_pages) granted.huge_pages = ask_for_huge_pages(base, length); // before there are small ones
    if (wanted.prefault) {
        populate(base, length, is_writable);
        granted.prefault = true;
    }
    if (wanted.lock) granted.lock = lock(base, length);
    errno = error;
    return granted;
}

#if defined(__linux__)

huge_memory::huge_memory(std::uint64_t length) noexcept : length_((length + page - 1) / page * page) {
    if (length_ > longest_file()) return;
    const int error = errno;
    const int descriptor = ::memfd_create("slickq", MFD_CLOEXEC | MFD_HUGETLB);
    // All of it now: a pool that runs out later kills whoever touches the page.
    if (descriptor != -1 && ::fallocate(descriptor, 0, 0, static_cast<off_t>(length_)) == 0) {
        descriptor_ = descriptor;
    } else if (descriptor != -1) {
        ::close(descriptor);
    }
    errno = error;
}
huge_memory::~huge_memory() {
    if (descriptor_ != -1) ::close(descriptor_);
}

#else

huge_memory::huge_memory(std::uint64_t length) noexcept : length_(length) {}
huge_memory::~huge_memory() = default;

#endif

} // namespace slickq::detail
