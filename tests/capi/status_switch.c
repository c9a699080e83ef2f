/* A slickq_status can be switched over: the compiler says which one has no case. In C and in C++, with -Wswitch. */
#include <slickq/slickq.h>

int is_retryable(slickq_status status);
int is_retryable(slickq_status status)
{
    switch (status) {
    case SLICKQ_OK: return 0;
    case SLICKQ_EMPTY: return 1;
    case SLICKQ_CHANGED: return 0;
    case SLICKQ_PENDING: return 0;
    case SLICKQ_LAPPED: return 0;
    case SLICKQ_FULL: return 1;
    case SLICKQ_TIMED_OUT: return 1;
    case SLICKQ_GAP: return 0;
    case SLICKQ_RESET: return 0;
    case SLICKQ_CANCELLED: return 0;
    case SLICKQ_ABANDONED: return 0;
    case SLICKQ_E_NULL: return 0;
    case SLICKQ_E_HANDLE: return 0;
    case SLICKQ_E_ARGUMENT: return 0;
    case SLICKQ_E_NAME: return 0;
    case SLICKQ_E_BUFFER: return 0;
    case SLICKQ_E_READ_ONLY: return 0;
    case SLICKQ_E_UNSUPPORTED: return 0;
    case SLICKQ_E_NOT_FOUND: return 0;
    case SLICKQ_E_EXISTS: return 0;
    case SLICKQ_E_ACCESS: return 0;
    case SLICKQ_E_NO_SPACE: return 0;
    case SLICKQ_E_NO_MEMORY: return 0;
    case SLICKQ_E_LIMIT: return 0;
    case SLICKQ_E_OS: return 0;
    case SLICKQ_E_NO_LENGTH: return 0;
    case SLICKQ_E_NOT_READY: return 0;
    case SLICKQ_E_HALF_MADE: return 0;
    case SLICKQ_E_NOT_A_QUEUE: return 0;
    case SLICKQ_E_NEWER: return 0;
    case SLICKQ_E_TRUNCATED: return 0;
    case SLICKQ_E_CORRUPT: return 0;
    case SLICKQ_E_MISMATCH: return 0;
    case SLICKQ_E_STALE: return 0;
    case SLICKQ_E_NOT_RESERVED: return 0;
    case SLICKQ_E_SECOND_PRODUCER: return 0;
    case SLICKQ_E_HALF_RESET: return 0;
    case SLICKQ_E_EVICTED: return 0;
    case SLICKQ_E_NO_CONSUMER: return 0;
    case SLICKQ_E_NO_GROUP: return 0;
#ifndef LEAVE_ONE_OUT
    case SLICKQ_E_BUSY: return 1;
#endif
    case SLICKQ_E_INTERNAL: return 0;
    }
    return status > 0; /* of a newer library */
}
