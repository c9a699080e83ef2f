// gatherer.hpp - reads a queue and makes messages of its records: as many in one as there are, up to a limit, and never
// one before and one after a loss. Keeps the books.
#pragma once

#include "config.hpp"
#include "mailbox.hpp"
#include "message.hpp"
#include "segment.hpp"
#include "state.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace bridge {

struct parcel {
    message content;
    std::string id;
    account after;             // the books, when it has arrived
    std::uint64_t records = 0; // in it, as the next two
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;
};

class gatherer {
public:
    // Begins at `from`: segment, epoch and index are those of the queue now.
    gatherer(const segment& queue, const direction_config& config, const account& from);

    // The next parcel; false if there was nothing until the deadline, or the mailbox had something. `answer_to`: the
    // reply subject, or "". payload_limit: bytes that a message may have, headers and all.
    bool next(std::int64_t deadline_ns, mailbox& box, const std::string& answer_to, std::uint64_t payload_limit,
              parcel& made);
    // A message without records, that only brings the far side's books up to date.
    message books_only() const;

    // How far it has read.
    const account& position() const noexcept { return position_; }
    // Whether the queue was reset since this was asked last.
    bool was_reset() noexcept { return std::exchange(was_reset_, false); }

private:
    struct closer {
        void operator()(slickq_reader* r) const noexcept { slickq_reader_close(r); }
    };

    bool refill(std::int64_t deadline_ns, mailbox& box);
    void enter_loss(slickq_status status);
    description describe(const account& before) const;

    const segment& queue_;
    const direction_config& config_;
    std::unique_ptr<slickq_reader, closer> reader_;
    account position_;
    std::uint64_t first_epoch_; // and the resets that the reader had seen then: 0
    bool was_reset_ = false;
    // What the reader has handed out and is in no parcel yet.
    slickq_batch batch_{};
    std::uint32_t used_records_ = 0;
    std::size_t used_bytes_ = 0;
    std::vector<std::byte> buffer_;
};

} // namespace bridge
