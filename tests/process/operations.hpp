// Every function of the C API that can fail for want of something, as a step between two others: what must be there
// before, and what takes it back. A step itself allocates nothing but what the library does.
#pragma once

#include "support.hpp"
#include "support/names.hpp"

#include <functional>
#include <vector>

namespace test {

struct bench {
    segment_name name;
    slickq_queue* queue = nullptr; // on it
    slickq_reader* reader = nullptr;
    slickq_worker* worker = nullptr;
    slickq_cursor* cursor = nullptr;
    slickq_queue* other = nullptr;
    std::uint64_t consumer = 0;
    ~bench();
};

struct operation {
    const char* what;
    std::function<void(bench&)> prepare;
    std::function<slickq_status(bench&)> run;
    std::function<void(bench&)> undo; // what `run` did
};

const std::vector<operation>& operations();

// Consumers, workers and groups that are registered there.
int registered_on(slickq_queue* queue);

} // namespace test
