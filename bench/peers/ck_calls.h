/* ck_ring.h is C only: ck_calls.c wraps it, so that each operation is a call (a direct one). Pushes and pops return 1 if done, 0 if
 * the ring is full or empty. */
#ifndef BENCH_PEERS_CK_CALLS_H
#define BENCH_PEERS_CK_CALLS_H

#ifdef __cplusplus
extern "C" {
#endif

struct ck_ring;

unsigned long bench_ck_bytes(void); /* of a ring; its buffer lies elsewhere */
void bench_ck_init(struct ck_ring *ring, unsigned capacity);

#define BENCH_CK_CALLS(bytes)                                                               \
    int bench_ck_spsc_push_##bytes(struct ck_ring *ring, void *buffer, const void *item); \
    int bench_ck_spsc_pop_##bytes(struct ck_ring *ring, void *buffer, void *item);        \
    int bench_ck_mpmc_push_##bytes(struct ck_ring *ring, void *buffer, const void *item); \
    int bench_ck_mpmc_pop_##bytes(struct ck_ring *ring, void *buffer, void *item);

BENCH_CK_CALLS(8)
BENCH_CK_CALLS(64)
BENCH_CK_CALLS(256)
BENCH_CK_CALLS(1024)

#ifdef __cplusplus
}
#endif

#endif
