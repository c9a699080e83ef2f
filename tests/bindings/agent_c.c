/* The conformance agent on the C ABI: one request a line on standard input, one answer a line. Run by the driver in
 * this directory, which says what the requests are. A request prints its answer; main() ends the line. */
#include "agent_c_line.h"
#include "agent_shared.h"

#include <slickq/slickq.h>

#include <inttypes.h>
#include <stdlib.h>

enum { AHEAD = 256 }; /* records that consume_reader reads at once */

static const int64_t patience_ns = 60000000000; /* that a request may take */
static const int64_t idle_ns = 200000;          /* between looks when there is nothing to read */

static slickq_queue *queue;
static slickq_queue_info shape = {.element_size = 1}; /* of the last queue */
static slickq_reader *reader;
static slickq_worker *worker;
static slickq_cursor *cursor_segment; /* with the cell, unless that is local_cell */
static uint64_t local_cell;
static uint64_t *cell = &local_cell;
static uint64_t consumed; /* the cursor of consume */

/* Memory of at least `length` bytes, the same in every call: what it held is gone. */
static void *scratch(size_t length) {
    static void *memory;
    static size_t room;
    if (length > room || memory == NULL) {
        free(memory);
        memory = must(malloc(length + 1));
        room = length;
    }
    return memory;
}

static size_t bytes_in(uint64_t elements) { return (size_t)elements * shape.element_size; }

/* ------------------------------------------------------------------ answers */

/* The library keeps a message for errors only. */
static void answer_failure(slickq_status status) {
    printf("error %s %s", slickq_status_name(status), status < 0 ? slickq_last_message() : slickq_status_text(status));
}

static void answer_done(slickq_status status) {
    if (status == SLICKQ_OK) fputs("ok", stdout);
    else answer_failure(status);
}

static void answer_value(slickq_status status, uint64_t value) {
    if (status == SLICKQ_OK) printf("ok %" PRIu64, value);
    else answer_failure(status);
}

static void print_record(const slickq_record *record) {
    printf("%" PRIu64 " %" PRIu32 " ", record->index, record->count);
    print_hex(record->data, bytes_in(record->count));
}

/* Of a read through a plain cursor. */
static void answer_read(slickq_status status, uint64_t cursor, const slickq_record *record) {
    if (status == SLICKQ_OK) {
        printf("ok %" PRIu64 " ", cursor);
        print_record(record);
    } else if (status == SLICKQ_EMPTY) {
        printf("empty %" PRIu64, cursor);
    } else {
        answer_failure(status);
    }
}

/* Of a read without one. */
static void answer_record(slickq_status status, const slickq_record *record) {
    if (status == SLICKQ_OK) {
        fputs("ok ", stdout);
        print_record(record);
    } else if (status == SLICKQ_EMPTY) {
        fputs("empty", stdout);
    } else {
        answer_failure(status);
    }
}

/* What a reader or a worker says instead of a record. */
static void answer_instead(slickq_status status, uint64_t index, uint64_t lost) {
    if (status == SLICKQ_TIMED_OUT) printf("%s 0 0", slickq_status_name(status));
    else if (status < 0 && status != SLICKQ_E_CORRUPT) answer_failure(status);
    else printf("%s %" PRIu64 " %" PRIu64, slickq_status_name(status), index, lost);
}

static void print_place(int is_first, uint64_t index, uint32_t count) {
    printf(is_first ? " %" PRIu64 ":%" PRIu32 : ",%" PRIu64 ":%" PRIu32, index, count);
}

/* ------------------------------------------------------------------ life */

static void close_all(void) {
    if (reader != NULL) slickq_reader_close(reader);
    if (worker != NULL) slickq_worker_close(worker);
    if (queue != NULL) slickq_queue_close(queue);
    reader = NULL;
    worker = NULL;
    queue = NULL;
    consumed = 0;
}

