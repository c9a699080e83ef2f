// slickq recv: records from a queue to standard output.
#include "command.hpp"
#include "error.hpp"
#include "io.hpp"
#include "polling.hpp"
#include "reader.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"

#include <optional>
#include <string>

namespace tool {
namespace {

// When nothing came for so long, the command ends.
class idle_limit {
public:
    explicit idle_limit(double seconds) : seconds_(seconds) {}

    void renew() { since_ = steady_clock::now(); }
    bool is_over() const {
        return seconds_ >= 0 && std::chrono::duration<double>(steady_clock::now() - since_).count() >= seconds_;
    }

private:
    double seconds_;
    steady_clock::time_point since_ = steady_clock::now();
};

// Waits for the queue to be made. Nothing: a stop signal came first.
std::optional<shared_queue> open_when_there(const recv_options& options, const idle_limit& idle) {
    slickq_options request{};
    request.struct_size = sizeof request;
    if (!options.registers) request.flags = SLICKQ_OPEN_READ_ONLY;
    request.element_size = options.element_size;
    backoff naps;
    for (bool told = false; stop_signal() == 0; naps.pause()) {
        slickq_queue* handle = nullptr;
        const slickq_status status = slickq_queue_open(options.name.c_str(), &request, &handle);
        if (status == SLICKQ_OK) return shared_queue(handle, options.name);
        if (status != SLICKQ_E_NOT_FOUND || idle.is_over()) check(status, options.name);
        if (!told) note("there is no queue '" + options.name + "' yet; waiting for it (Ctrl-C ends)");
        told = true;
    }
    return std::nullopt;
}

class receiver {
public:
    receiver(const shared_queue& queue, const recv_options& options)
        : queue_(queue), options_(options), from_(queue, options.start, options.registers, options.share) {}

    int run(idle_limit& idle) {
        backoff naps;
        patience stalled;
        while (stop_signal() == 0 && !reader_has_gone_ && (options_.count == 0 || records_ < options_.count)) {
            if (take_record()) {
                if (output_.size() >= flush_at) flush();
                idle.renew();
                naps.reset();
                stalled.renew();
                continue;
            }
            flush();
            if (idle.is_over()) break;
            if (queue_.distance(queue_.reserved(), from_.position()) <= 0) {
                stalled.renew();
            } else if (stalled.is_out()) {
                note("waiting for index " + std::to_string(from_.position()) +
                     ", which is reserved and not published: its producer is slow, or died there. It is passed over " +
                     (options_.share.name.empty() ? "after a second" : "when the producers have gone round the ring"));
            }
            naps.pause();
        }
        flush();
        return finish();
    }

private:
    static constexpr std::size_t flush_at = 64 * 1024;

    bool take_record() {
        const std::size_t before = output_.size();
        if (!from_.next(output_)) return false;
        if (options_.trim) {
            const std::size_t last = output_.find_last_not_of('\0');
            output_.resize(last == std::string::npos || last < before ? before : last + 1);
        }
        ++records_;
        ++unwritten_records_;
        return true;
    }

    void flush() {
        if (reader_has_gone_ || output_.empty()) return;
        reader_has_gone_ = !write_to_stdout(output_);
        if (!reader_has_gone_) unwritten_records_ = 0;
        output_.clear();
    }

    int finish() const {
        const std::uint64_t lost = from_.lost_elements();
        if (lost != 0) {
            const std::uint32_t element_size = queue_.info().element_size;
            note("lost " + std::to_string(lost) + " elements of the ring, of " + std::to_string(element_size) +
                 (element_size == 1 ? " byte" : " bytes") + ": overwritten before they were read, or never published\n"
                 "  make producers wait with slickq send --lossless, --pace or --rate, or use a queue of more --capacity");
        }
        // In the middle of a pipe that is the usual end; but what was claimed nobody else will get.
        const bool lost_claims = reader_has_gone_ && !options_.share.name.empty();
        if (lost_claims) {
            note("standard output was closed; up to " + std::to_string(unwritten_records_) +
                 " records that were claimed are lost");
        }
        if (options_.verbose) note("received " + std::to_string(records_) + " records");
        return lost != 0 || lost_claims ? exit_lost : exit_ok;
    }

    const shared_queue& queue_;
    const recv_options& options_;
    reader from_;
    std::string output_;
    std::uint64_t records_ = 0;
    std::uint64_t unwritten_records_ = 0;
    bool reader_has_gone_ = false;
};

} // namespace

int recv(const recv_options& options) {
    catch_stop_signals();
    idle_limit idle(options.idle_seconds);
    const std::optional<shared_queue> queue = open_when_there(options, idle);
    if (!queue) return exit_ok;
    idle.renew();
    return receiver(*queue, options).run(idle);
}

} // namespace tool
