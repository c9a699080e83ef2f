// A formatted ring over a plain array.
#pragma once

#include <slickq/detail/ring.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>

namespace test {

// A formatted ring and its bytes.
struct fixture {
    explicit fixture(const slickq::geometry& g)
        : shape(g), memory(static_cast<std::byte*>(::operator new(g.created_length(), std::align_val_t{64}))) {
        std::memset(memory, 0, g.created_length());
        if (g.layout != slickq::layout::wide) extension = reinterpret_cast<slickq::extension*>(memory + g.extension_offset());
        ring = slickq::ring(memory, g, extension);
        ring.reset();
    }
    fixture(const fixture&) = delete;
    fixture& operator=(const fixture&) = delete;
    ~fixture() { ::operator delete(memory, std::align_val_t{64}); }

    slickq::slot& slot(std::uint32_t number) {
        return reinterpret_cast<slickq::slot*>(memory + slickq::header_length)[number];
    }
    slickq::header& header() { return *reinterpret_cast<slickq::header*>(memory); }

    // As if `index` elements had been reserved and all of it overwritten since.
    void start_at(std::uint64_t index) {
        if (shape.layout == slickq::layout::wide) {
            reinterpret_cast<slickq::wide_header*>(memory)->reserved_index.store(index);
        } else {
            header().reserved.store(slickq::packed_reserved::pack(index, 1));
        }
    }

    std::uint64_t produce(std::uint32_t count = 1) {
        const std::uint64_t index = ring.reserve(count);
        std::fill_n(ring.at(index), count * shape.element_size, static_cast<std::byte>(index));
        EXPECT_EQ(ring.publish(index, count), slickq::ring_result::ok);
        return index;
    }

    slickq::geometry shape;
    std::byte* memory;
    slickq::extension* extension = nullptr; // of all but the wide layout
    slickq::ring ring;
};

class EveryLayout : public testing::TestWithParam<slickq::layout> {
protected:
    slickq::geometry shape(std::uint32_t capacity, std::uint32_t element_size = 8) const {
        const bool several = GetParam() == slickq::layout::slq2 || GetParam() == slickq::layout::slq3;
        return {GetParam(), capacity, element_size, several ? 4u : 1u};
    }
    std::uint64_t limit() const { return GetParam() == slickq::layout::wide ? 0 : std::uint64_t{1} << 48; } // 0 is 2^64
    std::uint64_t mask() const { return limit() - 1; }
};

inline std::string layout_name(const testing::TestParamInfo<slickq::layout>& tested) {
    static constexpr std::array names{"any", "slq0", "slq1", "slq2", "slq3", "packed", "wide"};
    return names[static_cast<std::size_t>(tested.param)];
}

} // namespace test
