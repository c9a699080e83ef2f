// subscribers.hpp - who has registered at a queue: those that lossless producers wait for.
#pragma once

#include "json_fwd.hpp"
#include "shared_queue.hpp"

#include <slickq/slickq.h>

#include <vector>

namespace tool {

struct subscribers {
    std::vector<slickq_consumer_info> consumers;
    std::vector<slickq_group_info> groups;
};

subscribers subscribers_of(const shared_queue& queue);

const char* name_of_kind(const slickq_consumer_info& consumer);
const char* name_of_mode(const slickq_group_info& group);

json to_json(const slickq_consumer_info& consumer);
json to_json(const slickq_group_info& group);

} // namespace tool
