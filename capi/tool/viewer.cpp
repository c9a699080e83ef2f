#include "viewer.hpp"

#include "error.hpp"
#include "io.hpp"
#include "json.hpp"
#include "name_watch.hpp"
#include "shared_queue.hpp"
#include "signals.hpp"
#include "waiting.hpp"

#include <charconv>
#include <deque>
#include <memory>
#include <optional>
#include <regex>

namespace tool {
namespace {

// The index where the last `count` records begin.
std::uint64_t start_of_last(const shared_queue& queue, std::uint64_t count) {
    std::uint64_t cursor = 0;
    check(slickq_queue_cursor_at(queue.handle(), SLICKQ_START_OLDEST, &cursor));
    const std::uint64_t end = queue.reserved();
    std::deque<std::uint64_t> last;
    slickq_record record{};
    while (stop_signal() == 0 && queue.distance(end, cursor) > 0) {
        const slickq_status status = slickq_queue_read(queue.handle(), &cursor, &record);
        if (status == SLICKQ_EMPTY) break;
        last.push_back(record.index);
        if (last.size() > count) last.pop_front();
    }
    return last.empty() ? cursor : last.front();
}

slickq_reader_options start_of(const shared_queue& queue, const tail_options& options) {
    constexpr std::uint64_t usual_count = 10;
    slickq_reader_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.start = SLICKQ_START_INDEX;
    const std::string& from = options.from;
    if (from.empty() && options.is_tail) {
        wanted.start_index = start_of_last(queue, options.count != 0 ? options.count : usual_count);
    } else if (from.empty() || from == "oldest") {
        wanted.start = SLICKQ_START_OLDEST;
    } else if (from == "newest") {
        wanted.start = SLICKQ_START_NEWEST;
    } else if (from == "now") {
        wanted.start = SLICKQ_START_NOW;
    } else {
        const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), wanted.start_index);
        if (error != std::errc() || end != from.data() + from.size()) {
            throw usage_error("--from '" + from + "' is none of oldest, newest, now, or an index");
        }
    }
    return wanted;
}

class viewer {
public:
    viewer(const shared_queue& queue, const tail_options& options)
        : queue_(queue),
          options_(options),
          end_(queue.reserved()),
          format_(options.json ? record_format(record_format::json_lines, {}) : options.format.make()) {
        if (!options.pattern.empty()) pattern_.emplace(options.pattern, std::regex::optimize);
        const slickq_reader_options wanted = start_of(queue, options);
        slickq_reader* made = nullptr;
        check(slickq_reader_open(queue.handle(), &wanted, &made));
        reader_.reset(made);
    }

    int run() {
        name_watch name(queue_);
        // With --follow and a start that -n gives, it does not end after that.
        const bool ends_by_count = options_.count != 0 && !(options_.is_tail && options_.from.empty());
        while (stop_signal() == 0 && !is_cut_off_ && !(ends_by_count && shown_ >= options_.count)) {
            slickq_record record{};
            slickq_status status = slickq_reader_read(reader_.get(), &record);
            if (status == SLICKQ_EMPTY || status == SLICKQ_PENDING) {
                flush();
                // What is reserved and not published may come, or be stepped over: that is waited for, to account for
                // all.
                if (status == SLICKQ_EMPTY && !options_.follow) break;
                if (options_.follow && status == SLICKQ_EMPTY && name.is_orphan()) {
                    note(name.text());
                    return finish(exit_error);
                }
                status = slickq_reader_read_until(reader_.get(), slickq_deadline(wait_slice_ns), &record);
            }
            take(status, record);
            if (status == SLICKQ_OK) fruitless_resets_ = 0;
            if (status == SLICKQ_RESET && ++fruitless_resets_ > 1) {
                flush();
                if (!options_.follow) break; // what there was when it began is gone
                nap(wait_slice_ns);
            }
            // Without --follow that is all there was when it began, however fast producers are.
            if (!options_.follow && status != SLICKQ_TIMED_OUT &&
                queue_.distance(record.index + record.count, end_) >= 0)
                break;
        }
        flush();
        return finish(exit_ok);
    }

private:
    struct closer {
        void operator()(slickq_reader* handle) const noexcept { slickq_reader_close(handle); }
    };

    void take(slickq_status status, const slickq_record& record) {
        switch (status) {
        case SLICKQ_OK: show(record); break;
        case SLICKQ_LAPPED: tell_loss("lapped", record); break;
        case SLICKQ_GAP: tell_loss("unpublished", record); break;
        case SLICKQ_RESET: tell_loss("reset", record); break;
        case SLICKQ_E_CORRUPT: tell_loss("corrupt", record); break;
        default: check(status);
        }
    }

    void show(const slickq_record& record) {
        const std::string_view bytes(static_cast<const char*>(record.data),
                                     std::size_t{record.count} * queue_.info().element_size);
        const std::string_view line = line_of(bytes);
        if (pattern_ && !std::regex_search(line.begin(), line.end(), *pattern_)) return;
        output_ += format_.print(bytes, record.index, record.count, true);
        ++shown_;
        if (output_.size() >= 64 * 1024) flush();
    }

    void tell_loss(const char* cause, const slickq_record& record) {
        lost_ += record.lost;
        if (format_.is_json()) {
            output_ += to_text(json{{"lost", record.lost}, {"cause", cause}, {"next_index", record.index}}) + "\n";
        } else if (format_.what() != record_format::raw) {
            output_ += "-- lost " + std::to_string(record.lost) + " elements before index " +
                       std::to_string(record.index) + ": " + cause + "\n";
        }
    }

    void flush() {
        if (!output_.empty() && !write_to_stdout(output_)) is_cut_off_ = true;
        output_.clear();
    }

    int finish(int code) {
        if (lost_ == 0) return code;
        slickq_reader_info info{};
        info.struct_size = sizeof info;
        check(slickq_reader_get_info(reader_.get(), &info));
        note("lost " + std::to_string(lost_) + " elements: " + std::to_string(info.lost_lapped) + " lapped, " +
             std::to_string(info.lost_gap) + " unpublished, " + std::to_string(info.lost_torn) + " torn or corrupt, " +
             std::to_string(info.lost_reset) + " reset");
        return code == exit_ok ? static_cast<int>(exit_lost) : code;
    }

    const shared_queue& queue_;
    const tail_options& options_;
    std::uint64_t end_; // what was reserved when it began
    record_format format_;
    std::optional<std::regex> pattern_;
    std::unique_ptr<slickq_reader, closer> reader_;
    std::string output_;
    std::uint64_t shown_ = 0;
    std::uint64_t lost_ = 0;
    std::uint64_t fruitless_resets_ = 0; // since the last record
    bool is_cut_off_ = false;
};

} // namespace

int view(const tail_options& options) {
    catch_stop_signals();
    slickq_options request{};
    request.struct_size = sizeof request;
    request.flags = SLICKQ_OPEN_READ_ONLY;
    request.element_size = options.element_size;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(options.name.c_str(), &request, &handle), options.name);
    const shared_queue queue(handle, options.name);
    try {
        return viewer(queue, options).run();
    } catch (const std::regex_error& error) {
        throw usage_error("--grep '" + options.pattern + "' is no regular expression: " + error.what());
    }
}

} // namespace tool
