#include "explorer.hpp"

#include <array>
#include <csetjmp>
#include <cstring>
#include <optional>
#include <stdexcept>

#include <ucontext.h>

namespace explore {
namespace {

constexpr std::size_t most_threads = 6;
constexpr std::size_t stack_length = 64 * 1024;

struct fiber {
    ucontext_t first; // to begin with; from then on
    std::jmp_buf context;
    std::function<void()> body;
    bool has_begun = false;
    bool has_ended = false;
    const void* sleeps_on = nullptr;
    int steps_to_live = 0; // 0: for ever
    std::function<void()> tell_of_death;

    bool can_run() const { return !has_ended && sleeps_on == nullptr; }
};

// One choice: of who runs next, or of the value that a load returns.
struct decision {
    std::size_t chosen;
    std::size_t options;
};

class run {
public:
    run(const bounds& limits, std::vector<decision>& decisions) : left_(limits), decisions_(decisions) {}

    void go(const std::vector<std::function<void()>>& bodies) {
        if (bodies.size() > most_threads) throw std::logic_error("too many threads to explore");
        fibers_.resize(bodies.size());
        for (std::size_t i = 0; i < bodies.size(); ++i) start(i, bodies[i]);
        active = this;
        if (left_.late_loads > 0) {
            shared.emplace(bodies.size(), [this](std::size_t values) { return choose_value(values); });
        }
        // Who starts is a choice as well.
        for (current_ = fibers_.size();;) {
            const std::size_t next = choose();
            if (next == fibers_.size()) break;
            current_ = next;
            schedule += static_cast<char>('0' + next);
            resume(fibers_[next]);
        }
        active = nullptr;
        for (const fiber& f : fibers_) {
            if (!f.has_ended && violation.empty()) violation = "a sleeper was forgotten";
        }
    }

    void sleep(const void* word) {
        fibers_[current_].sleeps_on = word;
        yield();
    }
    void wake_all(const void* word) {
        for (fiber& f : fibers_) {
            if (f.sleeps_on == word) f.sleeps_on = nullptr;
        }
    }

    void step() {
        fiber& self = fibers_[current_];
        if (self.steps_to_live > 0 && --self.steps_to_live == 0) {
            self.tell_of_death();
            for (fiber& f : fibers_) f.sleeps_on = nullptr;
            self.has_ended = true;
            std::longjmp(main_, 1);
        }
        yield();
    }
    void die_after(int steps, std::function<void()> tell) {
        fibers_[current_].steps_to_live = steps;
        fibers_[current_].tell_of_death = std::move(tell);
    }

    // swapcontext() makes a system call for the signal mask; these two do not.
    void yield() {
        if (_setjmp(fibers_[current_].context) == 0) std::longjmp(main_, 1);
    }

    std::size_t current() const { return current_; }

    static run* active;
    std::optional<memory> shared; // if there may be late loads
    std::string schedule;
    std::string violation;

private:
    void start(std::size_t i, const std::function<void()>& body) {
        static std::array<std::array<char, stack_length>, most_threads> stacks;
        fiber& f = fibers_[i];
        f.body = body;
        ::getcontext(&f.first);
        f.first.uc_stack.ss_sp = stacks[i].data();
        f.first.uc_stack.ss_size = stack_length;
        f.first.uc_link = nullptr;
        ::makecontext(&f.first, &run::enter, 0);
    }

    void resume(fiber& f) {
        if (_setjmp(main_) != 0) return;
        if (f.has_begun) std::longjmp(f.context, 1);
        f.has_begun = true;
        ::setcontext(&f.first);
    }

    static void enter() {
        fiber& self = active->fibers_[active->current_];
        self.body();
        self.has_ended = true;
        std::longjmp(active->main_, 1);
    }

    // The next thread; fibers_.size() if none can run.
    std::size_t choose() {
        std::array<std::size_t, most_threads> options;
        std::size_t count = 0;
        const bool can_go_on = current_ < fibers_.size() && fibers_[current_].can_run();
        if (can_go_on) options[count++] = current_;
        if (!can_go_on || left_.preemptions > 0) {
            for (std::size_t i = 0; i < fibers_.size(); ++i) {
                if (fibers_[i].can_run() && !(can_go_on && i == current_)) options[count++] = i;
            }
        }
        if (count == 0) return fibers_.size();
        if (count == 1) return options[0];
        const std::size_t chosen = options[decide(count)];
        if (can_go_on && chosen != current_) --left_.preemptions;
        return chosen;
    }

    std::size_t choose_value(std::size_t values) {
        if (values == 1 || left_.late_loads == 0) return 0;
        const std::size_t chosen = decide(values);
        if (chosen != 0) --left_.late_loads;
        return chosen;
    }

