#include "delivery_scenario.hpp"

#include <algorithm>
#include <cstring>

namespace explore {
namespace {

constexpr std::size_t largest_record = 8; // elements
constexpr std::uint32_t first_worker_pid = 100;

std::uint64_t content_of(std::uint64_t index) { return (index + 1) * 0x9E3779B97F4A7C15; }

bool never() { return false; }

} // namespace

delivery_scenario::delivery_scenario(const delivery_plan& p) : plan_(p) {
    memory_.resize((p.shape.segment_length() + 15) / 16);
    std::memset(static_cast<void*>(memory_.data()), 0, memory_.size() * 16);
    extension_ = std::make_unique<ring::extension_type>();
    std::memset(static_cast<void*>(extension_.get()), 0, sizeof *extension_);
    ring_ = ring(reinterpret_cast<std::byte*>(memory_.data()), p.shape, extension_.get());
    ring_.reset();
    memory_[0].low = slickq::packed_reserved::pack(p.start, 0);
    registry_ = registry(ring_);
    for (std::size_t i = 0; i < (p.share_flow_control ? 1 : p.producers.size()); ++i) flows_.push_back(std::make_unique<flow_control>(ring_));

    slickq::reader_options options;
    options.from = slickq::start::index;
    options.index = p.start;
    options.stall_ns = -1;
    options.batch = 1;
    for (int i = 0; i < p.readers + p.leaving; ++i) {
        readers_.push_back(std::make_unique<reader>(ring_, options));
        reader_ids_.push_back(registry_.join(slickq::member_state::consumer, {.pid = 1}, p.start, registry_.epoch()));
        readers_.back()->registered_as(reader_ids_.back());
    }
    // The first one has the highest number: producers look at those that take over from it before they look at it.
    std::uint64_t state = 0;
    for (int i = p.workers; i-- > 0;) {
        const std::uint32_t pid = first_worker_pid + static_cast<std::uint32_t>(i);
        const registry::id id = registry_.join(slickq::member_state::worker, {.pid = pid}, 0, registry_.epoch());
        if (i == p.workers - 1) {
            const std::uint64_t name[2] = {1, 0};
            registry_.found_group(name, p.mode, 1, p.start, registry_.epoch(), id, judge{*this});
            state = registry_.group(0).state.peek();
        }
        registry_.enter_group(id, 0, state);
        workers_.insert(workers_.begin(), std::make_unique<worker>(ring_, id, 0, state, -1));
    }
    for (const std::uint32_t count : p.before) publish(ring_.reserve(count), count);
}

std::vector<std::function<void()>> delivery_scenario::threads() {
    std::vector<std::function<void()>> all;
    for (std::size_t i = 0; i < plan_.producers.size(); ++i) {
        all.emplace_back([this, i] { produce(*flows_[plan_.share_flow_control ? 0 : i], plan_.producers[i]); });
    }
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        if (i < static_cast<std::size_t>(plan_.readers)) {
            all.emplace_back([this, i] { read_all(*readers_[i], plan_.start); });
        } else {
            all.emplace_back([this, i] { read_one_and_leave(i); });
        }
    }
    for (int i = 0; i < plan_.joining; ++i) all.emplace_back([this] { join_and_read(); });
    for (std::size_t i = 0; i < workers_.size(); ++i) all.emplace_back([this, i] { work(i); });
    if (plan_.evicts) all.emplace_back([this] { registry_.evict(workers_[0]->id()); ring_.wake_sleepers(); });
    return all;
}

// ---------------------------------------------------------------- producing

void delivery_scenario::produce(flow_control& g, const std::vector<std::uint32_t>& counts) {
    for (const std::uint32_t count : counts) {
        std::uint64_t index = 0;
        const auto ended = g.reserve_until(count, index, slickq::forever, judge{*this}, never);
        require(ended == slickq::wait_result::ready, "a wait without an end ended");
        publish(index, count);
    }
}

