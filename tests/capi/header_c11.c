// slickq.h in C11. Pins the ABI: the numbers and struct layouts that programs were compiled with never change, so a
// line below is only ever added, never edited.
#include <slickq/slickq.h>

#include <stdio.h>

#define PIN(constant, number) _Static_assert((constant) == (number), #constant " is pinned to " #number)
#define PIN_FIELD(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), #type "." #field " is pinned to offset " #offset)

PIN(SLICKQ_OK, 0);
PIN(SLICKQ_EMPTY, 1);
PIN(SLICKQ_CHANGED, 2);
PIN(SLICKQ_E_NULL, -1);
PIN(SLICKQ_E_HANDLE, -2);
PIN(SLICKQ_E_ARGUMENT, -3);
PIN(SLICKQ_E_NAME, -4);
PIN(SLICKQ_E_BUFFER, -5);
PIN(SLICKQ_E_READ_ONLY, -6);
PIN(SLICKQ_E_UNSUPPORTED, -7);
PIN(SLICKQ_E_NOT_FOUND, -20);
PIN(SLICKQ_E_EXISTS, -21);
PIN(SLICKQ_E_ACCESS, -22);
PIN(SLICKQ_E_NO_SPACE, -23);
PIN(SLICKQ_E_NO_MEMORY, -24);
PIN(SLICKQ_E_LIMIT, -25);
PIN(SLICKQ_E_OS, -26);
PIN(SLICKQ_E_NO_LENGTH, -40);
PIN(SLICKQ_E_NOT_READY, -41);
PIN(SLICKQ_E_HALF_MADE, -42);
PIN(SLICKQ_E_NOT_A_QUEUE, -43);
PIN(SLICKQ_E_NEWER, -44);
PIN(SLICKQ_E_TRUNCATED, -45);
PIN(SLICKQ_E_CORRUPT, -46);
PIN(SLICKQ_E_MISMATCH, -47);
PIN(SLICKQ_E_STALE, -60);
PIN(SLICKQ_E_NOT_RESERVED, -61);
PIN(SLICKQ_E_NO_CONSUMER, -72);
PIN(SLICKQ_E_NO_GROUP, -73);
PIN(SLICKQ_E_BUSY, -74);
PIN(SLICKQ_E_INTERNAL, -90);
PIN(sizeof(slickq_status), sizeof(int));

PIN(SLICKQ_LAYOUT_ANY, 0);
PIN(SLICKQ_LAYOUT_SLQ0, 1);
PIN(SLICKQ_LAYOUT_SLQ1, 2);
PIN(SLICKQ_LAYOUT_SLQ2, 3);
PIN(SLICKQ_LAYOUT_SLQ3, 4);
PIN(SLICKQ_LAYOUT_PACKED, 5);
PIN(SLICKQ_LAYOUT_WIDE, 6);

PIN(SLICKQ_START_NOW, 0);
PIN(SLICKQ_START_OLDEST, 1);
PIN(SLICKQ_START_NEWEST, 2);

PIN(SLICKQ_OPEN_READ_ONLY, 1);
PIN(SLICKQ_TIMEOUT_DEFAULT, 0);
PIN(SLICKQ_TIMEOUT_FOREVER, -1);
PIN(SLICKQ_TIMEOUT_NONE, 1);
PIN(SLICKQ_INFO_CREATOR, 1);
PIN(SLICKQ_INFO_SHARED, 2);
PIN(SLICKQ_INFO_READ_ONLY, 4);

PIN_FIELD(slickq_options, struct_size, 0);
PIN_FIELD(slickq_options, flags, 4);
PIN_FIELD(slickq_options, capacity, 8);
PIN_FIELD(slickq_options, element_size, 12);
PIN_FIELD(slickq_options, items_per_slot, 16);
PIN_FIELD(slickq_options, layout, 20);
PIN_FIELD(slickq_options, permissions, 24);
PIN_FIELD(slickq_options, reserved, 28);
PIN_FIELD(slickq_options, timeout_ns, 32);

PIN_FIELD(slickq_queue_info, struct_size, 0);
PIN_FIELD(slickq_queue_info, flags, 4);
PIN_FIELD(slickq_queue_info, layout, 8);
PIN_FIELD(slickq_queue_info, capacity, 12);
PIN_FIELD(slickq_queue_info, element_size, 16);
PIN_FIELD(slickq_queue_info, items_per_slot, 20);
PIN_FIELD(slickq_queue_info, slot_count, 24);
PIN_FIELD(slickq_queue_info, reserved, 28);
PIN_FIELD(slickq_queue_info, base, 32);
PIN_FIELD(slickq_queue_info, length, 40);
PIN_FIELD(slickq_queue_info, data_offset, 48);
PIN_FIELD(slickq_queue_info, name, 56);
PIN_FIELD(slickq_queue_info, extension_offset, 64);
PIN_FIELD(slickq_queue_info, identity, 72);
PIN_FIELD(slickq_queue_info, created_ns, 88);

