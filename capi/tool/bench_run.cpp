#include "bench_run.hpp"

#include "error.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "waiting.hpp"

#include <cstring>
#include <string>
#include <vector>

#if defined(__linux__)
#  include <sched.h>
#endif
#if !defined(_WIN32)
#  include <sys/wait.h>
#  include <unistd.h>
#endif

namespace tool {

#if defined(_WIN32)

bench_result run_bench(const bench_options&, bool) { throw failure("slickq bench is not there on Windows"); }

#else

namespace {

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
    bench_sender(slickq_queue* queue, const bench_options& options)
        : queue_(queue), options_(options), record_(options.record_bytes) {}

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

bench_result receive(slickq_reader* reader, bool spin, bool takes_times) {
    bench_result result;
    std::uint64_t begin = 0;
    while (stop_signal() < 2) {
        slickq_record record{};
        const slickq_status status = spin ? slickq_reader_read(reader, &record)
                                          : slickq_reader_read_until(reader, slickq_deadline(wait_slice_ns), &record);
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

} // namespace

bench_result run_bench(const bench_options& options, bool fast) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.capacity = options.capacity;
    wanted.element_size = options.record_bytes;
    wanted.flags = SLICKQ_OPEN_PREFAULT;
    const std::string name = "slickq-bench-" + std::to_string(::getpid());
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_create(name.c_str(), &wanted, &handle), name);
    const shared_queue queue(handle, name);
    slickq_segment_remove(name.c_str()); // both have it open, and nobody else is to
    slickq_reader* reader = nullptr;
    check(slickq_reader_open(handle, nullptr, &reader));

    const pid_t child = ::fork();
    if (child == -1) throw failure("cannot start a second process");
    if (child == 0) {
        try {
            pin_to(options.sender_cpu);
            bench_sender sender(handle, options);
            if (fast) sender.send_fast();
            else sender.send_at_rate();
        } catch (const std::exception& error) {
            note(error.what());
            ::_exit(exit_error);
        }
        ::_exit(exit_ok);
    }
    pin_to(options.receiver_cpu);
    bench_result result = receive(reader, options.spin, !fast);
    slickq_reader_close(reader);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0 && stop_signal() == 0) throw failure("the sending process failed");
    return result;
}

#endif

} // namespace tool