void delivery_scenario::publish(std::uint64_t index, std::uint32_t count) {
    require(ring_.position(index) + std::uint64_t{count} <= ring_.capacity(), "a reservation straddles the end");
    require(reserved_.emplace(index, count).second, "an index was reserved twice");
    for (std::uint32_t k = 0; k < count; ++k) {
        const std::uint64_t content = content_of(index + k);
        ring_.fill(index + k, &content, sizeof content);
        // It was lapped before anybody joined, and damages what came later.
        if (ring_.difference(peek_reserved(), index) > static_cast<std::int64_t>(ring_.capacity())) wrote_late_ = true;
    }
    // Producers that wait for nobody lap each other.
    const bool is_held = plan_.joining == 0 || (is_held_ && ring_.difference(index, held_from_) >= 0);
    require(ring_.publish(index, count) == slickq::ring_result::ok || !is_held, "a publish in lossless mode was refused");
}

// ---------------------------------------------------------------- consuming

bool delivery_scenario::is_whole(std::uint64_t index, std::uint32_t count, const std::uint64_t* elements) const {
    bool whole = true;
    for (std::uint32_t k = 0; k < count; ++k) whole = whole && elements[k] == content_of(index + k);
    return whole || (wrote_late_ && plan_.joining > 0);
}

std::uint64_t delivery_scenario::peek_reserved() const {
    return slickq::packed_reserved::index(reinterpret_cast<const watched<std::uint64_t>*>(memory_.data())->peek());
}

// Everything from `from` to the last index of all, in order.
void delivery_scenario::read_all(reader& r, std::uint64_t from) {
    std::uint64_t received = from;
    while (r.cursor() != plan_.end) {
        slickq::read_result what{};
        slickq::delivery got;
        // An answer `empty` may have moved the cursor to the end: that is enough.
        const auto ended = slickq::wait_until(
            ring_.arrivals(), slickq::forever,
            [&] {
                what = r.read(got);
                return (what != slickq::read_result::empty && what != slickq::read_result::pending) || r.cursor() == plan_.end;
            },
            [] { return slickq::forever; }, never);
        require(ended == slickq::wait_result::ready, "a wait without an end ended");
        if (what == slickq::read_result::empty || what == slickq::read_result::pending) return;
        // One who was lapped before this one joined has told that it may have damaged it.
        if (what == slickq::read_result::lapped && plan_.joining > 0 && extension_->suspicion.peek() != 0) {
            received = got.index;
            continue;
        }
        if (what != slickq::read_result::record) return violated("a registered reader lost something");
        std::array<std::uint64_t, largest_record> elements;
        std::memcpy(elements.data(), got.data, ring_.bytes_of(got.count));
        require(is_whole(got.index, got.count, elements.data()), "a registered reader handed out torn bytes");
        auto next = reserved_.lower_bound(received);
        if (next == reserved_.end()) next = reserved_.begin(); // behind the wrap
        require(next != reserved_.end() && next->first == got.index && next->second == got.count, "a registered reader missed a record");
        received = (got.index + got.count) & ring_.index_mask();
    }
}

void delivery_scenario::read_one_and_leave(std::size_t number) {
    slickq::delivery got;
    readers_[number]->read(got);
    require(registry_.leave(reader_ids_[number]), "a member could not leave");
}

void delivery_scenario::join_and_read() {
    const std::uint64_t reserved = ring_.reserved_index();
    const registry::id id = registry_.join(slickq::member_state::consumer, {.pid = 1}, reserved, registry_.epoch());
    const std::uint64_t from = registry_.take_effect();
    is_held_ = true;
    held_from_ = from;
    require(registry_.acknowledge(id, from, registry_.epoch().resets), "a new member is none");
    slickq::reader_options options;
    options.from = slickq::start::index;
    options.index = from;
    options.stall_ns = -1;
    options.batch = 1;
    reader r(ring_, options);
    r.registered_as(id);
    read_all(r, from);
    registry_.leave(id);
}

