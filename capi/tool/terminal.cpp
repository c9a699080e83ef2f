#include "terminal.hpp"

#include "error.hpp"
#include "io.hpp"
#include "table.hpp"

#include <clocale>
#include <cstring>

#if defined(_WIN32)

namespace tool {

full_screen::full_screen() : saved_(nullptr), has_utf8_(false) {
    throw failure("there is no full screen on Windows: use slickq stat");
}
full_screen::~full_screen() = default;
std::size_t full_screen::columns() const { return 80; }
std::size_t full_screen::rows() const { return 24; }
void full_screen::draw(const std::vector<std::string>&) const {}
char full_screen::key(int) const { return 0; }

} // namespace tool

#else

#  include <csignal>
#  include <langinfo.h>
#  include <poll.h>
#  include <sys/ioctl.h>
#  include <termios.h>
#  include <unistd.h>

namespace tool {
namespace {

extern "C" void ignore_signal(int) {}

winsize size_of_screen() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {24, 80, 0, 0};
    return size;
}

} // namespace

struct full_screen::saved {
    termios input;
    bool has_input;
};

full_screen::full_screen() : saved_(new saved{}), has_utf8_(false) {
    if (::isatty(STDOUT_FILENO) != 1) {
        delete saved_;
        throw failure("standard output is no terminal: use slickq stat");
    }
    std::setlocale(LC_CTYPE, "");
    has_utf8_ = std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
    saved_->has_input = ::tcgetattr(STDIN_FILENO, &saved_->input) == 0;
    if (saved_->has_input) {
        termios raw = saved_->input;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO); // keys at once, and Ctrl-C as ever
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    struct sigaction wakes {};
    wakes.sa_handler = ignore_signal; // so that poll() returns
    ::sigaction(SIGWINCH, &wakes, nullptr);
    write_to_stdout("\x1b[?1049h\x1b[?25l"); // the other screen, no cursor
}

full_screen::~full_screen() {
    try {
        write_to_stdout("\x1b[?25h\x1b[?1049l");
    } catch (...) { // the terminal has gone
    }
    if (saved_->has_input) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_->input);
    delete saved_;
}

std::size_t full_screen::columns() const { return size_of_screen().ws_col; }
std::size_t full_screen::rows() const { return size_of_screen().ws_row; }

void full_screen::draw(const std::vector<std::string>& lines) const {
    const std::size_t wide = columns(), high = rows();
    std::string all = "\x1b[H";
    for (std::size_t at = 0; at < high; ++at) {
        if (at < lines.size()) all += fit(lines[at], wide);
        all += at + 1 < high ? "\x1b[K\r\n" : "\x1b[K";
    }
    write_to_stdout(all);
}

char full_screen::key(int milliseconds) const {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    char typed = 0;
    if (::poll(&input, 1, milliseconds) != 1 || ::read(STDIN_FILENO, &typed, 1) != 1) return 0;
    return typed;
}

} // namespace tool

#endif
