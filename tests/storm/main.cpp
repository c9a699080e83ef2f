// slickq_storm [torn|crowd|kill|reset|all] SECONDS: what the library promises, under the worst that processes do to each other.
//   torn   producers lap readers a million times and more, one producer at a time; records of 1 byte to 4 KiB
//   crowd  the same with producers that get into each other's way: one that is lapped while it writes, writes into newer records
//   kill   producers are killed at random instants, and stopped for more than a lap
//   reset  the queue is reset while readers are at it
// Each takes that many seconds and more if it needs them (torn: until a million laps), over every layout in turn. Prints a table,
// and fails if a torn record was accepted, a reader hung, books did not balance, or a descriptor or mapping was left.
// The columns: what producers did | what became of it, of two slickq_readers together: records received, elements lost by cause |
// publishes refused as too late, torn records that the plain zero-copy read showed, whole ones that a producer damaged which was
// lapped while it wrote (the wrong bytes are that producer's), torn ones accepted, readers that hung, whether all books balance, and
// the longest that a reader waited for an unpublished record
#include "process.hpp"
#include "roles.hpp"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace storm {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t laps_wanted = 1'000'000;
constexpr std::int64_t stall_ns = 10'000'000;

struct storm_kind {
    const char* name;
    std::uint32_t capacity, element_size, longest;
    std::size_t producers;
    bool one_at_a_time, kills, resets, reads_in_place;
    unsigned rest_us; // of a producer, now and then: so that a ring lasts longer than the stall time, and gaps are met as gaps
};
constexpr storm_kind kinds[] = {
    {"torn", 8192, 1, longest_record, 2, true, false, false, true, 0},
    {"crowd", 8192, 1, longest_record, 3, false, false, false, true, 0},
    {"kill", 1 << 17, 64, 1, 3, false, true, false, false, 100},
    {"reset", 1 << 10, 16, 1, 2, false, false, true, false, 0},
};

struct in_use {
    std::ptrdiff_t descriptors = 0, mappings = 0;
    bool operator==(const in_use&) const = default;
};
in_use now_in_use() {
    in_use found;
    found.descriptors = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) found.mappings += line.find("/dev/shm/") != std::string::npos ? 1 : 0;
    return found;
}

// A queue of that layout for the length of a storm.
class stage {
public:
    stage(const storm_kind& kind, slickq_layout layout, board& b, const payload& content) {
        const bool has_slots = layout == SLICKQ_LAYOUT_SLQ2 || layout == SLICKQ_LAYOUT_SLQ3;
        scene_.queue_name = "/slickq-storm-" + std::to_string(::getpid());
        scene_.element_size = kind.element_size;
        scene_.capacity = kind.capacity;
        scene_.longest = kind.longest;
        scene_.slot_step = has_slots && kind.longest > 1 ? 16 : 1;
        scene_.one_at_a_time = kind.one_at_a_time;
        scene_.rest_us = kind.rest_us;
        scene_.shared = &b;
        scene_.content = &content;
        slickq_options options{};
        options.struct_size = sizeof options;
        options.capacity = kind.capacity;
        options.element_size = kind.element_size;
        options.layout = scene_.slot_step != 1 ? layout : has_slots ? SLICKQ_LAYOUT_SLQ0 : layout;
        options.items_per_slot = scene_.slot_step;
        require(slickq_queue_create(scene_.queue_name.c_str(), &options, &queue_));
    }
    stage(const stage&) = delete;
    stage& operator=(const stage&) = delete;
    ~stage() {
        slickq_queue_close(queue_);
        slickq_segment_remove(scene_.queue_name.c_str());
    }

    const scene& described() const noexcept { return scene_; }
    slickq_queue* queue() const noexcept { return queue_; }
    std::uint64_t reserved() const {
        std::uint64_t index = 0;
        require(slickq_queue_next_index(queue_, &index));
        return index;
    }

private:
    scene scene_;
    slickq_queue* queue_ = nullptr;
};

class storm_run {
public:
    storm_run(const storm_kind& kind, slickq_layout layout, const payload& content)
        : kind_(kind), stage_(kind, layout, *board_, content), content_(content) {}

