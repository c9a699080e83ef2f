// slickq reset: empties a queue.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "holders.hpp"
#include "processes.hpp"
#include "segment_view.hpp"
#include "shared_queue.hpp"

#include <algorithm>
#include <memory>

namespace tool {
namespace {

const char* const reset_footer =
    "Every record is gone then, and the next one has index 0. Readers notice and go on; plain and shared cursors do\n"
    "not: who uses them starts anew. No producer may be active meanwhile, so a queue that processes have mapped for\n"
    "writing, or may have, is left alone, unless --force says otherwise.\n"
    "\n"
    "It also finishes a reset whose process died in the middle.";

struct reset_options {
    std::string name;
    std::uint32_t element_size = 0;
    bool force = false;
};

int reset(const reset_options& options) {
    if (!options.force) {
        const mappings all = scan_mappings();
        const segment_view view = look_at(options.name, options.element_size);
        check_segment(view.status, options.name);
        std::vector<user_of_segment> users = users_of(all, view);
        users.erase(
            std::remove_if(users.begin(), users.end(), [](const user_of_segment& user) { return !user.is_writable; }),
            users.end());
        if (!users.empty()) {
            throw failure("'" + options.name + "' is mapped by " + to_text(users) +
                          ": not reset\n  stop those that produce first, or use --force if none does");
        }
        if (!is_surely_unused(all, view, holder::writer)) {
            throw failure("'" + options.name + "': " + unseen_text(all) +
                          " for writing: not reset\n  use --force if you know that nobody produces");
        }
    }
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.element_size = options.element_size;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(options.name.c_str(), &wanted, &handle), options.name);
    const shared_queue queue(handle, options.name);
    check(slickq_queue_reset(handle));
    return exit_ok;
}

} // namespace

void describe_reset(command_line& line) {
    const auto options = std::make_shared<reset_options>();
    line.footer(reset_footer);
    line.run([options] { return reset(*options); });
    line.name(options->name);
    line.flag("-f,--force", options->force, "Though processes have it mapped for writing, or may have");
    line.element_size(options->element_size);
}

} // namespace tool
