// The C API as a caller meets it: every wrong call has its own answer, every right one does what the header says.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"
#include "support/shm_file.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace {

using test::options_for;
using test::segment_name;
using handle = test::queue_handle;
using test::info_of;
using test::message_has;

// ---------------------------------------------------------------- version and platform

TEST(CApi, VersionsAgreeWithTheHeader) {
    EXPECT_EQ(slickq_version(), static_cast<std::uint32_t>(SLICKQ_VERSION_NUMBER));
    EXPECT_EQ(slickq_abi_version(), static_cast<std::uint32_t>(SLICKQ_ABI_VERSION));
    const std::string expected = std::to_string(SLICKQ_VERSION_MAJOR) + "." + std::to_string(SLICKQ_VERSION_MINOR) + "." +
                                 std::to_string(SLICKQ_VERSION_PATCH);
    EXPECT_EQ(slickq_version_string(), expected);
}

TEST(CApi, TellsWhatThePlatformSupports) {
    const char* sentence = nullptr;
    EXPECT_EQ(slickq_platform_check(SLICKQ_LAYOUT_ANY, &sentence), SLICKQ_OK);
    ASSERT_NE(sentence, nullptr);
    EXPECT_GT(std::strlen(sentence), 10u);
    EXPECT_EQ(slickq_platform_check(SLICKQ_LAYOUT_SLQ1, nullptr), SLICKQ_OK);
    EXPECT_EQ(slickq_platform_check(7, &sentence), SLICKQ_E_ARGUMENT);
}

TEST(CApi, NamesLayouts) {
    EXPECT_STREQ(slickq_layout_name(SLICKQ_LAYOUT_SLQ3), "SLQ3");
    EXPECT_STREQ(slickq_layout_name(SLICKQ_LAYOUT_WIDE), "wide");
    EXPECT_STREQ(slickq_layout_name(99), "unknown");
}

// ---------------------------------------------------------------- wrong handles and arguments

// Every function that takes a queue, with arguments that are right.
struct call {
    const char* name;
    std::function<slickq_status(slickq_queue*)> make;
};

using identity = std::array<std::uint8_t, 16>;
template <class Info>
identity identity_of(const Info& info) {
    identity copy;
    std::copy(std::begin(info.identity), std::end(info.identity), copy.begin());
    return copy;
}

std::vector<call> all_queue_calls() {
    static std::uint64_t number;
    static std::uint64_t cell;
    static void* pointer;
    static slickq_record record;
    static std::array<std::byte, 64> buffer;
    static slickq_reader* reader;
    static slickq_queue* other;
    static std::uint32_t state;
    static slickq_queue_info info;
    info.struct_size = sizeof info;
    number = cell = 0;
    return {
        {"get_info", [](slickq_queue* q) { return slickq_queue_get_info(q, &info); }},
        {"reserve", [](slickq_queue* q) { return slickq_queue_reserve(q, 1, &number); }},
        {"at", [](slickq_queue* q) { return slickq_queue_at(q, 0, &pointer); }},
        {"publish", [](slickq_queue* q) { return slickq_queue_publish(q, 0, 1); }},
        {"write", [](slickq_queue* q) { return slickq_queue_write(q, buffer.data(), 1, &number); }},
        {"write_batch", [](slickq_queue* q) { return slickq_queue_write_batch(q, buffer.data(), nullptr, 1, &state); }},
        {"write_batch_until", [](slickq_queue* q) { return slickq_queue_write_batch_until(q, buffer.data(), nullptr, 1, 0, &state); }},
        {"read_batch", [](slickq_queue* q) { return slickq_queue_read_batch(q, &cell, &record, 1, &state); }},
        {"start", [](slickq_queue* q) { return slickq_queue_cursor_at(q, SLICKQ_START_OLDEST, &number); }},
        {"next_index", [](slickq_queue* q) { return slickq_queue_next_index(q, &number); }},
        {"read", [](slickq_queue* q) { return slickq_queue_read(q, &cell, &record); }},
        {"read_copy", [](slickq_queue* q) { return slickq_queue_read_copy(q, &cell, buffer.data(), buffer.size(), &record); }},
        {"read_shared", [](slickq_queue* q) { return slickq_queue_read_shared(q, &cell, &record); }},
        {"read_shared_copy",
         [](slickq_queue* q) { return slickq_queue_read_shared_copy(q, &cell, buffer.data(), buffer.size(), &record); }},
        {"read_last", [](slickq_queue* q) { return slickq_queue_read_last(q, &record); }},
        {"loss_count", [](slickq_queue* q) { return slickq_queue_loss_count(q, &number); }},
        {"check", [](slickq_queue* q) { return slickq_queue_validate(q, 0); }},
        {"reader_open", [](slickq_queue* q) { return slickq_reader_open(q, nullptr, &reader); }},
        {"name_state", [](slickq_queue* q) { return slickq_queue_name_state(q, &state); }},
        {"reattach", [](slickq_queue* q) { return slickq_queue_reattach(q, &other); }},
        {"reset", [](slickq_queue* q) { return slickq_queue_reset(q); }},
        {"close", [](slickq_queue* q) { return slickq_queue_close(q); }},
    };
}

