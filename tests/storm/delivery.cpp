// slickq_delivery_storm [lossless|lives|least|most|resets|all] SECONDS: delivery without loss, among processes that die.
//   lossless  4 producers that wait for room; 3 registered consumers, a fast one, one that dawdles now and then, and a slow one; the
//             first two are killed at random and start again. Each gets all from where it registered, in each producer's order.
//   lives     the same, by consumers that live and end in other ways: without their main thread, with children that outlive them and use
//             their copies, until exec(), in a pid or a time namespace of their own (where the system allows that; else as they are).
//   resets    a single producer, which resets the queue now and then, beside 2 registered readers and 2 workers: nothing is lost or torn but
//             by the resets.
//   least     2 producers that wait for room, 4 workers of an at-least-once group that are killed at random, or stopped and evicted by an
//             operator: each record is received.
//   most      the same at-most-once: none is received twice, and each is received or reported as given up.
// A reader that never registered, and takes its time, is there in each. Prints a table; fails if anything of that is not so, or if
// somebody waited for longer than hang_us.
#include "board.hpp"
#include "process.hpp"

#include <slickq/slickq.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace storm {
namespace {

constexpr std::uint32_t capacity = 1024;
constexpr std::int64_t second = 1'000'000'000;
constexpr std::uint64_t hang_us = 20'000'000;
constexpr std::size_t most_records = std::size_t{1} << 26; // of one storm: then the next one begins

struct element {
    std::uint64_t writer;
    std::uint64_t number; // of its records
};

// What the processes of one storm share. Memory for it comes as it is touched.
struct ledger {
    std::atomic<bool> is_over{false};
    std::atomic<std::uint64_t> end{0}; // the last index, once producers are over
    counter published{0}, full{0}, longest_wait_us{0}, received{0}, again{0}, lost{0}, disorder{0}, lives{0}, evictions{0};
    std::array<std::atomic<std::uint8_t>, most_records> times;     // how often the record at an index was received
    std::array<std::atomic<std::uint8_t>, most_records> abandoned; // and reported as given up
};

ledger& make_ledger() {
    void* memory = ::mmap(nullptr, sizeof(ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    return *new (memory) ledger; // its arrays are zero already, and are not touched
}

void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

std::uint64_t now_us() { return static_cast<std::uint64_t>(slickq_deadline(0)) / 1000; }

class storm {
public:
    storm(const char* kind, ledger& l) : kind_(kind), ledger_(l), name_("/slickq-delivery-" + std::to_string(::getpid())) {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.flags = SLICKQ_OPEN_LOSSLESS;
        options.capacity = capacity;
        options.element_size = sizeof(element);
        require(slickq_queue_create(name_.c_str(), &options, &queue_));
    }
    storm(const storm&) = delete;
    storm& operator=(const storm&) = delete;
    ~storm() {
        slickq_queue_close(queue_);
        slickq_segment_remove(name_.c_str());
    }

    bool run(double seconds) {
        if (kind_ == "resets") return run_resets(seconds);
        const bool is_lossless = kind_ == "lossless" || kind_ == "lives";
        is_lossless ? start_consumers() : start_workers();
        process bystander([this] { stand_by(); });
        for (std::uint64_t p = 0; p < (is_lossless ? 4u : 2u); ++p) producers_.emplace_back([this, p] { produce(p); });
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        while (std::chrono::steady_clock::now() < end && reserved() < most_records - 2 * capacity) {
            is_lossless ? strike_consumer() : strike_worker();
        }
        ledger_.is_over = true;
        for (process& p : producers_) is_sound_ = p.wait() && is_sound_;
        ledger_.end = reserved();
        for (process& c : consumers_) is_sound_ = c.wait() && is_sound_;
        is_sound_ = bystander.wait() && is_sound_;
        return is_lossless ? report_lossless() : report_group();
    }

private:
    std::uint64_t reserved() const {
        std::uint64_t index = 0;
        require(slickq_queue_next_index(queue_, &index));
        return index;
    }

    // ---------------------------------------------------------------- producers

    void produce(std::uint64_t writer) {
        slickq_queue* queue = open();
        std::uint64_t index = 0;
        for (std::uint64_t number = 0; !ledger_.is_over && index < most_records - capacity; ++number) {
            slickq_status status = slickq_queue_reserve(queue, 1, &index);
            if (status == SLICKQ_FULL) {
                ++ledger_.full;
                const std::uint64_t begun = now_us();
                status = slickq_queue_reserve_until(queue, 1, slickq_deadline(20 * second), &index);
                raise(ledger_.longest_wait_us, now_us() - begun);
            }
            require(status);
            void* place = nullptr;
            require(slickq_queue_at(queue, index, &place));
            const element e{writer, number};
            std::memcpy(place, &e, sizeof e);
            require(slickq_queue_publish(queue, index, 1));
            ++ledger_.published;
        }
    }

    // ---------------------------------------------------------------- lossless

    void start_consumers() {
        for (std::size_t c = 0; c < 3; ++c) consumers_.push_back(start_consumer(c));
        while (ledger_.lives < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    process start_consumer(std::size_t number) {
        // The third one lives to the end, and as usual.
        if (kind_ != "lives" || number == 2) return process([this, number] { consume(number); });
        const auto way = static_cast<unsigned>(random_() % 6);
        return process([this, number, way] { live(way, [this, number, way] { consume(number, way); }); });
    }

    // Runs that in a process that is this one, or a child, or has lost its main thread.
    static void live(unsigned way, const std::function<void()>& body) {
        if (way == ends_main_thread) {
            static std::function<void()> kept;
            kept = body;
            std::thread([] {
                kept();
                ::_exit(0);
            }).detach();
            ::syscall(SYS_exit, 0);
        }
        const int flags = way == in_pid_namespace ? CLONE_NEWPID : way == in_time_namespace ? CLONE_NEWTIME : 0;
        if (flags == 0 || ::unshare(flags) != 0) return body();
        if (way == in_time_namespace) {
            std::ofstream("/proc/self/timens_offsets") << "boottime 100000 0\nmonotonic 50000 0\n";
        }
        process child(body);
        if (!child.wait()) throw std::runtime_error("one in a namespace");
    }
    enum life { as_usual, ends_main_thread, has_children, calls_exec, in_pid_namespace, in_time_namespace };

    // A child that outlives this process, and uses its copies.
    static void leave_child_behind(slickq_reader* reader) {
        if (::fork() != 0) return;
        slickq_record record{};
        const bool is_refused = slickq_reader_read(reader, &record) == SLICKQ_E_HANDLE && slickq_reader_close(reader) == SLICKQ_OK;
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        if (!is_refused) std::abort();
        ::_exit(0);
    }

    void consume(std::size_t number, unsigned way = as_usual) {
        slickq_queue* queue = open();
        slickq_reader_options options{};
        options.struct_size = sizeof options;
        options.flags = SLICKQ_READER_REGISTERED;
        slickq_reader* reader = nullptr;
        require(slickq_reader_open(queue, &options, &reader));
        ++ledger_.lives;
        if (way == has_children) leave_child_behind(reader);
        std::array<std::uint64_t, 4> next;
        next.fill(UINT64_MAX);
        for (std::uint64_t records = 0;; ++records) {
            slickq_record record{};
            slickq_reader_info info{};
            info.struct_size = sizeof info;
            const slickq_status status = slickq_reader_read_until(reader, slickq_deadline(second / 20), &record);
            if (status == SLICKQ_TIMED_OUT) {
                require(slickq_reader_get_info(reader, &info));
                if (ledger_.end != 0 && info.cursor == ledger_.end) break;
                continue;
            }
            ledger_.lost += record.lost;
            if (status != SLICKQ_OK) throw std::runtime_error(slickq_status_name(status));
            element e;
            std::memcpy(&e, record.data, sizeof e);
            const bool is_next = e.writer < next.size() && (next[e.writer] == UINT64_MAX || next[e.writer] == e.number);
            if (!is_next) ++ledger_.disorder;
            next[e.writer % next.size()] = e.number + 1;
            ++ledger_.received;
            if (way == calls_exec && records == 20'000 && ledger_.end == 0) {
                ::execl("/bin/sleep", "sleep", "1", static_cast<char*>(nullptr));
                std::abort();
            }
            if (number == 1 && records % 5000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
            if (number == 2 && records % 256 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        if (number == 2 && ledger_.received == 0) throw std::runtime_error("the slow one got nothing");
        require(slickq_reader_close(reader));
    }

    // ---------------------------------------------------------------- resets

    struct tally {
        std::uint64_t records = 0, resets = 0, lost_at_resets = 0;
    };

    // What is said of a record, or of a reset, by who sees its numbers grow.
    bool is_as_it_should(slickq_status status, const slickq_record& record, std::uint64_t& next, tally& all) {
        if (status == SLICKQ_RESET) {
            ++all.resets;
            all.lost_at_resets += record.lost;
            return true;
        }
        if (status != SLICKQ_OK) return false;
        element e[3];
        std::memcpy(e, record.data, record.count * sizeof(element));
        for (std::uint32_t k = 0; k < record.count; ++k) {
            if (e[k].number != e[0].number || e[k].writer != record.count) return false;
        }
        if (e[0].number < next) return false;
        next = e[0].number + 1;
        ++all.records;
        return true;
    }

    void watch_resets(bool works) {
        slickq_queue* queue = open();
        slickq_reader* reader = nullptr;
        slickq_worker* worker = nullptr;
        slickq_reader_options options{};
        options.struct_size = sizeof options;
        options.flags = SLICKQ_READER_REGISTERED;
        slickq_worker_options group{};
        group.struct_size = sizeof group;
        group.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        group.group = "storm";
        require(works ? slickq_worker_open(queue, &group, &worker) : slickq_reader_open(queue, &options, &reader));
        ++ledger_.lives;
        std::uint64_t next = 0;
        tally all;
        while (!ledger_.is_over) {
            slickq_record record{};
            const std::int64_t until = slickq_deadline(second / 100);
            const slickq_status status =
                works ? slickq_worker_read_until(worker, until, &record) : slickq_reader_read_until(reader, until, &record);
            if (status == SLICKQ_TIMED_OUT) continue;
            if (!is_as_it_should(status, record, next, all)) {
                throw std::runtime_error(std::string(slickq_status_name(status)) + " beside resets, or a torn record");
            }
        }
        ledger_.received += all.records;
        ledger_.again += all.resets;
    }

    bool run_resets(double seconds) {
        for (int k = 0; k < 4; ++k) {
            consumers_.emplace_back([this, k] { watch_resets(k >= 2); });
        }
        while (ledger_.lives < 4) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        std::uint64_t number = 0;
        while (std::chrono::steady_clock::now() < end) {
            for (std::uint64_t records = random_() % (3 * capacity); records > 0; --records) {
                const auto count = static_cast<std::uint32_t>(1 + random_() % 3);
                const element e{count, number++};
                const element all[3]{e, e, e};
                require(slickq_queue_write_until(queue_, all, count, slickq_deadline(20 * second), nullptr));
                ++ledger_.published;
            }
            require(slickq_queue_reset(queue_));
            ++stops_;
        }
        ledger_.is_over = true;
        for (process& c : consumers_) is_sound_ = c.wait() && is_sound_;
        print(is_sound_);
        return is_sound_;
    }

    void strike_consumer() {
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 40'000));
        const std::size_t victim = random_() % 2;
        consumers_[victim].kill();
        ++kills_;
        // Now and then nobody takes its place for a while: the others find out that it is dead.
        if (random_() % 8 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(150));
        consumers_[victim] = start_consumer(victim);
    }

    bool report_lossless() {
        const bool is_well = is_sound_ && ledger_.lost == 0 && ledger_.disorder == 0 && ledger_.longest_wait_us < hang_us;
        print(is_well);
        return is_well;
    }

    // ---------------------------------------------------------------- groups

    static constexpr std::size_t workers = 4;

    void start_workers() {
        for (std::size_t w = 0; w < workers; ++w) consumers_.push_back(start_worker());
        while (ledger_.lives < workers) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    process start_worker() {
        return process([this] {
            slickq_queue* queue = open();
            while (work(queue)) {
            }
        });
    }

    // Until all is done (false), or the worker was evicted (true).
    bool work(slickq_queue* queue) {
        slickq_worker_options options{};
        options.struct_size = sizeof options;
        options.mode = kind_ == "least" ? SLICKQ_GROUP_AT_LEAST_ONCE : SLICKQ_GROUP_AT_MOST_ONCE;
        options.group = "storm";
        options.linger_ns = SLICKQ_LINGER_FOREVER;
        slickq_worker* worker = nullptr;
        require(slickq_worker_open(queue, &options, &worker));
        ++ledger_.lives;
        std::uint64_t idle_since = 0;
        for (;;) {
            slickq_record record{};
            const slickq_status status = slickq_worker_read_until(worker, slickq_deadline(second / 20), &record);
            ledger_.lost += record.lost;
            if (status == SLICKQ_E_EVICTED) {
                ++ledger_.evictions;
                require(slickq_worker_close(worker));
                return true;
            }
            if (status == SLICKQ_TIMED_OUT) {
                // Once all is claimed, long enough for every dead one to be found out.
                if (ledger_.end == 0 || !is_claimed(queue)) continue;
                if (idle_since == 0) idle_since = now_us();
                if (now_us() - idle_since < 500'000) continue;
                require(slickq_worker_close(worker));
                return false;
            }
            idle_since = 0;
            if (status == SLICKQ_ABANDONED) {
                ++ledger_.abandoned[record.index];
                continue;
            }
            if (status != SLICKQ_OK) throw std::runtime_error(slickq_status_name(status));
            ++ledger_.times[record.index];
            ++ledger_.received;
            if ((record.flags & SLICKQ_RECORD_REDELIVERED) != 0) ++ledger_.again;
        }
    }

    bool is_claimed(slickq_queue* queue) {
        slickq_group_info info{};
        info.struct_size = sizeof info;
        return slickq_group_get_info(queue, 0, &info) == SLICKQ_OK && info.cursor == ledger_.end;
    }

    void strike_worker() {
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 3000));
        const std::size_t victim = random_() % consumers_.size();
        if (random_() % 16 == 0) {
            consumers_[victim].signal(SIGSTOP);
            for (std::uint32_t number = 0; number < SLICKQ_MAX_CONSUMERS; ++number) {
                slickq_consumer_info info{};
                info.struct_size = sizeof info;
                const bool is_it = slickq_consumer_get_info(queue_, number, &info) == SLICKQ_OK &&
                                   info.pid == static_cast<std::uint32_t>(consumers_[victim].pid());
                if (is_it) slickq_consumer_evict(queue_, info.id);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 5));
            consumers_[victim].signal(SIGCONT);
            ++stops_;
            return;
        }
        consumers_[victim].kill();
        ++kills_;
        consumers_[victim] = start_worker();
    }

    bool report_group() {
        const bool at_least_once = kind_ == "least";
        std::uint64_t missing = 0, twice = 0, unaccounted = 0;
        for (std::uint64_t index = 0; index < ledger_.end; ++index) {
            const std::uint8_t times = ledger_.times[index];
            missing += times == 0 ? 1 : 0;
            twice += times > 1 ? 1 : 0;
            unaccounted += times == 0 && ledger_.abandoned[index] == 0 ? 1 : 0;
        }
        missing_ = missing;
        twice_ = twice;
        const bool balance = ledger_.published == ledger_.end && (at_least_once ? missing == 0 : twice == 0 && unaccounted == 0);
        const bool is_well = is_sound_ && balance && ledger_.lost == 0 && missing <= kills_ + stops_ && twice <= kills_ + stops_ &&
                             ledger_.longest_wait_us < hang_us;
        print(is_well);
        return is_well;
    }

    // ---------------------------------------------------------------- all

    // Reads in no hurry, and must not hold anybody up.
    void stand_by() {
        slickq_queue* queue = open();
        slickq_reader* reader = nullptr;
        require(slickq_reader_open(queue, nullptr, &reader));
        slickq_record record{};
        while (ledger_.end == 0) {
            if (slickq_reader_read(reader, &record) < 0) throw std::runtime_error(slickq_last_message());
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    slickq_queue* open() const {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.flags = SLICKQ_OPEN_LOSSLESS;
        slickq_queue* queue = nullptr;
        require(slickq_queue_open(name_.c_str(), &options, &queue));
        return queue;
    }

    void print(bool is_well) const {
        std::printf("%-9s %11" PRIu64 " %11" PRIu64 " %9" PRIu64 " %6" PRIu64 " %6" PRIu64 " %8" PRIu64 " | %6" PRIu64 " %8" PRIu64
                    " %6" PRIu64 " %6" PRIu64 " %8" PRIu64 " | %8" PRIu64 "  %s\n",
                    kind_.c_str(), ledger_.published.load(), ledger_.received.load(), ledger_.full.load(), kills_, stops_,
                    ledger_.evictions.load(), ledger_.lost.load(), ledger_.disorder.load(), missing_, twice_, ledger_.again.load(),
                    ledger_.longest_wait_us.load() / 1000, is_well ? "yes" : "NO");
        std::fflush(stdout);
    }

    std::string kind_;
    ledger& ledger_;
    std::string name_;
    slickq_queue* queue_ = nullptr;
    std::vector<process> producers_, consumers_;
    std::mt19937_64 random_{std::random_device{}()};
    std::uint64_t kills_ = 0, stops_ = 0, missing_ = 0, twice_ = 0;
    bool is_sound_ = true;
};

} // namespace
} // namespace storm

int main(int argc, char** argv) {
    const std::string which = argc > 1 ? argv[1] : "all";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 10;
    std::printf("storm       published    received      full  kills  stops  evicted |   lost disorder  never  twice    again | wait ms  well\n");
    bool is_well = true, is_known = false;
    for (const char* kind : {"lossless", "lives", "resets", "least", "most"}) {
        if (which != "all" && which != kind) continue;
        is_known = true;
        const std::int64_t end = slickq_deadline(static_cast<std::int64_t>((which == "all" ? seconds / 5 : seconds) * 1e9));
        do {
            storm::ledger& l = storm::make_ledger();
            is_well = storm::storm(kind, l).run(static_cast<double>(end - slickq_deadline(0)) * 1e-9) && is_well;
            ::munmap(&l, sizeof l);
        } while (slickq_deadline(0) + 1'000'000'000 < end);
    }
    return is_known && is_well ? 0 : 1;
}
