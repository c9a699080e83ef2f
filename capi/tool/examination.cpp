#include "examination.hpp"

#include "error.hpp"
#include "holders.hpp"
#include "table.hpp"
#include "text.hpp"

#include <algorithm>
#include <ctime>

namespace tool {
namespace {

constexpr std::int64_t old_enough_s = 10; // creators take less, by far

std::string number(std::uint64_t value) { return std::to_string(value); }

// For repairs, which write: the queue, opened for that.
shared_queue open_to_repair(const segment_view& view) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.element_size = view.seen.element_size;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(view.name.c_str(), &options, &handle), view.name);
    return {handle, view.name};
}

bool is_old(const segment_view& view) {
    return view.file && std::time(nullptr) - view.file->made_at_s >= old_enough_s;
}

// Ends what a dead process left registered.
std::function<void()> ending(const segment_view& view, std::uint64_t id) {
    return [view, id] {
        const shared_queue queue = open_to_repair(view);
        check(slickq_consumer_evict(queue.handle(), id));
    };
}

} // namespace

examination::examination(segment_view view, const mappings& all)
    : view_(std::move(view)), users_(users_of(all, view_)), all_(&all) {
    if (!view_.is_queue()) return;
    queue_ = open_to_look(view_.name, view_.seen.element_size);
    if (queue_ == nullptr) return; // gone meanwhile
    front_ = front_of(*queue_);
    who_ = subscribers_of(*queue_);
}

bool examination::is_stuck(const slickq_consumer_info& consumer) const {
    const std::uint64_t capacity = view_.seen.capacity;
    return consumer.kind != SLICKQ_CONSUMER_EVICTED && consumer.is_alive != 0 &&
           consumer.lag >= capacity - capacity / 4;
}

bool examination::needs_second_look() const {
    return queue_ != nullptr &&
           (front_.unpublished != 0 ||
            std::any_of(who_.consumers.begin(), who_.consumers.end(), [&](const auto& one) { return is_stuck(one); }));
}

std::vector<finding> examination::findings() const {
    std::vector<finding> all;
    add_unusable(all);
    if (queue_ != nullptr) {
        add_front(all);
        add_consumers(all);
        add_groups(all);
        add_memory(all);
    }
    std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) { return a.how_bad > b.how_bad; });
    return all;
}

void examination::add_unusable(std::vector<finding>& all) const {
    if (view_.status != SLICKQ_OK) {
        all.push_back(
            {"no-access", weight::warning, "certain", view_.message, advice(view_.status, view_.name), "", {}});
        return;
    }
    if (view_.is_queue() || view_.is_cursor()) return;
    if (view_.is_blank()) {
        all.push_back({"blank", weight::hint, "possible",
                       view_.message + ": a queue that is just being made looks so, and one whose creator died; so does "
                                       "a shared cursor that stands at 0, or lies further in",
                       advice_of(view_), "", {}});
        return;
    }
    const slickq_status verdict = view_.seen.verdict;
    finding f{"no-queue", weight::hint, "certain", view_.message, advice_of(view_), "", {}};
    switch (verdict) {
    case SLICKQ_E_HALF_MADE: f = half_made(); break;
    case SLICKQ_E_MISMATCH:
    case SLICKQ_E_ARGUMENT: f.word = "needs-size", f.advice = "give its --element-size"; break; // wide
    case SLICKQ_E_TRUNCATED: f.word = "truncated", f.how_bad = weight::fault; break;
    case SLICKQ_E_CORRUPT: f.word = "corrupt", f.how_bad = weight::fault; break;
    case SLICKQ_E_NEWER: f.word = "newer"; break;
    case SLICKQ_E_HALF_RESET:
        f.word = "half-reset", f.how_bad = weight::fault;
        f.repair_text = "reset the queue again";
        f.repair = [view = view_] { check(slickq_queue_reset(open_to_repair(view).handle())); };
        break;
    default: break;
    }
    all.push_back(f);
}

// Without the marker it may be what another program keeps there: that is never removed.
finding examination::half_made() const {
    finding f{"half-made", weight::fault, "possible", view_.message, advice_of(view_), "", {}};
    if (view_.is_hardly_begun()) f.how_bad = weight::hint;
    if (!view_.has_marker()) return f;
    if (!is_old(view_)) return f;
    f.certainty = "likely";
    if (!is_surely_unused(*all_, view_, holder::any)) return f;
    f.certainty = "certain";
    f.text += "; no process has it mapped, and it was made " +
              short_time(static_cast<double>(std::time(nullptr) - view_.file->made_at_s)) + " ago: its creator died";
    f.repair_text = "remove the name, so that it can be made anew";
    f.repair = [first = view_] {
        const segment_view now = look_at(first.name, 0);
        const bool is_same = now.file && now.file->device == first.file->device && now.file->inode == first.file->inode;
        if (!is_same || !now.has_marker() || now.seen.verdict != SLICKQ_E_HALF_MADE ||
            !is_surely_unused(scan_mappings(), now, holder::any)) {
            throw failure("'" + first.name + "' has changed meanwhile: not removed");
        }
        check(slickq_segment_remove(first.name.c_str()));
    };
    return f;
}

