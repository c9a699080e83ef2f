// json_fwd.hpp - the name of JSON values, for headers: json.hpp has the rest.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tool {

using json = nlohmann::ordered_json;

} // namespace tool
