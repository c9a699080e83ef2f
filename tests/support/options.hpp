// The options that nearly every test begins with; all else is the default.
#pragma once

#include <slickq/slickq.h>

#include <cstdint>

namespace test {

inline slickq_options options_for(std::uint32_t capacity, std::uint32_t element_size) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = capacity;
    options.element_size = element_size;
    return options;
}

} // namespace test
