#include "ring_scenario.hpp"

#include <cstring>

namespace explore {
namespace {

// What the producer of an index writes into its element.
std::uint64_t content_of(std::uint64_t index) { return index * 0x9E3779B97F4A7C15 + 1; }

constexpr int reads_to_drain = 12;

} // namespace

ring_scenario::ring_scenario(const plan& p) : plan_(p) {
    memory_.resize((p.shape.segment_length() + 15) / 16);
    auto* base = reinterpret_cast<std::byte*>(memory_.data());
    std::memset(base, 0, memory_.size() * 16);
    ring_ = ring(base, p.shape);
    ring_.reset();
    if (p.shape.layout == slickq::layout::wide) {
        memory_[0].low = p.start;
    } else {
        memory_[0].low = slickq::packed_reserved::pack(p.start, 0);
    }
    for (int i = 0; i < p.readers; ++i) readers_.push_back({p.start});
    shared_.store(p.start);
    highest_.assign(p.shape.slot_count(), slickq::no_index);
}

std::vector<std::function<void()>> ring_scenario::threads() {
    std::vector<std::function<void()>> all;
    for (const auto& counts : plan_.producers) all.emplace_back([&] { produce(counts); });
    for (reader& r : readers_) {
        all.emplace_back([&] {
            for (int k = 0; k < plan_.reads; ++k) read(r);
        });
    }
    for (int i = 0; i < plan_.claimers; ++i) {
        all.emplace_back([&] {
            for (int k = 0; k < plan_.reads; ++k) claim();
        });
    }
    return all;
}

void ring_scenario::produce(const std::vector<std::uint32_t>& counts) {
    for (const std::uint32_t count : counts) {
        const std::uint64_t index = ring_.reserve(count);
        require(ring_.position(index) + std::uint64_t{count} <= ring_.capacity(), "a reservation straddles the end");
        for (std::uint32_t k = 0; k < count; ++k) {
            step();
            if (ring_.difference(reserved(), index) > static_cast<std::int64_t>(ring_.capacity())) wrote_late_ = true;
            *element(index + k) = content_of(index + k);
        }
        const bool was_lapped = ring_.difference(reserved(), index) > static_cast<std::int64_t>(ring_.capacity());
        const slickq::outcome outcome = ring_.publish(index, count);
        slots_never_move_back();
        if (outcome == slickq::outcome::ok) {
            published_[index] = count;
        } else {
            holes_.insert(index);
        }
        require(outcome == slickq::outcome::ok || outcome == slickq::outcome::stale, "a publish was refused wrongly");
        require(!was_lapped || outcome == slickq::outcome::stale, "a publish came too late and was not told");
        const bool is_lapped = ring_.difference(reserved(), index) > static_cast<std::int64_t>(ring_.capacity());
        require(is_lapped || outcome == slickq::outcome::ok, "a publish in time was refused");
    }
}

void ring_scenario::read(reader& r) {
    const std::uint64_t before = r.cursor;
    slickq::record record;
    const slickq::outcome outcome = ring_.read(r.cursor, record);
    require(outcome != slickq::outcome::corrupt, "a reader met a damaged slot");
    require(ring_.difference(r.cursor, before) >= 0, "a cursor moved back");
    require(r.cursor >> (plan_.shape.index_bits() - 1) <= 1, "a cursor has more bits than an index");
    if (outcome != slickq::outcome::ok) return;
    require(ring_.difference(record.index, before) >= 0, "a record was read again");
    use(record);
}

void ring_scenario::claim() {
    slickq::record record;
    const slickq::outcome outcome = ring_.claim(shared_, record);
    require(outcome != slickq::outcome::corrupt, "a claimer met a damaged slot");
    if (outcome != slickq::outcome::ok) return;
    for (const seen& other : claimed_) require(other.index != record.index, "a record was claimed twice");
    claimed_.push_back({record.index, record.count});
    use(record);
}

void ring_scenario::use(const slickq::record& record) {
    bool is_whole = true;
    for (std::uint32_t k = 0; k < record.count; ++k) {
        step();
        is_whole = is_whole && *element(record.index + k) == content_of(record.index + k);
    }
    const std::int64_t ahead = ring_.difference(ring_.reserved_index(), record.index);
    if (ahead > static_cast<std::int64_t>(ring_.capacity()) || wrote_late_) return; // the consumer would throw it away
    require(is_whole, "torn bytes passed the check");
}

void ring_scenario::slots_never_move_back() {
    for (std::uint32_t i = 0; i < plan_.shape.slot_count(); ++i) {
        const std::uint64_t now = slot_index(i).peek();
        if (highest_[i] != slickq::no_index) {
            require(now != slickq::no_index && ring_.difference(now, highest_[i]) >= 0, "a slot moved back");
        }
        highest_[i] = now;
    }
}

// Everybody has ended; a reader goes on by itself.
void ring_scenario::check() {
    slots_never_move_back();
    const std::uint64_t end = reserved();
    for (reader& r : readers_) {
        for (int k = 0; k < reads_to_drain; ++k) read(r);
        require(r.cursor == end || holes_.contains(r.cursor), "a reader is stuck although all is published");
    }
    if (plan_.claimers > 0) {
        for (int k = 0; k < reads_to_drain; ++k) claim();
        require(shared_.peek() == end || holes_.contains(shared_.peek()), "a claimer is stuck although all is published");
        for (const seen& s : claimed_) {
            const auto found = published_.find(s.index);
            require(found != published_.end() && found->second == s.count, "what was claimed was never published so");
        }
    }
    if (ring_.can_read_last() && !published_.empty()) {
        slickq::record last;
        const slickq::outcome outcome = ring_.read_last(last);
        const bool is_kept = plan_.shape.tracks_last_published();
        std::uint64_t newest = published_.begin()->first;
        for (const auto& [index, count] : published_) newest = ring_.difference(index, newest) > 0 ? index : newest;
        require(!is_kept || (outcome == slickq::outcome::ok && last.index == newest), "read_last missed the last record");
    }
}

std::uint64_t ring_scenario::reserved() const {
    const std::uint64_t word = reinterpret_cast<const watched<std::uint64_t>*>(memory_.data())->peek();
    return plan_.shape.layout == slickq::layout::wide ? word : slickq::packed_reserved::index(word);
}

watched<std::uint64_t>& ring_scenario::slot_index(std::uint32_t number) {
    return reinterpret_cast<ring::slot_type*>(memory_.data() + slickq::header_length / 16)[number].data_index;
}

} // namespace explore
