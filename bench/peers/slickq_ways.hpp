// Ways through the C++ face, all inlined.
#ifndef BENCH_PEERS_SLICKQ_WAYS_HPP
#define BENCH_PEERS_SLICKQ_WAYS_HPP

#include <slickq/slickq.hpp>

#include <cstdint>

namespace bench {

// Reserved, written in place, published: a record at a time, of Group elements.
template <class Item, std::uint32_t Group>
class write_record {
public:
    static constexpr bool knows_index = true;

    explicit write_record(slickq::queue<Item>& queue) : queue_(queue) {}

    template <class Fill>
    std::uint64_t put(Fill fill) {
        const std::uint64_t index = queue_.reserve(Group);
        Item* const elements = queue_[index];
        for (std::uint32_t k = 0; k < Group; ++k) fill(elements[k], k);
        queue_.publish(index, Group);
        return index + Group;
    }

private:
    slickq::queue<Item>& queue_;
};

// Group records of one element in a call, copied from the caller's memory.
template <class Item, std::uint32_t Group>
class write_group {
public:
    static constexpr bool knows_index = false;

    explicit write_group(slickq::queue<Item>& queue) : queue_(queue) {}

    template <class Fill>
    std::uint64_t put(Fill fill) {
        Item made[Group];
        for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
        queue_.write_batch({made, Group});
        return written_ += Group;
    }

private:
    slickq::queue<Item>& queue_;
    std::uint64_t written_ = 0;
};

// In place, a record at a time.
template <class Item, std::uint32_t>
class read_record {
public:
    static constexpr bool is_validated = false;

    explicit read_record(slickq::queue<Item>& queue) : queue_(queue) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const auto [elements, count] = queue_.read(cursor_);
        for (std::uint32_t k = 0; k < count; ++k) use(elements[k]);
        return count;
    }
    std::uint64_t position() const noexcept { return cursor_; }

private:
    slickq::queue<Item>& queue_;
    std::uint64_t cursor_ = 0;
};

// In place, up to Group records in a call.
template <class Item, std::uint32_t Group>
class read_group {
public:
    static constexpr bool is_validated = false;

    explicit read_group(slickq::queue<Item>& queue) : queue_(queue) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const auto elements = queue_.read_batch(cursor_, Group);
        for (const Item& each : elements) use(each);
        return static_cast<std::uint32_t>(elements.size());
    }
    std::uint64_t position() const noexcept { return cursor_; }

private:
    slickq::queue<Item>& queue_;
    std::uint64_t cursor_ = 0;
};

// Another way to read, with slickq::poller between the looks that find nothing.
template <template <class, std::uint32_t> class Read>
struct polled {
    template <class Item, std::uint32_t Group>
    class way : public Read<Item, Group> {
    public:
        using Read<Item, Group>::Read;

        template <class Use>
        std::uint32_t pop(Use use) {
            const std::uint32_t count = Read<Item, Group>::pop(use);
            count != 0 ? poll_.found() : poll_.nothing();
            return count;
        }

    private:
        slickq::poller poll_;
    };
};

inline slickq::reader_options from_the_beginning() {
    slickq::reader_options options;
    options.from = slickq::start::index;
    return options;
}

// Through a reader, which proves what it hands out.
template <class Item, std::uint32_t>
class read_validated {
public:
    static constexpr bool is_validated = true;

    explicit read_validated(slickq::queue<Item>& queue) : reader_(queue, from_the_beginning()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const auto got = reader_.read();
        for (const Item& each : got.elements) use(each);
        return static_cast<std::uint32_t>(got.elements.size());
    }
    std::uint64_t position() const noexcept { return reader_.cursor(); }

private:
    slickq::reader<Item> reader_;
};

template <class Item, std::uint32_t Group>
class read_group_validated {
public:
    static constexpr bool is_validated = true;

    explicit read_group_validated(slickq::queue<Item>& queue) : reader_(queue, from_the_beginning()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const auto got = reader_.read_batch(Group);
        for (const Item& each : got.elements) use(each);
        return static_cast<std::uint32_t>(got.elements.size());
    }
    std::uint64_t position() const noexcept { return reader_.cursor(); }

private:
    slickq::reader<Item> reader_;
};

} // namespace bench

#endif