void examination::add_front(std::vector<finding>& all) const {
    if (front_.corrupt != 0) {
        all.push_back({"corrupt",
                       weight::fault,
                       "certain",
                       number(front_.corrupt) + " slots hold what no producer writes",
                       "consumers step over them; find out which program writes there",
                       "",
                       {}});
    }
    if (front_.unpublished == 0 || !is_gap(*queue_, front_.index)) return;
    const bool has_producers =
        std::any_of(users_.begin(), users_.end(), [](const auto& user) { return user.is_writable; });
    const bool is_certain = !has_producers && all_->is_complete;
    all.push_back(
        {"gap",
         weight::fault,
         is_certain ? "certain" : "likely",
         "index " + number(front_.index) + " is reserved and not published: its producer " +
             (is_certain ? "died (no process has the queue mapped for writing)" : "died, or sleeps") + "; " +
             number(front_.unpublished) + " elements are reserved from there on",
         "readers and workers of libslickq step over it after their stall time; consumers of slick-queue wait until "
         "producers have gone round the ring",
         "",
         {}});
}

void examination::add_consumers(std::vector<finding>& all) const {
    const subscribers now = subscribers_of(*queue_);
    for (const slickq_consumer_info& c : who_.consumers) {
        const auto same = std::find_if(now.consumers.begin(), now.consumers.end(),
                                       [&](const auto& one) { return one.id == c.id && one.kind == c.kind; });
        if (same == now.consumers.end()) continue;
        const std::string who = std::string(name_of_kind(c)) + " " + number(c.id) + " of process " + number(c.pid);
        const std::string evict = "slickq evict " + shell_word(view_.name) + " " + number(c.id);
        if (is_stuck(c) && is_stuck(*same) && same->index == c.index && c.kind == SLICKQ_CONSUMER_READER) {
            all.push_back({"stuck",
                           weight::fault,
                           "likely",
                           who + " does not read: it is " + number(same->lag) + " elements behind, of " +
                               number(view_.seen.capacity) + "; lossless producers wait for it",
                           "see what process " + number(c.pid) + " does, or send it away: " + evict,
                           "",
                           {}});
        } else if (c.is_alive == 0 && c.has_claim != 0) {
            const slickq_group_info* const group = c.group < now.groups.size() ? &now.groups[c.group] : nullptr;
            const bool has_heirs = group != nullptr && group->workers != 0;
            all.push_back({"dead-worker",
                           has_heirs ? weight::hint : weight::fault,
                           "certain",
                           who + " is dead, with the record at " + number(c.index) + " claimed" +
                               (has_heirs ? "; another worker of its group takes care of that"
                                          : ", and no other worker of its group lives to take care of that"),
                           has_heirs ? ""
                                     : "start a worker of the group; or give the group up: slickq rm --group " +
                                           shell_word(group != nullptr ? group->name : "GROUP") + " " +
                                           shell_word(view_.name),
                           "",
                           {}});
        } else if (c.is_alive == 0 && c.kind != SLICKQ_CONSUMER_EVICTED) { // an evicted one holds nobody up
            all.push_back({"dead", weight::hint, "certain", who + " is dead, and still registered",
                           "lossless producers send it away by themselves when they need its place",
                           "end its registration", ending(view_, c.id)});
        }
    }
}

void examination::add_groups(std::vector<finding>& all) const {
    for (const slickq_group_info& g : who_.groups) {
        if (g.workers != 0 || g.lag == 0) continue;
        const std::string removal = "slickq rm --group " + shell_word(g.name) + " " + shell_word(view_.name);
        all.push_back(
            {"no-workers",
             weight::warning,
             "certain",
             "group '" + printable(g.name) + "' has no living worker, and is " + number(g.lag) + " elements behind" +
                 (g.is_waited_for != 0 ? "; lossless producers wait for it until its linger time is over" : ""),
             "start a worker; or give the group up: " + removal,
             "",
             {}});
    }
}

void examination::add_memory(std::vector<finding>& all) const {
    if (!view_.file || view_.file->allocated >= view_.seen.length) return;
    all.push_back({"sparse",
                   weight::hint,
                   "certain",
                   short_bytes(static_cast<double>(view_.seen.length - view_.file->allocated)) + " of its " +
                       short_bytes(static_cast<double>(view_.seen.length)) +
                       " have no memory behind them yet: a peer made it",
                   "keep /dev/shm from filling up: who writes there then is killed by SIGBUS",
                   "",
                   {}});
}

} // namespace tool
