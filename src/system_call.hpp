// system_call.hpp - POSIX system calls as named_object makes them.
#pragma once

#include "error.hpp"
#include "named_object.hpp"

#include <cerrno>
#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace slickq::detail {

// System calls that a signal interrupted are made again. `call` returns -1 and sets errno on failure.
template <class Call>
int retry(Call call) {
    int result;
    do {
        result = call();
    } while (result == -1 && errno == EINTR);
    return result;
}

inline struct stat status_of(int descriptor, const std::string& name) {
    struct stat status;
    if (::fstat(descriptor, &status) == -1) fail_os(errno, "segment '%s' can't be examined", name.c_str());
    return status;
}

inline named_object::identity_type identity_of(const struct stat& status) noexcept {
    return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

// How long a file may be that this process makes, in bytes (RLIMIT_FSIZE). Who goes beyond that is told by a signal, SIGXFSZ, which
// ends the process: so ask before.
std::uint64_t longest_file() noexcept;
// Throws SLICKQ_E_LIMIT.
void require_file_length(const std::string& name, std::uint64_t length);

} // namespace slickq::detail