PIN_FIELD(slickq_epoch_info, struct_size, 0);
PIN_FIELD(slickq_epoch_info, is_resetting, 4);
PIN_FIELD(slickq_epoch_info, resets, 8);
PIN_FIELD(slickq_epoch_info, reserved_before, 16);
PIN(sizeof(slickq_epoch_info), 24);

PIN_FIELD(slickq_record, data, 0);
PIN_FIELD(slickq_record, index, 8);
PIN_FIELD(slickq_record, lost, 16);
PIN_FIELD(slickq_record, count, 24);
PIN_FIELD(slickq_record, flags, 28);
PIN(sizeof(slickq_record), 32);

PIN_FIELD(slickq_reader_options, struct_size, 0);
PIN_FIELD(slickq_reader_options, start, 4);
PIN_FIELD(slickq_reader_options, start_index, 8);
PIN_FIELD(slickq_reader_options, after_lap, 16);
PIN_FIELD(slickq_reader_options, slack, 20);
PIN_FIELD(slickq_reader_options, batch, 24);
PIN_FIELD(slickq_reader_options, flags, 28);
PIN_FIELD(slickq_reader_options, stall_ns, 32);

PIN_FIELD(slickq_consumer_info, struct_size, 0);
PIN_FIELD(slickq_consumer_info, kind, 4);
PIN_FIELD(slickq_consumer_info, id, 8);
PIN_FIELD(slickq_consumer_info, pid, 16);
PIN_FIELD(slickq_consumer_info, is_alive, 20);
PIN_FIELD(slickq_consumer_info, group, 24);
PIN_FIELD(slickq_consumer_info, has_claim, 28);
PIN_FIELD(slickq_consumer_info, index, 32);
PIN_FIELD(slickq_consumer_info, lag, 40);

PIN_FIELD(slickq_worker_options, struct_size, 0);
PIN_FIELD(slickq_worker_options, mode, 4);
PIN_FIELD(slickq_worker_options, group, 8);
PIN_FIELD(slickq_worker_options, start, 16);
PIN_FIELD(slickq_worker_options, reserved, 20);
PIN_FIELD(slickq_worker_options, stall_ns, 24);
PIN_FIELD(slickq_worker_options, linger_ns, 32);

PIN_FIELD(slickq_group_info, struct_size, 0);
PIN_FIELD(slickq_group_info, mode, 4);
PIN_FIELD(slickq_group_info, name, 8);
PIN_FIELD(slickq_group_info, cursor, 32);
PIN_FIELD(slickq_group_info, lag, 40);
PIN_FIELD(slickq_group_info, redelivered, 48);
PIN_FIELD(slickq_group_info, abandoned, 56);
PIN_FIELD(slickq_group_info, lost, 64);
PIN_FIELD(slickq_group_info, workers, 72);
PIN_FIELD(slickq_group_info, is_waited_for, 76);
PIN_FIELD(slickq_group_info, unfinished, 80);

PIN_FIELD(slickq_inspection, struct_size, 0);
PIN_FIELD(slickq_inspection, verdict, 4);
PIN_FIELD(slickq_inspection, length, 8);
PIN_FIELD(slickq_inspection, required_length, 16);
PIN_FIELD(slickq_inspection, layout, 24);
PIN_FIELD(slickq_inspection, marker, 28);
PIN_FIELD(slickq_inspection, init_state, 32);
PIN_FIELD(slickq_inspection, capacity, 36);
PIN_FIELD(slickq_inspection, element_size, 40);
PIN_FIELD(slickq_inspection, items_per_slot, 44);
PIN_FIELD(slickq_inspection, next_index, 48);
PIN_FIELD(slickq_inspection, last_published, 56);
PIN_FIELD(slickq_inspection, oldest_index, 64);
PIN_FIELD(slickq_inspection, published, 72);
PIN_FIELD(slickq_inspection, identity, 80);
PIN_FIELD(slickq_inspection, created_ns, 96);

int main(void)
{
    slickq_options options = SLICKQ_OPTIONS_INIT;
    options.capacity = 3;
    options.element_size = 8;
    slickq_queue *queue = NULL;
    if (slickq_queue_create_local(&options, &queue) != SLICKQ_E_ARGUMENT) {
        fprintf(stderr, "a capacity of 3 was not refused\n");
        return 1;
    }
    options.capacity = 4;
    if (slickq_queue_create_local(&options, &queue) != SLICKQ_OK) {
        fprintf(stderr, "%s\n", slickq_last_message());
        return 1;
    }
    return slickq_queue_close(queue) == SLICKQ_OK ? 0 : 1;
}
