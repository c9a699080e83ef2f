// Every system call and every allocation of each function fails in turn, with every error that it may give: the
// status says which, and after it everything is as before. Nothing is named, leaked, registered or blocked, and the
// same call made again succeeds.
#include "interpose.hpp"
#include "operations.hpp"
#include "resources.hpp"
#include "support/shm_file.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace {

using namespace test;

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

// Calls that the library can do without: their failing may go unnoticed.
const std::set<std::string> dispensable{"open",  "openat", "opendir", "fstatat", "lseek",       "flock", "linkat",
                                        "unlink", "madvise", "mlock",  "close",   "memfd_create", "read", "stat"};

// Memory from the system's pool of huge pages is help that may be refused. So is a registration's lease (src/lease.hpp): without it process
// ids tell who lives.
bool can_do_without(const std::string& call, const operation& what) {
    static const std::set<std::string> registering{"reader_open_registered", "reader_open_registered_from_oldest", "worker_open",
                                                   "worker_open_new_group", "consumer_register", "consumer_and_group_info"};
    static const std::set<std::string> of_lease{"shm_open", "fstat", "mmap", "fcntl"};
    if (registering.contains(what.what) && of_lease.contains(call)) return true;
    return dispensable.contains(call) || (call == "fallocate" && std::string(what.what) == "create_local_huge");
}

class Faults : public testing::TestWithParam<operation> {
protected:
    // Runs the operation while `Fault` lasts. False: what was to fail did not come up (any more).
    template <class Fault, class... Arguments>
    bool run_with(slickq_status& status, Arguments&&... arguments) {
        bench b;
        GetParam().prepare(b);
        const resources before = in_use();
        const int registered = registered_on(b.queue);
        bool happened;
        {
            const Fault fault(std::forward<Arguments>(arguments)...);
            status = GetParam().run(b);
            os_error_ = slickq_last_os_error();
            happened = fault.has_happened();
        }
        if (status < 0) {
            EXPECT_EQ(in_use(), before);
            EXPECT_EQ(registered_on(b.queue), registered);
            EXPECT_NE(std::string(slickq_last_message()), "");
            EXPECT_EQ(GetParam().run(b), SLICKQ_OK) << "the second time: " << slickq_last_message();
        }
        GetParam().undo(b);
        return happened;
    }

    int os_error_ = 0; // of the last run
};

TEST_P(Faults, OfEverySystemCall) {
    int injected = 0;
    for (const std::string& call : interposed_calls()) {
        for (int count = 1;; ++count) {
            bool happened = false;
            for (const int error : hard_errors) {
                SCOPED_TRACE(call + " no. " + std::to_string(count) + " failing with errno " + std::to_string(error));
                slickq_status status = SLICKQ_OK;
                happened = run_with<failing_call>(status, call, count, error);
                if (!happened || HasFailure()) break;
                ++injected;
                if (status == SLICKQ_OK && can_do_without(call, GetParam())) continue;
                EXPECT_EQ(status, call == "pthread_create" ? SLICKQ_E_LIMIT : expected_status(error));
                EXPECT_EQ(os_error_, error);
            }
            if (!happened || HasFailure()) break;
        }
    }
    RecordProperty("injected", injected);
}

TEST_P(Faults, OfEveryAllocation) {
    for (const bool and_all_that_follow : {false, true}) {
        for (int count = 1;; ++count) {
            const char* const what = and_all_that_follow ? " and all that follow" : "";
            SCOPED_TRACE("allocation no. " + std::to_string(count) + what);
            slickq_status status = SLICKQ_OK;
            if (!run_with<failing_allocation>(status, count, and_all_that_follow) || HasFailure()) break;
            EXPECT_TRUE(status == SLICKQ_E_NO_MEMORY || status == SLICKQ_OK) << slickq_status_name(status);
        }
    }
}

