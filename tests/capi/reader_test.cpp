// Validated reads, readers, resets and orphans through the C API.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <thread>

namespace {

using test::info_of;
using test::message_has;
using test::options_for;
using test::queue_handle;
using test::reader_handle;
using test::segment_name;

slickq_reader_options reader_options() {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    return options;
}

slickq_reader_options from_index(std::uint64_t index) {
    slickq_reader_options options = reader_options();
    options.start = SLICKQ_START_INDEX;
    options.start_index = index;
    options.stall_ns = SLICKQ_STALL_NEVER;
    return options;
}

class Readers : public testing::Test {
protected:
    Readers() {
        const slickq_options options = options_for(8, sizeof(std::uint64_t));
        EXPECT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK);
    }
    void write(int records = 1) {
        for (; records > 0; --records) {
            std::uint64_t index = 0;
            ASSERT_EQ(slickq_queue_next_index(queue, &index), SLICKQ_OK);
            const std::uint64_t value = index * 3;
            ASSERT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK);
        }
    }
    void open(const slickq_reader_options& options) { ASSERT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK); }
    void expect_record(std::uint64_t index) {
        ASSERT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
        EXPECT_EQ(record.index, index);
        EXPECT_EQ(record.count, 1u);
        EXPECT_EQ(record.lost, 0u);
        EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), index * 3);
    }
    void expect(slickq_status status, std::uint64_t lost = 0) {
        ASSERT_EQ(slickq_reader_read(reader, &record), status);
        EXPECT_EQ(record.data, nullptr);
        EXPECT_EQ(record.count, 0u);
        EXPECT_EQ(record.lost, lost);
    }

    queue_handle queue;
    reader_handle reader;
    slickq_record record{};
};

// ---------------------------------------------------------------- wrong calls

TEST_F(Readers, RefuseWrongHandles) {
    slickq_reader_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_reader_read(nullptr, &record), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_get_info(nullptr, &info), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_close(nullptr), SLICKQ_E_NULL);

    auto* const not_a_reader = reinterpret_cast<slickq_reader*>(static_cast<slickq_queue*>(queue));
    EXPECT_EQ(slickq_reader_read(not_a_reader, &record), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_reader_get_info(not_a_reader, &info), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_reader_close(not_a_reader), SLICKQ_E_HANDLE);

    open(from_index(0));
    slickq_reader* const closed = reader;
    EXPECT_EQ(slickq_queue_validate(reinterpret_cast<slickq_queue*>(closed), 0), SLICKQ_E_HANDLE);
    EXPECT_EQ(reader.close(), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read(closed, &record), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_reader_get_info(closed, &info), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_reader_close(closed), SLICKQ_E_HANDLE);
    EXPECT_TRUE(message_has("reader"));
}

