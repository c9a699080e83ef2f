// The words of a request and of an answer, for the agent in C++.
#ifndef SLICKQ_TESTS_BINDINGS_AGENT_CPP_WORDS_HPP
#define SLICKQ_TESTS_BINDINGS_AGENT_CPP_WORDS_HPP

#include "agent_shared.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace agent {

// An answer that is an error, but not the library's.
struct refusal {
    std::string text;
};

[[noreturn]] inline void refuse(const std::string& text) { throw refusal{"error " + text}; }
[[noreturn]] inline void lack(const std::string& what) { refuse("UNSUPPORTED " + what); }

// The words of a request that have not been looked at.
class words {
public:
    explicit words(std::string_view line) : rest_(line) {}

    std::string text() {
        if (rest_.empty()) refuse("REQUEST a word is missing");
        const std::size_t end = std::min(rest_.find(' '), rest_.size());
        const std::string word(rest_.substr(0, end));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return word;
    }

    template <class Number = std::uint64_t>
    Number number() {
        return number_in<Number>(text());
    }

    std::vector<std::uint32_t> numbers() {
        std::vector<std::uint32_t> all;
        const std::string list = text();
        for (std::size_t from = 0; from <= list.size();) {
            const std::size_t end = std::min(list.find(',', from), list.size());
            all.push_back(number_in<std::uint32_t>(list.substr(from, end - from)));
            from = end + 1;
        }
        return all;
    }

    std::string bytes() {
        std::string word = text();
        const std::ptrdiff_t length = hex_decode(word.data());
        if (length < 0) refuse("REQUEST '" + word + "' is no hex");
        word.resize(static_cast<std::size_t>(length));
        return word;
    }

    bool next_is(std::string_view word) const { return rest_ == word; }

private:
    template <class Number>
    static Number number_in(const std::string& word) {
        Number value{};
        const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (wrong != std::errc{} || end != word.data() + word.size()) refuse("REQUEST '" + word + "' is no such number");
        return value;
    }

    std::string_view rest_;
};

// "ok 1 2 3"
template <class... Parts>
std::string told(std::string text, const Parts&... parts) {
    const auto add = [&](const auto& part) {
        text += ' ';
        if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(part)>>) text += std::to_string(part);
        else text += part;
    };
    (add(parts), ...);
    return text;
}

} // namespace agent

#endif
