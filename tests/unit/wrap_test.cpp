// The same history has the same answers wherever the indices begin: two queues, one in the middle of its indices and one whose indices
// begin again at 0, do the same random things step by step, and every answer is compared.
#include "ring_fixture.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/group_worker.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct {
    slickq::liveness operator()(const slickq::process_identity&) const { return slickq::liveness::alive; }
    std::uint32_t clock() const { return 1; }
} constexpr everybody_lives;

using slickq::geometry;
using slickq::layout;
using slickq::ring_result;
using slickq::record;
using slickq::start;

class numbers {
public:
    explicit numbers(std::uint32_t seed) : source_(seed) {}
    std::uint32_t operator()() { return static_cast<std::uint32_t>(source_()); }

private:
    std::mt19937 source_;
};

struct setting {
    geometry shape;
    slickq::producing how = slickq::producing::strict;
};

// One of the two queues, with consumers of every kind.
class history {
public:
    history(const setting& s, std::uint64_t base) : how_(s.how), f_(s.shape), first_base_(base & f_.ring.index_mask()), base_(first_base_) {
        f_.start_at((base_ - capacity()) & f_.ring.index_mask());
        for (std::uint64_t k = 0; k < capacity(); k += step_size()) f_.produce(static_cast<std::uint32_t>(step_size()));
        if (how_ == slickq::producing::prompt) f_.ring.begin_promptly();
        if (how_ == slickq::producing::single) f_.ring.begin_single_producer(me_);
        cursor_ = copying_ = base_;
        shared_ = base_;
        for (const auto policy : {slickq::after_lap::oldest, slickq::after_lap::newest, slickq::after_lap::compat}) {
            slickq::reader_options options;
            options.from = start::index;
            options.index = base_;
            options.policy = policy;
            options.batch = policy == slickq::after_lap::newest ? 1 : 3;
            options.stall_ns = policy == slickq::after_lap::compat ? -1 : 0;
            readers_.push_back(std::make_unique<slickq::basic_reader<>>(f_.ring, options));
        }
    }

    // Does what the numbers say, and tells what came of it, with indices relative to where the history began.
    std::string step(numbers random) {
        std::ostringstream told;
        const auto pick = [&](std::uint32_t below) { return random() % below; };
        const std::uint32_t action = pick(24);
        const std::uint32_t count = 1 + (pick(4) != 0 ? pick(std::min<std::uint32_t>(3, size())) : pick(size()));
        switch (action) {
        case 0:
        case 1:
        case 2:
        case 3: told << "write " << write(count); break;
        case 4: told << "write batch " << write_batch(pick(2) != 0, random); break;
        case 5: told << "reserve " << reserve_late(count); break;
        case 6:
        case 7: told << "publish late " << publish_late(pick(4)); break;
        case 8:
        case 9: told << "reader " << read(*readers_[pick(3)]); break;
        case 10: told << "reader's batch " << read_batch(*readers_[pick(3)], pick(4)); break;
        case 11: {
            record seen;
            const ring_result result = f_.ring.read(cursor_, seen);
            told << "read " << of(result, seen) << " cursor " << relative(cursor_);
            if (result == ring_result::ok) told << " check " << f_.ring.validate(seen.index);
            break;
        }
        case 12: {
            record seen;
            std::vector<std::byte> copy(size() * f_.shape.element_size);
            const ring_result result = f_.ring.read_copy(copying_, copy.data(), pick(4) == 0 ? 1 : size(), seen);
            told << "copy " << of(result, seen) << " cursor " << relative(copying_);
            if (result == ring_result::ok) told << " first " << int(copy[0]);
            break;
        }
        case 13: {
            record seen;
            const ring_result result = f_.ring.claim(shared_, seen);
            told << "claim " << of(result, seen) << " cursor " << relative(shared_);
            break;
        }
        case 14: {
            told << "batch";
            std::uint64_t at = cursor_;
            const ring_result result = f_.ring.read_batch(at, 4, [&](const record& seen) { told << ' ' << of(ring_result::ok, seen); });
            told << " result " << int(result) << " cursor " << relative(at);
            break;
        }
        case 15: {
            record seen;
            if (f_.ring.can_read_last()) told << "last " << of(f_.ring.read_last(seen), seen);
            break;
        }
        case 16: told << "oldest " << relative(f_.ring.oldest()); break;
        case 17: told << "newest " << relative(f_.ring.newest()); break;
        case 18: told << "ready " << f_.ring.is_ready(cursor_) << " next " << relative(f_.ring.reserved_index()); break;
        case 19: {
            std::uint64_t at = cursor_;
            record seen;
            const ring_result result = f_.ring.read_run(at, 4, seen);
            told << "run " << of(result, seen) << " cursor " << relative(at);
            break;
        }
        case 20: told << "registered " << read_registered(); break;
        case 21: told << "worker " << work(); break;
        case 22: told << "leave " << leave(); break;
        default:
            // Without an extension area a reset shows in the counter only, which is then behind: not where it would have wrapped.
            if (pick(40) == 0 && f_.extension != nullptr) reset();
            told << "reset";
        }
        return told.str();
    }

private:
    std::uint64_t capacity() const { return f_.ring.capacity(); }
    std::uint32_t size() const { return static_cast<std::uint32_t>(capacity()); }
    std::uint64_t step_size() const { return f_.ring.slot_step(); }
    std::uint64_t relative(std::uint64_t index) const { return (index - base_) & f_.ring.index_mask(); }

