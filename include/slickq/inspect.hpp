// inspect.hpp - what is under a name, whatever it is.
#ifndef SLICKQ_INSPECT_HPP
#define SLICKQ_INSPECT_HPP

#include <slickq/error.hpp>

#include <cstdint>
#include <string>

namespace slickq::inline SLICKQ_NAMESPACE {

struct inspection : slickq_inspection {
    std::string why; // details of a verdict that is not SLICKQ_OK
};

// Looks, read-only and without waiting. element_size: bytes, needed to understand a wide segment. Throws if there is
// nothing to look at.
inline inspection inspect(const char* name, std::uint32_t element_size = 0) {
    inspection found{};
    found.struct_size = sizeof(slickq_inspection);
    require_ok(slickq_segment_inspect(name, element_size, &found));
    if (found.verdict != SLICKQ_OK) found.why = slickq_last_message();
    return found;
}

} // namespace slickq

#endif