TEST(CApi, RefusesANullHandle) {
    for (const call& c : all_queue_calls()) EXPECT_EQ(c.make(nullptr), SLICKQ_E_NULL) << c.name;
    std::uint64_t* cell = nullptr;
    EXPECT_EQ(slickq_cursor_cell(nullptr, &cell), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_cursor_close(nullptr), SLICKQ_E_NULL);
}

TEST(CApi, RefusesAClosedHandle) {
    const slickq_options options = options_for(8, 8);
    slickq_queue* queue = nullptr;
    ASSERT_EQ(slickq_queue_create_local(&options, &queue), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_close(queue), SLICKQ_OK);
    slickq_queue* next = nullptr; // whatever takes its place is not reached through it
    ASSERT_EQ(slickq_queue_create_local(&options, &next), SLICKQ_OK);
    for (const call& c : all_queue_calls()) EXPECT_EQ(c.make(queue), SLICKQ_E_HANDLE) << c.name;
    EXPECT_EQ(slickq_queue_close(next), SLICKQ_OK);
}

TEST(CApi, RefusesWhatNeverWasAHandle) {
    int object = 0;
    for (const call& c : all_queue_calls()) {
        EXPECT_EQ(c.make(reinterpret_cast<slickq_queue*>(&object)), SLICKQ_E_HANDLE) << c.name;
        EXPECT_EQ(c.make(reinterpret_cast<slickq_queue*>(std::uintptr_t{0xdeadbeef})), SLICKQ_E_HANDLE) << c.name;
    }
    const segment_name name;
    slickq_cursor* cursor = nullptr;
    ASSERT_EQ(slickq_cursor_create(name.c_str(), 0, 0, &cursor), SLICKQ_OK);
    for (const call& c : all_queue_calls()) {
        EXPECT_EQ(c.make(reinterpret_cast<slickq_queue*>(cursor)), SLICKQ_E_HANDLE) << c.name << " of a cursor";
    }
    EXPECT_EQ(slickq_cursor_close(cursor), SLICKQ_OK);
}

TEST(CApi, RefusesNullArguments) {
    handle q;
    const slickq_options options = options_for(8, 8);
    ASSERT_EQ(slickq_queue_create_local(&options, q.out()), SLICKQ_OK);
    std::uint64_t cursor = 0;
    slickq_record record{};
    char buffer[64];
    const slickq_status answers[] = {
        slickq_queue_create_local(nullptr, q.out()),
        slickq_queue_create_local(&options, nullptr),
        slickq_queue_create(nullptr, &options, q.out()),
        slickq_queue_create("/x", nullptr, q.out()),
        slickq_queue_create("/x", &options, nullptr),
        slickq_queue_open(nullptr, &options, q.out()),
        slickq_queue_open("/x", &options, nullptr),
        slickq_queue_open_or_create(nullptr, &options, q.out()),
        slickq_queue_open_or_create("/x", nullptr, q.out()),
        slickq_segment_remove(nullptr),
        slickq_queue_get_info(q, nullptr),
        slickq_queue_reserve(q, 1, nullptr),
        slickq_queue_at(q, 0, nullptr),
        slickq_queue_write(q, nullptr, 1, nullptr),
        slickq_queue_cursor_at(q, 0, nullptr),
        slickq_queue_next_index(q, nullptr),
        slickq_queue_read(q, nullptr, &record),
        slickq_queue_read(q, &cursor, nullptr),
        slickq_queue_read_copy(q, nullptr, buffer, 64, &record),
        slickq_queue_read_copy(q, &cursor, nullptr, 64, &record),
        slickq_queue_read_copy(q, &cursor, buffer, 64, nullptr),
        slickq_queue_read_shared(q, nullptr, &record),
        slickq_queue_read_shared(q, &cursor, nullptr),
        slickq_queue_read_shared_copy(q, nullptr, buffer, 64, &record),
        slickq_queue_read_shared_copy(q, &cursor, nullptr, 64, &record),
        slickq_queue_read_shared_copy(q, &cursor, buffer, 64, nullptr),
        slickq_queue_read_last(q, nullptr),
        slickq_queue_loss_count(q, nullptr),
        slickq_reader_open(q, nullptr, nullptr),
        slickq_queue_name_state(q, nullptr),
        slickq_queue_reattach(q, nullptr),
        slickq_cell_load(nullptr, &cursor),
        slickq_cell_load(&cursor, nullptr),
        slickq_cell_store(nullptr, 0),
        slickq_cell_compare_exchange(nullptr, &cursor, 0),
        slickq_cell_compare_exchange(&cursor, nullptr, 0),
        slickq_cursor_create(nullptr, 0, 0, nullptr),
        slickq_cursor_open(nullptr, 0, 0, nullptr),
        slickq_cursor_open_or_create("/x", 0, 0, 0, nullptr),
        slickq_segment_inspect(nullptr, 0, nullptr),
        slickq_segment_inspect("/x", 0, nullptr),
    };
    for (std::size_t i = 0; i < std::size(answers); ++i) EXPECT_EQ(answers[i], SLICKQ_E_NULL) << "case " << i;
}

