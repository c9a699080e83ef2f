// examination.hpp - what is wrong with a segment: how sure that is, what to type, and what can be repaired without
// guessing.
#pragma once

#include "front.hpp"
#include "processes.hpp"
#include "segment_view.hpp"
#include "subscribers.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tool {

enum class weight { hint, warning, fault };

struct finding {
    const char* word = "ok"; // for a column of ls
    weight how_bad = weight::hint;
    const char* certainty = "certain"; // or likely, possible
    std::string text;
    std::string advice;          // what to type, or do; may be ""
    std::string repair_text;     // what repair does; "" if there is none that is safe
    std::function<void()> repair;
};

// What moves all the time is looked at twice; the caller lets some time pass before the second look.
class examination {
public:
    // The first look. `all` is kept.
    examination(segment_view view, const mappings& all);

    // Something looks wrong that may only be under way. Let settle_ns pass, then ask for findings().
    bool needs_second_look() const;
    static constexpr std::int64_t settle_ns = 50'000'000;

    // The second look. The worst comes first; none: all is well.
    std::vector<finding> findings() const;

    const segment_view& view() const { return view_; }
    const std::vector<user_of_segment>& users() const { return users_; }
    const subscribers& who() const { return who_; }

private:
    void add_unusable(std::vector<finding>& all) const;
    finding half_made() const;
    void add_front(std::vector<finding>& all) const;
    void add_consumers(std::vector<finding>& all) const;
    void add_groups(std::vector<finding>& all) const;
    void add_memory(std::vector<finding>& all) const;
    bool is_stuck(const slickq_consumer_info& consumer) const;

    segment_view view_;
    std::vector<user_of_segment> users_;
    const mappings* all_; // outlives this
    std::shared_ptr<shared_queue> queue_; // nullptr if it is none
    front front_;
    subscribers who_;
};

} // namespace tool
