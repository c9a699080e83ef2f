#include "lifetime_scenario.hpp"

#include <cstring>

namespace explore {
namespace {

constexpr std::uint64_t name[2] = {1, 0};
constexpr std::uint32_t first_worker = 100, another = 200, mortal = 300;

std::uint64_t content_of(int epoch, std::uint64_t index) {
    return (static_cast<std::uint64_t>(epoch) << 60 | (index & 0xFFFFFFFFFFFF)) * 0x9E3779B97F4A7C15 + 1;
}
bool never() { return false; }

} // namespace

lifetime_scenario::lifetime_scenario(const lifetime_plan& p) : plan_(p) {
    memory_.resize((p.shape.segment_length() + 15) / 16);
    std::memset(static_cast<void*>(memory_.data()), 0, memory_.size() * 16);
    extension_ = std::make_unique<ring::extension_type>();
    std::memset(static_cast<void*>(extension_.get()), 0, sizeof *extension_);
    ring_ = ring(reinterpret_cast<std::byte*>(memory_.data()), p.shape, extension_.get());
    memory_[0].low = slickq::packed_reserved::pack(5, 0); // so many in an epoch before
    ring_.reset();
    resets_before_ = extension_->resets.peek();
    memory_[0].low = slickq::packed_reserved::pack(p.start, 0);
    registry_ = registry(ring_);
    flow_ = std::make_unique<flow_control>(ring_);

    slickq::reader_options options;
    options.from = slickq::start::index;
    options.index = p.start;
    options.stall_ns = -1;
    options.batch = 1;
    for (int i = 0; i < p.readers; ++i) {
        const registry::id id = registry_.join(slickq::member_state::consumer, {.pid = 1}, p.start, registry_.epoch());
        readers_.push_back(std::make_unique<reader>(ring_, options));
        readers_.back()->registered_as(id);
        if (i != 0 || !p.forks) continue;
        copy_ = std::make_unique<reader>(ring_, options);
        copy_->registered_as(id);
    }
    for (int i = 0; i < p.consumers; ++i) {
        ids_.push_back(registry_.join(slickq::member_state::consumer, {.pid = 1}, p.start, registry_.epoch()));
    }
    for (int i = 0; i < p.before; ++i) publish(ring_.reserve(1));
    for (int i = 0; i < p.workers; ++i) workers_.push_back(open(first_worker + static_cast<std::uint32_t>(i)));
    if (p.remover_dies_after != 0) { // one has died with a claimed record
        const auto gone = open(first_worker);
        std::uint64_t element;
        slickq::assignment got;
        gone->take(&element, 1, got);
        dead_.insert(first_worker);
    }
}

std::vector<std::function<void()>> lifetime_scenario::threads() {
    std::vector<std::function<void()>> all;
    if (plan_.resets || plan_.after != 0) {
        if (!plan_.mender_produces) all.emplace_back([this] { produce(); });
    } else {
        is_produced_ = true;
    }
    if (plan_.resetter_dies_after != 0) {
        all.emplace_back([this] { reset_and_die(); });
        all.emplace_back([this] { mend(); });
    }
    for (auto& r : readers_) all.emplace_back([this, &r] { read_all(*r); });
    for (const registry::id id : ids_) all.emplace_back([this, id] { read_with_own_cursor(id); });
    for (auto& w : workers_) {
        all.emplace_back([this, &w] { work(*w, 0, [this] { return is_produced_; }); });
    }
    if (plan_.remakes) all.emplace_back([this] { make_anew(); });
    if (plan_.maker_dies_after != 0) all.emplace_back([this] { make_and_die(); });
    if (plan_.remover_dies_after != 0) all.emplace_back([this] { remove_and_die(); });
    if (plan_.maker_dies_after != 0 || plan_.remover_dies_after != 0) all.emplace_back([this] { want_group(); });
    if (plan_.can_not_tell) all.emplace_back([this] { registry_.evict_dead(judge{*this}); });
    if (plan_.forks) {
        all.emplace_back([this] {
            slickq::delivery got;
            step();
            lifetime_atomics::running_process = 2;
            const slickq::read_result what = copy_->read(got);
            lifetime_atomics::running_process = 1;
            require(what == slickq::read_result::evicted, "a child was given what is its parent's");
        });
    }
    return all;
}

// ---------------------------------------------------------------- producing

void lifetime_scenario::publish(std::uint64_t index) {
    const std::uint64_t content = content_of(epoch_, index);
    require(records_.emplace(record_id{epoch_, index}, content).second, "an index was reserved twice");
    ring_.fill(index, &content, sizeof content);
    require(ring_.publish(index, 1) == slickq::ring_result::ok, "a publish in lossless mode was refused");
}

void lifetime_scenario::write() {
    std::uint64_t index = 0;
    flow_->reserve_until(1, index, slickq::forever, judge{*this}, never);
    publish(index);
}

void lifetime_scenario::produce() {
    for (int i = 0; i < plan_.first; ++i) write();
    if (plan_.resetter_dies_after != 0) {
        // Nobody produces while the queue is reset; but one who begins when it was left so waits until it is mended.
        wait_for([this] { return is_mended_ || (is_reset_left_ && is_resetting()); });
    } else if (plan_.resets) {
        ring_.reset();
        registry_.made_room();
        ++epoch_;
    }
    for (int i = 0; i < plan_.after; ++i) write();
    is_produced_ = true;
    ring_.wake_sleepers();
}

void lifetime_scenario::wait_for(const std::function<bool()>& is_so) {
    slickq::wait_until(ring_.arrivals(), slickq::forever, is_so, [] { return slickq::forever; }, never);
}

void lifetime_scenario::reset_and_die() {
    const auto leave = [this] {
        ++epoch_;
        is_reset_left_ = true;
        ring_.wake_sleepers();
    };
    die_after(plan_.resetter_dies_after, leave);
    ring_.reset();
    registry_.made_room();
    die_after(0, nullptr);
    leave();
}

void lifetime_scenario::mend() {
    wait_for([this] { return is_reset_left_; });
    if (extension_->resets.peek() != resets_before_ + 2) {
        ring_.reset();
        registry_.made_room();
    }
    is_mended_ = true;
    ring_.wake_sleepers();
    if (plan_.mender_produces) produce();
}

std::uint64_t lifetime_scenario::end() const {
    const std::uint64_t first = plan_.resets ? 0 : plan_.start;
    const int records = plan_.resets ? plan_.after : plan_.before + plan_.after;
    return (first + static_cast<std::uint64_t>(records)) & ring_.index_mask();
}

// ---------------------------------------------------------------- consuming

bool lifetime_scenario::is_record(std::uint64_t index, std::uint64_t content, record_id& found) const {
    for (const auto& [id, whole] : records_) {
        if (id.second != index || whole != content) continue;
        found = id;
        return true;
    }
    return false;
}

// All of the last epoch, in order; nothing is lapped.
void lifetime_scenario::read_all(reader& r) {
    std::uint64_t expected = plan_.start;
    int epoch = 0;
    while (epoch != (plan_.resets ? 1 : 0) || r.cursor() != end()) {
        slickq::read_result what{};
        slickq::delivery got;
        slickq::wait_until(
            ring_.arrivals(), slickq::forever,
            [&] {
                what = r.read(got);
                return what != slickq::read_result::empty && what != slickq::read_result::pending;
            },
            [] { return slickq::forever; }, never);
        if (what == slickq::read_result::reset) {
            require(plan_.resets && epoch == 0, "a reader was told of a reset that was none");
            const auto before = static_cast<std::uint64_t>(plan_.before + plan_.first);
            require(got.lost == ((plan_.start + before - expected) & ring_.index_mask()), "a reader was told of another loss by a reset");
            epoch = 1;
            expected = 0;
            continue;
        }
        if (what != slickq::read_result::record) return violated("a registered reader lost something");
        std::uint64_t element;
        std::memcpy(&element, got.data, sizeof element);
        require(got.index == expected && element == content_of(epoch, got.index), "a registered reader got another record than the next");
        expected = (got.index + 1) & ring_.index_mask();
    }
}

// The same, learning of the reset by its acknowledgement: all of the last epoch at least once.
void lifetime_scenario::read_with_own_cursor(registry::id id) {
    std::uint64_t cursor = plan_.start;
    std::set<std::uint64_t> seen;
    const auto is_over = [&] {
        return is_produced_ && seen.size() == static_cast<std::size_t>(plan_.resets ? plan_.after : plan_.before + plan_.after);
    };
    while (!is_over()) {
        slickq::record got;
        std::uint64_t element = 0;
        slickq::ring_result what{};
        slickq::wait_until(
            ring_.arrivals(), slickq::forever,
            [&] {
                // As slickq_consumer_wait_until(). The end of a reset that is under way wakes us; after one the cursor may be where the
                // new epoch ends, which looks like nothing new.
                const slickq::epoch_view now = registry_.epoch();
                if (!now.is_settled()) return false;
                what = ring_.read_copy(cursor, &element, 1, got);
                const bool is_reset = registry_.member(registry::number_of(id)).epoch.load(std::memory_order_relaxed) != now.resets;
                return what != slickq::ring_result::empty || is_reset || is_over();
            },
            [] { return slickq::forever; }, never);
        if (is_over()) break;
        record_id which;
        const bool is_good = what == slickq::ring_result::ok && got.lost == 0 && is_record(got.index, element, which);
        const auto told = registry_.acknowledge(id, cursor);
        if (told == slickq::acknowledged::reset) {
            cursor = 0;
            continue;
        }
        require(told == slickq::acknowledged::yes, "a consumer is none any more");
        if (what == slickq::ring_result::empty) continue; // the reset is under way
        if (!is_good) return violated("a registered consumer lost something");
        if (which.first == (plan_.resets ? 1 : 0)) seen.insert(got.index);
    }
}

// Or one whose removal may still be given up.
bool lifetime_scenario::has_group() const {
    for (std::uint32_t g = 0; g < slickq::most_groups; ++g) {
        const std::uint64_t state = registry_.group(g).state.peek();
        if (slickq::group_state::is_group(slickq::group_state::with(state, slickq::group_state::stage(state) & 0xEF))) return true;
    }
    return false;
}

void lifetime_scenario::work(worker& w, int group, const std::function<bool()>& is_over) {
    for (;;) {
        std::uint64_t element = 0;
        slickq::assignment got;
        slickq::work what{};
        slickq::wait_until(
            ring_.arrivals(), slickq::forever,
            [&] {
                const bool was_over = is_over(); // what there is by then is found by what follows
                what = w.take(&element, 1, got);
                if (what == slickq::work::empty) what = w.recover(&element, 1, judge{*this}, got);
                return what != slickq::work::empty || (was_over && w.cursor() == end());
            },
            [] { return slickq::forever; }, never);
        record_id which;
        switch (what) {
        case slickq::work::again:
        case slickq::work::record:
            if (!is_record(got.index, element, which)) return violated("a worker got what nobody wrote at that index");
            require(++got_[group][which] == 1, "a record was delivered twice");
            continue;
        case slickq::work::reset:
            require(plan_.resets, "a worker was told of a reset that was none");
            ++resets_told_;
            lost_at_resets_ += got.lost;
            continue;
        case slickq::work::evicted:
            require(plan_.remakes && group == 0, "a worker was evicted that nobody evicted");
            w.leave();
            return;
        case slickq::work::empty:
            require(!is_opened_ || has_group(), "a group with a worker is no more");
            w.leave();
            ring_.wake_sleepers();
            return;
        default: return violated("a group lost something");
        }
    }
}

// ---------------------------------------------------------------- groups

// As src/worker.cpp does it.
std::unique_ptr<lifetime_scenario::worker> lifetime_scenario::open(std::uint32_t pid) {
    const registry::id id = registry_.join(slickq::member_state::worker, {.pid = pid}, 0, registry_.epoch(), leases{});
    for (int tries = 0; tries < 5; ++tries) {
        std::uint32_t number = registry::no_group;
        const auto look_up = [&] {
            number = registry_.find_group(name);
            return !registry_.is_changing_before(number, judge{*this});
        };
        slickq::wait_until(ring_.arrivals(), slickq::forever, look_up, [] { return slickq::forever; }, never);
        if (number == registry::no_group) {
            const std::uint32_t made =
                registry_.found_group(name, slickq::group_state::at_least_once, 1, plan_.start, registry_.epoch(), id, judge{*this});
            slickq::wait_until(ring_.arrivals(), slickq::forever, look_up, [] { return slickq::forever; }, never);
            if (number != made) registry_.remove_group(made, judge{*this});
            ring_.wake_sleepers();
        }
        const std::uint64_t state = registry_.group(number).state.load(std::memory_order_acquire);
        if (!slickq::group_state::is_group(state) || !registry_.enter_group(id, number, state)) continue;
        return std::make_unique<worker>(ring_, id, number, state, -1);
    }
    violated("a group could not be joined");
    return nullptr;
}

void lifetime_scenario::make_anew() {
    registry_.evict(workers_[0]->id());
    require(registry_.remove_group(0, judge{*this}), "a group without workers could not be removed");
    const auto w = open(another);
    if (w != nullptr) work(*w, 1, [] { return true; });
    for (int i = 0; i < plan_.before; ++i) {
        const std::uint64_t index = (plan_.start + static_cast<std::uint64_t>(i)) & ring_.index_mask();
        const bool is_once = got_[1][{0, index}] == 1;
        require(is_once, "a worker of a former group took a record of the new one");
    }
}

void lifetime_scenario::make_and_die() {
    die_after(plan_.maker_dies_after, [this] {
        dead_.insert(mortal);
        ring_.wake_sleepers();
    });
    const auto w = open(mortal);
    die_after(0, nullptr);
    if (w != nullptr) w->leave();
    ring_.wake_sleepers();
}

void lifetime_scenario::remove_and_die() {
    die_after(plan_.remover_dies_after, [this] {
        dead_.insert(mortal);
        ring_.wake_sleepers();
    });
    registry_.remove_group(0, judge{*this});
    die_after(0, nullptr);
    ring_.wake_sleepers();
}

void lifetime_scenario::want_group() {
    const auto w = open(another);
    if (w == nullptr) return;
    is_opened_ = true;
    work(*w, 0, [] { return true; });
}

// ---------------------------------------------------------------- the truth

void lifetime_scenario::check() {
    const int last = plan_.resets ? 1 : 0;
    if (plan_.workers != 0 && !plan_.remakes) {
        for (const auto& [id, content] : records_) require(id.first != last || got_[0][id] == 1, "a record was claimed and forgotten");
    }
    if (plan_.workers != 0 && plan_.resets) {
        std::uint64_t of_before = lost_at_resets_;
        for (const auto& [id, times] : got_[0]) of_before += id.first == 0 ? static_cast<std::uint64_t>(times) : 0;
        require(of_before == static_cast<std::uint64_t>(plan_.before), "workers were told of another loss by a reset");
        require(resets_told_ != 0, "no worker was told of the reset");
    }
    if (is_opened_) {
        for (const auto& [id, content] : records_) require(got_[0][id] == 1, "who came after the dead one missed a record");
    }
    registry_.evict_dead(judge{*this});
    if (plan_.maker_dies_after == 0 && plan_.remover_dies_after == 0) return;
    for (std::uint32_t m = 0; m < slickq::most_members; ++m) {
        require(slickq::member_state::kind_of(registry_.member(m).state.peek()) == slickq::member_state::free, "a member was left behind");
    }
    // What one who died left half-made or half-removed is cleared away by whoever needs the place.
    std::uint32_t groups = 0;
    for (std::uint32_t g = 0; g < slickq::most_groups; ++g) groups += slickq::group_state::is_group(registry_.group(g).state.peek()) ? 1u : 0u;
    require(groups <= 1, "there are two groups of one name");
}

} // namespace explore
