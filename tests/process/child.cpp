#include "child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {
namespace {

constexpr const char* role_option = "--role";
constexpr int signal_fd = 3; // where a role finds its end of the pipe

std::map<std::string, std::function<int(const arguments&)>>& roles() {
    static std::map<std::string, std::function<int(const arguments&)>> all;
    return all;
}

} // namespace

role::role(const char* name, std::function<int(const arguments&)> body) { roles()[name] = std::move(body); }

std::optional<int> run_role(int argc, char** argv) {
    if (argc < 3 || std::strcmp(argv[1], role_option) != 0) return std::nullopt;
    try {
        return roles().at(argv[2])(arguments(argv + 3, argv + argc));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "role %s: %s\n", argv[2], error.what());
        return 100;
    }
}

child::child(const std::string& role_name, const arguments& given) {
    arguments all{"/proc/self/exe", role_option, role_name};
    all.insert(all.end(), given.begin(), given.end());
    std::vector<char*> argv;
    for (std::string& a : all) argv.push_back(a.data());
    argv.push_back(nullptr);

    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == -1) throw std::runtime_error("fork");
    if (pid_ == 0) {
        if (ends[1] == signal_fd) {
            ::fcntl(signal_fd, F_SETFD, 0); // dup2 onto itself would leave it closing on exec
        } else {
            ::dup2(ends[1], signal_fd);
        }
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    signals_ = ends[0];
}

child::child(child&& other) noexcept : pid_(other.pid_), signals_(other.signals_), is_running_(other.is_running_) {
    other.is_running_ = false;
    other.signals_ = -1;
}

child::~child() {
    if (is_running_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (signals_ != -1) ::close(signals_);
}

int child::wait(std::chrono::seconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        int status = 0;
        const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended == pid_) {
            is_running_ = false;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        }
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("a child process hangs");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void child::wait_for_signal() {
    char byte;
    ssize_t got;
    do {
        got = ::read(signals_, &byte, 1);
    } while (got == -1 && errno == EINTR);
    if (got != 1) throw std::runtime_error("a child process ended before it gave its signal");
}

void child::kill(int signal) const { ::kill(pid_, signal); }

void signal_parent() {
    const char byte = '!';
    if (::write(signal_fd, &byte, 1) != 1) throw std::runtime_error("no parent to signal");
}

} // namespace test
