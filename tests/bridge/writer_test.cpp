// A writer that is killed at any step of any record: whoever comes next writes what is missing, and nothing twice.
#include "writer.hpp"

#include "message.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

// How many publishes are left until this process dies, before or after that one.
int dies_before = -1;
int dies_after = -1;

} // namespace

// In front of the library's.
extern "C" slickq_status slickq_queue_publish(slickq_queue* queue, uint64_t index, uint32_t count) {
    static const auto real =
        reinterpret_cast<decltype(&slickq_queue_publish)>(dlsym(RTLD_NEXT, "slickq_queue_publish"));
    if (dies_before-- == 0) _exit(0);
    const slickq_status status = real(queue, index, count);
    if (dies_after-- == 0) _exit(0);
    return status;
}

namespace {

using namespace bridge;

// libnats cannot free a message before.
const natsStatus opened = nats_Open(-1);

class Writer : public testing::Test {
protected:
    Writer() {
        char made[] = "/tmp/slickq-bridge-unit-XXXXXX";
        directory = mkdtemp(made);
        name = "/slickq-bridge-unit-" + std::to_string(getpid());
        slickq_segment_remove(name.c_str());
        queue.emplace(name, 0u, 64u, 1u);
    }
    ~Writer() override {
        slickq_segment_remove(name.c_str());
        std::filesystem::remove_all(directory);
    }

    // Records "a", "bc", "d" of one source, if nothing else is said.
    message batch() const {
        description d;
        d.before.segment = {7, 7};
        d.counts = counts;
        d.element_size = 1;
        return encode("s", "", d, "abcd", 4, true);
    }

    // What a consumer finds, gaps stepped over.
    std::string content() const {
        std::string text;
        std::uint64_t cursor = 0;
        const std::uint64_t end = queue->reserved();
        while (queue->distance(end, cursor) > 0) {
            slickq_record r{};
            if (slickq_queue_read(queue->handle(), &cursor, &r) == SLICKQ_OK) {
                text += std::string(static_cast<const char*>(r.data), r.count) + "|";
            } else {
                ++cursor;
            }
        }
        return text;
    }

    template <class Work>
    void in_child(Work work) {
        const pid_t child = fork();
        if (child == 0) {
            work();
            _exit(1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "it did not come to the place where it dies";
    }

    void write_all() {
        state s(directory, "w", 'i');
        writer w(*queue, s, [] { return false; });
        EXPECT_EQ(w.write(batch().get(), 1), writer::outcome::written);
    }

    std::vector<std::uint32_t> counts{1, 2, 1};
    std::string directory;
    std::string name;
    std::optional<segment> queue;
};

// Of one size, so that they are one run, and of several.
TEST_F(Writer, WritesEachRecordOnceWhereverItIsKilled) {
    for (const auto& [sizes, text] : {std::pair<std::vector<std::uint32_t>, std::string>{{1, 2, 1}, "a|bc|d|"},
                                      {{1, 1, 1, 1}, "a|b|c|d|"},
                                      {{2, 2}, "ab|cd|"},
                                      {{1, 1, 2}, "a|b|cd|"}}) {
        counts = sizes;
        const int records = static_cast<int>(sizes.size());
        for (int record = 0; record < 2 * records; ++record) {
            SCOPED_TRACE(text + (record < records ? " before record " : " after record ") +
                         std::to_string(record % records));
            ASSERT_EQ(slickq_queue_reset(queue->handle()), SLICKQ_OK);
            std::filesystem::remove(directory + "/w.state");
            in_child([&] {
                (record < records ? dies_before : dies_after) = record % records;
                write_all();
            });
            write_all();
            EXPECT_EQ(content(), text);
            state s(directory, "w", 'i');
            EXPECT_EQ(s.current().records, sizes.size());
            EXPECT_EQ(s.current().elements, 4u);
            EXPECT_EQ(s.current().bytes, 4u);
            EXPECT_EQ(s.current().sequence, 1u);
            EXPECT_EQ(s.current().books.sent, sizes.size());
            EXPECT_EQ(s.current().books.index, 4u);
            EXPECT_EQ(s.current().duplicates + s.current().transit, 0u);
        }
    }
}

TEST_F(Writer, ARecordThatTheSourceSendsAgainIsNotWrittenAgain) {
    state s(directory, "w", 'i');
    writer w(*queue, s, [] { return false; });
    w.write(batch().get(), 1);
    w.write(batch().get(), 2); // under another number: a duplicate in the stream
    EXPECT_EQ(content(), "a|bc|d|");
    EXPECT_EQ(s.current().duplicates, 3u);
}

TEST_F(Writer, GoesOnWhereThereWasNoRoom) {
    queue.reset();
    slickq_segment_remove(name.c_str());
    queue.emplace(name, static_cast<std::uint32_t>(SLICKQ_OPEN_LOSSLESS), 4u, 1u);
    std::uint64_t consumer = 0;
    ASSERT_EQ(slickq_consumer_register(queue->handle(), SLICKQ_NO_INDEX, &consumer, nullptr), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_write(queue->handle(), "xx", 2, nullptr), SLICKQ_OK);
    state s(directory, "w", 'i');
    writer w(*queue, s, [] { return false; });
    EXPECT_EQ(w.write(batch().get(), 1), writer::outcome::no_room); // "a" had room
    EXPECT_EQ(s.current().records, 1u);
    ASSERT_EQ(slickq_consumer_acknowledge(queue->handle(), consumer, 3), SLICKQ_OK);
    EXPECT_EQ(w.write(batch().get(), 1), writer::outcome::written);
    EXPECT_EQ(s.current().records, 3u);
    EXPECT_EQ(s.current().duplicates, 0u);
}

TEST_F(Writer, RefusesWhatDoesNotFitAndSaysWhy) {
    state s(directory, "w", 'i');
    writer w(*queue, s, [] { return false; });
    description d;
    d.before.segment = {7, 7};
    d.counts = {65};
    d.element_size = 1;
    const std::string payload(65, 'x');
    w.write(encode("s", "", d, payload.data(), payload.size(), true).get(), 1);
    EXPECT_NE(w.refusal().find("65 elements"), std::string::npos);
    d.element_size = 5;
    d.counts = {13};
    d.before.index = 65;
    d.before.sent = 1;
    w.write(encode("s", "", d, payload.data(), payload.size(), true).get(), 2);
    EXPECT_NE(w.refusal().find("5 bytes"), std::string::npos);
    EXPECT_EQ(s.current().refused, 2u);
    EXPECT_EQ(s.current().sequence, 2u);
    EXPECT_EQ(content(), "");
}

} // namespace
