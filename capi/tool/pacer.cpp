#include "pacer.hpp"

#include "error.hpp"
#include "signals.hpp"
#include "waiting.hpp"

#include <algorithm>

namespace tool {

pacer::pacer(const shared_queue& queue, std::uint64_t bytes_per_second, const std::vector<cursor_address>& cursors)
    : queue_(queue), bytes_per_second_(bytes_per_second), start_(steady_clock::now()) {
    for (const cursor_address& address : cursors) {
        cursors_.emplace_back(address, queue, SLICKQ_START_OLDEST);
    }
}

bool pacer::wait(std::uint64_t elements, std::uint64_t bytes) {
    const auto has_room = [&](const shared_cell& cursor) { return wait_for_room(cursor, elements); };
    return wait_for_rate(bytes) && std::all_of(cursors_.begin(), cursors_.end(), has_room);
}

bool pacer::wait_for_rate(std::uint64_t bytes) {
    if (bytes_per_second_ == 0) return true;
    const std::chrono::duration<double> due(static_cast<double>(bytes_sent_) / static_cast<double>(bytes_per_second_));
    bytes_sent_ += bytes;
    for (;;) {
        if (stop_signal() != 0) return false;
        const std::chrono::duration<double> left = due - (steady_clock::now() - start_);
        if (left.count() <= 0) return true;
        nap(std::min(static_cast<std::int64_t>(left.count() * 1e9), wait_slice_ns));
    }
}

// Only half of the ring is filled with what is unread. The other half is for what other producers, who looked at the
// same moment, are about to send, and for the consumers who have claimed a record and not yet copied it.
bool pacer::wait_for_room(const shared_cell& cursor, std::uint64_t elements) const {
    constexpr std::int64_t longest_nap_ns = 1'000'000; // consumers that are no slickq recv wake nobody
    patience waiting;
    for (;;) {
        if (stop_signal() != 0) return false;
        const std::uint64_t next = cursor.load();
        const std::int64_t unread = queue_.distance(queue_.reserved(), next);
        if (unread <= 0 || static_cast<std::uint64_t>(unread) + elements <= queue_.info().capacity / 2) return true;
        if (waiting.is_out()) {
            note("waiting: the consumers of '" + cursor.name() + "' are " + std::to_string(unread) +
                 " elements behind, and half the ring is " + std::to_string(queue_.info().capacity / 2));
        }
        cursor.wait_while(next, longest_nap_ns);
    }
}

} // namespace tool
