#include "ring_scenario.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace explore {
namespace {

// What the producer of an index writes into its element.
std::uint64_t content_of(std::uint64_t epoch, std::uint64_t index) { return (index * 8 + epoch) * 0x9E3779B97F4A7C15 + 1; }

constexpr int reads_to_drain = 16;
constexpr std::size_t largest_record = 8; // elements

} // namespace

ring_scenario::ring_scenario(const plan& p, bool is_sequential) : plan_(p), is_sequential_(is_sequential) {
    memory_.resize((p.shape.segment_length() + 15) / 16);
    auto* base = reinterpret_cast<std::byte*>(memory_.data());
    std::memset(base, 0, memory_.size() * 16);
    if (p.shape.layout != slickq::layout::wide) {
        extension_ = std::make_unique<ring::extension_type>();
        std::memset(static_cast<void*>(extension_.get()), 0, sizeof *extension_);
    }
    watched_atomics::can_store16 = p.can_store16;
    watched_atomics::can_fence_others = p.can_fence_others;
    watch_writes([this](std::uint64_t word) { was_written(word); });
    ring_ = ring(base, p.shape, extension_.get());
    ring_.reset();
    if (p.shape.layout == slickq::layout::wide) {
        memory_[0].low = p.start;
    } else {
        memory_[0].low = slickq::packed_reserved::pack(p.start, 0);
    }
    if (p.start != 0) have_been_used();
    for (int i = 0; i < p.readers; ++i) readers_.push_back({p.start});
    slickq::reader_options options;
    options.from = slickq::start::index;
    options.index = p.start;
    options.policy = p.policy;
    options.batch = static_cast<std::uint32_t>(p.batch);
    options.stall_ns = p.steps_over ? 0 : -1;
    const int resets = static_cast<int>(std::count_if(p.producers.begin(), p.producers.end(), [](const auto& actions) {
        return std::find(actions.begin(), actions.end(), produce::reset) != actions.end();
    }));
    for (int i = 0; i < p.trusted + p.waiting; ++i) {
        trusted_.push_back({std::make_unique<trusted_reader>(ring_, options)});
        trusted_.back().resets_to_see = static_cast<std::uint64_t>(resets);
    }
    cancelled_.store(0);
    shared_.store(p.start);
    serials_.resize(static_cast<std::size_t>(p.claimers));
    for (auto& s : serials_) s.store(0);
    next_serial_.resize(serials_.size());
    highest_.assign(p.shape.slot_count(), slickq::no_index);
    for (const auto& actions : p.producers) {
        for (const int action : actions) resets_ = resets_ || action == produce::reset;
    }
}

// A queue that has come to the index where the plan starts holds the records of the lap before.
void ring_scenario::have_been_used() {
    for (std::uint64_t back = ring_.capacity(); back != 0; back -= ring_.slot_step()) {
        const std::uint64_t index = (plan_.start - back) & ring_.index_mask();
        const auto number = static_cast<std::uint32_t>(ring_.position(index) / ring_.slot_step());
        slot_index(number).store(index);
    }
}

std::vector<std::function<void()>> ring_scenario::threads() {
    std::vector<std::function<void()>> all;
    const auto repeatedly = [&](auto attempt) {
        all.emplace_back([this, attempt] {
            for (int k = 0; k < plan_.reads; ++k) attempt();
        });
    };
    for (const auto& actions : plan_.producers) all.emplace_back([&] { produce_all(actions); });
    for (plain_reader& r : readers_) repeatedly([&] { read(r); });
    for (std::size_t i = 0; i < trusted_.size(); ++i) {
        if (i < static_cast<std::size_t>(plan_.trusted)) {
            repeatedly([this, i] { read(trusted_[i]); });
        } else {
            all.emplace_back([this, i] { await(trusted_[i]); });
        }
    }
    if (plan_.awaited) all.emplace_back([&] { await_index(); });
    if (plan_.cancels) all.emplace_back([&] { cancel(); });
    for (int i = 0; i < plan_.lasts; ++i) repeatedly([&] { read_last(); });
    for (std::size_t i = 0; i < serials_.size(); ++i) repeatedly([this, i] { claim(i); });
    return all;
}

// ---------------------------------------------------------------- producing

