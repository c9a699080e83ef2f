// slickq bench: how fast a queue between two processes is on this machine.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "histogram.hpp"
#include "json.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#if defined(__linux__)
#  include <sched.h>
#endif
#if !defined(_WIN32)
#  include <sys/wait.h>
#  include <unistd.h>
#endif

namespace tool {
namespace {

const char* const bench_footer =
    "Two processes, a sender and a receiver, and a queue of their own. First the sender is as fast as it can, and the\n"
    "receiver counts what it gets and what it loses; then the sender keeps to --rate, and the receiver takes the time\n"
    "from before a record is written until it has been read. The receiver sleeps when there is nothing, unless --spin.\n"
    "Other load on the machine shows: this is about what it is like now, not what it could be.\n"
    "\n"
    "Examples:\n"
    "  slickq bench\n"
    "  slickq bench --pin 2,3 --spin --record 256 --seconds 10\n"
    "\n"
    "Exit status: 0, also if the receiver lost records; 1 error.";

struct bench_options {
    double seconds = 2; // of each of the two parts
    std::uint32_t record_bytes = 64;
    std::uint32_t capacity = 65536; // records
    std::uint64_t rate = 20'000;    // records a second
    std::string pin;                // "2,3"
    bool spin = false;
    bool json = false;
};

#if defined(_WIN32)

int bench(const bench_options&) { throw failure("slickq bench is not there on Windows"); }

#else

void pin_to(int cpu) {
    if (cpu < 0) return;
#  if defined(__linux__)
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (::sched_setaffinity(0, sizeof one, &one) == 0) return;
#  endif
    throw failure("cannot run on CPU " + std::to_string(cpu) + " (slickq bench --pin; see nproc)");
}

std::uint64_t now_ns() { return static_cast<std::uint64_t>(slickq_deadline(0)); }

// The first 8 bytes of a record: when it was sent. 0: the last one.
class bench_sender {
public:
    bench_sender(slickq_queue* queue, const bench_options& options) : queue_(queue), options_(options), record_(options.record_bytes) {}

    void send_fast() {
        const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(options_.seconds * 1e9);
        while (now_ns() < end && stop_signal() == 0) {
            for (int k = 0; k < 64; ++k) send(1);
        }
        send(0);
    }

    void send_at_rate() {
        const std::uint64_t begin = now_ns();
        const double step = 1e9 / static_cast<double>(options_.rate);
        for (std::uint64_t k = 0; stop_signal() == 0; ++k) {
            const auto due = begin + static_cast<std::uint64_t>(static_cast<double>(k) * step);
            if (static_cast<double>(due - begin) >= options_.seconds * 1e9) break;
            std::uint64_t now = now_ns();
            if (due > now + 200'000) nap(static_cast<std::int64_t>(due - now - 100'000));
            while ((now = now_ns()) < due) {}
            send(now);
        }
        send(0);
    }

private:
    void send(std::uint64_t time) {
        std::memcpy(record_.data(), &time, sizeof time);
        check(slickq_queue_write(queue_, record_.data(), 1, nullptr));
    }

    slickq_queue* queue_;
    const bench_options& options_;
    std::vector<char> record_;
};

struct bench_result {
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
    double seconds = 0;
    histogram times;
};

bench_result receive(slickq_reader* reader, bool spin, bool takes_times) {
    bench_result result;
    std::uint64_t begin = 0;
    while (stop_signal() < 2) {
        slickq_record record{};
        const slickq_status status =
            spin ? slickq_reader_read(reader, &record) : slickq_reader_read_until(reader, slickq_deadline(wait_slice_ns), &record);
        if (status == SLICKQ_OK) {
            std::uint64_t sent;
            std::memcpy(&sent, record.data, sizeof sent);
            if (sent == 0) break;
            const std::uint64_t now = takes_times || begin == 0 ? now_ns() : 0;
            if (begin == 0) begin = now;
            if (takes_times) result.times.add(now - sent);
            ++result.records;
        } else {
            check(status);
            result.lost += record.lost;
        }
        if (stop_signal() != 0 && status == SLICKQ_TIMED_OUT) break;
    }
    result.seconds = begin != 0 ? static_cast<double>(now_ns() - begin) * 1e-9 : 0;
    return result;
}

bench_result measure(const bench_options& options, int sender_cpu, int receiver_cpu, bool fast) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.capacity = options.capacity;
    wanted.element_size = options.record_bytes;
    wanted.flags = SLICKQ_OPEN_PREFAULT;
    const std::string name = "slickq-bench-" + std::to_string(::getpid());
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_create(name.c_str(), &wanted, &handle), name);
    const shared_queue queue(handle, name);
    slickq_remove(name.c_str()); // both have it open, and nobody else is to
    slickq_reader* reader = nullptr;
    check(slickq_reader_open(handle, nullptr, &reader));

    const pid_t child = ::fork();
    if (child == -1) throw failure("cannot start a second process");
    if (child == 0) {
        try {
            pin_to(sender_cpu);
            bench_sender sender(handle, options);
            if (fast) sender.send_fast();
            else sender.send_at_rate();
        } catch (const std::exception& error) {
            note(error.what());
            ::_exit(exit_error);
        }
        ::_exit(exit_ok);
    }
    pin_to(receiver_cpu);
    bench_result result = receive(reader, options.spin, !fast);
    slickq_reader_close(reader);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0 && stop_signal() == 0) throw failure("the sending process failed");
    return result;
}