TEST(CApi, RefusesOptionsThatNoQueueHas) {
    const auto refused = [](const std::function<void(slickq_options&)>& spoil) {
        slickq_options options = options_for(16, 8);
        spoil(options);
        slickq_queue* queue = nullptr;
        const slickq_status status = slickq_queue_create_local(&options, &queue);
        EXPECT_EQ(queue, nullptr);
        EXPECT_STRNE(slickq_last_message(), "");
        return status;
    };
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 0; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 15; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 0xC0000000; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.element_size = 0; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.items_per_slot = 3; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.items_per_slot = 32; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.layout = 7; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.layout = SLICKQ_LAYOUT_SLQ3; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.layout = SLICKQ_LAYOUT_SLQ1, o.items_per_slot = 2; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.layout = SLICKQ_LAYOUT_WIDE, o.items_per_slot = 2; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.flags = SLICKQ_OPEN_READ_ONLY; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.flags = 0x80000000; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.reserved = 1; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.permissions = 01777; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.struct_size = 0; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 1u << 31, o.element_size = 0xFFFFFFFF; }), SLICKQ_E_ARGUMENT);
    EXPECT_NE(std::string(slickq_last_message()).find("2147483648 elements of 4294967295 bytes"), std::string::npos) << slickq_last_message();
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 1u << 31, o.element_size = 0x7FFFFFFF; }), SLICKQ_E_NO_MEMORY);
}

TEST(CApi, OptionStructsMayGrowAndShrink) {
    struct {
        slickq_options known;
        std::uint64_t from_the_future;
    } larger{options_for(16, 8), 0};
    larger.known.struct_size = sizeof larger;
    handle q;
    EXPECT_EQ(slickq_queue_create_local(&larger.known, q.out()), SLICKQ_OK) << "unknown fields are zero";
    larger.from_the_future = 1;
    slickq_queue* refused = nullptr;
    EXPECT_EQ(slickq_queue_create_local(&larger.known, &refused), SLICKQ_E_ARGUMENT);

    slickq_options smaller = options_for(16, 8);
    smaller.struct_size = offsetof(slickq_options, items_per_slot); // as an older header had it
    smaller.items_per_slot = 3;                                     // not part of it
    handle old;
    EXPECT_EQ(slickq_queue_create_local(&smaller, old.out()), SLICKQ_OK);

    slickq_queue_info info{};
    info.struct_size = offsetof(slickq_queue_info, element_size);
    info.element_size = 77;
    EXPECT_EQ(slickq_queue_get_info(q, &info), SLICKQ_OK);
    EXPECT_EQ(info.capacity, 16u);
    EXPECT_EQ(info.element_size, 77u) << "beyond what the caller has room for";
}

