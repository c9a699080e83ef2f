// A program that uses the installed library: moves one record through a shared queue and checks it.
#define _POSIX_C_SOURCE 200809L
#include <slickq/slickq.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(slickq_status status, const char *what)
{
    if (status != SLICKQ_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, slickq_status_name(status), slickq_last_message());
        exit(1);
    }
}

int main(void)
{
    if (slickq_version() != SLICKQ_VERSION_NUMBER) {
        fprintf(stderr, "compiled with %d, running with %s\n", SLICKQ_VERSION_NUMBER, slickq_version_string());
        return 1;
    }

    char name[64];
    snprintf(name, sizeof name, "slickq_consumer_c_%ld", (long)getpid());

    slickq_options options = {.struct_size = sizeof options, .capacity = 8, .element_size = sizeof(int)};
    slickq_queue *producer = NULL;
    slickq_queue *consumer = NULL;
    check(slickq_queue_create(name, &options, &producer), "create");
    slickq_status opened = slickq_queue_open(name, NULL, &consumer);
    // Both have it mapped; with the name gone nothing is left behind, however this program ends.
    check(slickq_segment_remove(name), "remove");
    check(opened, "open");

    const int sent[3] = {1, -2, 1000000007};
    int received[3] = {0};
    uint64_t cursor = 0;
    slickq_record record;
    check(slickq_queue_write(producer, sent, 3, NULL), "write");
    check(slickq_queue_read_copy(consumer, &cursor, received, sizeof received, &record), "read");
    if (record.count != 3 || record.index != 0 || cursor != 3 || memcmp(sent, received, sizeof sent) != 0) {
        fprintf(stderr, "read something else than what was written\n");
        return 1;
    }

    check(slickq_queue_close(consumer), "close");
    check(slickq_queue_close(producer), "close");
    printf("slickq %s: one record of 3 elements sent and received\n", slickq_version_string());
    return 0;
}
