#include "segment_view.hpp"

#include "error.hpp"
#include "json.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#if defined(__linux__)
#  include <fcntl.h>
#  include <sys/stat.h>
#  include <sys/sysmacros.h>
#  include <unistd.h>
#endif

namespace tool {
namespace {

#if defined(__linux__)

const std::filesystem::path directory = "/dev/shm";

std::string path_of(const std::string& name) {
    return (directory / (name.rfind('/', 0) == 0 ? name.substr(1) : name)).string();
}

std::optional<segment_file> file_of(const std::string& name) {
    struct statx status;
    if (::statx(AT_FDCWD, path_of(name).c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) {
        return std::nullopt;
    }
    // A mapped file's time of change is when it got its length: the next best where the system does not keep its birth.
    const bool has_birth = (status.stx_mask & STATX_BTIME) != 0 && status.stx_btime.tv_sec != 0 &&
                           status.stx_btime.tv_sec < status.stx_mtime.tv_sec;
    return segment_file{::makedev(status.stx_dev_major, status.stx_dev_minor),
                        status.stx_ino,
                        status.stx_uid,
                        status.stx_mode & 07777u,
                        has_birth ? status.stx_btime.tv_sec : status.stx_mtime.tv_sec,
                        status.stx_blocks * 512};
}

void look_for_cell(segment_view& view) {
    const int file = ::open(path_of(view.name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (file == -1) return;
    std::uint64_t cells[(shortest_queue - 1) / sizeof(std::uint64_t)] = {};
    const ssize_t bytes = ::pread(file, cells, sizeof cells, 0);
    ::close(file);
    const std::size_t count = bytes > 0 ? static_cast<std::size_t>(bytes) / sizeof cells[0] : 0;
    if (count == 0) return;
    const auto set = std::find_if(cells, cells + count, [](std::uint64_t value) { return value != 0; });
    const std::size_t at = set != cells + count ? static_cast<std::size_t>(set - cells) : 0;
    view.cursor_value = cells[at];
    view.cursor_offset = at * sizeof cells[0];
}

#else

std::optional<segment_file> file_of(const std::string&) { return std::nullopt; }
void look_for_cell(segment_view& view) {
    for (std::uint64_t offset = 0; offset + sizeof offset <= view.seen.length; offset += sizeof offset) {
        slickq_cursor* cursor = nullptr;
        if (slickq_cursor_open(view.name.c_str(), offset, SLICKQ_TIMEOUT_NONE, &cursor) != SLICKQ_OK) return;
        std::uint64_t* cell = nullptr;
        std::uint64_t value = 0;
        const bool is_read =
            slickq_cursor_cell(cursor, &cell) == SLICKQ_OK && slickq_cell_load(cell, &value) == SLICKQ_OK;
        slickq_cursor_close(cursor);
        if (!is_read || (value == 0 && offset != 0)) continue;
        view.cursor_value = value;
        view.cursor_offset = offset;
        if (value != 0) return;
    }
}

#endif

} // namespace

segment_view look_at(const std::string& name, std::uint32_t element_size) {
    segment_view view;
    view.name = name;
    view.seen.struct_size = sizeof view.seen;
    view.file = file_of(name);
    view.status = slickq_segment_inspect(name.c_str(), element_size, &view.seen);
    if (view.status != SLICKQ_OK || view.seen.verdict != SLICKQ_OK) view.message = slickq_last_message();
    if (view.status != SLICKQ_OK) return view;
    if (view.seen.created_ns != 0 && view.file) view.file->made_at_s = view.seen.created_ns / 1'000'000'000;
    // A segment for shared cursors is nothing but cells. One that bears a header of a queue was cut off.
    const slickq_status verdict = view.seen.verdict;
    const bool is_of_no_layout = verdict == SLICKQ_E_NO_LENGTH || verdict == SLICKQ_E_NOT_READY ||
                                 verdict == SLICKQ_E_NOT_A_QUEUE || verdict == SLICKQ_E_ARGUMENT;
    if (is_of_no_layout && view.seen.length >= sizeof(std::uint64_t) && view.seen.length < shortest_queue)
        look_for_cell(view);
    return view;
}

std::unique_ptr<shared_queue> open_to_look(const std::string& name, std::uint32_t element_size) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = SLICKQ_OPEN_READ_ONLY;
    options.element_size = element_size;
    options.timeout_ns = SLICKQ_TIMEOUT_NONE;
    slickq_queue* handle = nullptr;
    if (slickq_queue_open(name.c_str(), &options, &handle) != SLICKQ_OK) return nullptr;
    return std::make_unique<shared_queue>(handle, name);
}

std::vector<std::string> segment_names() {
#if defined(__linux__)
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->symlink_status(ignored).type() == std::filesystem::file_type::regular)
            names.push_back(at->path().filename().string());
    }
    if (error) throw failure("cannot list " + directory.string() + ", where segments live: " + error.message());
    std::sort(names.begin(), names.end());
    return names;
#else
    throw failure("this system keeps no list of its segments");
#endif
}

std::vector<std::string> queue_names() {
    std::vector<std::string> names = segment_names();
    names.erase(std::remove_if(names.begin(), names.end(),
                               [](const std::string& name) { return open_to_look(name, 0) == nullptr; }),
                names.end());
    return names;
}

std::string headline(const segment_view& view) {
    if (view.is_cursor()) return "no queue; it may be a shared cursor";
    if (view.is_blank()) return "blank: a queue that is just being made, or a shared cursor, or left by a creator that died";
    if (!view.is_queue() && view.seen.layout == SLICKQ_LAYOUT_WIDE && view.seen.element_size == 0) {
        return "a queue of slick-queue 1.0 or 1.1, which does not tell its element size: give --element-size";
    }
    switch (view.seen.verdict) {
    case SLICKQ_OK: return "a queue, ready to use";
    case SLICKQ_E_HALF_MADE: return "not ready: it is just being made, or its creator died";
    case SLICKQ_E_TRUNCATED:
    case SLICKQ_E_CORRUPT: return "damaged";
    case SLICKQ_E_NEWER: return "a queue of a newer version";
    default: return "not a queue that can be used here";
    }
}

std::string advice_of(const segment_view& view) {
    return advice(view.is_hardly_begun() ? SLICKQ_E_NOT_READY : view.seen.verdict, view.name);
}

json to_json(const segment_view& view) {
    const slickq_inspection& seen = view.seen;
    const bool is_seen = view.status == SLICKQ_OK;
    const bool is_queue = view.is_queue();
    const bool has_header = is_seen && seen.length >= header_length;
    json object = {
        {"name", view.name},
        {"verdict", slickq_status_name(is_seen ? seen.verdict : view.status)},
        {"message", view.message},
        {"layout", slickq_layout_name(seen.layout)},
        {"length", known(seen.length, is_seen)},
        {"required_length", known(seen.required_length, seen.required_length != 0)},
        {"marker", known(seen.marker, has_header)},
        {"init_state", known(seen.init_state, has_header)},
        {"capacity", known(seen.capacity, seen.capacity != 0)},
        {"element_size", known(seen.element_size, seen.element_size != 0)},
        {"items_per_slot", known(seen.items_per_slot, seen.items_per_slot != 0)},
        {"next_index", known(seen.next_index, is_queue)},
        {"last_published", known(seen.last_published, is_queue && seen.last_published != no_index)},
        {"oldest_index", known(seen.oldest_index, is_queue)},
        {"records", known(seen.published, is_queue)},
        {"cursor_value", view.is_cursor() ? json(*view.cursor_value) : json(nullptr)},
        {"cursor_offset", known(view.cursor_offset, view.is_cursor())},
    };
    std::string identity;
    bool has_identity = false;
    for (const std::uint8_t byte : seen.identity) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        identity += digits;
        has_identity |= byte != 0;
    }
    object["identity"] = known(identity, has_identity);
    const bool has_file = view.file.has_value();
    object["owner"] = known(has_file ? view.file->owner : 0, has_file);
    object["mode"] = known(has_file ? view.file->mode : 0, has_file);
    object["made_at"] = known(has_file ? view.file->made_at_s : 0, has_file);
    object["allocated"] = known(has_file ? view.file->allocated : 0, has_file);
    return object;
}

} // namespace tool