    std::size_t decide(std::size_t options) {
        if (made_ == decisions_.size()) decisions_.push_back({0, options});
        return decisions_[made_++].chosen;
    }

    bounds left_;
    std::vector<decision>& decisions_;
    std::size_t made_ = 0;
    std::size_t current_ = 0;
    std::vector<fiber> fibers_;
    std::jmp_buf main_;
};
run* run::active = nullptr;

std::string* violation_of_check = nullptr; // while a scenario checks itself, after its run

} // namespace

void violated(const std::string& what) {
    std::string* where = run::active != nullptr ? &run::active->violation : violation_of_check;
    if (where != nullptr && where->empty()) *where = what;
}

// ---------------------------------------------------------------- memory

void step() {
    if (run::active != nullptr) run::active->step();
}

void stored(const void* place, std::uint64_t newest, std::uint64_t value, std::memory_order order) {
    if (run::active == nullptr || !run::active->shared) return;
    run::active->shared->store(run::active->current(), place, newest, value, order);
}

void exchanged(std::span<const memory::change> changes, std::memory_order order) {
    if (run::active != nullptr && run::active->shared) run::active->shared->exchange(run::active->current(), changes, order);
}

void die_after(int steps, std::function<void()> tell) {
    if (run::active != nullptr) run::active->die_after(steps, std::move(tell));
}
void sleep(const void* word) {
    if (run::active != nullptr) run::active->sleep(word);
}
void wake_all(const void* word) {
    if (run::active != nullptr) run::active->wake_all(word);
}

void fence(std::memory_order order) {
    if (run::active != nullptr && run::active->shared) run::active->shared->fence(run::active->current(), order);
}

void heavy_fence() {
    if (run::active != nullptr && run::active->shared) run::active->shared->heavy_fence(run::active->current());
}

namespace {
std::function<void(std::uint64_t)> writes_watcher;
}
void watch_writes(std::function<void(std::uint64_t)> tell) { writes_watcher = std::move(tell); }

std::uint64_t loaded(const void* place, std::uint64_t newest, std::memory_order order) {
    if (run::active == nullptr || !run::active->shared) return newest;
    return run::active->shared->load(run::active->current(), place, newest, order);
}

bool watched_atomics::cas16(void* address, slickq::detail::pair64& expected, slickq::detail::pair64 desired,
                            std::memory_order order) {
    step();
    auto& value = *static_cast<slickq::detail::pair64*>(address);
    const bool equal = value.low == expected.low && value.high == expected.high;
    if (!equal) {
        expected = desired = value;
        order = std::memory_order_relaxed;
    }
    const memory::change both[]{{&value.low, value.low, desired.low}, {&value.high, value.high, desired.high}};
    exchanged(both, order);
    value = desired;
    return equal;
}

void watched_atomics::store16(void* address, slickq::detail::pair64 value) {
    step();
    auto& words = *static_cast<slickq::detail::pair64*>(address);
    const memory::change both[]{{&words.low, words.low, value.low}, {&words.high, words.high, value.high}};
    if (run::active != nullptr && run::active->shared) run::active->shared->store_together(run::active->current(), both);
    words = value;
}

void watched_atomics::copy_in(std::byte* shared, const void* from, std::size_t bytes) {
    for (std::size_t offset = 0; offset < bytes; offset += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, static_cast<const std::byte*>(from) + offset, sizeof word);
        reinterpret_cast<watched<std::uint64_t>*>(shared + offset)->store(word, std::memory_order_relaxed);
        if (writes_watcher) writes_watcher(word);
    }
}

void watched_atomics::copy_out(void* to, const std::byte* shared, std::size_t bytes) {
    for (std::size_t offset = 0; offset < bytes; offset += sizeof(std::uint64_t)) {
        const auto* place = reinterpret_cast<const watched<std::uint64_t>*>(shared + offset);
        const std::uint64_t word = place->load(std::memory_order_relaxed);
        std::memcpy(static_cast<std::byte*>(to) + offset, &word, sizeof word);
    }
}

// ---------------------------------------------------------------- exploring

result explore(const bounds& limits, const std::function<std::unique_ptr<scenario>()>& make) {
    result all;
    std::vector<decision> decisions;
    do {
        const auto tried = make();
        run once(limits, decisions);
        once.go(tried->threads());
        violation_of_check = &once.violation;
        if (once.violation.empty()) tried->check();
        violation_of_check = nullptr;
        ++all.schedules;
        all.longest = std::max<std::uint64_t>(all.longest, once.schedule.size());
        if (!once.violation.empty()) {
            all.violation = once.violation;
            all.schedule = once.schedule;
            return all;
        }
        while (!decisions.empty() && decisions.back().chosen + 1 == decisions.back().options) decisions.pop_back();
        if (!decisions.empty()) ++decisions.back().chosen;
    } while (!decisions.empty());
    return all;
}

} // namespace explore
