// slick_queue.hpp - slick::queue<T, Traits> as slick-queue 2.3 has it, on libslickq: a program written for that is compiled anew, with
// slickq::slick_queue linked in place of slick::queue, and may share its segments with programs that were not. (That target, with
// slick/queue.hpp on the include path, comes with the CMake option SLICKQ_SLICK_QUEUE.)
//
// What differs, on purpose:
//   - publish() refuses what the ring has lapped, or nobody reserved, and says so: its result is bool where theirs is void
//   - a slot that no producer can have written reads as nothing, is counted as lost, and the cursor has moved past it; theirs hands out
//     memory beyond the ring
//   - segments of slick-queue 1.2 and 1.3 (and 1.0, 1.1) are adopted, not refused
//   - names: one optional leading '/', then up to 255 bytes without '/'. nullptr is std::invalid_argument where a name is needed
//   - a new segment's elements are zero bytes, not constructed objects; a shared queue takes only types that can be copied as bytes
//     (trivially copy-constructible and destructible), else it is std::invalid_argument. A local queue takes any type that can be
//     default-constructed
//   - exceptions are those that theirs throws, and slickq::error as well. A message has the words that programs look for (such as "size
//     mismatch", "enable_read_last=true", "unknown layout features"), and more
//   - segments that it makes are longer, by what libslickq keeps behind the elements; all bytes that slick-queue looks at are the same
//   - enable_cpu_relax does nothing: nothing here spins without bound
//   - <slick/shm/shared_memory.hpp> is included only if slick-shm is there; it is not needed
// Whoever wants more (checked reads, waiting, lossless mode, groups): slickq::queue<T> opens the same segments, and handle() works with
// every function of slickq.h.
#ifndef SLICKQ_COMPAT_SLICK_QUEUE_HPP
#define SLICKQ_COMPAT_SLICK_QUEUE_HPP

#include <slickq/error.hpp>
#include <slickq/detail/ring.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

// Programs that remove or map segments by it include nothing else for that.
#if __has_include(<slick/shm/shared_memory.hpp>)
#  include <slick/shm/shared_memory.hpp>
#endif

#if defined(_MSC_VER)
#  define SLICKQ_NO_UNIQUE_ADDRESS [[msvc::no_unique_address]]
#else
#  define SLICKQ_NO_UNIQUE_ADDRESS [[no_unique_address]]
#endif

