#include "error.hpp"

#include "text.hpp"

#include <cerrno>
#include <cstdio>

#if defined(__linux__)
#  include <sys/stat.h>
#endif

namespace tool {
namespace {

// Without the place where segments live nothing is found and nothing can be made.
bool has_shared_memory() {
#if defined(__linux__)
    struct stat status;
    return ::stat("/dev/shm", &status) == 0 && S_ISDIR(status.st_mode);
#else
    return true;
#endif
}

const char* const no_shared_memory =
    "this system has no /dev/shm, where segments live: mount it (mkdir -p /dev/shm; mount -t tmpfs tmpfs /dev/shm),\n"
    "  or have the container given one";

const char* const read_only_memory =
    "shared memory is mounted read-only here, so that queues can be read and not written:\n"
    "  run this where it is writable, or have it mounted so (mount -o remount,rw /dev/shm)";

// No hint to remove it: that would be wrong for a cursor, and nothing in the segment tells which it is.
const char* const blank =
    "if it is a shared cursor (of slickq recv --share), all is well, and it is the queue's name that belongs here;\n"
    "  if it is to become a queue, look again in some seconds: if it is still so, its creator died";

const char* const look_again =
    "look again in some seconds: if it is still so, its creator died, and it can be removed with: slickq rm ";

} // namespace

void note(const std::string& text) {
    std::fprintf(stderr, "slickq: %s\n", printable_lines(text).c_str());
}

std::string advice(slickq_status status, const std::string& name) {
    const std::string word = shell_word(name);
    // What the system said, whichever status that is.
    const bool is_of_system = status == SLICKQ_E_ACCESS || status == SLICKQ_E_OS || status == SLICKQ_E_NOT_FOUND ||
                              status == SLICKQ_E_UNSUPPORTED;
    if (is_of_system && !has_shared_memory()) return no_shared_memory;
    if (is_of_system && slickq_last_os_error() == EROFS) return read_only_memory;
    switch (status) {
    case SLICKQ_E_NOT_FOUND:
        return "check the name; slickq send " + word + " creates a queue";
    case SLICKQ_E_EXISTS: return "leave out --create to use it, or remove it with: slickq rm " + word;
    case SLICKQ_E_ACCESS:
        return "check who owns it and its permission bits (on Linux: ls -l /dev/shm), and as whom you run this (id)";
    case SLICKQ_E_NO_SPACE: return "use a smaller --capacity, or make room (on Linux: df /dev/shm)";
    case SLICKQ_E_NO_MEMORY: return "use a smaller queue, or allow more memory (ulimit -v; the container's limit)";
    case SLICKQ_E_LIMIT: return "allow more open files (ulimit -n)";
    case SLICKQ_E_NO_LENGTH:
    case SLICKQ_E_NOT_READY: return blank;
    case SLICKQ_E_HALF_MADE: return look_again + word;
    case SLICKQ_E_TRUNCATED:
    case SLICKQ_E_CORRUPT:
        return "it is damaged: who has it open should let go of it; remove it with: slickq rm " + word;
    case SLICKQ_E_NOT_A_QUEUE:
        return "if it is a queue of slick-queue 1.0 or 1.1, give its --element-size; "
               "if it is a shared cursor, it is the queue's name that belongs here";
    case SLICKQ_E_NEWER: return "it is fine: use a newer slickq for it";
    case SLICKQ_E_MISMATCH: return "leave the option out to use it as it is; slickq info " + word + " shows what it is";
    case SLICKQ_E_HALF_RESET: return "finish the reset, while no producer is active, with: slickq reset " + word;
    default: return "";
    }
}

void check(slickq_status status, const std::string& hint) {
    if (status < 0) throw failure(std::string(slickq_last_message()) + (hint.empty() ? "" : "\n  " + hint));
}

void check_segment(slickq_status status, const std::string& name) {
    if (status < 0) check(status, advice(status, name));
}

} // namespace tool
