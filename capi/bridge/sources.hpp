// sources.hpp - the books of what arrives: for each queue that sends here, how far it has come, and what of it never
// will.
#pragma once

#include "message.hpp"
#include "state.hpp"

namespace bridge {

class sources {
public:
    explicit sources(state_page& page) : page_(page) {}

    // The account's number for a commit, 1 and up; `books` is it, or a new one that begins with this message.
    std::uint64_t find(const description& what, account& books) const;
    // Enters what was lost before the message into `next.books` and the sums of `next`. Returns how many of its
    // records, the first ones, have been here before: they are duplicates.
    std::size_t enter(const description& what, commit& next) const;
    // The account of a commit becomes the one in the table.
    void keep(const commit& valid);

private:
    state_page& page_;
};

} // namespace bridge
