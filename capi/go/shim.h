// shim.h - what Go calls: each function is one call of the library, or a look and then a wait, and brings along what
// the library says of an error. slickq_last_message() belongs to the thread, and a goroutine's next call may be on
// another one.
//
// Outputs come back by value, so that no Go variable has to live on the heap to be pointed at; the only pointers that
// go in are to bytes, counts, records without pointers and cells. They have these types, not void: then cgo knows
// that there is no pointer behind them, and need not search what they are a part of. Handles are numbers here: a
// ticket is no address, and Go's garbage collector should not take it for one.
#ifndef SLICKQ_GO_SHIM_H
#define SLICKQ_GO_SHIM_H

#include <slickq/slickq.h>

#include <stdlib.h>
#include <string.h>

typedef uintptr_t go_ticket;

typedef struct go_answer {
    slickq_status status;
    int os_error;
    char *message; // with an error, for free(); NULL if there was no memory for it
    uint64_t value; // an index, a cursor, a handle or a number of records
} go_answer;

typedef struct go_record {
    go_answer answer; // value: the cursor
    slickq_record record;
} go_record;

typedef struct go_batch {
    go_answer answer;
    slickq_batch batch;
} go_batch;

// A record of a batch in the ring, less its address: Go may keep it in its own memory.
typedef struct go_place {
    uint64_t address;
    uint64_t index;
    uint64_t lost;
    uint32_t count;
    uint32_t flags;
} go_place;

typedef char go_place_is_a_record[sizeof(go_place) == sizeof(slickq_record) ? 1 : -1];

static inline go_answer go_said(slickq_status status, uint64_t value) {
    go_answer said = {status, 0, NULL, value};
    if (status < 0) {
        said.os_error = slickq_last_os_error();
        said.message = strdup(slickq_last_message());
    }
    return said;
}

static inline slickq_queue *go_queue(go_ticket ticket) { return (slickq_queue *)ticket; }
static inline slickq_reader *go_reader(go_ticket ticket) { return (slickq_reader *)ticket; }
static inline slickq_worker *go_worker(go_ticket ticket) { return (slickq_worker *)ticket; }

// ---- platform

typedef struct go_platform {
    go_answer answer;
    const char *sentence;
} go_platform;

static inline go_platform go_platform_check(uint32_t layout) {
    go_platform out = {{0, 0, NULL, 0}, NULL};
    out.answer = go_said(slickq_platform_check(layout, &out.sentence), 0);
    return out;
}

// ---- life

enum go_how { GO_LOCAL, GO_CREATE, GO_OPEN, GO_OPEN_OR_CREATE };

static inline go_answer go_queue_open(enum go_how how, const char *name, slickq_options options) {
    slickq_queue *queue = NULL;
    slickq_status status = SLICKQ_E_INTERNAL;
    options.struct_size = sizeof options;
    switch (how) {
    case GO_LOCAL: status = slickq_queue_create_local(&options, &queue); break;
    case GO_CREATE: status = slickq_queue_create(name, &options, &queue); break;
    case GO_OPEN: status = slickq_queue_open(name, &options, &queue); break;
    case GO_OPEN_OR_CREATE: status = slickq_queue_open_or_create(name, &options, &queue); break;
    }
    return go_said(status, (uintptr_t)queue);
}

static inline go_answer go_queue_reattach(go_ticket queue) {
    slickq_queue *fresh = NULL;
    slickq_status status = slickq_queue_reattach(go_queue(queue), &fresh);
    return go_said(status, (uintptr_t)fresh);
}

static inline go_answer go_queue_close(go_ticket queue) { return go_said(slickq_queue_close(go_queue(queue)), 0); }
static inline void go_queue_cancel(go_ticket queue) { (void)slickq_queue_cancel(go_queue(queue)); }
static inline go_answer go_remove(const char *name) { return go_said(slickq_segment_remove(name), 0); }

static inline slickq_queue_info go_queue_info(go_ticket queue) {
    slickq_queue_info info = {sizeof info};
    (void)slickq_queue_get_info(go_queue(queue), &info);
    return info;
}

static inline go_answer go_queue_name_state(go_ticket queue) {
    uint32_t state = 0;
    slickq_status status = slickq_queue_name_state(go_queue(queue), &state);
    return go_said(status, state);
}

typedef struct go_epoch {
    go_answer answer;
    slickq_epoch_info found;
} go_epoch;

