#include "table.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#if !defined(_WIN32)
#  include <sys/ioctl.h>
#  include <unistd.h>
#endif

namespace tool {
namespace {

std::string scaled(double value, double base, const char* const* units) {
    int unit = 0;
    while (value >= base * 0.9995 && units[unit + 1] != nullptr) {
        value /= base;
        ++unit;
    }
    char text[32];
    const bool has_fraction = value < 9.95 && (unit != 0 || (value != 0 && value < 1));
    std::snprintf(text, sizeof text, has_fraction ? "%.1f%s" : "%.0f%s", value, units[unit]);
    return text;
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
    const std::size_t have = columns_of(text);
    const std::string blanks(width > have ? width - have : 0, ' ');
    return to_the_right ? blanks + text : text + blanks;
}

} // namespace

std::string short_count(double value) {
    static const char* const units[] = {"", "k", "M", "G", "T", "P", nullptr};
    return scaled(value, 1000, units);
}

std::string short_bytes(double value) {
    static const char* const units[] = {"B", "K", "M", "G", "T", "P", nullptr};
    return scaled(value, 1024, units);
}

std::string short_time(double seconds) {
    char text[32];
    if (seconds < 1e-3) {
        std::snprintf(text, sizeof text, "%.0fus", seconds * 1e6);
    } else if (seconds < 1) {
        std::snprintf(text, sizeof text, "%.0fms", seconds * 1e3);
    } else if (seconds < 120) {
        std::snprintf(text, sizeof text, seconds < 9.95 ? "%.1fs" : "%.0fs", seconds);
    } else if (seconds < 2 * 3600) {
        std::snprintf(text, sizeof text, "%.0fm", seconds / 60);
    } else if (seconds < 48 * 3600) {
        std::snprintf(text, sizeof text, "%.0fh", seconds / 3600);
    } else {
        std::snprintf(text, sizeof text, "%.0fd", seconds / 86400);
    }
    return text;
}

std::size_t columns_of(std::string_view printable_text) {
    return static_cast<std::size_t>(std::count_if(printable_text.begin(), printable_text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80;
    }));
}

std::string fit(const std::string& printable_text, std::size_t columns) {
    if (columns_of(printable_text) <= columns) return printable_text;
    std::size_t bytes = 0;
    for (std::size_t shown = 0; bytes < printable_text.size(); ++bytes) {
        const bool begins = (static_cast<unsigned char>(printable_text[bytes]) & 0xC0u) != 0x80;
        if (begins && shown++ + 1 >= columns) break;
    }
    return printable_text.substr(0, bytes) + (columns > 0 ? "~" : "");
}

std::string fit_middle(const std::string& printable_text, std::size_t columns) {
    const std::size_t have = columns_of(printable_text);
    if (have <= columns || columns < 5) return fit(printable_text, columns);
    std::string text = fit(printable_text, columns / 2 + 1); // with its "~"
    std::size_t to_skip = have - (columns - columns / 2 - 1);
    std::size_t bytes = 0;
    for (; bytes < printable_text.size(); ++bytes) {
        const bool begins = (static_cast<unsigned char>(printable_text[bytes]) & 0xC0u) != 0x80;
        if (begins && to_skip-- == 0) break;
    }
    return text + printable_text.substr(bytes);
}

std::size_t terminal_columns() {
#if !defined(_WIN32)
    if (::isatty(STDOUT_FILENO) == 1) {
        winsize size{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) return size.ws_col;
    }
#endif
    const char* const told = std::getenv("COLUMNS");
    return told != nullptr ? std::strtoul(told, nullptr, 10) : 0;
}

std::vector<std::string> table::lines(std::size_t columns) const {
    std::vector<std::size_t> widths;
    for (const column& c : columns_) widths.push_back(columns_of(c.heading));
    for (const auto& row : rows_) {
        for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], columns_of(row[at]));
    }
    std::size_t shown = columns_.size();
    const auto total = [&] {
        std::size_t sum = 2 * (shown - 1);
        for (std::size_t at = 0; at < shown; ++at) sum += widths[at];
        return sum;
    };
    if (columns != 0 && total() > columns) {
        const std::size_t excess = total() - columns;
        widths[0] = widths[0] > excess + narrowest_first ? widths[0] - excess : std::min(widths[0], narrowest_first);
        while (shown > 1 && total() > columns) --shown;
        if (const std::size_t left = columns > total() ? columns - total() : 0;
            left != 0) { // the others left out give room
            std::size_t longest = columns_of(columns_[0].heading);
            for (const auto& row : rows_) longest = std::max(longest, columns_of(row[0]));
            widths[0] = std::min(longest, widths[0] + left);
        }
    }

    std::vector<std::string> result;
    const auto add_line = [&](auto cell_at) {
        std::string line;
        for (std::size_t at = 0; at < shown; ++at) {
            if (at != 0) line += "  ";
            line += padded(at == 0 ? fit_middle(cell_at(at), widths[at]) : fit(cell_at(at), widths[at]), widths[at],
                           columns_[at].is_number);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        result.push_back(line);
    };
    add_line([&](std::size_t at) { return columns_[at].heading; });
    for (const auto& row : rows_) add_line([&](std::size_t at) { return row[at]; });
    return result;
}

void table::print() const {
    for (const std::string& line : lines(terminal_columns())) std::printf("%s\n", line.c_str());
}

} // namespace tool
