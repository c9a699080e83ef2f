// What is not acknowledged is not overwritten: while the bridge lives, and when it was killed.
#include "hold.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

namespace {

using namespace bridge;

class Hold : public testing::TestWithParam<hold_kind> {
protected:
    Hold() {
        name = "/slickq-bridge-hold-" + std::to_string(getpid());
        slickq_segment_remove(name.c_str());
        queue.emplace(name, static_cast<std::uint32_t>(SLICKQ_OPEN_LOSSLESS), 8u, 1u);
        config.name = "test";
        config.group = "b:test";
        config.hold = GetParam();
    }
    ~Hold() override { slickq_segment_remove(name.c_str()); }

    // How many single elements find room.
    int fill() {
        int n = 0;
        while (n < 100 && slickq_queue_write(queue->handle(), "x", 1, nullptr) == SLICKQ_OK) ++n;
        return n;
    }

    std::string name;
    std::optional<segment> queue;
    direction_config config;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Hold, testing::Values(hold_kind::group, hold_kind::consumer));

TEST_P(Hold, ProducersGoAsFarAsTheAcknowledgements) {
    hold h(*queue, config);
    EXPECT_EQ(h.begin(std::nullopt), 0u);
    EXPECT_EQ(fill(), 8);
    h.release(3);
    EXPECT_EQ(fill(), 3);
    h.release(3);
    EXPECT_EQ(fill(), 0);
    h.release(11);
    EXPECT_EQ(fill(), 8);
}

TEST_P(Hold, AResetBeginsAnew) {
    hold h(*queue, config);
    h.begin(std::nullopt);
    fill();
    h.release(5);
    ASSERT_EQ(slickq_queue_reset(queue->handle()), SLICKQ_OK);
    h.restart();
    EXPECT_EQ(fill(), 8);
    h.release(2);
    EXPECT_EQ(fill(), 2);
}

class HoldOfTheDead : public Hold {};

INSTANTIATE_TEST_SUITE_P(Kinds, HoldOfTheDead, testing::Values(hold_kind::group)); // a consumer ends with its process

// Killed at any moment, also between the claim of a record and its completion.
TEST_P(HoldOfTheDead, IsAsStrong) {
    const pid_t child = fork();
    if (child == 0) {
        segment own(name, 0u, 0u, 0u);
        hold h(own, config);
        h.begin(std::nullopt);
        for (int i = 0; i < 8; ++i) slickq_queue_write(own.handle(), "x", 1, nullptr);
        h.release(2);
        slickq_worker_options options{};
        options.struct_size = sizeof options;
        options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        options.group = config.group.c_str();
        slickq_worker* worker = nullptr;
        slickq_record record{};
        if (slickq_worker_open(own.handle(), &options, &worker) != SLICKQ_OK) _exit(1);
        if (slickq_worker_read(worker, &record) != SLICKQ_OK) _exit(2); // claimed, and never completed
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
    EXPECT_EQ(fill(), 2);
    hold h(*queue, config);
    EXPECT_EQ(h.begin(std::nullopt), 3u); // behind the claim, which holds by itself
    EXPECT_EQ(fill(), 0);
    h.release(10);
    h.recover();
    EXPECT_EQ(fill(), 8);
}

} // namespace
