// meter.hpp - rates of one queue, from looks at its counters and at no more than some thousand slots a look; no record
// is read, and nothing written.
#pragma once

#include "shared_queue.hpp"
#include "subscribers.hpp"
#include "waiting.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tool {

struct reading {
    std::string name;
    bool is_there = false; // it can be opened now
    bool is_new = false;   // the first look at it: no rates yet
    std::uint32_t capacity = 0;
    std::uint32_t element_size = 0;
    std::uint64_t reserved = 0; // the next index to be reserved
    double elements_per_second = 0; // of the index space, with what is left unused between records
    double records_per_second = 0;
    double bytes_per_second = 0;    // of the records' elements
    std::uint64_t pending = 0;       // elements reserved from the first unpublished record on; 0: all is published
    std::uint64_t pending_index = 0; // where that is
    double pending_seconds = 0;      // since it was first seen so
    subscribers who;

    // The furthest that any registered consumer or group is behind, and how long until it would be lapped; negative:
    // never at this rate.
    std::uint64_t largest_lag() const;
    double seconds_to_lap(std::uint64_t lag) const;
};

class meter {
public:
    explicit meter(std::string name, std::uint32_t element_size = 0)
        : name_(std::move(name)), element_size_(element_size) {}

    // Opens the queue that has the name now, if it is not open yet, or was removed.
    reading read();

private:
    struct walked {
        std::uint64_t records = 0;
        std::uint64_t elements = 0; // of the records
        std::uint64_t distance = 0; // of the index space
    };

    bool attach();
    walked walk(std::uint64_t end);
    void look_at_gap(reading& result, std::uint64_t end);

    std::string name_;
    std::uint32_t element_size_;
    std::unique_ptr<shared_queue> queue_;
    bool is_new_ = true;
    std::uint64_t reserved_ = 0; // at the look before
    std::uint64_t cursor_ = 0;   // the walk's
    double records_per_element_ = 1;
    double payload_per_element_ = 1;
    bool has_gap_ = false;
    std::uint64_t gap_ = 0;
    steady_clock::time_point gap_since_{};
    steady_clock::time_point looked_{};
    std::vector<slickq_record> records_;
};

// One object a queue: the fields of stat --json.
json to_json(const reading& one);
// The text format of Prometheus, of all queues.
std::string to_prometheus(const std::vector<reading>& all);

} // namespace tool
