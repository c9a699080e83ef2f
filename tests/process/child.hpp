// Other processes for tests: this very program started again in a role (see main.cpp), so that nothing is inherited but what
// is given to it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace test {

using arguments = std::vector<std::string>;

// Registers what a role does; its result is the process's exit code. Exceptions end it with 100 and a line on stderr.
struct role {
    role(const char* name, std::function<int(const arguments&)> body);
};
std::optional<int> run_role(int argc, char** argv); // nullopt: this process has no role

// A process in a role. Killed and reaped at the latest when this goes.
class child {
public:
    child(const std::string& role_name, const arguments& given);
    child(child&& other) noexcept;
    child& operator=(child&&) = delete;
    ~child();

    // The exit code, or minus the signal that ended it. Throws after the deadline, which only a hung process reaches.
    int wait(std::chrono::seconds deadline = std::chrono::seconds(120));

    // Waits for a byte that the role gives with signal_parent().
    void wait_for_signal();

    void kill(int signal) const;
    pid_t pid() const noexcept { return pid_; }

private:
    pid_t pid_;
    int signals_;
    bool is_running_ = true;
};

// In a role: tells the parent that a point was reached.
void signal_parent();

} // namespace test
