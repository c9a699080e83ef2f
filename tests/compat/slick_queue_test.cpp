// slick::queue<T, Traits> in one process: the shape of its interface, and what its features do.
#include <slick/queue.hpp>

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

struct counting : slick::queue_traits {
    static constexpr bool enable_loss_detection = true;
};
struct rewinding : counting {
    static constexpr bool enable_reset_check = true;
};
struct lean : slick::queue_traits {
    static constexpr bool enable_read_last = false;
};
struct misspelt {
    static constexpr int enable_read_last = 1;
    static constexpr bool enable_reset_check = false, enable_loss_detection = false, enable_cpu_relax = true;
};

// ---------------------------------------------------------------- shape

using numbers = slick::queue<int>;
static_assert(std::is_same_v<numbers, slick::SlickQueue<int>>, "both names are one type");
static_assert(std::is_same_v<numbers, slick::queue<int, slick::default_queue_traits>>);
static_assert(!std::is_same_v<numbers, slick::queue<int, lean>>);
static_assert(slick::queue_traits_type<lean> && !slick::queue_traits_type<misspelt> && !slick::queue_traits_type<int>);
static_assert(std::is_convertible_v<std::uint32_t, numbers> && std::is_convertible_v<const char*, numbers>, "no constructor is explicit");
static_assert(!std::is_copy_constructible_v<numbers> && !std::is_move_constructible_v<numbers>);
static_assert(std::has_virtual_destructor_v<numbers>);

template <class Queue>
constexpr bool reads_without_throwing() {
    return noexcept(std::declval<Queue&>().read(std::declval<std::uint64_t&>())) &&
           noexcept(std::declval<Queue&>().read(std::declval<std::atomic<std::uint64_t>&>())) &&
           noexcept(std::declval<Queue&>().read_last()) && noexcept(std::declval<Queue&>().publish(0)) &&
           noexcept(std::declval<Queue&>()[0]) && noexcept(std::declval<Queue&>().reset()) &&
           noexcept(std::declval<const Queue&>().remove_shm()) && noexcept(std::declval<const Queue&>().loss_count());
}
static_assert(reads_without_throwing<numbers>());
static_assert(std::is_same_v<decltype(std::declval<const numbers&>().shm_name()), const char*>);

// What a feature that is off takes: nothing.
static_assert(sizeof(slick::queue<int, slick::queue_traits>) == sizeof(slick::queue<int, lean>) + slick::detail::cacheline_size);
static_assert(sizeof(slick::queue<int, counting>) == sizeof(slick::queue<int, slick::queue_traits>) + slick::detail::cacheline_size);

template <class Queue, class Value>
void put(Queue& queue, const Value& value) {
    const auto index = queue.reserve();
    *queue[index] = value;
    queue.publish(index);
}

TEST(SlickQueue, AZeroIsNoNameAndOtherNumbersAreItemsPerSlot) {
    slick::queue<int> zero(8, 0), null(8, NULL), pointer(8, nullptr);
    EXPECT_FALSE(zero.use_shm() || null.use_shm() || pointer.use_shm());
    EXPECT_EQ(zero.items_per_slot() * null.items_per_slot() * pointer.items_per_slot(), 1u);
    slick::queue<int> four(8, 4), also(8, 4u, nullptr);
    EXPECT_EQ(four.items_per_slot(), 4u);
    EXPECT_EQ(four.slot_count(), 2u);
    EXPECT_EQ(also.items_per_slot(), 4u);
    EXPECT_TRUE(four.own_buffer());
    EXPECT_STREQ(four.shm_name(), "");
    EXPECT_FALSE(four.remove_shm());
    EXPECT_EQ(four.handle(), nullptr) << "a local queue is no queue of the C API";
}

// ---------------------------------------------------------------- errors

template <class Exception, class Call>
slickq_status thrown_as(Call call) {
    try {
        call();
    } catch (const Exception& error) {
        EXPECT_NE(dynamic_cast<const std::exception*>(&error), nullptr) << "every handler for all exceptions gets it";
        const auto* const ours = dynamic_cast<const slickq::error*>(&error);
        return ours != nullptr ? ours->status() : SLICKQ_E_INTERNAL;
    } catch (...) {
        ADD_FAILURE() << "another exception";
    }
    return SLICKQ_OK;
}

