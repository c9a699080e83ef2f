#include "platform.hpp"

#include <slickq/detail/cas16.hpp>

#if defined(_WIN32)
#  define SLICKQ_OS "Windows"
#elif defined(__APPLE__)
#  define SLICKQ_OS "macOS"
#elif defined(__linux__)
#  define SLICKQ_OS "Linux"
#else
#  define SLICKQ_OS "POSIX"
#endif

#if defined(__x86_64__) || defined(_M_X64)
#  define SLICKQ_PLATFORM SLICKQ_OS " x86-64"
#elif defined(__aarch64__) || defined(_M_ARM64)
#  define SLICKQ_PLATFORM SLICKQ_OS " arm64"
#else
#  define SLICKQ_PLATFORM SLICKQ_OS
#endif

namespace slickq::detail {

platform_support check_platform(layout wanted) noexcept {
    // That 64-bit atomics are lock-free is asserted in layout.hpp: without them this does not compile.
    if (has_cas16()) return {true, SLICKQ_PLATFORM " with lock-free 64-bit and 16-byte atomics: every layout is supported"};
    if (wanted == layout::wide) {
        return {false, SLICKQ_PLATFORM " without the 16-byte compare-and-swap that the wide layout needs; "
                                       "every other layout is supported"};
    }
    return {true, SLICKQ_PLATFORM " with lock-free 64-bit atomics: every layout but wide is supported"};
}

const char* layout_name(layout value) noexcept {
    switch (value) {
    case layout::any: return "any";
    case layout::slq0: return "SLQ0";
    case layout::slq1: return "SLQ1";
    case layout::slq2: return "SLQ2";
    case layout::slq3: return "SLQ3";
    case layout::packed: return "packed";
    case layout::wide: return "wide";
    }
    return "unknown";
}

} // namespace slickq::detail