void ring_scenario::produce_all(const std::vector<int>& actions) {
    if (plan_.prompt) ring_.begin_promptly();
    if (plan_.alone) ring_.begin_single_producer(sole_);
    for (const int action : actions) {
        const auto first = static_cast<std::uint32_t>(action & 15), second = static_cast<std::uint32_t>(action >> 4 & 15);
        const std::uint32_t counts[]{first, second};
        if (action == produce::reset) {
            reset();
        } else if (action > 0x4000) {
            produce_backwards(first, second);
        } else if (action > 0x2000) {
            produce_batch({counts, 2});
        } else if (action > 0x1000) {
            produce_batch({nullptr, first});
        } else {
            produce_one(static_cast<std::uint32_t>(std::abs(action)), action > 0);
        }
    }
}

void ring_scenario::produce_one(std::uint32_t count, bool publishes) {
    const std::uint64_t index = reserve(count);
    write(index, count);
    if (publishes) {
        publish(index, count);
    } else {
        holes_.insert({epoch_, index});
    }
}

void ring_scenario::produce_backwards(std::uint32_t first, std::uint32_t second) {
    const std::uint64_t one = reserve(first), other = reserve(second);
    write(one, first);
    write(other, second);
    publish(other, second);
    publish(one, first);
}

// What the batch was promised: each of its records as if it were written by itself.
void ring_scenario::produce_batch(const slickq::batch& records) {
    std::uint64_t from = 0;
    std::uint32_t fits = 0;
    if (plan_.alone) {
        require(ring_.reserve_batch_single(sole_, records, from, fits), "a single producer was told that it is not alone");
    } else {
        fits = ring_.reserve_batch(records, from);
    }
    require(fits != 0 && fits <= records.records, "a batch was given room for none, or for more than it has");
    std::vector<std::uint64_t> starts, elements;
    std::uint64_t at = from;
    for (std::uint32_t k = 0; k < fits; ++k) {
        const std::uint32_t count = records.count(k);
        const std::uint64_t step = ring_.slot_step();
        std::uint64_t start = (at + step - 1) / step * step;
        if (ring_.position(start) + length_of(count) > ring_.capacity()) start = ring_.start_of_ring_after(start);
        starts.push_back(start & ring_.index_mask());
        reservations_[{epoch_, starts.back()}] = count;
        for (std::uint32_t e = 0; e < count; ++e) elements.push_back(content_of(epoch_, starts.back() + e));
        at = start + length_of(count);
    }
    require(at - starts.front() <= ring_.capacity() || plan_.start != 0, "a batch laps itself");
    const std::uint64_t word = reinterpret_cast<const watched<std::uint64_t>*>(memory_.data())->peek();
    const bool is_wide = plan_.shape.layout == slickq::layout::wide;
    require(is_wide || slickq::packed_reserved::count(word) == records.count(fits - 1) ||
                ring_.difference(reserved(), starts.back() + length_of(records.count(fits - 1))) != 0,
            "an old peer would not find the batch's last record");
    const slickq::ring_result outcome = ring_.write_batch(from, {records.counts, fits}, elements.data());
    slots_never_move_back();
    const bool was_late = std::any_of(starts.begin(), starts.end(), [&](std::uint64_t start) { return late_.contains({epoch_, start}); });
    require(!is_sequential_ || !was_late || outcome == slickq::ring_result::stale, "a batch came too late and was not told");
    require(is_lapped(starts.front()) || outcome == slickq::ring_result::ok, "a batch in time was refused");
    if (outcome == slickq::ring_result::stale) {
        for (const std::uint64_t start : starts) was_told({epoch_, start});
    }
    for (std::uint32_t k = 0; k < fits; ++k) {
        if (outcome != slickq::ring_result::ok) holes_.insert({epoch_, starts[k]}); // or published; nobody can tell by now
        if (outcome == slickq::ring_result::ok || is_lapped(starts[k]) || slot_index(ring_.position(starts[k])).peek() == starts[k]) {
            published_[{epoch_, starts[k]}] = records.count(k);
        }
    }
    if (fits != records.records) produce_batch(records.from(fits));
}

std::uint64_t ring_scenario::reserve(std::uint32_t count) {
    std::uint64_t index = 0;
    if (plan_.alone) {
        require(ring_.reserve_single_producer(sole_, count, index), "a single producer was told that it is not alone");
    } else {
        index = ring_.reserve(count);
    }
    reservations_[{epoch_, index}] = count;
    require(ring_.position(index) + std::uint64_t{count} <= ring_.capacity(), "a reservation straddles the end");
    return index;
}

void ring_scenario::write(std::uint64_t index, std::uint32_t count) {
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::uint64_t content = content_of(epoch_, index + k);
        ring_.fill(index + k, &content, sizeof content);
    }
}

