#include "segment.hpp"

#include "hash.hpp"

#include <sys/stat.h>

#include <cstring>
#include <fstream>

namespace bridge {
namespace {

identity substitute(const std::string& name) {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string boot;
    file >> boot;
    struct stat about {};
    if (stat(("/dev/shm" + name).c_str(), &about) != 0) about = {};
    const std::string which = std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
    return {hash_of(boot + name), hash_of(which + boot)};
}

} // namespace

void check(slickq_status status, const std::string& what) {
    if (status < 0)
        throw queue_failure("cannot " + what + ": " + slickq_last_message() + " (" + slickq_status_name(status) + ")");
}

segment::segment(const std::string& name, std::uint32_t flags, std::uint32_t capacity, std::uint32_t element_size) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = flags;
    options.capacity = capacity;
    options.element_size = element_size;
    slickq_queue* made = nullptr;
    check(capacity == 0 ? slickq_queue_open(name.c_str(), &options, &made)
                        : slickq_queue_open_or_create(name.c_str(), &options, &made),
          "open queue " + name);
    handle_.reset(made);
    info_.struct_size = sizeof info_;
    check(slickq_queue_get_info(made, &info_), "look at queue " + name);
    name_ = info_.name;

    std::uint64_t halves[2];
    static_assert(sizeof halves == sizeof info_.identity);
    std::memcpy(halves, info_.identity, sizeof halves);
    id_ = {halves[0], halves[1]};
    if (!id_.is_set()) id_ = substitute(name_);
}

epoch_state segment::epoch() const noexcept {
    slickq_epoch_info info{};
    info.struct_size = sizeof info;
    // A reset takes microseconds: it is as good as over.
    for (int tries = 0; tries < 1000; ++tries) {
        if (slickq_queue_epoch(handle(), &info) != SLICKQ_OK) return {};
        if (info.is_resetting == 0) break;
    }
    return {info.resets, info.reserved_before};
}

std::uint64_t segment::reserved() const {
    std::uint64_t index = 0;
    check(slickq_queue_next_index(handle(), &index), "look at queue " + name_);
    return index;
}

std::uint64_t segment::wrap(std::uint64_t index) const noexcept {
    return slickq_index_add(info_.layout, index, 0);
}

std::int64_t segment::distance(std::uint64_t a, std::uint64_t b) const noexcept {
    return slickq_index_distance(info_.layout, b, a);
}

bool segment::is_replaced() const {
    std::uint32_t where = SLICKQ_NAME_OURS;
    return slickq_queue_name_state(handle(), &where) == SLICKQ_OK && where == SLICKQ_NAME_TAKEN;
}

} // namespace bridge
