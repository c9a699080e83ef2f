// slickq.h in C++98, and so in every later C++: C linkage, and nothing that C++ reads differently.
#include <slickq/slickq.h>

#include <cstdio>
#include <cstring>

// Would contradict the header if that declared the function with C++ linkage.
extern "C" const char* slickq_version_string(void);

#include "initialised.h"

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