// Whoever writes into what the ring has lapped spoils what is there.
void ring_scenario::was_written(std::uint64_t word) {
    for (const auto& [at, count] : reservations_) {
        for (std::uint32_t k = 0; k < count; ++k) {
            if (content_of(at.first, at.second + k) != word || !is_lapped(at.second)) continue;
            ++late_writes_;
            late_.insert(at);
            untold_.insert(at);
        }
    }
}

void ring_scenario::publish(std::uint64_t index, std::uint32_t count) {
    const bool was_lapped = is_lapped(index);
    const slickq::ring_result outcome = ring_.publish(index, count);
    slots_never_move_back();
    if (outcome == slickq::ring_result::ok) {
        published_[{epoch_, index}] = count;
    } else {
        holes_.insert({epoch_, index});
    }
    if (outcome == slickq::ring_result::stale) was_told({epoch_, index});
    require(outcome == slickq::ring_result::ok || outcome == slickq::ring_result::stale, "a publish was refused wrongly");
    require(!is_sequential_ || !was_lapped || outcome == slickq::ring_result::stale, "a publish came too late and was not told");
    require(is_lapped(index) || outcome == slickq::ring_result::ok, "a publish in time was refused");
}

void ring_scenario::reset() {
    const std::uint64_t end = reserved();
    ring_.reset();
    reserved_before_ += end;
    ++epoch_;
    highest_.assign(highest_.size(), slickq::no_index);
}

// ---------------------------------------------------------------- consuming

void ring_scenario::read(plain_reader& r) {
    const std::uint64_t before = r.cursor;
    slickq::record record;
    const slickq::ring_result outcome = ring_.read(r.cursor, record);
    require(outcome != slickq::ring_result::corrupt, "a reader met a damaged slot");
    require(ring_.difference(r.cursor, before) >= 0, "a cursor moved back");
    require(r.cursor >> (plan_.shape.index_bits() - 1) <= 1, "a cursor has more bits than an index");
    if (outcome != slickq::ring_result::ok) return;
    require(ring_.difference(record.index, before) >= 0, "a record was read again");
    require(reservations_[{0, record.index}] == record.count, "a record was read with another's count");
    std::array<std::uint64_t, largest_record> elements;
    const damage_since before_copy = now();
    watched_atomics::copy_out(elements.data(), ring_.at(record.index), ring_.bytes_of(record.count));
    if (!ring_.is_intact(record.index, record.count)) {
        require(is_lapped(record.index) || has_told_, "an intact record was refused");
        return;
    }
    require(is_whole(0, record.index, record.count, elements.data()) || is_excused(before_copy), "torn bytes passed the check");
}

void ring_scenario::claim(std::size_t claimer) {
    const std::uint64_t serial = ++next_serial_[claimer];
    serials_[claimer].store(serial, std::memory_order_relaxed);
    slickq::record record;
    std::array<std::uint64_t, largest_record> elements;
    const damage_since before_copy = now();
    const slickq::ring_result outcome = ring_.claim_copy(shared_, elements.data(), elements.size(), record);
    require(outcome != slickq::ring_result::corrupt, "a claimer met a damaged slot");
    if (outcome == slickq::ring_result::lapped) {
        require(is_lapped((record.index - record.lost) & ring_.index_mask()) || has_told_, "an intact record was refused");
        return;
    }
    if (outcome != slickq::ring_result::ok) return;
    for (const claimed& other : claimed_) {
        require(other.index != record.index, "a record was claimed twice");
        if (other.claimer == claimer || ring_.difference(other.index, record.index) > 0) continue;
        require(serials_[other.claimer].load(std::memory_order_relaxed) >= other.serial,
                "what a claimant did before its claim is not visible to the next");
    }
    claimed_.push_back({record.index, record.count, claimer, serial});
    require(is_whole(0, record.index, record.count, elements.data()) || is_excused(before_copy), "torn bytes were claimed as whole");
}

void ring_scenario::read(books& b) {
    take(b, [&](slickq::delivery& got) { return b.reader->read(got); });
}

// Sleeps until something comes, up to the last index of all.
void ring_scenario::await(books& b) {
    while (b.reader->cursor() != plan_.end || b.reader->resets() != b.resets_to_see) {
        take(b, [&](slickq::delivery& got) {
            slickq::read_result what{};
            const slickq::wait_result ended = b.reader->read_until(slickq::forever, false, [] { return false; }, what, got);
            require(ended == slickq::wait_result::ready, "a wait without an end ended");
            return what;
        });
    }
}

