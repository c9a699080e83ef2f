// polled_reader.hpp - slickq::reader<T> for event loops: it has a descriptor that becomes readable when there is
// something to read. It is a reader of the C API, so each call costs a few nanoseconds more than one of
// slickq::reader<T>, which is inlined.
#ifndef SLICKQ_POLLED_READER_HPP
#define SLICKQ_POLLED_READER_HPP

#include <slickq/queue.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

// It keeps the queue mapped; it belongs to one thread at a time.
template <class T>
class polled_reader {
public:
    struct item {
        slickq_status what;          // SLICKQ_OK, or one of slickq_reader_read()'s others that are no errors
        std::span<const T> elements; // with SLICKQ_OK: in the reader's memory, until its next call
        std::uint64_t index;
        std::uint64_t lost;

        explicit operator bool() const noexcept { return what == SLICKQ_OK; }
    };

    explicit polled_reader(const queue<T>& source, slickq_reader_options options = {}) {
        options.struct_size = sizeof options;
        require_ok(slickq_reader_open(source.handle(), &options, &handle_));
    }
    polled_reader(const polled_reader&) = delete;
    polled_reader& operator=(const polled_reader&) = delete;
    ~polled_reader() { slickq_reader_close(handle_); }

    // Readable: then read() until it says SLICKQ_EMPTY or SLICKQ_PENDING, see slickq_reader_descriptor(). The reader
    // closes it.
    int descriptor() {
        int found = -1;
        require_ok(slickq_reader_descriptor(handle_, &found));
        return found;
    }

    // Throws for what is an error: SLICKQ_E_CORRUPT, SLICKQ_E_HALF_RESET, SLICKQ_E_EVICTED, SLICKQ_E_NO_MEMORY. It can
    // go on after each.
    item read() {
        slickq_record got{};
        return described(slickq_reader_read(handle_, &got), got);
    }
    item read_until(std::int64_t deadline_ns) {
        slickq_record got{};
        return described(slickq_reader_read_until(handle_, deadline_ns, &got), got);
    }
    template <class Rep, class Period>
    item read_for(std::chrono::duration<Rep, Period> timeout) {
        return read_until(detail::deadline_in(timeout));
    }
    void cancel() { require_ok(slickq_reader_cancel(handle_)); } // from any thread

    slickq_reader_info info() const {
        slickq_reader_info info{};
        info.struct_size = sizeof info;
        require_ok(slickq_reader_get_info(handle_, &info));
        return info;
    }
    slickq_reader* handle() const noexcept { return handle_; } // for the C functions; closed by the destructor

private:
    static item described(slickq_status status, const slickq_record& got) {
        if (status < 0) require_ok(status);
        return {status, {static_cast<const T*>(got.data), got.count}, got.index, got.lost};
    }

    slickq_reader* handle_ = nullptr;
};

} // namespace slickq

#endif
