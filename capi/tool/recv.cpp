// slickq recv: records from a queue to standard output.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "io.hpp"
#include "name_watch.hpp"
#include "reader.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace tool {
namespace {

const char* const recv_footer =
    "Records come out as the bytes they are. It waits for the queue to appear, and for more records,\n"
    "until Ctrl-C, --count or --idle ends it.\n"
    "\n"
    "A shared cursor is a small segment of its own, made when it is first named; --from is for a new one.\n"
    "It keeps its place: the next to use it goes on from there. slickq rm removes it.\n"
    "\n"
    "Examples:\n"
    "  slickq recv ticks                      everything in the ring, then what comes\n"
    "  slickq recv --from now ticks           only what comes\n"
    "  slickq recv --idle 0 ticks             what is there now\n"
    "  slickq recv --count 1 --from newest ticks\n"
    "  slickq recv --share work jobs          run several: each record goes to exactly one of them\n"
    "\n"
    "Exit status: 0 everything was received; 1 error, or the queue was removed meanwhile (without --follow); 2 usage;\n"
    "3 records were lost: producers overwrote them before they were read, or standard output was closed with\n"
    "records claimed.";

struct recv_options {
    std::string name;
    std::uint32_t element_size = 0;
    std::uint32_t start = SLICKQ_START_OLDEST;
    cursor_address share;     // no name: a cursor of its own
    bool registers = false;   // so that lossless senders wait for it
    std::uint64_t count = 0;  // records; 0: any number
    double idle_seconds = -1; // negative: for ever
    bool trim = false;
    bool follow = false; // when the name is removed, goes on with the queue that gets it
    bool verbose = false;
};

// When nothing came for so long, the command ends.
class idle_limit {
public:
    explicit idle_limit(double seconds) : seconds_(seconds) {}

    void renew() { since_ = steady_clock::now(); }
    double waited() const { return std::chrono::duration<double>(steady_clock::now() - since_).count(); }
    bool is_over() const { return seconds_ >= 0 && waited() >= seconds_; }

    // What may be waited now, without missing a stop signal.
    std::int64_t slice_ns() const {
        if (seconds_ < 0) return wait_slice_ns;
        return std::clamp(static_cast<std::int64_t>((seconds_ - waited()) * 1e9), std::int64_t{0}, wait_slice_ns);
    }

private:
    double seconds_;
    steady_clock::time_point since_ = steady_clock::now();
};

// Read-write, if we may: producers then wake us. Read-only we look by ourselves, which is a little later.
slickq_status open(const recv_options& options, slickq_queue*& handle) {
    slickq_options request{};
    request.struct_size = sizeof request;
    request.element_size = options.element_size;
    const slickq_status status = slickq_queue_open(options.name.c_str(), &request, &handle);
    if ((status != SLICKQ_E_ACCESS && status != SLICKQ_E_NO_SPACE) || options.registers) return status;
    request.flags = SLICKQ_OPEN_READ_ONLY;
    return slickq_queue_open(options.name.c_str(), &request, &handle);
}

// Waits for the queue to be made. Nothing: a stop signal came first.
std::unique_ptr<shared_queue> open_when_there(const recv_options& options, const idle_limit& idle) {
    constexpr std::int64_t between_looks_ns = 10'000'000; // a name that appears is announced by nobody
    for (bool told = false; stop_signal() == 0; nap(between_looks_ns)) {
        slickq_queue* handle = nullptr;
        const slickq_status status = open(options, handle);
        if (status == SLICKQ_OK) return std::make_unique<shared_queue>(handle, options.name);
        if (status != SLICKQ_E_NOT_FOUND || idle.is_over()) check_segment(status, options.name);
        if (!told) note("there is no queue '" + options.name + "' yet; waiting for it (Ctrl-C ends)");
        told = true;
    }
    return nullptr;
}

class receiver {
public:
    receiver(std::unique_ptr<shared_queue> queue, const recv_options& options, idle_limit& idle)
        : options_(options), idle_(idle) {
        attach(std::move(queue), options.start);
    }

    int run() {
        patience stalled;
        while (stop_signal() == 0 && !reader_has_gone_ && (options_.count == 0 || records_ < options_.count)) {
            if (take_record(0)) {
                if (output_.size() >= flush_at) flush();
                idle_.renew();
                stalled.renew();
                if (!told_orphan_ && name_->is_orphan()) tell_orphan();
                continue;
            }
            flush();
            if (idle_.is_over() || (name_->is_orphan() && !leave_orphan())) break;
            if (queue_->distance(queue_->reserved(), from_->position()) <= 0) {
                stalled.renew();
            } else if (stalled.is_out()) {
                note("waiting for index " + std::to_string(from_->position()) +
                     ", which is reserved and not published: its producer is slow, or died there. It is passed over " +
                     (options_.share.name.empty() ? "after a second" : "when the producers have gone round the ring"));
            }
            if (take_record(slickq_deadline(idle_.slice_ns()))) idle_.renew();
        }
        flush();
        return finish();
    }

private:
    static constexpr std::size_t flush_at = 64 * 1024;