void ring_scenario::await_index() {
    const slickq::wait_result ended = slickq::wait_until(
        ring_.arrivals(), slickq::forever, [&] { return ring_.is_ready(*plan_.awaited); }, [] { return slickq::forever; },
        [&] { return cancelled_.load(std::memory_order_relaxed) != 0; });
    require((ended == slickq::wait_result::cancelled) == plan_.cancels, "a wait ended for another reason");
}

void ring_scenario::cancel() {
    cancelled_.store(1, std::memory_order_seq_cst);
    ring_.wake_sleepers();
}

void ring_scenario::take(books& b, const std::function<slickq::read_result(slickq::delivery&)>& read_once) {
    trusted_reader& r = *b.reader;
    const std::uint64_t before = r.cursor();
    const std::uint64_t epoch = r.resets();
    const std::map<place, std::uint32_t> published_before = published_;
    slickq::delivery got;
    if (r.is_drained()) b.fetched = now();
    const slickq::read_result answer = read_once(got);
    b.lost += got.lost;
    switch (answer) {
    case slickq::read_result::record: {
        require(ring_.difference(got.index, before) >= 0, "a record was read again");
        const auto found = reservations_.find({epoch, got.index});
        require(found != reservations_.end() && found->second == got.count, "what was read was never reserved so");
        std::array<std::uint64_t, largest_record> elements;
        std::memcpy(elements.data(), got.data, ring_.bytes_of(got.count));
        if (!is_whole(epoch, got.index, got.count, elements.data())) {
            require(is_excused(b.fetched), "a trusted reader handed out torn bytes");
            b.has_given_damage = true;
        }
        b.received += length_of(got.count);
        break;
    }
    case slickq::read_result::empty:
        // Or a reset is under way; or, with late loads, the reader has not heard of what was reserved.
        require(!is_sequential_ || resets_ || before == got.index || ring_.difference(got.index, before) > 0, "a cursor moved back");
        break;
    case slickq::read_result::pending: break;
    case slickq::read_result::lapped:
        require(is_resetting_since(epoch) || is_lapped(before) || has_told_, "a reader was called lapped and was not");
        require(ring_.difference(got.index, before) > 0, "a lapped reader does not get on");
        break;
    case slickq::read_result::gap:
        for (const auto& [at, count] : published_before) {
            const bool is_skipped = at.first == epoch && ring_.difference(at.second, before) >= 0 && ring_.difference(got.index, at.second) > 0;
            require(!is_sequential_ || !is_skipped, "a published record was taken for a gap");
        }
        break;
    case slickq::read_result::reset: require(r.resets() > epoch && r.resets() <= epoch_ + 1, "a reset was reported and there was none"); break;
    case slickq::read_result::corrupt: violated("a trusted reader met a damaged slot"); break;
    case slickq::read_result::half_reset: break; // the clock of the explorer stands still
    case slickq::read_result::evicted: violated("a reader was evicted that nobody evicted"); break;
    }
    const slickq::losses& lost = r.lost();
    require(lost.lapped + lost.gap + lost.torn + lost.reset == b.lost, "a loss was counted and not told, or told and not counted");
}

void ring_scenario::read_last() {
    slickq::record record;
    const std::uint64_t announced = ring_.last_published();
    const slickq::ring_result outcome = ring_.read_last(record);
    // read_last looks again, and may see a later one; but never none, unless it is being lapped.
    if (announced == slickq::no_index || outcome == slickq::ring_result::ok) return;
    for (const auto& [at, count] : published_) {
        if (is_lapped(at.second)) return;
    }
    violated("an announced record can't be seen");
}

// ---------------------------------------------------------------- the truth

void ring_scenario::slots_never_move_back() {
    for (std::uint32_t i = 0; i < plan_.shape.slot_count(); ++i) {
        const std::uint64_t now = slot_index(i).peek();
        if (highest_[i] != slickq::no_index) {
            require(now != slickq::no_index && ring_.difference(now, highest_[i]) >= 0, "a slot moved back");
        }
        highest_[i] = now;
    }
}

