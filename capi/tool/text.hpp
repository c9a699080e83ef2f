// text.hpp - text for a terminal. Names and records come from strangers: no byte of theirs may reach it as a control
// sequence.
#pragma once

#include <string>
#include <string_view>

namespace tool {

// The text with everything that is no visible character written as an escape: \n, \x1B, \u{202E}.
std::string printable(std::string_view text);

// The same for several lines: line ends stay.
std::string printable_lines(std::string_view text);

// JSON text with everything that is no visible character written as \u009B: the same JSON.
std::string visible_json(std::string_view text);

// A segment's name or any text as one word of a POSIX shell (bash, if it has control characters), to be copied from a
// message.
std::string shell_word(std::string_view text);

} // namespace tool
