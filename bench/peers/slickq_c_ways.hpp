// Ways through the C ABI, each a call into the shared library, as any binding makes them.
#ifndef BENCH_PEERS_SLICKQ_C_WAYS_HPP
#define BENCH_PEERS_SLICKQ_C_WAYS_HPP

#include <slickq/slickq.hpp>

#include <cstdint>
#include <stdexcept>

namespace bench {

// A publish that comes a lap too late is no error here: where items may not be lost, the consumer misses it.
inline void expect(slickq_status status) {
    if (status < 0 && status != SLICKQ_E_STALE) throw std::runtime_error(slickq_status_name(status));
}

// One call: slickq_queue_write().
template <class Item, std::uint32_t Group>
class c_write {
public:
    static constexpr bool knows_index = true;

    explicit c_write(slickq::queue<Item>& queue) : handle_(queue.handle()) {}

    template <class Fill>
    std::uint64_t put(Fill fill) {
        Item made[Group];
        for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
        std::uint64_t index;
        expect(slickq_queue_write(handle_, made, Group, &index));
        return index + Group;
    }

private:
    slickq_queue* handle_;
};

// Three calls: reserve, at, publish.
template <class Item, std::uint32_t Group>
class c_write_in_place {
public:
    static constexpr bool knows_index = true;

    explicit c_write_in_place(slickq::queue<Item>& queue) : handle_(queue.handle()) {}

    template <class Fill>
    std::uint64_t put(Fill fill) {
        std::uint64_t index;
        void* elements;
        expect(slickq_queue_reserve(handle_, Group, &index));
        expect(slickq_queue_at(handle_, index, &elements));
        for (std::uint32_t k = 0; k < Group; ++k) fill(static_cast<Item*>(elements)[k], k);
        expect(slickq_queue_publish(handle_, index, Group));
        return index + Group;
    }

private:
    slickq_queue* handle_;
};

// One call for Group records: slickq_queue_write_batch().
template <class Item, std::uint32_t Group>
class c_write_group {
public:
    static constexpr bool knows_index = false;

    explicit c_write_group(slickq::queue<Item>& queue) : handle_(queue.handle()) {}

    template <class Fill>
    std::uint64_t put(Fill fill) {
        Item made[Group];
        for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
        expect(slickq_queue_write_batch(handle_, made, nullptr, Group, nullptr));
        return written_ += Group;
    }

private:
    slickq_queue* handle_;
    std::uint64_t written_ = 0;
};

// slickq_queue_read().
template <class Item, std::uint32_t>
class c_read {
public:
    static constexpr bool is_validated = false;

    explicit c_read(slickq::queue<Item>& queue) : handle_(queue.handle()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        slickq_record record;
        const slickq_status status = slickq_queue_read(handle_, &cursor_, &record);
        if (status != SLICKQ_OK) {
            expect(status);
            return 0;
        }
        const auto* const elements = static_cast<const Item*>(record.data);
        for (std::uint32_t k = 0; k < record.count; ++k) use(elements[k]);
        return record.count;
    }
    std::uint64_t position() const noexcept { return cursor_; }

private:
    slickq_queue* handle_;
    std::uint64_t cursor_ = 0;
};

// slickq_queue_read_batch().
template <class Item, std::uint32_t Group>
class c_read_group {
public:
    static constexpr bool is_validated = false;

    explicit c_read_group(slickq::queue<Item>& queue) : handle_(queue.handle()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        std::uint32_t count = 0;
        expect(slickq_queue_read_batch(handle_, &cursor_, records_, Group, &count));
        for (std::uint32_t k = 0; k < count; ++k) use(*static_cast<const Item*>(records_[k].data));
        return count;
    }
    std::uint64_t position() const noexcept { return cursor_; }

private:
    slickq_queue* handle_;
    std::uint64_t cursor_ = 0;
    slickq_record records_[Group];
};

class c_reader {
public:
    explicit c_reader(slickq_queue* queue) {
        slickq_reader_options options{};
        options.struct_size = sizeof options;
        options.start = SLICKQ_START_INDEX;
        expect(slickq_reader_open(queue, &options, &handle));
    }
    c_reader(const c_reader&) = delete;
    c_reader& operator=(const c_reader&) = delete;
    ~c_reader() { slickq_reader_close(handle); }

    slickq_reader* handle = nullptr;
};

// slickq_reader_read().
template <class Item, std::uint32_t>
class c_read_validated {
public:
    static constexpr bool is_validated = true;

    explicit c_read_validated(slickq::queue<Item>& queue) : reader_(queue.handle()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        slickq_record record;
        const slickq_status status = slickq_reader_read(reader_.handle, &record);
        if (status != SLICKQ_OK) {
            expect(status);
            return 0;
        }
        const auto* const elements = static_cast<const Item*>(record.data);
        for (std::uint32_t k = 0; k < record.count; ++k) use(elements[k]);
        position_ = record.index + record.count;
        return record.count;
    }
    std::uint64_t position() const noexcept { return position_; }

private:
    c_reader reader_;
    std::uint64_t position_ = 0;
};

// slickq_reader_read_batch().
template <class Item, std::uint32_t Group>
class c_read_group_validated {
public:
    static constexpr bool is_validated = true;

    explicit c_read_group_validated(slickq::queue<Item>& queue) : reader_(queue.handle()) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        slickq_batch batch;
        const slickq_status status = slickq_reader_read_batch(reader_.handle, Group, &batch);
        if (status != SLICKQ_OK) {
            expect(status);
            return 0;
        }
        const auto* const elements = static_cast<const Item*>(batch.data);
        for (std::uint32_t k = 0; k < batch.elements; ++k) use(elements[k]);
        position_ = batch.index + batch.elements; // records of one element are all that is written here
        return batch.elements;
    }
    std::uint64_t position() const noexcept { return position_; }

private:
    c_reader reader_;
    std::uint64_t position_ = 0;
};

} // namespace bench

#endif
