// One C++ process of the demo. run.py starts it, in these ways:
//   slickq_demo STAGE produce PROCESS FILE BEGIN END
//   slickq_demo STAGE broadcast PROCESS OUTPUT
//   slickq_demo STAGE share PROCESS OUTPUT
// It prints "ready" when it has opened everything (a producer then waits for a line), and when it is done its tally.
#include "stage.hpp"

#include <cinttypes>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <vector>

namespace {

demo::tally run(const std::vector<std::string> &arguments) {
    const auto count = arguments.size();
    if (count >= 4) {
        const auto &stage = arguments[0], &role = arguments[1];
        const auto process = static_cast<unsigned>(std::stoul(arguments[2]));
        if (role == "produce" && count == 6)
            return demo::produce(stage, process, arguments[3], std::stoull(arguments[4]), std::stoull(arguments[5]));
        if (role == "broadcast" && count == 4)
            return demo::consume_broadcast(stage, process, arguments[3]);
        if (role == "share" && count == 4)
            return demo::consume_shared(stage, process, arguments[3]);
    }
    throw std::invalid_argument("this is a part of the demo: please run sh cmake/demo.sh");
}

} // namespace

int main(int argc, char **argv) {
    try {
        const auto tally = run({argv + 1, argv + argc});
        std::printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", tally.records, tally.bytes, tally.lost);
        return std::fflush(stdout) == 0 ? 0 : 1;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
