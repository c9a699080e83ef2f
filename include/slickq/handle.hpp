// handle.hpp - what the small classes of the C++ face take for a queue: its handle, or any object that has one as
// handle(), such as slickq::queue<T>.
#ifndef SLICKQ_HANDLE_HPP
#define SLICKQ_HANDLE_HPP

#include <slickq/detail/version.hpp>
#include <slickq/slickq.h>

#include <concepts>

namespace slickq::inline SLICKQ_NAMESPACE {

class any_queue {
public:
    any_queue(slickq_queue* handle) noexcept : handle_(handle) {} // NOLINT(google-explicit-constructor)

    template <class Queue>
        requires requires(const Queue& queue) {
            { queue.handle() } -> std::same_as<slickq_queue*>;
        }
    any_queue(const Queue& queue) noexcept : handle_(queue.handle()) {} // NOLINT(google-explicit-constructor)

    slickq_queue* get() const noexcept { return handle_; }

private:
    slickq_queue* handle_;
};

} // namespace slickq

#endif
