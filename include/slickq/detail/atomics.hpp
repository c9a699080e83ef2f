// atomics.hpp - what the ring needs of the machine, as a policy: the explorer in tests/ has another one, which runs every
// schedule.
#ifndef SLICKQ_ATOMICS_HPP
#define SLICKQ_ATOMICS_HPP

#include <slickq/detail/cas16.hpp>
#include <slickq/detail/os_wait.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

// What is seldom needed is kept out of line, so that what remains is short enough to be inlined into the caller's code.
#if defined(__GNUC__)
#  define SLICKQ_NOINLINE __attribute__((noinline))
#elif defined(_MSC_VER)
#  define SLICKQ_NOINLINE __declspec(noinline)
#else
#  define SLICKQ_NOINLINE
#endif

// Variables of a header would else be unique in the process, for which a plugin that includes it could not be unloaded any more.
#if defined(__GNUC__)
#  define SLICKQ_HIDDEN __attribute__((visibility("hidden")))
#else
#  define SLICKQ_HIDDEN
#endif

namespace slickq::inline SLICKQ_NAMESPACE {

namespace detail {

// GCC's ThreadSanitizer warns that it does not model fences. Nothing relies on them for freedom of races: what they order is
// atomic by itself.
inline void fence(std::memory_order order) noexcept {
#if defined(__GNUC__) && !defined(__clang__) && defined(SLICKQ_TSAN)
#  pragma GCC diagnostic push
#  pragma GCC diagnostic ignored "-Wtsan"
#endif
    std::atomic_thread_fence(order);
#if defined(__GNUC__) && !defined(__clang__) && defined(SLICKQ_TSAN)
#  pragma GCC diagnostic pop
#endif
}

#if defined(__GNUC__)
using shared_word = std::uint64_t __attribute__((may_alias)); // the elements are other types' bytes

template <class T>
T load_relaxed(const T* from) noexcept { return __atomic_load_n(from, __ATOMIC_RELAXED); }
template <class T>
void store_relaxed(T* to, T value) noexcept { __atomic_store_n(to, value, __ATOMIC_RELAXED); }
#else
using shared_word = std::uint64_t;

template <class T>
T load_relaxed(const T* from) noexcept {
    return std::atomic_ref<T>(*const_cast<T*>(from)).load(std::memory_order_relaxed);
}
template <class T>
void store_relaxed(T* to, T value) noexcept { std::atomic_ref<T>(*to).store(value, std::memory_order_relaxed); }
#endif

} // namespace detail

struct native_atomics {
    template <class T>
    using atomic = std::atomic<T>;

    // Orders at least as `order` says: always as sequentially consistent.
    static bool cas16(void* address, detail::pair64& expected, detail::pair64 desired, std::memory_order) noexcept {
        return detail::cas16(address, expected, desired);
    }
    static bool has_cas16() noexcept { return detail::has_cas16(); }
    static void store16(void* address, detail::pair64 value) noexcept { detail::store16(address, value); }
    static bool has_store16() noexcept { return detail::has_store16(); }

    static void release_fence() noexcept { detail::fence(std::memory_order_release); }
    static void acquire_fence() noexcept { detail::fence(std::memory_order_acquire); }
    static void full_fence() noexcept { detail::fence(std::memory_order_seq_cst); }

    // A full fence in every thread of every process that asked for it (slickq_detail_heavy_fence()).
    static void heavy_fence() noexcept { slickq_detail_heavy_fence(); }
    // Asks for them, for this process and its children.
    static bool can_use_heavy_fences() noexcept { return slickq_detail_accept_heavy_fences() != 0; }
    // Keeps the compiler from moving memory accesses across; the machine still may.
    static void compiler_fence() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

    // A hint that this will be read, by who has found that it is not there yet: taken if it was so the last time too. Who is close
    // behind a producer finds nothing for a moment only, and would take the line from it which it is writing (bench/README.md).
    static void prefetch_if_waiting([[maybe_unused]] const void* address) noexcept {
#if defined(__GNUC__)
        const void*& last = last_waits[reinterpret_cast<std::uintptr_t>(address) / 64 % std::size(last_waits)];
        if (last == address) __builtin_prefetch(address);
        last = address;
#endif
    }

