// traffic - records that verify themselves, from many producers, and the consumer that verifies them.
//   traffic produce QUEUE --records N [--producers P] [--lossy] [--variable] [--capacity C] [--pause-us U]
//   traffic consume QUEUE --records N [--producers P] [--lossy] [--seconds S] [--idle-ms M] [--capacity C]
//   [--unregistered] [--now]
// N is each producer's. Elements have 64 bytes; a record is one, or with --variable 1 to 3.
// consume ends when it has all records and nothing more comes, and prints one line of JSON; exit status 1 if anything
// is wrong: a damaged record, one twice, one out of order, and, without --lossy, one missing.
#include <slickq/slickq.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <time.h>
#include <unistd.h>

namespace {

constexpr std::uint32_t element_size = 64;

struct options {
    std::string queue;
    std::uint64_t records = 1000;
    std::uint32_t producers = 1;
    std::uint32_t capacity = 0;
    bool lossy = false;
    bool variable = false;
    bool registered = true;
    bool from_now = false;
    unsigned seconds = 60;
    unsigned idle_ms = 300;
    unsigned pause_us = 0;
};

struct head {
    std::uint64_t producer;
    std::uint64_t sequence;
    std::uint32_t elements;
    std::uint32_t zero;
    std::uint64_t sum;
};

std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
}

std::uint32_t elements_of(const options& o, std::uint64_t producer, std::uint64_t sequence) {
    return o.variable ? 1 + static_cast<std::uint32_t>(mix(producer * 31 + sequence) % 3) : 1;
}

void fill(std::byte* to, std::uint64_t producer, std::uint64_t sequence, std::uint32_t elements) {
    const std::size_t words = std::size_t{elements} * element_size / 8;
    auto* const w = reinterpret_cast<std::uint64_t*>(to);
    const std::size_t first = sizeof(head) / 8;
    std::uint64_t sum = producer + sequence + elements;
    for (std::size_t i = first; i < words; ++i) {
        w[i] = mix(producer << 48 ^ sequence << 8 ^ i);
        sum += w[i];
    }
    const head h{producer, sequence, elements, 0, sum};
    std::memcpy(to, &h, sizeof h);
}

bool verify(const std::byte* from, std::uint32_t elements, head& h) {
    std::memcpy(&h, from, sizeof h);
    if (h.elements != elements) return false;
    std::vector<std::byte> expected(std::size_t{elements} * element_size);
    fill(expected.data(), h.producer, h.sequence, elements);
    return std::memcmp(expected.data(), from, expected.size()) == 0;
}

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "traffic: %s: %s\n", what, slickq_last_message());
    std::exit(2);
}

slickq_queue* open_queue(const options& o, std::uint32_t flags) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.flags = flags;
    wanted.capacity = o.capacity;
    wanted.element_size = element_size;
    slickq_queue* queue = nullptr;
    for (unsigned tries = 0;; ++tries) {
        const slickq_status status = o.capacity != 0 ? slickq_queue_open_or_create(o.queue.c_str(), &wanted, &queue)
                                                     : slickq_queue_open(o.queue.c_str(), &wanted, &queue);
        if (status == SLICKQ_OK) return queue;
        if (status != SLICKQ_E_NOT_FOUND || tries > o.seconds * 100) die("open");
        usleep(10000);
    }
}

int produce(const options& o) {
    slickq_queue* const queue = open_queue(o, o.lossy ? 0 : SLICKQ_OPEN_LOSSLESS);
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (std::uint32_t p = 0; p < o.producers; ++p) {
        threads.emplace_back([&, p] {
            std::vector<std::byte> buffer(3 * element_size);
            for (std::uint64_t s = 0; s < o.records; ++s) {
                const std::uint32_t n = elements_of(o, p, s);
                fill(buffer.data(), p, s, n);
                const std::int64_t deadline = slickq_deadline(std::int64_t{o.seconds} * 1000000000);
                if (slickq_queue_write_until(queue, buffer.data(), n, deadline, nullptr) != SLICKQ_OK) {
                    failures.fetch_add(1);
                    std::fprintf(stderr, "traffic: producer %u at %llu: %s\n", p, static_cast<unsigned long long>(s),
                                 slickq_last_message());
                    return;
                }
                if (o.pause_us != 0) usleep(o.pause_us);
            }
        });
    }
    for (std::thread& t : threads) t.join();
    return failures.load() == 0 ? 0 : 1;
}

