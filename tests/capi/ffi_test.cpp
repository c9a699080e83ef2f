// What other languages use of the C API: arithmetic of indices, messages that are copied, structs without a sizeof.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"
#include "support/shm_file.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using test::options_for;
using test::segment_name;
using handle = test::queue_handle;

// ---------------------------------------------------------------- indices

TEST(Index, DistancesAreSignedAndCrossTheWrap) {
    constexpr std::uint64_t last = (std::uint64_t{1} << 48) - 1;
    for (std::uint32_t layout : {SLICKQ_LAYOUT_ANY, SLICKQ_LAYOUT_SLQ0, SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_SLQ2,
                                 SLICKQ_LAYOUT_SLQ3, SLICKQ_LAYOUT_PACKED}) {
        EXPECT_EQ(slickq_index_distance(layout, 7, 7), 0);
        EXPECT_EQ(slickq_index_distance(layout, 7, 10), 3);
        EXPECT_EQ(slickq_index_distance(layout, 10, 7), -3);
        EXPECT_EQ(slickq_index_distance(layout, last, 1), 2) << "plain subtraction would say 2 - 2^48";
        EXPECT_EQ(slickq_index_distance(layout, 1, last), -2);
        EXPECT_EQ(slickq_index_distance(layout, 0, last / 2), static_cast<std::int64_t>(last / 2));
        EXPECT_EQ(slickq_index_add(layout, last, 2), 1u);
        EXPECT_EQ(slickq_index_add(layout, 1, -2), last);
        EXPECT_EQ(slickq_index_add(layout, 5, 0), 5u);
    }
    constexpr std::uint64_t last_wide = ~std::uint64_t{0};
    EXPECT_EQ(slickq_index_distance(SLICKQ_LAYOUT_WIDE, last_wide, 1), 2);
    EXPECT_EQ(slickq_index_distance(SLICKQ_LAYOUT_WIDE, last, last + 1), 1);
    EXPECT_EQ(slickq_index_add(SLICKQ_LAYOUT_WIDE, last, 1), last + 1);
    EXPECT_EQ(slickq_index_add(SLICKQ_LAYOUT_WIDE, last_wide, 1), 0u);
    EXPECT_EQ(slickq_index_distance(99, last, 1), 2) << "it cannot fail";
}

// ---------------------------------------------------------------- messages

TEST(Message, IsCopiedAndCutOff) {
    ASSERT_EQ(slickq_queue_close(nullptr), SLICKQ_E_NULL);
    const std::string whole = slickq_last_message();
    ASSERT_GT(whole.size(), 5u);

    char buffer[1000];
    EXPECT_EQ(slickq_copy_message(buffer, sizeof buffer), whole.size());
    EXPECT_EQ(buffer, whole);
    char small[5] = {'x', 'x', 'x', 'x', 'x'};
    EXPECT_EQ(slickq_copy_message(small, 4), whole.size());
    EXPECT_EQ(std::string(small), whole.substr(0, 3));
    EXPECT_EQ(small[4], 'x') << "beyond the buffer";
    EXPECT_EQ(slickq_copy_message(small, 0), whole.size());
    EXPECT_EQ(slickq_copy_message(nullptr, 0), whole.size());
}

std::string recent(slickq_status status) {
    char buffer[1000] = "untouched";
    const std::size_t length = slickq_recent_message(status, buffer, sizeof buffer);
    EXPECT_EQ(std::strlen(buffer), length);
    return buffer;
}

TEST(Message, OfAnotherThreadIsFoundByItsStatus) {
    const segment_name name;
    slickq_status status = SLICKQ_OK;
    std::string said;
    std::thread([&] {
        handle none;
        status = slickq_queue_open(name.c_str(), nullptr, none.out());
        said = slickq_last_message();
    }).join();
    ASSERT_EQ(status, SLICKQ_E_NOT_FOUND);
    EXPECT_EQ(recent(status), said);
    EXPECT_NE(said.find(name.text()), std::string::npos);

    EXPECT_EQ(slickq_queue_close(nullptr), SLICKQ_E_NULL); // another status: another message
    EXPECT_EQ(recent(SLICKQ_E_NOT_FOUND), said);
    EXPECT_EQ(recent(SLICKQ_E_NULL), slickq_last_message());
    EXPECT_EQ(recent(SLICKQ_OK), "");
    EXPECT_EQ(recent(SLICKQ_FULL), "");
    EXPECT_EQ(recent(static_cast<slickq_status>(-1000)), "");
}

TEST(Message, OfManyThreadsIsNeverMixed) {
    handle absent;
    ASSERT_EQ(slickq_queue_open(std::string(20, 'a').c_str(), nullptr, absent.out()), SLICKQ_E_NOT_FOUND);
    // Each thread's message has another length and another letter throughout.
    std::vector<std::thread> failing;
    for (int k = 0; k < 3; ++k) {
        failing.emplace_back([k] {
            const std::string name(static_cast<std::size_t>(20 + 70 * k), static_cast<char>('a' + k));
            handle none;
            for (int i = 0; i < 3000; ++i) {
                ASSERT_EQ(slickq_queue_open(name.c_str(), nullptr, none.out()), SLICKQ_E_NOT_FOUND);
            }
        });
    }
    for (int i = 0; i < 3000; ++i) {
        const std::string found = recent(SLICKQ_E_NOT_FOUND);
        const std::size_t begin = found.find('/');
        if (begin == std::string::npos) continue; // one is just being set
        const std::string name = found.substr(begin + 1, found.find('\'', begin) - begin - 1);
        ASSERT_EQ(name.find_first_not_of(name[0]), std::string::npos) << found;
        ASSERT_EQ(name.size(), static_cast<std::size_t>(20 + 70 * (name[0] - 'a'))) << found;
    }
    for (std::thread& one : failing) one.join();
}

