// record_source.hpp - cuts an input into records: lines with their newline, or blocks of equal length.
#pragma once

#include "io.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace tool {

class record_source {
public:
    // block_bytes: 0 for lines. longest_record: bytes; a longer line is a failure. before_reading is called before the
    // input is read, which may wait.
    record_source(input& from, std::size_t block_bytes, std::uint64_t longest_record,
                  std::function<void()> before_reading);

    // False at the end of the input, or when a stop signal came. What is behind the last newline, or the last full
    // block, is a record too. It is valid until the next call.
    bool next(std::string_view& record);

private:
    bool take(std::size_t bytes, std::string_view& record);
    bool fill();

    input& from_;
    std::size_t block_bytes_;
    std::uint64_t longest_record_;
    std::function<void()> before_reading_;
    std::uint64_t records_ = 0;
    std::vector<char> buffer_;
    std::size_t begin_ = 0; // what was read and not yet handed out
    std::size_t end_ = 0;
};

} // namespace tool
