// write_batch.hpp - filling and publishing many records at once. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_WRITE_BATCH_HPP
#define SLICKQ_DETAIL_WRITE_BATCH_HPP

#include <slickq/detail/publish.hpp>

#include <algorithm>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_batch_writing : public basic_publishing<Atomics> {
    using base = basic_publishing<Atomics>;

public:
    using typename base::extension_type;

    using base::align;
    using base::bytes_of;
    using base::capacity;
    using base::difference;
    using base::fill;
    using base::index_mask;
    using base::is_within;
    using base::position;
    using base::reserved_index;
    using base::start_of_span;

    // Copies the first records of a batch into what reserve_batch() gave them, and publishes them. stale: some of them
    // came too late. A group of them is filled, then published, the last record first: once a consumer sees one it sees
    // all behind it, and need not take the slots' cache line from the producer for each.
    ring_result write_batch(std::uint64_t from, const batch& records, const void* elements) noexcept {
        const producing how = producing_;
        const auto* source = static_cast<const std::byte*>(elements);
        std::uint64_t at = from & index_mask();
        bool in_time = true;
        std::uint64_t last = no_index;
        std::uint64_t late_from = 0, late_end = 0; // unless in_time
        const auto was_late = [&](std::uint64_t start, std::uint32_t count) {
            if (in_time || difference(late_from, start) > 0) late_from = start;
            if (in_time || difference(start + count, late_end) > 0) late_end = start + count;
            in_time = false;
        };
        for (std::uint32_t done = 0; done < records.records;) {
            std::uint64_t index[group];
            const batch rest = records.from(done);
            const bool is_simple = rest.counts == nullptr && item_mask_ == 0;
            const std::uint32_t size = is_simple ? fill_singles(at, rest, source, index)
                                                 : fill_records(at, rest, source, index);
            const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
            std::uint32_t lapped = 0; // the first ones, if any
            while (lapped < size && !is_within(index[lapped], reserved)) ++lapped;
            if (lapped != 0) [[unlikely]] {
                was_late(index[0], rest.count(0));
                was_late(index[lapped - 1], rest.count(lapped - 1));
            }
            bool is_newest = true;
            for (std::uint32_t k = size; k-- > lapped;) {
                if (!put(how, index[k], rest.count(k))) [[unlikely]] {
                    was_late(index[k], rest.count(k));
                } else if (is_newest) {
                    last = index[k];
                    is_newest = false;
                }
            }
            done += size;
        }
        if (keeps_last_ && last != no_index) announce(how, last);
        wake_after_put(how);
        return in_time ? ring_result::ok : is_late(late_from, static_cast<std::uint32_t>(late_end - late_from));
    }

protected:
    using base::announce;
    using base::is_late;
    using base::item_mask_;
    using base::keeps_last_;
    using base::mark_skip;
    using base::producing_;
    using base::put;
    using base::wake_after_put;

    basic_batch_writing() = default;
    basic_batch_writing(std::byte* start, const geometry& g, extension_type* extra) noexcept : base(start, g, extra) {}

private:
    static constexpr std::uint32_t group = 16; // records: four cache lines of slots

    // Fills in single elements that are contiguous; the result is how many. `at`, the next free index, and `source` are
    // moved on; the records' indices are noted.
    std::uint32_t fill_singles(std::uint64_t& at, const batch& records, const std::byte*& source,
                               std::uint64_t (&index)[group]) noexcept {
        const std::uint64_t room = capacity() - position(at);
        const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>({group, records.records, room}));
        fill(at, source, bytes_of(size));
        source += bytes_of(size);
        // These do not go beyond the ring's end, hence have no more bits than an index.
        for (std::uint32_t k = 0; k < size; ++k) index[k] = at + k;
        at = (at + size) & index_mask();
        return size;
    }
    // The same for records of any lengths.
    std::uint32_t fill_records(std::uint64_t& at, const batch& records, const std::byte*& source,
                               std::uint64_t (&index)[group]) noexcept {
        const std::uint32_t size = std::min(group, records.records);
        for (std::uint32_t k = 0; k < size; ++k) {
            const std::uint32_t count = records.count(k);
            const std::uint64_t start = start_of_span(at, align(count));
            index[k] = mark_skip(at, start, count);
            fill(index[k], source, bytes_of(count));
            source += bytes_of(count);
            at = (start + align(count)) & index_mask();
        }
        return size;
    }
};

} // namespace slickq

#endif
