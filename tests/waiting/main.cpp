// slickq_waiting: sleeping and waking, between threads and between processes.
//   slickq_waiting pingpong threads|processes ROUNDS   two sides on one CPU, so that each sleeps while the other runs; none is lost
//   slickq_waiting idle SECONDS                        what a waiter costs to which nothing comes: few wake-ups, next to nothing of a core
//   slickq_waiting publish COUNT                       writes so many records between two lines on standard output, for strace
#include "storm/process.hpp"
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using test::queue_handle;
using test::reader_handle;
using test::segment_name;

constexpr std::int64_t second = 1'000'000'000;

void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

queue_handle make_queue(const std::string& name) {
    const slickq_options options = test::options_for(64, sizeof(std::uint64_t));
    queue_handle queue;
    require(slickq_queue_open_or_create(name.c_str(), &options, queue.out()));
    return queue;
}

void run_on_one_cpu() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) throw std::runtime_error("sched_setaffinity");
}

rusage usage() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used;
}
long sleeps() { return usage().ru_nvcsw; }

// Reads numbers from one queue and answers each on another.
void play(const std::string& in, const std::string& out, std::uint64_t rounds, bool begins) {
    const queue_handle from = make_queue(in), to = make_queue(out);
    reader_handle reader;
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = SLICKQ_START_INDEX; // 0: whoever is faster, nothing is missed
    require(slickq_reader_open(from, &options, reader.out()));
    const auto send = [&](std::uint64_t number) { require(slickq_queue_write(to, &number, 1, nullptr)); };
    if (begins) send(0);
    for (std::uint64_t k = 0; k < rounds; ++k) {
        slickq_record record{};
        require(slickq_reader_read_until(reader, slickq_deadline(20 * second), &record));
        if (*static_cast<const std::uint64_t*>(record.data) != k) throw std::runtime_error("a number was lost");
        if (!begins || k + 1 < rounds) send(begins ? k + 1 : k);
    }
}

bool ping_pong(bool between_processes, std::uint64_t rounds) {
    const segment_name there, back;
    const queue_handle keep_there = make_queue(there.text()), keep_back = make_queue(back.text());
    run_on_one_cpu();
    const long before = sleeps();
    const auto begun = std::chrono::steady_clock::now();
    bool is_well = true;
    if (between_processes) {
        storm::process other([&] { play(there.text(), back.text(), rounds, false); });
        play(back.text(), there.text(), rounds, true);
        is_well = other.wait();
    } else {
        std::thread other([&] { play(there.text(), back.text(), rounds, false); });
        play(back.text(), there.text(), rounds, true);
        other.join();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    const long slept = sleeps() - before;
    std::printf("%llu round trips between %s, %ld sleeps on our side, %.2f us each\n", static_cast<unsigned long long>(rounds),
                between_processes ? "processes" : "threads", slept, took.count() * 1e6 / static_cast<double>(rounds));
    return is_well && static_cast<std::uint64_t>(slept) >= rounds / 2; // else it proves nothing
}

double cpu_seconds() {
    const rusage used = usage();
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

bool idle(int seconds) {
    const segment_name name;
    const queue_handle queue = make_queue(name.text());
    reader_handle reader;
    require(slickq_reader_open(queue, nullptr, reader.out()));
    const double used = cpu_seconds();
    const long slept = sleeps();
    slickq_record record{};
    const slickq_status status = slickq_reader_read_until(reader, slickq_deadline(seconds * second), &record);
    const double share = (cpu_seconds() - used) / seconds;
    const long wakes = sleeps() - slept;
    std::printf("an idle waiter used %.4f %% of a core in %d s, and woke %ld times\n", share * 100, seconds, wakes);
    // What a wake-up costs is the machine's affair; one that has ten a second, of 50 us, takes 0.05 %.
    return status == SLICKQ_TIMED_OUT && wakes <= 10 * seconds + 20 && share < 0.01;
}

bool publish(std::uint64_t count) {
    const segment_name name;
    const queue_handle queue = make_queue(name.text());
    for (int first = 0; first < 64; ++first) require(slickq_queue_write(queue, &first, 1, nullptr)); // touches every page
    [[maybe_unused]] ssize_t written = ::write(1, "begin\n", 6);
    for (std::uint64_t k = 0; k < count; ++k) require(slickq_queue_write(queue, &k, 1, nullptr));
    written = ::write(1, "end\n", 4);
    return true;
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "pingpong" && argc == 4) return ping_pong(std::string(argv[2]) == "processes", std::strtoull(argv[3], nullptr, 10)) ? 0 : 1;
    if (what == "idle" && argc == 3) return idle(std::atoi(argv[2])) ? 0 : 1;
    if (what == "publish" && argc == 3) return publish(std::strtoull(argv[2], nullptr, 10)) ? 0 : 1;
    std::fprintf(stderr, "usage: slickq_waiting pingpong threads|processes ROUNDS | idle SECONDS | publish COUNT\n");
    return 2;
}
