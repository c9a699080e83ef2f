// Segments that a peer made without allocating them, and segments that a peer cuts off. Who looks at one allocates
// nothing; who opens it for writing allocates it or is refused; nobody is killed by it.
#include "child.hpp"
#include "support.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/detail/layout.hpp>

#include <gtest/gtest.h>

#include <cstring>

#include <sched.h>
#include <sys/mount.h>

namespace {

using namespace test;

constexpr int exit_not_permitted = 77;

enum class slots { formatted, never_written };

// Has its length, its header and, perhaps, its slots.
void make_sparse(const std::string& name, const slickq::geometry& shape, slots written) {
    bytes begin(64 + (written == slots::formatted ? std::size_t{16} * shape.slot_count() : 0));
    const auto put = [&](std::size_t offset, std::uint64_t value, std::size_t size) {
        std::memcpy(begin.data() + offset, &value, size);
    };
    const bool is_wide = shape.layout == slickq::layout::wide;
    put(is_wide ? 16 : 8, shape.capacity, 4);
    if (!is_wide) put(12, shape.element_size, 4);
    if (shape.is_slq()) {
        put(16, slickq::no_index, 8);
        put(24, shape.marker(), 4);
        put(28, 1, 4);
        put(48, slickq::ready, 4);
    }
    for (std::size_t at = 64; at < begin.size(); at += 16) {
        put(at, slickq::no_index, 8);
        put(at + 8, 1, 4);
    }
    write_shm(name, begin);
    const auto length = static_cast<off_t>(shape.segment_length());
    if (::truncate(("/dev/shm" + name).c_str(), length) != 0) throw std::runtime_error("truncate");
}

blkcnt_t blocks(const std::string& name) { return stat_shm(name).st_blocks; }

slickq_status open_with(const std::string& name, std::uint32_t flags, queue_handle& queue,
                        std::uint32_t element_size = 0) {
    slickq_options options = options_for(0, element_size);
    options.flags = flags;
    options.timeout_ns = SLICKQ_TIMEOUT_NONE;
    return slickq_queue_open(name.c_str(), &options, queue.out());
}

slickq_inspection look_at(const std::string& name, std::uint32_t element_size = 0) {
    slickq_inspection seen{};
    seen.struct_size = sizeof seen;
    require(slickq_segment_inspect(name.c_str(), element_size, &seen));
    return seen;
}

const std::uint32_t looks[] = {SLICKQ_OPEN_READ_ONLY, SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT,
                               SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT | SLICKQ_OPEN_LOCK_MEMORY};

class Sparse : public testing::TestWithParam<slickq::layout> {};

TEST_P(Sparse, LookingAllocatesNothing) {
    const slickq::geometry shape{GetParam(), 1024, 2 << 20, 1}; // 2 GiB
    const segment_name name;
    make_sparse(name.text(), shape, slots::formatted);
    const blkcnt_t before = blocks(name.text());
    EXPECT_LT(before * 512, 1 << 16);
    EXPECT_EQ(look_at(name.text(), shape.element_size).verdict, SLICKQ_OK);
    for (const std::uint32_t flags : looks) {
        queue_handle queue;
        ASSERT_EQ(open_with(name.text(), flags, queue, shape.element_size), SLICKQ_OK) << slickq_last_message();
        std::uint64_t cursor = 0;
        for (const std::uint32_t start : {SLICKQ_START_NOW, SLICKQ_START_OLDEST, SLICKQ_START_NEWEST}) {
            EXPECT_EQ(slickq_queue_cursor_at(queue, start, &cursor), SLICKQ_OK);
        }
        slickq_record record{};
        EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_EMPTY);
    }
    EXPECT_EQ(blocks(name.text()), before);
}

// What says that it is ready, and was never formatted: not even its slots are touched to find out.
TEST_P(Sparse, LookingAtWhatWasNeverFormattedAllocatesNothing) {
    const slickq::geometry shape{GetParam(), 1 << 24, 64, 1}; // 256 MiB of slots
    const segment_name name;
    make_sparse(name.text(), shape, slots::never_written);
    const blkcnt_t before = blocks(name.text());
    const slickq_status verdict = shape.is_slq() ? SLICKQ_E_CORRUPT : SLICKQ_E_HALF_MADE;
    EXPECT_EQ(look_at(name.text(), shape.element_size).verdict, verdict);
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{
             SLICKQ_OPEN_READ_ONLY, SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT, 0u}) {
        queue_handle queue;
        EXPECT_EQ(open_with(name.text(), flags, queue, shape.element_size), verdict);
    }
    EXPECT_EQ(blocks(name.text()), before);
}

