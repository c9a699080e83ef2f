// Where a queue's memory is: mapped ahead, locked, on huge pages, as far as the system grants it.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include <sys/resource.h>

namespace {

using test::info_of;
using test::options_for;
using test::queue_handle;
using test::segment_name;

constexpr std::uint32_t capacity = 1 << 15;
constexpr std::uint32_t element_size = 512; // bytes: 16 MiB in all
constexpr std::uint64_t pages = std::uint64_t{capacity} * element_size / 4096;

slickq_options options_with(std::uint32_t flags) {
    slickq_options options = options_for(capacity, element_size);
    options.flags = flags;
    return options;
}

std::int64_t page_faults() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_minflt + used.ru_majflt;
}

// Faults of the first lap: everything is written and read.
std::int64_t faults_of_a_lap(slickq_queue* queue) {
    static const std::byte element[element_size]{};
    std::uint64_t cursor = 0;
    slickq_record record{};
    std::uint64_t sum = 0;
    const std::int64_t before = page_faults();
    for (std::uint32_t k = 0; k < capacity; ++k) {
        EXPECT_EQ(slickq_queue_write(queue, element, 1, nullptr), SLICKQ_OK);
        EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
        std::uint64_t word;
        std::memcpy(&word, record.data, sizeof word);
        sum += word;
    }
    EXPECT_EQ(sum, 0u);
    return page_faults() - before;
}

long locked_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmLck:", 0) == 0) return std::stol(line.substr(6));
    }
    return -1;
}

// Sanitizers touch pages of their own, and let mlock() do nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

TEST(Memory, PrefaultedHasNoFaultsInItsFirstLap) {
    if (is_sanitized) GTEST_SKIP() << "a sanitizer's own faults are counted with them";
    const segment_name name;
    for (const bool is_shared : {false, true}) {
        for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{0u, SLICKQ_OPEN_PREFAULT}) {
            const slickq_options options = options_with(flags);
            queue_handle queue;
            ASSERT_EQ(is_shared ? slickq_queue_create(name.c_str(), &options, queue.out()) : slickq_queue_create_local(&options, queue.out()),
                      SLICKQ_OK);
            const std::int64_t faults = faults_of_a_lap(queue);
            if (flags == 0) {
                EXPECT_GT(faults, static_cast<std::int64_t>(pages / 64)) << "else there is nothing to save";
            } else {
                EXPECT_LT(faults, 16);
            }
            slickq_segment_remove(name.c_str());
        }
    }
}

TEST(Memory, PrefaultingChangesNoByteAndWorksReadOnly) {
    const segment_name name;
    slickq_options options = options_with(0);
    queue_handle queue, again;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    std::byte element[element_size];
    std::memset(element, 0x5A, sizeof element);
    ASSERT_EQ(slickq_queue_write(queue, element, 1, nullptr), SLICKQ_OK);
    options.flags = SLICKQ_OPEN_PREFAULT | SLICKQ_OPEN_READ_ONLY;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, again.out()), SLICKQ_OK) << slickq_last_message();
    std::uint64_t cursor = 0;
    slickq_record record{};
    ASSERT_EQ(slickq_queue_read(again, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(std::memcmp(record.data, element, sizeof element), 0);
    EXPECT_EQ(std::memcmp(info_of(queue).base, info_of(again).base, info_of(queue).length), 0);
}

TEST(Memory, IsLockedIfThatIsGranted) {
    if (is_sanitized) GTEST_SKIP() << "a sanitizer says that it is, and does not";
    const slickq_options options = options_with(SLICKQ_OPEN_LOCK_MEMORY);
    const long before = locked_kib();
    queue_handle queue;
    ASSERT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK) << "to be refused the lock is no error";
    const bool granted = (info_of(queue).flags & SLICKQ_INFO_LOCKED) != 0;
    if (before >= 0) { EXPECT_EQ(locked_kib() - before >= static_cast<long>(pages * 4), granted); }
    ASSERT_EQ(queue.close(), SLICKQ_OK);
    if (before >= 0) { EXPECT_EQ(locked_kib(), before); }
}

TEST(Memory, IsAQueueOnWhateverPagesThereAre) {
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{
             SLICKQ_OPEN_HUGE_PAGES, SLICKQ_OPEN_HUGETLB, SLICKQ_OPEN_HUGETLB | SLICKQ_OPEN_PREFAULT}) {
        const slickq_options options = options_with(flags);
        queue_handle queue;
        ASSERT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK) << slickq_last_message();
        faults_of_a_lap(queue);
        const std::uint32_t got = info_of(queue).flags;
        EXPECT_FALSE((got & SLICKQ_INFO_HUGETLB) != 0 && flags == SLICKQ_OPEN_HUGE_PAGES);
        EXPECT_FALSE((got & SLICKQ_INFO_HUGETLB) != 0 && (got & SLICKQ_INFO_HUGE_PAGES) != 0);
    }
}

TEST(Memory, UnknownFlagsAreRefused) {
    const slickq_options options = options_with(1u << 31);
    queue_handle queue;
    EXPECT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_E_ARGUMENT);
}

} // namespace
