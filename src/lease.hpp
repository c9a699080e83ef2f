// lease.hpp - whether a process lives, as the kernel tells it.
//
// Who registers holds a lock on a byte of the segment's file, another byte for each registration (lease_offset()): an
// open-file- description lock, which the kernel drops when nobody has that opening of the file any more. Nobody has it
// but a mapping of one page: the descriptor is closed at once. So it lasts as long as the process has its memory,
// however it ends that: it exits, is killed, calls exec(). A main thread that ends before the others changes nothing. A
// child of fork() does not get the mapping. Nobody can close it by mistake, as daemons do with all their descriptors.
// Whoever can open the segment sees the lock, from whichever namespace.
//
// Why this and no other: robust futexes belong to threads, not to processes; locks of the process (F_SETLK) stay across
// exec() and go with any close() of the file; process ids and start times mean nothing in another namespace, and stay
// across exec().
//
// It costs one mapping for each registration, and an open, a question and a close for each look at it. It is tried when
// it is taken: where the system does not have it (others than Linux, some sandboxes), where the segment has no file
// (local queues) or its name leads elsewhere by now, process ids and start times decide, and may not know.
#pragma once

#include "liveness.hpp"
#include "queue.hpp"

namespace slickq::detail {

// Takes the lease of a registration that is about to be made, and gives it back.
lease_state take_lease(const queue& q, registry::id member) noexcept;
void drop_lease(const queue& q, registry::id member) noexcept;

// What registry::join() needs.
struct lease_taker {
    const queue& q;
    lease_state take(registry::id member) const noexcept { return take_lease(q, member); }
    void drop(registry::id member) const noexcept { drop_lease(q, member); }
};

// Answers for who registered with a queue whether they live. Does not outlive it; belongs to one thread.
class judge {
public:
    explicit judge(const queue& q) noexcept : queue_(q) {}
    judge(const judge&) = delete;
    judge& operator=(const judge&) = delete;
    ~judge() {
        if (file_ >= 0) close_file();
    }

    liveness operator()(const process_identity& who) const noexcept;
    std::uint32_t clock() const noexcept { return this_clock(); }

private:
    bool open_file() const noexcept;
    void close_file() const noexcept;

    const queue& queue_;
    mutable int file_ = not_opened;
    static constexpr int not_opened = -1, none = -2;
};

} // namespace slickq::detail