    std::string of(ring_result result, const record& seen) const {
        std::ostringstream told;
        told << int(result);
        if (result == ring_result::ok || result == ring_result::corrupt || result == ring_result::lapped) {
            told << " index " << relative(seen.index) << " lost " << seen.lost << " count " << seen.count << " at " << seen.position;
        }
        return told.str();
    }

    // The last index of the wide layout is its "never written": a record that begins there can't be told. One of two elements does not.
    std::uint32_t tellable(std::uint32_t count) const {
        const bool is_at_last = f_.shape.layout == layout::wide && relative(f_.ring.reserved_index()) % capacity() == capacity() - 1;
        return is_at_last ? std::max(count, 2u) : count;
    }

    std::optional<std::uint64_t> reserve(std::uint32_t count) {
        std::uint64_t index = 0;
        if (is_held()) { // lossless
            if (!flow_.try_reserve(count, index, everybody_lives)) return std::nullopt;
            return index;
        }
        if (how_ != slickq::producing::single) return f_.ring.reserve(count);
        EXPECT_TRUE(f_.ring.reserve_single_producer(me_, count, index));
        return index;
    }
    void fill(std::uint64_t index, std::uint32_t count) {
        const std::vector<std::byte> content(count * f_.shape.element_size, static_cast<std::byte>(relative(index)));
        f_.ring.fill(index, content.data(), content.size());
    }

