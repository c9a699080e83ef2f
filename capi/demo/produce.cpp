// A producer: sends its part of the file as records of varying length, and paces itself so that nothing is lost.
#include "stage.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <random>
#include <vector>

namespace demo {
namespace {

// The queue itself never waits: a producer overwrites what is oldest. Whoever wants to lose nothing has to wait for the
// consumers, and for that they tell on the board how far they are.
//
// The rule: reserve only while `reserved - lowest mark <= capacity - slack`.
//
// - A record at index i is intact as long as `reserved <= i + capacity`, and no consumer touches a record before its
//   mark. So all is well if `reserved - lowest mark <= capacity` at all times.
// - Between looking and reserving, the other producers may reserve too. But each of them looks as well: once the limit
//   is passed, each producer gets at most one more reservation through. One moves `reserved` by less than twice the
//   largest record: itself, and what is left unused if it would straddle the end of the ring. That makes the slack.
// - Marks only grow. One that is out of date is too low, which makes a producer wait longer than needed and does no harm.
//   That is also why the marks are loaded first: `reserved`, loaded later, cannot be lower.
class pacing {
public:
    pacing(const std::string &stage, const queue &ring)
        : ring_(ring), marks_{mark_cell(stage, 0), mark_cell(stage, 1), mark_cell(stage, 2), mark_cell(stage, 3)} {
        const auto info = ring.info();
        const std::uint64_t largest = sizeof(record_header) + payload_max + info.items_per_slot - 1;
        const std::uint64_t slack = producers * 2 * largest;
        if (slack > info.capacity)
            throw std::runtime_error("the ring is too small for these records");
        limit_ = info.capacity - slack;
    }

    void wait_for_room() const {
        while (!has_room())
            wait_a_moment();
    }

private:
    bool has_room() const {
        std::array<std::uint64_t, consumers> marks;
        std::transform(marks_.begin(), marks_.end(), marks.begin(), [](const cell &mark) { return mark.load(); });
        std::uint64_t reserved = 0;
        check(slickq_queue_initial_reading_index(ring_, &reserved));
        return std::all_of(marks.begin(), marks.end(), [&](std::uint64_t mark) { return reserved - mark <= limit_; });
    }

    const queue &ring_;
    std::array<cell, consumers> marks_;
    std::uint64_t limit_ = 0;
};

std::vector<char> read_part(const std::string &file, std::uint64_t begin, std::uint64_t end) {
    std::vector<char> part(end - begin);
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(begin));
    if (!in.read(part.data(), static_cast<std::streamsize>(part.size())))
        fail("cannot read " + file);
    return part;
}

void wait_for_go() {
    if (std::getchar() == EOF)
        throw std::runtime_error("the process that started this one is gone");
}

} // namespace

tally produce(const std::string &stage, unsigned process, const std::string &file, std::uint64_t begin,
              std::uint64_t end) {
    const queue ring(stage);
    const pacing pace(stage, ring);
    const cell progress = bytes_cell(stage, process);
    const auto part = read_part(file, begin, end);
    std::minstd_rand random(process + 1); // the same lengths in every run
    say_ready();
    wait_for_go();

    tally sent;
    while (sent.bytes < part.size()) {
        const auto length = std::min<std::uint64_t>(random() % payload_max + 1, part.size() - sent.bytes);
        const record_header header{process, static_cast<std::uint32_t>(length), sent.records, begin + sent.bytes};
        const auto count = static_cast<std::uint32_t>(sizeof header + length); // element_size is 1

        pace.wait_for_room();
        std::uint64_t index = 0;
        void *elements = nullptr;
        check(slickq_queue_reserve(ring, count, &index));
        check(slickq_queue_at(ring, index, &elements));
        std::memcpy(elements, &header, sizeof header);
        std::memcpy(static_cast<char *>(elements) + sizeof header, part.data() + sent.bytes, length);
        check(slickq_queue_publish(ring, index, count));

        ++sent.records;
        sent.bytes += length;
        progress.store(sent.bytes);
    }
    return sent;
}

} // namespace demo
