// Hostile segments: arbitrary bytes are examined, and what passes for a queue gets readers and a producer. Nothing may be read
// or written outside of the bytes (AddressSanitizer watches their ends), and every loop must end.
#include "format.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/group_worker.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace {

constexpr std::size_t longest = 1 << 16;

struct deleter {
    void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
};

void require(bool holds) {
    if (!holds) std::abort();
}

// Reads all of it: the sanitizer knows where it should have ended.
void touch(const std::byte* data, std::uint64_t length) {
    volatile std::uint8_t sink = 0;
    for (std::uint64_t i = 0; i < length; ++i) sink = sink ^ std::to_integer<std::uint8_t>(data[i]);
}
void touch(const slickq::ring& ring, const slickq::record& seen) {
    require(seen.position + std::uint64_t{seen.count} <= ring.capacity());
    touch(ring.at(seen.index), ring.bytes_of(seen.count));
}

void read_all(const slickq::ring& ring, std::uint64_t cursor) {
    std::atomic<std::uint64_t> shared{cursor};
    slickq::record seen;
    for (std::uint64_t reads = 0; reads < 2 * ring.capacity() + 2; ++reads) {
        const std::uint64_t before = cursor;
        const slickq::ring_result result = ring.read(cursor, seen);
        if (result == slickq::ring_result::empty) break;
        require(cursor != before); // no reader stays where it is
        touch(ring, seen);
        if (ring.claim(shared, seen) != slickq::ring_result::empty) touch(ring, seen);
    }
}

using reader = slickq::basic_reader<>;

// One of each policy, that steps over gaps at once.
std::vector<std::unique_ptr<reader>> readers_of(const slickq::ring& ring, slickq::start from) {
    std::vector<std::unique_ptr<reader>> readers;
    for (const auto policy : {slickq::after_lap::oldest, slickq::after_lap::newest, slickq::after_lap::compat}) {
        slickq::reader_options options;
        options.from = from;
        options.policy = policy;
        options.stall_ns = 0;
        readers.push_back(std::make_unique<reader>(ring, options));
    }
    return readers;
}

void read_all(const slickq::ring& ring, reader& r) {
    for (std::uint64_t reads = 0; reads < 2 * ring.capacity() + 2; ++reads) {
        const std::uint64_t before = r.cursor();
        slickq::delivery got;
        switch (r.read(got)) {
        case slickq::read_result::record:
            require(got.count <= ring.capacity());
            touch(got.data, ring.bytes_of(got.count));
            break;
        case slickq::read_result::empty:
        case slickq::read_result::pending:
        case slickq::read_result::half_reset: return;
        case slickq::read_result::reset: require(r.cursor() == 0); break;
        default: require(r.cursor() != before); // it gets on
        }
    }
}

// As many records as there may be, of several lengths; by a producer that believes to be alone, or prompt, now and then.
void write_batch(slickq::ring ring, std::uint32_t most, std::uint32_t salt) {
    std::vector<std::uint32_t> counts;
    std::uint64_t elements = 0;
    for (std::uint32_t k = 0; k < 5; ++k) {
        counts.push_back(1 + (salt + k) % most);
        elements += counts.back();
    }
    const std::vector<std::byte> data(ring.bytes_of(1) * elements, std::byte{0xB7});
    const slickq::batch all{salt % 2 != 0 ? counts.data() : nullptr, 5};
    std::uint64_t from = 0;
    std::uint32_t fits = 0;
    if (salt % 3 == 0 && ring.can_have_single_producer()) {
        slickq::single_producer alone;
        ring.begin_single_producer(alone);
        require(ring.reserve_batch_single(alone, all, from, fits));
    } else {
        if (salt % 3 == 1) ring.begin_promptly();
        fits = ring.reserve_batch(all, from);
    }
    ring.write_batch(from, {all.counts, fits}, data.data());
    require(fits >= 1 && fits <= 5);
}

