// operator new of this program, and so of the library in it.
#include "interpose.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local int allocations_to_go = 0; // 0: none is to fail
thread_local bool fails_on = false;
thread_local bool has_failed = false;

bool is_to_fail() {
    if (has_failed && fails_on) return true;
    if (allocations_to_go == 0 || --allocations_to_go != 0) return false;
    has_failed = true;
    return true;
}

void* allocate(std::size_t size, std::size_t alignment) {
    if (is_to_fail()) throw std::bad_alloc();
    void* found = nullptr;
    if (alignment <= alignof(std::max_align_t)) {
        found = std::malloc(size);
    } else if (::posix_memalign(&found, alignment, size) != 0) {
        found = nullptr;
    }
    if (found == nullptr) throw std::bad_alloc();
    return found;
}

} // namespace

namespace test {

failing_allocation::failing_allocation(int count, bool and_all_that_follow) {
    has_failed = false;
    fails_on = and_all_that_follow;
    allocations_to_go = count;
}
failing_allocation::~failing_allocation() {
    allocations_to_go = 0;
    fails_on = false;
}
bool failing_allocation::has_happened() const { return has_failed; }

} // namespace test

void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
