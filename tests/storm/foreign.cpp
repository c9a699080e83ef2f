// slickq_foreign_storm SECONDS: creation beside creators of slick-queue 2.3, which are rebuilt here in the order of their system calls: they
// open or create the name, give a file of length 0 a length of their own, map it, and format what nobody else began to.
//
// In each round two of them, two of ours that open or create, and one of ours that opens, meet at a free name. Each writes records, which all
// are there in the end, once. In every second round one of them is killed at a random instant; then the others may also be told that a
// creator died, but nobody hangs, crashes, or reads what nobody wrote. Prints a table.
#include "process.hpp"
#include "support/foreign_queue.hpp"

#include <slickq/detail/layout.hpp>
#include <slickq/slickq.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace storm {
namespace {

constexpr slickq::geometry shape{slickq::layout::slq1, 1024, 8, 1};
constexpr std::uint64_t records = 50; // of each
constexpr std::size_t actors = 5;
constexpr std::int64_t patience_ns = 300'000'000;

struct board {
    std::atomic<bool> go{false};
    std::atomic<std::uint64_t> published{0}, refused{0}; // who was told that a creator died
    std::array<std::atomic<std::uint64_t>, actors> next{}; // what each of them wrote last, before it is there
};

std::uint64_t value_of(std::uint64_t actor, std::uint64_t number) { return 0x5106ull << 48 | actor << 32 | number; }

void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

// ---------------------------------------------------------------- theirs

using test::foreign_queue;

// False: its creator did not finish.
bool attach_foreign(const std::string& name, foreign_queue& q) {
    const int file = ::shm_open(name.c_str(), O_RDWR | O_CREAT, 0666);
    require(file != -1, "shm_open");
    struct stat status {};
    ::fstat(file, &status);
    constexpr std::uint64_t own_length = shape.segment_length();
    if (status.st_size == 0) require(::ftruncate(file, static_cast<off_t>(own_length)) == 0, "ftruncate");
    ::fstat(file, &status);
    require(static_cast<std::uint64_t>(status.st_size) >= own_length, "a peer came upon a segment of ours that is not whole");
    q.base = static_cast<std::byte*>(::mmap(nullptr, own_length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    ::close(file);
    if (q.begins_format()) q.format();
    const std::int64_t end = slickq_deadline(patience_ns);
    while (!q.is_ready()) {
        if (slickq_deadline(0) > end) return false;
        std::this_thread::yield();
    }
    return true;
}

// ---------------------------------------------------------------- all

class round_of_creation {
public:
    round_of_creation(board& b, std::string name) : board_(b), name_(std::move(name)) {}

    void act(std::uint64_t actor, bool may_fail) {
        while (!board_.go) std::this_thread::yield();
        foreign_queue theirs{shape};
        slickq_queue* ours = nullptr;
        if (actor < 2 ? !attach_foreign(name_, theirs) : !attach(actor, may_fail, ours)) {
            require(may_fail, "a peer waited in vain");
            ++board_.refused;
            return;
        }
        for (std::uint64_t k = 0; k < records; ++k) {
            const std::uint64_t value = value_of(actor, k);
            board_.next[actor] = k + 1;
            if (ours == nullptr) {
                theirs.write(value);
            } else {
                require(slickq_queue_write(ours, &value, 1, nullptr) == SLICKQ_OK, slickq_last_message());
            }
            ++board_.published;
        }
    }

    // How many records there are; each was written, and is there once.
    std::uint64_t count() const {
        slickq_queue* queue = nullptr;
        if (slickq_queue_open(name_.c_str(), nullptr, &queue) != SLICKQ_OK) return 0;
        std::array<std::array<bool, records>, actors> seen{};
        std::uint64_t cursor = 0, found = 0;
        for (;;) {
            slickq_record record{};
            std::uint64_t value = 0;
            const slickq_status status = slickq_queue_read_copy(queue, &cursor, &value, sizeof value, &record);
            if (status != SLICKQ_OK) break; // also at what one that was killed has not published
            const std::uint64_t actor = value >> 32 & 0xFFFF, number = value & 0xFFFFFFFF;
            const bool is_one = actor < actors && number < board_.next[actor] && value == value_of(actor, number);
            require(is_one && !seen[actor][number], "a record that nobody wrote, or twice the same");
            seen[actor][number] = true;
            ++found;
        }
        slickq_queue_close(queue);
        return found;
    }

private:
    // The last one only opens, once the name is there.
    bool attach(std::uint64_t actor, bool may_fail, slickq_queue*& queue) {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.capacity = shape.capacity;
        options.element_size = shape.element_size;
        options.timeout_ns = patience_ns;
        const std::int64_t end = slickq_deadline(patience_ns);
        slickq_status status;
        do {
            status = actor + 1 == actors ? slickq_queue_open(name_.c_str(), &options, &queue)
                                         : slickq_queue_open_or_create(name_.c_str(), &options, &queue);
        } while (status == SLICKQ_E_NOT_FOUND && slickq_deadline(0) < end);
        if (status == SLICKQ_OK) return true;
        const bool tells_of_death = status == SLICKQ_E_NO_LENGTH || status == SLICKQ_E_NOT_READY || status == SLICKQ_E_HALF_MADE;
        require(may_fail && tells_of_death, std::string(slickq_status_name(status)) + ": " + slickq_last_message());
        return false;
    }

    board& board_;
    std::string name_;
};

} // namespace
} // namespace storm

int main(int argc, char** argv) {
    using namespace storm;
    const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
    void* memory = ::mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    std::mt19937_64 random{std::random_device{}()};
    std::uint64_t rounds = 0, kills = 0, published = 0, refused = 0, bad = 0;
    const std::int64_t end = slickq_deadline(static_cast<std::int64_t>(seconds * 1e9));
    while (slickq_deadline(0) < end && bad == 0) {
        board& shared = *new (memory) board;
        const std::string name = "/slickq-foreign-" + std::to_string(::getpid()) + "-" + std::to_string(rounds % 2);
        round_of_creation round(shared, name);
        const bool kills_one = rounds % 2 != 0;
        std::vector<process> all;
        for (std::uint64_t a = 0; a < actors; ++a) all.emplace_back([&, a] { round.act(a, kills_one); });
        shared.go = true;
        std::size_t victim = actors;
        if (kills_one) {
            victim = random() % actors;
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 400));
            all[victim].kill();
            ++kills;
        }
        for (std::size_t a = 0; a < actors; ++a) bad += a != victim && !all[a].wait() ? 1 : 0;
        try {
            const std::uint64_t found = round.count();
            if (!kills_one && (found != actors * records || shared.published != found)) ++bad;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            ++bad;
        }
        published += shared.published;
        refused += shared.refused;
        slickq_segment_remove(name.c_str());
        ++rounds;
    }
    std::printf("storm       rounds   kills  published  told of a dead creator  well\n");
    std::printf("foreign %10" PRIu64 " %7" PRIu64 " %10" PRIu64 " %23" PRIu64 "  %s\n", rounds, kills, published, refused, bad == 0 ? "yes" : "NO");
    return bad == 0 && rounds > 1 ? 0 : 1;
}