namespace slick {
// So that one program may have this in one source file and the original in another: the linker tells them apart.
inline namespace on_slickq {

// What a queue does beyond reserve, publish and read. Derive from it, and set what should differ.
struct queue_traits {
    static constexpr bool enable_read_last = true;       // read_last(). In a segment all must agree: it is layout SLQ1, without it SLQ0
    static constexpr bool enable_reset_check = false;    // a cursor from before a reset() starts anew at 0
    static constexpr bool enable_loss_detection = false; // loss_count()
    static constexpr bool enable_cpu_relax = true;       // no effect
};

struct debug_queue_traits : queue_traits {
    static constexpr bool enable_loss_detection = true;
};

#ifdef NDEBUG
using default_queue_traits = queue_traits;
#else
using default_queue_traits = debug_queue_traits;
#endif

template <class Traits>
concept queue_traits_type = requires {
    requires std::same_as<std::remove_cv_t<decltype(Traits::enable_read_last)>, bool>;
    requires std::same_as<std::remove_cv_t<decltype(Traits::enable_reset_check)>, bool>;
    requires std::same_as<std::remove_cv_t<decltype(Traits::enable_loss_detection)>, bool>;
    requires std::same_as<std::remove_cv_t<decltype(Traits::enable_cpu_relax)>, bool>;
};

namespace detail {

#if defined(__APPLE__) && defined(__aarch64__)
inline constexpr std::size_t cacheline_size = 128;
#else
inline constexpr std::size_t cacheline_size = 64;
#endif

// An object has a cache line for each of these two features, and none without: programs assert that of the original. The last
// published index itself is where the other words of the ring are; its line is left empty.
template <bool IsEnabled>
struct last_published_storage {
    std::uint64_t unused = 0;
};
template <>
struct last_published_storage<false> {};

template <bool IsEnabled>
struct loss_counter_storage {
    std::atomic<std::uint64_t> value{0};
};
template <>
struct loss_counter_storage<false> {};

// An argument that is taken for items per slot only if it can't be a name: queue(8, 0) and queue(8, NULL) mean no name.
struct slot_unit {
    slot_unit(std::uint32_t items) noexcept : value(items) {} // NOLINT(google-explicit-constructor)
    std::uint32_t value;
};

// Where the bytes of a queue are: in a shared segment, or in a block of this process.
class storage {
public:
    storage() = default;
    storage(const storage&) = delete;
    storage& operator=(const storage&) = delete;
    ~storage() {
        if (handle_ != nullptr) slickq_queue_close(handle_);
        if (block_ != nullptr) ::operator delete(block_, alignment_);
    }

    void make_local(const slickq::geometry& shape, std::size_t element_alignment) {
        // The ring's slots need 16 bytes' alignment, of which their end is a multiple; the elements come right behind them.
        const std::size_t to_elements = shape.data_offset();
        const std::size_t shift = (element_alignment - to_elements % element_alignment) % element_alignment;
        alignment_ = std::align_val_t{element_alignment > cacheline_size ? element_alignment : cacheline_size};
        block_ = ::operator new(shift + shape.segment_length(), alignment_);
        auto* const base = static_cast<std::byte*>(block_) + shift;
        std::memset(base, 0, to_elements);
        ring_ = slickq::ring(base, shape);
        ring_.reset();
        shape_ = shape;
        is_creator_ = true;
    }

    void open_or_create(const char* name, const slickq::geometry& shape, std::size_t element_alignment) {
        require_alignment(name, shape.data_offset(), element_alignment);
        slickq_options options = options_for(shape.element_size);
        options.capacity = shape.capacity;
        options.items_per_slot = shape.items_per_slot;
        if (!shape.tracks_last_published()) options.layout = static_cast<std::uint32_t>(shape.layout);
        const slickq_status status = slickq_queue_open_or_create(name, &options, &handle_);
        if (status != SLICKQ_OK) refuse(status, name, shape, "Failed to create/open shared memory");
        adopt(name, shape, element_alignment);
    }

    void open(const char* name, const slickq::geometry& shape, std::size_t element_alignment) {
        if (name == nullptr) slickq::raise(SLICKQ_E_NULL, "a queue without a size needs the name of a segment");
        const slickq_options options = options_for(shape.element_size);
        const slickq_status status = slickq_queue_open(name, &options, &handle_);
        if (status != SLICKQ_OK) refuse(status, name, shape, "Failed to open shared memory");
        adopt(name, shape, element_alignment);
    }

    slickq::ring& ring() noexcept { return ring_; }
    const slickq::ring& ring() const noexcept { return ring_; }
    std::uint32_t items_per_slot() const noexcept { return shape_.items_per_slot; }
    std::uint32_t slot_count() const noexcept { return shape_.slot_count(); }
    slickq_queue* handle() const noexcept { return handle_; }
    bool is_creator() const noexcept { return is_creator_; }

private:
    static slickq_options options_for(std::uint32_t element_size) noexcept {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.element_size = element_size;
        return options;
    }

    void adopt(const char* name, const slickq::geometry& asked, std::size_t element_alignment) {
        slickq_queue_info info{};
        info.struct_size = sizeof info;
        slickq::require_ok(slickq_queue_get_info(handle_, &info));
        shape_ = {static_cast<slickq::layout>(info.layout), info.capacity, info.element_size, info.items_per_slot};
        require_same_last(name, shape_, asked.tracks_last_published());
        require_alignment(name, info.data_offset, element_alignment);
        auto* const base = static_cast<std::byte*>(info.base);
        ring_ = slickq::ring(base, shape_,
                             info.extension_offset != 0 ? reinterpret_cast<slickq::extension*>(base + info.extension_offset) : nullptr);
        is_creator_ = (info.flags & SLICKQ_INFO_CREATOR) != 0;
    }

    // The original's failures to open are all std::runtime_error, whatever their cause.
    [[noreturn]] static void refuse(slickq_status status, const char* name, const char* what, const std::string& more) {
        slickq::raise_as<slickq::failure>(status, std::string(what) + " ('" + name + "')" + more);
    }

    // Whoever publishes here must raise the last-published index exactly if all others do. Older layouts leave that to each reader.
    static void require_same_last(const char* name, const slickq::geometry& found, bool wanted) {
        if (!found.is_slq() || found.tracks_last_published() == wanted) return;
        const char* const texts[] = {"false", "true"};
        refuse(SLICKQ_E_MISMATCH, name, "Shared memory feature mismatch",
               std::string(": it was made with enable_read_last=") + texts[!wanted] + " but this queue has enable_read_last=" +
                   texts[wanted]);
    }

    static void require_alignment(const char* name, std::uint64_t data_offset, std::size_t element_alignment) {
        if (data_offset % element_alignment == 0) return; // a segment is mapped at a page
        refuse(SLICKQ_E_UNSUPPORTED, name, "Shared memory elements",
               " would begin at offset " + std::to_string(data_offset) + ", not aligned for alignof(T), " +
                   std::to_string(element_alignment) + ": take more elements, or items_per_slot > 1");
    }

    // Says it in the words that programs written for the original look for; the rest is the library's message.
    [[noreturn]] static void refuse(slickq_status status, const char* name, const slickq::geometry& asked, const char* otherwise) {
        const std::string why = std::string(": ") + slickq_last_message();
        switch (status) {
        case SLICKQ_E_NO_LENGTH:
        case SLICKQ_E_NOT_READY:
        case SLICKQ_E_HALF_MADE: refuse(status, name, "Timed out waiting for shared memory initialization", why);
        case SLICKQ_E_NEWER: refuse(status, name, "Shared memory was created with unknown layout features", why);
        case SLICKQ_E_NOT_A_QUEUE: refuse(status, name, "Shared memory does not carry a slick-queue layout marker", why);
        default: break;
        }
        slickq_inspection seen{};
        seen.struct_size = sizeof seen;
        if (status == SLICKQ_E_MISMATCH && slickq_segment_inspect(name, asked.element_size, &seen) == SLICKQ_OK) {
            const slickq::geometry found{static_cast<slickq::layout>(seen.layout), seen.capacity, seen.element_size,
                                         seen.items_per_slot};
            require_same_last(name, found, asked.tracks_last_published());
            if (asked.capacity != 0 && found.capacity != asked.capacity) refuse(status, name, "Shared memory size mismatch", why);
            if (found.element_size != asked.element_size) refuse(status, name, "Shared memory element size mismatch", why);
            if (asked.capacity != 0 && found.items_per_slot != asked.items_per_slot) {
                refuse(status, name, "Shared memory items_per_slot mismatch", why);
            }
        }
        refuse(status, name, otherwise, why);
    }

    slickq::ring ring_;
    slickq::geometry shape_;
    slickq_queue* handle_ = nullptr;
    void* block_ = nullptr;
    std::align_val_t alignment_{cacheline_size};
    bool is_creator_ = false;
};

} // namespace detail

// Threads: as slickq::queue<T>: everything at once, but for construction, destruction and reset().
template <class T, queue_traits_type Traits = default_queue_traits>
class SlickQueue {
public:
    // `size` elements, a power of two: in the segment of that name, which is made if there is none, or in this process.
    SlickQueue(std::uint32_t size, const char* const shm_name = nullptr) : SlickQueue(size, detail::slot_unit(1), shm_name) {}

    // The same with `items` to a control slot, a power of two: what a reservation is rounded up to.
    SlickQueue(std::uint32_t size, detail::slot_unit items, const char* const shm_name = nullptr) {
        require_power_of_two("size", size);
        require_power_of_two("items_per_slot", items.value);
        if (items.value > size) {
            slickq::raise(SLICKQ_E_ARGUMENT, "items_per_slot " + std::to_string(items.value) + " > queue size " + std::to_string(size));
        }
        const slickq::geometry shape = geometry_of(size, items.value);
        if (shm_name != nullptr) {
            require_shareable();
            storage_.open_or_create(shm_name, shape, alignof(T));
            name_ = shm_name;
        } else {
            storage_.make_local(shape, alignof(T));
        }
        elements_ = reinterpret_cast<T*>(storage_.ring().elements());
        if (shm_name == nullptr) std::uninitialized_default_construct_n(elements_, size);
        is_shared_ = shm_name != nullptr;
    }

    // What is in that segment.
    SlickQueue(const char* const shm_name) : is_shared_(true) {
        require_shareable();
        storage_.open(shm_name, geometry_of(0, 1), alignof(T));
        name_ = shm_name;
        elements_ = reinterpret_cast<T*>(storage_.ring().elements());
    }

    SlickQueue(const SlickQueue&) = delete;
    SlickQueue& operator=(const SlickQueue&) = delete;

    virtual ~SlickQueue() noexcept {
        if (!is_shared_) std::destroy_n(elements_, size());
    }

    // ---------------------------------------------------------------- producing

    std::uint64_t reserve(std::uint32_t n = 1) {
        if (!ring().can_hold(n)) [[unlikely]] refuse_count(n);
        return ring().reserve(n);
    }

    T* operator[](std::uint64_t index) noexcept { return elements_ + ring().position(index); }
    const T* operator[](std::uint64_t index) const noexcept { return elements_ + ring().position(index); }

    bool publish(std::uint64_t index, std::uint32_t n = 1) noexcept { return ring().publish(index, n) == slickq::ring_result::ok; }

    // ---------------------------------------------------------------- consuming

    std::pair<T*, std::uint32_t> read(std::uint64_t& read_index) noexcept {
        if constexpr (Traits::enable_reset_check) {
            if (was_reset(read_index)) [[unlikely]] read_index = 0;
        }
        slickq::record next;
        if (ring().read_single(read_index, next)) [[likely]] return {elements_ + next.position, 1};
        std::uint64_t at = read_index; // so that the caller's may stay in a register
        const auto result = read_any(at);
        read_index = at;
        return result;
    }

    std::pair<T*, std::uint32_t> read(std::atomic<std::uint64_t>& read_index) noexcept {
        if constexpr (Traits::enable_reset_check) {
            std::uint64_t at = read_index.load(std::memory_order_relaxed);
            // If it fails, another consumer has moved it meanwhile; it is no worse than what that one left.
            if (was_reset(at)) [[unlikely]] read_index.compare_exchange_strong(at, 0, std::memory_order_relaxed);
        }
        slickq::record seen;
        return deliver(ring().claim(read_index, seen), seen);
    }

    std::pair<T*, std::uint32_t> read_last() noexcept {
        static_assert(Traits::enable_read_last, "read_last() needs Traits::enable_read_last: nobody notes the last record without it");
        slickq::record seen;
        const slickq::ring_result found = ring().read_last(seen);
        if (found != slickq::ring_result::ok) return {nullptr, 0};
        return {elements_ + seen.position, seen.count};
    }

    std::uint64_t initial_reading_index() const noexcept { return ring().reserved_index(); }

    // Elements that were skipped by reads through this object; always 0 without enable_loss_detection.
    std::uint64_t loss_count() const noexcept {
        if constexpr (Traits::enable_loss_detection) return loss_count_.value.load(std::memory_order_relaxed);
        return 0;
    }

    // ---------------------------------------------------------------- life and properties

    void reset() noexcept {
        if (handle() != nullptr) {
            slickq_queue_reset(handle());
        } else {
            ring().reset();
        }
        if constexpr (Traits::enable_loss_detection) loss_count_.value.store(0, std::memory_order_relaxed);
    }

    // Where names can't be removed (Windows) there is nothing to do, which is true.
    bool remove_shm() const noexcept {
        if (!is_shared_) return false;
        const slickq_status status = slickq_segment_remove(name_.c_str());
        return status == SLICKQ_OK || status == SLICKQ_E_UNSUPPORTED;
    }

    bool own_buffer() const noexcept { return storage_.is_creator(); }
    bool use_shm() const noexcept { return is_shared_; }
    const char* shm_name() const noexcept { return name_.c_str(); } // as it was given; "" for a local queue
    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ring().capacity()); }
    std::uint32_t items_per_slot() const noexcept { return storage_.items_per_slot(); }
    std::uint32_t slot_count() const noexcept { return storage_.slot_count(); }
    slickq_queue* handle() const noexcept { return storage_.handle(); } // for the C functions; nullptr for a local queue

private:
    slickq::ring& ring() noexcept { return storage_.ring(); }
    const slickq::ring& ring() const noexcept { return storage_.ring(); }

