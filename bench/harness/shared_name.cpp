#include "shared_name.hpp"

#include <csignal>
#include <stdexcept>

#include <mqueue.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bench {

namespace {

// Plain arrays: a signal handler may look at nothing else.
constexpr unsigned most_names = 16;
char names[most_names][48];

void remove_name(const char* name) noexcept {
    ::shm_unlink(name);
    ::mq_unlink(name);
}

extern "C" void end_of_all(int signal) {
    for (const auto& name : names) {
        if (name[0] != '\0') remove_name(name);
    }
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

} // namespace

shared_name::shared_name() : place_(0) {
    static unsigned number = 0;
    while (place_ < most_names && names[place_][0] != '\0') ++place_;
    if (place_ == most_names) throw std::runtime_error("too many shared names at a time");
    name_ = "/slickq-bench-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
    name_.copy(names[place_], sizeof names[place_] - 1);
}

shared_name::~shared_name() {
    remove_name(name_.c_str());
    for (char& each : names[place_]) each = '\0';
}

void remove_names_when_interrupted() {
    std::signal(SIGINT, end_of_all);
    std::signal(SIGTERM, end_of_all);
    std::signal(SIGALRM, end_of_all);
}

} // namespace bench
