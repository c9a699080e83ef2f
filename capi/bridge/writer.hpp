// writer.hpp - puts messages into a queue, each record once, kill -9 or not.
//
// For each run of records of one size: reserve; write the commit that will be true, with the run's index, and name it
// in `armed`; copy; publish one record after the other; make the commit valid. Who is killed leaves an armed commit,
// and whoever comes next looks how many records are published from that index on, and takes that for done. The rest of
// the reservation nobody publishes: readers step over it, and those records are written again elsewhere. Only if the
// ring has come all the way round before anybody looks can it not be told: then the run is written again.
#pragma once

#include "message.hpp"
#include "segment.hpp"
#include "sources.hpp"
#include "state.hpp"

#include <functional>
#include <string>

namespace bridge {

class writer {
public:
    // should_go_on: asked every 100 ms while there is no room.
    writer(const segment& queue, state& s, std::function<bool()> should_go_on);

    enum class outcome {
        written, // or refused, or a duplicate: it is done with
        no_room, // should_go_on said no; what was written of it is remembered
    };
    // sequence: the message's number, higher than all before; with the same one a message that was not finished goes
    // on.
    outcome write(natsMsg* from, std::uint64_t sequence);
    // The reason why the last message, or a part of it, was refused; "" if it was not.
    const std::string& refusal() const noexcept { return refusal_; }

    // For a stream's messages, with which it begins: the commit says of which stream the sequences are.
    void begin_stream(std::uint64_t stream, std::uint64_t sequence);

private:
    void recover();
    std::uint64_t published_of(const commit& begun) const;
    std::uint64_t longest_run(std::uint64_t stride) const;
    // Some of the records that `full` has more than `next`; `next` is then what is true. False: no room.
    bool write_run(const std::byte* data, commit full, commit& next);
    void refuse(commit& next, std::uint64_t records, const std::string& why);
    void finish(commit& next, std::uint64_t sequence);

    const segment& queue_;
    state& state_;
    sources sources_;
    std::function<bool()> should_go_on_;
    std::string refusal_;
};

} // namespace bridge
