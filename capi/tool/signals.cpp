#include "signals.hpp"

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace tool {
namespace {

volatile std::sig_atomic_t stop = 0;

extern "C" void remember_signal(int signal_number) {
    stop = signal_number;
}

} // namespace

void catch_stop_signals() {
#if defined(_WIN32)
    std::signal(SIGINT, remember_signal);
    std::signal(SIGTERM, remember_signal);
#else
    for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        if (sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = remember_signal;
        action.sa_flags = static_cast<int>(SA_RESETHAND); // and no SA_RESTART: a waiting read() must return
        sigaction(signal_number, &action, nullptr);
    }
    std::signal(SIGPIPE, SIG_IGN);
#endif
}

int stop_signal() noexcept {
    return stop;
}

void die_of(int signal_number) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
    std::exit(128 + signal_number); // only if the signal is blocked
}

} // namespace tool
