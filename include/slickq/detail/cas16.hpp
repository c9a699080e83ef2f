// cas16.hpp - compare-and-swap, and store, of 16 aligned bytes, which C++ has no portable inline form of.
#ifndef SLICKQ_CAS16_HPP
#define SLICKQ_CAS16_HPP

#include <slickq/detail/version.hpp>

#include <cstdint>

#if defined(_WIN32)
#  include <intrin.h> // before <cpuid.h>, whose macro __cpuid would break MinGW's declaration of the same name
#endif
#if defined(__x86_64__)
#  include <cpuid.h>
#endif

#if defined(__SANITIZE_THREAD__)
#  define SLICKQ_TSAN 1
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define SLICKQ_TSAN 1
#  endif
#endif
#if defined(SLICKQ_TSAN)
extern "C" void __tsan_release(void* address);
#endif

namespace slickq::inline SLICKQ_NAMESPACE::detail {

struct pair64 {
    std::uint64_t low;
    std::uint64_t high;
};

// Whether this CPU can: x86-64 since about 2006, every arm64.
inline bool has_cas16() noexcept {
#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
    int registers[4];
    __cpuid(registers, 1);
    return (registers[2] & (1 << 13)) != 0; // CPUID.1:ECX.CMPXCHG16B
#elif defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_CMPXCHG16B) != 0;
#elif defined(__aarch64__) || defined(_M_ARM64)
    return true;
#else
    return false;
#endif
}

// If *address equals expected, stores desired there and returns true; else sets expected to what is there. Sequentially
// consistent, hence also a release of all that came before. `address` is aligned to 16 bytes; only if has_cas16().
inline bool cas16(void* address, pair64& expected, pair64 desired) noexcept {
#if defined(SLICKQ_TSAN)
    // ThreadSanitizer can't see the instruction below: tell it of the release that its partner loads acquire.
    __tsan_release(address);
#endif
#if defined(_MSC_VER) && !defined(__clang__)
    return _InterlockedCompareExchange128(static_cast<long long*>(address), static_cast<long long>(desired.high),
                                          static_cast<long long>(desired.low),
                                          reinterpret_cast<long long*>(&expected)) != 0;
#elif defined(__x86_64__)
    bool equal;
    std::uint64_t low = expected.low, high = expected.high; // else they would be loaded from memory, and stored there again
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(equal), "+m"(*static_cast<pair64*>(address)), "+a"(low), "+d"(high)
                         : "b"(desired.low), "c"(desired.high)
                         : "memory");
    if (!equal) expected = {low, high};
    return equal;
#elif defined(__aarch64__)
    // The pair is only known to have been loaded as one if the store succeeds, so a mismatch stores it back.
    std::uint64_t low, high;
    unsigned failed;
    bool equal;
    do {
        __asm__ __volatile__("ldaxp %0, %1, %2" : "=&r"(low), "=&r"(high) : "Q"(*static_cast<pair64*>(address)) : "memory");
        equal = low == expected.low && high == expected.high;
        const pair64 next = equal ? desired : pair64{low, high};
        __asm__ __volatile__("stlxp %w0, %2, %3, %1"
                             : "=&r"(failed), "=Q"(*static_cast<pair64*>(address))
                             : "r"(next.low), "r"(next.high)
                             : "memory");
    } while (failed != 0);
    if (!equal) expected = {low, high};
    // Later loads must not pass the store: with ldaxp/stlxp alone they may.
    __asm__ __volatile__("dmb ish" ::: "memory");
    return equal;
#else
    (void)address, (void)expected, (void)desired;
    return false;
#endif
}

// Whether this CPU stores 16 aligned bytes as one. Those with AVX do: Intel and AMD say so of their aligned SSE stores (Intel 64 and
// IA-32 Architectures Software Developer's Manual, volume 3, 9.1.1; AMD64 Architecture Programmer's Manual, volume 2, 7.3.2).
inline bool has_store16() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_AVX) != 0 && (c & bit_OSXSAVE) != 0;
#else
    return false;
#endif
}

// A release, of one store. `address` is aligned to 16 bytes; only if has_store16().
inline void store16(void* address, pair64 value) noexcept {
#if defined(SLICKQ_TSAN)
    __tsan_release(address); // as in cas16()
#endif
#if defined(__x86_64__) && defined(__GNUC__)
    using vector = long long __attribute__((vector_size(16)));
    const vector both{static_cast<long long>(value.low), static_cast<long long>(value.high)};
    __asm__ __volatile__("movaps %1, %0" : "=m"(*static_cast<pair64*>(address)) : "x"(both) : "memory");
#else
    (void)address, (void)value;
#endif
}

} // namespace slickq::detail

#endif
