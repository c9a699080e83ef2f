#include "agent_c_line.h"

#include "agent_shared.h"

#include <errno.h>
#include <stdlib.h>

void *must(void *memory) {
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

char *read_line(void) {
    static char *line;
    static size_t room;
    size_t length = 0;
    for (;;) {
        const int byte = getchar();
        if (length + 1 >= room) line = must(realloc(line, room = 2 * room + 256));
        if (byte == EOF && length == 0) {
            free(line);
            return NULL;
        }
        if (byte == EOF || byte == '\n') {
            line[length] = '\0';
            return line;
        }
        line[length++] = (char)byte;
    }
}

static int is_number(const char *text, uint64_t most, uint64_t *number) {
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= most;
}

int parse_arguments(char *rest, const char *signature, argument *in) {
    for (; *signature != '\0'; ++signature, ++in) {
        ptrdiff_t length;
        if (rest == NULL) return 0;
        in->text = rest;
        rest = strchr(rest, ' ');
        if (rest != NULL) *rest++ = '\0';
        switch (*signature) {
        case 'n':
            if (!is_number(in->text, UINT64_MAX, &in->number)) return 0;
            break;
        case 'i':
            if (!is_number(in->text, UINT32_MAX, &in->number)) return 0;
            break;
        case 'p':
            if (!is_number(in->text, UINT32_MAX, &in->number) || in->number == 0) return 0;
            break;
        case 'h':
            length = hex_decode(in->text);
            if (length < 0) return 0;
            in->number = (uint64_t)length;
            break;
        default: break;
        }
    }
    return rest == NULL;
}
