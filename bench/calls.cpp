// slickq_bench_calls: what each call costs by itself, on one thread, with Google Benchmark (--benchmark_filter and so on are its
// options). Between threads and processes: slickq_bench.
#include "peers/slickq_c_ways.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

namespace {

constexpr std::uint32_t capacity = 1024;

slickq_options with(std::uint32_t layout, std::uint32_t flags) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.layout = layout;
    options.flags = flags;
    return options;
}

using number_queue = slickq::queue<std::uint64_t>;

struct local : number_queue {
    explicit local(std::uint32_t layout = SLICKQ_LAYOUT_SLQ1, std::uint32_t flags = 0)
        : number_queue(capacity, nullptr, with(layout, flags)) {}
};

void write_one(number_queue& queue, std::uint64_t value) {
    const std::uint64_t index = queue.reserve();
    *queue[index] = value;
    queue.publish(index);
}

// Reserve, store, publish: inlined, by layout and flags.
void cpp_write(benchmark::State& state, std::uint32_t layout, std::uint32_t flags) {
    local queue(layout, flags);
    std::uint64_t value = 0;
    for (auto _ : state) write_one(queue, value++);
}
BENCHMARK_CAPTURE(cpp_write, slq1, SLICKQ_LAYOUT_SLQ1, 0);
BENCHMARK_CAPTURE(cpp_write, slq0, SLICKQ_LAYOUT_SLQ0, 0);
BENCHMARK_CAPTURE(cpp_write, slq1_single_producer, SLICKQ_LAYOUT_SLQ1, SLICKQ_OPEN_SINGLE_PRODUCER);
BENCHMARK_CAPTURE(cpp_write, slq0_single_producer, SLICKQ_LAYOUT_SLQ0, SLICKQ_OPEN_SINGLE_PRODUCER);

// Per record: a group in a call.
void cpp_write_batch(benchmark::State& state) {
    local queue;
    std::vector<std::uint64_t> values(static_cast<std::size_t>(state.range(0)));
    std::iota(values.begin(), values.end(), 0);
    for (auto _ : state) queue.write_batch(values);
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(cpp_write_batch)->Arg(1)->Arg(16)->Arg(64);

void cpp_read_of_nothing(benchmark::State& state) {
    local queue;
    std::uint64_t cursor = 0;
    for (auto _ : state) benchmark::DoNotOptimize(queue.read(cursor));
}
BENCHMARK(cpp_read_of_nothing);

// A ring full of records is read from its beginning, again and again: per record, with a 1024th of what a reader costs to open.
template <class Lap>
void read_laps(benchmark::State& state, Lap read_lap) {
    local queue;
    for (std::uint64_t value = 0; value < capacity; ++value) write_one(queue, value);
    for (auto _ : state) {
        if (read_lap(queue) != std::uint64_t{capacity} * (capacity - 1) / 2) state.SkipWithError("the records are not what was written");
    }
    state.SetItemsProcessed(state.iterations() * capacity);
}

void cpp_read(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        std::uint64_t cursor = 0;
        std::uint64_t sum = 0;
        while (const std::uint64_t* const value = queue.read(cursor).first) sum += *value;
        return sum;
    });
}
BENCHMARK(cpp_read);

void cpp_read_checked(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        std::uint64_t cursor = 0;
        std::uint64_t sum = 0;
        while (const std::uint64_t* const value = queue.read(cursor).first) {
            const std::uint64_t copy = *value;
            if (queue.validate(cursor - 1)) sum += copy;
        }
        return sum;
    });
}
BENCHMARK(cpp_read_checked);

void cpp_read_batch(benchmark::State& state) {
    read_laps(state, [&](number_queue& queue) {
        std::uint64_t cursor = 0;
        std::uint64_t sum = 0;
        for (;;) {
            const auto values = queue.read_batch(cursor, static_cast<std::uint32_t>(state.range(0)));
            if (values.empty()) return sum;
            sum = std::accumulate(values.begin(), values.end(), sum);
        }
    });
}
BENCHMARK(cpp_read_batch)->Arg(16)->Arg(64);

slickq::reader_options from_index_0() {
    slickq::reader_options options;
    options.from = slickq::start::index;
    return options;
}

void cpp_reader(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        slickq::reader<std::uint64_t> reader(queue, from_index_0());
        std::uint64_t sum = 0;
        while (const auto got = reader.read()) sum += got.elements[0];
        return sum;
    });
}
BENCHMARK(cpp_reader);

void cpp_reader_batch(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        slickq::reader<std::uint64_t> reader(queue, from_index_0());
        std::uint64_t sum = 0;
        while (const auto got = reader.read_batch()) sum = std::accumulate(got.elements.begin(), got.elements.end(), sum);
        return sum;
    });
}
BENCHMARK(cpp_reader_batch);

void c_write_one(benchmark::State& state) {
    local queue;
    std::uint64_t value = 0;
    for (auto _ : state) {
        bench::expect(slickq_queue_write(queue.handle(), &value, 1, nullptr));
        ++value;
    }
}
BENCHMARK(c_write_one);

void c_reserve_at_publish(benchmark::State& state) {
    local queue;
    std::uint64_t value = 0;
    for (auto _ : state) {
        std::uint64_t index;
        void* place;
        bench::expect(slickq_queue_reserve(queue.handle(), 1, &index));
        bench::expect(slickq_queue_at(queue.handle(), index, &place));
        *static_cast<std::uint64_t*>(place) = value++;
        bench::expect(slickq_queue_publish(queue.handle(), index, 1));
    }
}
BENCHMARK(c_reserve_at_publish);

void c_write_batch(benchmark::State& state) {
    local queue;
    const auto records = static_cast<std::uint32_t>(state.range(0));
    const std::vector<std::uint64_t> values(records);
    for (auto _ : state) bench::expect(slickq_queue_write_batch(queue.handle(), values.data(), nullptr, records, nullptr));
    state.SetItemsProcessed(state.iterations() * records);
}
BENCHMARK(c_write_batch)->Arg(1)->Arg(16)->Arg(64);

void c_read(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        std::uint64_t cursor = 0;
        std::uint64_t sum = 0;
        slickq_record record;
        while (slickq_queue_read(queue.handle(), &cursor, &record) == SLICKQ_OK) sum += *static_cast<const std::uint64_t*>(record.data);
        return sum;
    });
}
BENCHMARK(c_read);

void c_read_batch(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        std::array<slickq_record, 64> records;
        std::uint64_t cursor = 0;
        std::uint64_t sum = 0;
        std::uint32_t count = 0;
        while (slickq_queue_read_batch(queue.handle(), &cursor, records.data(), 64, &count) == SLICKQ_OK) {
            for (std::uint32_t k = 0; k < count; ++k) sum += *static_cast<const std::uint64_t*>(records[k].data);
        }
        return sum;
    });
}
BENCHMARK(c_read_batch);

void c_reader_batch(benchmark::State& state) {
    read_laps(state, [](number_queue& queue) {
        const bench::c_reader reader(queue.handle());
        std::uint64_t sum = 0;
        slickq_batch batch;
        while (slickq_reader_read_batch(reader.handle, 64, &batch) == SLICKQ_OK) {
            const auto* const values = static_cast<const std::uint64_t*>(batch.data);
            sum = std::accumulate(values, values + batch.elements, sum);
        }
        return sum;
    });
}
BENCHMARK(c_reader_batch);

} // namespace

BENCHMARK_MAIN();
