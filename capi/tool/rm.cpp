// slickq rm: removes names of segments.
#include "command.hpp"
#include "error.hpp"

namespace tool {

int rm(const rm_options& options) {
    int code = exit_ok;
    for (const std::string& name : options.names) {
        const slickq_status status = slickq_remove(name.c_str());
        if (status == SLICKQ_OK || (options.force && status == SLICKQ_E_NOT_FOUND)) continue;
        const std::string what_to_do = status == SLICKQ_E_ACCESS ? "\n  " + advice(status, name) : "";
        note(slickq_last_message() + what_to_do);
        code = exit_error;
    }
    return code;
}

} // namespace tool
