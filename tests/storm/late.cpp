// slickq_late_storm SECONDS: producers that lose their core between reserve and write, for more than a lap, and then damage newer records.
// Two consumers that lag behind half a ring copy what is there: one trusts the reservation counter alone, as was done before such
// producers left reports, the other is a slickq_reader. Prints how many wrong records each handed out; fails if the reader handed out
// more wrong elements than it tells of, refused more than reports tell of, or if nothing was damaged.
#include "process.hpp"

#include <slickq/slickq.h>

#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace storm {
namespace {

constexpr std::uint32_t capacity = 1024, longest = 3;
constexpr int producers = 4;
constexpr std::uint32_t one_in = 20000; // records is written late

// 32 bytes that follow from the index.
struct element {
    std::uint64_t words[4];
};
element of(std::uint64_t index) {
    element e;
    for (std::uint64_t k = 0; k < 4; ++k) e.words[k] = (index * 4 + k + 1) * 0x9E3779B97F4A7C15;
    return e;
}
std::uint64_t wrong_elements(const element* elements, std::uint64_t index, std::uint32_t count) {
    std::uint64_t wrong = 0;
    for (std::uint32_t k = 0; k < count; ++k) {
        const element right = of(index + k);
        wrong += std::memcmp(&elements[k], &right, sizeof right) != 0 ? 1u : 0u;
    }
    return wrong;
}

using counter = std::atomic<std::uint64_t>;
struct tally {
    std::atomic<bool> is_over{false};
    counter published{0}, refused{0}, lapped_unseen{0};
    counter by_counter{0}, wrong_by_counter{0};
    counter by_reader{0}, wrong_by_reader{0}, wrong_elements{0}, suspects{0}, torn{0};
};

void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}
std::uint64_t reserved_index(slickq_queue* queue) {
    std::uint64_t index = 0;
    require(slickq_queue_next_index(queue, &index));
    return index;
}
slickq_queue* open_queue(const std::string& name) {
    slickq_queue* queue = nullptr;
    require(slickq_queue_open(name.c_str(), nullptr, &queue));
    return queue;
}

void produce(const std::string& name, tally& sums) {
    slickq_queue* const queue = open_queue(name);
    std::mt19937 random(static_cast<std::uint32_t>(::getpid()));
    while (!sums.is_over.load(std::memory_order_relaxed)) {
        const auto count = static_cast<std::uint32_t>(random() % longest + 1);
        std::uint64_t index = 0;
        require(slickq_queue_reserve(queue, count, &index));
        if (random() % one_in == 0) { // as if it lost its core
            const std::uint64_t until = index + capacity + random() % capacity;
            while (reserved_index(queue) < until && !sums.is_over.load()) ::sched_yield();
        }
        void* at = nullptr;
        require(slickq_queue_at(queue, index, &at));
        for (std::uint32_t k = 0; k < count; ++k) {
            const element e = of(index + k);
            std::memcpy(static_cast<element*>(at) + k, &e, sizeof e);
        }
        const slickq_status status = slickq_queue_publish(queue, index, count);
        if (status == SLICKQ_OK) {
            sums.published.fetch_add(1, std::memory_order_relaxed);
            if (reserved_index(queue) - index > capacity) sums.lapped_unseen.fetch_add(1, std::memory_order_relaxed);
        } else if (status == SLICKQ_E_STALE) {
            sums.refused.fetch_add(1, std::memory_order_relaxed);
        } else {
            require(status);
        }
        if (random() % 64 == 0) ::usleep(50); // so that the consumers are not lapped all the time
    }
}

// Both consumers: not before half a ring is there to be read.
void lag(slickq_queue* queue, std::uint64_t cursor, const tally& sums) {
    while (reserved_index(queue) < cursor + capacity / 2 && !sums.is_over.load(std::memory_order_relaxed)) ::sched_yield();
}

void consume_by_counter(const std::string& name, tally& sums) {
    slickq_queue* const queue = open_queue(name);
    std::uint64_t cursor = 0;
    std::vector<element> copy(longest);
    while (!sums.is_over.load(std::memory_order_relaxed)) {
        lag(queue, cursor, sums);
        slickq_record record{};
        for (int k = 0; k < 64 && slickq_queue_read(queue, &cursor, &record) == SLICKQ_OK; ++k) {
            std::memcpy(copy.data(), record.data, record.count * sizeof(element));
            std::atomic_thread_fence(std::memory_order_acquire);
            if (reserved_index(queue) - record.index > capacity) continue;
            sums.by_counter.fetch_add(1, std::memory_order_relaxed);
            if (wrong_elements(copy.data(), record.index, record.count) != 0) sums.wrong_by_counter.fetch_add(1, std::memory_order_relaxed);
        }
    }
}