TEST(CApi, RefusesBadCountsAndPositions) {
    handle q;
    const slickq_options options = options_for(8, 8);
    ASSERT_EQ(slickq_queue_create_local(&options, q.out()), SLICKQ_OK);
    std::uint64_t index = 42;
    EXPECT_EQ(slickq_queue_reserve(q, 0, &index), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_reserve(q, 9, &index), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(index, 42u);
    EXPECT_EQ(slickq_queue_publish(q, 0, 0), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_publish(q, 0, 9), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_publish(q, 0, 1), SLICKQ_E_NOT_RESERVED);
    EXPECT_EQ(slickq_queue_write(q, &index, 0, nullptr), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_cursor_at(q, 3, &index), SLICKQ_E_ARGUMENT);
    alignas(8) char unaligned[16];
    slickq_record record{};
    auto* cell = reinterpret_cast<std::uint64_t*>(unaligned + 4);
    EXPECT_EQ(slickq_queue_read_shared(q, cell, &record), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_cell_store(cell, 0), SLICKQ_E_ARGUMENT);
}

// ---------------------------------------------------------------- life

TEST(CApi, NamesTakeOneLeadingSlash) {
    const slickq_options options = options_for(8, 8);
    slickq_queue* refused = nullptr;
    for (const char* bad : {"", "/", "a/b", "/a/b", "//a", ".", "..", "/.."}) {
        EXPECT_EQ(slickq_queue_create(bad, &options, &refused), SLICKQ_E_NAME) << bad;
        EXPECT_EQ(slickq_queue_open(bad, nullptr, &refused), SLICKQ_E_NAME) << bad;
        EXPECT_EQ(slickq_segment_remove(bad), SLICKQ_E_NAME) << bad;
    }
    EXPECT_EQ(slickq_queue_create(std::string(300, 'n').c_str(), &options, &refused), SLICKQ_E_NAME);
    EXPECT_EQ(slickq_queue_create(std::string(255, 'n').c_str(), nullptr, &refused), SLICKQ_E_NULL);

    const segment_name name;
    handle made, found;
    ASSERT_EQ(slickq_queue_create(name.c_str() + 1, &options, made.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_open(name.c_str(), nullptr, found.out()), SLICKQ_OK);
    EXPECT_STREQ(info_of(made).name, name.c_str());
    EXPECT_STREQ(info_of(found).name, name.c_str());
}

TEST(CApi, CreatesOpensAndRemoves) {
    const segment_name name;
    const slickq_options options = options_for(16, 24);
    slickq_queue* refused = nullptr;
    EXPECT_EQ(slickq_queue_open(name.c_str(), nullptr, &refused), SLICKQ_E_NOT_FOUND);
    EXPECT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_E_NOT_FOUND);
    {
        handle q;
        ASSERT_EQ(slickq_queue_create(name.c_str(), &options, q.out()), SLICKQ_OK);
        EXPECT_EQ(info_of(q).flags, SLICKQ_INFO_CREATOR | SLICKQ_INFO_SHARED);
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, &refused), SLICKQ_E_EXISTS);
        EXPECT_TRUE(message_has(name.text()));
    }
    handle opened, same;
    ASSERT_EQ(slickq_queue_open(name.c_str(), nullptr, opened.out()), SLICKQ_OK) << "closing does not remove";
    ASSERT_EQ(slickq_queue_open_or_create(name.c_str(), &options, same.out()), SLICKQ_OK);
    const slickq_queue_info info = info_of(opened);
    EXPECT_EQ(info.flags, SLICKQ_INFO_SHARED);
    EXPECT_EQ(info.layout, static_cast<std::uint32_t>(SLICKQ_LAYOUT_SLQ1));
    EXPECT_EQ(info.capacity, 16u);
    EXPECT_EQ(info.element_size, 24u);
    EXPECT_EQ(info.items_per_slot, 1u);
    EXPECT_EQ(info.slot_count, 16u);
    EXPECT_EQ(info.data_offset, 64u + 16 * 16);
    EXPECT_EQ(info.length, 704u + 11264u) << "the elements, up to a multiple of 64, and the extension area";
    EXPECT_EQ(identity_of(info), identity_of(info_of(same)));
    EXPECT_NE(identity_of(info), identity());
    EXPECT_GT(info.created_ns, 1'700'000'000'000'000'000) << "nanoseconds since 1970";

    ASSERT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
    std::uint64_t index = 0;
    EXPECT_EQ(slickq_queue_write(opened, std::string(24, 'x').c_str(), 1, &index), SLICKQ_OK) << "who has it goes on";
    EXPECT_EQ(slickq_queue_open(name.c_str(), nullptr, &refused), SLICKQ_E_NOT_FOUND);

    handle anew;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, anew.out()), SLICKQ_OK);
    EXPECT_NE(identity_of(info_of(anew)), identity_of(info)) << "the same name, another queue";
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    ASSERT_EQ(slickq_segment_inspect(name.c_str(), 0, &seen), SLICKQ_OK);
    EXPECT_EQ(identity_of(seen), identity_of(info_of(anew)));
    EXPECT_EQ(seen.created_ns, info_of(anew).created_ns);
}

TEST(CApi, AWideSegmentHasNoIdentity) {
    slickq_options options = options_for(16, 24);
    options.layout = SLICKQ_LAYOUT_WIDE;
    handle q;
    ASSERT_EQ(slickq_queue_create_local(&options, q.out()), SLICKQ_OK);
    EXPECT_EQ(identity_of(info_of(q)), identity());
    EXPECT_EQ(info_of(q).created_ns, 0);
}

TEST(CApi, RefusalsNameBothSidesValues) {
    const segment_name name;
    const slickq_options options = options_for(16, 24);
    handle q;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, q.out()), SLICKQ_OK);
    const auto refused = [&](const std::function<void(slickq_options&)>& ask) {
        slickq_options other{};
        other.struct_size = sizeof other;
        ask(other);
        slickq_queue* queue = nullptr;
        const slickq_status status = slickq_queue_open(name.c_str(), &other, &queue);
        EXPECT_EQ(queue, nullptr);
        return status;
    };
    EXPECT_EQ(refused([](slickq_options& o) { o.capacity = 32; }), SLICKQ_E_MISMATCH);
    EXPECT_TRUE(message_has("16") && message_has("32")) << slickq_last_message();
    EXPECT_EQ(refused([](slickq_options& o) { o.element_size = 8; }), SLICKQ_E_MISMATCH);
    EXPECT_TRUE(message_has("24") && message_has("8")) << slickq_last_message();
    EXPECT_EQ(refused([](slickq_options& o) { o.items_per_slot = 2; }), SLICKQ_E_MISMATCH);
    EXPECT_TRUE(message_has("items per slot is 1") && message_has("2")) << slickq_last_message();
    EXPECT_EQ(refused([](slickq_options& o) { o.layout = SLICKQ_LAYOUT_SLQ0; }), SLICKQ_E_MISMATCH);
    EXPECT_TRUE(message_has("SLQ1") && message_has("SLQ0")) << slickq_last_message();
    slickq_queue* queue = nullptr;
    const slickq_options larger = options_for(32, 24);
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &larger, &queue), SLICKQ_E_MISMATCH);
}

