// What the agent in C++ does with a queue. The face needs to know the size of an element when it is compiled: there is a session for
// each that is asked for.
#ifndef SLICKQ_TESTS_BINDINGS_AGENT_CPP_SESSION_HPP
#define SLICKQ_TESTS_BINDINGS_AGENT_CPP_SESSION_HPP

#include "agent_cpp_words.hpp"
#include "agent_shared.h"

#include <slickq/slickq.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace agent {

using namespace std::chrono_literals;

constexpr auto patience = 60s; // that a request may take
constexpr auto idle = 200us;   // between looks when there is nothing to read

inline std::string status_name(slickq_status status) { return slickq_status_name(status); }

inline void require_ok(slickq_status status) {
    if (status != SLICKQ_OK) slickq::raise(status, slickq_last_message());
}

using cell_type = std::atomic<std::uint64_t>;

// A shared cursor: the face has any atomic for one, and leaves naming it to the C ABI.
class shared_cell {
public:
    ~shared_cell() { close(); }

    void open(const std::string& name, std::uint64_t offset) {
        close();
        if (name == "-") return;
        require_ok(slickq_cursor_open_or_create(name.c_str(), offset, 0, SLICKQ_TIMEOUT_DEFAULT, &handle_));
        std::uint64_t* address = nullptr;
        require_ok(slickq_cursor_cell(handle_, &address));
        cell_ = reinterpret_cast<cell_type*>(address);
    }

    cell_type* operator->() { return cell_; }
    cell_type& operator*() { return *cell_; }

private:
    void close() {
        if (handle_ != nullptr) slickq_cursor_close(handle_);
        handle_ = nullptr;
        local_ = 0;
        cell_ = &local_;
    }

    slickq_cursor* handle_ = nullptr;
    cell_type local_{0};
    cell_type* cell_ = &local_;
};

inline shared_cell cell;

struct session {
    virtual ~session() = default;
    virtual std::string opened() const = 0;
    virtual std::string obey(const std::string& request, words& in) = 0;
};

template <std::size_t ElementSize>
class session_of final : public session {
    using element = std::array<std::uint8_t, ElementSize>;
    using records = slickq::reader<element>;

public:
    session_of(const char* name, const slickq_options& options)
        : queue_(open(name, options)),
          mask_(queue_.layout() == slickq::layout::wide ? ~std::uint64_t{0} : (std::uint64_t{1} << 48) - 1),
          flags_(options.flags) {}

    std::string opened() const override {
        return told("ok", int{queue_.own_buffer()}, queue_.size(), ElementSize, queue_.items_per_slot(),
                    static_cast<unsigned>(queue_.layout()));
    }

    std::string obey(const std::string& request, words& in) override {
        static const std::map<std::string, std::string (session_of::*)(words&)> requests{
            {"reset", &session_of::reset},
            {"reserve", &session_of::reserve},
            {"fill", &session_of::fill},
            {"publish", &session_of::publish},
            {"write", &session_of::write},
            {"write_batch", &session_of::write_batch},
            {"start", &session_of::start},
            {"next", &session_of::next},
            {"read", &session_of::read},
            {"read_copy", &session_of::read_copy},
            {"read_batch", &session_of::read_batch},
            {"read_last", &session_of::read_last},
            {"check", &session_of::check},
            {"lost", &session_of::lost},
            {"claim", &session_of::claim},
            {"reader", &session_of::reader},
            {"next_record", &session_of::next_record},
            {"wait_record", &session_of::wait_record},
            {"next_batch", &session_of::next_batch},
            {"worker", &session_of::worker},
            {"work", &session_of::work},
            {"done", &session_of::done},
            {"produce", &session_of::produce},
            {"produce_batch", &session_of::produce_batch},
            {"seek", &session_of::seek},
            {"consume", &session_of::consume},
            {"consume_reader", &session_of::consume_reader},
        };
        const auto found = requests.find(request);
        if (found == requests.end()) lack(request);
        static const std::set<std::string> writing{"fill",  "publish",     "reserve", "reset",
                                                   "write", "write_batch", "produce", "produce_batch"};
        // The face's hot path does not look: that memory can't be written.
        if ((flags_ & SLICKQ_OPEN_READ_ONLY) != 0 && writing.count(request) != 0) lack(request + " on a read-only queue");
        return (this->*found->second)(in);
    }

private:
    static slickq::queue<element> open(const char* name, const slickq_options& options) {
        if (options.capacity == 0 && name != nullptr) return slickq::queue<element>(name, options);
        return slickq::queue<element>(options.capacity, name, options);
    }