void print(const bench_options& options, const bench_result& fast, const bench_result& paced) {
    const double rate = fast.seconds > 0 ? static_cast<double>(fast.records) / fast.seconds : 0;
    const auto time_of = [&](double share) { return static_cast<double>(paced.times.percentile(share)); };
    if (options.json) {
        std::printf("%s\n", to_text(json{{"record_bytes", options.record_bytes}, {"capacity", options.capacity},
                                         {"records_per_second", rate}, {"lost", fast.lost}, {"rate", options.rate},
                                         {"latency_ns", {{"p50", time_of(.5)}, {"p90", time_of(.9)}, {"p99", time_of(.99)},
                                                         {"p99.9", time_of(.999)}, {"max", time_of(1)}}},
                                         {"paced_records", paced.records}, {"paced_lost", paced.lost}}).c_str());
        return;
    }
    std::printf("as fast as it goes: %s records/s of %u bytes received, %s/s; lost %.1f %%\n", short_count(rate).c_str(),
                options.record_bytes, short_bytes(rate * options.record_bytes).c_str(),
                fast.lost == 0 ? 0.0 : 100.0 * static_cast<double>(fast.lost) / static_cast<double>(fast.lost + fast.records));
    std::printf("at %s records/s: half are there in %s, 90 %% in %s, 99 %% in %s, 99.9 %% in %s, all in %s; lost %llu\n",
                short_count(static_cast<double>(options.rate)).c_str(), short_time(time_of(.5) * 1e-9).c_str(),
                short_time(time_of(.9) * 1e-9).c_str(), short_time(time_of(.99) * 1e-9).c_str(),
                short_time(time_of(.999) * 1e-9).c_str(), short_time(time_of(1) * 1e-9).c_str(),
                static_cast<unsigned long long>(paced.lost));
    const std::size_t columns = terminal_columns();
    for (const std::string& line : paced.times.drawing(columns != 0 ? columns : 80)) std::printf("%s\n", line.c_str());
}

int bench(const bench_options& options) {
    catch_stop_signals();
    if (options.record_bytes < sizeof(std::uint64_t)) throw usage_error("--record is 8 bytes or more");
    int sender_cpu = -1, receiver_cpu = -1;
    if (!options.pin.empty() && std::sscanf(options.pin.c_str(), "%d,%d", &sender_cpu, &receiver_cpu) != 2) {
        throw usage_error("--pin takes two CPUs: 2,3");
    }
    const bench_result fast = measure(options, sender_cpu, receiver_cpu, true);
    const bench_result paced = stop_signal() == 0 ? measure(options, sender_cpu, receiver_cpu, false) : bench_result();
    print(options, fast, paced);
    return exit_ok;
}

#endif

} // namespace

void describe_bench(command_line& line) {
    const auto options = std::make_shared<bench_options>();
    line.footer(bench_footer);
    line.run([options] { return bench(*options); });
    line.seconds("--seconds", options->seconds, "Of each of the two parts [2]");
    line.size("--record", "BYTES", options->record_bytes, "Of a record [64]");
    line.size("--capacity", "RECORDS", options->capacity, "Of the queue, a power of two [64k]");
    line.number("--rate", "RECORDS", options->rate, "A second, in the second part [20000]");
    line.text("--pin", "CPU,CPU", options->pin, "Where the sender and the receiver run");
    line.flag("--spin", options->spin, "The receiver never sleeps");
    line.json(options->json);
}

} // namespace tool
