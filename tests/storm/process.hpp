// A process that runs a function: forked without exec, which is quick enough to be killed thousands of times. The one that forks
// has a single thread.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace storm {

class process {
public:
    explicit process(const std::function<void()>& body) : pid_(::fork()) {
        if (pid_ == -1) throw std::runtime_error("fork");
        if (pid_ != 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // should the storm itself be killed
        int code = 0;
        try {
            body();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            code = 1;
        }
        ::_exit(code);
    }
    process(process&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
    process& operator=(process&& other) noexcept {
        std::swap(pid_, other.pid_);
        return *this;
    }
    ~process() {
        if (pid_ != -1) kill();
    }

    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const { ::kill(pid_, number); }

    void kill() {
        signal(SIGKILL);
        wait();
    }

    // Whether it ended as it should.
    bool wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) == -1 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    pid_t pid_;
};

} // namespace storm