// Until everything is claimed, and nobody is left whose claims may have to be taken over.
void delivery_scenario::work(std::size_t number) {
    worker& w = *workers_[number];
    if (number == 0 && plan_.dies_after != 0) {
        die_after(plan_.dies_after, [this] {
            dead_.insert(first_worker_pid);
            ++over_;
            // Whom it was just about to wake, and who has to notice that it is dead, look around from time to time: here, at last now.
            ring_.wake_sleepers();
            registry_.made_room();
        });
    }
    bool goes_on = true;
    while (goes_on) {
        std::array<std::uint64_t, largest_record> elements;
        slickq::assignment got;
        slickq::work what{};
        const auto attempt = [&] {
            // The first one may die, or be evicted; the last one waits for that.
            const bool is_alone = number + 1 < workers_.size() || over_ + 1 == workers_.size();
            what = w.take(elements.data(), elements.size(), got);
            // Of a dead one the others take over what it left, whether its entry is still there or not.
            if (what == slickq::work::empty && plan_.mode == slickq::group_state::at_most_once) registry_.evict_dead(judge{*this});
            if (what == slickq::work::empty) what = w.recover(elements.data(), elements.size(), judge{*this}, got);
            return what != slickq::work::empty || (w.cursor() == plan_.end && is_alone);
        };
        slickq::wait_until(ring_.arrivals(), slickq::forever, attempt, [] { return slickq::forever; }, never);
        switch (what) {
        case slickq::work::record:
        case slickq::work::again: delivered(number, got, elements.data()); break;
        case slickq::work::abandoned:
            ++abandoned_[got.index];
            require(plan_.mode == slickq::group_state::at_most_once, "a record was given up that should be handed on");
            break;
        case slickq::work::evicted:
            require(number == 0 && plan_.evicts, "a worker was evicted that nobody evicted");
            goes_on = false;
            break;
        case slickq::work::empty: goes_on = false; break;
        default: violated("a group lost something");
        }
    }
    w.leave();
    if (number == 0) die_after(0, nullptr); // it has nothing left to die with
    ++over_;
    ring_.wake_sleepers();
}

void delivery_scenario::delivered(std::size_t number, const slickq::assignment& got, const std::uint64_t* elements) {
    const auto found = reserved_.find(got.index);
    require(found != reserved_.end() && found->second == got.count, "a worker got what was never reserved so");
    require(is_whole(got.index, got.count, elements), "a worker got torn bytes");
    const int times = ++delivered_[got.index];
    const bool may_be_again = plan_.mode == slickq::group_state::at_least_once && (plan_.evicts || (plan_.dies_after != 0 && number != 0));
    require(times == 1 || may_be_again, "a record was delivered twice");
}

// ---------------------------------------------------------------- the truth

void delivery_scenario::check() {
    require(ring_.reserved_index() == plan_.end, "the plan ends elsewhere");
    registry_.evict_dead(judge{*this});
    if (workers_.empty()) return;
    int again = 0;
    for (const auto& [index, count] : reserved_) {
        const int times = delivered_[index];
        again += std::max(times - 1, 0);
        const bool is_accounted_for = times > 0 || abandoned_[index] > 0;
        require(is_accounted_for, "a record was claimed and forgotten");
        require(abandoned_[index] <= 1, "a record was given up twice");
    }
    require(again <= 1, "more was handed on than one had claimed");
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        const auto& m = registry_.member(registry::number_of(workers_[i]->id()));
        require(slickq::member_state::kind_of(m.state.peek()) == slickq::member_state::free, "a member was left behind");
        for (const auto& c : m.claims) {
            require(slickq::claim_word::step_of(c.word.peek()) != slickq::claim_word::has, "a claim was left behind");
        }
    }
}

} // namespace explore
