// The system around the queue: memory that runs out, other users, fork.
#include "child.hpp"
#include "support.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace test;

constexpr int exit_not_permitted = 77;

// A /dev/shm of our own of 256 KiB, for this process only.
bool enter_small_shm() {
    const bool is_root = ::geteuid() == 0;
    if (::unshare(is_root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=256k") == 0;
}

const role small_shm{"small_shm", [](const arguments&) {
    if (!enter_small_shm()) return exit_not_permitted;
    const slickq_options too_large = options_for(4096, 128); // 576 KiB
    queue_handle refused;
    const slickq_status status = slickq_queue_create("/q", &too_large, refused.out());
    if (status != SLICKQ_E_NO_SPACE) return 1;
    if (std::string(slickq_last_message()).find("/q") == std::string::npos || slickq_last_os_error() == 0) return 2;
    if (shm_exists("/q")) return 3;
    if (slickq_queue_open_or_create("/q", &too_large, refused.out()) != SLICKQ_E_NO_SPACE || shm_exists("/q")) return 4;

    // Fill it to the brim with queues; every one that was made can be written all over.
    const slickq_options fitting = options_for(64, 512);
    std::vector<queue_handle> made;
    for (int i = 0; i < 100; ++i) {
        queue_handle queue;
        const slickq_status each = slickq_queue_create(("/fill" + std::to_string(i)).c_str(), &fitting, queue.out());
        if (each == SLICKQ_E_NO_SPACE) break;
        require(each);
        made.push_back(std::move(queue));
    }
    if (made.empty() || made.size() == 100) return 5;
    const std::vector<char> element(512, 'x');
    for (const queue_handle& queue : made) {
        for (int k = 0; k < 128; ++k) require(slickq_queue_write(queue, element.data(), 1, nullptr));
    }
    slickq_cursor* cursor = nullptr;
    slickq_status cursor_status = slickq_cursor_create("/cursor", 1 << 20, 0, &cursor);
    return cursor_status == SLICKQ_E_NO_SPACE && !shm_exists("/cursor") ? 0 : 6;
}};

bool says(const char* what) { return std::string(slickq_last_message()).find(what) != std::string::npos; }

// Beyond RLIMIT_FSIZE the system answers with a signal, SIGXFSZ.
const role short_files{"short_files", [](const arguments& a) {
    const rlimit limit{100'000, 100'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return exit_not_permitted;
    const std::string name = a[0];
    for (const std::uint32_t layout : {SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_WIDE}) {
        slickq_options options = options_for(1024, 128);
        options.layout = layout;
        queue_handle queue;
        for (const auto make : {slickq_queue_create, slickq_queue_open_or_create}) {
            if (make(name.c_str(), &options, queue.out()) != SLICKQ_E_LIMIT || slickq_last_os_error() != EFBIG) return 1;
            if (!says("100000") || !says(name.c_str()) || shm_exists(name)) return 2;
        }
    }
    slickq_cursor* cursor = nullptr;
    if (slickq_cursor_create(name.c_str(), 100'000, 0, &cursor) != SLICKQ_E_LIMIT || shm_exists(name)) return 3;
    slickq_options local = options_for(1024, 128);
    local.flags = SLICKQ_OPEN_HUGETLB; // from the system's pool, which is a file, if it has some
    queue_handle queue;
    require(slickq_queue_create_local(&local, queue.out()));
    require(slickq_queue_open(a[1].c_str(), nullptr, queue.out())); // another one's is no matter
    const slickq_options small = options_for(64, 8);
    require(slickq_queue_create(name.c_str(), &small, queue.out()));
    return 0;
}};

TEST(System, AFileThatIsTooLongForTheProcessIsAnErrorAndNeverASignal) {
    const segment_name name, large;
    const queue_handle there = create_queue(large.text(), options_for(1024, 128));
    const int code = child("short_files", {name.text(), large.text()}).wait();
    if (code == exit_not_permitted) GTEST_SKIP() << "this process may not lower its limits";
    EXPECT_EQ(code, 0);
}

const role small_address_space{"small_address_space", [](const arguments& a) {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto most = static_cast<rlim_t>(pages * static_cast<std::uint64_t>(::getpagesize()) + (1 << 20));
    const rlimit limit{most, most};
    if (pages == 0 || ::setrlimit(RLIMIT_AS, &limit) != 0) return exit_not_permitted;
    const slickq_options options = options_for(1024, 4096);
    queue_handle queue;
    if (slickq_queue_create_local(&options, queue.out()) != SLICKQ_E_NO_MEMORY || slickq_last_os_error() != ENOMEM) return 1;
    if (!says("address space") || !says(std::to_string(most).c_str())) return 2;
    if (slickq_queue_create(a[0].c_str(), &options, queue.out()) != SLICKQ_E_NO_MEMORY || !says(a[0].c_str())) return 3;
    if (shm_exists(a[0])) return 4;
    if (slickq_queue_open(a[1].c_str(), nullptr, queue.out()) != SLICKQ_E_NO_MEMORY || !says("address space")) return 5;
    return 0;
}};

TEST(System, AnAddressSpaceThatIsTooSmallIsSaid) {
    const segment_name name, large;
    const queue_handle there = create_queue(large.text(), options_for(1024, 4096));
    const int code = child("small_address_space", {name.text(), large.text()}).wait();
    if (code == exit_not_permitted) GTEST_SKIP() << "this process may not lower its limits";
    EXPECT_EQ(code, 0);
}

// What no segment can have is the caller's mistake, what only this machine has not is not.
TEST(System, AQueueThatIsTooLargeSaysWhy) {
    const segment_name name;
    slickq_options options = options_for(1u << 31, 0xFFFFFFFF);
    queue_handle queue;
    for (const std::uint32_t layout : {SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_PACKED, SLICKQ_LAYOUT_WIDE}) {
        options.layout = layout;
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_E_ARGUMENT);
        EXPECT_TRUE(says("2147483648 elements of 4294967295 bytes")) << slickq_last_message();
    }
    options.layout = SLICKQ_LAYOUT_SLQ1;
    options.element_size = 0x7FFFFFFF; // 2^62 bytes
    const slickq_status status = slickq_queue_create(name.c_str(), &options, queue.out());
    EXPECT_TRUE(status == SLICKQ_E_NO_SPACE || status == SLICKQ_E_LIMIT) << slickq_last_message();
    EXPECT_FALSE(shm_exists(name.text()));
}

TEST(System, AFullShmIsAnErrorAndNeverASignal) {
    const int code = child("small_shm", {}).wait();
    if (code == exit_not_permitted) GTEST_SKIP() << "this user may not mount a small tmpfs";
    EXPECT_EQ(code, 0);
}

// NAME FLAGS: as another user, opens; the exit code tells the status.
const role other_user{"other_user", [](const arguments& a) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) return exit_not_permitted;
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = static_cast<std::uint32_t>(std::stoul(a[1]));
    queue_handle queue;
    return -slickq_queue_open(a[0].c_str(), &options, queue.out());
}};

TEST(System, PermissionsHoldBetweenUsers) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    const auto opened_by_other = [](const std::string& name, unsigned flags) {
        return -child("other_user", {name, std::to_string(flags)}).wait();
    };
    const struct {
        unsigned permissions;
        slickq_status to_write, to_read;
    } cases[] = {
        {0600, SLICKQ_E_ACCESS, SLICKQ_E_ACCESS},
        {0644, SLICKQ_E_ACCESS, SLICKQ_OK},
        {0666, SLICKQ_OK, SLICKQ_OK},
    };
    for (const auto& c : cases) {
        const segment_name name;
        slickq_options options = options_for(8, 8);
        options.permissions = c.permissions;
        create_queue(name.text(), options);
        EXPECT_EQ(opened_by_other(name.text(), 0), c.to_write) << std::oct << c.permissions;
        EXPECT_EQ(opened_by_other(name.text(), SLICKQ_OPEN_READ_ONLY), c.to_read) << std::oct << c.permissions;
    }
}

TEST(System, OtherKindsOfFilesAreNoSegments) {
    const std::string name = fresh_name();
    const std::string path = "/dev/shm" + name;
    queue_handle queue;
    slickq_options options{};
    options.struct_size = sizeof options;
    for (const unsigned flags : std::initializer_list<std::uint32_t>{0u, SLICKQ_OPEN_READ_ONLY}) {
        options.flags = flags;
        ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
        EXPECT_EQ(slickq_queue_open(name.c_str(), &options, queue.out()), SLICKQ_E_NOT_A_QUEUE) << "a directory";
        ::rmdir(path.c_str());
        ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
        EXPECT_EQ(slickq_queue_open(name.c_str(), &options, queue.out()), SLICKQ_E_NOT_A_QUEUE) << "a FIFO";
        ::unlink(path.c_str());
        ASSERT_EQ(::symlink("/etc/passwd", path.c_str()), 0);
        EXPECT_EQ(slickq_queue_open(name.c_str(), &options, queue.out()), SLICKQ_E_NOT_A_QUEUE) << "a symbolic link";
        ::unlink(path.c_str());
    }
}

// In a child: whether `body` holds there.
bool holds_in_child(const std::function<bool()>& body) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(body() ? 0 : 1);
    int status = 1;
    return pid != -1 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

TEST(System, AForkedChildGoesOnWithItsHandles) {
    const segment_name name;
    const queue_handle shared = create_queue(name.text(), options_for(8, 8));
    queue_handle local;
    const slickq_options options = options_for(8, 8);
    require(slickq_queue_create_local(&options, local.out()));
    EXPECT_TRUE(holds_in_child([&] {
        const std::uint64_t seven = 7;
        return slickq_queue_write(shared, &seven, 1, nullptr) == SLICKQ_OK &&
               slickq_queue_write(local, &seven, 1, nullptr) == SLICKQ_OK && slickq_queue_close(shared) == SLICKQ_OK &&
               slickq_queue_write(shared, &seven, 1, nullptr) == SLICKQ_E_HANDLE;
    }));
    for (slickq_queue* queue : {static_cast<slickq_queue*>(shared), static_cast<slickq_queue*>(local)}) {
        std::uint64_t cursor = 0;
        slickq_record record{};
        ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
        EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 7u);
    }
}

