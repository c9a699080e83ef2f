// slickq evict: ends the registration of a consumer that holds lossless producers up.
#include "command.hpp"
#include "error.hpp"
#include "shared_queue.hpp"
#include "text.hpp"

namespace tool {

int evict(const evict_options& options) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(options.name.c_str(), &wanted, &handle), options.name);
    const shared_queue queue(handle, options.name);
    check(slickq_consumer_evict(handle, options.consumer),
          "slickq info " + shell_word(options.name) + " lists the consumers with their ids");
    return exit_ok;
}

} // namespace tool