TEST_P(Sparse, OpeningForWritingAllocates) {
    const slickq::geometry shape{GetParam(), 64, 4096, 1};
    const segment_name name;
    make_sparse(name.text(), shape, slots::formatted);
    queue_handle queue;
    ASSERT_EQ(open_with(name.text(), 0, queue, shape.element_size), SLICKQ_OK) << slickq_last_message();
    EXPECT_GE(static_cast<std::uint64_t>(blocks(name.text())) * 512, shape.segment_length());
    EXPECT_EQ(static_cast<std::uint64_t>(stat_shm(name.text()).st_size), shape.segment_length());
}

INSTANTIATE_TEST_SUITE_P(Layouts, Sparse,
                         testing::Values(slickq::layout::slq1, slickq::layout::packed, slickq::layout::wide),
                         [](const auto& tested) {
                             return std::string(slickq_layout_name(static_cast<std::uint32_t>(tested.param)));
                         });

TEST(SparseBlank, IsNotReadyAndStaysAsItIs) {
    const segment_name name;
    write_shm(name.text(), {});
    ASSERT_EQ(::truncate(("/dev/shm" + name.text()).c_str(), 1 << 20), 0);
    EXPECT_EQ(look_at(name.text()).verdict, SLICKQ_E_NOT_READY);
    queue_handle queue;
    EXPECT_EQ(open_with(name.text(), 0, queue), SLICKQ_E_NOT_READY);
    EXPECT_EQ(blocks(name.text()), 0);
}

void fill_shm() {
    const int file = ::open("/dev/shm/filler", O_CREAT | O_RDWR, 0600);
    const std::vector<char> page(4096, 'x');
    while (::write(file, page.data(), page.size()) > 0) {
    }
    ::close(file);
}

// All that a read-only handle can be asked.
int look_with(slickq_queue* queue) {
    slickq_record record{};
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    slickq_consumer_info consumer{};
    consumer.struct_size = sizeof consumer;
    std::uint64_t index = 0, cursor = 0;
    std::uint32_t state = 0, count = 0;
    std::vector<char> buffer(65536);
    require(slickq_queue_get_info(queue, &info));
    require(slickq_queue_next_index(queue, &index));
    require(slickq_queue_loss_count(queue, &index));
    require(slickq_queue_name_state(queue, &state));
    if (state != SLICKQ_NAME_OURS) return 20;
    if (slickq_queue_read_copy(queue, &cursor, buffer.data(), buffer.size(), &record) != SLICKQ_EMPTY) return 21;
    if (slickq_queue_read_batch(queue, &cursor, &record, 1, &count) != SLICKQ_EMPTY) return 22;
    if (slickq_queue_read_shared(queue, &cursor, &record) != SLICKQ_EMPTY) return 23;
    if (slickq_queue_read_last(queue, &record) != SLICKQ_EMPTY) return 24;
    if (slickq_queue_wait_until(queue, 0, slickq_deadline(1'000'000)) != SLICKQ_TIMED_OUT) return 25;
    if (slickq_queue_write(queue, buffer.data(), 1, nullptr) != SLICKQ_E_READ_ONLY) return 26;
    if (slickq_queue_reset(queue) != SLICKQ_E_READ_ONLY) return 27;
    if (slickq_consumer_get_info(queue, 0, &consumer) >= 0 && consumer.kind != 0) return 28;
    slickq_queue* again = nullptr;
    require(slickq_queue_reattach(queue, &again));
    require(slickq_queue_close(again));
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    for (const std::uint32_t start : {SLICKQ_START_NOW, SLICKQ_START_OLDEST, SLICKQ_START_NEWEST}) {
        options.start = start;
        slickq_reader* reader = nullptr;
        require(slickq_reader_open(queue, &options, &reader));
        if (slickq_reader_read_until(reader, slickq_deadline(1'000'000), &record) != SLICKQ_TIMED_OUT) return 29;
        require(slickq_reader_close(reader));
    }
    options.flags = SLICKQ_READER_REGISTERED;
    slickq_reader* reader = nullptr;
    return slickq_reader_open(queue, &options, &reader) < 0 ? 0 : 30;
}