TEST(CApi, AdoptsEveryLayout) {
    for (std::uint32_t layout = SLICKQ_LAYOUT_SLQ0; layout <= SLICKQ_LAYOUT_WIDE; ++layout) {
        const segment_name name;
        slickq_options options = options_for(16, 8);
        options.layout = layout;
        if (layout == SLICKQ_LAYOUT_SLQ2 || layout == SLICKQ_LAYOUT_SLQ3) options.items_per_slot = 4;
        handle made, found;
        ASSERT_EQ(slickq_queue_create(name.c_str(), &options, made.out()), SLICKQ_OK) << slickq_last_message();
        slickq_options nothing{};
        nothing.struct_size = sizeof nothing;
        if (layout == SLICKQ_LAYOUT_WIDE) {
            slickq_queue* refused = nullptr;
            EXPECT_EQ(slickq_queue_open(name.c_str(), &nothing, &refused), SLICKQ_E_ARGUMENT);
            EXPECT_TRUE(message_has("element size"));
            nothing.element_size = 8;
        }
        ASSERT_EQ(slickq_queue_open(name.c_str(), &nothing, found.out()), SLICKQ_OK) << slickq_last_message();
        EXPECT_EQ(info_of(found).layout, layout);
        EXPECT_EQ(info_of(found).capacity, 16u);

        const std::uint64_t written = 0x1234567890abcdef;
        ASSERT_EQ(slickq_queue_write(made, &written, 1, nullptr), SLICKQ_OK);
        std::uint64_t cursor = 0, got = 0;
        slickq_record record{};
        ASSERT_EQ(slickq_queue_read_copy(found, &cursor, &got, sizeof got, &record), SLICKQ_OK);
        EXPECT_EQ(got, written);
    }
}

TEST(CApi, ChoosesSlq3ForSeveralItemsPerSlot) {
    handle q;
    slickq_options options = options_for(16, 8);
    options.items_per_slot = 4;
    ASSERT_EQ(slickq_queue_create_local(&options, q.out()), SLICKQ_OK);
    EXPECT_EQ(info_of(q).layout, static_cast<std::uint32_t>(SLICKQ_LAYOUT_SLQ3));
    EXPECT_EQ(info_of(q).slot_count, 4u);
    EXPECT_EQ(info_of(q).flags, SLICKQ_INFO_CREATOR);
    EXPECT_STREQ(info_of(q).name, "");
}

TEST(CApi, ReadOnlyHandlesReadAndDoNotWrite) {
    const segment_name name;
    const slickq_options options = options_for(16, 8);
    handle writer, reader;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, writer.out()), SLICKQ_OK);
    slickq_options read_only{};
    read_only.struct_size = sizeof read_only;
    read_only.flags = SLICKQ_OPEN_READ_ONLY;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &read_only, reader.out()), SLICKQ_OK);
    EXPECT_EQ(info_of(reader).flags, SLICKQ_INFO_SHARED | SLICKQ_INFO_READ_ONLY);

    const std::uint64_t written = 7;
    ASSERT_EQ(slickq_queue_write(writer, &written, 1, nullptr), SLICKQ_OK);
    std::uint64_t cursor = 0, number = 0;
    slickq_record record{};
    ASSERT_EQ(slickq_queue_read(reader, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 7u);
    ASSERT_EQ(slickq_queue_read_last(reader, &record), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_cursor_at(reader, SLICKQ_START_OLDEST, &number), SLICKQ_OK);

    EXPECT_EQ(slickq_queue_reserve(reader, 1, &number), SLICKQ_E_READ_ONLY);
    EXPECT_EQ(slickq_queue_publish(reader, 0, 1), SLICKQ_E_READ_ONLY);
    EXPECT_EQ(slickq_queue_write(reader, &written, 1, nullptr), SLICKQ_E_READ_ONLY);
    EXPECT_EQ(slickq_queue_reset(reader), SLICKQ_E_READ_ONLY);
}