// Producers that wait, workers and the dead, on a table that may say anything.
void deliver(const slickq::ring& ring, std::uint64_t start) {
    slickq::flow_control flow(ring);
    slickq::registry all(ring);
    struct {
        slickq::liveness operator()(const slickq::process_identity& who) const { return static_cast<slickq::liveness>(who.pid % 3); }
        std::uint32_t clock() const { return 1; }
    } judge;
    std::vector<std::byte> buffer(ring.bytes_of(static_cast<std::uint32_t>(ring.capacity())));
    slickq::assignment got;
    for (std::uint32_t k = 0; k < 8; ++k) {
        const auto count = static_cast<std::uint32_t>((k + start) % ring.capacity() + 1);
        std::uint64_t index = 0;
        if (flow.reserve(count, index, judge)) {
            require(ring.position(index) + std::uint64_t{count} <= ring.capacity());
            std::memset(ring.at(index), 0x5A, std::size_t{count} * ring.element_size());
            slickq::ring(ring).publish(index, count);
        }
        const auto id = slickq::registry::id_of(all.member(k).state.load(), k);
        const std::uint32_t group = k % slickq::most_groups;
        slickq::basic_worker<> worker(ring, id, group, all.group(group).state.load(), k % 2 != 0 ? 0 : -1);
        for (int reads = 0; reads < 4; ++reads) {
            if (worker.take(buffer.data(), ring.capacity(), got) == slickq::work::record) touch(buffer.data(), ring.bytes_of(got.count));
            if (worker.recover(buffer.data(), ring.capacity(), judge, got) == slickq::work::again) {
                touch(buffer.data(), ring.bytes_of(got.count));
            }
        }
        all.acknowledge(id, index);
    }
    all.evict_dead(judge);
    const auto mine = all.join(slickq::member_state::worker, {.pid = 1}, ring.reserved_index(), all.epoch());
    constexpr std::uint64_t name[2] = {1, 0};
    all.is_changing_before(slickq::registry::no_group, judge);
    const std::uint32_t group = all.found_group(name, slickq::group_state::at_least_once, 1, 0, all.epoch(), mine, judge);
    if (group != slickq::registry::no_group) {
        all.enter_group(mine, group, all.group(group).state.load());
        all.left_in_hand(group, judge);
        all.remove_group(group, judge);
    }
    if (mine != 0) require(all.leave(mine));
}

} // namespace

// Byte 0 chooses the element size that the caller expects, byte 1 a cursor; the rest is the segment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t length) {
    if (length < 2 || length > longest) return 0;
    const std::uint32_t element_size = input[0];
    const std::uint64_t start = input[1];
    input += 2;
    length -= 2;
    const std::unique_ptr<std::byte[], deleter> memory(new (std::align_val_t{64}) std::byte[length]);
    std::memcpy(memory.get(), input, length);

    const auto found = slickq::detail::examine(memory.get(), length, element_size);
    require(std::memcmp(memory.get(), input, length) == 0); // nothing is written to it
    require((found.verdict == SLICKQ_OK) == found.reason.empty());
    if (found.verdict != SLICKQ_OK) return 0;

    slickq::ring ring(memory.get(), found.shape, slickq::detail::find_extension(memory.get(), length, found.shape));
    auto old_readers = readers_of(ring, slickq::start::oldest);
    auto new_readers = readers_of(ring, slickq::start::newest);
    slickq::record seen;
    read_all(ring, start);
    read_all(ring, ring.oldest());
    read_all(ring, ring.reserved_index() - start);
    if (ring.can_read_last() && ring.read_last(seen) != slickq::ring_result::empty) touch(ring, seen);
    for (std::uint32_t k = 0; k < 40; ++k) {
        const auto count = static_cast<std::uint32_t>((k * k + start) % ring.capacity() + 1);
        const std::uint64_t index = ring.reserve(count);
        require(ring.position(index) + std::uint64_t{count} <= ring.capacity());
        std::memset(ring.at(index), 0xA5, std::size_t{count} * ring.element_size());
        ring.publish(index, count);
        if (k % 4 == 0) write_batch(ring, count, static_cast<std::uint32_t>(start) + k);
        if (k % 5 == 0) read_all(ring, index);
        if (k % 7 == 0) {
            for (auto& r : new_readers) read_all(ring, *r);
        }
    }
    read_all(ring, ring.oldest());
    for (auto& r : old_readers) read_all(ring, *r);
    if (ring.extension() != nullptr) deliver(ring, start);
    ring.reset();
    for (auto* readers : {&old_readers, &new_readers}) {
        for (auto& r : *readers) read_all(ring, *r);
    }
    return 0;
}
