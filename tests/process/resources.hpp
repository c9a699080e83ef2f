// What a process holds of the system, and of the library: for comparing before and after.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "handles.hpp"

#include <pthread.h>
#include <signal.h>

namespace test {

struct resources {
    std::ptrdiff_t descriptors = 0;
    std::ptrdiff_t threads = 0;
    int mappings = 0; // of shared memory
    int handles = 0;  // and places for them
    std::vector<int> blocked_signals;
    std::vector<std::string> names; // in /dev/shm, of this process and this library
    bool operator==(const resources&) const = default;
};

inline std::ptrdiff_t count_in(const char* directory) {
    const auto all = std::filesystem::directory_iterator(directory);
    return std::distance(begin(all), end(all));
}

// Names of others, who test at the same time, don't count.
inline bool is_name_of_this_process(const std::string& name) {
    const std::string pid = std::to_string(::getpid());
    return name.starts_with("slickq-test-" + pid + "-") || name.starts_with(".slickq-unfinished-" + pid + "-");
}

inline resources in_use() {
    resources found;
    found.descriptors = count_in("/proc/self/fd");
    found.threads = count_in("/proc/self/task");
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const auto is_of = [&](const char* what) { return line.find(what) != std::string::npos; };
        found.mappings += is_of("/dev/shm/") || is_of("/dev/zero") ? 1 : 0;
    }
    for (const auto& table : slickq::detail::handle_tables) {
        for (const auto& entry : table) found.handles += entry.ticket.load() != 0 ? 1 : 0;
    }
    sigset_t blocked;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    for (int signal = 1; signal < 65; ++signal) {
        if (::sigismember(&blocked, signal) == 1) found.blocked_signals.push_back(signal);
    }
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
        const std::string name = entry.path().filename();
        if (is_name_of_this_process(name)) found.names.push_back(name);
    }
    std::sort(found.names.begin(), found.names.end());
    return found;
}

inline std::ostream& operator<<(std::ostream& out, const resources& r) {
    out << r.descriptors << " descriptors, " << r.threads << " threads, " << r.mappings << " mappings, " << r.handles
        << " handles, " << r.blocked_signals.size() << " blocked signals, names:";
    for (const std::string& name : r.names) out << ' ' << name;
    return out;
}

} // namespace test
