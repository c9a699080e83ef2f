#include "sources.hpp"

#include "clock.hpp"

#include <slickq/slickq.h>

namespace bridge {
namespace {

// Of indices of 48 bits.
bool is_before(std::uint64_t a, std::uint64_t b) {
    return slickq_index_distance(SLICKQ_LAYOUT_SLQ1, b, a) < 0;
}

} // namespace

std::uint64_t sources::find(const description& what, account& books) const {
    std::uint64_t oldest = 0;
    for (std::uint64_t i = 0; i < most_sources; ++i) {
        if (page_.sources[i].segment == what.before.segment) {
            books = page_.sources[i];
            return i + 1;
        }
        if (page_.sources[i].used < page_.sources[oldest].used) oldest = i;
    }
    books = what.before;
    books.joined = what.before.sent;
    return oldest + 1; // a free one is as old as can be
}

std::size_t sources::enter(const description& what, commit& next) const {
    account& books = next.books;
    const account& said = what.before;
    const auto now = static_cast<std::uint64_t>(wall_clock_ns());
    if (page_.sources[next.source - 1].segment != said.segment) { // new here
        books.used = now;
        next.before += said.sent;
        for (unsigned c = 0; c < causes; ++c) next.at_source.elements[c] += said.lost.elements[c];
        return 0;
    }

    std::size_t known = 0;
    if (said.epoch < books.epoch) known = what.counts.size();
    if (said.epoch == books.epoch) {
        std::uint64_t index = said.index;
        while (known < what.counts.size() && is_before(index, books.index)) index = what.after(index, known++);
    }
    next.duplicates += known;
    if (known == what.counts.size() && known != 0) return known;

    // (A sender that lost its own books counts from 0 again: what is missing can then not be told in records.)
    if (said.sent + known > books.sent) next.transit += said.sent + known - books.sent;
    for (unsigned c = 0; c < causes; ++c) {
        if (said.lost.elements[c] > books.lost.elements[c]) {
            next.at_source.elements[c] += said.lost.elements[c] - books.lost.elements[c];
        }
    }
    const std::uint64_t joined = books.joined;
    books = said;
    books.joined = joined;
    books.used = now;
    return known;
}

void sources::keep(const commit& valid) {
    if (valid.source != 0 && valid.source <= most_sources) page_.sources[valid.source - 1] = valid.books;
}

} // namespace bridge
