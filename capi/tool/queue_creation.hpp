// queue_creation.hpp - the queue that records are sent to: as it is, or made.
#pragma once

#include "sender.hpp"
#include "shared_queue.hpp"

#include <memory>

namespace tool {

// What is there is used as it is; the defaults are for a new queue only.
std::unique_ptr<shared_queue> open_or_create(const send_options& options, bool must_create);

} // namespace tool