static void do_open(const argument *in) {
    slickq_options options = {sizeof options, 0, 0, 0, 0, 0, 0, 0, 0};
    slickq_status status;
    close_all();
    options.capacity = (uint32_t)in[1].number;
    options.element_size = (uint32_t)in[2].number;
    options.items_per_slot = (uint32_t)in[3].number;
    options.layout = (uint32_t)in[4].number;
    options.flags = (uint32_t)in[5].number;
    if (strcmp(in[0].text, "-") == 0) status = slickq_queue_create_local(&options, &queue);
    else if (options.capacity == 0) status = slickq_queue_open(in[0].text, &options, &queue);
    else status = slickq_queue_open_or_create(in[0].text, &options, &queue);
    shape.struct_size = sizeof shape;
    if (status == SLICKQ_OK) status = slickq_queue_get_info(queue, &shape);
    if (status != SLICKQ_OK) {
        answer_failure(status);
        return;
    }
    printf("ok %d %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32, (shape.flags & SLICKQ_INFO_CREATOR) != 0, shape.capacity,
           shape.element_size, shape.items_per_slot, shape.layout);
}

static void do_close(const argument *in) {
    (void)in;
    close_all();
    fputs("ok", stdout);
}

static void do_remove(const argument *in) { answer_done(slickq_segment_remove(in[0].text)); }

static void do_reset(const argument *in) {
    (void)in;
    answer_done(slickq_queue_reset(queue));
}

/* ------------------------------------------------------------------ producing */

static void do_reserve(const argument *in) {
    uint64_t index = 0;
    const slickq_status status = slickq_queue_reserve(queue, (uint32_t)in[0].number, &index);
    answer_value(status, index);
}

static void do_fill(const argument *in) {
    void *elements = NULL;
    const slickq_status status = slickq_queue_at(queue, in[0].number, &elements);
    if (status == SLICKQ_OK) memcpy(elements, in[1].text, in[1].number);
    answer_done(status);
}

static void do_publish(const argument *in) {
    answer_done(slickq_queue_publish(queue, in[0].number, (uint32_t)in[1].number));
}

/* Whether the bytes are whole elements; answers if not. */
static int are_elements(uint64_t bytes) {
    if (bytes % shape.element_size == 0) return 1;
    fputs("error SLICKQ_E_ARGUMENT these are no whole elements", stdout);
    return 0;
}

static void do_write(const argument *in) {
    uint64_t index = 0;
    slickq_status status;
    if (!are_elements(in[0].number)) return;
    status = slickq_queue_write(queue, in[0].text, (uint32_t)(in[0].number / shape.element_size), &index);
    answer_value(status, index);
}

static void do_write_batch(const argument *in) {
    uint32_t *counts = NULL, records = 0, written = 0;
    slickq_status status;
    if (!are_elements(in[0].number)) return;
    if (strcmp(in[1].text, "-") == 0) {
        records = (uint32_t)(in[0].number / shape.element_size);
    } else {
        uint64_t elements = 0;
        const char *next = in[1].text;
        counts = must(malloc(sizeof *counts * (strlen(next) + 1)));
        for (;;) {
            char *end;
            counts[records] = (uint32_t)strtoul(next, &end, 10);
            elements += counts[records++];
            if (*end == '\0') break;
            next = end + 1;
        }
        if (bytes_in(elements) != in[0].number) {
            fputs("error SLICKQ_E_ARGUMENT the counts do not add up to the bytes", stdout);
            free(counts);
            return;
        }
    }
    status = slickq_queue_write_batch(queue, in[0].text, counts, records, &written);
    free(counts);
    answer_value(status, written);
}

/* ------------------------------------------------------------------ plain cursors */

static void do_start(const argument *in) {
    uint64_t cursor = 0;
    const slickq_status status = slickq_queue_cursor_at(queue, (uint32_t)in[0].number, &cursor);
    answer_value(status, cursor);
}

static void do_next(const argument *in) {
    uint64_t index = 0;
    const slickq_status status = slickq_queue_next_index(queue, &index);
    (void)in;
    answer_value(status, index);
}

/* The record's bytes, out of the ring. */
static void take_out(slickq_record *record) {
    void *copy = scratch(bytes_in(record->count));
    memcpy(copy, record->data, bytes_in(record->count));
    record->data = copy;
}

static void do_read(const argument *in) {
    uint64_t cursor = in[0].number;
    slickq_record record;
    const slickq_status status = slickq_queue_read(queue, &cursor, &record);
    if (status == SLICKQ_OK) take_out(&record);
    answer_read(status, cursor, &record);
}