TEST(CApi, PermissionsAreTheUmasksOrExact) {
    const mode_t before = ::umask(027);
    const slickq_options by_default = options_for(8, 8);
    slickq_options exact = by_default;
    exact.permissions = 0666;
    const segment_name a, b;
    handle first, second;
    ASSERT_EQ(slickq_queue_create(a.c_str(), &by_default, first.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_create(b.c_str(), &exact, second.out()), SLICKQ_OK);
    ::umask(before);
    EXPECT_EQ(test::stat_shm(a.text()).st_mode & 0777, 0640u);
    EXPECT_EQ(test::stat_shm(b.text()).st_mode & 0777, 0666u);
}

TEST(CApi, MemoryIsAllocatedAtCreation) {
    const segment_name name;
    const slickq_options options = options_for(1 << 16, 64);
    handle q;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, q.out()), SLICKQ_OK);
    const struct stat status = test::stat_shm(name.text());
    EXPECT_GE(status.st_blocks * 512, status.st_size);
}

// ---------------------------------------------------------------- operations

class Operations : public testing::Test {
protected:
    void SetUp() override {
        const slickq_options options = options_for(8, 4);
        ASSERT_EQ(slickq_queue_create_local(&options, q_.out()), SLICKQ_OK);
    }
    void write(std::initializer_list<std::uint32_t> elements) {
        ASSERT_EQ(slickq_queue_write(q_, elements.begin(), static_cast<std::uint32_t>(elements.size()), nullptr), SLICKQ_OK);
    }

    handle q_;
    std::uint64_t cursor_ = 0;
    slickq_record record_{};
};

TEST_F(Operations, ReserveWritePublishRead) {
    std::uint64_t index = 99;
    void* elements = nullptr;
    ASSERT_EQ(slickq_queue_reserve(q_, 3, &index), SLICKQ_OK);
    EXPECT_EQ(index, 0u);
    ASSERT_EQ(slickq_queue_at(q_, index, &elements), SLICKQ_OK);
    std::memcpy(elements, "abcdefghijkl", 12);
    EXPECT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_EMPTY) << "not before it is published";
    ASSERT_EQ(slickq_queue_publish(q_, index, 3), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_OK);
    EXPECT_EQ(record_.data, elements) << "zero-copy";
    EXPECT_EQ(record_.index, 0u);
    EXPECT_EQ(record_.count, 3u);
    EXPECT_EQ(record_.lost, 0u);
    EXPECT_EQ(cursor_, 3u);
}

TEST_F(Operations, CopyingReadsKeepWhatDoesNotFit) {
    write({1, 2, 3});
    std::uint32_t buffer[3] = {};
    alignas(8) std::uint64_t cell = 0;
    EXPECT_EQ(slickq_queue_read_copy(q_, &cursor_, buffer, 11, &record_), SLICKQ_E_BUFFER);
    EXPECT_EQ(record_.count, 3u);
    EXPECT_EQ(cursor_, 0u);
    record_.count = 0;
    EXPECT_EQ(slickq_queue_read_shared_copy(q_, &cell, buffer, 11, &record_), SLICKQ_E_BUFFER);
    EXPECT_EQ(record_.count, 3u);
    EXPECT_EQ(cell, 0u);
    EXPECT_EQ(buffer[0], 0u);
    ASSERT_EQ(slickq_queue_read_copy(q_, &cursor_, buffer, 12, &record_), SLICKQ_OK);
    EXPECT_EQ(record_.data, buffer);
    EXPECT_EQ(buffer[2], 3u);
    ASSERT_EQ(slickq_queue_read_shared_copy(q_, &cell, buffer, 12, &record_), SLICKQ_OK);
    EXPECT_EQ(cell, 3u);
}

TEST_F(Operations, LossesAreCountedPerHandleAndRecord) {
    for (std::uint32_t k = 0; k < 20; ++k) write({k});
    ASSERT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_OK);
    EXPECT_EQ(record_.lost, 16u) << "the peers skip whole laps";
    std::uint64_t lost = 0;
    ASSERT_EQ(slickq_queue_loss_count(q_, &lost), SLICKQ_OK);
    EXPECT_EQ(lost, 16u);
}

TEST_F(Operations, StalePublishHasItsOwnStatus) {
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(q_, 1, &index), SLICKQ_OK);
    for (std::uint32_t k = 0; k < 8; ++k) write({k});
    EXPECT_EQ(slickq_queue_publish(q_, index, 1), SLICKQ_E_STALE);
    cursor_ = 8;
    ASSERT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_OK);
    EXPECT_EQ(record_.index, 8u) << "the newer record stays";
}

TEST_F(Operations, StartsWhereAsked) {
    const auto start = [&](std::uint32_t where) {
        std::uint64_t cursor = 0;
        EXPECT_EQ(slickq_queue_cursor_at(q_, where, &cursor), SLICKQ_OK);
        return cursor;
    };
    EXPECT_EQ(start(SLICKQ_START_NEWEST), 0u);
    for (std::uint32_t k = 0; k < 20; ++k) write({k});
    EXPECT_EQ(start(SLICKQ_START_NOW), 20u);
    EXPECT_EQ(start(SLICKQ_START_NEWEST), 19u);
    EXPECT_EQ(start(SLICKQ_START_OLDEST), 12u);
    std::uint64_t index = 0;
    EXPECT_EQ(slickq_queue_next_index(q_, &index), SLICKQ_OK);
    EXPECT_EQ(index, 20u);
}