    static slickq::geometry geometry_of(std::uint32_t size, std::uint32_t items_per_slot) noexcept {
        static_assert(sizeof(T) <= std::numeric_limits<std::uint32_t>::max(), "an element has less than 4 GiB");
        return {slickq::slq_layout(Traits::enable_read_last, items_per_slot != 1), size, sizeof(T), items_per_slot};
    }

    static void require_power_of_two(const char* what, std::uint32_t value) {
        if (!std::has_single_bit(value)) {
            slickq::raise(SLICKQ_E_ARGUMENT, std::string(what) + " must be a power of 2, not " + std::to_string(value));
        }
    }

    // The bytes are the value: std::pair is not trivially copyable by its assignment alone, and is as good.
    static void require_shareable() {
        if constexpr (!std::is_trivially_copy_constructible_v<T> || !std::is_trivially_destructible_v<T>) {
            slickq::raise(SLICKQ_E_ARGUMENT, "elements of a shared queue are shared as bytes, which such a type must not be");
        }
    }

    // 0 is a wrong argument, too many is a limit of this queue: so the original throws.
    [[noreturn]] SLICKQ_COLD void refuse_count(std::uint32_t n) const {
        if (n == 0) slickq::raise(SLICKQ_E_ARGUMENT, "required size must be > 0");
        slickq::raise_as<slickq::failure>(SLICKQ_E_ARGUMENT, "required size " + std::to_string(n) + " > queue size " +
                                                                 std::to_string(size()));
    }

