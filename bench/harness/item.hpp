// What goes through the queues: `Bytes` bytes that verify themselves. All words of an item are its value, so a torn one does not
// add up, and a producer and a consumer touch every byte whatever the queue does.
#ifndef BENCH_ITEM_HPP
#define BENCH_ITEM_HPP

#include <cstddef>
#include <cstdint>

namespace bench {

template <std::size_t Bytes>
struct item {
    static_assert(Bytes % 8 == 0 && Bytes != 0);
    static constexpr std::size_t words = Bytes / 8;

    std::uint64_t word[words];

    void fill(std::uint64_t value) noexcept {
        for (std::uint64_t& each : word) each = value;
    }
    std::uint64_t value() const noexcept { return word[0]; }
    std::uint64_t sum() const noexcept {
        std::uint64_t total = 0;
        for (const std::uint64_t each : word) total += each;
        return total;
    }
};

// The sum of items with the values 0 to count - 1.
template <class Item>
constexpr std::uint64_t sum_of_first(std::uint64_t count) {
    const std::uint64_t values = count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
    return values * Item::words;
}

} // namespace bench

#endif