TEST_F(Operations, ReadLastAndReset) {
    EXPECT_EQ(slickq_queue_read_last(q_, &record_), SLICKQ_EMPTY);
    write({1});
    write({2, 3});
    ASSERT_EQ(slickq_queue_read_last(q_, &record_), SLICKQ_OK);
    EXPECT_EQ(record_.index, 1u);
    EXPECT_EQ(record_.count, 2u);
    ASSERT_EQ(slickq_queue_reset(q_), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_read_last(q_, &record_), SLICKQ_EMPTY);
    EXPECT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_EMPTY);
}

TEST_F(Operations, ReadLastIsUnsupportedWithoutItsIndex) {
    handle slq0;
    slickq_options options = options_for(8, 4);
    options.layout = SLICKQ_LAYOUT_SLQ0;
    ASSERT_EQ(slickq_queue_create_local(&options, slq0.out()), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_read_last(slq0, &record_), SLICKQ_E_UNSUPPORTED);
    EXPECT_TRUE(message_has("SLQ0"));
}

TEST_F(Operations, ADamagedSlotIsReportedAndPassed) {
    write({1, 2});
    write({3});
    auto* base = static_cast<std::byte*>(info_of(q_).base);
    const std::uint32_t hostile = 0xFFFFFFFF;
    std::memcpy(base + 64 + 8, &hostile, sizeof hostile);
    EXPECT_EQ(slickq_queue_read(q_, &cursor_, &record_), SLICKQ_E_CORRUPT);
    EXPECT_EQ(record_.count, 8u) << "clamped to the ring";
    EXPECT_EQ(cursor_, 3u) << "what is reserved";
    write({4});
    std::uint32_t buffer[8];
    std::uint64_t again = 0;
    EXPECT_EQ(slickq_queue_read_copy(q_, &again, buffer, sizeof buffer, &record_), SLICKQ_E_CORRUPT);
}

// ---------------------------------------------------------------- shared cursors

TEST(CApi, CellsAreAtomicWords) {
    alignas(8) std::uint64_t cell = 5;
    std::uint64_t value = 0;
    EXPECT_EQ(slickq_cell_load(&cell, &value), SLICKQ_OK);
    EXPECT_EQ(value, 5u);
    EXPECT_EQ(slickq_cell_store(&cell, 6), SLICKQ_OK);
    EXPECT_EQ(slickq_cell_compare_exchange(&cell, &value, 9), SLICKQ_CHANGED);
    EXPECT_EQ(value, 6u);
    EXPECT_EQ(slickq_cell_compare_exchange(&cell, &value, 9), SLICKQ_OK);
    EXPECT_EQ(cell, 9u);
}

TEST(CApi, NamedCursorsAreSharedCells) {
    const segment_name name;
    slickq_cursor *made = nullptr, *found = nullptr, *refused = nullptr;
    EXPECT_EQ(slickq_cursor_open(name.c_str(), 0, 0, &refused), SLICKQ_E_NOT_FOUND);
    ASSERT_EQ(slickq_cursor_create(name.c_str(), 0, 0, &made), SLICKQ_OK);
    EXPECT_EQ(test::stat_shm(name.text()).st_size, 8) << "as SharedMemory(name, size=8)";
    EXPECT_EQ(slickq_cursor_create(name.c_str(), 0, 0, &refused), SLICKQ_E_EXISTS);
    ASSERT_EQ(slickq_cursor_open_or_create(name.c_str(), 0, 0, 0, &found), SLICKQ_OK);
    std::uint64_t *a = nullptr, *b = nullptr, value = 1;
    ASSERT_EQ(slickq_cursor_cell(made, &a), SLICKQ_OK);
    ASSERT_EQ(slickq_cursor_cell(found, &b), SLICKQ_OK);
    EXPECT_EQ(slickq_cell_load(a, &value), SLICKQ_OK);
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(slickq_cell_store(a, 77), SLICKQ_OK);
    EXPECT_EQ(slickq_cell_load(b, &value), SLICKQ_OK);
    EXPECT_EQ(value, 77u);
    EXPECT_EQ(slickq_cursor_open(name.c_str(), 8, 0, &refused), SLICKQ_E_TRUNCATED);
    EXPECT_EQ(slickq_cursor_open(name.c_str(), 4, 0, &refused), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_cursor_close(made), SLICKQ_OK);
    EXPECT_EQ(slickq_cursor_close(made), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_cursor_close(found), SLICKQ_OK);
}