    void run(std::chrono::duration<double> length, std::uint64_t laps) {
        start_readers();
        for (std::size_t p = 0; p < kind_.producers; ++p) producers_.push_back(start_producer(p));
        const auto end = std::chrono::steady_clock::now() + length;
        while (std::chrono::steady_clock::now() < end || lap_count() < laps) {
            if (kind_.kills) {
                strike();
            } else if (kind_.resets) {
                reset();
            } else {
                std::this_thread::sleep_for(milliseconds(20));
            }
        }
        shared().are_producers_over = true;
        for (process& p : producers_) is_sound_ = p.wait() && is_sound_;
        sums().laps = lap_count();
        shared().is_over = true;
        for (process& r : readers_) is_sound_ = r.wait() && is_sound_;
        explain_damage();
    }

    const tally& result() const { return (*board_).sums; }
    bool is_sound() const { return is_sound_; } // every process ended as it should

private:
    board& shared() { return *board_; }
    tally& sums() { return shared().sums; }
    std::uint64_t lap_count() const { return (shared_past_ + stage_.reserved()) / kind_.capacity; }

    void start_readers() {
        const scene& s = stage_.described();
        if (kind_.reads_in_place) {
            readers_.emplace_back([&s] { read_in_place(s); });
            readers_.emplace_back([&s] { read_copies(s); });
        }
        readers_.emplace_back([&s] { read_trusted(s, SLICKQ_AFTER_LAP_OLDEST, stall_ns); });
        readers_.emplace_back([&s] { read_trusted(s, SLICKQ_AFTER_LAP_COMPAT, stall_ns); });
        while (shared().readers_ready < 2) std::this_thread::sleep_for(milliseconds(1));
    }

    process start_producer(std::size_t number) {
        const scene& s = stage_.described();
        return process([&s, number] { produce(s, number); });
    }

    // Kills a producer, or stops it for longer than a lap, and starts it again.
    void strike() {
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 1500));
        const std::size_t victim = random_() % producers_.size();
        if (random_() % 64 == 0) {
            producers_[victim].signal(SIGSTOP);
            const std::uint64_t lap_later = stage_.reserved() + kind_.capacity + kind_.capacity / 4;
            while (stage_.reserved() < lap_later) std::this_thread::sleep_for(milliseconds(1));
            producers_[victim].signal(SIGCONT);
            ++sums().stops;
            return;
        }
        producers_[victim].kill();
        ++sums().kills;
        // It may have been lapped, and have written since, without being told.
        producer_cell& cell = shared().producers[victim];
        if (cell.in_flight != producer_cell::none) shared().note_late({cell.in_flight, cell.in_flight_count, stage_.reserved()});
        cell.in_flight = producer_cell::none;
        producers_[victim] = start_producer(victim);
    }

    void reset() {
        std::this_thread::sleep_for(std::chrono::microseconds(random_() % 3000));
        shared().pause = true;
        for (std::size_t p = 0; p < producers_.size(); ++p) {
            while (shared().producers[p].is_paused == 0) std::this_thread::yield();
        }
        shared_past_ += stage_.reserved();
        sums().reserved = shared_past_;
        require(slickq_queue_reset(stage_.queue()));
        ++sums().resets;
        shared().pause = false;
        for (std::size_t p = 0; p < producers_.size(); ++p) {
            while (shared().producers[p].is_paused == 1) std::this_thread::yield();
        }
    }

    // A record that the library called whole and is not: if its wrong bytes are those of producers that were lapped while they
    // wrote, they were written when the reservation counter could no longer tell. All else was torn, and accepted.
    void explain_damage() {
        const std::uint64_t known = std::min<std::uint64_t>(shared().damaged_count, most_late);
        for (std::uint64_t i = 0; i < known; ++i) ++(is_explained(shared().damaged[i]) ? sums().late : sums().accepted);
        sums().accepted += shared().damaged_count - known;
    }

    // Byte by byte: several may have been late at a time.
    bool is_explained(const damage& d) {
        for (std::size_t i = 0; i < d.length; ++i) {
            if (!is_of_a_late_record(d, i)) return false;
        }
        return true;
    }

    bool is_of_a_late_record(const damage& d, std::size_t number) {
        const std::uint64_t ring = std::uint64_t{kind_.capacity} * kind_.element_size;
        const std::uint64_t late = std::min<std::uint64_t>(shared().late_count, most_late);
        for (std::uint64_t i = 0; i < late; ++i) {
            const late_record& record = shared().late[i];
            if (d.index <= record.index || d.index >= record.until) continue;
            const std::uint64_t into = ((d.index - record.index) * kind_.element_size + d.offset + number) % ring;
            if (into < record.count * kind_.element_size && content_.of(record.index)[into] == d.bytes[number]) return true;
        }
        return false;
    }

    const storm_kind& kind_;
    shared_board board_;
    stage stage_;
    const payload& content_;
    std::uint64_t shared_past_ = 0; // elements reserved before the last reset
    std::vector<process> producers_, readers_;
    std::mt19937_64 random_{std::random_device{}()};
    bool is_sound_ = true;
};

