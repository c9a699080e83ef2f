#include "bounce.hpp"

#include "cpu.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace bench {

double bounce_ns(int one_cpu, int other_cpu) {
    constexpr int batches = 10;
    constexpr int rounds = 2'000;
    constexpr int all = batches * rounds;
    struct alignas(128) {
        std::atomic<int> word{0};
    } line;

    std::thread other([&] {
        pin(other_cpu);
        for (int k = 0; k < all; ++k) {
            while (line.word.load(std::memory_order_acquire) != 2 * k + 1) {
            }
            line.word.store(2 * k + 2, std::memory_order_release);
        }
    });
    // A thread of its own here too: the caller's pinning is not ours to change.
    std::vector<double> taken;
    std::thread one([&] {
        pin(one_cpu);
        for (int k = 0; k < all;) {
            const std::int64_t begun = now_ns();
            for (int last = k + rounds; k < last; ++k) {
                line.word.store(2 * k + 1, std::memory_order_release);
                while (line.word.load(std::memory_order_acquire) != 2 * k + 2) {
                }
            }
            taken.push_back(static_cast<double>(now_ns() - begun) / rounds);
        }
    });
    one.join();
    other.join();
    std::sort(taken.begin(), taken.end());
    return taken[1]; // what disturbs a batch makes it slower, never faster
}

std::string_view placement_of(double bounce_ns) {
    return bounce_ns < 160 ? "near" : "far";
}

} // namespace bench
