// slickq rm: removes names of segments, and groups of workers.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "holders.hpp"
#include "processes.hpp"
#include "segment_view.hpp"
#include "shared_queue.hpp"
#include "text.hpp"

#include <memory>

namespace tool {
namespace {

const char* const rm_footer =
    "A queue or cursor that processes have mapped, or may have, is left alone, unless --force says otherwise: they\n"
    "would go on undisturbed with the old segment, and who comes later finds the name free, and does not meet them.\n"
    "Processes outside a container, or of other users, are not seen; the kernel tells root, and the owner of the\n"
    "segment, whether there are any (Linux 5.3 or newer).\n"
    "\n"
    "A group of workers keeps its place in the queue, and lossless producers wait for it until its linger time is\n"
    "over; --group removes one that has no living worker, with what its dead ones had claimed.\n"
    "\n"
    "Exit status: 0 removed; 1 not, or not all.";

struct rm_options {
    std::vector<std::string> names;
    std::string group;
    bool force = false;
};

bool remove_one(const std::string& name, const mappings& all, bool force) {
    if (!force) {
        const segment_view view = look_at(name, 0);
        const std::vector<user_of_segment> users = users_of(all, view);
        if (!users.empty()) {
            note("'" + name + "' is mapped by " + to_text(users) +
                 ": not removed\n  end them first, or remove it with --force");
            return false;
        }
        if (view.status != SLICKQ_E_NOT_FOUND && !is_surely_unused(all, view, holder::any)) {
            note("'" + name + "': " + unseen_text(all) + ": not removed\n  if you know that none has, remove it with --force");
            return false;
        }
    }
    const slickq_status status = slickq_segment_remove(name.c_str());
    if (status == SLICKQ_OK || (force && status == SLICKQ_E_NOT_FOUND)) return true;
    const std::string message = slickq_last_message();
    std::string what_to_do = status == SLICKQ_E_NOT_FOUND ? "" : advice(status, name);
    if (!what_to_do.empty()) what_to_do = "\n  " + what_to_do;
    note(status == SLICKQ_E_NOT_FOUND ? "there is no segment '" + name + "'" : message + what_to_do);
    return false;
}

int remove_group(const std::string& name, const std::string& group) {
    slickq_options wanted{};
    wanted.struct_size = sizeof wanted;
    slickq_queue* handle = nullptr;
    check_segment(slickq_queue_open(name.c_str(), &wanted, &handle), name);
    const shared_queue queue(handle, name);
    check(slickq_group_remove(handle, group.c_str()),
          "slickq info " + shell_word(name) + " shows the groups and their workers; slickq evict sends a worker away");
    return exit_ok;
}

int rm(const rm_options& options) {
    if (options.names.empty()) throw usage_error("NAME is required");
    if (!options.group.empty()) {
        if (options.names.size() != 1) throw usage_error("--group is of one queue");
        return remove_group(options.names.front(), options.group);
    }
    const mappings all = options.force ? mappings() : scan_mappings();
    int code = exit_ok;
    for (const std::string& name : options.names) {
        if (!remove_one(name, all, options.force)) code = exit_error;
    }
    return code;
}

} // namespace

void describe_rm(command_line& line) {
    const auto options = std::make_shared<rm_options>();
    line.footer(rm_footer);
    line.run([options] { return rm(*options); });
    line.names(options->names, "Names of queues and shared cursors");
    line.text("--group", "GROUP", options->group, "Remove this group of workers, not the queue");
    line.flag("-f,--force", options->force,
              "Also what processes have mapped, or may have; and it is no error if a name is gone already");
}

} // namespace tool
