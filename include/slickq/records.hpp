// records.hpp - what a slickq::reader has for you now, as a range: for (const auto& item : slickq::records(reader)) ...
// It is the loop that calls reader.read() until nothing is there, and costs what that costs.
#ifndef SLICKQ_RECORDS_HPP
#define SLICKQ_RECORDS_HPP

#include <slickq/reader.hpp>

#include <cstddef>
#include <iterator>
#include <ranges>

namespace slickq::inline SLICKQ_NAMESPACE {

// Ends where the reader says read_result::empty, pending or half_reset. Everything else is an item, losses too: ask
// each what it is. An item is valid until the next step. Reading goes on with another range, or with the reader itself.
template <class T>
class records : public std::ranges::view_base {
public:
    using item = typename reader<T>::item;

    class iterator {
    public:
        using value_type = item;
        using difference_type = std::ptrdiff_t;

        explicit iterator(reader<T>& source) : source_(&source), item_(source.read()) {}

        const item& operator*() const noexcept { return item_; }
        const item* operator->() const noexcept { return &item_; }
        iterator& operator++() {
            item_ = source_->read();
            return *this;
        }
        void operator++(int) { ++*this; }

        friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
            const read_result what = it.item_.what;
            return what == read_result::empty || what == read_result::pending || what == read_result::half_reset;
        }

    private:
        reader<T>* source_;
        item item_;
    };

    explicit records(reader<T>& source) noexcept : source_(&source) {}

    iterator begin() const { return iterator(*source_); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    reader<T>* source_;
};

} // namespace slickq

#endif
