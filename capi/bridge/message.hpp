// message.hpp - what travels beside a payload, as NATS headers. The payload is the records' bytes, one after another.
//
//   Nats-Msg-Id      SEGMENT.EPOCH.INDEX, or SEGMENT.EPOCH.INDEX.RECORDS if there are several, by which a stream
//                    suppresses duplicates (JetStream only). With RECORDS, because a batch that was cut elsewhere is
//                    not the same message
//   Slickq-Source    the queue's name, "/ticks"
//   Slickq-Segment   identity of its segment, 32 hexadecimal digits
//   Slickq-Epoch     how often the queue has been reset before
//   Slickq-Index     index of the first record's first element
//   Slickq-Records   how many records the payload has; not there: 1. 0: none, the message only brings the books up
//                    to date
//   Slickq-Count     elements of each record
//   Slickq-Counts    in its place where they differ: 3,1,2
//   Slickq-Slot      items per slot of the queue, if not 1: a record's index is the one before it plus its count,
//                    rounded up to this
//   Slickq-Element   bytes of an element
//   Slickq-Time      when the bridge read the (first) record, nanoseconds since 1970
//   Slickq-Sent      how many records this direction has sent before, of this segment
//   Slickq-Lost      elements lost in the queue before, of this segment, in all: lapped=3,gap=1. Not there: none
#pragma once

#include "identity.hpp"
#include "state.hpp"

#include <nats/nats.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bridge {

struct message_closer {
    void operator()(natsMsg* m) const noexcept { natsMsg_Destroy(m); }
};
using message = std::unique_ptr<natsMsg, message_closer>;

struct description {
    std::string source;
    account before;                    // segment, epoch, index, sent, lost
    std::vector<std::uint32_t> counts; // elements of each record
    std::uint32_t element_size = 0;
    std::uint32_t items_per_slot = 1;
    std::int64_t time_ns = 0;

    std::uint64_t elements() const;
    std::string id() const;
    // The next index after record number `record`, given its own.
    std::uint64_t after(std::uint64_t index, std::size_t record) const;
};

// with_id: Nats-Msg-Id as well.
message encode(const std::string& subject, const std::string& reply, const description& what, const void* data,
               std::size_t length, bool with_id);

enum class decoded {
    ours,    // `what` is filled in and agrees with the payload's length
    foreign, // no header of ours
    damaged, // headers of ours that contradict themselves or the payload: `why`
};
decoded decode(natsMsg* from, description& what, std::string& why);

// The header's text, or nullptr.
const char* header(natsMsg* of, const char* key);

} // namespace bridge
