// slickq evict: ends the registration of a consumer that holds lossless producers up.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "shared_queue.hpp"
#include "subscribers.hpp"
#include "text.hpp"

#include <memory>

namespace tool {
namespace {

const char* const evict_footer =
    "Producers that opened the queue as lossless wait for registered consumers. One that lives and does not\n"
    "read holds them up until it is evicted; it is told so, and what a worker had claimed goes to another.\n"
    "Consumers whose process has died are sent away by the producers themselves.";

struct evict_options {
    std::string name;
    std::uint64_t consumer = 0; // its id
};

// What was given, or the id of the only consumer that a process has: ids, which have a process in their upper half, are
// no pids.
std::uint64_t id_of(const shared_queue& queue, std::uint64_t given) {
    if (given > UINT32_MAX) return given;
    std::uint64_t found = 0;
    std::string ids;
    for (const slickq_consumer_info& one : subscribers_of(queue).consumers) {
        if (one.pid != given || one.kind == SLICKQ_CONSUMER_EVICTED) continue;
        ids += (ids.empty() ? "" : ", ") + std::to_string(one.id);
        found = found == 0 ? one.id : given;
    }
    if (found == given && found != 0) {
        throw failure("process " + std::to_string(given) + " has several consumers of '" + queue.name() + "': " + ids +
                      "\n  give the id of one");
    }
    return found != 0 ? found : given;
}

int evict(const evict_options& options) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(options.name.c_str(), &wanted, &handle), options.name);
    const shared_queue queue(handle, options.name);
    check(slickq_consumer_evict(handle, id_of(queue, options.consumer)),
          "slickq info " + shell_word(options.name) + " lists the consumers with their ids");
    return exit_ok;
}

} // namespace

void describe_evict(command_line& line) {
    const auto options = std::make_shared<evict_options>();
    line.footer(evict_footer);
    line.run([options] { return evict(*options); });
    line.name(options->name);
    line.number("ID", "", options->consumer,
                "The consumer's id, as slickq info prints it; or the number of its process, if that has no other here")
        .required();
}

} // namespace tool
