/* What the agents in C and in C++ have in common: the records of produce and consume, and bytes as hexadecimal text. */
#ifndef SLICKQ_TESTS_BINDINGS_AGENT_SHARED_H
#define SLICKQ_TESTS_BINDINGS_AGENT_SHARED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Records `first` .. `last` - 1 of a writer, each of 1 to `most` elements. */
typedef struct stream {
    uint64_t writer, first, last, most;
    uint32_t element_size; /* bytes */
} stream;

static inline uint32_t stream_count(const stream *s, uint64_t number) {
    return (uint32_t)(1 + (number * 7 + number / 11 + s->writer) % s->most);
}

static inline size_t stream_length(const stream *s, uint64_t number) {
    return (size_t)stream_count(s, number) * s->element_size;
}

/* Byte `place` of record `number`. */
static inline uint8_t stream_byte(const stream *s, uint64_t number, size_t place) {
    if (place < 4) return (uint8_t)(number >> (8 * place));
    return (uint8_t)(s->writer * 131 + number * 31 + place * 7 + 13);
}

/* Writes the record to `into`, which has room for stream_length() bytes. */
static inline void stream_make(const stream *s, uint64_t number, uint8_t *into) {
    const size_t length = stream_length(s, number);
    for (size_t place = 0; place < length; ++place) into[place] = stream_byte(s, number, place);
}

/* Whether these are the bytes of that record. */
static inline int stream_is(const stream *s, uint64_t number, const void *data, size_t length) {
    const uint8_t *bytes = (const uint8_t *)data;
    if (length != stream_length(s, number)) return 0;
    for (size_t place = 0; place < length; ++place) {
        if (bytes[place] != stream_byte(s, number, place)) return 0;
    }
    return 1;
}

static inline void print_hex(const void *data, size_t length) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = (const uint8_t *)data;
    if (length == 0) putchar('-');
    for (size_t place = 0; place < length; ++place) {
        putchar(digits[bytes[place] >> 4]);
        putchar(digits[bytes[place] & 15]);
    }
}

static inline int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Turns hexadecimal text into its bytes, in place. Returns how many these are, or -1 if it is something else. */
static inline ptrdiff_t hex_decode(char *text) {
    const size_t length = strlen(text);
    if (strcmp(text, "-") == 0) return 0;
    if (length % 2 != 0) return -1;
    for (size_t place = 0; place < length / 2; ++place) {
        const int high = hex_digit(text[2 * place]), low = hex_digit(text[2 * place + 1]);
        if (high < 0 || low < 0) return -1;
        text[place] = (char)(16 * high + low);
    }
    return (ptrdiff_t)(length / 2);
}

#endif
