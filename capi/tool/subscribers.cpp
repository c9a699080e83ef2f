#include "subscribers.hpp"

#include "json.hpp"

namespace tool {

subscribers subscribers_of(const shared_queue& queue) {
    subscribers found;
    for (std::uint32_t number = 0; number < SLICKQ_MAX_CONSUMERS; ++number) {
        slickq_consumer_info one{};
        one.struct_size = sizeof one;
        if (slickq_consumer_get_info(queue.handle(), number, &one) == SLICKQ_OK) found.consumers.push_back(one);
    }
    for (std::uint32_t number = 0; number < SLICKQ_MAX_GROUPS; ++number) {
        slickq_group_info one{};
        one.struct_size = sizeof one;
        if (slickq_group_get_info(queue.handle(), number, &one) == SLICKQ_OK) found.groups.push_back(one);
    }
    return found;
}

const char* name_of_kind(const slickq_consumer_info& consumer) {
    switch (consumer.kind) {
    case SLICKQ_CONSUMER_READER: return "reader";
    case SLICKQ_CONSUMER_WORKER: return "worker";
    default: return "evicted";
    }
}

const char* name_of_mode(const slickq_group_info& group) {
    return group.mode == SLICKQ_GROUP_AT_LEAST_ONCE ? "at-least-once" : "at-most-once";
}

json to_json(const slickq_consumer_info& c) {
    return {{"kind", name_of_kind(c)}, {"id", c.id},       {"pid", c.pid},
            {"is_alive", c.is_alive},  {"group", known(c.group, c.kind == SLICKQ_CONSUMER_WORKER)},
            {"has_claim", c.has_claim}, {"index", c.index}, {"lag", c.lag}};
}

json to_json(const slickq_group_info& g) {
    return {{"name", g.name},   {"mode", name_of_mode(g)},        {"cursor", g.cursor},       {"lag", g.lag},
            {"workers", g.workers}, {"redelivered", g.redelivered}, {"abandoned", g.abandoned}, {"lost", g.lost},
            {"is_waited_for", g.is_waited_for}};
}

} // namespace tool
