// progress.hpp - how a long transfer goes, on standard error if that is a terminal and the data goes elsewhere.
#pragma once

#include "waiting.hpp"

#include <cstdint>
#include <string>

namespace tool {

class progress {
public:
    // data_descriptor: where the data comes from or goes to; if that is the terminal too, nothing is shown.
    explicit progress(int data_descriptor);
    ~progress() { clear(); }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    // Shows the bytes so far, their rate, and `more`, twice a second from the first second on. more() makes the text.
    template <class More>
    void show(std::uint64_t bytes, More more) {
        if (is_on_ && steady_clock::now() >= next_) print(bytes, more());
    }
    // Before other text is written.
    void clear();

private:
    void print(std::uint64_t bytes, const std::string& more);

    bool is_on_;
    bool is_shown_ = false;
    std::uint64_t bytes_before_ = 0;
    steady_clock::time_point before_ = steady_clock::now();
    steady_clock::time_point next_ = steady_clock::now() + std::chrono::seconds(1);
};

} // namespace tool
