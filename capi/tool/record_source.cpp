#include "record_source.hpp"

#include "error.hpp"
#include "signals.hpp"

#include <cstring>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t first_buffer_bytes = 64 * 1024;

} // namespace

record_source::record_source(input& from, std::size_t block_bytes, std::uint64_t longest_record,
                             std::function<void()> before_reading)
    : from_(from),
      block_bytes_(block_bytes),
      longest_record_(longest_record),
      before_reading_(std::move(before_reading)),
      buffer_(first_buffer_bytes) {}

bool record_source::next(std::string_view& record) {
    std::size_t searched = 0;
    for (;;) {
        const std::size_t have = end_ - begin_;
        const char* const start = buffer_.data() + begin_;
        if (block_bytes_ != 0) {
            if (have >= block_bytes_) return take(block_bytes_, record);
        } else if (const void* newline = std::memchr(start + searched, '\n', have - searched)) {
            return take(static_cast<std::size_t>(static_cast<const char*>(newline) - start) + 1, record);
        } else if (have > longest_record_) {
            return take(have, record); // to fail there: the rest of it need not be read
        }
        searched = have;
        if (!fill()) return stop_signal() == 0 && have != 0 && take(have, record);
    }
}

bool record_source::take(std::size_t bytes, std::string_view& record) {
    if (bytes > longest_record_) {
        throw failure("record " + std::to_string(records_ + 1) + " of " + from_.name() +
                      " is longer than the whole queue, " + std::to_string(longest_record_) +
                      " bytes\n  use a queue of more --capacity, or cut with --block");
    }
    record = {buffer_.data() + begin_, bytes};
    begin_ += bytes;
    ++records_;
    return true;
}

bool record_source::fill() {
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
    before_reading_();
    const std::size_t got = from_.read_some(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    return got != 0;
}

} // namespace tool