    std::string write(std::uint32_t count) {
        count = tellable(count);
        const auto index = reserve(count);
        if (!index) return "full, next " + std::to_string(relative(f_.ring.reserved_index()));
        fill(*index, count);
        return std::to_string(relative(*index)) + ' ' + std::to_string(count) + ' ' + std::to_string(int(f_.ring.publish(*index, count)));
    }
    std::string write_batch(bool has_counts, numbers& random) {
        if (f_.shape.layout == layout::wide && relative(f_.ring.reserved_index()) % capacity() + 3 * size() >= capacity()) return "";
        std::vector<std::uint32_t> counts;
        for (int k = 0; k < 3; ++k) counts.push_back(1 + random() % std::max(1u, size() / 4));
        slickq::batch records{has_counts ? counts.data() : nullptr, 3};
        std::uint64_t from = 0;
        std::uint32_t fits = 0;
        if (is_held()) {
            fits = flow_.reserve_batch(records, from, everybody_lives);
        } else if (how_ != slickq::producing::single) {
            fits = f_.ring.reserve_batch(records, from);
        } else {
            EXPECT_TRUE(f_.ring.reserve_batch_single(me_, records, from, fits));
        }
        const std::vector<std::byte> content(3 * size() * f_.shape.element_size, static_cast<std::byte>(relative(from)));
        const ring_result result = fits != 0 ? f_.ring.write_batch(from, {records.counts, fits}, content.data()) : ring_result::ok;
        return std::to_string(fits) + ' ' + std::to_string(int(result)) + " next " + std::to_string(relative(f_.ring.reserved_index()));
    }
    std::string reserve_late(std::uint32_t count) {
        if (late_.size() >= 4) return "";
        count = tellable(count);
        const auto index = reserve(count);
        if (!index) return "full";
        late_.push_back({*index, count});
        return std::to_string(relative(*index));
    }
    // As a single or prompt producer, only in time: they have declared it.
    std::string publish_late(std::uint32_t which) {
        if (which >= late_.size()) return "";
        const auto [index, count] = late_[which];
        late_.erase(late_.begin() + which);
        fill(index, 0);
        return std::to_string(relative(index)) + ' ' + std::to_string(int(f_.ring.publish(index, count)));
    }

    std::string of(slickq::read_result what, std::uint64_t index, std::uint64_t lost, std::uint64_t elements, slickq::basic_reader<>& r) const {
        std::ostringstream told;
        // What it copied ahead may be from before a reset.
        const std::uint64_t base = &r == registered_.get() ? base_ : r.resets() == 0 ? first_base_ : 0;
        const auto from = [&](std::uint64_t at) { return (at - base) & f_.ring.index_mask(); };
        told << int(what) << " index " << from(index) << " lost " << lost << " elements " << elements << " cursor " << from(r.cursor())
             << " lag " << (&r != registered_.get() && base != base_ ? 0 : r.lag()) << " losses " << r.lost().lapped << ' ' << r.lost().gap << ' ' << r.lost().torn << ' ' << r.lost().reset;
        return told.str();
    }
    std::string read(slickq::basic_reader<>& r) {
        slickq::delivery got;
        const slickq::read_result what = r.read(got);
        return of(what, got.index, got.lost, got.count, r) + (got.data != nullptr ? " first " + std::to_string(int(got.data[0])) : "");
    }
    std::string read_batch(slickq::basic_reader<>& r, std::uint32_t limit) {
        slickq::batch_delivery got;
        const slickq::read_result what = r.read_batch(limit, got);
        return of(what, got.index, got.lost, got.elements, r);
    }

    // ---- lossless, from when somebody is registered

    bool can_hold() const { return f_.extension != nullptr && how_ != slickq::producing::single; }
    bool is_held() const { return registered_ != nullptr || worker_ != nullptr; }