int consume(const options& o) {
    slickq_queue* const queue = open_queue(o, 0);
    slickq_reader_options how{};
    how.struct_size = sizeof how;
    how.start = o.from_now ? SLICKQ_START_NOW : SLICKQ_START_OLDEST;
    how.flags = o.registered ? SLICKQ_READER_REGISTERED : 0;
    slickq_reader* reader = nullptr;
    if (slickq_reader_open(queue, &how, &reader) != SLICKQ_OK) die("reader");
    std::fprintf(stderr, "reads\n");

    std::vector<std::uint64_t> next(o.producers, 0);
    std::uint64_t received = 0, damaged = 0, repeated = 0, skipped = 0, lapped = 0, gaps = 0;
    const std::uint64_t wanted = o.records * o.producers;
    const std::int64_t end = slickq_deadline(std::int64_t{o.seconds} * 1000000000);
    for (;;) {
        const std::int64_t idle = slickq_deadline(std::int64_t{o.idle_ms} * 1000000);
        const bool may_end = o.lossy ? received != 0 : received + repeated >= wanted;
        slickq_batch batch{};
        const slickq_status status =
            slickq_reader_read_batch_until(reader, 0, may_end && idle < end ? idle : end, &batch);
        if (status == SLICKQ_TIMED_OUT) break;
        if (status == SLICKQ_LAPPED) lapped += batch.lost;
        if (status == SLICKQ_GAP) gaps += batch.lost;
        if (status < 0) die("read");
        const auto* data = static_cast<const std::byte*>(batch.data);
        for (std::uint32_t r = 0; r < batch.records; ++r) {
            const std::uint32_t n = batch.entries[r].count;
            head h{};
            if (!verify(data, n, h) || h.producer >= o.producers) {
                ++damaged;
            } else if (h.sequence < next[h.producer]) {
                ++repeated; // or out of order: an order that is kept has neither
            } else {
                skipped += h.sequence - next[h.producer];
                next[h.producer] = h.sequence + 1;
                ++received;
            }
            data += std::size_t{n} * element_size;
        }
    }
    std::uint64_t tail = 0;
    for (const std::uint64_t n : next) tail += o.records - n;
    std::printf(
        "{\"received\": %llu, \"damaged\": %llu, \"repeated\": %llu, \"skipped\": %llu, \"tail\": %llu, \"lapped\": "
        "%llu, "
        "\"gaps\": %llu}\n",
        static_cast<unsigned long long>(received), static_cast<unsigned long long>(damaged),
        static_cast<unsigned long long>(repeated), static_cast<unsigned long long>(skipped),
        static_cast<unsigned long long>(tail), static_cast<unsigned long long>(lapped),
        static_cast<unsigned long long>(gaps));
    slickq_reader_close(reader);
    const bool is_right = damaged == 0 && repeated == 0 && (o.lossy || (skipped == 0 && tail == 0));
    return is_right ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    options o;
    if (argc < 3) return 2;
    const std::string command = argv[1];
    o.queue = argv[2];
    for (int i = 3; i < argc; ++i) {
        const std::string flag = argv[i];
        if (flag == "--lossy") {
            o.lossy = true;
        } else if (flag == "--variable") {
            o.variable = true;
        } else if (flag == "--now") {
            o.from_now = true;
        } else if (flag == "--unregistered") {
            o.registered = false;
        } else if (++i == argc) {
            return 2;
        } else {
            const unsigned long long value = std::strtoull(argv[i], nullptr, 10);
            if (flag == "--records")
                o.records = value;
            else if (flag == "--producers")
                o.producers = static_cast<std::uint32_t>(value);
            else if (flag == "--capacity")
                o.capacity = static_cast<std::uint32_t>(value);
            else if (flag == "--seconds")
                o.seconds = static_cast<unsigned>(value);
            else if (flag == "--idle-ms")
                o.idle_ms = static_cast<unsigned>(value);
            else if (flag == "--pause-us")
                o.pause_us = static_cast<unsigned>(value);
            else
                return 2;
        }
    }
    return command == "produce" ? produce(o) : command == "consume" ? consume(o) : 2;
}