    // ---- bytes

    static std::string hex_of(std::span<const element> elements) {
        static const char digits[] = "0123456789abcdef";
        if (elements.empty()) return "-";
        std::string text;
        text.reserve(2 * elements.size_bytes());
        for (const element& one : elements) {
            for (const std::uint8_t byte : one) {
                text += digits[byte >> 4];
                text += digits[byte & 15];
            }
        }
        return text;
    }

    static std::vector<element> elements_in(const std::string& bytes) {
        if (bytes.size() % ElementSize != 0) refuse("SLICKQ_E_ARGUMENT these are no whole elements");
        std::vector<element> all(bytes.size() / ElementSize);
        if (!bytes.empty()) std::memcpy(all.data(), bytes.data(), bytes.size());
        return all;
    }

    // The index of a record of `count` elements, where the cursor stands right behind it.
    std::uint64_t behind(std::uint64_t cursor, std::uint32_t count) const {
        const std::uint64_t unit = queue_.items_per_slot();
        return (cursor - (count + unit - 1) / unit * unit) & mask_;
    }

    // The index, before `end` and less than a lap away, of what lies there in the ring.
    std::uint64_t index_of(const element* place, std::uint64_t end) {
        const auto position = static_cast<std::uint64_t>(place - queue_[0]);
        return (end - 1 - ((end - 1 - position) & (queue_.size() - 1))) & mask_;
    }

    // ---- producing

    std::string reset(words&) {
        queue_.reset();
        return "ok";
    }

    std::uint64_t reserved(std::uint32_t count) {
        const auto index = queue_.reserve_for(count, 0s);
        if (!index) refuse("SLICKQ_FULL " + std::string(slickq_status_text(SLICKQ_FULL)));
        return *index;
    }

    static std::string stale() { return "error SLICKQ_E_STALE " + std::string(slickq_status_text(SLICKQ_E_STALE)); }

    std::string reserve(words& in) { return told("ok", reserved(in.number<std::uint32_t>())); }

    std::string fill(words& in) {
        const auto index = in.number();
        const std::string bytes = in.bytes();
        std::memcpy(queue_[index], bytes.data(), bytes.size());
        return "ok";
    }

    std::string publish(words& in) {
        const auto index = in.number();
        return queue_.publish(index, in.number<std::uint32_t>()) ? "ok" : stale();
    }

    std::string write(words& in) {
        const auto elements = elements_in(in.bytes());
        const auto count = static_cast<std::uint32_t>(elements.size());
        const std::uint64_t index = reserved(count);
        std::copy(elements.begin(), elements.end(), queue_[index]);
        return queue_.publish(index, count) ? told("ok", index) : stale();
    }

    std::string write_batch(words& in) {
        if ((flags_ & SLICKQ_OPEN_LOSSLESS) != 0) lack("a batch that does not wait for room");
        const auto elements = elements_in(in.bytes());
        if (in.next_is("-")) return queue_.write_batch(elements) ? told("ok", elements.size()) : stale();
        const auto counts = in.numbers();
        return queue_.write_batch(elements, counts) ? told("ok", counts.size()) : stale();
    }

    // ---- plain cursors

    // The face has but one start; it leaves the search for the others to the C ABI.
    std::string start(words& in) {
        const auto which = in.number<std::uint32_t>();
        if (which == SLICKQ_START_NOW) return told("ok", queue_.next_index());
        std::uint64_t cursor = 0;
        const slickq_status status = slickq_queue_cursor_at(queue_.handle(), which, &cursor);
        require_ok(status);
        return told("ok", cursor);
    }

    std::string next(words&) { return told("ok", queue_.next_index()); }

    std::string read(words& in) {
        auto cursor = in.number();
        const auto [first, count] = queue_.read(cursor);
        if (first == nullptr) return told("empty", cursor);
        return told("ok", cursor, behind(cursor, count), count, hex_of({first, count}));
    }

    // Copies the next record into buffer_, which grows as it must.
    std::uint32_t copied(std::uint64_t& cursor) {
        for (;;) {
            try {
                return queue_.read(cursor, std::span(buffer_));
            } catch (const slickq::error& failure) {
                if (failure.status() != SLICKQ_E_BUFFER) throw;
                buffer_.resize(2 * buffer_.size());
            }
        }
    }

    std::string read_copy(words& in) {
        auto cursor = in.number();
        const std::uint32_t count = copied(cursor);
        if (count == 0) return told("empty", cursor);
        return told("ok", cursor, behind(cursor, count), count, hex_of({buffer_.data(), count}));
    }

