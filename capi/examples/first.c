/* first.c [NAME] - both ends of a queue in one program: the first steps with libslickq in C. The README quotes it. */
#include <slickq/slickq.h>

#include <inttypes.h>
#include <stdio.h>

struct tick {
    uint64_t id;
    double price;
};

static int failed(void) {
    fprintf(stderr, "%s\n", slickq_last_message());
    return 1;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "ticks";

    slickq_options options = {sizeof options};
    options.capacity = 1024; /* elements, a power of two */
    options.element_size = sizeof(struct tick);
    slickq_queue *queue;
    slickq_reader *reader;
    if (slickq_queue_open_or_create(name, &options, &queue) != SLICKQ_OK) return failed();
    if (slickq_reader_open(queue, NULL, &reader) != SLICKQ_OK) return failed(); /* reads what is written from now on */

    const struct tick tick = {1, 101.25};
    if (slickq_queue_write(queue, &tick, 1, NULL) != SLICKQ_OK) return failed();

    slickq_record record; /* the reader's own copy, validated; waits for 1 second at most */
    if (slickq_reader_read_until(reader, slickq_deadline(1000000000), &record) != SLICKQ_OK) return failed();
    const struct tick *got = record.data;
    printf("tick %" PRIu64 " at %.2f\n", got->id, got->price);

    slickq_reader_close(reader);
    slickq_queue_close(queue); /* the segment stays until slickq_segment_remove(name) */
    return 0;
}