// Everybody has ended; a consumer goes on by itself.
void ring_scenario::check() {
    slots_never_move_back();
    const std::uint64_t end = reserved();
    for (plain_reader& r : readers_) {
        for (int k = 0; k < reads_to_drain; ++k) read(r);
        require(r.cursor == end || holes_.contains({0, r.cursor}), "a reader is stuck although all is published");
    }
    if (plan_.claimers > 0) {
        for (int k = 0; k < reads_to_drain; ++k) claim(0);
        require(shared_.peek() == end || holes_.contains({0, shared_.peek()}), "a claimer is stuck although all is published");
        for (const claimed& c : claimed_) {
            const auto found = published_.find({0, c.index});
            require(found != published_.end() && found->second == c.count, "what was claimed was never published so");
        }
    }
    for (books& b : trusted_) {
        for (int k = 0; k < reads_to_drain; ++k) read(b);
        const std::uint64_t at = b.reader->cursor();
        require(b.reader->resets() == epoch_, "a reset was not noticed");
        const bool is_told = !b.has_given_damage || !untold_.empty() || !is_sequential_ || !extension_ || resets_;
        require(is_told || b.reader->suspects() != 0, "damage that was handed out was not told afterwards");
        require(has_told_ || b.reader->suspects() == 0, "damage was suspected that nobody told of");
        const bool waits = !plan_.steps_over && holes_.contains({epoch_, at}) && !is_lapped(at);
        require(at == end || waits, "a trusted reader is stuck");
        balance(b);
    }
    if ((plan_.producers.size() > 1 || plan_.alone) && ring_.can_read_last() && !published_.empty()) {
        slickq::record last;
        const slickq::ring_result outcome = ring_.read_last(last);
        const bool is_kept = plan_.shape.tracks_last_published();
        const auto first = published_.lower_bound({epoch_, 0});
        std::uint64_t newest = first != published_.end() ? first->first.second : slickq::no_index;
        for (auto at = first; at != published_.end(); ++at) {
            if (ring_.difference(at->first.second, newest) > 0) newest = at->first.second;
        }
        const bool is_right = newest == slickq::no_index ? outcome == slickq::ring_result::empty
                                                         : outcome == slickq::ring_result::ok && last.index == newest;
        require(!is_kept || is_right, "read_last missed the last record");
    }
}

// Each element of the index space was received, lost, or never in any reservation.
void ring_scenario::balance(const books& b) {
    const std::uint64_t behind = (reserved_before_ + b.reader->cursor() - plan_.start) & ring_.index_mask();
    std::uint64_t used = 0;
    for (const auto& [at, count] : reservations_) {
        const bool is_behind = at.first < epoch_ || ring_.difference(b.reader->cursor(), at.second) > 0;
        used += is_behind ? length_of(count) : 0;
    }
    const std::uint64_t told = b.received + b.lost;
    require(told >= used, "elements were neither received nor counted as lost");
    require(told <= behind, "elements were counted twice");
    // What was overwritten or reset may have been the skipped end of the ring, and a gap too if its marker was still to be written.
    // Else all is known.
    const slickq::losses& lost = b.reader->lost();
    const std::uint64_t unknown = lost.lapped + lost.reset + (plan_.reads != 0 ? lost.gap : 0);
    require(unknown != 0 || told == used, "the skipped end of the ring was counted");
}

bool ring_scenario::is_whole(std::uint64_t epoch, std::uint64_t index, std::uint32_t count, const std::uint64_t* elements) const {
    bool whole = true;
    for (std::uint32_t k = 0; k < count; ++k) whole = whole && elements[k] == content_of(epoch, index + k);
    return whole;
}

// Reports are made for those that copy later, which late loads leave open.
bool ring_scenario::is_excused(const damage_since& since) const {
    return since.was_untold || late_writes_ != since.writes || ((!is_sequential_ || !extension_) && late_writes_ != 0);
}

void ring_scenario::was_told(const place& at) {
    has_told_ = true;
    untold_.erase(at);
}

bool ring_scenario::is_lapped(std::uint64_t index) const {
    return ring_.difference(reserved(), index) > static_cast<std::int64_t>(ring_.capacity());
}

// Whether a reset was begun in that epoch of the queue. (The scenario's own making it ready was the first one.)
bool ring_scenario::is_resetting_since(std::uint64_t epoch) const { return extension_ && extension_->resets.peek() != 2 * (epoch + 1); }

std::uint64_t ring_scenario::length_of(std::uint32_t count) const {
    const std::uint64_t step = ring_.slot_step();
    return (count + step - 1) / step * step;
}

std::uint64_t ring_scenario::reserved() const {
    const std::uint64_t word = reinterpret_cast<const watched<std::uint64_t>*>(memory_.data())->peek();
    return plan_.shape.layout == slickq::layout::wide ? word : slickq::packed_reserved::index(word);
}

watched<std::uint64_t>& ring_scenario::slot_index(std::uint32_t number) {
    return reinterpret_cast<ring::slot_type*>(memory_.data() + slickq::header_length / 16)[number].data_index;
}

} // namespace explore
