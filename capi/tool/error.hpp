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

// "slickq: <text>" on standard error; whatever names are in it, no control character but the line ends.
void note(const std::string& text);

// What a person can do about a segment with that status, right after the call that said so; "" if there is nothing to
// say.
std::string advice(slickq_status status, const std::string& name);

// Throws a failure with the library's last message if status is an error; `hint`: what to do then.
void check(slickq_status status, const std::string& hint = "");
// The same for calls that open, create or look at the segment of that name: the hint is advice().
void check_segment(slickq_status status, const std::string& name);

} // namespace tool
