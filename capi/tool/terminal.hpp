// terminal.hpp - the whole screen of a terminal, and single keys from it; left as it was found.
#pragma once

#include <string>
#include <vector>

namespace tool {

class full_screen {
public:
    // Throws where standard output is no terminal. Catch stop signals before.
    full_screen();
    full_screen(const full_screen&) = delete;
    full_screen& operator=(const full_screen&) = delete;
    ~full_screen();

    std::size_t columns() const;
    std::size_t rows() const;
    bool has_utf8() const noexcept { return has_utf8_; }

    // Shows the lines, printable ones; what is too long or too many is cut.
    void draw(const std::vector<std::string>& lines) const;

    // A key that was typed within so long, or 0. A stop signal, or a change of the size, ends it early.
    char key(int milliseconds) const;

private:
    struct saved;
    saved* const saved_;
    bool has_utf8_;
};

} // namespace tool