void print_head() {
    std::printf("%-6s %-6s %12s %9s %6s %5s %6s | %12s %12s %7s %9s %7s | %7s %8s %7s %8s %5s %7s %7s\n", "storm", "layout", "published",
                "laps", "kills", "stops", "resets", "received", "lapped", "gap", "torn", "reset", "refused", "shown", "late",
                "accepted", "hangs", "balance", "wait ms");
}

bool print_row(const char* kind, slickq_layout layout, const tally& t, bool is_sound) {
    const auto number = [](const counter& c) { return c.load(); };
    std::printf("%-6s %-6s %12" PRIu64 " %9" PRIu64 " %6" PRIu64 " %5" PRIu64 " %6" PRIu64 " | %12" PRIu64 " %12" PRIu64 " %7" PRIu64
                " %9" PRIu64 " %7" PRIu64 " | %7" PRIu64 " %8" PRIu64 " %7" PRIu64 " %8" PRIu64 " %5" PRIu64 " %7s %7" PRIu64 "\n",
                kind, slickq_layout_name(layout), number(t.published), number(t.laps), number(t.kills), number(t.stops),
                number(t.resets), number(t.received), number(t.lapped), number(t.gap), number(t.torn), number(t.reset),
                number(t.refused), number(t.shown), number(t.late), number(t.accepted), number(t.hangs),
                t.unbalanced == 0 ? "yes" : "NO", number(t.longest_wait_us) / 1000);
    std::fflush(stdout);
    return t.accepted == 0 && t.hangs == 0 && t.unbalanced == 0 && is_sound;
}

// All layouts in turn; whether all went well.
bool run(const storm_kind& kind, double seconds, const payload& content) {
    std::vector<slickq_layout> layouts{SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_SLQ3, SLICKQ_LAYOUT_PACKED, SLICKQ_LAYOUT_WIDE};
    if (kind.resets) layouts.pop_back(); // it has no extension area: how much a reset took can't be known exactly
    const std::string name = kind.name;
    const double each = seconds / static_cast<double>(layouts.size());
    bool is_well = true;
    std::uint64_t shown = 0;
    for (const slickq_layout layout : layouts) {
        storm_run one(kind, layout, content);
        one.run(std::chrono::duration<double>(each), name == "torn" ? laps_wanted / layouts.size() + 1 : 0);
        is_well = print_row(kind.name, layout, one.result(), one.is_sound()) && is_well;
        shown += one.result().shown;
    }
    if (kind.reads_in_place && shown == 0) {
        std::printf("%s: the plain read showed no torn record: this proves nothing\n", kind.name);
        return false;
    }
    return is_well;
}

} // namespace
} // namespace storm

int main(int argc, char** argv) {
    using namespace storm;
    const std::string which = argc > 1 ? argv[1] : "all";
    const double seconds = argc > 2 ? std::atof(argv[2]) : 10;
    const payload content;
    const in_use before = now_in_use();
    bool is_well = true, is_known = false;
    print_head();
    for (const storm_kind& kind : kinds) {
        if (which != "all" && which != kind.name) continue;
        is_known = true;
        is_well = run(kind, which == "all" ? seconds / static_cast<double>(std::size(kinds)) : seconds, content) && is_well;
    }
    const in_use after = now_in_use();
    std::printf("descriptors before and after: %td, %td; mappings of shared memory: %td, %td\n", before.descriptors,
                after.descriptors, before.mappings, after.mappings);
    return is_known && is_well && before == after ? 0 : 1;
}