static inline go_epoch go_queue_epoch(go_ticket queue) {
    go_epoch out = {.found = SLICKQ_EPOCH_INFO_INIT};
    out.answer = go_said(slickq_queue_epoch(go_queue(queue), &out.found), 0);
    return out;
}

static inline go_answer go_queue_reset(go_ticket queue) { return go_said(slickq_queue_reset(go_queue(queue)), 0); }

static inline go_answer go_queue_loss_count(go_ticket queue) {
    uint64_t elements = 0;
    slickq_status status = slickq_queue_loss_count(go_queue(queue), &elements);
    return go_said(status, elements);
}

typedef struct go_inspection {
    go_answer answer;
    slickq_inspection found;
    char *detail; // of a verdict that is an error, for free()
} go_inspection;

static inline go_inspection go_inspect(const char *name, uint32_t element_size) {
    go_inspection out;
    memset(&out, 0, sizeof out);
    out.found.struct_size = sizeof out.found;
    out.answer = go_said(slickq_segment_inspect(name, element_size, &out.found), 0);
    if (out.answer.status == SLICKQ_OK && out.found.verdict < 0) out.detail = strdup(slickq_last_message());
    return out;
}

// ---- producing

static inline go_answer go_reserve(go_ticket queue, uint32_t count) {
    uint64_t index = 0;
    slickq_status status = slickq_queue_reserve(go_queue(queue), count, &index);
    return go_said(status, index);
}

static inline go_answer go_reserve_wait(go_ticket queue, uint32_t count, int64_t timeout_ns) {
    uint64_t index = 0;
    slickq_status status = slickq_queue_reserve_until(go_queue(queue), count, slickq_deadline(timeout_ns), &index);
    return go_said(status, index);
}

static inline void *go_at(go_ticket queue, uint64_t index) {
    void *elements = NULL;
    (void)slickq_queue_at(go_queue(queue), index, &elements);
    return elements;
}

static inline void go_fill(go_ticket queue, uint64_t index, const uint8_t *bytes, size_t length) {
    void *elements = go_at(queue, index);
    if (elements != NULL) memcpy(elements, bytes, length);
}

static inline go_answer go_publish(go_ticket queue, uint64_t index, uint32_t count) {
    return go_said(slickq_queue_publish(go_queue(queue), index, count), 0);
}

static inline go_answer go_write(go_ticket queue, const uint8_t *elements, uint32_t count) {
    uint64_t index = 0;
    slickq_status status = slickq_queue_write(go_queue(queue), elements, count, &index);
    return go_said(status, index);
}

static inline go_answer go_write_wait(go_ticket queue, const uint8_t *elements, uint32_t count, int64_t timeout_ns) {
    uint64_t index = 0;
    slickq_status status = slickq_queue_write_until(go_queue(queue), elements, count, slickq_deadline(timeout_ns), &index);
    return go_said(status, index);
}

static inline go_answer go_write_batch(go_ticket queue, const uint8_t *elements, const uint32_t *counts, uint32_t records) {
    uint32_t written = 0;
    slickq_status status = slickq_queue_write_batch(go_queue(queue), elements, counts, records, &written);
    return go_said(status, written);
}

static inline go_answer go_write_batch_wait(go_ticket queue, const uint8_t *elements, const uint32_t *counts, uint32_t records,
                                            int64_t timeout_ns) {
    uint32_t written = 0;
    slickq_status status = slickq_queue_write_batch_until(go_queue(queue), elements, counts, records, slickq_deadline(timeout_ns),
                                                          &written);
    return go_said(status, written);
}

// ---- consuming with a cursor

static inline go_answer go_start(go_ticket queue, uint32_t start) {
    uint64_t cursor = 0;
    slickq_status status = slickq_queue_cursor_at(go_queue(queue), start, &cursor);
    return go_said(status, cursor);
}

static inline go_answer go_next_index(go_ticket queue) {
    uint64_t index = 0;
    slickq_status status = slickq_queue_next_index(go_queue(queue), &index);
    return go_said(status, index);
}

static inline go_record go_read(go_ticket queue, uint64_t cursor) {
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status = slickq_queue_read(go_queue(queue), &cursor, &out.record);
    out.answer = go_said(status, cursor);
    return out;
}

// `buffer` is never NULL for the library: a nil slice of Go is a buffer of no bytes.
static inline go_record go_read_copy(go_ticket queue, uint64_t cursor, uint8_t *buffer, size_t length) {
    uint8_t nothing[1];
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status =
        slickq_queue_read_copy(go_queue(queue), &cursor, buffer != NULL ? buffer : nothing, length, &out.record);
    out.answer = go_said(status, cursor);
    return out;
}