/* The next record, copied into the scratch memory. What was being overwritten is stepped over, as lost. */
static slickq_status read_copy(uint64_t *cursor, slickq_record *record) {
    size_t room = bytes_in(1);
    slickq_status status;
    uint64_t lost = 0;
    do {
        status = slickq_queue_read_copy(queue, cursor, scratch(room), room, record);
        if (status == SLICKQ_E_BUFFER) room = bytes_in(record->count);
        if (status == SLICKQ_LAPPED) lost += record->lost;
    } while (status == SLICKQ_E_BUFFER || status == SLICKQ_LAPPED);
    record->lost += lost;
    return status;
}

static void do_read_copy(const argument *in) {
    uint64_t cursor = in[0].number;
    slickq_record record;
    const slickq_status status = read_copy(&cursor, &record);
    answer_read(status, cursor, &record);
}

static void do_read_batch(const argument *in) {
    uint64_t cursor = in[0].number;
    const uint32_t limit = in[1].number < shape.capacity ? (uint32_t)in[1].number : shape.capacity;
    slickq_record *records = must(malloc(sizeof *records * limit + 1));
    uint32_t count = 0;
    slickq_status status = slickq_queue_read_batch(queue, &cursor, records, limit, &count);
    if (status == SLICKQ_OK) {
        size_t length = 0;
        uint8_t *copy;
        for (uint32_t k = 0; k < count; ++k) length += bytes_in(records[k].count);
        copy = scratch(length);
        for (uint32_t k = 0; k < count; ++k) {
            memcpy(copy, records[k].data, bytes_in(records[k].count));
            copy += bytes_in(records[k].count);
        }
        status = slickq_queue_validate(queue, records[0].index);
        if (status == SLICKQ_OK) {
            printf("ok %" PRIu64, cursor);
            for (uint32_t k = 0; k < count; ++k) print_place(k == 0, records[k].index, records[k].count);
            putchar(' ');
            print_hex(copy - length, length);
        }
    }
    if (status == SLICKQ_EMPTY) printf("empty %" PRIu64, cursor);
    else if (status != SLICKQ_OK) answer_failure(status);
    free(records);
}

static void do_read_last(const argument *in) {
    slickq_record record;
    const slickq_status status = slickq_queue_read_last(queue, &record);
    (void)in;
    if (status == SLICKQ_OK) take_out(&record);
    answer_record(status, &record);
}

static void do_check(const argument *in) {
    const slickq_status status = slickq_queue_validate(queue, in[0].number);
    if (status == SLICKQ_LAPPED) fputs(slickq_status_name(status), stdout);
    else answer_done(status);
}

static void do_lost(const argument *in) {
    uint64_t elements = 0;
    const slickq_status status = slickq_queue_loss_count(queue, &elements);
    (void)in;
    answer_value(status, elements);
}

/* ------------------------------------------------------------------ a shared cursor */

static void do_cell(const argument *in) {
    slickq_status status = SLICKQ_OK;
    if (cursor_segment != NULL) slickq_cursor_close(cursor_segment);
    cursor_segment = NULL;
    local_cell = 0;
    cell = &local_cell;
    if (strcmp(in[0].text, "-") != 0) {
        status = slickq_cursor_open_or_create(in[0].text, in[1].number, 0, SLICKQ_TIMEOUT_DEFAULT, &cursor_segment);
        if (status == SLICKQ_OK) status = slickq_cursor_cell(cursor_segment, &cell);
    }
    answer_done(status);
}

static void do_cell_load(const argument *in) {
    uint64_t value = 0;
    const slickq_status status = slickq_cell_load(cell, &value);
    (void)in;
    answer_value(status, value);
}

static void do_cell_store(const argument *in) { answer_done(slickq_cell_store(cell, in[0].number)); }

static void do_cell_cas(const argument *in) {
    uint64_t expected = in[0].number;
    const slickq_status status = slickq_cell_compare_exchange(cell, &expected, in[1].number);
    if (status == SLICKQ_CHANGED) printf("%s %" PRIu64, slickq_status_name(status), expected);
    else answer_done(status);
}

static void do_claim(const argument *in) {
    slickq_record record;
    const slickq_status status = slickq_queue_read_shared(queue, cell, &record);
    (void)in;
    if (status == SLICKQ_OK) take_out(&record);
    answer_record(status, &record);
}

/* ------------------------------------------------------------------ readers and workers */

