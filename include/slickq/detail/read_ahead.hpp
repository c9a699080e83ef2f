// read_ahead.hpp - the memory of a validated reader: the records that it has copied ahead, and hands out one by one.
// What is copied is not to be trusted until it is validated (validated_reader.hpp).
#ifndef SLICKQ_DETAIL_READ_AHEAD_HPP
#define SLICKQ_DETAIL_READ_AHEAD_HPP

#include <slickq/detail/reader_types.hpp>
#include <slickq/detail/ring.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_read_ahead {
public:
    using ring_type = basic_ring<Atomics>;
    static constexpr std::uint32_t largest_batch = 1 << 16;

    // `batch`: records at most.
    basic_read_ahead(const ring_type& source, std::uint32_t batch) {
        const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(largest_batch, source.capacity()));
        batch_ = std::clamp<std::uint32_t>(batch, 1, most);
        entries_.reserve(batch_);
        make_room(source, source.bytes_of(1));
    }

    // Whether nothing is left to hand out.
    bool is_drained() const noexcept { return next_ == entries_.size(); }
    // What is left, in order.
    std::span<const batch_entry> records() const noexcept { return std::span(entries_).subspan(next_); }

    // There is a next one. Its elements stay until the next copy_from().
    const batch_entry& take(const ring_type& source, const std::byte*& data) noexcept {
        const batch_entry& e = entries_[next_++];
        data = data_;
        data_ += source.bytes_of(e.count);
        return e;
    }
    // As many as are left, `limit` at most (0: all).
    batch_delivery take_batch(const ring_type& source, std::uint32_t limit) noexcept {
        const auto held = static_cast<std::uint32_t>(entries_.size() - next_);
        const std::uint32_t records = limit != 0 ? std::min(limit, held) : held;
        batch_delivery out{data_, &entries_[next_], entries_[next_].index, 0, records, 0};
        for (std::uint32_t k = 0; k < records; ++k) out.elements += entries_[next_ + k].count;
        next_ += records;
        data_ += source.bytes_of(out.elements);
        return out;
    }

    // Of what was just copied only so many stay.
    void keep(std::size_t records) noexcept { entries_.resize(records); }

    // Forgets what is left, and copies records from `from` on, as many as a batch has and as there is room for; `from`
    // is then the index behind them. If there are none, the result is the slot view that stopped it. Throws
    // std::bad_alloc if one record that is larger than any before finds no memory; then nothing was copied.
    slot_view copy_from(const ring_type& source, std::uint64_t& from) {
        keep(0);
        next_ = 0;
        data_ = buffer_.get();
        std::uint64_t at = from;
        std::uint64_t used = 0;
        const std::byte* run = nullptr; // records that lie one after another are copied as one
        std::uint64_t run_length = 0;   // bytes, the last of what is used
        const auto copy_run = [&] {
            Atomics::copy_out(buffer_.get() + (used - run_length), run, run_length); // copy:A
            run_length = 0;
        };
        slot_view stopped{slot_view::nothing, 0, 0};
        while (entries_.size() < batch_) {
            const std::uint32_t singles = count_singles(source, at, used);
            if (singles != 0) {
                if (source.at(at) != run + run_length) {
                    copy_run();
                    run = source.at(at);
                }
                for (std::uint32_t k = 0; k < singles; ++k) entries_.push_back({at + k, 1, 0});
                used += source.bytes_of(singles);
                run_length += source.bytes_of(singles);
                at = source.after(at, singles);
                continue;
            }
            const slot_view seen = source.look(at);
            if (seen.what == slot_view::changed) continue;
            if (seen.what == slot_view::wrap_marker && source.is_skip(at, seen.data_index)) {
                at = seen.data_index;
                continue;
            }
            if (seen.what != slot_view::intact_record || seen.data_index != at) {
                stopped = seen;
                break;
            }
            const std::uint64_t bytes = source.bytes_of(seen.count);
            if (used + bytes > room_) {
                if (!entries_.empty()) break;
                make_room(source, bytes);
            }
            if (source.at(at) != run + run_length) {
                copy_run();
                run = source.at(at);
            }
            used += bytes;
            run_length += bytes;
            entries_.push_back({at, seen.count, 0});
            at = source.after(at, seen.count);
        }
        copy_run();
        from = at;
        return stopped;
    }

private:
    struct free_aligned {
        void operator()(std::byte* memory) const noexcept { ::operator delete(memory, alignment); }
    };
    static constexpr std::align_val_t alignment{64}; // so that every record lies as its elements do in an array
    static constexpr std::uint64_t usual_room = 16 * 1024; // bytes: a part of the first-level cache

    // How many records of one element follow, one behind the other, as far as there is room for them and for their
    // entries.
    std::uint32_t count_singles(const ring_type& source, std::uint64_t at, std::uint64_t used) const noexcept {
        if (source.slot_step() != 1) return 0;
        const std::uint64_t room = (room_ - used) / source.bytes_of(1);
        const std::uint64_t to_end = source.capacity() - source.position(at);
        const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>({room, batch_ - entries_.size(), to_end}));
        std::uint32_t found = 0;
        while (found < most && source.is_next_single(at + found)) ++found;
        return found;
    }

    void make_room(const ring_type& source, std::uint64_t bytes) {
        const std::uint64_t room = std::max(bytes, std::min(source.bytes_of(batch_), usual_room));
        buffer_.reset(static_cast<std::byte*>(::operator new(room, alignment)));
        room_ = room;
        data_ = buffer_.get();
    }

    std::uint32_t batch_ = 1;
    std::vector<batch_entry> entries_; // from next_ on they are left
    std::size_t next_ = 0;
    const std::byte* data_ = nullptr; // of the next one
    std::unique_ptr<std::byte, free_aligned> buffer_;
    std::uint64_t room_ = 0; // bytes of the buffer
};

} // namespace slickq

#endif