TEST_P(Faults, AnInterruptedCallIsMadeAgain) {
    for (const char* call :
         {"shm_open", "open", "fchmod", "posix_fallocate", "fallocate", "linkat", "flock", "shm_unlink"}) {
        SCOPED_TRACE(call);
        slickq_status status = SLICKQ_E_INTERNAL;
        run_with<failing_call>(status, call, 1, EINTR);
        EXPECT_EQ(status, SLICKQ_OK);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Faults, testing::ValuesIn(operations()),
                         [](const auto& tested) { return std::string(tested.param.what); });

// What a profiler's timer does to a call that takes longer than its period.
TEST(Interruptions, EndNeitherCreationNorTheProgress) {
    const segment_name name;
    const slickq_options options = options_for(1024, 1024);
    interrupt_allocations_beyond(64 * 1024);
    {
        const queue_handle queue = create_queue(name.text(), options);
        EXPECT_GE(stat_shm(name.text()).st_blocks * 512, 1024 * 1024);
    }
    slickq_segment_remove(name.c_str());
    interrupt_allocations_beyond(0);
    queue_handle refused;
    EXPECT_EQ(slickq_queue_create(name.c_str(), &options, refused.out()), SLICKQ_E_OS) << "it ends";
    EXPECT_EQ(slickq_last_os_error(), EINTR);
    interrupt_allocations_beyond(~std::uint64_t{0});
    EXPECT_FALSE(shm_exists(name.text()));
}

// Whatever runs out late in a creation, no name stands by then, and another's under the same name is left alone.
TEST(LateFailures, LeaveNoName) {
    const segment_name name;
    slickq_options wide = options_for(16, 8);
    wide.layout = SLICKQ_LAYOUT_WIDE;
    wide.flags = SLICKQ_OPEN_LOSSLESS;
    queue_handle refused;
    EXPECT_EQ(slickq_queue_create(name.c_str(), &wide, refused.out()), SLICKQ_E_UNSUPPORTED);
    EXPECT_FALSE(shm_exists(name.text()));

    const resources before = in_use();
    const slickq_options options = options_for(1, 1);
    using slickq::detail::handle_place;
    std::vector<std::unique_ptr<handle_place>> places; // as if so many were open
    do {
        places.push_back(std::make_unique<handle_place>(slickq::detail::handle_kind::queue));
    } while (places.back()->is_there());
    EXPECT_EQ(slickq_queue_create(name.c_str(), &options, refused.out()), SLICKQ_E_LIMIT);
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, refused.out()), SLICKQ_E_LIMIT);
    EXPECT_FALSE(shm_exists(name.text()));
    slickq_cursor* cursor = nullptr;
    EXPECT_EQ(slickq_cursor_create(name.c_str(), 0, 0, &cursor), SLICKQ_OK) << "it has a table of its own";
    slickq_cursor_close(cursor);
    slickq_segment_remove(name.c_str());
    do {
        places.push_back(std::make_unique<handle_place>(slickq::detail::handle_kind::cursor));
    } while (places.back()->is_there());
    EXPECT_EQ(slickq_cursor_create(name.c_str(), 0, 0, &cursor), SLICKQ_E_LIMIT);
    EXPECT_EQ(slickq_cursor_open_or_create(name.c_str(), 0, 0, 0, &cursor), SLICKQ_E_LIMIT);
    EXPECT_FALSE(shm_exists(name.text()));
    places.clear();
    EXPECT_EQ(in_use(), before);
    create_queue(name.text(), options);
}

TEST(LateFailures, OfAWorkerLeaveNoGroup) {
    const segment_name name;
    const queue_handle queue = create_queue(name.text(), options_for(8, 8));
    std::vector<std::uint64_t> consumers(SLICKQ_MAX_CONSUMERS);
    for (std::uint64_t& id : consumers) require(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, nullptr));
    slickq_worker_options options{};
    options.struct_size = sizeof options;
    options.group = "late";
    options.mode = SLICKQ_GROUP_AT_MOST_ONCE;
    worker_handle worker;
    EXPECT_EQ(slickq_worker_open(queue, &options, worker.out()), SLICKQ_E_LIMIT);
    EXPECT_EQ(registered_on(queue), static_cast<int>(SLICKQ_MAX_CONSUMERS)) << "a group was left";
    require(slickq_consumer_unregister(queue, consumers[0]));
    EXPECT_EQ(slickq_worker_open(queue, &options, worker.out()), SLICKQ_OK);
}

} // namespace