    std::string read_registered() {
        if (!can_hold()) return "";
        if (registered_ != nullptr) return read(*registered_);
        slickq::registry all(f_.ring);
        member_ = all.join(slickq::member_state::consumer, {.pid = slickq_detail_process_id()}, f_.ring.reserved_index(), all.epoch());
        slickq::reader_options options;
        options.from = start::index;
        options.index = all.take_effect();
        options.batch = 2;
        options.stall_ns = 0;
        registered_ = std::make_unique<slickq::basic_reader<>>(f_.ring, options);
        registered_->registered_as(member_);
        return "joined at " + std::to_string(relative(options.index));
    }
    std::string work() {
        if (!can_hold()) return "";
        slickq::registry all(f_.ring);
        if (worker_ == nullptr) {
            const std::uint64_t name[2] = {'g', 0};
            const auto id = all.join(slickq::member_state::worker, {.pid = slickq_detail_process_id()}, 0, all.epoch());
            group_ = all.found_group(name, slickq::group_state::at_least_once, 1'000'000'000, f_.ring.reserved_index(), all.epoch(), id,
                                     everybody_lives);
            const std::uint64_t state = all.group(group_).state.load();
            EXPECT_TRUE(all.enter_group(id, group_, state));
            const std::uint64_t from = all.take_effect();
            worker_ = std::make_unique<slickq::basic_worker<>>(f_.ring, id, group_, state, 0);
            return "joined at " + std::to_string(relative(from));
        }
        std::vector<std::byte> buffer(size() * f_.shape.element_size);
        slickq::assignment got;
        const slickq::work what = worker_->take(buffer.data(), size(), got);
        std::string told = std::to_string(int(what)) + " index " + std::to_string(relative(got.index)) + " lost " + std::to_string(got.lost) +
                           " count " + std::to_string(got.count);
        if (what == slickq::work::record) told += " first " + std::to_string(int(buffer[0]));
        return told;
    }
    std::string leave() {
        slickq::registry all(f_.ring);
        if (registered_ != nullptr) {
            all.leave(member_);
            registered_.reset();
            return "reader";
        }
        if (worker_ == nullptr) return "";
        worker_->leave();
        worker_.reset();
        all.remove_group(group_, everybody_lives);
        return "worker";
    }

    void reset() {
        leave();
        leave();
        f_.ring.reset();
        late_.clear();
        base_ = cursor_ = copying_ = 0;
        shared_ = 0;
    }

    struct reservation {
        std::uint64_t index;
        std::uint32_t count;
    };

    slickq::producing how_;
    test::fixture f_;
    std::uint64_t first_base_, base_; // before any reset, and now
    slickq::single_producer me_;
    std::uint64_t cursor_ = 0, copying_ = 0;
    std::atomic<std::uint64_t> shared_{0};
    std::vector<std::unique_ptr<slickq::basic_reader<>>> readers_;
    std::deque<reservation> late_;
    slickq::flow_control flow_{f_.ring};
    std::uint64_t member_ = 0;
    std::unique_ptr<slickq::basic_reader<>> registered_;
    std::uint32_t group_ = 0;
    std::unique_ptr<slickq::basic_worker<>> worker_;
};

class Wrap : public testing::TestWithParam<layout> {};

TEST_P(Wrap, TheSameHistoryHasTheSameAnswers) {
    const bool has_several = GetParam() == layout::slq2 || GetParam() == layout::slq3;
    const std::uint64_t limit = GetParam() == layout::wide ? 0 : std::uint64_t{1} << 48;
    numbers random(1);
    for (int run = 0; run < 300; ++run) {
        setting s;
        s.shape = {GetParam(), 2u << random() % 5, 1u + random() % 9, 1};
        if (has_several) s.shape.items_per_slot = std::min(2u << random() % 2, s.shape.capacity);
        s.how = static_cast<slickq::producing>(random() % (GetParam() == layout::wide ? 2 : 3));
        const std::uint64_t laps = (1 + random() % 4) * s.shape.capacity;
        history middle(s, (std::uint64_t{1} << 30) - laps), wrapping(s, limit - laps);
        std::vector<std::string> before;
        const std::uint32_t seed = random();
        for (std::uint32_t step = 0; step < 300; ++step) {
            const std::string expected = middle.step(numbers(seed + step)), found = wrapping.step(numbers(seed + step));
            std::string last;
            for (std::size_t k = before.size() - std::min<std::size_t>(before.size(), 12); k < before.size(); ++k) last += "  " + before[k] + '\n';
            ASSERT_EQ(expected, found) << "run " << run << ", step " << step << ", capacity " << s.shape.capacity << ", items per slot "
                                       << s.shape.items_per_slot << ", manner " << int(s.how) << ", after\n" << last;
            before.push_back(expected);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, Wrap,
                         testing::Values(layout::slq0, layout::slq1, layout::slq2, layout::slq3, layout::packed, layout::wide),
                         test::layout_name);

} // namespace
