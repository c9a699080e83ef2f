/* slickq.h in C89, the only addition being <stdint.h>: it compiles without a warning, first and twice. */
#include <slickq/slickq.h>
#include <slickq/slickq.h>

#include <stdio.h>
#include <string.h>

#include "initialised.h"

int main(void)
{
    slickq_queue *queue = NULL;

    if (slickq_version() != SLICKQ_VERSION_NUMBER || slickq_abi_version() < SLICKQ_ABI_VERSION) {
        fprintf(stderr, "the library is version %s, the header another\n", slickq_version_string());
        return 1;
    }
    if (slickq_queue_create_local(NULL, &queue) != SLICKQ_E_NULL || queue != NULL) {
        fprintf(stderr, "options that are NULL were not refused with SLICKQ_E_NULL: %s\n", slickq_last_message());
        return 1;
    }
    if (strcmp(slickq_status_name(SLICKQ_E_NULL), "SLICKQ_E_NULL") != 0) {
        fprintf(stderr, "SLICKQ_E_NULL is named %s\n", slickq_status_name(SLICKQ_E_NULL));
        return 1;
    }
    return 0;
}
