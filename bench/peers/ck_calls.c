#include "ck_calls.h"

#include <ck_ring.h>

unsigned long bench_ck_bytes(void) { return sizeof(struct ck_ring); }

void bench_ck_init(struct ck_ring *ring, unsigned capacity) { ck_ring_init(ring, capacity); }

#define DEFINE(bytes)                                                                                                            \
    struct item_##bytes {                                                                                                        \
        char all[bytes];                                                                                                         \
    };                                                                                                                           \
    CK_RING_PROTOTYPE(item_##bytes, item_##bytes)                                                                                \
    int bench_ck_spsc_push_##bytes(struct ck_ring *ring, void *buffer, const void *item) {                                       \
        return ck_ring_enqueue_spsc_item_##bytes(ring, buffer, (struct item_##bytes *)item);                                     \
    }                                                                                                                            \
    int bench_ck_spsc_pop_##bytes(struct ck_ring *ring, void *buffer, void *item) {                                              \
        return ck_ring_dequeue_spsc_item_##bytes(ring, buffer, item);                                                            \
    }                                                                                                                            \
    int bench_ck_mpmc_push_##bytes(struct ck_ring *ring, void *buffer, const void *item) {                                       \
        return ck_ring_enqueue_mpmc_item_##bytes(ring, buffer, (struct item_##bytes *)item);                                     \
    }                                                                                                                            \
    int bench_ck_mpmc_pop_##bytes(struct ck_ring *ring, void *buffer, void *item) {                                              \
        return ck_ring_dequeue_mpmc_item_##bytes(ring, buffer, item);                                                            \
    }

DEFINE(8)
DEFINE(64)
DEFINE(256)
DEFINE(1024)
