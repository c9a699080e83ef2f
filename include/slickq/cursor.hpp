// cursor.hpp - a shared cursor in a segment of its own, so that consumers in several processes take turns: see "shared
// cursors" in slickq.h.
#ifndef SLICKQ_CURSOR_HPP
#define SLICKQ_CURSOR_HPP

#include <slickq/error.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace slickq::inline SLICKQ_NAMESPACE {

// Closed at its end; slickq_segment_remove() removes the name.
class named_cursor {
public:
    // The name must be free, else it throws SLICKQ_E_EXISTS. It begins at index 0.
    static named_cursor create(const char* name, std::uint64_t offset = 0, std::uint32_t permissions = 0) {
        slickq_cursor* made = nullptr;
        require_ok(slickq_cursor_create(name, offset, permissions, &made));
        return named_cursor(made);
    }
    // Throws SLICKQ_E_NOT_FOUND if there is none.
    static named_cursor open(const char* name, std::uint64_t offset = 0,
                             std::int64_t timeout_ns = SLICKQ_TIMEOUT_DEFAULT) {
        slickq_cursor* found = nullptr;
        require_ok(slickq_cursor_open(name, offset, timeout_ns, &found));
        return named_cursor(found);
    }
    static named_cursor open_or_create(const char* name, std::uint64_t offset = 0, std::uint32_t permissions = 0,
                                       std::int64_t timeout_ns = SLICKQ_TIMEOUT_DEFAULT) {
        slickq_cursor* got = nullptr;
        require_ok(slickq_cursor_open_or_create(name, offset, permissions, timeout_ns, &got));
        return named_cursor(got);
    }

    named_cursor(named_cursor&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)), cell_(std::exchange(other.cell_, nullptr)) {}
    named_cursor& operator=(named_cursor&& other) noexcept {
        std::swap(handle_, other.handle_);
        std::swap(cell_, other.cell_);
        return *this;
    }
    ~named_cursor() {
        if (handle_ != nullptr) slickq_cursor_close(handle_);
    }

    // What queue<T>::read() takes.
    std::atomic<std::uint64_t>& operator*() const noexcept { return *cell_; }
    std::atomic<std::uint64_t>* operator->() const noexcept { return cell_; }

private:
    explicit named_cursor(slickq_cursor* handle) noexcept : handle_(handle) {
        std::uint64_t* cell = nullptr;
        slickq_cursor_cell(handle, &cell); // can't fail: it is open
        cell_ = reinterpret_cast<std::atomic<std::uint64_t>*>(cell);
    }

    slickq_cursor* handle_;
    std::atomic<std::uint64_t>* cell_ = nullptr;
};

} // namespace slickq

#endif
