// slickq send: bytes into a queue, as records.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "io.hpp"
#include "name_watch.hpp"
#include "pacer.hpp"
#include "record_source.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace tool {
namespace {

const char* const send_footer =
    "A line is sent with its newline, so that an empty one is a record too. A queue that is there is used\n"
    "as it is; the options of creation that are given must then match. 4M is 4 x 1024 x 1024.\n"
    "\n"
    "Without --rate, --pace and --lossless it sends as fast as it can, and overwrites what nobody has read\n"
    "yet. With --pace it fills the ring up to a half and waits for the consumers, also for the first to come.\n"
    "With --lossless it waits for those that slickq recv --register, or any program, has registered by then.\n"
    "\n"
    "Examples:\n"
    "  ls | slickq send names                           each line is a record\n"
    "  slickq send --block 4096 image disk.img          each 4096 bytes are a record\n"
    "  slickq send --rate 10M ticks day.csv             at most 10 MiB a second\n"
    "  slickq send --pace work jobs jobs.txt            never faster than the consumers, which run\n"
    "                                                   slickq recv --share work jobs\n"
    "  slickq send --lossless ticks day.csv             overwrites nothing that is still to be read by\n"
    "                                                   slickq recv --register ticks\n"
    "\n"
    "Exit status: 0 sent; 1 error, or the queue was removed meanwhile (without --follow); 2 usage; 3 a record was\n"
    "lost: other producers went round the ring while it was written, or it went into a queue that had been removed.";

struct send_options {
    std::string name;
    std::vector<std::string> files; // "-" is standard input; none at all too
    std::uint64_t block_bytes = 0;  // 0: a record is a line
    bool must_create = false;
    bool must_exist = false;
    std::uint32_t capacity = 0; // this and the next four: 0 is the default when creating, anything when opening
    std::uint32_t element_size = 0;
    std::uint32_t items_per_slot = 0;
    std::uint32_t layout = 0;
    std::uint32_t permissions = 0;
    std::uint64_t bytes_per_second = 0; // 0: as fast as it goes
    std::vector<cursor_address> pace;
    bool lossless = false; // waits for registered consumers
    bool follow = false;   // when the name is removed, goes on in the queue that gets it
    bool verbose = false;
};

slickq_options requested(const send_options& options) {
    slickq_options request{};
    request.struct_size = sizeof request;
    request.capacity = options.capacity;
    request.element_size = options.element_size;
    request.items_per_slot = options.items_per_slot;
    request.layout = options.layout;
    request.permissions = options.permissions;
    if (options.lossless) request.flags = SLICKQ_OPEN_LOSSLESS;
    return request;
}

// A ring of bytes, in which a record has exactly the length that was sent; a slot for 64 of them keeps the slots small.
slickq_options with_defaults(slickq_options request) {
    constexpr std::uint32_t default_capacity = std::uint32_t{1} << 22;
    constexpr std::uint32_t bytes_per_slot = 64;
    if (request.capacity == 0) request.capacity = default_capacity;
    if (request.element_size == 0) request.element_size = 1;
    const bool may_share_slots = request.layout == SLICKQ_LAYOUT_ANY || request.layout == SLICKQ_LAYOUT_SLQ2 ||
                                 request.layout == SLICKQ_LAYOUT_SLQ3;
    if (request.items_per_slot == 0 && request.element_size == 1 && may_share_slots) {
        request.items_per_slot = std::min(bytes_per_slot, request.capacity);
    }
    return request;
}

// What is there is used as it is; the defaults are for a new queue only. So this is not slickq_queue_open_or_create().
std::unique_ptr<shared_queue> open_or_create(const send_options& options, bool must_create) {
    const slickq_options request = requested(options);
    const slickq_options creation = with_defaults(request);
    slickq_queue* handle = nullptr;
    for (;;) {
        slickq_status status = SLICKQ_E_NOT_FOUND;
        if (!must_create) status = slickq_queue_open(options.name.c_str(), &request, &handle);
        if (status == SLICKQ_E_NOT_FOUND && !options.must_exist) {
            status = slickq_queue_create(options.name.c_str(), &creation, &handle);
            if (status == SLICKQ_E_EXISTS && !must_create) continue; // somebody was faster: open theirs
        }
        check_segment(status, options.name);
        return std::make_unique<shared_queue>(handle, options.name);
    }
}

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
        return true;
    }

    // To be called where it may wait: what was sent before a look that found the name in order was sent in time.
    void look_at_name() {
        if (!name_->looks_like_orphan()) unsure_records_ = 0;
        may_have_waited_ = true;
    }

    int finish() {
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
        if (options_.verbose) note("sent " + std::to_string(records_) + " records, " + std::to_string(bytes_) + " bytes");
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
            throw failure("a block of " + std::to_string(options_.block_bytes) + " bytes is longer than the whole queue, " +
                          std::to_string(longest_record()) +
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
        note(text + (options_.follow ? "" : "\n  send again, or with --follow, which goes on in the new queue by itself"));
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
    std::uint64_t records_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t padded_records_ = 0;
    std::uint64_t lost_records_ = 0;
    std::uint64_t unsure_records_ = 0; // sent since the name was last seen in order
    bool may_have_waited_ = false;
    bool left_records_behind_ = false;
};

void send_all(sender& to, const send_options& options) {
    const std::vector<std::string> standard_input{"-"};
    for (const std::string& file : options.files.empty() ? standard_input : options.files) {
        input from(file);
        record_source records(from, options.block_bytes, to.longest_record(), [&] { to.look_at_name(); });
        std::string_view record;
        while (stop_signal() == 0 && records.next(record) && to.send(record)) {}
    }
}

int send(const send_options& options) {
    catch_stop_signals();
    sender to(options);
    try {
        send_all(to, options);
    } catch (const orphaned&) {
    } // finish() says it
    const int code = to.finish();
    if (stop_signal() != 0) die_of(stop_signal());
    return code;
}

void describe_creation(command_line& line, send_options& options) {
    const char* const creation = "If the queue is not there, it is created";
    const option create = line.flag("--create", options.must_create, "It must not be there yet").group(creation);
    line.flag("--open", options.must_exist, "It must be there already").excludes(create).group(creation);
    line.size("--capacity", "ELEMENTS", options.capacity, "A power of two [4M]").group(creation);
    line.size("--element-size", "BYTES", options.element_size, "With more than 1, records are padded with zero bytes [1]")
        .group(creation);
    line.size("--items-per-slot", "ELEMENTS", options.items_per_slot,
              "Elements that share a control slot [64 if they are of 1 byte, else 1]")
        .group(creation);
    line.one_of("--layout", options.layout,
                {{"slq0", SLICKQ_LAYOUT_SLQ0}, {"slq1", SLICKQ_LAYOUT_SLQ1}, {"slq2", SLICKQ_LAYOUT_SLQ2},
                 {"slq3", SLICKQ_LAYOUT_SLQ3}, {"packed", SLICKQ_LAYOUT_PACKED}, {"wide", SLICKQ_LAYOUT_WIDE}},
                "[slq3 if elements share slots, else slq1]")
        .group(creation);
    const auto set_permissions = [&options](const std::string& text) {
        if (text.empty() || text.size() > 4 || text.find_first_not_of("01234567") != std::string::npos) {
            throw usage_error("'" + text + "' is no octal number like 660");
        }
        options.permissions = static_cast<std::uint32_t>(std::stoul(text, nullptr, 8));
    };
    line.parsed("--permissions", "OCTAL", set_permissions, "Who may open it [666 less the umask]").group(creation);
}

} // namespace

void describe_send(command_line& line) {
    const auto options = std::make_shared<send_options>();
    line.footer(send_footer);
    line.run([options] { return send(*options); });
    line.name(options->name);
    line.words("FILE", options->files, "What to send; - or none is standard input");
    line.size("--block", "BYTES", options->block_bytes, "A record is so many bytes, not a line; the last may be shorter");
    line.flag("--follow", options->follow, "If the queue is removed meanwhile, go on in the one that has its name then");
    line.flag("-v,--verbose", options->verbose, "Say at the end what was sent");

    const char* const pacing = "Pacing";
    line.size("--rate", "BYTES", options->bytes_per_second, "At most so many bytes a second").group(pacing);
    const auto add_pace = [&all = options->pace](const std::string& cursor) { all.push_back(parse_cursor("--pace", cursor)); };
    line.parsed("--pace", "CURSOR[:OFFSET]", add_pace, "Wait for the consumers that --share this cursor; may be repeated", true)
        .group(pacing);
    line.flag("--lossless", options->lossless, "Wait for registered consumers: overwrite nothing of theirs").group(pacing);
    describe_creation(line, *options);
}

} // namespace tool
