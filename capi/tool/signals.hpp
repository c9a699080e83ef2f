// signals.hpp - stopping between two records. A producer that is killed between reserve and publish makes every
// consumer wait there, and a consumer that is killed with a claimed record loses it; so the signals only set a flag.
#pragma once

namespace tool {

// From now on SIGINT, SIGTERM and SIGHUP interrupt system calls and set the flag; the second time they end the process.
// A signal that was ignored stays so (nohup). SIGPIPE is ignored: writing reports it.
void catch_stop_signals();

// The signal that asked to stop; 0: none did.
int stop_signal() noexcept;

// Ends the process as the signal would have, so that a shell sees that it was interrupted.
[[noreturn]] void die_of(int signal_number);

} // namespace tool
