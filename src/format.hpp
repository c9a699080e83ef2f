// format.hpp - the header of a segment: telling what is there, and writing it when creating. The ring (ring.hpp) takes
// over once the header is right; the only atomic words here are init_state and, for want of one, the header's own
// fields.
#pragma once

#include "error.hpp"

#include <slickq/detail/extension.hpp>
#include <slickq/detail/layout.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace slickq::detail {

// What lies in some bytes. Nothing is written to them, and nothing beyond `length` is read.
struct examination {
    slickq_status verdict = SLICKQ_E_NOT_A_QUEUE;
    std::string reason;  // why the verdict is not SLICKQ_OK
    geometry shape;      // as far as it could be told; layout::any if not at all
    std::uint32_t marker = 0;
    std::uint32_t init_state = 0;
    std::uint64_t required_length = 0; // bytes, 0 if unknown
    bool is_blank = false;             // the whole header is zero

    // Whether a creator at work may still make something else of it.
    bool may_change() const noexcept {
        return verdict == SLICKQ_E_NO_LENGTH || verdict == SLICKQ_E_NOT_READY || verdict == SLICKQ_E_HALF_MADE;
    }
};

// element_size: bytes, as the caller expects; 0 if unknown (a wide segment can't be understood without).
// readable: tells how many bytes from the first on may be touched now; what is behind them was never written, and is
// zero. Asked anew for each part, because a creator at work writes more of them.
// page: bytes; a length may have been rounded up to a multiple of it, or of 4096.
using readable_bytes = std::function<std::uint64_t()>;
examination examine(const std::byte* base, std::uint64_t length, std::uint32_t element_size,
                    const readable_bytes& readable = [] { return ~std::uint64_t{0}; }, std::uint64_t page = 4096);

// The creator's part of the handshake. Of all who race for fresh bytes one gets true, and then owes finish_format().
bool begin_format(std::byte* base) noexcept;

// Writes header, slots and, if `length` has room for it, the extension area, and lets the others in. The bytes are zero
// but for what begin_format() did.
void finish_format(std::byte* base, std::uint64_t length, const geometry& shape) noexcept;

// Bytes that whoever uses the segment touches, of `length`.
std::uint64_t used_length(std::uint64_t length, const geometry& shape) noexcept;

// The extension area of a segment that was examined; nullptr if it has none.
extension* find_extension(std::byte* base, std::uint64_t length, const geometry& shape) noexcept;

// What finish_format() wrote into the extension area of which segment this is, and since when.
struct segment_birth {
    std::array<std::byte, 16> identity{}; // random; all zero: not known
    std::int64_t created_ns = 0;          // nanoseconds since 1970; 0: not known
};
segment_birth birth_of(const extension* extra) noexcept;

} // namespace slickq::detail
