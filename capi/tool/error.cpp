#include "error.hpp"

#include <cstdio>

namespace tool {

void note(const std::string& text) {
    std::fprintf(stderr, "slickq: %s\n", text.c_str());
}

std::string advice(slickq_status status, const std::string& name) {
    switch (status) {
    case SLICKQ_E_NOT_FOUND: return "check the name, or create a queue with: slickq send " + name;
    case SLICKQ_E_EXISTS: return "leave out --create to use it, or remove it with: slickq rm " + name;
    case SLICKQ_E_ACCESS: return "check who owns it and its permission bits (on Linux: ls -l /dev/shm)";
    case SLICKQ_E_NO_SPACE: return "use a smaller --capacity, or make room (on Linux: df /dev/shm)";
    case SLICKQ_E_NO_LENGTH:
    case SLICKQ_E_NOT_READY:
    case SLICKQ_E_HALF_MADE: return "its creator died; remove it with: slickq rm " + name;
    case SLICKQ_E_TRUNCATED:
    case SLICKQ_E_CORRUPT: return "it is damaged; remove it with: slickq rm " + name;
    case SLICKQ_E_NOT_A_QUEUE:
        return "if it is a queue of slick-queue 1.0 or 1.1, give its --element-size; "
               "if it is of no use, remove it with: slickq rm " + name;
    case SLICKQ_E_NEWER: return "use a newer slickq for it";
    case SLICKQ_E_MISMATCH: return "see what it is with: slickq info " + name;
    default: return "";
    }
}

std::string explain(slickq_status status, const std::string& name) {
    std::string text = slickq_last_message();
    if (const std::string what_to_do = advice(status, name); !what_to_do.empty()) text += "\n  " + what_to_do;
    return text;
}

void check(slickq_status status, const std::string& name) {
    if (status < 0) throw failure(explain(status, name));
}

} // namespace tool
