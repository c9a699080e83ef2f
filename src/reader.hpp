// reader.hpp - what a reader handle points at: the reader's state, and the queue that it keeps alive.
#pragma once

#include "notifier.hpp"
#include "queue.hpp"

#include <slickq/reader.hpp>

#include <atomic>
#include <memory>

namespace slickq::detail {

struct reader {
    reader(queue& q, const reader_options& options) : core(q.ring, options), source(&q) { hold(q); }
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;
    ~reader() {
        bell.reset(); // its thread looks at the queue
        release(source);
    }

    basic_reader<> core;
    queue* source;
    std::unique_ptr<notifier, notifier::closer> bell; // if a descriptor was asked for
    std::atomic<bool> is_cancelled{false}; // set by slickq_reader_cancel(), taken by the wait that it ends
};

// Throws SLICKQ_E_ARGUMENT for options that make no sense.
std::unique_ptr<reader> open_reader(queue& q, const reader_options& options);

} // namespace slickq::detail
