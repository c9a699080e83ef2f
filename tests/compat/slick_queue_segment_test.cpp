// slick::queue<T, Traits> over a shared segment: with itself, with slickq::queue<T>, and with what damage or another shape leave there.
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slick/queue.hpp>

#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace {

using test::segment_name;

struct counting : slick::queue_traits {
    static constexpr bool enable_loss_detection = true;
};
struct lean : slick::queue_traits {
    static constexpr bool enable_read_last = false;
};

template <class Queue>
void put(Queue& queue, int value) {
    const auto index = queue.reserve();
    *queue[index] = value;
    queue.publish(index);
}

template <class Open>
std::string refusal(Open open) {
    try {
        open();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "(none)";
}

void expect_says(const std::string& text, const char* words) { EXPECT_NE(text.find(words), std::string::npos) << text; }

std::byte* bytes_of(slickq_queue* handle) {
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_queue_get_info(handle, &info), SLICKQ_OK);
    return static_cast<std::byte*>(info.base);
}

TEST(SlickQueueSegment, TheNameIsAsItWasGiven) {
    const segment_name name;
    const std::string without_slash = name.text().substr(1);
    const slick::queue<int> made(8, without_slash.c_str());
    const slick::queue<int> found(name.c_str());
    EXPECT_EQ(made.shm_name(), without_slash);
    EXPECT_EQ(found.shm_name(), name.text());
    EXPECT_TRUE(made.use_shm() && made.own_buffer() && found.use_shm() && !found.own_buffer());
    EXPECT_TRUE(found.remove_shm());
    EXPECT_FALSE(test::shm_exists(name.text()));
    EXPECT_FALSE(made.remove_shm()) << "gone already";
}

TEST(SlickQueueSegment, OutlivesWhoMadeIt) {
    const segment_name name;
    auto maker = std::make_unique<slick::queue<int>>(4, name.c_str());
    put(*maker, 1);
    slick::queue<int> reader(name.c_str());
    maker.reset();
    slick::queue<int> again(4, name.c_str());
    EXPECT_FALSE(again.own_buffer());
    put(again, 2);
    std::uint64_t cursor = 0;
    EXPECT_EQ(*reader.read(cursor).first, 1);
    EXPECT_EQ(*reader.read(cursor).first, 2);
}

// What the peers look at is the same, whichever class writes it; the identity and the time behind the elements are not.
template <class Theirs>
void write_records(Theirs& queue) {
    for (std::uint32_t k = 1; k <= 40; ++k) {
        const std::uint32_t count = 1 + k % 3;
        const auto index = queue.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) queue[index][i] = static_cast<int>(100 * k + i);
        if (k % 7 != 0) queue.publish(index, count);
    }
}

template <class Traits>
void expect_equal_bytes(std::uint32_t items, std::uint32_t layout) {
    const segment_name theirs_name, ours_name;
    slick::queue<int, Traits> theirs(16, items, theirs_name.c_str());
    slickq_options options{};
    options.struct_size = sizeof options;
    options.items_per_slot = items;
    options.layout = layout;
    slickq::queue<int> ours(16, ours_name.c_str(), options);
    write_records(theirs);
    write_records(ours);
    const slickq::geometry shape{static_cast<slickq::layout>(layout), 16, sizeof(int), items};
    EXPECT_EQ(std::memcmp(bytes_of(theirs.handle()), bytes_of(ours.handle()), shape.segment_length()), 0) << layout;
}

TEST(SlickQueueSegment, HasTheBytesThatTheFeaturesAskFor) {
    expect_equal_bytes<slick::queue_traits>(1, SLICKQ_LAYOUT_SLQ1);
    expect_equal_bytes<counting>(4, SLICKQ_LAYOUT_SLQ3);
    expect_equal_bytes<lean>(1, SLICKQ_LAYOUT_SLQ0);
    expect_equal_bytes<lean>(4, SLICKQ_LAYOUT_SLQ2);
}

TEST(SlickQueueSegment, IsSharedWithTheRestOfTheLibrary) {
    const segment_name name;
    slick::queue<int, counting> theirs(8, name.c_str());
    slickq::queue<int> ours(name.c_str());
    put(theirs, 5);
    slickq::reader<int> reader(ours, {.from = slickq::start::oldest});
    const auto item = reader.read();
    ASSERT_TRUE(item);
    EXPECT_EQ(item.elements[0], 5);
    EXPECT_EQ(reader.read().what, slickq::read_result::empty);
    std::uint64_t cursor = 1;
    EXPECT_EQ(slickq_queue_wait_until(theirs.handle(), cursor, 0), SLICKQ_TIMED_OUT) << "handle() works with the C functions";
    put(ours, 6);
    EXPECT_EQ(*theirs.read(cursor).first, 6);
    theirs.reset();
    EXPECT_EQ(reader.read().what, slickq::read_result::reset) << "a reset through it is one for all";
}

