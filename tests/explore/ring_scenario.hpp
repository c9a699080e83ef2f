// Producers and consumers of every kind on a tiny ring, and what must hold of them in every schedule.
#pragma once

#include "explorer.hpp"

#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/ring.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace explore {

using ring = slickq::basic_ring<watched_atomics>;
using trusted_reader = slickq::basic_reader<watched_atomics>;

// What a producer does, one after the other: records of so many elements are reserved, written and published, or
struct produce {
    static constexpr int reset = 0;                             // the queue is reset (by the only producer)
    static constexpr int stop(int count) { return -count; }     // reserved, and never published: the producer died
    static constexpr int singles(int records) { return 0x1000 + records; } // a batch of single elements
    static constexpr int batch(int first, int second) { return 0x2000 + 16 * second + first; } // of records of so many elements
    static constexpr int backwards(int first, int second) { return 0x4000 + 16 * second + first; } // reserved, then published last first
};

struct plan {
    slickq::geometry shape;
    std::vector<std::vector<int>> producers;
    int readers = 0;   // zero-copy, each with a cursor of its own, checking after use
    int claimers = 0;  // sharing one cursor, copying
    int trusted = 0;   // slickq::basic_reader
    int waiting = 0;   // slickq::basic_reader, sleeping until something comes
    std::uint64_t end = 0;                               // where those end: the last index of all
    std::optional<std::uint64_t> awaited = std::nullopt; // an index that somebody waits for
    bool cancels = false;                                // that wait is cancelled
    int lasts = 0;     // looking at the record published last
    int reads = 3;     // attempts of each consumer while producers are at work
    std::uint64_t start = 0; // the first index
    slickq::after_lap policy = slickq::after_lap::oldest;
    bool steps_over = true; // trusted readers step over what is not published, at once; else they wait for it for ever
    int batch = 2;
    bool alone = false; // the only producer, and it says so
    bool prompt = false; // producers who say that they publish within a lap. The plan must be such that they do
    bool can_store16 = true;
    bool can_fence_others = true;
};

class ring_scenario : public scenario {
public:
    // `is_sequential`: without late loads, when every thread knows all that has happened.
    ring_scenario(const plan& p, bool is_sequential);
    ~ring_scenario() override { watch_writes(nullptr); }
    ring_scenario(const ring_scenario&) = delete;
    ring_scenario& operator=(const ring_scenario&) = delete;
    std::vector<std::function<void()>> threads() override;
    void check() override;

private:
    using place = std::pair<std::uint64_t, std::uint64_t>; // the epoch of the queue, and an index in it

    struct plain_reader {
        std::uint64_t cursor;
    };
    struct claimed {
        std::uint64_t index;
        std::uint32_t count;
        std::size_t claimer;
        std::uint64_t serial; // of the claimer's claims
    };
    // Whoever copied since then may have copied what a lapped producer wrote, and had not told.
    struct damage_since {
        bool was_untold;
        std::size_t writes;
    };
    struct books {
        std::unique_ptr<trusted_reader> reader;
        std::uint64_t received = 0; // elements of the index space
        std::uint64_t lost = 0;
        std::uint64_t resets_to_see = 0;
        damage_since fetched{false, 0}; // when it copied what it hands out
        bool has_given_damage = false;
    };

    void have_been_used();
    void produce_all(const std::vector<int>& actions);
    void produce_one(std::uint32_t count, bool publishes);
    void produce_batch(const slickq::batch& records);
    void produce_backwards(std::uint32_t first, std::uint32_t second);
    std::uint64_t reserve(std::uint32_t count);
    void write(std::uint64_t index, std::uint32_t count);
    void publish(std::uint64_t index, std::uint32_t count);
    void was_written(std::uint64_t word);
    void reset();
    void read(plain_reader& r);
    void claim(std::size_t claimer);
    void read(books& b);
    void await(books& b);
    void await_index();
    void cancel();
    void take(books& b, const std::function<slickq::read_result(slickq::delivery&)>& read_once);
    void read_last();
    void slots_never_move_back();
    void balance(const books& b);

    // Whether these are the elements that the producer of the record wrote, in that epoch of the queue.
    bool is_whole(std::uint64_t epoch, std::uint64_t index, std::uint32_t count, const std::uint64_t* elements) const;
    damage_since now() const { return {!untold_.empty(), late_writes_}; }
    bool is_excused(const damage_since& since) const;
    void was_told(const place& at);
    bool is_lapped(std::uint64_t index) const;
    bool is_resetting_since(std::uint64_t epoch) const;
    std::uint64_t reserved() const; // without a step
    watched<std::uint64_t>& slot_index(std::uint32_t number);
    std::uint64_t length_of(std::uint32_t count) const; // of a reservation, rounded up to whole slots

    plan plan_;
    bool is_sequential_;
    bool resets_ = false; // some time
    std::vector<slickq::detail::pair64> memory_; // 16-byte aligned
    std::unique_ptr<ring::extension_type> extension_;
    ring ring_;
    ring::single_producer_type sole_; // if the plan says so
    std::vector<plain_reader> readers_;
    std::vector<books> trusted_;
    watched<std::uint64_t> shared_;
    watched<std::uint64_t> cancelled_;
    std::vector<claimed> claimed_;
    std::vector<watched<std::uint64_t>> serials_; // of each claimer: written before each claim, plain
    std::vector<std::uint64_t> next_serial_;

    // The truth, which no thread of a real program knows.
    std::uint64_t epoch_ = 0;
    std::uint64_t reserved_before_ = 0;                       // elements reserved in former lives
    std::map<place, std::uint32_t> reservations_;  // and their counts
    std::map<place, std::uint32_t> published_;     // every publish that succeeded
    std::set<place> holes_;                        // reservations never published: a plain cursor there waits for the next lap
    std::vector<std::uint64_t> highest_;           // of each slot, the highest data index it ever had
    std::set<place> late_;    // reservations that the ring had lapped when their elements were written, into newer records
    std::set<place> untold_;  // those whose producer has not been told yet, or never was
    std::size_t late_writes_ = 0;
    bool has_told_ = false;   // some were
};

} // namespace explore
