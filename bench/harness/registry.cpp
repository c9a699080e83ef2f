#include "registry.hpp"

namespace bench {

std::string queue_entry::why_not(const request& asked, std::size_t bytes) const {
    if (!by_bytes.contains(bytes)) return "not built for items of that size";
    if (asked.queue.how == mode::processes && asked.what != workload::uncontended && !about.in_processes) return "threads only";
    if (bytes > largest_of_many && asked.what != workload::spsc && asked.what != workload::uncontended) {
        return "this workload is built for items of 8 and 64 bytes";
    }
    if (asked.queue.capacity < 4 * about.group) return "its groups need a larger ring";
    switch (asked.what) {
    case workload::broadcast: return about.group == 1 && about.polls ? "" : "not for broadcast";
    case workload::sharing:
        if (!about.many_producers && !about.many_consumers) return "one producer and one consumer only";
        if (asked.queue.producers > 1 && !about.many_producers) return "one producer only";
        if (asked.queue.consumers > 1 && !about.many_consumers) return "one consumer only";
        return "";
    case workload::pingpong: return about.group == 1 ? "" : "groups have no ping-pong";
    case workload::producers:
        if (!about.is_lossy) return "its producers stop when it is full";
        return about.many_producers ? "" : "one producer only";
    case workload::laps: return about.is_lossy ? "" : "it laps nobody";
    case workload::spsc:
    case workload::uncontended: break;
    }
    return "";
}

registry all_queues() {
    registry all;
    add_slickq(all);
    add_slickq_groups(all);
    add_slickq_c(all);
    add_slick(all);
    add_boost_lockfree(all);
    add_boost_message_queue(all);
    add_ck_ring(all);
    add_moodycamel(all);
    add_readerwriterqueue(all);
    add_rte_ring(all);
    add_tbb(all);
    add_zeromq(all);
    add_kernel(all);
    return all;
}

const queue_entry* registry::find(const std::string& name) const noexcept {
    for (const queue_entry& entry : entries_) {
        if (entry.name == name) return &entry;
    }
    return nullptr;
}

} // namespace bench
