#include "progress.hpp"

#include "table.hpp"

#include <cstdio>

#if !defined(_WIN32)
#  include <unistd.h>
#endif

namespace tool {
namespace {

#if defined(_WIN32)
bool is_terminal(int) { return false; }
#else
bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }
#endif

} // namespace

progress::progress(int data_descriptor) : is_on_(is_terminal(2) && !is_terminal(data_descriptor)) {}

void progress::print(std::uint64_t bytes, const std::string& more) {
    const auto now = steady_clock::now();
    const std::chrono::duration<double> passed = now - before_;
    const double rate = static_cast<double>(bytes - bytes_before_) / passed.count();
    std::fprintf(stderr, "\r\x1b[K%s, %s/s%s", short_bytes(static_cast<double>(bytes)).c_str(),
                 short_bytes(rate).c_str(), more.c_str());
    is_shown_ = true;
    bytes_before_ = bytes;
    before_ = now;
    next_ = now + std::chrono::milliseconds(500);
}

void progress::clear() {
    if (is_shown_) std::fputs("\r\x1b[K", stderr);
    is_shown_ = false;
}

} // namespace tool