static inline go_record go_claim(go_ticket queue, uint64_t *cell, uint8_t *buffer, size_t length) {
    uint8_t nothing[1];
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status =
        slickq_queue_read_shared_copy(go_queue(queue), cell, buffer != NULL ? buffer : nothing, length, &out.record);
    out.answer = go_said(status, 0);
    return out;
}

typedef struct go_places {
    go_answer answer; // value: the cursor
    uint32_t count;
} go_places;

static inline go_places go_read_batch(go_ticket queue, uint64_t cursor, go_place *places, uint32_t limit) {
    go_places out = {{0, 0, NULL, 0}, 0};
    slickq_status status = slickq_queue_read_batch(go_queue(queue), &cursor, (slickq_record *)places, limit, &out.count);
    out.answer = go_said(status, cursor);
    return out;
}

static inline slickq_status go_check(go_ticket queue, uint64_t index) { return slickq_queue_validate(go_queue(queue), index); }

static inline go_record go_claim_in_place(go_ticket queue, uint64_t *cell) {
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status = slickq_queue_read_shared(go_queue(queue), cell, &out.record);
    out.answer = go_said(status, 0);
    return out;
}

// The last record, copied if it fits, and validated; SLICKQ_EMPTY if it is being overwritten.
static inline go_record go_read_last(go_ticket queue, uint8_t *buffer, size_t length, size_t element_size) {
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status = SLICKQ_EMPTY;
    uint64_t before = SLICKQ_NO_INDEX;
    for (int tries = 0; tries < 16; ++tries) { /* each that fails: producers have gone round the whole ring meanwhile */
        status = slickq_queue_read_last(go_queue(queue), &out.record);
        if (status != SLICKQ_OK) break;
        if (out.record.count > length / element_size) {
            status = SLICKQ_E_BUFFER;
            break;
        }
        status = SLICKQ_EMPTY;
        if (out.record.index == before) break; /* nobody has published since, so it stays as it is */
        memcpy(buffer, out.record.data, out.record.count * element_size);
        const slickq_status found = slickq_queue_validate(go_queue(queue), out.record.index);
        if (found != SLICKQ_LAPPED) {
            status = found;
            break;
        }
        before = out.record.index;
    }
    out.answer = go_said(status, 0);
    return out;
}

static inline go_answer go_queue_wait(go_ticket queue, uint64_t cursor, int64_t timeout_ns) {
    return go_said(slickq_queue_wait_until(go_queue(queue), cursor, slickq_deadline(timeout_ns)), 0);
}

// ---- readers

static inline go_answer go_reader_open(go_ticket queue, slickq_reader_options options) {
    slickq_reader *reader = NULL;
    options.struct_size = sizeof options;
    slickq_status status = slickq_reader_open(go_queue(queue), &options, &reader);
    return go_said(status, (uintptr_t)reader);
}

static inline go_answer go_reader_close(go_ticket reader) { return go_said(slickq_reader_close(go_reader(reader)), 0); }
static inline void go_reader_cancel(go_ticket reader) { (void)slickq_reader_cancel(go_reader(reader)); }

// Looks, and waits only if there is nothing and timeout_ns is not 0: the clock is not read for a record that is there.
static inline go_batch go_reader_read(go_ticket reader, uint32_t limit, int64_t timeout_ns) {
    go_batch out;
    memset(&out.batch, 0, sizeof out.batch);
    slickq_status status = slickq_reader_read_batch(go_reader(reader), limit, &out.batch);
    if ((status == SLICKQ_EMPTY || status == SLICKQ_PENDING) && timeout_ns != 0) {
        status = slickq_reader_read_batch_until(go_reader(reader), limit, slickq_deadline(timeout_ns), &out.batch);
    }
    out.answer = go_said(status, 0);
    return out;
}

static inline slickq_reader_info go_reader_info(go_ticket reader) {
    slickq_reader_info info = {sizeof info};
    (void)slickq_reader_get_info(go_reader(reader), &info);
    return info;
}

// ---- delivery without loss

static inline go_answer go_worker_open(go_ticket queue, slickq_worker_options options) {
    slickq_worker *worker = NULL;
    options.struct_size = sizeof options;
    slickq_status status = slickq_worker_open(go_queue(queue), &options, &worker);
    return go_said(status, (uintptr_t)worker);
}

