#include "format.hpp"

#include <slickq/detail/ring.hpp>

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <random>

namespace slickq::detail {
namespace {

// Header fields are plain memory once a queue is ready, but while one is being made an opener looks at them as well.
// Relaxed, because what they say counts only after init_state (or, in layouts without, the slots' state) says so.
template <class T>
T peek(const std::byte* base, std::size_t offset) noexcept {
    return std::atomic_ref<T>(*reinterpret_cast<T*>(const_cast<std::byte*>(base) + offset)).load(std::memory_order_relaxed);
}
template <class T>
void poke(std::byte* base, std::size_t offset, T value) noexcept {
    std::atomic_ref<T>(*reinterpret_cast<T*>(base + offset)).store(value, std::memory_order_relaxed);
}

// init_state
//   label       operation                            pairs with   so that
//   format:A    CAS 0 -> 2 (acquire and release)     itself       there is one creator
//   format:B    store of the final state (release)   examine:A    header and slots are visible before it
//   examine:A   load (acquire)                       format:B     the same
std::atomic<std::uint32_t>& state_of(std::byte* base) noexcept { return reinterpret_cast<header*>(base)->init_state; }
std::uint32_t load_state(const std::byte* base) noexcept {
    return reinterpret_cast<const header*>(base)->init_state.load(std::memory_order_acquire); // examine:A
}

bool is_zero(const std::byte* base, std::size_t from, std::size_t to) noexcept {
    for (std::size_t offset = from; offset < to; offset += 4) {
        if (peek<std::uint32_t>(base, offset) != 0) return false;
    }
    return true;
}

// Old creators have no state to wait for: their slots are zero until they are formatted, and would read as a record of no
// elements. True records have at least one.
bool slots_are_formatted(const std::byte* base, std::uint32_t slot_count) noexcept {
    const auto* slots = reinterpret_cast<const slot*>(base + header_length);
    for (std::uint32_t i = slot_count; i-- > 0;) { // backwards: the last one is the last to be formatted
        if (slots[i].data_index.load(std::memory_order_acquire) == 0 && slots[i].count.load(std::memory_order_relaxed) == 0) {
            return false;
        }
    }
    return true;
}

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
std::string text(const char* format, ...) {
    char buffer[400];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    return buffer;
}

void conclude(examination& e, slickq_status verdict, std::string reason) {
    e.verdict = verdict;
    e.reason = std::move(reason);
}

// The end of the slots.
std::uint64_t control_length(const geometry& shape) noexcept {
    return header_length + sizeof(slot) * std::uint64_t{shape.slot_count()};
}

bool is_rounded_up(std::uint64_t length, std::uint64_t needed, std::uint64_t page) noexcept {
    return length == (needed + page - 1) / page * page;
}

bool carries(examination& e, std::uint64_t length) {
    e.required_length = e.shape.segment_length();
    if (e.required_length <= length) return true;
    conclude(e, SLICKQ_E_TRUNCATED,
          text("it has %llu bytes, but its header (capacity %u, element size %u, items per slot %u) needs %llu",
               static_cast<unsigned long long>(length), e.shape.capacity, e.shape.element_size, e.shape.items_per_slot,
               static_cast<unsigned long long>(e.required_length)));
    return false;
}

void examine_slq(examination& e, const std::byte* base, std::uint64_t length, const readable_bytes& readable) {
    if (!marker::is_known(e.marker)) {
        return conclude(e, SLICKQ_E_NEWER, text("its marker 0x%08X has feature bits that this version (up to 0x%08X) does not know",
                                             e.marker, marker::base | marker::known_features));
    }
    if (e.init_state == fresh || e.init_state == initialising) {
        return conclude(e, SLICKQ_E_HALF_MADE, text("its initialisation was begun and not finished (state %u)", e.init_state));
    }
    geometry shape;
    shape.capacity = peek<std::uint32_t>(base, offsetof(header, capacity));
    shape.element_size = peek<std::uint32_t>(base, offsetof(header, element_size));
    const auto items = peek<std::uint32_t>(base, offsetof(header, items_per_slot));
    shape.items_per_slot = items != 0 ? items : 1;
    if (e.init_state != ready && e.init_state != legacy) {
        return conclude(e, SLICKQ_E_CORRUPT, text("its init state is %u, which no version writes", e.init_state));
    }
    if (!shape.is_valid()) {
        return conclude(e, SLICKQ_E_CORRUPT,
                     text("its header says capacity %u, element size %u, items per slot %u, which no queue has",
                          shape.capacity, shape.element_size, shape.items_per_slot));
    }
    if (((e.marker & marker::several_items_per_slot) != 0) != (shape.items_per_slot != 1)) {
        return conclude(e, SLICKQ_E_CORRUPT,
                     text("its marker 0x%08X disagrees with its items_per_slot field, %u", e.marker, shape.items_per_slot));
    }
    shape.layout = slq_layout((e.marker & marker::tracks_last_published) != 0, shape.items_per_slot != 1);
    e.shape = shape;
    if (!carries(e, length)) return;
    // After the state, which the slots were written before (examine:A).
    if (readable() < control_length(shape)) {
        return conclude(e, SLICKQ_E_CORRUPT, "its header says that it is ready, but its slots were never written");
    }
    e.verdict = SLICKQ_OK;
}

// The two layouts without a marker. Stricter than the peers, which take anything: all that must be zero is.
void examine_unmarked(examination& e, const std::byte* base, std::uint64_t length, std::uint32_t element_size,
                      const readable_bytes& readable, std::uint64_t page) {
    const auto at_8 = peek<std::uint32_t>(base, offsetof(header, capacity));
    const auto at_12 = peek<std::uint32_t>(base, offsetof(header, element_size));
    const auto at_16 = peek<std::uint32_t>(base, offsetof(wide_header, capacity));
    const bool padding_is_zero = is_zero(base, 32, 48) && is_zero(base, 52, 64);
    const bool is_queue_like = padding_is_zero && is_zero(base, 20, 32);
    const bool state_is_known = e.init_state == fresh || e.init_state == legacy || e.init_state == ready;

    geometry packed{layout::packed, at_8, at_12, 1};
    geometry wide{layout::wide, at_16, element_size, 1};
    if (e.init_state == initialising && padding_is_zero) {
        return conclude(e, SLICKQ_E_HALF_MADE, "its initialisation was begun and not finished");
    }
    if (!is_queue_like || !state_is_known) return conclude(e, SLICKQ_E_NOT_A_QUEUE, "it is not a queue of any known layout");

    if (packed.is_valid() && at_16 == 0) {
        e.shape = packed;
        if (!carries(e, length)) return;
    } else if (std::has_single_bit(at_16) && at_16 <= max_capacity && at_12 == 0) {
        e.shape = wide;
        if (element_size == 0) {
            return conclude(e, SLICKQ_E_ARGUMENT,
                         text("it is a wide segment (slick-queue 1.0 or 1.1) of capacity %u, which stores no element size: "
                              "give the element size to open it", at_16));
        }
        if (!carries(e, length)) return;
        // Its length is all there is to tell the element size by.
        if (length != e.required_length && !is_rounded_up(length, e.required_length, 4096) &&
            !is_rounded_up(length, e.required_length, page)) {
            return conclude(e, SLICKQ_E_MISMATCH,
                         text("it looks like a wide segment of capacity %u, whose %llu bytes do not fit the element size %u, "
                              "which would take %llu", at_16, static_cast<unsigned long long>(length), element_size,
                              static_cast<unsigned long long>(e.required_length)));
        }
    } else {
        return conclude(e, SLICKQ_E_NOT_A_QUEUE, "it is not a queue of any known layout");
    }
    if (readable() < control_length(e.shape) || !slots_are_formatted(base, e.shape.slot_count())) {
        return conclude(e, SLICKQ_E_HALF_MADE, "its header is written, but not all of its slots");
    }
    e.verdict = SLICKQ_OK;
}

segment_birth birth_of_now() noexcept {
    using namespace std::chrono;
    segment_birth now;
    now.created_ns = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    std::uint32_t words[4];
    try {
        std::random_device source;
        for (std::uint32_t& word : words) word = source();
    } catch (...) { // no source of randomness: then what tells this segment from others of this machine
        const std::uint64_t parts[2] = {static_cast<std::uint64_t>(now.created_ns), reinterpret_cast<std::uintptr_t>(&now)};
        std::memcpy(words, parts, sizeof words);
        words[3] ^= static_cast<std::uint32_t>(steady_clock::now().time_since_epoch().count());
    }
    std::memcpy(now.identity.data(), words, sizeof words);
    return now;
}

} // namespace

examination examine(const std::byte* base, std::uint64_t length, std::uint32_t element_size,
                    const readable_bytes& readable, std::uint64_t page) {
    examination e;
    e.shape.layout = layout::any;
    if (length < header_length) {
        conclude(e, SLICKQ_E_NO_LENGTH, text("it has only %llu bytes, less than a header", static_cast<unsigned long long>(length)));
        return e;
    }
    if (readable() >= header_length) {
        e.init_state = load_state(base); // examine:A
        e.marker = peek<std::uint32_t>(base, offsetof(header, marker));
        e.is_blank = is_zero(base, 0, header_length);
    } else {
        e.is_blank = true;
    }
    if (e.is_blank) {
        conclude(e, SLICKQ_E_NOT_READY, "its header is all zero");
    } else if (marker::is_slq(e.marker)) {
        examine_slq(e, base, length, readable);
    } else {
        examine_unmarked(e, base, length, element_size, readable, page);
    }
    return e;
}

bool begin_format(std::byte* base) noexcept {
    std::uint32_t expected = fresh;
    return state_of(base).compare_exchange_strong(expected, initialising, std::memory_order_acq_rel); // format:A
}

void finish_format(std::byte* base, std::uint64_t length, const geometry& shape) noexcept {
    if (shape.layout != layout::wide && length >= shape.created_length()) {
        std::byte* const at = base + shape.extension_offset();
        const segment_birth birth = birth_of_now();
        std::memcpy(at + offsetof(extension, identity), birth.identity.data(), birth.identity.size());
        std::memcpy(at + offsetof(extension, created_ns), &birth.created_ns, sizeof birth.created_ns);
        poke(at, offsetof(extension, version), extension_version);
        poke(at, offsetof(extension, length), static_cast<std::uint32_t>(sizeof(extension)));
        poke(at, offsetof(extension, marker), extension_marker); // visible, as all of it, once the queue is ready
    }
    if (shape.is_slq()) {
        poke(base, offsetof(header, marker), shape.marker());
        poke(base, offsetof(header, items_per_slot), shape.items_per_slot);
        poke(base, offsetof(header, last_published), no_index); // also where it is not kept, as the peers do
    }
    ring(base, shape).reset();
    // The capacity comes last: without a state of their own, the old layouts are ready when it is there.
    if (shape.layout == layout::wide) {
        std::atomic_ref(reinterpret_cast<wide_header*>(base)->capacity).store(shape.capacity, std::memory_order_release);
    } else {
        poke(base, offsetof(header, element_size), shape.element_size);
        std::atomic_ref(reinterpret_cast<header*>(base)->capacity).store(shape.capacity, std::memory_order_release);
    }
    state_of(base).store(shape.is_slq() ? ready : fresh, std::memory_order_release); // format:B
}

std::uint64_t used_length(std::uint64_t length, const geometry& shape) noexcept {
    return length >= shape.created_length() ? shape.created_length() : shape.segment_length();
}

extension* find_extension(std::byte* base, std::uint64_t length, const geometry& shape) noexcept {
    if (shape.layout == layout::wide || length < shape.created_length()) return nullptr;
    std::byte* const at = base + shape.extension_offset();
    const bool is_one = peek<std::uint64_t>(at, offsetof(extension, marker)) == extension_marker &&
                        peek<std::uint32_t>(at, offsetof(extension, version)) >= extension_version &&
                        peek<std::uint32_t>(at, offsetof(extension, length)) >= sizeof(extension);
    return is_one ? reinterpret_cast<extension*>(at) : nullptr;
}

segment_birth birth_of(const extension* extra) noexcept {
    segment_birth birth;
    if (extra == nullptr) return birth;
    std::memcpy(birth.identity.data(), extra->identity, birth.identity.size());
    birth.created_ns = extra->created_ns;
    return birth;
}

} // namespace slickq::detail