// ---------------------------------------------------------------- structs

template <class Struct>
void initialises(std::uint32_t kind, const Struct& by_macro) {
    EXPECT_EQ(slickq_struct_size(kind), sizeof(Struct));
    Struct by_call;
    std::memset(&by_call, 0xEE, sizeof by_call);
    ASSERT_EQ(slickq_struct_init(kind, &by_call, sizeof by_call), SLICKQ_OK) << slickq_last_message();
    EXPECT_EQ(by_call.struct_size, sizeof(Struct));
    EXPECT_EQ(by_macro.struct_size, sizeof(Struct));
    EXPECT_EQ(std::memcmp(&by_call, &by_macro, sizeof by_call), 0);
    EXPECT_EQ(slickq_struct_init(kind, &by_call, sizeof by_call - 1), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_struct_init(kind, nullptr, sizeof by_call), SLICKQ_E_NULL);
}

TEST(Struct, IsInitialisedByMacroAndByCall) {
    static const slickq_options options = SLICKQ_OPTIONS_INIT;
    static const slickq_queue_info queue_info = SLICKQ_QUEUE_INFO_INIT;
    static const slickq_reader_options reader_options = SLICKQ_READER_OPTIONS_INIT;
    static const slickq_reader_info reader_info = SLICKQ_READER_INFO_INIT;
    static const slickq_consumer_info consumer_info = SLICKQ_CONSUMER_INFO_INIT;
    static const slickq_worker_options worker_options = SLICKQ_WORKER_OPTIONS_INIT;
    static const slickq_group_info group_info = SLICKQ_GROUP_INFO_INIT;
    static const slickq_inspection inspection = SLICKQ_INSPECTION_INIT;
    static const slickq_epoch_info epoch_info = SLICKQ_EPOCH_INFO_INIT;
    initialises(SLICKQ_STRUCT_OPTIONS, options);
    initialises(SLICKQ_STRUCT_QUEUE_INFO, queue_info);
    initialises(SLICKQ_STRUCT_READER_OPTIONS, reader_options);
    initialises(SLICKQ_STRUCT_READER_INFO, reader_info);
    initialises(SLICKQ_STRUCT_CONSUMER_INFO, consumer_info);
    initialises(SLICKQ_STRUCT_WORKER_OPTIONS, worker_options);
    initialises(SLICKQ_STRUCT_GROUP_INFO, group_info);
    initialises(SLICKQ_STRUCT_INSPECTION, inspection);
    initialises(SLICKQ_STRUCT_EPOCH_INFO, epoch_info);
}

TEST(Struct, OfNoKindIsRefused) {
    char memory[256];
    for (const std::uint32_t kind : {0u, SLICKQ_STRUCT_EPOCH_INFO + 1u, 0xFFFFFFFFu}) {
        EXPECT_EQ(slickq_struct_size(kind), 0u);
        EXPECT_EQ(slickq_struct_init(kind, memory, sizeof memory), SLICKQ_E_ARGUMENT);
    }
}

// A program that was made for a later version, whose struct is larger.
TEST(Struct, OfALaterVersionIsTaken) {
    alignas(8) unsigned char memory[sizeof(slickq_options) + 16];
    ASSERT_EQ(slickq_struct_init(SLICKQ_STRUCT_OPTIONS, memory, sizeof memory), SLICKQ_OK);
    slickq_options options;
    std::memcpy(&options, memory, sizeof options);
    EXPECT_EQ(options.struct_size, sizeof memory);
    options.capacity = 4;
    options.element_size = 8;
    std::memcpy(memory, &options, sizeof options);
    handle queue;
    EXPECT_EQ(slickq_queue_create_local(reinterpret_cast<const slickq_options*>(memory), queue.out()), SLICKQ_OK);
    EXPECT_EQ(slickq_struct_init(SLICKQ_STRUCT_OPTIONS, memory, 65537), SLICKQ_E_ARGUMENT);
}

// ---------------------------------------------------------------- how long a creator is waited for

slickq_status open_cursor(const std::string& name, std::int64_t timeout_ns) {
    slickq_cursor* cursor = nullptr;
    const slickq_status status = slickq_cursor_open(name.c_str(), 0, timeout_ns, &cursor);
    if (status == SLICKQ_OK) slickq_cursor_close(cursor);
    return status;
}

TEST(CreationTimeout, NoneLooksOnce) {
    const segment_name name;
    test::write_shm(name.text(), {});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(open_cursor(name.text(), SLICKQ_TIMEOUT_NONE), SLICKQ_E_NO_LENGTH);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1)) << "the default is 2 s";
}

TEST(CreationTimeout, NegativeIsForEver) {
    for (const std::int64_t timeout_ns : {std::int64_t{SLICKQ_TIMEOUT_FOREVER}, INT64_MIN}) {
        const segment_name name;
        test::write_shm(name.text(), {});
        std::thread creator([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            test::write_shm(name.text(), test::bytes(64));
        });
        EXPECT_EQ(open_cursor(name.text(), timeout_ns), SLICKQ_OK) << slickq_last_message();
        creator.join();
    }
}

} // namespace