    // The face's batch is elements that lie one after another, and does not tell one record from the next. So each is preceded by
    // a read of its first record, and the others' places are read after it. What lies behind a gap is left to the next request.
    std::string read_batch(words& in) {
        auto cursor = in.number();
        const auto limit = in.number<std::uint32_t>();
        std::string places;
        std::vector<element> all;
        std::optional<std::uint64_t> begin;
        for (std::uint32_t found = 0; found < limit;) {
            std::uint64_t at = cursor;
            const auto [first, count] = queue_.read(at);
            if (first == nullptr && !begin) return told("empty", at);
            if (first == nullptr || (begin && behind(at, count) != cursor)) break;
            at = cursor = behind(at, count);
            if (!begin) begin = cursor;
            const std::span<const element> run = queue_.read_batch(cursor, limit - found);
            all.insert(all.end(), run.begin(), run.end());
            while (at != cursor) {
                const std::uint32_t size = queue_.read(at).second;
                places += (found++ == 0 ? "" : ",") + std::to_string(behind(at, size)) + ":" + std::to_string(size);
            }
        }
        if (!begin) refuse("SLICKQ_E_ARGUMENT a batch of 0 records");
        if (!queue_.validate(*begin)) return "error SLICKQ_LAPPED the batch was being overwritten";
        return told("ok", cursor, places, hex_of(all));
    }

    std::string read_last(words&) {
        const auto [first, count] = queue_.read_last();
        if (first == nullptr) return "empty";
        return told("ok", index_of(first, queue_.next_index()), count, hex_of({first, count}));
    }

    std::string check(words& in) { return queue_.validate(in.number()) ? "ok" : "SLICKQ_LAPPED"; }
    std::string lost(words&) { return told("ok", queue_.loss_count()); }

    std::string claim(words&) {
        const auto [first, count] = queue_.read(*cell);
        if (first == nullptr) return "empty";
        return told("ok", index_of(first, queue_.next_index()), count, hex_of({first, count}));
    }

    // ---- readers and workers

    records& the_reader() {
        if (!reader_) refuse("REQUEST there is no reader");
        return *reader_;
    }

    slickq::worker<element>& the_worker() {
        if (!worker_) refuse("REQUEST there is no worker");
        return *worker_;
    }

    std::string reader(words& in) {
        slickq::reader_options options;
        const auto which = in.number<std::uint32_t>();
        options.from = which == SLICKQ_START_OLDEST   ? slickq::start::oldest
                       : which == SLICKQ_START_NEWEST ? slickq::start::newest
                                                      : slickq::start::now;
        if (const auto batch = in.number<std::uint32_t>(); batch != 0) options.batch = batch;
        reader_.reset();
        reader_.emplace(queue_, options, in.number() != 0);
        return "ok";
    }

    template <class Step>
    static std::string instead(const Step& step) {
        static const std::map<slickq::read_result, slickq_status> statuses{
            {slickq::read_result::empty, SLICKQ_EMPTY},           {slickq::read_result::pending, SLICKQ_PENDING},
            {slickq::read_result::lapped, SLICKQ_LAPPED},         {slickq::read_result::gap, SLICKQ_GAP},
            {slickq::read_result::reset, SLICKQ_RESET},           {slickq::read_result::corrupt, SLICKQ_E_CORRUPT},
            {slickq::read_result::half_reset, SLICKQ_E_HALF_RESET}, {slickq::read_result::evicted, SLICKQ_E_EVICTED}};
        const slickq_status status = statuses.at(step.what);
        if (status == SLICKQ_E_HALF_RESET || status == SLICKQ_E_EVICTED) {
            return told("error", status_name(status), slickq_status_text(status));
        }
        return told(status_name(status), step.index, step.lost);
    }

    static std::string record_told(const typename records::item& item) {
        if (!item) return instead(item);
        return told("ok", item.index, item.elements.size(), hex_of(item.elements));
    }

    std::string next_record(words&) { return record_told(the_reader().read()); }

    std::string wait_record(words& in) {
        const auto item = the_reader().read_for(std::chrono::milliseconds(in.number<std::uint32_t>()));
        if (item.what == slickq::read_result::empty || item.what == slickq::read_result::pending) return "SLICKQ_TIMED_OUT 0 0";
        return record_told(item);
    }