void consume_by_reader(const std::string& name, tally& sums) {
    slickq_queue* const queue = open_queue(name);
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = SLICKQ_START_INDEX;
    slickq_reader* reader = nullptr;
    require(slickq_reader_open(queue, &options, &reader));
    slickq_reader_info info{};
    while (!sums.is_over.load(std::memory_order_relaxed)) {
        info.struct_size = sizeof info;
        require(slickq_reader_get_info(reader, &info));
        lag(queue, info.cursor, sums);
        slickq_batch batch{};
        if (slickq_reader_read_batch(reader, 64, &batch) != SLICKQ_OK) continue;
        const auto* at = static_cast<const element*>(batch.data);
        for (std::uint32_t k = 0; k < batch.records; ++k) {
            const slickq_entry& e = batch.entries[k];
            const std::uint64_t wrong = wrong_elements(at, e.index, e.count);
            sums.by_reader.fetch_add(1, std::memory_order_relaxed);
            if (wrong != 0) sums.wrong_by_reader.fetch_add(1, std::memory_order_relaxed);
            sums.wrong_elements.fetch_add(wrong, std::memory_order_relaxed);
            at += e.count;
        }
    }
    ::usleep(100'000); // for the reports of those who were just writing
    info.struct_size = sizeof info;
    require(slickq_reader_get_info(reader, &info));
    sums.suspects = info.suspect_elements;
    sums.torn = info.lost_torn;
}

bool run(double seconds) {
    void* const memory = ::mmap(nullptr, sizeof(tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    tally& sums = *new (memory) tally;
    const std::string name = "/slickq-late-storm-" + std::to_string(::getpid());
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = capacity;
    options.element_size = sizeof(element);
    slickq_queue* queue = nullptr;
    require(slickq_queue_create(name.c_str(), &options, &queue));
    bool is_well = true;
    {
        std::vector<process> all;
        all.emplace_back([&] { consume_by_counter(name, sums); });
        all.emplace_back([&] { consume_by_reader(name, sums); });
        for (int k = 0; k < producers; ++k) all.emplace_back([&] { produce(name, sums); });
        ::usleep(static_cast<useconds_t>(seconds * 1e6));
        sums.is_over = true;
        for (process& p : all) is_well = p.wait() && is_well;
    }
    slickq_inspection found{};
    found.struct_size = sizeof found;
    require(slickq_segment_inspect(name.c_str(), 0, &found));
    slickq_queue_close(queue);
    slickq_segment_remove(name.c_str());
    std::printf("%" PRIu64 " records published; refused as late %" PRIu64 ", lapped in the moment of their publish %" PRIu64 "\n"
                "by the counter alone: %" PRIu64 " records handed out, %" PRIu64 " of them wrong\n"
                "by a slickq_reader:   %" PRIu64 " records handed out, %" PRIu64 " of them wrong (%" PRIu64 " elements, at most %" PRIu64
                " told afterwards); refused %" PRIu64 " elements\n",
                sums.published.load(), sums.refused.load(), sums.lapped_unseen.load(), sums.by_counter.load(), sums.wrong_by_counter.load(),
                sums.by_reader.load(), sums.wrong_by_reader.load(), sums.wrong_elements.load(), sums.suspects.load(), sums.torn.load());
    const bool is_told = sums.wrong_elements <= sums.suspects + longest * sums.lapped_unseen;
    if (!is_told) std::printf("wrong elements were handed out, and not told\n");
    if (sums.wrong_by_counter == 0) std::printf("nothing was damaged: this proves nothing\n");
    if (found.late_publishes != sums.refused) std::printf("the segment counts %" PRIu64 " late publishes\n", found.late_publishes);
    const bool has_less = sums.wrong_by_reader < sums.wrong_by_counter;
    return is_well && is_told && has_less && found.late_publishes == sums.refused;
}

} // namespace
} // namespace storm

int main(int argc, char** argv) {
    try {
        return storm::run(argc > 1 ? std::atof(argv[1]) : 4) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
