// late.hpp - what a producer leaves that was lapped before it published, and what consumers make of it.
//
// Such a producer may have written into the records of a later lap, and validate:B cannot see that. When it is told
// that it is late, it leaves a report: where it wrote, and up to which index records may be damaged. *suspicion* says
// that there is something to look for. late:B refuses what is copied from then on, and a reader counts what it had
// before. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_LATE_HPP
#define SLICKQ_DETAIL_LATE_HPP

#include <slickq/detail/single_producer.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_late_reports : public basic_reserving_single<Atomics> {
    using base = basic_reserving_single<Atomics>;

public:
    using typename base::extension_type;
    template <class T>
    using atomic = typename Atomics::template atomic<T>;

    using base::capacity;
    using base::difference;
    using base::reserved_index;

    // ---------------------------------------------------------------- looking for reports

    // Whether a report tells of these elements, if they are within the last lap. To be called behind copy:A.
    bool is_suspect(std::uint64_t index, std::uint64_t count) const noexcept {
        const std::uint64_t word = suspicion(); // late:B
        if (word == 0 || difference(suspicion::until(word), index) <= 0) [[likely]] return false;
        return is_reported(index, count);
    }
    std::uint64_t suspicion() const noexcept { return suspicion_->load(std::memory_order_relaxed); }
    SLICKQ_NOINLINE bool is_reported(std::uint64_t index, std::uint64_t count) const noexcept {
        Atomics::acquire_fence(); // late:B
        for (std::uint32_t number = 0; extension_ != nullptr && number < Atomics::reports_kept; ++number) {
            if (tells_of(report(number), index, count)) return true;
        }
        return false;
    }

    // A report as it was left: where a lapped producer wrote, and the next index when it was done. The range is 0 if
    // there is none.
    detail::pair64 report(std::uint32_t number) const noexcept {
        const auto& r = extension_->reports[number];
        for (;;) {
            const std::uint64_t range = r.range.load(std::memory_order_acquire); // late:B
            const std::uint64_t until = r.until.load(std::memory_order_acquire); // late:B
            if (r.range.load(std::memory_order_relaxed) == range) return {range, until};
        }
    }

protected:
    using base::extension_;
    using base::has_cas16_;
    using base::mask_;

    basic_late_reports() = default;
    basic_late_reports(std::byte* start, const geometry& g, extension_type* extra) noexcept
        : base(start, g, extra), suspicion_(extra != nullptr ? &extra->suspicion : &nobodys_suspicion) {}

    // ---------------------------------------------------------------- leaving one

    // Leaves a report for those who copy what was reserved since.
    SLICKQ_NOINLINE ring_result is_late(std::uint64_t index, std::uint32_t count) noexcept {
        if (extension_ == nullptr) return ring_result::stale;
        extension_->late_publishes.fetch_add(1, std::memory_order_relaxed); // a statistic
        if (!has_cas16_) return ring_result::stale;
        Atomics::full_fence(); // late:A
        const std::uint64_t until = reserved_index(std::memory_order_relaxed);
        leave_report({suspicion::range(index, count), until});
        std::uint64_t word = extension_->suspicion.load(std::memory_order_relaxed);
        for (;;) {
            const bool is_latest = word == 0 || difference(until, suspicion::until(word)) > 0;
            const std::uint64_t after = suspicion::next(word, is_latest ? until : suspicion::until(word));
            // late:A
            if (extension_->suspicion.compare_exchange_weak(word, after, std::memory_order_release,
                                                            std::memory_order_relaxed)) break;
        }
        return ring_result::stale;
    }
    void leave_report(const detail::pair64& mine) noexcept {
        for (std::uint32_t k = 0; k < Atomics::reports_kept; ++k) {
            auto& place = extension_->reports[k];
            detail::pair64 there{place.range.load(std::memory_order_relaxed),
                                 place.until.load(std::memory_order_relaxed)};
            while (is_over(there, mine.high)) {
                if (Atomics::cas16(&place, there, mine, std::memory_order_release)) return; // late:A
            }
        }
        // There are many within a lap: one of them takes this one in, and tells of all that lies between.
        detail::pair64 there = report(0), both;
        do {
            const std::uint64_t one = suspicion::index(there.low), other = suspicion::index(mine.low);
            both.low = suspicion::range(difference(one, other) < 0 ? one : other, no_index);
            both.high = difference(there.high, mine.high) > 0 ? there.high : mine.high;
        } while (!Atomics::cas16(&extension_->reports[0], there, both, std::memory_order_release)); // late:A
    }

private:
    // All that it tells of has left the ring.
    bool is_over(const detail::pair64& report, std::uint64_t reserved) const noexcept {
        return report.low == 0 || static_cast<std::uint64_t>(difference(reserved, report.high)) >= capacity();
    }

    // Whether the report tells of one of these elements: of the later laps at its place, up to its end.
    bool tells_of(const detail::pair64& report, std::uint64_t index, std::uint64_t count) const noexcept {
        const std::uint64_t from = suspicion::index(report.low);
        const std::uint64_t behind = (index - from) & mask_;
        const auto lap = static_cast<std::int64_t>(capacity());
        const bool is_inside = behind < suspicion::count(report.low) && difference(index, from) >= lap;
        const std::uint64_t first = is_inside ? index : index + (capacity() - behind);
        return report.low != 0 && difference(first, from) >= lap && difference(index + count, first) > 0 &&
               difference(report.high, first) > 0;
    }

    SLICKQ_HIDDEN static inline atomic<std::uint64_t> nobodys_suspicion{};

    atomic<std::uint64_t>* suspicion_ = nullptr; // the extension area's, or a word that stays 0
};

} // namespace slickq

#endif
