// What every consumer checks: nothing lost, nothing twice, nothing torn, each producer's items in order.
#ifndef BENCH_CHECKS_HPP
#define BENCH_CHECKS_HPP

#include "../harness/measure.hpp"

#include <cstdint>

namespace bench {

// Items 0, 1, 2, ... of one producer.
template <class Item>
class in_order {
public:
    void operator()(const Item& got) noexcept {
        wrong_ |= got.value() ^ received_;
        sum_ += got.sum();
        ++received_;
    }
    std::uint64_t received() const noexcept { return received_; }
    void require_all(std::uint64_t items) const {
        require(received_ == items, "self-check failed: items are missing or too many");
        require(wrong_ == 0, "self-check failed: an item was lost, repeated or out of order");
        require(sum_ == sum_of_first<Item>(items), "self-check failed: an item was torn");
    }

private:
    std::uint64_t received_ = 0;
    std::uint64_t wrong_ = 0;
    std::uint64_t sum_ = 0;
};

} // namespace bench

#endif