TEST(CApi, NamedCursorsLieAtAnOffset) {
    const segment_name name;
    slickq_cursor *first = nullptr, *third = nullptr;
    ASSERT_EQ(slickq_cursor_create(name.c_str(), 16, 0, &third), SLICKQ_OK);
    ASSERT_EQ(slickq_cursor_open(name.c_str(), 0, 0, &first), SLICKQ_OK);
    std::uint64_t* cell = nullptr;
    ASSERT_EQ(slickq_cursor_cell(third, &cell), SLICKQ_OK);
    ASSERT_EQ(slickq_cell_store(cell, 3), SLICKQ_OK);
    EXPECT_EQ(test::read_shm(name.text())[16], std::byte{3});
    EXPECT_EQ(slickq_cursor_close(first), SLICKQ_OK);
    EXPECT_EQ(slickq_cursor_close(third), SLICKQ_OK);
}

TEST(CApi, ACursorWithoutLengthIsWaitedForAndReported) {
    const segment_name name;
    test::write_shm(name.text(), {});
    slickq_cursor* refused = nullptr;
    EXPECT_EQ(slickq_cursor_open(name.c_str(), 0, 1000000, &refused), SLICKQ_E_NO_LENGTH);
}

// ---------------------------------------------------------------- inspection

TEST(CApi, InspectsAQueue) {
    const segment_name name;
    const slickq_options options = options_for(8, 4);
    handle q;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, q.out()), SLICKQ_OK);
    const std::uint32_t elements[2] = {1, 2};
    for (int k = 0; k < 6; ++k) ASSERT_EQ(slickq_queue_write(q, elements, 2, nullptr), SLICKQ_OK);
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    ASSERT_EQ(slickq_segment_inspect(name.c_str(), 0, &seen), SLICKQ_OK);
    EXPECT_EQ(seen.verdict, SLICKQ_OK);
    EXPECT_EQ(seen.layout, static_cast<std::uint32_t>(SLICKQ_LAYOUT_SLQ1));
    EXPECT_EQ(seen.marker, 0x534C5131u);
    EXPECT_EQ(seen.init_state, 3u);
    EXPECT_EQ(seen.required_length, 64u + 8 * 16 + 8 * 4);
    EXPECT_EQ(seen.length, 256u + 11264u) << "rounded up to 64, and the extension area";
    EXPECT_EQ(seen.capacity, 8u);
    EXPECT_EQ(seen.next_index, 12u);
    EXPECT_EQ(seen.last_published, 10u);
    EXPECT_EQ(seen.oldest_index, 4u);
    EXPECT_EQ(seen.published, 4u);
}

TEST(CApi, InspectsWhatIsNoQueue) {
    const segment_name name;
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    EXPECT_EQ(slickq_segment_inspect(name.c_str(), 0, &seen), SLICKQ_E_NOT_FOUND);
    test::write_shm(name.text(), test::bytes(100, std::byte{'x'}));
    ASSERT_EQ(slickq_segment_inspect(name.c_str(), 0, &seen), SLICKQ_OK);
    EXPECT_EQ(seen.verdict, SLICKQ_E_NOT_A_QUEUE);
    EXPECT_EQ(seen.length, 100u);
    EXPECT_EQ(seen.layout, static_cast<std::uint32_t>(SLICKQ_LAYOUT_ANY));
    EXPECT_TRUE(message_has(name.text()));
}

TEST(Publish, TakesOnlyWhatWasReserved) {
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{
             0u, SLICKQ_OPEN_SINGLE_PRODUCER, SLICKQ_OPEN_PROMPT_PRODUCER, SLICKQ_OPEN_LOSSLESS}) {
        slickq_options options = options_for(8, 8);
        options.flags = flags;
        test::queue_handle queue;
        ASSERT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK);
        const std::uint64_t value = 7;
        for (int k = 0; k < 3; ++k) ASSERT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK);
        const std::uint64_t packed = std::uint64_t{1} << 48;
        for (const std::uint64_t index : {UINT64_MAX, UINT64_MAX - 4, packed, packed - 1, packed - 5, std::uint64_t{1} << 63,
                                          std::uint64_t{3}, std::uint64_t{5}, std::uint64_t{100}}) {
            EXPECT_EQ(slickq_queue_publish(queue, index, 1), SLICKQ_E_NOT_RESERVED) << index << ", flags " << flags;
        }
        EXPECT_EQ(slickq_queue_publish(queue, 0, 0), SLICKQ_E_ARGUMENT);
        std::uint64_t cursor = 0;
        slickq_record record{};
        for (int k = 0; k < 3; ++k) EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
        EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_EMPTY);
    }
    // What no reservation can be, though its elements are reserved: across the end of the ring, and from the middle of a slot on.
    slickq_options options = options_for(8, 8);
    options.items_per_slot = 2;
    test::queue_handle queue;
    ASSERT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK);
    const std::uint64_t values[4] = {};
    for (int k = 0; k < 3; ++k) ASSERT_EQ(slickq_queue_write(queue, values, 4, nullptr), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, 6, 4), SLICKQ_E_NOT_RESERVED);
    EXPECT_EQ(slickq_queue_publish(queue, 9, 1), SLICKQ_E_NOT_RESERVED);
}

} // namespace