TEST_F(Readers, RefuseWrongArguments) {
    open(from_index(0));
    EXPECT_EQ(slickq_reader_read(reader, nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_get_info(reader, nullptr), SLICKQ_E_NULL);
    slickq_reader_info info{};
    EXPECT_EQ(slickq_reader_get_info(reader, &info), SLICKQ_E_ARGUMENT) << "struct_size is 0";

    const auto refused = [&](const std::function<void(slickq_reader_options&)>& spoil) {
        slickq_reader_options options = reader_options();
        spoil(options);
        reader_handle none;
        const slickq_status status = slickq_reader_open(queue, &options, none.out());
        EXPECT_EQ(none, nullptr);
        EXPECT_STRNE(slickq_last_message(), "");
        return status;
    };
    write(2);
    EXPECT_EQ(refused([](auto& o) { o.struct_size = 0; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.start = 4; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.start = SLICKQ_START_INDEX, o.start_index = 3; }), SLICKQ_E_ARGUMENT) << "not reserved";
    EXPECT_EQ(refused([](auto& o) { o.start = SLICKQ_START_INDEX, o.start_index = std::uint64_t{1} << 48; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.after_lap = 3; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.slack = 8; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.batch = 65537; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.flags = 2; }), SLICKQ_E_ARGUMENT);
}

TEST_F(Readers, InfoStructsMayBeShorterOrLonger) {
    open(from_index(0));
    write();
    expect_record(0);
    struct {
        slickq_reader_info known;
        std::uint64_t from_the_future;
    } longer{{}, 7};
    longer.known.struct_size = sizeof longer;
    EXPECT_EQ(slickq_reader_get_info(reader, &longer.known), SLICKQ_OK);
    EXPECT_EQ(longer.known.received_records, 1u);
    slickq_reader_info shorter{};
    shorter.struct_size = offsetof(slickq_reader_info, received_records);
    EXPECT_EQ(slickq_reader_get_info(reader, &shorter), SLICKQ_OK);
    EXPECT_EQ(shorter.cursor, 1u);
    EXPECT_EQ(shorter.received_records, 0u) << "beyond what the caller has";
}

// ---------------------------------------------------------------- what a reader answers

TEST_F(Readers, BeginWithNewRecordsUnlessToldOtherwise) {
    write(3);
    ASSERT_EQ(slickq_reader_open(queue, nullptr, reader.out()), SLICKQ_OK);
    expect(SLICKQ_EMPTY);
    EXPECT_EQ(record.index, 3u);
    write();
    expect_record(3);
}

TEST_F(Readers, OutliveTheQueuesHandle) {
    open(from_index(0));
    write(2);
    ASSERT_EQ(queue.close(), SLICKQ_OK);
    expect_record(0);
    expect_record(1);
    expect(SLICKQ_EMPTY);
}

TEST_F(Readers, TellTheFourAnswersApart) {
    open(from_index(0));
    expect(SLICKQ_EMPTY);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    expect(SLICKQ_PENDING);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_GE(info_of(reader).pending_ns, 1'000'000u);
    EXPECT_EQ(info_of(reader).lag, 1u);
    const std::uint64_t value = 0;
    void* element = nullptr;
    ASSERT_EQ(slickq_queue_at(queue, index, &element), SLICKQ_OK);
    std::memcpy(element, &value, sizeof value);
    ASSERT_EQ(slickq_queue_publish(queue, index, 1), SLICKQ_OK);
    expect_record(0);
    write(20); // of 8
    expect(SLICKQ_LAPPED, 20 - 7); // slack: an eighth
    for (std::uint64_t k = 14; k <= 20; ++k) expect_record(k);
    expect(SLICKQ_EMPTY);
    const slickq_reader_info info = info_of(reader);
    EXPECT_EQ(info.received_records, 8u);
    EXPECT_EQ(info.received_elements, 8u);
    EXPECT_EQ(info.lost_lapped, 13u);
    EXPECT_EQ(info.lost_gap + info.lost_torn + info.lost_reset, 0u);
    EXPECT_EQ(info.cursor, 21u);
    EXPECT_EQ(info.lag, 0u);
    EXPECT_EQ(info.pending_ns, 0u);
}

TEST_F(Readers, StepOverHoles) {
    slickq_reader_options options = from_index(0);
    options.stall_ns = 1'000'000;
    open(options);
    std::uint64_t dead = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 3, &dead), SLICKQ_OK);
    write();
    expect(SLICKQ_PENDING);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    expect(SLICKQ_GAP, 3);
    EXPECT_EQ(record.index, 3u);
    expect_record(3);
    EXPECT_EQ(info_of(reader).lost_gap, 3u);
}

TEST_F(Readers, TellResets) {
    open(from_index(0));
    write(3);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    write();
    expect(SLICKQ_RESET, 3);
    EXPECT_EQ(record.index, 0u);
    expect_record(0);
    EXPECT_EQ(info_of(reader).resets, 1u);
    EXPECT_EQ(info_of(reader).lost_reset, 3u);
}

TEST_F(Readers, TellAHalfReset) {
    open(from_index(0));
    const slickq_queue_info info = info_of(queue);
    ASSERT_NE(info.extension_offset, 0u);
    // The counter of resets is behind the extension area's marker, version and length; odd: one is under way.
    auto* const resets = reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(info.base) + info.extension_offset + 16);
    ASSERT_EQ(slickq_cell_store(resets, 1), SLICKQ_OK);
    expect(SLICKQ_EMPTY);
    std::this_thread::sleep_for(std::chrono::milliseconds(2050));
    expect(SLICKQ_E_HALF_RESET);
    EXPECT_STRNE(slickq_last_message(), "");
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    expect(SLICKQ_RESET);
}

TEST_F(Readers, GetPastACorruptSlot) {
    open(from_index(0));
    write(2);
    const slickq_queue_info info = info_of(queue);
    // A slot is 16 bytes, behind a header of 64; its count is at 8.
    *reinterpret_cast<std::uint32_t*>(static_cast<std::byte*>(info.base) + 64 + 8) = 9; // of 8
    expect(SLICKQ_E_CORRUPT, 2); // not what the slot says, but what is reserved
    EXPECT_EQ(info_of(reader).lost_torn, 2u);
    write();
    expect_record(2);
}

// ---------------------------------------------------------------- checks

