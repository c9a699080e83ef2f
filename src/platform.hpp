// platform.hpp - what this CPU and operating system can do. A leaf.
#pragma once

#include <slickq/detail/layout.hpp>

namespace slickq::detail {

struct platform_support {
    bool is_supported;
    const char* sentence; // a constant
};

// layout::any asks for the library as a whole.
platform_support check_platform(layout wanted) noexcept;

const char* layout_name(layout value) noexcept;

} // namespace slickq::detail
