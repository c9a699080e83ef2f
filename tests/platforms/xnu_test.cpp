// What works on macOS, as far as that can be said without one.
#include "child.hpp"
#include "support.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"
#include "xnu.hpp"

#include <slickq/detail/layout.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

namespace {

using namespace test;

// 30 bytes are all that a name may have there.
class short_name {
public:
    short_name() : text_("/sqx" + std::to_string(::getpid()) + "-" + std::to_string(serial_++)) {}
    short_name(const short_name&) = delete;
    short_name& operator=(const short_name&) = delete;
    ~short_name() { slickq_segment_remove(text_.c_str()); }
    const char* c_str() const { return text_.c_str(); }
    const std::string& text() const { return text_; }

private:
    static inline int serial_ = 0;
    std::string text_;
};

// Bytes under a name, past the system that is played here.
void put(const std::string& name, const bytes& content) {
    const int file = ::open(("/dev/shm" + name).c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
    const auto size = static_cast<ssize_t>(content.size());
    const bool is_written = file != -1 && ::write(file, content.data(), content.size()) == size;
    if (file != -1) ::close(file);
    if (!is_written) throw std::runtime_error("write " + name);
}

slickq_options options_of(std::uint32_t layout) {
    slickq_options options = options_for(64, 24);
    options.layout = layout;
    return options;
}

class Layouts : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Layouts, AreMadeAndOpened) {
    const short_name name;
    const slickq_options options = options_of(GetParam());
    const queue_handle made = create_queue(name.text(), options);
    EXPECT_EQ(stat_shm(name.text()).st_size % 16384, 0);
    queue_handle opened, again, looking;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, opened.out()), SLICKQ_OK) << slickq_last_message();
    ASSERT_EQ(slickq_queue_open_or_create(name.c_str(), &options, again.out()), SLICKQ_OK) << slickq_last_message();
    slickq_options read_only = options;
    read_only.flags = SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &read_only, looking.out()), SLICKQ_OK) << slickq_last_message();
    EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue_handle().out()), SLICKQ_E_EXISTS);
    const char element[24] = "over there";
    ASSERT_EQ(slickq_queue_write(made, element, 1, nullptr), SLICKQ_OK);
    std::uint64_t cursor = 0;
    slickq_record record{};
    ASSERT_EQ(slickq_queue_read(looking, &cursor, &record), SLICKQ_OK);
    EXPECT_STREQ(static_cast<const char*>(record.data), element);
}

INSTANTIATE_TEST_SUITE_P(Xnu, Layouts,
                         testing::Values(SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_SLQ0, SLICKQ_LAYOUT_PACKED,
                                         SLICKQ_LAYOUT_WIDE),
                         [](const auto& tested) { return std::string(slickq_layout_name(tested.param)); });

TEST(Xnu, ANameHas30Bytes) {
    const slickq_options options = options_for(8, 8);
    queue_handle queue;
    const std::string longest = "/" + std::string(30, 'n');
    EXPECT_EQ(slickq_queue_create((longest + "n").c_str(), &options, queue.out()), SLICKQ_E_NAME);
    EXPECT_EQ(slickq_queue_create(longest.c_str(), &options, queue.out()), SLICKQ_OK);
    EXPECT_EQ(slickq_segment_remove(longest.c_str()), SLICKQ_OK);
}

// There is no count of links to tell by whether a name was removed.
TEST(Xnu, WhatIsRefusedIsRefusedInTime) {
    const struct {
        bytes content;
        slickq_status status;
    } cases[] = {{bytes(16384, std::byte{'#'}), SLICKQ_E_NOT_A_QUEUE},
                 {{}, SLICKQ_E_NO_LENGTH},
                 {bytes(16384), SLICKQ_E_NOT_READY}};
    for (const auto& c : cases) {
        const short_name name;
        put(name.text(), c.content);
        slickq_options options{};
        options.struct_size = sizeof options;
        options.timeout_ns = 150'000'000;
        queue_handle queue;
        EXPECT_EQ(slickq_queue_open(name.c_str(), &options, queue.out()), c.status) << slickq_last_message();
    }
}

TEST(Xnu, ASegmentRemovedWhileItIsWaitedForIsMadeAnew) {
    const short_name name;
    put(name.text(), {});
    std::thread operator_at_work([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        slickq_segment_remove(name.c_str());
    });
    slickq_options options = options_for(8, 8);
    options.timeout_ns = 30'000'000'000;
    queue_handle queue;
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, queue.out()), SLICKQ_OK) << slickq_last_message();
    EXPECT_TRUE(is_creator(queue));
    operator_at_work.join();
}