TEST_F(Readers, AreNotNeededToCheckARecord) {
    write();
    std::uint64_t cursor = 0;
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_validate(queue, record.index), SLICKQ_OK);
    write(7);
    EXPECT_EQ(slickq_queue_validate(queue, record.index), SLICKQ_OK);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK); // of the same element
    EXPECT_EQ(slickq_queue_validate(queue, record.index), SLICKQ_LAPPED);

    std::array<std::uint64_t, 8> buffer{};
    cursor = 0;
    EXPECT_EQ(slickq_queue_read_copy(queue, &cursor, buffer.data(), sizeof buffer, &record), SLICKQ_LAPPED);
    EXPECT_EQ(cursor, 1u);
    EXPECT_EQ(record.lost, 1u);
    EXPECT_EQ(record.data, nullptr);
    EXPECT_EQ(slickq_queue_read_copy(queue, &cursor, buffer.data(), sizeof buffer, &record), SLICKQ_OK);
    EXPECT_EQ(buffer[0], 3u);
    std::uint64_t cell = 0;
    EXPECT_EQ(slickq_queue_read_shared_copy(queue, &cell, buffer.data(), sizeof buffer, &record), SLICKQ_LAPPED);
    EXPECT_EQ(cell, 1u);
    EXPECT_EQ(record.lost, 1u);
}

TEST(ReadersOfAReadOnlyQueue, ReadAndCheck) {
    const segment_name name;
    const slickq_options options = options_for(8, 8);
    queue_handle queue, read_only;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    slickq_options only{};
    only.struct_size = sizeof only;
    only.flags = SLICKQ_OPEN_READ_ONLY;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &only, read_only.out()), SLICKQ_OK);
    reader_handle reader;
    ASSERT_EQ(slickq_reader_open(read_only, nullptr, reader.out()), SLICKQ_OK);
    const std::uint64_t value = 42;
    ASSERT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK);
    slickq_record record{};
    ASSERT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 42u);
    EXPECT_EQ(slickq_queue_validate(read_only, record.index), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_RESET);
}

// ---------------------------------------------------------------- orphans

std::uint32_t name_state(slickq_queue* queue) {
    std::uint32_t state = 99;
    EXPECT_EQ(slickq_queue_name_state(queue, &state), SLICKQ_OK);
    return state;
}

TEST(Orphans, KnowAndReattach) {
    const segment_name name;
    const slickq_options options = options_for(8, 8);
    queue_handle queue;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    EXPECT_EQ(name_state(queue), static_cast<std::uint32_t>(SLICKQ_NAME_OURS));
    ASSERT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
    EXPECT_EQ(name_state(queue), static_cast<std::uint32_t>(SLICKQ_NAME_GONE));
    queue_handle fresh;
    EXPECT_EQ(slickq_queue_reattach(queue, fresh.out()), SLICKQ_E_NOT_FOUND);

    queue_handle successor;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, successor.out()), SLICKQ_OK);
    EXPECT_EQ(name_state(queue), static_cast<std::uint32_t>(SLICKQ_NAME_TAKEN));
    EXPECT_EQ(name_state(successor), static_cast<std::uint32_t>(SLICKQ_NAME_OURS));
    ASSERT_EQ(slickq_queue_reattach(queue, fresh.out()), SLICKQ_OK);
    EXPECT_EQ(name_state(fresh), static_cast<std::uint32_t>(SLICKQ_NAME_OURS));
    const std::uint64_t value = 5;
    ASSERT_EQ(slickq_queue_write(successor, &value, 1, nullptr), SLICKQ_OK);
    std::uint64_t cursor = 0;
    slickq_record record{};
    EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_EMPTY) << "it stays as it was";
    EXPECT_EQ(slickq_queue_read(fresh, &cursor, &record), SLICKQ_OK);
}

TEST(Orphans, ReattachAsTheyWereOpened) {
    const segment_name name;
    slickq_options options = options_for(8, 8);
    queue_handle queue, reader, successor, fresh;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    options.flags = SLICKQ_OPEN_READ_ONLY;
    options.timeout_ns = SLICKQ_TIMEOUT_NONE;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, reader.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
    const slickq_options other = options_for(16, 8);
    ASSERT_EQ(slickq_queue_create(name.c_str(), &other, successor.out()), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_reattach(reader, fresh.out()), SLICKQ_E_MISMATCH);
    successor.close();
    ASSERT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
    options.flags = 0;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, successor.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reattach(reader, fresh.out()), SLICKQ_OK);
    EXPECT_NE(info_of(fresh).flags & SLICKQ_INFO_READ_ONLY, 0u);
}

TEST(Orphans, AreNeverLocal) {
    const slickq_options options = options_for(8, 8);
    queue_handle queue, fresh;
    ASSERT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK);
    std::uint32_t state = 0;
    EXPECT_EQ(slickq_queue_name_state(queue, &state), SLICKQ_E_UNSUPPORTED);
    EXPECT_EQ(slickq_queue_reattach(queue, fresh.out()), SLICKQ_E_UNSUPPORTED);
}

} // namespace
