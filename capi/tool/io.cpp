#include "io.hpp"

#include "error.hpp"
#include "signals.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#if defined(_WIN32)
#  include <io.h>
#else
#  include <unistd.h>
#endif

namespace tool {
namespace {

// One call moves at most so many bytes: what every system accepts.
constexpr std::size_t longest_transfer = std::size_t{1} << 30;

#if defined(_WIN32)
int open_file(const char* path) { return ::_open(path, _O_RDONLY | _O_BINARY); }
int standard_input() { ::_setmode(0, _O_BINARY); return 0; }
int standard_output() { ::_setmode(1, _O_BINARY); return 1; }
void close_file(int file) { ::_close(file); }
auto read_file(int file, char* buffer, std::size_t bytes) {
    return ::_read(file, buffer, static_cast<unsigned>(bytes));
}
auto write_file(int file, const char* buffer, std::size_t bytes) {
    return ::_write(file, buffer, static_cast<unsigned>(bytes));
}
#else
int open_file(const char* path) { return ::open(path, O_RDONLY | O_CLOEXEC); }
int standard_input() { return STDIN_FILENO; }
int standard_output() { return STDOUT_FILENO; }
void close_file(int file) { ::close(file); }
auto read_file(int file, char* buffer, std::size_t bytes) { return ::read(file, buffer, bytes); }
auto write_file(int file, const char* buffer, std::size_t bytes) { return ::write(file, buffer, bytes); }
#endif

[[noreturn]] void fail_with_errno(const std::string& what) {
    throw failure(what + ": " + std::generic_category().message(errno));
}

} // namespace

input::input(const std::string& path)
    : name_(path == "-" ? "standard input" : path), file_(path == "-" ? standard_input() : open_file(path.c_str())) {
    if (file_ < 0) fail_with_errno("cannot open " + name_);
}

input::~input() {
    if (file_ > 2) close_file(file_);
}

std::size_t input::read_some(char* buffer, std::size_t buffer_bytes) {
    while (stop_signal() == 0) {
        const auto got = read_file(file_, buffer, std::min(buffer_bytes, longest_transfer));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) fail_with_errno("cannot read " + name_);
    }
    return 0;
}

bool write_to_stdout(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto put = write_file(standard_output(), bytes.data(), std::min(bytes.size(), longest_transfer));
        if (put >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(put));
        } else if (errno == EPIPE) {
            return false;
        } else if (errno != EINTR) {
            fail_with_errno("cannot write to standard output");
        }
    }
    return true;
}

bool flush_stdout() {
    static int first_error = 0; // of an earlier call; stdio keeps only that there was one
    errno = 0;
    if (std::fflush(stdout) != 0 && first_error == 0) first_error = errno;
    if (std::ferror(stdout) == 0) return true;
    if (first_error == EPIPE) return false;
    throw failure("cannot write to standard output" +
                  (first_error != 0 ? ": " + std::generic_category().message(first_error) : std::string()));
}

} // namespace tool
