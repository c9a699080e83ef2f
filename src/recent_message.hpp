// recent_message.hpp - the latest message of each error in any thread, for callers who get a status in another thread
// than the one that made the call. It costs something only where a call fails.
//
// Each status has a place, written under a sequence number that is odd meanwhile. A writer never waits: if another one is
// writing there, it leaves its own message out, as the other's is as recent. (So a child of fork() cannot hang on a thread
// that it does not have.)
//
//   M1 writer, odd number    acquire                  pairs with M3 of the writer before
//   M2 writer, words         relaxed, behind a        pairs with M5: a reader that sees one of these words sees the odd
//                            release fence            number, or a later one, at M5
//   M3 writer, even number   release                  pairs with M1 of the next writer and with M4
//   M4 reader, number        acquire                  pairs with M3
//   M5 reader, number again  relaxed, behind an       pairs with M2
//                            acquire fence
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace slickq::detail {

template <std::size_t Capacity>
class message_place {
public:
    using text = char[Capacity];

    void set(const text& message) noexcept {
        std::uint32_t before = number_.load(std::memory_order_relaxed); // a guess, which M1 checks
        if (before % 2 != 0) return;
        if (!number_.compare_exchange_strong(before, before + 1, std::memory_order_acquire, std::memory_order_relaxed)) return; // M1
        std::atomic_thread_fence(std::memory_order_release); // M2
        const std::size_t used = std::strlen(message) / sizeof(std::uint64_t) + 1; // with its NUL
        for (std::size_t i = 0; i < used; ++i) {
            std::uint64_t word;
            std::memcpy(&word, message + i * sizeof word, sizeof word);
            words_[i].store(word, std::memory_order_relaxed);
        }
        number_.store(before + 2, std::memory_order_release); // M3
    }

    // "" where there is none, or another thread is just setting it.
    void get(text& message) const noexcept {
        const std::uint32_t before = number_.load(std::memory_order_acquire); // M4
        for (std::size_t i = 0; i < words_.size(); ++i) {
            const std::uint64_t word = words_[i].load(std::memory_order_relaxed);
            std::memcpy(message + i * sizeof word, &word, sizeof word);
        }
        std::atomic_thread_fence(std::memory_order_acquire); // M5
        if (before % 2 != 0 || number_.load(std::memory_order_relaxed) != before) message[0] = '\0';
    }

private:
    static_assert(Capacity % sizeof(std::uint64_t) == 0);
    std::atomic<std::uint32_t> number_{0};
    std::array<std::atomic<std::uint64_t>, Capacity / sizeof(std::uint64_t)> words_{};
};

} // namespace slickq::detail