    // The same value, of which the compiler does not know that it is: comparing with it gives no reason to use the one for the other.
    static std::uint64_t opaque(std::uint64_t value) noexcept {
#if defined(__GNUC__)
        __asm__("" : "+r"(value));
#endif
        return value;
    }

    // Elements, between shared memory and memory of one's own. Every shared byte is accessed by a relaxed atomic operation, so
    // that a producer overwriting what a consumer copies is no data race, and what comes out is bytes, old or new. Words where
    // they lie aligned in the shared memory, single bytes at the ends. (C++ does not say what atomic accesses of different
    // sizes to the same byte do; every machine that this runs on performs each of them whole.)
    static void copy_in(std::byte* shared, const void* from, std::size_t bytes) noexcept {
        const auto* source = static_cast<const unsigned char*>(from);
        auto* to = reinterpret_cast<unsigned char*>(shared);
        if (bytes == sizeof(std::uint64_t) && !misaligned(to)) return store_word(to, source); // the loops would cost more than it
        for (; bytes != 0 && misaligned(to); --bytes) detail::store_relaxed(to++, *source++);
        for (; bytes >= sizeof(std::uint64_t); bytes -= sizeof(std::uint64_t)) {
            store_word(to, source);
            source += sizeof(std::uint64_t);
            to += sizeof(std::uint64_t);
        }
        for (; bytes != 0; --bytes) detail::store_relaxed(to++, *source++);
    }

    static void copy_out(void* to, const std::byte* shared, std::size_t bytes) noexcept {
        auto* target = static_cast<unsigned char*>(to);
        const auto* from = reinterpret_cast<const unsigned char*>(shared);
        for (; bytes != 0 && misaligned(from); --bytes) *target++ = detail::load_relaxed(from++);
        for (; bytes >= sizeof(std::uint64_t); bytes -= sizeof(std::uint64_t)) {
            const std::uint64_t word = detail::load_relaxed(reinterpret_cast<const detail::shared_word*>(from));
            std::memcpy(target, &word, sizeof word);
            target += sizeof word;
            from += sizeof word;
        }
        for (; bytes != 0; --bytes) *target++ = detail::load_relaxed(from++);
    }

    // Sleeps while the word is `expected`, for `longest_ns` at most; may return early.
    static void sleep(const std::atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t longest_ns) noexcept {
        slickq_detail_sleep(&word, expected, longest_ns);
    }
    static void nap(std::int64_t ns) noexcept {
        const std::atomic<std::uint32_t> nobodys{0};
        sleep(nobodys, 0, ns);
    }
    static void wake_all(std::atomic<std::uint32_t>& word) noexcept { slickq_detail_wake_all(&word); }

    static constexpr std::uint32_t reports_kept = 48; // of lapped producers: layout.hpp
    static constexpr int looks_before_sleep = 200; // some microseconds
    // A moment, in a loop that waits for another core.
    static void pause() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
        __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
        __asm__ __volatile__("isb" ::: "memory");
#endif
    }

    // Which process this is: what a registration says of its owner.
    static std::uint32_t process_id() noexcept { return slickq_detail_process_id(); }

    // Nanoseconds on a clock that never goes back.
    static std::int64_t now_ns() noexcept {
        using namespace std::chrono;
        return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
    }

private:
    // Several, for a thread that looks into several queues in turn.
    SLICKQ_HIDDEN static inline constinit thread_local const void* last_waits[8]{};

    static void store_word(unsigned char* to, const unsigned char* from) noexcept {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof word);
        detail::store_relaxed(reinterpret_cast<detail::shared_word*>(to), static_cast<detail::shared_word>(word));
    }
    static bool misaligned(const void* address) noexcept {
        return reinterpret_cast<std::uintptr_t>(address) % sizeof(std::uint64_t) != 0;
    }
};

} // namespace slickq

#endif
