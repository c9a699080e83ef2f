#include "sender.hpp"

#include "error.hpp"
#include "io.hpp"
#include "name_watch.hpp"
#include "pacer.hpp"
#include "progress.hpp"
#include "queue_creation.hpp"
#include "record_parser.hpp"
#include "record_source.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "table.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <memory>

namespace tool {
namespace {

struct orphaned {}; // the queue's name is gone, and we are not to follow it

class sender {
public:
    explicit sender(const send_options& options) : options_(options) { attach(options.must_create); }

    // Bytes of the longest record that the queue takes.
    std::uint64_t longest_record() const { return std::uint64_t{queue_->info().capacity} * element_size_; }

    // False: a stop signal came.
    bool send(std::string_view record) {
        if (may_have_waited_ ? name_->looks_like_orphan() : name_->is_orphan()) {
            leave_orphan();
        } else if (name_->is_fresh()) {
            unsure_records_ = 0;
        }
        may_have_waited_ = false;
        const std::uint64_t elements = (record.size() + element_size_ - 1) / element_size_;
        if (!pace_->wait(elements, record.size())) return false;

        const void* bytes = record.data();
        if (record.size() != elements * element_size_) {
            padded_.assign(record);
            padded_.resize(elements * element_size_, '\0');
            bytes = padded_.data();
            ++padded_records_;
        }
        const slickq_status status = write(bytes, static_cast<std::uint32_t>(elements));
        if (status == SLICKQ_TIMED_OUT) return false;
        if (status == SLICKQ_E_STALE) {
            ++lost_records_;
        } else {
            check(status);
        }
        ++records_;
        bytes_ += record.size();
        ++unsure_records_;
        progress_.show(bytes_, [&] { return ", " + std::to_string(records_) + " records"; });
        return true;
    }

    // To be called where it may wait: what was sent before a look that found the name in order was sent in time.
    void look_at_name() {
        if (!name_->looks_like_orphan()) unsure_records_ = 0;
        may_have_waited_ = true;
    }

    int finish() {
        progress_.clear();
        const bool is_orphan = name_->looks_like_orphan();
        if (is_orphan) tell_orphan();
        if (padded_records_ != 0) {
            note("padded " + std::to_string(padded_records_) + " of " + std::to_string(records_) +
                 " records with zero bytes, up to whole elements of " + std::to_string(element_size_) +
                 " bytes (slickq recv --trim takes them off)");
        }
        if (lost_records_ != 0) {
            note("lost " + std::to_string(lost_records_) + " of " + std::to_string(records_) +
                 " records: other producers went round the ring while they were written\n"
                 "  use a queue of more --capacity");
        }
        if (options_.verbose)
            note("sent " + std::to_string(records_) + " records, " + std::to_string(bytes_) + " bytes");
        if (is_orphan) return exit_error;
        return lost_records_ == 0 && !left_records_behind_ ? exit_ok : exit_lost;
    }

private:
    void attach(bool must_create) {
        pace_.reset();
        name_.reset();
        queue_ = open_or_create(options_, must_create);
        element_size_ = queue_->info().element_size;
        pace_ = std::make_unique<pacer>(*queue_, options_.bytes_per_second, options_.pace);
        name_ = std::make_unique<name_watch>(*queue_);
        if (options_.block_bytes > longest_record()) {
            throw failure("a block of " + std::to_string(options_.block_bytes) +
                          " bytes is longer than the whole queue, " + std::to_string(longest_record()) +
                          " bytes\n  use a smaller --block, or a queue of more --capacity");
        }
    }

    void tell_orphan() {
        std::string text = name_->text() + ": who opens it now does not get what was sent here";
        if (unsure_records_ != 0) {
            text += "\n  up to " + std::to_string(unsure_records_) + " of " + std::to_string(records_) +
                    " records were sent after that";
            left_records_behind_ = true;
        }
        note(text +
             (options_.follow ? "" : "\n  send again, or with --follow, which goes on in the new queue by itself"));
        unsure_records_ = 0;
    }

    // Goes on in the queue that has the name now, made anew if there is none; or ends.
    void leave_orphan() {
        if (!options_.follow) throw orphaned();
        tell_orphan();
        attach(false);
        note("going on with the queue that has the name '" + options_.name + "' now");
    }

    // SLICKQ_TIMED_OUT: a stop signal came. Only a lossless queue lets one wait.
    slickq_status write(const void* bytes, std::uint32_t elements) const {
        patience waiting;
        for (;;) {
            const slickq_status status =
                slickq_queue_write_until(queue_->handle(), bytes, elements, slickq_deadline(wait_slice_ns), nullptr);
            if (status != SLICKQ_TIMED_OUT || stop_signal() != 0) return status;
            if (waiting.is_out()) {
                const std::string word = shell_word(queue_->name());
                note("waiting for registered consumers: slickq info " + word +
                     " shows how far behind they are, slickq evict " + word + " ID sends one away");
            }
        }
    }

    const send_options& options_;
    std::unique_ptr<shared_queue> queue_;
    std::uint64_t element_size_ = 1;
    std::unique_ptr<pacer> pace_;
    std::unique_ptr<name_watch> name_;
    std::string padded_;
    progress progress_{0};
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t padded_records_ = 0;
    std::uint64_t lost_records_ = 0;
    std::uint64_t unsure_records_ = 0; // sent since the name was last seen in order
    bool may_have_waited_ = false;
    bool left_records_behind_ = false;
};

void send_files(sender& to, const send_options& options) {
    const std::vector<std::string> standard_input{"-"};
    for (const std::string& file : options.files.empty() ? standard_input : options.files) {
        input from(file);
        // Lines of text are longer than the bytes they stand for.
        const std::uint64_t longest = options.format == line_format::raw ? to.longest_record() : UINT64_MAX;
        record_source lines(from, options.block_bytes, longest, [&] { to.look_at_name(); });
        record_parser parse(options.format, from.name());
        std::string_view line;
        while (stop_signal() == 0 && lines.next(line) && to.send(parse(line))) {}
    }
}

} // namespace

int send_all(const send_options& options) {
    catch_stop_signals();
    sender to(options);
    try {
        send_files(to, options);
    } catch (const orphaned&) {
    } // finish() says it
    const int code = to.finish();
    if (stop_signal() != 0) die_of(stop_signal());
    return code;
}

} // namespace tool
