#include "explorer.hpp"

#include <array>
#include <stdexcept>

#include <ucontext.h>

namespace explore {
namespace {

constexpr std::size_t most_threads = 6;
constexpr std::size_t stack_length = 64 * 1024;

struct fiber {
    ucontext_t context;
    std::function<void()> body;
    bool has_ended = false;
};

// One choice of who runs next, of those who could.
struct decision {
    std::size_t chosen;
    std::size_t options;
};

class run {
public:
    run(int preemptions, std::vector<decision>& decisions) : preemptions_left_(preemptions), decisions_(decisions) {}

    void go(const std::vector<std::function<void()>>& bodies) {
        if (bodies.size() > most_threads) throw std::logic_error("too many threads to explore");
        fibers_.resize(bodies.size());
        for (std::size_t i = 0; i < bodies.size(); ++i) start(i, bodies[i]);
        active = this;
        // Who starts is a choice as well.
        for (current_ = fibers_.size();;) {
            const std::size_t next = choose();
            if (next == fibers_.size()) break;
            current_ = next;
            schedule += static_cast<char>('0' + next);
            ::swapcontext(&main_, &fibers_[next].context);
        }
        active = nullptr;
    }

    void yield() { ::swapcontext(&fibers_[current_].context, &main_); }

    static run* active;
    std::string schedule;
    std::string violation;

private:
    void start(std::size_t i, const std::function<void()>& body) {
        static std::array<std::array<char, stack_length>, most_threads> stacks;
        fiber& f = fibers_[i];
        f.body = body;
        ::getcontext(&f.context);
        f.context.uc_stack.ss_sp = stacks[i].data();
        f.context.uc_stack.ss_size = stack_length;
        f.context.uc_link = &main_;
        ::makecontext(&f.context, &run::enter, 0);
    }

    static void enter() {
        fiber& self = active->fibers_[active->current_];
        self.body();
        self.has_ended = true; // uc_link leads back to go()
    }

    // The next thread; fibers_.size() if all have ended.
    std::size_t choose() {
        std::array<std::size_t, most_threads> options;
        std::size_t count = 0;
        const bool can_go_on = current_ < fibers_.size() && !fibers_[current_].has_ended;
        if (can_go_on) options[count++] = current_;
        if (!can_go_on || preemptions_left_ > 0) {
            for (std::size_t i = 0; i < fibers_.size(); ++i) {
                if (!fibers_[i].has_ended && !(can_go_on && i == current_)) options[count++] = i;
            }
        }
        if (count == 0) return fibers_.size();
        if (count == 1) return options[0];
        if (made_ == decisions_.size()) decisions_.push_back({0, count});
        const std::size_t chosen = options[decisions_[made_++].chosen];
        if (can_go_on && chosen != current_) --preemptions_left_;
        return chosen;
    }

    int preemptions_left_;
    std::vector<decision>& decisions_;
    std::size_t made_ = 0;
    std::size_t current_ = 0;
    std::vector<fiber> fibers_;
    ucontext_t main_;
};
run* run::active = nullptr;

std::string* violation_of_check = nullptr; // while a scenario checks itself, after its run

} // namespace

void step() {
    if (run::active != nullptr) run::active->yield();
}

void violated(const std::string& what) {
    std::string* where = run::active != nullptr ? &run::active->violation : violation_of_check;
    if (where != nullptr && where->empty()) *where = what;
}

result explore(int preemptions, const std::function<std::unique_ptr<scenario>()>& make) {
    result all;
    std::vector<decision> decisions;
    do {
        const auto tried = make();
        run once(preemptions, decisions);
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
