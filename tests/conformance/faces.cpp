#include "faces.hpp"

#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/slickq.h>
#include <slickq/slickq.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

namespace test {
namespace {

void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

slickq_options options_for(const slickq::geometry& shape) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = shape.capacity;
    options.element_size = shape.element_size;
    options.items_per_slot = shape.items_per_slot;
    options.layout = static_cast<std::uint32_t>(shape.layout);
    return options;
}

// ---------------------------------------------------------------- the ring, over bytes of our own

class ring_face : public face {
public:
    ring_face(const slickq::geometry& shape, const bytes& content)
        : shape_(shape), memory_(new(std::align_val_t{64}) std::byte[shape.segment_length()]{}) {
        std::copy_n(content.data(), std::min<std::size_t>(content.size(), shape.segment_length()), memory_.get());
        ring_ = slickq::ring(memory_.get(), shape);
        if (content.empty()) ring_.reset();
    }

    std::uint64_t reserve(std::uint32_t count) override { return ring_.reserve(count); }
    std::byte* at(std::uint64_t index) override { return ring_.at(index); }
    bool publish(std::uint64_t index, std::uint32_t count) override {
        return ring_.publish(index, count) == slickq::ring_result::ok;
    }
    std::optional<seen_record> read(std::uint64_t& cursor) override {
        slickq::record seen;
        return translate(ring_.read(cursor, seen), seen);
    }
    std::optional<seen_record> read_shared(std::uint64_t& cell) override {
        slickq::record seen;
        return translate(ring_.claim(reinterpret_cast<std::atomic<std::uint64_t>&>(cell), seen), seen);
    }
    std::uint64_t initial_reading_index() override { return ring_.reserved_index(); }

private:
    struct deleter {
        void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{64}); }
    };

    std::optional<seen_record> translate(slickq::ring_result result, const slickq::record& seen) const {
        if (result == slickq::ring_result::empty) return std::nullopt;
        if (result != slickq::ring_result::ok) throw std::runtime_error("the slot is damaged");
        return seen_record{seen.position, seen.count,
                           {ring_.at(seen.index), std::size_t{seen.count} * shape_.element_size}};
    }

    slickq::geometry shape_;
    std::unique_ptr<std::byte[], deleter> memory_;
    slickq::ring ring_;
};

// ---------------------------------------------------------------- the C API

class c_face : public face {
public:
    c_face(slickq_queue* queue, const slickq::geometry& shape) : queue_(queue), shape_(shape) {}
    ~c_face() override { slickq_queue_close(queue_); }

    std::uint64_t reserve(std::uint32_t count) override {
        std::uint64_t index = 0;
        require(slickq_queue_reserve(queue_, count, &index));
        return index;
    }
    std::byte* at(std::uint64_t index) override {
        void* elements = nullptr;
        require(slickq_queue_at(queue_, index, &elements));
        return static_cast<std::byte*>(elements);
    }
    bool publish(std::uint64_t index, std::uint32_t count) override {
        const slickq_status status = slickq_queue_publish(queue_, index, count);
        if (status == SLICKQ_E_STALE) return false;
        require(status);
        return true;
    }
    std::optional<seen_record> read(std::uint64_t& cursor) override {
        slickq_record record{};
        return translate(slickq_queue_read(queue_, &cursor, &record), record);
    }
    std::optional<seen_record> read_shared(std::uint64_t& cell) override {
        slickq_record record{};
        return translate(slickq_queue_read_shared(queue_, &cell, &record), record);
    }
    std::uint64_t initial_reading_index() override {
        std::uint64_t index = 0;
        require(slickq_queue_next_index(queue_, &index));
        return index;
    }

private:
    std::optional<seen_record> translate(slickq_status status, const slickq_record& record) const {
        if (status == SLICKQ_EMPTY) return std::nullopt;
        require(status);
        return seen_record{record.index % shape_.capacity, record.count,
                           {static_cast<const std::byte*>(record.data), std::size_t{record.count} * shape_.element_size}};
    }

    slickq_queue* queue_;
    slickq::geometry shape_;
};

// ---------------------------------------------------------------- the C++ face

template <std::size_t ElementSize>
class cpp_face : public face {
    using element = std::array<std::byte, ElementSize>;

public:
    cpp_face(const char* segment, const slickq_options& options) : queue_(segment, options) {}

    std::uint64_t reserve(std::uint32_t count) override { return queue_.reserve(count); }
    std::byte* at(std::uint64_t index) override { return queue_[index]->data(); }
    bool publish(std::uint64_t index, std::uint32_t count) override { return queue_.publish(index, count); }
    std::optional<seen_record> read(std::uint64_t& cursor) override { return translate(queue_.read(cursor)); }
    std::optional<seen_record> read_shared(std::uint64_t& cell) override {
        return translate(queue_.read(reinterpret_cast<std::atomic<std::uint64_t>&>(cell)));
    }
    std::uint64_t initial_reading_index() override { return queue_.next_index(); }

private:
    std::optional<seen_record> translate(std::pair<element*, std::uint32_t> got) {
        if (got.first == nullptr) return std::nullopt;
        return seen_record{static_cast<std::uint64_t>(got.first - queue_[0]), got.second,
                           {got.first->data(), got.second * ElementSize}};
    }

    slickq::queue<element> queue_;
};

std::unique_ptr<face> open_cpp(const char* segment, const slickq::geometry& shape) {
    const slickq_options options = options_for(shape);
    switch (shape.element_size) {
    case 1: return std::make_unique<cpp_face<1>>(segment, options);
    case 4: return std::make_unique<cpp_face<4>>(segment, options);
    case 8: return std::make_unique<cpp_face<8>>(segment, options);
    case 24: return std::make_unique<cpp_face<24>>(segment, options);
    case 32: return std::make_unique<cpp_face<32>>(segment, options);
    case 64: return std::make_unique<cpp_face<64>>(segment, options);
    default: throw std::runtime_error("no cpp_face of element size " + std::to_string(shape.element_size));
    }
}

} // namespace

std::vector<std::string> face_names() { return {"ring", "c", "cpp"}; }

std::unique_ptr<face> make_face(const std::string& name, const slickq::geometry& shape) {
    if (name == "ring") return std::make_unique<ring_face>(shape, bytes{});
    const slickq_options options = options_for(shape);
    slickq_queue* queue = nullptr;
    if (name == "c") {
        require(slickq_queue_create_local(&options, &queue));
        return std::make_unique<c_face>(queue, shape);
    }
    const segment_name segment; // removed at once: the mapping lives on
    require(slickq_queue_create(segment.c_str(), &options, &queue));
    auto made = open_cpp(segment.c_str(), shape);
    require(slickq_queue_close(queue));
    return made;
}

std::unique_ptr<face> open_face(const std::string& name, const std::string& segment, const slickq::geometry& shape) {
    if (name == "ring") return std::make_unique<ring_face>(shape, read_shm(segment));
    if (name == "cpp") return open_cpp(segment.c_str(), shape);
    slickq_options options{};
    options.struct_size = sizeof options;
    if (shape.layout == slickq::layout::wide) options.element_size = shape.element_size; // all else is adopted
    slickq_queue* queue = nullptr;
    require(slickq_queue_open(segment.c_str(), &options, &queue));
    return std::make_unique<c_face>(queue, shape);
}

} // namespace test
