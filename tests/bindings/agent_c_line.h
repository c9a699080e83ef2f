/* Lines of standard input, and the words of a request. */
#ifndef SLICKQ_TESTS_BINDINGS_AGENT_C_LINE_H
#define SLICKQ_TESTS_BINDINGS_AGENT_C_LINE_H

#include <stdint.h>

enum { MOST_ARGUMENTS = 6 };

/* One argument, as its letter in the request's signature says:
 *   'n' a number, 'i' one of 32 bits, 'p' the same, but not 0    in `number`
 *   't' text                                                     in `text`
 *   'h' bytes, in hexadecimal                                    in `text`, decoded; `number` of them */
typedef struct argument {
    uint64_t number;
    char *text;
} argument;

/* The next line, without its end, until the next call; NULL at the end of input. */
char *read_line(void);

/* Takes the words behind a request apart, in place. `rest` is NULL if there are none. Returns 0 if they are not what the
 * signature, a letter for each, says. */
int parse_arguments(char *rest, const char *signature, argument *in);

/* `memory`, unless it is NULL: then the program ends. */
void *must(void *memory);

#endif