    void attach(std::unique_ptr<shared_queue> queue, std::uint32_t start) {
        if (from_) lost_before_ += from_->lost_elements();
        name_.reset();
        from_.reset();
        queue_ = std::move(queue);
        from_ = std::make_unique<reader>(*queue_, start, options_.registers, options_.share);
        name_ = std::make_unique<name_watch>(*queue_);
        told_orphan_ = false;
    }

    bool take_record(std::int64_t deadline_ns) {
        const std::size_t before = output_.size();
        if (!from_->next(output_, deadline_ns)) return false;
        if (options_.trim) {
            const std::size_t last = output_.find_last_not_of('\0');
            output_.resize(last == std::string::npos || last < before ? before : last + 1);
        }
        ++records_;
        ++unwritten_records_;
        return true;
    }

    void tell_orphan() {
        told_orphan_ = true;
        note(name_->text() + "; receiving what is left in it");
    }

    // The queue's name is gone, and there is nothing to read now. Who has it open may still send, for a while. False: this is
    // the end.
    bool leave_orphan() {
        if (!told_orphan_) {
            tell_orphan();
            idle_.renew();
        }
        constexpr double grace = 0.5; // seconds
        if (idle_.waited() < grace) return true;
        if (!options_.follow) {
            ended_as_orphan_ = true;
            return false;
        }
        std::unique_ptr<shared_queue> next = open_when_there(options_, idle_);
        if (!next) return false;
        note("going on with the queue that has the name '" + options_.name + "' now");
        attach(std::move(next), SLICKQ_START_OLDEST);
        return true;
    }

    void flush() {
        if (reader_has_gone_ || output_.empty()) return;
        from_->wake_senders();
        reader_has_gone_ = !write_to_stdout(output_);
        if (!reader_has_gone_) unwritten_records_ = 0;
        output_.clear();
    }

    int finish() const {
        const std::uint64_t lost = lost_before_ + from_->lost_elements();
        if (lost != 0) {
            const std::uint32_t element_size = queue_->info().element_size;
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
        if (ended_as_orphan_) {
            note(name_->text() + ": nothing that is sent to that name now comes here\n"
                 "  start again to receive from it, or receive with --follow, which goes on by itself");
            return exit_error;
        }
        return lost != 0 || lost_claims ? exit_lost : exit_ok;
    }

    const recv_options& options_;
    idle_limit& idle_;
    std::unique_ptr<shared_queue> queue_;
    std::unique_ptr<reader> from_;
    std::unique_ptr<name_watch> name_;
    std::string output_;
    std::uint64_t records_ = 0;
    std::uint64_t unwritten_records_ = 0;
    std::uint64_t lost_before_ = 0; // in queues that it followed away from
    bool reader_has_gone_ = false;
    bool told_orphan_ = false;
    bool ended_as_orphan_ = false;
};

int recv(const recv_options& options) {
    catch_stop_signals();
    idle_limit idle(options.idle_seconds);
    std::unique_ptr<shared_queue> queue = open_when_there(options, idle);
    if (!queue) return exit_ok;
    idle.renew();
    return receiver(std::move(queue), options, idle).run();
}

} // namespace

void describe_recv(command_line& line) {
    const auto options = std::make_shared<recv_options>();
    line.footer(recv_footer);
    line.run([options] { return recv(*options); });
    line.name(options->name);
    line.one_of("--from", options->start,
                {{"oldest", SLICKQ_START_OLDEST}, {"newest", SLICKQ_START_NEWEST}, {"now", SLICKQ_START_NOW}},
                "Where in the ring to start; now: only what comes [oldest]");
    const auto set_share = [&share = options->share](const std::string& cursor) { share = parse_cursor("--share", cursor); };
    const option share = line.parsed("--share", "CURSOR[:OFFSET]", set_share, "Share the records with all who use this cursor");
    line.flag("--register", options->registers, "Have senders with --lossless wait for this receiver").excludes(share);
    line.number("--count", "RECORDS", options->count, "End after so many records");
    line.seconds("--idle", options->idle_seconds, "End when nothing came for so long; 0: when nothing is left");
    line.flag("--follow", options->follow, "If the queue is removed meanwhile, go on with the one that has its name then")
        .excludes(share);
    line.flag("--trim", options->trim, "Take off zero bytes at the end of records, as slickq send pads them");
    line.element_size(options->element_size);
    line.flag("-v,--verbose", options->verbose, "Say at the end what was received");
}

} // namespace tool