TEST(Xnu, TheStateOfANameIsTold) {
    const short_name name;
    const queue_handle queue = create_queue(name.text(), options_for(8, 8));
    const auto state = [&] {
        std::uint32_t found = 77;
        EXPECT_EQ(slickq_queue_name_state(queue, &found), SLICKQ_OK);
        return found;
    };
    EXPECT_EQ(state(), static_cast<std::uint32_t>(SLICKQ_NAME_OURS));
    slickq_segment_remove(name.c_str());
    EXPECT_EQ(state(), static_cast<std::uint32_t>(SLICKQ_NAME_GONE));
    const queue_handle another = create_queue(name.text(), options_for(8, 8));
    EXPECT_EQ(state(), static_cast<std::uint32_t>(SLICKQ_NAME_TAKEN));
    slickq_segment_remove(name.c_str());
    put(name.text(), bytes(64));
    EXPECT_EQ(state(), static_cast<std::uint32_t>(SLICKQ_NAME_TAKEN));
}

TEST(Xnu, PermissionsAreWhatIsPromised) {
    const mode_t before = ::umask(027);
    const short_name by_default, exact;
    create_queue(by_default.text(), options_for(8, 8));
    EXPECT_EQ(stat_shm(by_default.text()).st_mode & 0777, 0640u) << "0666 less the umask";
    slickq_options options = options_for(8, 8);
    options.permissions = 0622;
    create_queue(exact.text(), options);
    EXPECT_EQ(stat_shm(exact.text()).st_mode & 0777, 0622u);
    EXPECT_EQ(::umask(before), 027u) << "it was changed";
}

TEST(Xnu, AFailedCreationLeavesNoName) {
    const short_name name;
    const slickq_options options = options_for(8, 8);
    fail_next_ftruncate(ENOMEM);
    queue_handle queue;
    EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_E_NO_MEMORY);
    EXPECT_FALSE(shm_exists(name.text()));
    slickq_options wide = options_of(SLICKQ_LAYOUT_WIDE);
    wide.flags = SLICKQ_OPEN_LOSSLESS;
    EXPECT_EQ(slickq_queue_create(name.c_str(), &wide, queue.out()), SLICKQ_E_UNSUPPORTED);
    EXPECT_FALSE(shm_exists(name.text()));
    EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
}

const role dying_creator{"dying_creator", [](const arguments& a) {
    die_in_ftruncate();
    create_queue(a[0], options_for(8, 8));
    return 0;
}};

TEST(Xnu, ACreatorThatDiesLeavesANameThatIsExplained) {
    const short_name name;
    ASSERT_EQ(child("dying_creator", {name.text()}).wait(), -SIGKILL);
    slickq_options options = options_for(8, 8);
    options.timeout_ns = 20'000'000;
    queue_handle queue;
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, queue.out()), SLICKQ_E_NO_LENGTH);
    EXPECT_TRUE(message_has("remove the name"));
    slickq_segment_remove(name.c_str());
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
}

const role racer{"race", [](const arguments& a) {
    const slickq_options options = options_for(1024, 8);
    queue_handle queue;
    require(slickq_queue_open_or_create(a[0].c_str(), &options, queue.out()));
    const std::uint64_t mine = static_cast<std::uint64_t>(::getpid());
    require(slickq_queue_write(queue, &mine, 1, nullptr));
    return is_creator(queue) ? 1 : 0;
}};

TEST(Xnu, OfManyWhoRaceOneCreates) {
    for (int round = 0; round < 20; ++round) {
        const short_name name;
        std::vector<child> children;
        for (int i = 0; i < 4; ++i) children.emplace_back("race", arguments{name.text()});
        int creators = 0;
        for (child& c : children) creators += c.wait();
        EXPECT_EQ(creators, 1);
        std::uint64_t reserved = 0;
        EXPECT_EQ(slickq_queue_next_index(open_queue(name.text()), &reserved), SLICKQ_OK);
        EXPECT_EQ(reserved, 4u);
    }
}

TEST(Xnu, SharedCursorsAreMadeAndOpened) {
    const short_name name;
    slickq_cursor *made = nullptr, *opened = nullptr;
    ASSERT_EQ(slickq_cursor_create(name.c_str(), 8, 0600, &made), SLICKQ_OK) << slickq_last_message();
    ASSERT_EQ(slickq_cursor_open_or_create(name.c_str(), 8, 0600, 0, &opened), SLICKQ_OK) << slickq_last_message();
    std::uint64_t *one = nullptr, *other = nullptr;
    require(slickq_cursor_cell(made, &one));
    require(slickq_cursor_cell(opened, &other));
    require(slickq_cell_store(one, 77));
    std::uint64_t value = 0;
    require(slickq_cell_load(other, &value));
    EXPECT_EQ(value, 77u);
    slickq_cursor_close(made);
    slickq_cursor_close(opened);
}

} // namespace