// Alone in a /dev/shm that is full: every answer is a status, and none a signal.
const role full_shm{"full_shm", [](const arguments&) {
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return exit_not_permitted;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return exit_not_permitted;
    if (::mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=1m") != 0) return exit_not_permitted;
    const slickq::geometry shape{slickq::layout::slq1, 64, 65536, 1};
    make_sparse("/peer", shape, slots::formatted);
    make_sparse("/hostile", {slickq::layout::slq1, 1 << 16, 64, 1}, slots::never_written);
    write_shm("/blank", {});
    write_shm("/cursor", {});
    if (::truncate("/dev/shm/blank", static_cast<off_t>(shape.segment_length())) != 0) return 1;
    if (::truncate("/dev/shm/cursor", 8) != 0) return 1;
    fill_shm();

    if (look_at("/peer").verdict != SLICKQ_OK || look_at("/hostile").verdict != SLICKQ_E_CORRUPT) return 2;
    if (look_at("/blank").verdict != SLICKQ_E_NOT_READY) return 3;
    queue_handle none;
    for (const std::uint32_t flags : looks) {
        queue_handle queue;
        if (open_with("/peer", flags, queue) != SLICKQ_OK) return 4;
        std::uint64_t cursor = 0;
        slickq_record record{};
        require(slickq_queue_cursor_at(queue, SLICKQ_START_OLDEST, &cursor));
        if (slickq_queue_read(queue, &cursor, &record) != SLICKQ_EMPTY) return 5;
        if (const int failed = look_with(queue); failed != 0) return failed;
        if (open_with("/hostile", flags, none) != SLICKQ_E_CORRUPT) return 6;
        if (open_with("/blank", flags, none) != SLICKQ_E_NOT_READY) return 13;
    }
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{0u, SLICKQ_OPEN_PREFAULT}) {
        if (open_with("/peer", flags, none) != SLICKQ_E_NO_SPACE || slickq_last_os_error() != ENOSPC) return 7;
    }
    const slickq_options options = options_for(shape.capacity, shape.element_size);
    if (slickq_queue_open_or_create("/blank", &options, none.out()) != SLICKQ_E_NO_SPACE) return 8;
    slickq_cursor* cursor = nullptr;
    if (slickq_cursor_open("/cursor", 0, 0, &cursor) != SLICKQ_E_NO_SPACE) return 9;

    if (::unlink("/dev/shm/filler") != 0) return 10;
    queue_handle queue;
    if (open_with("/peer", 0, queue) != SLICKQ_E_NO_SPACE) return 11; // 4 MiB still don't fit into 1
    require(slickq_cursor_open("/cursor", 0, 0, &cursor));
    return slickq_cursor_close(cursor) == SLICKQ_OK ? 0 : 12;
}};

TEST(SparseFull, AFullShmIsAStatusAndNeverASignal) {
    const int code = child("full_shm", {}).wait();
    if (code == exit_not_permitted) GTEST_SKIP() << "this user may not mount a small tmpfs";
    EXPECT_EQ(code, 0);
}

// A peer cuts the segment off while we have it mapped. What asks the system first, gets an answer.
TEST(CutOff, IsNoticedByWhoAsksFirst) {
    const segment_name name;
    const queue_handle queue = create_queue(name.text(), options_for(64, 8));
    const std::string path = "/dev/shm" + name.text();
    for (const off_t length : {off_t{64 + 16 * 64}, off_t{64}, off_t{63}, off_t{0}}) {
        SCOPED_TRACE(length);
        ASSERT_EQ(::truncate(path.c_str(), length), 0);
        const slickq_status verdict = length < 64 ? SLICKQ_E_NO_LENGTH : SLICKQ_E_TRUNCATED;
        EXPECT_EQ(look_at(name.text()).verdict, verdict);
        queue_handle other;
        EXPECT_EQ(open_with(name.text(), 0, other), verdict);
        EXPECT_EQ(open_with(name.text(), SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT, other), verdict);
        std::uint32_t state = 77;
        EXPECT_EQ(slickq_queue_name_state(queue, &state), SLICKQ_OK);
        EXPECT_EQ(state, static_cast<std::uint32_t>(SLICKQ_NAME_OURS));
        EXPECT_EQ(stat_shm(name.text()).st_size, length) << "it was given its length again";
    }
    // Closing touches it: that can't be prevented.
    ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(info_of(queue).length)), 0);
}

// What Linux offers against it, seals, is not to be had for files of shared memory: should that change, use them.
TEST(CutOff, CannotBeSealedAgainst) {
    const segment_name name;
    create_queue(name.text(), options_for(64, 8));
    const int file = ::shm_open(name.c_str(), O_RDWR, 0);
    EXPECT_EQ(::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK), -1);
    EXPECT_EQ(errno, EPERM);
    ::close(file);
}

} // namespace
