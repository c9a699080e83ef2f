// slickq_bench_delivery [RUNS]: what sleeping, registering and working in groups cost.
//   wake      from a publish to a consumer that slept, on another CPU, beside a bare futex: a word is stored, FUTEX_WAKE, and the sleeper
//             takes the time. Both threads are pinned, and the producer waits until the other one sleeps
//   push+pop  8 bytes, one thread, reserve + store + publish + read, inline: with and without the extension area that sleeping and registering need,
//             when nobody does either; then in lossless mode with one registered reader; then with a worker of a group
// Interleaved A B C A B C, RUNS times (33 if not given). A bounce of a cache line between the two CPUs is measured before and after: it
// tells whether the machine moved them meanwhile; then the run says little.
#include <slickq/detail/flow_control.hpp>
#include <slickq/slickq.hpp>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::int64_t now_ns() { return slickq_deadline(0); }

void run_on(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu), &one);
    ::sched_setaffinity(0, sizeof one, &one);
}

// Nanoseconds of a round trip of one line between CPUs 0 and 1.
double bounce() {
    constexpr int rounds = 200'000;
    alignas(64) static std::atomic<int> word;
    word = 0;
    std::thread other([] {
        run_on(1);
        for (int k = 0; k < rounds; ++k) {
            while (word.load(std::memory_order_acquire) != 2 * k + 1) {
            }
            word.store(2 * k + 2, std::memory_order_release);
        }
    });
    run_on(0);
    const std::int64_t begun = now_ns();
    for (int k = 0; k < rounds; ++k) {
        word.store(2 * k + 1, std::memory_order_release);
        while (word.load(std::memory_order_acquire) != 2 * k + 2) {
        }
    }
    other.join();
    return static_cast<double>(now_ns() - begun) / rounds;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// ---------------------------------------------------------------- wake

constexpr int wakes = 300;
constexpr int settle_us = 300; // until the other one sleeps

// The sleeper waits for `sleep` to return when it was woken; the waker calls `wake`. Median nanoseconds from before the wake.
double latency(const std::function<void()>& sleep, const std::function<void()>& wake) {
    std::atomic<std::int64_t> begun{0};
    std::atomic<int> rounds_done{0};
    std::vector<double> taken;
    std::thread sleeper([&] {
        run_on(1);
        for (int k = 0; k < wakes; ++k) {
            sleep();
            taken.push_back(static_cast<double>(now_ns() - begun.load()));
            rounds_done.store(k + 1);
        }
    });
    run_on(0);
    for (int k = 0; k < wakes; ++k) {
        ::usleep(settle_us);
        begun.store(now_ns());
        wake();
        while (rounds_done.load() != k + 1) ::sched_yield();
    }
    sleeper.join();
    return median(taken);
}

double wake_by_futex() {
    std::atomic<std::uint32_t> word{0};
    std::uint32_t seen = 0;
    return latency(
        [&] {
            while (word.load(std::memory_order_acquire) == seen) ::syscall(SYS_futex, &word, FUTEX_WAIT, seen, nullptr, nullptr, 0);
            ++seen;
        },
        [&] {
            word.fetch_add(1, std::memory_order_release);
            ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
        });
}

double wake_by_reader() {
    slickq::queue<std::uint64_t> queue(64);
    slickq::reader<std::uint64_t> reader(queue);
    return latency([&] { while (!reader.read_until(SLICKQ_FOREVER)) {} },
                   [&] {
                       const std::uint64_t index = queue.reserve();
                       *queue[index] = index;
                       queue.publish(index);
                   });
}

// ---------------------------------------------------------------- push + pop

constexpr std::uint64_t pushes = 2'000'000;

double per_push(const std::function<void()>& all) {
    const std::int64_t begun = now_ns();
    all();
    return static_cast<double>(now_ns() - begun) / static_cast<double>(pushes);
}

slickq_options lossless() {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = 1024;
    options.element_size = sizeof(std::uint64_t);
    options.flags = SLICKQ_OPEN_LOSSLESS;
    return options;
}

struct local_queue {
    local_queue() {
        const slickq_options options = lossless();
        if (slickq_queue_create_local(&options, &handle) != SLICKQ_OK) std::abort();
        info.struct_size = sizeof info;
        slickq_queue_get_info(handle, &info);
    }
    local_queue(const local_queue&) = delete;
    local_queue& operator=(const local_queue&) = delete;
    ~local_queue() { slickq_queue_close(handle); }

    slickq::ring ring(bool with_extension) const {
        auto* const base = static_cast<std::byte*>(info.base);
        auto* const extension = reinterpret_cast<slickq::extension*>(base + info.extension_offset);
        return {base, {static_cast<slickq::layout>(info.layout), info.capacity, info.element_size, 1}, with_extension ? extension : nullptr};
    }

    slickq_queue* handle = nullptr;
    slickq_queue_info info{};
};

void require(bool holds) {
    if (!holds) std::abort();
}

double push_pop(bool with_extension) {
    const local_queue queue;
    slickq::ring ring = queue.ring(with_extension);
    return per_push([&] {
        std::uint64_t cursor = 0;
        slickq::record seen;
        for (std::uint64_t k = 0; k < pushes; ++k) {
            const std::uint64_t index = ring.reserve(1);
            *reinterpret_cast<std::uint64_t*>(ring.at(index)) = k;
            ring.publish(index, 1);
            require(ring.read(cursor, seen) == slickq::ring_result::ok);
            require(*reinterpret_cast<const std::uint64_t*>(ring.at(seen.index)) == k);
        }
    });
}

// Through the C ABI: `pop` reads once.
double push_pop_through(slickq_queue* queue, const std::function<slickq_status(slickq_record&)>& pop) {
    return per_push([&] {
        slickq_record record{};
        for (std::uint64_t k = 0; k < pushes; ++k) {
            require(slickq_queue_write(queue, &k, 1, nullptr) == SLICKQ_OK);
            require(pop(record) == SLICKQ_OK && *static_cast<const std::uint64_t*>(record.data) == k);
        }
    });
}

double push_pop_reader(std::uint32_t flags) {
    const local_queue queue;
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.flags = flags;
    slickq_reader* reader = nullptr;
    require(slickq_reader_open(queue.handle, &options, &reader) == SLICKQ_OK);
    const double taken = push_pop_through(queue.handle, [&](slickq_record& record) { return slickq_reader_read(reader, &record); });
    slickq_reader_close(reader);
    return taken;
}

double push_pop_worker() {
    const local_queue queue;
    slickq_worker_options options{};
    options.struct_size = sizeof options;
    options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
    options.group = "bench";
    slickq_worker* worker = nullptr;
    require(slickq_worker_open(queue.handle, &options, &worker) == SLICKQ_OK);
    const double taken = push_pop_through(queue.handle, [&](slickq_record& record) { return slickq_worker_read(worker, &record); });
    slickq_worker_close(worker);
    return taken;
}

struct row {
    const char* name;
    std::function<double()> measure;
    std::size_t beside; // the row that its ratio is to
    std::vector<double> taken{}, ratios{};
};

} // namespace

