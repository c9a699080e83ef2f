#include "receiver.hpp"

#include "arrival.hpp"
#include "error.hpp"
#include "io.hpp"
#include "name_watch.hpp"
#include "progress.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <memory>

namespace tool {
namespace {

class receiver {
public:
    receiver(std::unique_ptr<shared_queue> queue, const recv_options& options, idle_limit& idle)
        : options_(options), format_(options.format.make()), idle_(idle) {
        attach(std::move(queue), options.consumer.start);
        if (!options.consumer.group.empty())
            flush_at_ = 0; // what was handed out must be out before the next is asked for
    }

    int run() {
        patience stalled;
        while (stop_signal() == 0 && !reader_has_gone_ && (options_.count == 0 || records_ < options_.count)) {
            if (take_record(0)) {
                if (output_.size() >= flush_at_) flush();
                idle_.renew();
                stalled.renew();
                if (!told_orphan_ && name_->is_orphan()) tell_orphan();
                continue;
            }
            flush();
            if (idle_.is_over() || (name_->is_orphan() && !leave_orphan())) break;
            if (!is_stalled()) {
                stalled.renew();
            } else if (stalled.is_out()) {
                note("waiting for index " + std::to_string(*from_->position()) +
                     ", which is reserved and not published: its producer is slow, or died there. It is passed over " +
                     (options_.consumer.share.name.empty() ? "after a second"
                                                           : "when the producers have gone round the ring"));
            }
            if (take_record(slickq_deadline(idle_.slice_ns()))) idle_.renew();
        }
        flush();
        return finish();
    }

private:
    void attach(std::unique_ptr<shared_queue> queue, std::uint32_t start) {
        if (from_) lost_before_ += from_->lost_elements();
        name_.reset();
        from_.reset();
        queue_ = std::move(queue);
        consumer_options wanted = options_.consumer;
        wanted.start = start;
        from_ = std::make_unique<reader>(*queue_, wanted);
        name_ = std::make_unique<name_watch>(*queue_);
        told_orphan_ = false;
    }

    bool take_record(std::int64_t deadline_ns) {
        slickq_record record{};
        if (!from_->next(record, deadline_ns)) return false;
        std::string_view bytes(static_cast<const char*>(record.data),
                               std::size_t{record.count} * queue_->info().element_size);
        if (options_.trim) bytes = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
        if (format_.what() == record_format::raw) output_ += bytes;
        else output_ += format_.print(bytes, record.index, record.count, true);
        ++records_;
        ++unwritten_records_;
        bytes_ += bytes.size();
        progress_.show(bytes_, [&] { return state_text(); });
        return true;
    }

    std::string state_text() const {
        const auto position = from_->position();
        const std::int64_t lag =
            position ? std::max<std::int64_t>(queue_->distance(queue_->reserved(), *position), 0) : 0;
        return (position ? ", " + short_count(static_cast<double>(lag)) + " elements behind" : "") + ", " +
               std::to_string(lost_before_ + from_->lost_elements()) + " lost";
    }

    // The next record is reserved and not published.
    bool is_stalled() const {
        const auto position = from_->position();
        return position && queue_->distance(queue_->reserved(), *position) > 0;
    }

    void tell_orphan() {
        told_orphan_ = true;
        note(name_->text() + "; receiving what is left in it");
    }

    // The queue's name is gone, and there is nothing to read now. Who has it open may still send, for a while. False:
    // this is the end.
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
        else from_->leave_in_hand();
        output_.clear();
    }

    int finish() {
        progress_.clear();
        const std::uint64_t lost = lost_before_ + from_->lost_elements();
        if (lost != 0) {
            const std::uint32_t element_size = queue_->info().element_size;
            note("lost " + std::to_string(lost) + " elements of the ring, of " + std::to_string(element_size) +
                 (element_size == 1 ? " byte" : " bytes") +
                 ": overwritten before they were read, or never published\n"
                 "  make producers wait with slickq send --lossless, --pace or --rate, or use a queue of more "
                 "--capacity");
        }
        // In the middle of a pipe that is the usual end; but what was claimed nobody else will get.
        const bool lost_claims = reader_has_gone_ && !options_.consumer.share.name.empty();
        if (lost_claims) {
            note("standard output was closed; up to " + std::to_string(unwritten_records_) +
                 " records that were claimed are lost");
        }
        if (options_.verbose) {
            const std::uint64_t again = from_->redelivered_records();
            note("received " + std::to_string(records_) + " records" +
                 (again != 0 ? ", " + std::to_string(again) + " of them after a worker who died with them" : ""));
        }
        if (ended_as_orphan_) {
            note(name_->text() + ": nothing that is sent to that name now comes here\n"
                 "  start again to receive from it, or receive with --follow, which goes on by itself");
            return exit_error;
        }
        return lost != 0 || lost_claims ? exit_lost : exit_ok;
    }

    const recv_options& options_;
    record_format format_;
    idle_limit& idle_;
    std::unique_ptr<shared_queue> queue_;
    std::unique_ptr<reader> from_;
    std::unique_ptr<name_watch> name_;
    std::string output_;
    std::size_t flush_at_ = 64 * 1024;
    progress progress_{1};
    std::uint64_t bytes_ = 0;
    std::uint64_t records_ = 0;
    std::uint64_t unwritten_records_ = 0;
    std::uint64_t lost_before_ = 0; // in queues that it followed away from
    bool reader_has_gone_ = false;
    bool told_orphan_ = false;
    bool ended_as_orphan_ = false;
};

} // namespace

int receive(const recv_options& options) {
    options.format.make(); // a mistake there is told at once
    catch_stop_signals();
    idle_limit idle(options.idle_seconds);
    std::unique_ptr<shared_queue> queue = open_when_there(options, idle);
    if (!queue) return exit_ok;
    idle.renew();
    return receiver(std::move(queue), options, idle).run();
}

} // namespace tool
