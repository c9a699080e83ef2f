// dlopen_test LIBRARY: loads the library, uses it and unloads it, a hundred times. It must really be gone each time.
#define _GNU_SOURCE // RTLD_NOLOAD
#include <slickq/slickq.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rounds = 100 };

static void require(int condition, int round, const char *what)
{
    if (!condition) {
        const char *reason = dlerror();
        fprintf(stderr, "round %d: %s%s%s\n", round, what, reason ? ": " : "", reason ? reason : "");
        exit(1);
    }
}

// Sets *function, a pointer to a function. ISO C has no conversion from dlsym()'s void *.
static void resolve(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    require(symbol != NULL, 0, name);
    memcpy(function, &symbol, sizeof symbol);
}

static void use(void *library, int round)
{
    uint32_t (*version)(void);
    slickq_status (*create_local)(const slickq_options *, slickq_queue **);
    slickq_status (*write)(slickq_queue *, const void *, uint32_t, uint64_t *);
    slickq_status (*read)(slickq_queue *, uint64_t *, slickq_record *);
    slickq_status (*close)(slickq_queue *);
    const char *(*last_message)(void);
    resolve(library, "slickq_version", &version);
    resolve(library, "slickq_queue_create_local", &create_local);
    resolve(library, "slickq_queue_write", &write);
    resolve(library, "slickq_queue_read", &read);
    resolve(library, "slickq_queue_close", &close);
    resolve(library, "slickq_last_message", &last_message);

    require(version() == SLICKQ_VERSION_NUMBER, round, "the version is not the header's");
    // Freshly loaded, so also without the messages of an earlier round; after this call with thread-local state.
    require(last_message()[0] == '\0', round, "the thread-local message is there before the first error");
    require(close(NULL) == SLICKQ_E_NULL, round, "closing NULL is not SLICKQ_E_NULL");
    require(last_message()[0] != '\0', round, "an error left no message");

    slickq_options options = {.struct_size = sizeof options, .capacity = 1024, .element_size = sizeof round};
    slickq_queue *queue = NULL;
    slickq_record record;
    uint64_t cursor = 0;
    require(create_local(&options, &queue) == SLICKQ_OK, round, "create_local");
    require(write(queue, &round, 1, NULL) == SLICKQ_OK, round, "write");
    require(read(queue, &cursor, &record) == SLICKQ_OK, round, "read");
    require(record.count == 1 && memcmp(record.data, &round, sizeof round) == 0, round, "read something else");
    require(close(queue) == SLICKQ_OK, round, "close");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
        return 2;
    }
    for (int round = 1; round <= rounds; ++round) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        require(library != NULL, round, "dlopen");

        // Shows that the question asked after dlclose() can be answered with yes.
        void *again = dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD);
        require(again == library, round, "RTLD_NOLOAD does not find the loaded library");
        require(dlclose(again) == 0, round, "dlclose");

        use(library, round);
        require(dlclose(library) == 0, round, "dlclose");
        require(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) == NULL, round, "the library is still loaded after dlclose()");
    }
    printf("loaded, used and unloaded %d times\n", rounds);
    return 0;
}
