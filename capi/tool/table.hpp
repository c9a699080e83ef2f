// table.hpp - numbers and tables for a person: units, columns, the width of the terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

// "950", "12.3k", "4.0M": decimal, for counts and rates.
std::string short_count(double value);
// "950B", "64K", "4.0M": powers of 1024.
std::string short_bytes(double value);
// "0.4ms", "12s", "3m", "2h", "5d"
std::string short_time(double seconds);

// Columns that the terminal shows for a printable text; wide characters count 1.
std::size_t columns_of(std::string_view printable_text);
// At most so many columns; what does not fit ends in "~".
std::string fit(const std::string& printable_text, std::size_t columns);

// The same, with the "~" in the middle: names differ at their ends.
std::string fit_middle(const std::string& printable_text, std::size_t columns);

// Of standard output: columns of its terminal, or what COLUMNS says; 0 if it is none and nothing is cut.
std::size_t terminal_columns();

// Rows under a heading, each column as wide as it needs to be. A terminal that is too narrow gets the first column cut,
// as far as `narrowest_first` columns, then the last columns left out.
class table {
public:
    struct column {
        std::string heading;
        bool is_number = false; // to the right
    };
    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    // Lines without their ends; columns 0: as wide as it gets.
    std::vector<std::string> lines(std::size_t columns) const;
    // To standard output, as wide as its terminal is.
    void print() const;

private:
    static constexpr std::size_t narrowest_first = 12;
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace tool
