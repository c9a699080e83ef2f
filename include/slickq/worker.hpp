// worker.hpp - slickq::worker<T>: one of a group that shares the records of a queue. See slickq.hpp.
#ifndef SLICKQ_PUBLIC_WORKER_HPP
#define SLICKQ_PUBLIC_WORKER_HPP

#include <slickq/detail/wait_until.hpp>
#include <slickq/error.hpp>
#include <slickq/queue.hpp>
#include <slickq/slickq.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace slickq::inline SLICKQ_NAMESPACE {

// One of a group that shares a cursor: see "groups of workers" in slickq.h. The queue must outlive it; it belongs to
// one thread at a time.
template <class T>
class worker {
public:
    struct item {
        slickq_status what;          // SLICKQ_OK, or one of slickq_worker_read()'s others that are no errors
        std::span<const T> elements; // with SLICKQ_OK: in the worker's memory, until its next call
        std::uint64_t index;
        std::uint64_t lost;
        bool is_redelivered;

        explicit operator bool() const noexcept { return what == SLICKQ_OK; }
    };

    // Throws what slickq_worker_open() says. options: its struct_size and group are set here.
    worker(queue<T>& source, const std::string& group, slickq_worker_options options) {
        options.struct_size = sizeof options;
        options.group = group.c_str();
        require_ok(slickq_worker_open(source.handle(), &options, &handle_));
    }
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker() { slickq_worker_close(handle_); }

    // For poll(), see slickq_worker_descriptor(). The worker closes it.
    int descriptor() {
        int found = -1;
        require_ok(slickq_worker_descriptor(handle_, &found));
        return found;
    }

    // Throws SLICKQ_E_EVICTED if it is no worker any more.
    item read() {
        slickq_record got{};
        return described(slickq_worker_read(handle_, &got), got);
    }
    template <class Rep, class Period>
    item read_for(std::chrono::duration<Rep, Period> timeout) {
        return read_until(detail::deadline_in(timeout));
    }
    item read_until(std::int64_t deadline_ns) {
        slickq_record got{};
        return described(slickq_worker_read_until(handle_, deadline_ns, &got), got);
    }
    // What it has claimed is done with.
    void done() { require_ok(slickq_worker_done(handle_)); }
    void cancel() { slickq_worker_cancel(handle_); }

private:
    static item described(slickq_status status, const slickq_record& got) {
        if (status < 0) require_ok(status);
        return {status,
                {static_cast<const T*>(got.data), got.count},
                got.index,
                got.lost,
                (got.flags & SLICKQ_RECORD_REDELIVERED) != 0};
    }

    slickq_worker* handle_ = nullptr;
};

} // namespace slickq

#endif