TEST(SlickQueueSegment, PairsAreSharedAndWhatOwnsMemoryIsNot) {
    const segment_name pairs_name, strings_name;
    slick::queue<std::pair<int, int>> pairs(8, pairs_name.c_str());
    *pairs[pairs.reserve()] = {1, 2};
    EXPECT_THROW(slick::queue<std::string>(8, strings_name.c_str()), std::invalid_argument);
    EXPECT_FALSE(test::shm_exists(strings_name.text()));
    EXPECT_THROW(slick::queue<std::string>(pairs_name.c_str()), std::invalid_argument);
}

// ---------------------------------------------------------------- what does not fit

TEST(SlickQueueSegment, ARefusalHasTheWordsThatProgramsLookFor) {
    const segment_name name, absent, units, without_last;
    const slick::queue<int> made(8, name.c_str());
    const slick::queue<char> in_units(64, 16, units.c_str());
    const slick::queue<int, lean> made_without(8, without_last.c_str());

    expect_says(refusal([&] { slick::queue<int> q(absent.c_str()); }), "SLICKQ_E_NOT_FOUND: Failed to open shared memory");
    expect_says(refusal([&] { slick::queue<int> q(16, name.c_str()); }), "size mismatch");
    expect_says(refusal([&] { slick::queue<double> q(8, name.c_str()); }), "element size mismatch");
    expect_says(refusal([&] { slick::queue<double> q(name.c_str()); }), "element size mismatch");
    expect_says(refusal([&] { slick::queue<char> q(64, units.c_str()); }), "items_per_slot mismatch");
    expect_says(refusal([&] { slick::queue<char> q(64, 8, units.c_str()); }), "items_per_slot mismatch");
    expect_says(refusal([] { slick::queue<int> q(8, "a/b"); }), "SLICKQ_E_NAME: Failed to create/open shared memory");

    const char* const has = "enable_read_last=true but this queue has enable_read_last=false";
    const char* const has_not = "enable_read_last=false but this queue has enable_read_last=true";
    expect_says(refusal([&] { slick::queue<int, lean> q(name.c_str()); }), has);
    expect_says(refusal([&] { slick::queue<int, lean> q(8, name.c_str()); }), has);
    expect_says(refusal([&] { slick::queue<int> q(without_last.c_str()); }), has_not);
    expect_says(refusal([&] { slick::queue<int> q(8, without_last.c_str()); }), has_not);
    EXPECT_NO_THROW((slick::queue<int, lean>(without_last.c_str())));
    EXPECT_NO_THROW((slick::queue<int, counting>(name.c_str())));
}

TEST(SlickQueueSegment, ADamagedHeaderIsRefused) {
    const segment_name name;
    const slick::queue<char> queue(64, 16, name.c_str());
    const auto set_marker = [&](std::uint32_t marker) { std::memcpy(bytes_of(queue.handle()) + 24, &marker, sizeof marker); };
    set_marker(0x534C5131);
    expect_says(refusal([&] { slick::queue<char> q(name.c_str()); }), "disagrees with its items_per_slot field");
    set_marker(0x534C5137);
    expect_says(refusal([&] { slick::queue<char> q(name.c_str()); }), "unknown layout features");
}

struct alignas(32) wide {
    std::uint32_t value;
};

TEST(SlickQueueSegment, ElementsThatWouldBeMisalignedAreRefusedBeforeAnythingIsMade) {
    const segment_name name;
    expect_says(refusal([&] { slick::queue<wide> q(1, name.c_str()); }), "not aligned for alignof(T)");
    EXPECT_FALSE(test::shm_exists(name.text()));
    EXPECT_NO_THROW(slick::queue<wide>(2, name.c_str()));
}

TEST(SlickQueueSegment, ADamagedSlotReadsAsNothingAndIsCountedAsLost) {
    const segment_name name;
    slick::queue<int, counting> queue(4, name.c_str());
    put(queue, 1);
    put(queue, 2);
    const std::uint32_t beyond = 1000;
    std::memcpy(bytes_of(queue.handle()) + 64 + 8, &beyond, sizeof beyond); // the first slot's count
    std::uint64_t cursor = 0;
    std::atomic<std::uint64_t> shared{0};
    EXPECT_EQ(queue.read(cursor), (std::pair<int*, std::uint32_t>(nullptr, 0)));
    EXPECT_EQ(cursor, 2u) << "not beyond what is reserved";
    EXPECT_EQ(queue.loss_count(), 4u) << "what lies inside the ring of it";
    EXPECT_EQ(queue.read(shared).first, nullptr);
    EXPECT_EQ(shared, 2u);
    put(queue, 3);
    put(queue, 4);
    put(queue, 5);
    EXPECT_EQ(*queue.read(cursor).first, 3);
}

} // namespace
