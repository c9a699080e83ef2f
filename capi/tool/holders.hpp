// holders.hpp - whether anybody has a segment open or mapped, as the kernel tells it: in whichever pid namespace, of
// whichever user. /proc (processes.hpp) tells who it is, but not of all.
#pragma once

#include "processes.hpp"
#include "segment_view.hpp"

#include <string>

namespace tool {

enum class holder { any, writer };

// Whether surely no process has it open or mapped, or with `writer` none for writing: all of /proc says so, or the
// kernel does. This process must not have it open. False: some have, or it is not known.
bool is_surely_unused(const mappings& all, const segment_view& view, holder which);

// For a segment that no process is seen to use and some may: why that is not known.
std::string unseen_text(const mappings& all);

} // namespace tool
