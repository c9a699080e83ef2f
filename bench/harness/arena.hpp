// Memory that parent and children share, at the same addresses: what is constructed in it before fork() and holds no pointer out
// of it works between processes.
#ifndef BENCH_ARENA_HPP
#define BENCH_ARENA_HPP

#include <cstddef>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace bench {

class arena {
public:
    explicit arena(std::size_t bytes) : bytes_(bytes) {
        void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        base_ = static_cast<std::byte*>(mapped);
    }
    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;
    ~arena() { ::munmap(base_, bytes_); }

    // Zero, on cache lines of its own and not beside another one's neighbour (which the adjacent-line prefetcher would drag along).
    void* allocate(std::size_t bytes) {
        const std::size_t begin = used_;
        used_ += (bytes + line - 1) / line * line;
        if (used_ > bytes_) throw std::bad_alloc();
        return base_ + begin;
    }

    template <class T, class... Args>
    T& make(Args&&... args) {
        static_assert(alignof(T) <= line);
        return *::new (allocate(sizeof(T))) T(std::forward<Args>(args)...);
    }

private:
    static constexpr std::size_t line = 128;

    std::byte* base_;
    std::size_t bytes_;
    std::size_t used_ = 0;
};

// For containers that take an allocator. Nothing is given back before the arena goes.
template <class T>
struct arena_allocator {
    using value_type = T;

    arena* from;

    explicit arena_allocator(arena& source) noexcept : from(&source) {}
    template <class U>
    arena_allocator(const arena_allocator<U>& other) noexcept : from(other.from) {}

    T* allocate(std::size_t count) { return static_cast<T*>(from->allocate(count * sizeof(T))); }
    void deallocate(T*, std::size_t) noexcept {}

    template <class U>
    bool operator==(const arena_allocator<U>& other) const noexcept {
        return from == other.from;
    }
};

} // namespace bench

#endif
