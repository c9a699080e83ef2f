// producing.hpp - what all who produce through a handle have in common, the library and the C++ face: what a handle was
// opened for, and the loop over the records of a batch.
#ifndef SLICKQ_DETAIL_PRODUCING_HPP
#define SLICKQ_DETAIL_PRODUCING_HPP

#include <slickq/detail/ring.hpp>

#include <cstddef>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

// What a handle was opened for, of the SLICKQ_OPEN_... flags about producing.
struct producer_modes {
    bool is_lossless = false;
    bool is_single_producer = false;
    bool is_prompt_producer = false;
};

// Declares that to the ring, before anything is produced. The result is what has effect of it.
template <class Atomics>
producer_modes begin_producing(basic_ring<Atomics>& into, basic_single_producer<Atomics>& single,
                               const producer_modes& asked) noexcept {
    producer_modes granted = asked;
    granted.is_prompt_producer = asked.is_prompt_producer && !asked.is_lossless; // lossless admits no exception
    granted.is_single_producer = asked.is_single_producer && into.can_have_single_producer();
    if (granted.is_prompt_producer) into.begin_promptly();
    if (granted.is_single_producer) into.begin_single_producer(single); // after it: that promises more
    return granted;
}

// What is left to be written of a batch.
struct unwritten {
    batch records;
    const std::byte* elements; // theirs, one record's after another's
    std::uint32_t written = 0;
    bool is_stale = false; // some were lapped before they were published

    // Writes the first of the records into what was reserved for so many, from that index on.
    template <class Atomics>
    void write(basic_ring<Atomics>& into, std::uint64_t from, std::uint32_t fits) noexcept {
        const batch first{records.counts, fits};
        if (into.write_batch(from, first, elements) != ring_result::ok) is_stale = true;
        elements += first.elements(fits) * into.element_size();
        records = records.from(fits);
        written += fits;
    }

    // Writes all that reserve(records, from) finds room for: it says for how many of the records, 0 for none. False:
    // some are left.
    template <class Atomics, class Reserve>
    bool write_all(basic_ring<Atomics>& into, Reserve reserve) {
        while (records.records != 0) {
            std::uint64_t from = 0;
            const std::uint32_t fits = reserve(records, from);
            if (fits == 0) return false;
            write(into, from, fits);
        }
        return true;
    }
};

} // namespace slickq

#endif
