// command.hpp - the commands: what the command line can ask of each, and how the tool ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tool {

// The exit status of the process, as main.cpp's --help and README.md document it.
enum exit_code {
    exit_ok = 0,
    exit_error = 1,    // it could not be done; standard error says why and what to do
    exit_usage = 2,    // the command line makes no sense
    exit_lost = 3,     // done, but records were lost on the way
    exit_unusable = 4, // info: there is something under the name, and not a queue that can be used
};

// An 8-byte cell in a shared segment: NAME[:OFFSET] on the command line. No name: none.
struct cursor_address {
    std::string name;
    std::uint64_t offset = 0;
};

struct send_options {
    std::string name;
    std::vector<std::string> files; // "-" is standard input; none at all too
    std::size_t block_bytes = 0;    // 0: a record is a line
    bool must_create = false;
    bool must_exist = false;
    std::uint32_t capacity = 0; // this and the next four: 0 is the default when creating, anything when opening
    std::uint32_t element_size = 0;
    std::uint32_t items_per_slot = 0;
    std::uint32_t layout = 0;
    std::uint32_t permissions = 0;
    std::uint64_t bytes_per_second = 0; // 0: as fast as it goes
    std::vector<cursor_address> pace;
    bool lossless = false; // waits for registered consumers
    bool follow = false;   // when the name is removed, goes on in the queue that gets it
    bool verbose = false;
};

struct recv_options {
    std::string name;
    std::uint32_t element_size = 0;
    std::uint32_t start = 0; // enum slickq_start
    cursor_address share;    // no name: a cursor of its own
    bool registers = false;  // so that lossless senders wait for it
    std::uint64_t count = 0; // records; 0: any number
    double idle_seconds = -1; // negative: for ever
    bool trim = false;
    bool follow = false; // when the name is removed, goes on with the queue that gets it
    bool verbose = false;
};

struct info_options {
    std::string name;
    std::uint32_t element_size = 0;
    bool json = false;
};

struct rm_options {
    std::vector<std::string> names;
    bool force = false;
};

struct evict_options {
    std::string name;
    std::uint64_t consumer = 0; // its id
};

// Each returns an exit_code or throws tool::failure.
int send(const send_options& options);
int recv(const recv_options& options);
int info(const info_options& options);
int rm(const rm_options& options);
int evict(const evict_options& options);

} // namespace tool
