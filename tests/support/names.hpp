// Names for the shared segments of tests: of this process and this call only, removed at the end.
#pragma once

#include <slickq/slickq.h>

#include <atomic>
#include <string>

#include <unistd.h>

namespace test {

inline std::string fresh_name() {
    static std::atomic<int> serial{0};
    return "/slickq-test-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
}

// A name nobody has; whatever is under it when this goes is removed.
class segment_name {
public:
    segment_name() : text_(fresh_name()) {}
    segment_name(const segment_name&) = delete;
    segment_name& operator=(const segment_name&) = delete;
    ~segment_name() { slickq_segment_remove(text_.c_str()); }

    const char* c_str() const noexcept { return text_.c_str(); }
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

} // namespace test