TEST(System, AForkedChildHasAReaderOfItsOwn) {
    for (const bool is_shared : {true, false}) {
        const segment_name name;
        const slickq_options options = options_for(64, 8);
        queue_handle queue;
        require(is_shared ? slickq_queue_create(name.c_str(), &options, queue.out()) : slickq_queue_create_local(&options, queue.out()));
        reader_handle reader;
        require(slickq_reader_open(queue, nullptr, reader.out()));
        const auto write = [&](std::uint64_t value) { require(slickq_queue_write(queue, &value, 1, nullptr)); };
        const auto reads = [&](std::uint64_t value) {
            slickq_record record{};
            return slickq_reader_read(reader, &record) == SLICKQ_OK && *static_cast<const std::uint64_t*>(record.data) == value;
        };
        for (std::uint64_t value = 0; value < 3; ++value) write(value);
        ASSERT_TRUE(reads(0));
        EXPECT_TRUE(holds_in_child([&] {
            const bool goes_on = reads(1) && reads(2); // copied ahead before the fork
            write(3);
            return goes_on && reads(3) && slickq_reader_close(reader) == SLICKQ_OK && slickq_queue_close(queue) == SLICKQ_OK;
        }));
        for (std::uint64_t value = 1; value <= 3; ++value) EXPECT_TRUE(reads(value)) << "what the child read is not gone for us";
        write(4);
        EXPECT_TRUE(reads(4)) << "the child's closing did not disturb us";
        EXPECT_EQ(info_of(reader).received_records, 5u);
    }
}

TEST(System, AForkedChildSharesACursorCell) {
    const segment_name name, cursor_name;
    const queue_handle queue = create_queue(name.text(), options_for(8, 8));
    scoped_handle<slickq_cursor, slickq_cursor_close> cursor;
    require(slickq_cursor_create(cursor_name.c_str(), 0, 0, cursor.out()));
    std::uint64_t* cell = nullptr;
    require(slickq_cursor_cell(cursor, &cell));
    for (std::uint64_t value = 0; value < 2; ++value) require(slickq_queue_write(queue, &value, 1, nullptr));
    slickq_record record{};
    EXPECT_TRUE(holds_in_child([&] { return slickq_queue_read_shared(queue, cell, &record) == SLICKQ_OK && record.index == 0; }));
    EXPECT_EQ(slickq_queue_read_shared(queue, cell, &record), SLICKQ_OK);
    EXPECT_EQ(record.index, 1u);
}

} // namespace