int main(int argc, char** argv) {
    const int runs = argc > 1 ? std::atoi(argv[1]) : 33;
    std::vector<row> rows{
        {"wake, bare futex", wake_by_futex, 0},
        {"wake, slickq::reader", wake_by_reader, 0},
        {"push+pop, inline, no extension area", [] { return push_pop(false); }, 2},
        {"push+pop, inline, extension area, unused", [] { return push_pop(true); }, 2},
        {"push+pop, C ABI, plain reader", [] { return push_pop_reader(0); }, 4},
        {"push+pop, C ABI, registered reader", [] { return push_pop_reader(SLICKQ_READER_REGISTERED); }, 4},
        {"push+pop, C ABI, worker", push_pop_worker, 4},
    };
    const double before = bounce();
    for (int run = 0; run < runs; ++run) {
        for (row& r : rows) {
            run_on(0);
            r.taken.push_back(r.measure());
            r.ratios.push_back(r.taken.back() / rows[r.beside].taken.back());
        }
    }
    const double after = bounce();
    std::printf("%d runs; a line bounces in %.0f ns before, %.0f ns after\n", runs, before, after);
    std::printf("%-36s %9s %9s %9s   %s\n", "ns", "min", "median", "max", "ratio, median of the runs");
    for (const row& r : rows) {
        const auto [least, most] = std::minmax_element(r.taken.begin(), r.taken.end());
        std::printf("%-36s %9.1f %9.1f %9.1f   %.2f to \"%s\"\n", r.name, *least, median(r.taken), *most, median(r.ratios),
                    rows[r.beside].name);
    }
}
