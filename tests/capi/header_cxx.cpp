// slickq.h in C++98, and so in every later C++: C linkage, and nothing that C++ reads differently.
#include <slickq/slickq.h>

#include <cstdio>
#include <cstring>

// Would contradict the header if that declared the function with C++ linkage.
extern "C" const char* slickq_version_string(void);

// Every struct that grows has an initialiser, which is a constant and gives no warning.
slickq_options options_at_first = SLICKQ_OPTIONS_INIT;
slickq_queue_info queue_info_at_first = SLICKQ_QUEUE_INFO_INIT;
slickq_reader_options reader_options_at_first = SLICKQ_READER_OPTIONS_INIT;
slickq_reader_info reader_info_at_first = SLICKQ_READER_INFO_INIT;
slickq_consumer_info consumer_info_at_first = SLICKQ_CONSUMER_INFO_INIT;
slickq_worker_options worker_options_at_first = SLICKQ_WORKER_OPTIONS_INIT;
slickq_group_info group_info_at_first = SLICKQ_GROUP_INFO_INIT;
slickq_inspection inspection_at_first = SLICKQ_INSPECTION_INIT;
slickq_epoch_info epoch_info_at_first = SLICKQ_EPOCH_INFO_INIT;

int main() {
    char version[32];
    std::sprintf(version, "%d.%d.%d", SLICKQ_VERSION_MAJOR, SLICKQ_VERSION_MINOR, SLICKQ_VERSION_PATCH);
    if (std::strcmp(version, slickq_version_string()) != 0) {
        std::fprintf(stderr, "the header is version %s, the library %s\n", version, slickq_version_string());
        return 1;
    }

    slickq_options options = SLICKQ_OPTIONS_INIT;
    options.capacity = 4;
    options.element_size = 8;
    slickq_queue* queue = 0;
    if (slickq_queue_create_local(&options, &queue) != SLICKQ_OK) {
        std::fprintf(stderr, "%s\n", slickq_last_message());
        return 1;
    }
    return slickq_queue_close(queue) == SLICKQ_OK ? 0 : 1;
}
