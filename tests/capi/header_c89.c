/* slickq.h in C89, the only addition being <stdint.h>: it compiles without a warning, first and twice. */
#include <slickq/slickq.h>
#include <slickq/slickq.h>

#include <stdio.h>
#include <string.h>

/* Every struct that grows has an initialiser, which is a constant and gives no warning. */
slickq_options options_at_first = SLICKQ_OPTIONS_INIT;
slickq_queue_info queue_info_at_first = SLICKQ_QUEUE_INFO_INIT;
slickq_reader_options reader_options_at_first = SLICKQ_READER_OPTIONS_INIT;
slickq_reader_info reader_info_at_first = SLICKQ_READER_INFO_INIT;
slickq_consumer_info consumer_info_at_first = SLICKQ_CONSUMER_INFO_INIT;
slickq_worker_options worker_options_at_first = SLICKQ_WORKER_OPTIONS_INIT;
slickq_group_info group_info_at_first = SLICKQ_GROUP_INFO_INIT;
slickq_inspection inspection_at_first = SLICKQ_INSPECTION_INIT;
slickq_epoch_info epoch_info_at_first = SLICKQ_EPOCH_INFO_INIT;

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
