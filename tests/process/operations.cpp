#include "operations.hpp"

#include "interpose.hpp"
#include "support/shm_file.hpp"

namespace test {
namespace {

void nothing(bench&) {}

slickq_options private_options(std::uint32_t flags = 0) { // with permissions, so that fchmod takes part
    slickq_options options = options_for(64, 8);
    options.permissions = 0600;
    options.flags = flags;
    return options;
}

void make_segment(bench& b) { create_queue(b.name.text(), options_for(64, 8)); }

// As peers make it: it has its length and no memory but for what was written.
void make_sparse_segment(bench& b) {
    create_queue(b.name.text(), options_for(4, 65536));
    bytes content = read_shm(b.name.text());
    slickq_segment_remove(b.name.c_str());
    content.resize(128);
    write_shm(b.name.text(), content);
    if (::truncate(("/dev/shm" + b.name.text()).c_str(), 128 + 4 * 65536) != 0) throw std::runtime_error("truncate");
}

void open_on(bench& b) {
    slickq_options options = options_for(64, 4096);
    require(slickq_queue_create(b.name.c_str(), &options, &b.queue));
}

void write_large(bench& b) {
    static const std::vector<char> data(64 * 4096, 'x');
    require(slickq_queue_write(b.queue, data.data(), 48, nullptr));
}

slickq_reader_options reader_options(std::uint32_t start, std::uint32_t flags) {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = start;
    options.flags = flags;
    return options;
}

slickq_status open_reader(bench& b, std::uint32_t start, std::uint32_t flags) {
    const slickq_reader_options options = reader_options(start, flags);
    return slickq_reader_open(b.queue, &options, &b.reader);
}

slickq_status open_worker(bench& b) {
    slickq_worker_options options{};
    options.struct_size = sizeof options;
    options.group = "a group name 16b";
    options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
    options.start = SLICKQ_START_OLDEST;
    return slickq_worker_open(b.queue, &options, &b.worker);
}

void close_queue(bench& b) { require(slickq_queue_close(std::exchange(b.queue, nullptr))); }
void close_other(bench& b) { require(slickq_queue_close(std::exchange(b.other, nullptr))); }
void close_reader(bench& b) { require(slickq_reader_close(std::exchange(b.reader, nullptr))); }
void close_worker(bench& b) { require(slickq_worker_close(std::exchange(b.worker, nullptr))); }
void close_cursor(bench& b) { require(slickq_cursor_close(std::exchange(b.cursor, nullptr))); }
void remove_name(bench& b) { require(slickq_segment_remove(b.name.c_str())); }

slickq_status create(bench& b, const slickq_options& options) {
    return slickq_queue_create(b.name.c_str(), &options, &b.queue);
}
slickq_status open(bench& b, std::uint32_t flags = 0) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = flags;
    return slickq_queue_open(b.name.c_str(), &options, &b.queue);
}
slickq_status open_or_create(bench& b) {
    const slickq_options options = private_options();
    return slickq_queue_open_or_create(b.name.c_str(), &options, &b.queue);
}

void close_and_remove(bench& b) {
    close_queue(b);
    remove_name(b);
}

std::vector<operation> all_operations() {
    constexpr std::uint32_t settled = SLICKQ_OPEN_PREFAULT | SLICKQ_OPEN_LOCK_MEMORY | SLICKQ_OPEN_HUGE_PAGES;
    const auto with_group = [](bench& b) {
        open_on(b);
        require(open_worker(b));
        close_worker(b);
    };
    const auto with_large_record = [](bench& b) {
        open_on(b);
        write_large(b);
    };
    return {
        {"create", nothing, [](bench& b) { return create(b, private_options()); }, close_and_remove},
        {"create_settled", nothing, [](bench& b) { return create(b, private_options(settled | SLICKQ_OPEN_LOSSLESS)); },
         close_and_remove},
        {"create_by_other_name", [](bench&) { refuse_unnamed_files(true); },
         [](bench& b) { return create(b, private_options()); }, close_and_remove},
        {"create_local", nothing,
         [](bench& b) {
             const slickq_options options = options_for(64, 8);
             return slickq_queue_create_local(&options, &b.queue);
         },
         close_queue},
        {"create_local_huge", nothing,
         [](bench& b) {
             slickq_options options = options_for(64, 8);
             options.flags = SLICKQ_OPEN_HUGETLB | settled;
             return slickq_queue_create_local(&options, &b.queue);
         },
         close_queue},
        {"open", make_segment, [](bench& b) { return open(b); }, close_queue},
        {"open_read_only", make_segment, [](bench& b) { return open(b, SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT); },
         close_queue},
        {"open_sparse", make_sparse_segment, [](bench& b) { return open(b, SLICKQ_OPEN_PREFAULT); }, close_queue},
        {"open_sparse_read_only", make_sparse_segment,
         [](bench& b) { return open(b, SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_PREFAULT); }, close_queue},
        {"open_or_create_new", nothing, open_or_create, close_and_remove},
        {"open_or_create_existing", make_segment, open_or_create, close_queue},
        {"cursor_create", nothing, [](bench& b) { return slickq_cursor_create(b.name.c_str(), 8, 0600, &b.cursor); },
         [](bench& b) {
             close_cursor(b);
             remove_name(b);
         }},
        {"cursor_open", [](bench& b) { write_shm(b.name.text(), bytes(4096)); },
         [](bench& b) { return slickq_cursor_open(b.name.c_str(), 8, 0, &b.cursor); }, close_cursor},
        {"cursor_open_or_create", nothing,
         [](bench& b) { return slickq_cursor_open_or_create(b.name.c_str(), 0, 0, 0, &b.cursor); },
         [](bench& b) {
             close_cursor(b);
             remove_name(b);
         }},
        {"inspect", make_segment,
         [](bench& b) {
             slickq_inspection seen{};
             seen.struct_size = sizeof seen;
             return slickq_segment_inspect(b.name.c_str(), 0, &seen);
         },
         nothing},
        {"name_state", open_on,
         [](bench& b) {
             std::uint32_t state = 0;
             return slickq_queue_name_state(b.queue, &state);
         },
         nothing},
        {"reattach", open_on, [](bench& b) { return slickq_queue_reattach(b.queue, &b.other); }, close_other},
        {"remove", make_segment, [](bench& b) { return slickq_segment_remove(b.name.c_str()); }, make_segment},
        {"reader_open", open_on, [](bench& b) { return open_reader(b, SLICKQ_START_NOW, 0); }, close_reader},
        {"reader_open_registered", open_on,
         [](bench& b) { return open_reader(b, SLICKQ_START_NOW, SLICKQ_READER_REGISTERED); }, close_reader},
        {"reader_open_registered_from_oldest", open_on,
         [](bench& b) { return open_reader(b, SLICKQ_START_OLDEST, SLICKQ_READER_REGISTERED); }, close_reader},
        {"reader_descriptor",
         [](bench& b) {
             open_on(b);
             require(open_reader(b, SLICKQ_START_NOW, 0));
         },
         [](bench& b) {
             int descriptor = -1;
             return slickq_reader_descriptor(b.reader, &descriptor);
         },
         [](bench& b) { // there is no other way to end it
             close_reader(b);
             require(open_reader(b, SLICKQ_START_NOW, 0));
         }},
        {"room_descriptor", open_on,
         [](bench& b) {
             int descriptor = -1;
             return slickq_queue_room_descriptor(b.queue, &descriptor);
         },
         [](bench& b) {
             close_queue(b);
             require(open(b));
         }},
        {"worker_descriptor",
         [](bench& b) {
             open_on(b);
             require(open_worker(b));
         },
         [](bench& b) {
             int descriptor = -1;
             return slickq_worker_descriptor(b.worker, &descriptor);
         },
         [](bench& b) {
             close_worker(b);
             require(open_worker(b));
         }},
        {"reader_read_large",
         [with_large_record](bench& b) {
             with_large_record(b);
             require(open_reader(b, SLICKQ_START_OLDEST, 0));
         },
         [](bench& b) {
             slickq_record record{};
             return slickq_reader_read(b.reader, &record);
         },
         write_large},
        {"reader_read_batch",
         [with_large_record](bench& b) {
             with_large_record(b);
             require(open_reader(b, SLICKQ_START_OLDEST, 0));
         },
         [](bench& b) {
             slickq_batch batch{};
             return slickq_reader_read_batch(b.reader, 16, &batch);
         },
         write_large},
        {"worker_open_new_group", open_on, open_worker,
         [](bench& b) {
             close_worker(b);
             require(slickq_group_remove(b.queue, "a group name 16b"));
         }},
        {"worker_open", with_group, open_worker, close_worker},
        {"worker_read_large",
         [with_large_record](bench& b) {
             with_large_record(b);
             require(open_worker(b));
         },
         [](bench& b) {
             slickq_record record{};
             return slickq_worker_read(b.worker, &record);
         },
         write_large},
        {"group_remove", with_group, [](bench& b) { return slickq_group_remove(b.queue, "a group name 16b"); },
         [](bench& b) {
             require(open_worker(b));
             close_worker(b);
         }},
        {"consumer_register", open_on,
         [](bench& b) { return slickq_consumer_register(b.queue, SLICKQ_NO_INDEX, &b.consumer, nullptr); },
         [](bench& b) { require(slickq_consumer_unregister(b.queue, b.consumer)); }},
        {"consumer_and_group_info",
         [](bench& b) {
             open_on(b);
             require(open_worker(b));
         },
         [](bench& b) {
             slickq_consumer_info consumer{};
             consumer.struct_size = sizeof consumer;
             slickq_group_info group{};
             group.struct_size = sizeof group;
             const slickq_status status = slickq_consumer_get_info(b.queue, 0, &consumer);
             return status != SLICKQ_OK ? status : slickq_group_get_info(b.queue, 0, &group);
         },
         nothing},
    };
}

} // namespace

bench::~bench() {
    refuse_unnamed_files(false);
    if (reader != nullptr) slickq_reader_close(reader);
    if (worker != nullptr) slickq_worker_close(worker);
    if (cursor != nullptr) slickq_cursor_close(cursor);
    if (other != nullptr) slickq_queue_close(other);
    if (queue != nullptr) slickq_queue_close(queue);
}

const std::vector<operation>& operations() {
    static const std::vector<operation> all = all_operations();
    return all;
}

int registered_on(slickq_queue* queue) {
    if (queue == nullptr) return 0;
    int found = 0;
    slickq_consumer_info consumer{};
    consumer.struct_size = sizeof consumer;
    for (std::uint32_t number = 0; number < SLICKQ_MAX_CONSUMERS; ++number) {
        found += slickq_consumer_get_info(queue, number, &consumer) == SLICKQ_OK ? 1 : 0;
    }
    slickq_group_info group{};
    group.struct_size = sizeof group;
    for (std::uint32_t number = 0; number < SLICKQ_MAX_GROUPS; ++number) {
        found += slickq_group_get_info(queue, number, &group) == SLICKQ_OK ? 1 : 0;
    }
    return found;
}

} // namespace test