TEST(SlickQueue, WrongArgumentsAreWhatTheStandardLibraryCallsThem) {
    std::uint32_t zero = 0;
    EXPECT_EQ(thrown_as<std::invalid_argument>([] { slick::queue<int> q(6); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::invalid_argument>([&] { slick::queue<int> q(zero); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::invalid_argument>([] { slick::queue<int> q(8, 3); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::invalid_argument>([&] { slick::queue<int> q(8, zero); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::invalid_argument>([] { slick::queue<int> q(8, 16); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::invalid_argument>([] { slick::queue<int> q(static_cast<const char*>(nullptr)); }), SLICKQ_E_NULL);
    slick::queue<int> queue(8);
    EXPECT_EQ(thrown_as<std::invalid_argument>([&] { queue.reserve(0); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(thrown_as<std::runtime_error>([&] { queue.reserve(9); }), SLICKQ_E_ARGUMENT) << "not wrong in a larger queue";
    EXPECT_EQ(queue.reserve(8), 0u);
}

// ---------------------------------------------------------------- elements of any type

TEST(SlickQueue, ALocalQueueTakesWhateverCanBeDefaultConstructed) {
    slick::queue<std::string> names(2);
    EXPECT_EQ(*names[1], "");
    for (int k = 0; k < 5; ++k) put(names, std::string(40, static_cast<char>('a' + k))); // over those of earlier laps
    std::uint64_t cursor = 3;
    const auto [name, count] = names.read(cursor);
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(*name, std::string(40, 'd'));
}

struct tracked {
    static inline int alive = 0;
    static inline int throw_at = -1;
    int value = 7;
    tracked() {
        if (alive == throw_at) throw std::runtime_error("enough of them");
        ++alive;
    }
    tracked(const tracked&) = delete;
    ~tracked() { --alive; }
};

TEST(SlickQueue, ElementsAreConstructedOnceAndDestroyedOnce) {
    {
        slick::queue<tracked> queue(8);
        EXPECT_EQ(tracked::alive, 8);
        EXPECT_EQ(queue[5]->value, 7);
        queue.publish(queue.reserve());
        queue.reset();
        EXPECT_EQ(tracked::alive, 8) << "a reset is about records, not elements";
    }
    EXPECT_EQ(tracked::alive, 0);
    tracked::throw_at = 3;
    EXPECT_THROW(slick::queue<tracked>(8), std::runtime_error);
    EXPECT_EQ(tracked::alive, 0) << "those that were made are destroyed";
    tracked::throw_at = -1;
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
    std::uint32_t value;
};

template <class T>
void expect_aligned(std::uint32_t size, std::uint32_t items) {
    slick::queue<T> queue(size, items);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(queue[0]) % alignof(T), 0u) << alignof(T) << " " << size << " " << items;
    std::uint64_t cursor = 0;
    for (std::uint32_t k = 0; k < 2 * size; k += items) {
        const auto index = queue.reserve();
        queue[index]->value = k;
        queue.publish(index);
        ASSERT_EQ(queue.read(cursor).first->value, k);
    }
}

TEST(SlickQueue, ElementsAreAlignedHoweverFewThereAre) {
    for (const auto& [size, items] : {std::pair{1u, 1u}, {2u, 1u}, {2u, 2u}, {8u, 1u}, {8u, 4u}}) {
        expect_aligned<aligned<4>>(size, items);
        expect_aligned<aligned<32>>(size, items);
        expect_aligned<aligned<64>>(size, items);
        expect_aligned<aligned<256>>(size, items);
    }
}

// ---------------------------------------------------------------- features

TEST(SlickQueue, CountsWhatWasSkippedIfItsTraitsSaySo) {
    slick::queue<int, counting> counts(4);
    slick::queue<int, slick::queue_traits> does_not(4);
    for (int k = 0; k < 10; ++k) {
        put(counts, k);
        put(does_not, k);
    }
    std::uint64_t cursor = 0;
    std::atomic<std::uint64_t> shared{0};
    EXPECT_EQ(*counts.read(cursor).first, 8);
    EXPECT_EQ(counts.loss_count(), 8u);
    EXPECT_EQ(*counts.read(shared).first, 8);
    EXPECT_EQ(counts.loss_count(), 16u);
    cursor = 0;
    EXPECT_EQ(*does_not.read(cursor).first, 8);
    EXPECT_EQ(does_not.loss_count(), 0u);
    counts.reset();
    EXPECT_EQ(counts.loss_count(), 0u);
}

template <class Traits>
void expect_after_reset(bool rewinds) {
    slick::queue<int, Traits> queue(4);
    for (int k = 0; k < 6; ++k) put(queue, k);
    std::uint64_t cursor = 6;
    std::atomic<std::uint64_t> shared{6};
    queue.reset();
    EXPECT_EQ(queue.read(cursor).first, nullptr);
    EXPECT_EQ(queue.read(shared).first, nullptr);
    EXPECT_EQ(cursor, rewinds ? 0u : 6u);
    EXPECT_EQ(shared, rewinds ? 0u : 6u);
    put(queue, 100);
    EXPECT_EQ(queue.read(cursor).first != nullptr, rewinds);
    EXPECT_EQ(queue.read(shared).first != nullptr, rewinds);
}

TEST(SlickQueue, ACursorFromBeforeAResetStartsAnewIfItsTraitsSaySo) {
    expect_after_reset<rewinding>(true);
    expect_after_reset<counting>(false);
}

TEST(SlickQueue, ReadLastIsTheLastThatWasPublished) {
    slick::queue<int> queue(8, 4);
    EXPECT_EQ(queue.read_last().first, nullptr);
    const auto first = queue.reserve(3);
    queue[first][2] = 3;
    queue.publish(first, 3);
    queue.reserve();
    const auto [last, count] = queue.read_last();
    ASSERT_EQ(count, 3u);
    EXPECT_EQ(last[2], 3);
}

TEST(SlickQueue, SkipsTheEndOfTheRingWithTheProducer) {
    slick::queue<char, lean> queue(8);
    const auto write = [&](const char* text) {
        const auto length = static_cast<std::uint32_t>(std::strlen(text));
        const auto index = queue.reserve(length);
        std::memcpy(queue[index], text, length);
        queue.publish(index, length);
        return index;
    };
    EXPECT_EQ(write("hello"), 0u);
    EXPECT_EQ(write("world"), 8u);
    std::uint64_t cursor = 5;
    const auto [text, length] = queue.read(cursor);
    EXPECT_EQ(std::string(text, length), "world");
    EXPECT_EQ(cursor, 13u);
}

TEST(SlickQueue, TellsWhetherAPublishCameInTime) {
    slick::queue<int> queue(2);
    const auto late = queue.reserve();
    put(queue, 1);
    put(queue, 2);
    EXPECT_FALSE(queue.publish(late));
    EXPECT_FALSE(queue.publish(17)) << "nobody reserved that";
}

} // namespace