static inline go_answer go_worker_close(go_ticket worker) { return go_said(slickq_worker_close(go_worker(worker)), 0); }
static inline void go_worker_cancel(go_ticket worker) { (void)slickq_worker_cancel(go_worker(worker)); }
static inline go_answer go_worker_done(go_ticket worker) { return go_said(slickq_worker_done(go_worker(worker)), 0); }

// As go_reader_read().
static inline go_record go_worker_read(go_ticket worker, int64_t timeout_ns) {
    go_record out;
    memset(&out.record, 0, sizeof out.record);
    slickq_status status = slickq_worker_read(go_worker(worker), &out.record);
    if (status == SLICKQ_EMPTY && timeout_ns != 0) {
        status = slickq_worker_read_until(go_worker(worker), slickq_deadline(timeout_ns), &out.record);
    }
    out.answer = go_said(status, 0);
    return out;
}

typedef struct go_group {
    go_answer answer;
    slickq_group_info info;
} go_group;

static inline go_group go_group_info(go_ticket queue, uint32_t number) {
    go_group out;
    memset(&out.info, 0, sizeof out.info);
    out.info.struct_size = sizeof out.info;
    out.answer = go_said(slickq_group_get_info(go_queue(queue), number, &out.info), 0);
    return out;
}

static inline go_answer go_group_remove(go_ticket queue, const char *name) {
    return go_said(slickq_group_remove(go_queue(queue), name), 0);
}

typedef struct go_registration {
    go_answer answer;
    uint64_t consumer;
    uint64_t held_from;
} go_registration;

static inline go_registration go_consumer_register(go_ticket queue, uint64_t index) {
    go_registration out = {{0, 0, NULL, 0}, 0, 0};
    out.answer = go_said(slickq_consumer_register(go_queue(queue), index, &out.consumer, &out.held_from), 0);
    return out;
}

static inline go_answer go_consumer_acknowledge(go_ticket queue, uint64_t consumer, uint64_t index) {
    return go_said(slickq_consumer_acknowledge(go_queue(queue), consumer, index), 0);
}

typedef struct go_consumer_waited {
    go_answer answer; // value: the cursor
    uint64_t lost;
} go_consumer_waited;

static inline go_consumer_waited go_consumer_wait(go_ticket queue, uint64_t consumer, uint64_t cursor, int64_t stall_ns,
                                                  int64_t timeout_ns) {
    go_consumer_waited out = {{0, 0, NULL, 0}, 0};
    const slickq_status status =
        slickq_consumer_wait_until(go_queue(queue), consumer, &cursor, stall_ns, slickq_deadline(timeout_ns), &out.lost);
    out.answer = go_said(status, cursor);
    return out;
}

static inline go_answer go_consumer_unregister(go_ticket queue, uint64_t consumer) {
    return go_said(slickq_consumer_unregister(go_queue(queue), consumer), 0);
}

static inline go_answer go_consumer_evict(go_ticket queue, uint64_t consumer) {
    return go_said(slickq_consumer_evict(go_queue(queue), consumer), 0);
}

typedef struct go_consumer {
    go_answer answer;
    slickq_consumer_info info;
} go_consumer;

static inline go_consumer go_consumer_info(go_ticket queue, uint32_t number) {
    go_consumer out;
    memset(&out.info, 0, sizeof out.info);
    out.info.struct_size = sizeof out.info;
    out.answer = go_said(slickq_consumer_get_info(go_queue(queue), number, &out.info), 0);
    return out;
}

// ---- shared cursors

typedef struct go_cell {
    go_answer answer; // value: the handle
    uint64_t *cell;
} go_cell;

static inline go_cell go_cursor_open(enum go_how how, const char *name, uint64_t offset, uint32_t permissions, int64_t timeout_ns) {
    slickq_cursor *cursor = NULL;
    go_cell out = {{0, 0, NULL, 0}, NULL};
    slickq_status status = SLICKQ_E_INTERNAL;
    switch (how) {
    case GO_LOCAL: break;
    case GO_CREATE: status = slickq_cursor_create(name, offset, permissions, &cursor); break;
    case GO_OPEN: status = slickq_cursor_open(name, offset, timeout_ns, &cursor); break;
    case GO_OPEN_OR_CREATE: status = slickq_cursor_open_or_create(name, offset, permissions, timeout_ns, &cursor); break;
    }
    if (status == SLICKQ_OK) status = slickq_cursor_cell(cursor, &out.cell);
    out.answer = go_said(status, (uintptr_t)cursor);
    return out;
}

static inline go_answer go_cursor_close(go_ticket cursor) { return go_said(slickq_cursor_close((slickq_cursor *)cursor), 0); }

#endif
