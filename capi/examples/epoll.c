/* epoll.c - a reader in an event loop: epoll NAME [RECORDS]
 *
 * Sleeps in epoll_wait() until the queue has something, prints what comes, and ends after RECORDS records or at end of input on
 * standard input, the loop's other source. Then it says what the waiting has cost. */
#include <slickq/slickq.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void require(slickq_status status) {
    if (status >= 0) return;
    fprintf(stderr, "epoll: %s\n", slickq_last_message());
    exit(1);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* Reads until there is nothing more: only that makes the descriptor wait for the next record. */
static unsigned long drain(slickq_reader *reader, const slickq_queue_info *info) {
    unsigned long records = 0;
    for (;;) {
        slickq_record record;
        const slickq_status status = slickq_reader_read(reader, &record);
        require(status);
        if (status == SLICKQ_EMPTY || status == SLICKQ_PENDING) return records;
        if (status == SLICKQ_OK) {
            fwrite(record.data, info->element_size, record.count, stdout);
            ++records;
        } else {
            fprintf(stderr, "epoll: %s, %llu elements lost\n", slickq_status_name(status), (unsigned long long)record.lost);
        }
    }
}

static void watch(int events, int descriptor) {
    struct epoll_event wanted = {EPOLLIN, {.fd = descriptor}};
    if (epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &wanted) != 0) {
        perror("epoll: epoll_ctl");
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: epoll NAME [RECORDS]\n");
        return 2;
    }
    const unsigned long wanted = argc == 3 ? strtoul(argv[2], NULL, 10) : (unsigned long)-1;

    slickq_queue *queue;
    slickq_reader *reader;
    slickq_queue_info info = {.struct_size = sizeof info};
    int descriptor;
    require(slickq_queue_open(argv[1], NULL, &queue));
    require(slickq_queue_get_info(queue, &info));
    require(slickq_reader_open(queue, NULL, &reader));
    require(slickq_reader_descriptor(reader, &descriptor));

    const int events = epoll_create1(0);
    watch(events, descriptor);
    watch(events, STDIN_FILENO);
    fprintf(stderr, "epoll: ready\n");

    const double begun = seconds_now(), used = cpu_seconds();
    unsigned long records = 0;
    int goes_on = 1;
    while (goes_on && records < wanted) {
        struct epoll_event event;
        if (epoll_wait(events, &event, 1, -1) != 1) continue; /* a signal */
        if (event.data.fd == descriptor) {
            records += drain(reader, &info);
            fflush(stdout);
        } else {
            char bytes[256];
            goes_on = read(STDIN_FILENO, bytes, sizeof bytes) > 0;
        }
    }
    fprintf(stderr, "epoll: %lu records, %.3f %% of a core\n", records, 100 * (cpu_seconds() - used) / (seconds_now() - begun));
    require(slickq_reader_close(reader));
    require(slickq_queue_close(queue));
    return 0;
}
