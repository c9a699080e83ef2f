// io.hpp - bytes from files and to standard output, unbuffered: what has come is seen at once.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tool {

class input {
public:
    // "-" is standard input.
    explicit input(const std::string& path);
    input(const input&) = delete;
    input& operator=(const input&) = delete;
    ~input();

    const std::string& name() const noexcept { return name_; }

    // Waits for at least one byte. 0: the end, or a stop signal came (signals.hpp).
    std::size_t read_some(char* buffer, std::size_t buffer_bytes);

private:
    std::string name_;
    int file_;
};

// False: whoever read our standard output has gone. Throws if it cannot be written to for another reason.
bool write_to_stdout(std::string_view bytes);
// The same for what was printed by stdio so far.
bool flush_stdout();

} // namespace tool
