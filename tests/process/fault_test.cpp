// Every system call on the way to a queue and back fails in turn, with every error it may give: each has its own status, and
// nothing is leaked or left half-made.
#include "interpose.hpp"
#include "support.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>

namespace {

using namespace test;

struct resources {
    std::ptrdiff_t descriptors = 0;
    int mappings = 0;
    bool operator==(const resources&) const = default;
};

// Of this process, now: open files, and mappings of shared memory.
resources in_use() {
    resources found;
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    found.descriptors = std::distance(begin(all), end(all));
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const bool is_shared = line.find("/dev/shm/") != std::string::npos || line.find("/dev/zero") != std::string::npos;
        found.mappings += is_shared ? 1 : 0;
    }
    return found;
}

slickq_status expected_status(int error) {
    switch (error) {
    case EMFILE:
    case ENFILE: return SLICKQ_E_LIMIT;
    case ENOMEM: return SLICKQ_E_NO_MEMORY;
    case ENOSPC: return SLICKQ_E_NO_SPACE;
    case EACCES: return SLICKQ_E_ACCESS;
    default: return SLICKQ_E_OS;
    }
}

constexpr int hard_errors[] = {EMFILE, ENFILE, ENOMEM, ENOSPC, EACCES, EIO};

// Opens what it can and closes it again; the status of the first step that failed.
using operation = std::function<slickq_status(const std::string& name)>;

slickq_options small_options() {
    slickq_options options = options_for(64, 8);
    options.permissions = 0600; // so that fchmod takes part
    return options;
}

slickq_status create(const std::string& name) {
    const slickq_options options = small_options();
    slickq_queue* queue = nullptr;
    const slickq_status status = slickq_queue_create(name.c_str(), &options, &queue);
    return status == SLICKQ_OK ? slickq_queue_close(queue) : status;
}

slickq_status create_local(const std::string&) {
    const slickq_options options = options_for(64, 8);
    slickq_queue* queue = nullptr;
    const slickq_status status = slickq_queue_create_local(&options, &queue);
    return status == SLICKQ_OK ? slickq_queue_close(queue) : status;
}

slickq_status open(const std::string& name) {
    slickq_queue* queue = nullptr;
    const slickq_status status = slickq_queue_open(name.c_str(), nullptr, &queue);
    return status == SLICKQ_OK ? slickq_queue_close(queue) : status;
}

slickq_status open_or_create(const std::string& name) {
    const slickq_options options = small_options();
    slickq_queue* queue = nullptr;
    const slickq_status status = slickq_queue_open_or_create(name.c_str(), &options, &queue);
    return status == SLICKQ_OK ? slickq_queue_close(queue) : status;
}

slickq_status cursor(const std::string& name) {
    slickq_cursor* made = nullptr;
    const slickq_status status = slickq_cursor_open_or_create(name.c_str(), 0, 0600, 0, &made);
    return status == SLICKQ_OK ? slickq_cursor_close(made) : status;
}

slickq_status name_state(const std::string& name) {
    slickq_queue* queue = nullptr;
    slickq_status status = slickq_queue_open(name.c_str(), nullptr, &queue);
    if (status != SLICKQ_OK) return status;
    std::uint32_t state = 0;
    status = slickq_queue_name_state(queue, &state);
    slickq_queue_close(queue);
    return status;
}

slickq_status reattach(const std::string& name) {
    slickq_queue* queue = nullptr;
    slickq_status status = slickq_queue_open(name.c_str(), nullptr, &queue);
    if (status != SLICKQ_OK) return status;
    slickq_queue* fresh = nullptr;
    status = slickq_queue_reattach(queue, &fresh);
    if (status == SLICKQ_OK) slickq_queue_close(fresh);
    slickq_queue_close(queue);
    return status;
}

slickq_status look(const std::string& name) {
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    return slickq_inspect(name.c_str(), 0, &seen);
}

slickq_status remove(const std::string& name) { return slickq_remove(name.c_str()); }

struct fault_case {
    const char* what;
    operation run;
    bool name_exists; // before
};

class Faults : public testing::TestWithParam<fault_case> {
protected:
    // Runs the operation with the count'th such call failing. False: there is no such call (any more).
    bool run_failing(const std::string& call, int count, int error, slickq_status& status) {
        const segment_name name;
        if (GetParam().name_exists) create_queue(name.text(), options_for(64, 8));
        const bytes content = GetParam().name_exists ? read_shm(name.text()) : bytes{};
        const resources before = in_use();
        bool happened;
        {
            const failing_call failing(call, count, error);
            status = GetParam().run(name.text());
            os_error_ = slickq_last_os_error();
            happened = failing.has_happened();
        }
        EXPECT_EQ(in_use().descriptors, before.descriptors) << "leaked a descriptor";
        EXPECT_EQ(in_use().mappings, before.mappings) << "leaked a mapping";
        if (status != SLICKQ_OK) {
            EXPECT_EQ(shm_exists(name.text()), GetParam().name_exists) << "a failed call left a name, or took it";
            EXPECT_EQ(GetParam().name_exists ? read_shm(name.text()) : bytes{}, content);
            EXPECT_NE(std::string(slickq_last_message()), "");
        }
        return happened;
    }

    int os_error_ = 0; // of the last run
};

TEST_P(Faults, EachCallThatFailsHasItsStatusAndLeaksNothing) {
    int injected = 0;
    for (const std::string& call : interposed_calls()) {
        for (int count = 1;; ++count) {
            bool happened = false;
            for (const int error : hard_errors) {
                SCOPED_TRACE(call + " no. " + std::to_string(count) + " failing with errno " + std::to_string(error));
                slickq_status status = SLICKQ_OK;
                happened = run_failing(call, count, error, status);
                if (!happened) break;
                ++injected;
                if (call == "close") {
                    EXPECT_EQ(status, SLICKQ_OK) << "there is nothing to be done about it";
                } else {
                    EXPECT_EQ(status, expected_status(error));
                    EXPECT_EQ(os_error_, error);
                }
            }
            if (!happened) break;
        }
    }
    EXPECT_GT(injected, 0);
}

TEST_P(Faults, AnInterruptedCallIsMadeAgain) {
    for (const char* call : {"shm_open", "fchmod", "posix_fallocate", "shm_unlink"}) {
        SCOPED_TRACE(call);
        slickq_status status = SLICKQ_E_INTERNAL;
        run_failing(call, 1, EINTR, status);
        EXPECT_EQ(status, SLICKQ_OK);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Faults,
                         testing::Values(fault_case{"create", create, false},
                                         fault_case{"create_local", create_local, false},
                                         fault_case{"open", open, true},
                                         fault_case{"open_or_create_new", open_or_create, false},
                                         fault_case{"open_or_create_existing", open_or_create, true},
                                         fault_case{"cursor", cursor, false}, fault_case{"inspect", look, true},
                                         fault_case{"name_state", name_state, true},
                                         fault_case{"reattach", reattach, true}, fault_case{"remove", remove, true}),
                         [](const auto& tested) { return std::string(tested.param.what); });

} // namespace
