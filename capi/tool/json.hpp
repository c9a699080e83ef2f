// json.hpp - JSON for programs: one object a line, always valid UTF-8, whatever bytes a name has.
#pragma once

#include "json_fwd.hpp"
#include "text.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace tool {

// Bytes that are no UTF-8 become U+FFFD; what would harm a terminal is escaped.
inline std::string to_text(const json& value) {
    return visible_json(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

// The number, or null where nothing is known.
template <class Number>
json known(Number value, bool is_known) {
    return is_known ? json(value) : json(nullptr);
}

} // namespace tool