static void do_reader(const argument *in) {
    slickq_reader_options options = {sizeof options, 0, 0, 0, 0, 0, 0, 0};
    options.start = (uint32_t)in[0].number;
    options.batch = (uint32_t)in[1].number;
    options.flags = in[2].number != 0 ? SLICKQ_READER_REGISTERED : 0;
    if (reader != NULL) slickq_reader_close(reader);
    reader = NULL;
    answer_done(slickq_reader_open(queue, &options, &reader));
}

static void answer_step(slickq_status status, const slickq_record *record) {
    if (status == SLICKQ_OK) answer_record(status, record);
    else answer_instead(status, record->index, record->lost);
}

static void do_next_record(const argument *in) {
    slickq_record record;
    const slickq_status status = slickq_reader_read(reader, &record);
    (void)in;
    answer_step(status, &record);
}

static void do_wait_record(const argument *in) {
    slickq_record record;
    const int64_t deadline = slickq_deadline((int64_t)in[0].number * 1000000);
    const slickq_status status = slickq_reader_read_until(reader, deadline, &record);
    answer_step(status, &record);
}

static void do_next_batch(const argument *in) {
    slickq_batch batch;
    const slickq_status status = slickq_reader_read_batch(reader, (uint32_t)in[0].number, &batch);
    if (status != SLICKQ_OK) {
        answer_instead(status, batch.index, batch.lost);
        return;
    }
    fputs("ok", stdout);
    for (uint32_t k = 0; k < batch.records; ++k) print_place(k == 0, batch.entries[k].index, batch.entries[k].count);
    putchar(' ');
    print_hex(batch.data, bytes_in(batch.elements));
}

static void do_worker(const argument *in) {
    slickq_worker_options options = {sizeof options, 0, NULL, 0, 0, 0, 0};
    options.group = in[0].text;
    options.mode = (uint32_t)in[1].number;
    if (worker != NULL) slickq_worker_close(worker);
    worker = NULL;
    answer_done(slickq_worker_open(queue, &options, &worker));
}

static void do_work(const argument *in) {
    slickq_record record;
    const slickq_status status = slickq_worker_read(worker, &record);
    (void)in;
    answer_step(status, &record);
    if (status == SLICKQ_OK) printf(" %d", (record.flags & SLICKQ_RECORD_REDELIVERED) != 0);
}

static void do_done(const argument *in) {
    (void)in;
    answer_done(slickq_worker_done(worker));
}

/* ------------------------------------------------------------------ many at once */

static stream stream_of(const argument *in) {
    const stream s = {in[0].number, in[1].number, in[2].number, in[3].number, shape.element_size};
    return s;
}

static void do_produce(const argument *in) {
    const stream s = stream_of(in);
    const int64_t give_up = slickq_deadline(patience_ns);
    slickq_status status = SLICKQ_OK;
    for (uint64_t number = s.first; number < s.last && status == SLICKQ_OK; ++number) {
        uint8_t *record = scratch(stream_length(&s, number));
        stream_make(&s, number, record);
        status = slickq_queue_write_until(queue, record, stream_count(&s, number), give_up, NULL);
    }
    answer_done(status);
}

static void do_produce_batch(const argument *in) {
    const stream s = stream_of(in);
    const int64_t give_up = slickq_deadline(patience_ns);
    const uint32_t most = (uint32_t)in[4].number;
    uint32_t *counts = must(malloc(sizeof *counts * most));
    uint8_t *records = scratch(bytes_in(most * s.most));
    slickq_status status = SLICKQ_OK;
    for (uint64_t number = s.first; number < s.last && status == SLICKQ_OK;) {
        uint8_t *end = records;
        uint32_t batch = 0;
        for (; batch < most && number < s.last; ++batch, ++number) {
            stream_make(&s, number, end);
            end += stream_length(&s, number);
            counts[batch] = stream_count(&s, number);
        }
        status = slickq_queue_write_batch_until(queue, records, s.most == 1 ? NULL : counts, batch, give_up, NULL);
    }
    free(counts);
    answer_done(status);
}

static void do_seek(const argument *in) {
    consumed = in[0].number;
    fputs("ok", stdout);
}

/* Whether it is the record that was expected; answers if not. */
static int is_expected(const stream *s, uint64_t number, const void *data, size_t length) {
    if (stream_is(s, number, data, length)) return 1;
    printf("error BAD record %" PRIu64 ": ", number);
    print_hex(data, length < 32 ? length : 32);
    return 0;
}