    // A cursor ahead of all that is reserved can only be from before a reset.
    bool was_reset(std::uint64_t read_index) const noexcept {
        return ring().difference(ring().reserved_index(std::memory_order_relaxed), read_index) < 0;
    }

    SLICKQ_NOINLINE std::pair<T*, std::uint32_t> read_any(std::uint64_t& read_index) noexcept {
        slickq::record seen;
        return deliver(ring().read_any(read_index, seen), seen);
    }

    std::pair<T*, std::uint32_t> deliver(slickq::ring_result result, const slickq::record& seen) noexcept {
        if (result == slickq::ring_result::empty) return {nullptr, 0};
        const bool is_whole = result == slickq::ring_result::ok;
        if constexpr (Traits::enable_loss_detection) {
            const std::uint64_t damaged = is_whole ? 0 : ring().after(seen.index, seen.count) - seen.index;
            const std::uint64_t lost = seen.lost + (damaged & ring().index_mask());
            if (lost != 0) loss_count_.value.fetch_add(lost, std::memory_order_relaxed); // a statistic
        }
        if (!is_whole) return {nullptr, 0};
        return {elements_ + seen.position, seen.count};
    }

    static constexpr std::size_t last_alignment = Traits::enable_read_last ? detail::cacheline_size : 1;
    static constexpr std::size_t loss_alignment = Traits::enable_loss_detection ? detail::cacheline_size : 1;

    alignas(detail::cacheline_size) detail::storage storage_;
    T* elements_ = nullptr;
    bool is_shared_ = false;
    std::string name_;
    [[maybe_unused]] SLICKQ_NO_UNIQUE_ADDRESS alignas(last_alignment) detail::last_published_storage<Traits::enable_read_last> last_published_;
    SLICKQ_NO_UNIQUE_ADDRESS alignas(loss_alignment) detail::loss_counter_storage<Traits::enable_loss_detection> loss_count_;
};

template <class T, queue_traits_type Traits = default_queue_traits>
using queue = SlickQueue<T, Traits>;

} // namespace on_slickq
} // namespace slick

#undef SLICKQ_NO_UNIQUE_ADDRESS

#endif
