// error.hpp - what the tool says on standard error, and failures that say what to do.
#pragma once

#include <slickq/slickq.h>

#include <stdexcept>
#include <string>

namespace tool {

// Ends the command with exit_error; the text is for a person.
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// "slickq: <text>" on standard error.
void note(const std::string& text);

// What a person can do about a segment with that status; "" if there is nothing to say.
std::string advice(slickq_status status, const std::string& name);

// The library's last message and the advice.
std::string explain(slickq_status status, const std::string& name);

// Throws a failure if status is an error.
void check(slickq_status status, const std::string& name);

} // namespace tool