static void do_consume(const argument *in) {
    const stream s = stream_of(in);
    const int64_t give_up = slickq_deadline(patience_ns);
    for (uint64_t number = s.first; number < s.last; ++number) {
        slickq_record record;
        slickq_status status;
        while ((status = read_copy(&consumed, &record)) == SLICKQ_EMPTY && slickq_deadline(0) < give_up) {
            slickq_queue_wait_until(queue, consumed, slickq_deadline(idle_ns));
        }
        if (status != SLICKQ_OK || record.lost != 0) {
            printf("error BAD record %" PRIu64 ": %s, %" PRIu64 " elements lost", number, slickq_status_name(status),
                   status == SLICKQ_OK ? record.lost : 0);
            return;
        }
        if (!is_expected(&s, number, record.data, bytes_in(record.count))) return;
    }
    printf("ok %" PRIu64, consumed);
}

static void do_consume_reader(const argument *in) {
    const stream s = stream_of(in);
    const int64_t give_up = slickq_deadline(patience_ns);
    for (uint64_t number = s.first; number < s.last;) {
        const uint32_t limit = s.last - number < AHEAD ? (uint32_t)(s.last - number) : AHEAD;
        slickq_batch batch;
        const slickq_status status = slickq_reader_read_batch_until(reader, limit, give_up, &batch);
        const uint8_t *data = batch.data;
        if (status != SLICKQ_OK) {
            printf("error BAD at record %" PRIu64 ": %s", number, slickq_status_name(status));
            return;
        }
        for (uint32_t k = 0; k < batch.records; ++k, ++number) {
            const size_t length = bytes_in(batch.entries[k].count);
            if (!is_expected(&s, number, data, length)) return;
            data += length;
        }
    }
    fputs("ok", stdout);
}

/* ------------------------------------------------------------------ requests */

static const struct request {
    const char *name;
    const char *signature; /* a letter for each argument */
    void (*obey)(const argument *);
} requests[] = {
    {"open", "tiiiii", do_open},
    {"close", "", do_close},
    {"remove", "t", do_remove},
    {"reset", "", do_reset},
    {"reserve", "i", do_reserve},
    {"fill", "nh", do_fill},
    {"publish", "ni", do_publish},
    {"write", "h", do_write},
    {"write_batch", "ht", do_write_batch},
    {"start", "i", do_start},
    {"next", "", do_next},
    {"read", "n", do_read},
    {"read_copy", "n", do_read_copy},
    {"read_batch", "ni", do_read_batch},
    {"read_last", "", do_read_last},
    {"check", "n", do_check},
    {"lost", "", do_lost},
    {"cell", "tn", do_cell},
    {"cell_load", "", do_cell_load},
    {"cell_store", "n", do_cell_store},
    {"cell_cas", "nn", do_cell_cas},
    {"claim", "", do_claim},
    {"reader", "iii", do_reader},
    {"next_record", "", do_next_record},
    {"wait_record", "i", do_wait_record},
    {"next_batch", "i", do_next_batch},
    {"worker", "ti", do_worker},
    {"work", "", do_work},
    {"done", "", do_done},
    {"produce", "nnnp", do_produce},
    {"produce_batch", "nnnpp", do_produce_batch},
    {"seek", "n", do_seek},
    {"consume", "nnnp", do_consume},
    {"consume_reader", "nnnp", do_consume_reader},
};

static void obey(char *line) {
    argument in[MOST_ARGUMENTS] = {{0, NULL}};
    char *rest = strchr(line, ' ');
    if (rest != NULL) *rest++ = '\0';
    for (size_t k = 0; k < sizeof requests / sizeof *requests; ++k) {
        if (strcmp(requests[k].name, line) != 0) continue;
        if (parse_arguments(rest, requests[k].signature, in)) requests[k].obey(in);
        else printf("error REQUEST %s with other words than these", line);
        return;
    }
    printf("error UNSUPPORTED %s", line);
}

int main(void) {
    char *line;
    while ((line = read_line()) != NULL && strcmp(line, "quit") != 0) {
        obey(line);
        putchar('\n');
        if (fflush(stdout) != 0) break; /* nobody listens */
    }
    close_all();
    if (cursor_segment != NULL) slickq_cursor_close(cursor_segment);
    return 0;
}
