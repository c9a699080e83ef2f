// repeated_notes.hpp - notes of one kind that come in numbers: one a second of each kind, and how many more there were.
#pragma once

#include "error.hpp"
#include "waiting.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace tool {

class repeated_notes {
public:
    repeated_notes() = default;
    repeated_notes(const repeated_notes&) = delete;
    repeated_notes& operator=(const repeated_notes&) = delete;
    ~repeated_notes() {
        for (auto& [kind, one] : kinds_) tell_rest(one);
    }

    void say(int kind, const std::string& text) {
        kind_of_note& one = kinds_[kind];
        const auto now = steady_clock::now();
        if (!one.text.empty() && now - one.said < std::chrono::seconds(1)) {
            ++one.more;
            return;
        }
        tell_rest(one);
        note(text);
        one.text = text;
        one.said = now;
    }

private:
    struct kind_of_note {
        std::string text;
        steady_clock::time_point said;
        std::uint64_t more = 0;
    };

    static void tell_rest(kind_of_note& one) {
        if (one.more != 0) note(one.text + " (and " + std::to_string(one.more) + " more times like that)");
        one.more = 0;
    }

    std::map<int, kind_of_note> kinds_;
};

} // namespace tool
