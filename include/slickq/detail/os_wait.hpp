// os_wait.hpp - what inlined code needs of the library: sleeping on a word, waking, fences in other processes, the
// process's number. Declarations only: src/os_wait.cpp and src/liveness.cpp define them.
//
// No API: these functions are exported because the code of these headers is compiled into programs, and for nothing
// else. They work as long as such a program is used, and may be joined by others; nobody else calls them.
#ifndef SLICKQ_DETAIL_OS_WAIT_HPP
#define SLICKQ_DETAIL_OS_WAIT_HPP

#include <cstdint>

// As SLICKQ_API in slickq.h, which the core does not include. "Protected" is exported too, but the library's own calls
// go straight to the function, not through its table of imports, where another library could put its own.
#if defined(SLICKQ_STATIC)
#  define SLICKQ_DETAIL_API
#elif defined(_WIN32) && defined(SLICKQ_BUILDING)
#  define SLICKQ_DETAIL_API __declspec(dllexport)
#elif defined(_WIN32)
#  define SLICKQ_DETAIL_API __declspec(dllimport)
#elif defined(__ELF__) && defined(SLICKQ_BUILDING)
#  define SLICKQ_DETAIL_API __attribute__((visibility("protected")))
#elif defined(__GNUC__)
#  define SLICKQ_DETAIL_API __attribute__((visibility("default")))
#else
#  define SLICKQ_DETAIL_API
#endif

extern "C" {

// Sleeps while the word, in memory that processes may share, is `expected`, for longest_ns at most; may return early.
// Where the system has no such wait across processes, it sleeps for a while: 2 ms at most.
SLICKQ_DETAIL_API void slickq_detail_sleep(const void* word, std::uint32_t expected, std::int64_t longest_ns) noexcept;
// Wakes all who sleep on the word.
SLICKQ_DETAIL_API void slickq_detail_wake_all(const void* word) noexcept;

// A full fence in every running thread of each process that accepts it, and of its children (Linux: membarrier(2)).
SLICKQ_DETAIL_API void slickq_detail_heavy_fence() noexcept;
// Accepts them for this process. 0: this system has no such thing.
SLICKQ_DETAIL_API int slickq_detail_accept_heavy_fences() noexcept;

// The number of the calling process: getpid(), but quicker.
SLICKQ_DETAIL_API std::uint32_t slickq_detail_process_id() noexcept;

} // extern "C"

#endif