    std::string next_batch(words& in) {
        const auto batch = the_reader().read_batch(in.number<std::uint32_t>());
        if (!batch) return instead(batch);
        std::string places;
        for (const auto& entry : batch.records) {
            places += (places.empty() ? "" : ",") + std::to_string(entry.index) + ":" + std::to_string(entry.count);
        }
        return told("ok", places, hex_of(batch.elements));
    }

    std::string worker(words& in) {
        const std::string group = in.text();
        slickq_worker_options options{};
        options.mode = in.number<std::uint32_t>();
        worker_.reset();
        worker_.emplace(queue_, group, options);
        return "ok";
    }

    std::string work(words&) {
        const auto item = the_worker().read();
        if (!item) return told(status_name(item.what), item.index, item.lost);
        return told("ok", item.index, item.elements.size(), hex_of(item.elements), int{item.is_redelivered});
    }

    std::string done(words&) {
        the_worker().done();
        return "ok";
    }

    // ---- many at once

    stream stream_in(words& in) {
        stream s{};
        s.writer = in.number();
        s.first = in.number();
        s.last = in.number();
        s.most = in.number<std::uint32_t>();
        s.element_size = ElementSize;
        if (s.most == 0) refuse("REQUEST a record has an element");
        return s;
    }

    // The face's writes wait for room for ever; reserve_for() does not.
    std::string produce(words& in) {
        const stream s = stream_in(in);
        for (std::uint64_t number = s.first; number < s.last; ++number) {
            const std::uint32_t count = stream_count(&s, number);
            const auto index = queue_.reserve_for(count, patience);
            if (!index) return "error SLICKQ_TIMED_OUT there was no room for record " + std::to_string(number);
            stream_make(&s, number, queue_[*index]->data());
            if (!queue_.publish(*index, count)) return stale();
        }
        return "ok";
    }

    std::string produce_batch(words& in) {
        const stream s = stream_in(in);
        const auto most = in.number<std::uint32_t>();
        if (most == 0) refuse("REQUEST a batch has a record");
        std::vector<element> elements;
        std::vector<std::uint32_t> counts;
        for (std::uint64_t number = s.first; number < s.last;) {
            elements.clear();
            counts.clear();
            for (; counts.size() < most && number < s.last; ++number) {
                const std::size_t before = elements.size();
                counts.push_back(stream_count(&s, number));
                elements.resize(before + counts.back());
                stream_make(&s, number, elements[before].data());
            }
            if (!(s.most == 1 ? queue_.write_batch(elements) : queue_.write_batch(elements, counts))) return stale();
        }
        return "ok";
    }

    std::string seek(words& in) {
        consumed_ = in.number();
        return "ok";
    }

    static void expect(const stream& s, std::uint64_t number, std::span<const element> elements) {
        if (stream_is(&s, number, elements.data(), elements.size_bytes())) return;
        refuse("BAD record " + std::to_string(number) + ": " + hex_of(elements));
    }

    std::string consume(words& in) {
        const stream s = stream_in(in);
        const auto give_up = std::chrono::steady_clock::now() + patience;
        const std::uint64_t lost_before = queue_.loss_count();
        for (std::uint64_t number = s.first; number < s.last; ++number) {
            std::uint32_t count = 0;
            while ((count = copied(consumed_)) == 0) {
                if (std::chrono::steady_clock::now() > give_up) refuse("BAD record " + std::to_string(number) + " did not come");
                std::this_thread::sleep_for(idle);
            }
            if (queue_.loss_count() != lost_before) refuse("BAD elements were lost before record " + std::to_string(number));
            expect(s, number, {buffer_.data(), count});
        }
        return told("ok", consumed_);
    }

    std::string consume_reader(words& in) {
        const stream s = stream_in(in);
        const std::int64_t give_up = slickq::detail::deadline_in(patience);
        for (std::uint64_t number = s.first; number < s.last;) {
            const auto limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(s.last - number, 256));
            const auto batch = the_reader().read_batch_until(limit, give_up);
            if (!batch) refuse("BAD at record " + std::to_string(number) + ": " + instead(batch));
            auto rest = batch.elements;
            for (const auto& entry : batch.records) {
                expect(s, number++, rest.first(entry.count));
                rest = rest.subspan(entry.count);
            }
        }
        return "ok";
    }

    slickq::queue<element> queue_;
    std::uint64_t mask_; // of an index
    std::uint32_t flags_;
    std::optional<records> reader_;
    std::optional<slickq::worker<element>> worker_;
    std::vector<element> buffer_{1};
    std::uint64_t consumed_ = 0; // the cursor of consume
};

} // namespace agent

#endif
