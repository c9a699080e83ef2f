// A queue of 8-byte elements as slick-queue 2.3 has it mapped: what that does to the bytes, without this library's ring.
#pragma once

#include <slickq/detail/layout.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace test {

struct foreign_queue {
    slickq::geometry shape;
    std::byte* base = nullptr;

    slickq::header* header() const { return reinterpret_cast<slickq::header*>(base); }
    slickq::slot& slot(std::uint64_t index) const {
        return reinterpret_cast<slickq::slot*>(base + slickq::header_length)[index % shape.capacity];
    }

    // Whether it is up to the caller to format it.
    bool begins_format() const {
        std::uint32_t fresh = slickq::fresh;
        return header()->init_state.compare_exchange_strong(fresh, slickq::initialising);
    }
    void format() const {
        header()->marker = shape.marker();
        header()->items_per_slot = 1;
        header()->capacity = shape.capacity;
        header()->element_size = shape.element_size;
        header()->last_published.store(slickq::no_index);
        for (std::uint32_t i = 0; i < shape.slot_count(); ++i) {
            slot(i).count.store(1);
            slot(i).data_index.store(slickq::no_index);
        }
        header()->init_state.store(slickq::ready);
    }
    bool is_ready() const { return header()->init_state.load() == slickq::ready; }

    void write(std::uint64_t value) const {
        using namespace slickq::packed_reserved;
        const std::uint64_t index = slickq::packed_reserved::index(header()->reserved.fetch_add(pack(1, 0)));
        std::memcpy(base + shape.data_offset() + 8 * (index % shape.capacity), &value, sizeof value);
        slot(index).count.store(1);
        slot(index).data_index.store(index);
        auto& newest = header()->last_published;
        std::uint64_t last = newest.load();
        while ((last == slickq::no_index || last < index) && !newest.compare_exchange_weak(last, index)) {
        }
    }
};

} // namespace test
