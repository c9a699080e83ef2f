// One side of the demo's stream, on the C API:
//   stream produce QUEUE BOARD ID FILE
//   stream consume QUEUE BOARD CELL OUTPUT [SHARED_CELL]
// README.md tells the whole; demo.py starts it. Prints one line of JSON at the end.
#include <slickq/slickq.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

// What precedes the payload in each record. consumer.py and demo.py know it as "<IIQII".
struct record_header {
    std::uint32_t producer;
    std::uint32_t sequence;
    std::uint64_t offset; // of the payload in the file
    std::uint32_t length; // of the payload, bytes
    std::uint32_t is_last;
};
static_assert(sizeof(record_header) == 24);

constexpr std::uint32_t longest_payload = 4096;
constexpr std::uint64_t producers = 2;
constexpr std::uint64_t done_cell = 0, first_progress_cell = 1, progress_cells = 4; // of the board, with demo.py

void require(slickq_status status) {
    if (status >= 0) return;
    std::fprintf(stderr, "stream: %s: %s\n", slickq_status_name(status), slickq_last_message());
    std::exit(1);
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "stream: %s\n", why.c_str());
    std::exit(1);
}

std::uint64_t load(const std::uint64_t* cell) {
    std::uint64_t value = 0;
    require(slickq_cell_load(cell, &value));
    return value;
}

std::uint64_t* open_cell(const std::string& board, std::uint64_t number) {
    slickq_cursor* cursor = nullptr;
    std::uint64_t* cell = nullptr;
    require(slickq_cursor_open(board.c_str(), number * 8, SLICKQ_TIMEOUT_DEFAULT, &cursor));
    require(slickq_cursor_cell(cursor, &cell));
    return cell; // stays open until the process ends
}

slickq_queue* open_queue(const char* name) {
    slickq_queue* queue = nullptr;
    require(slickq_queue_open(name, nullptr, &queue));
    return queue;
}

std::vector<char> read_file(const char* path) {
    std::FILE* in = std::fopen(path, "rb");
    if (in == nullptr) give_up(std::string("can't read ") + path);
    std::vector<char> content;
    char buffer[1 << 16];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, in)) > 0;) {
        content.insert(content.end(), buffer, buffer + got);
    }
    std::fclose(in);
    return content;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int produce(char** arguments) {
    slickq_queue* queue = open_queue(arguments[0]);
    std::uint64_t* progress[progress_cells];
    for (std::uint64_t i = 0; i < progress_cells; ++i) progress[i] = open_cell(arguments[1], first_progress_cell + i);
    const auto id = static_cast<std::uint32_t>(std::atoi(arguments[2]));
    const std::vector<char> file = read_file(arguments[3]);
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    require(slickq_queue_get_info(queue, &info));

    // At the ring's end a reservation may skip as much as it takes.
    const std::uint64_t most = sizeof(record_header) + longest_payload + info.items_per_slot;
    const std::uint64_t limit = info.capacity - producers * 2 * most;
    const auto wait_for_room = [&] {
        for (;;) {
            std::uint64_t next = 0;
            require(slickq_queue_next_index(queue, &next));
            std::uint64_t behind = 0;
            for (const std::uint64_t* cell : progress) {
                const std::uint64_t at = load(cell);
                behind = std::max(behind, at < next ? next - at : 0);
            }
            if (behind < limit) return;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    };

    const auto start = std::chrono::steady_clock::now();
    std::uint32_t random = 12345 + id, sequence = 0;
    for (std::uint64_t offset = 0; offset < file.size(); ++sequence) {
        random = random * 1664525 + 1013904223;
        const auto length = // 1 to 4096
            static_cast<std::uint32_t>(std::min<std::uint64_t>(random >> 20, file.size() - offset - 1) + 1);
        wait_for_room();
        std::uint64_t index = 0;
        void* elements = nullptr;
        const auto count = static_cast<std::uint32_t>(sizeof(record_header) + length);
        require(slickq_queue_reserve(queue, count, &index));
        require(slickq_queue_at(queue, index, &elements));
        const record_header header{id, sequence, offset, length, offset + length == file.size() ? 1u : 0u};
        std::memcpy(elements, &header, sizeof header);
        std::memcpy(static_cast<char*>(elements) + sizeof header, file.data() + offset, length);
        require(slickq_queue_publish(queue, index, count));
        offset += length;
    }
    std::printf("{\"records\": %u, \"bytes\": %zu, \"lost\": 0, \"seconds\": %.6f}\n", sequence, file.size(),
                seconds_since(start));
    return 0;
}

int consume(int count, char** arguments) {
    slickq_queue* queue = open_queue(arguments[0]);
    const std::uint64_t* done = open_cell(arguments[1], done_cell);
    std::uint64_t* progress = open_cell(arguments[1], std::strtoull(arguments[2], nullptr, 10));
    std::FILE* output = std::fopen(arguments[3], "wb");
    if (output == nullptr) give_up(std::string("can't write ") + arguments[3]);
    std::uint64_t* shared = count > 4 ? open_cell(arguments[1], std::strtoull(arguments[4], nullptr, 10)) : nullptr;

    const auto start = std::chrono::steady_clock::now();
    std::uint64_t cursor = 0, records = 0, bytes = 0, lost = 0;
    for (;;) {
        const bool all_is_published = load(done) != 0; // looked at before the queue
        if (shared != nullptr) require(slickq_cell_store(progress, load(shared)));
        slickq_record record{};
        const slickq_status status = shared != nullptr ? slickq_queue_read_shared(queue, shared, &record)
                                                       : slickq_queue_read(queue, &cursor, &record);
        require(status);
        if (status == SLICKQ_EMPTY) {
            if (all_is_published) break;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            continue;
        }
        if (std::fwrite(record.data, 1, record.count, output) != record.count) give_up("can't write the output");
        if (shared == nullptr) require(slickq_cell_store(progress, cursor));
        ++records;
        bytes += record.count - sizeof(record_header);
        lost += record.lost;
    }
    require(slickq_cell_store(progress, ~std::uint64_t{0} >> 1)); // holds nobody back any more
    if (std::fclose(output) != 0) give_up("can't write the output");
    std::printf("{\"records\": %llu, \"bytes\": %llu, \"lost\": %llu, \"seconds\": %.6f}\n",
                static_cast<unsigned long long>(records), static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(lost), seconds_since(start));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    ::alarm(150); // seconds; demo.py has given up before, unless it was killed
    if (argc == 6 && std::strcmp(argv[1], "produce") == 0) return produce(argv + 2);
    if ((argc == 6 || argc == 7) && std::strcmp(argv[1], "consume") == 0) return consume(argc - 2, argv + 2);
    std::fprintf(stderr, "usage: stream produce QUEUE BOARD ID FILE | stream consume QUEUE BOARD CELL OUTPUT [SHARED_CELL]\n");
    return 2;
}
