/* column.h: many values of one kind as few bytes: codes, numbers, texts.
 *
 * Private to usage/. What is written here is a run of bytes that says its own length; how many
 * values it holds, the reader knows. Checksums are the caller's: a reader only promises never to
 * read outside and to answer false for bytes that no writer made.
 *
 * Codes are numbers below some limit: one, two or four bits each, or planes of bytes (all lowest
 * bytes, then all second ones). Numbers are signed 64-bit: their differences to the least, or those
 * of neighbours, divided by their greatest common divisor (times in milliseconds need no
 * nanoseconds), in planes. Texts are their lengths and their bytes in a row. Each plane is
 * compressed on its own (zstd), where that makes it smaller: of random numbers the low plane is
 * noise, the high one is not.
 */
#ifndef USAGE_COLUMN_H
#define USAGE_COLUMN_H

#include "base/text.h"

/* Bytes that grow; owned, freed with column_bytes_free. Start with { 0 }. */
struct column_bytes {
    unsigned char *ptr;
    size_t len;
    size_t room;
};

/* Room for `more` bytes behind what is there; returns where they go. `len` stays. */
unsigned char *column_reserve(struct column_bytes *bytes, size_t more);
void column_add(struct column_bytes *bytes, const void *from, size_t size);
void column_add32(struct column_bytes *bytes, uint32_t n);
void column_add64(struct column_bytes *bytes, uint64_t n);
void column_bytes_free(struct column_bytes *bytes);

/* What writing needs: a compressor and scratch memory. One thread at a time. */
struct column_packer;
struct column_packer *column_packer_new(void);
void column_packer_free(struct column_packer *packer);

/* Appends `count` (1 or more) codes, or numbers. */
void column_put_codes(struct column_packer *packer, const uint32_t *codes, size_t count,
                      struct column_bytes *out);
void column_put_numbers(struct column_packer *packer, const int64_t *numbers, size_t count,
                        struct column_bytes *out);

/* Appends `count` (0 or more) texts; together they are shorter than 2^32. */
void column_put_texts(struct column_packer *packer, const text *texts, size_t count,
                      struct column_bytes *out);

/* Appends bytes, compressed where that makes them fewer. */
void column_put_bytes(struct column_packer *packer, const unsigned char *from, size_t size,
                      struct column_bytes *out);

/* What is still to be read. */
struct column_cursor {
    const unsigned char *at;
    const unsigned char *end;
};

/* Each takes what its writer put, and answers false when it is not there; then the cursor and the
 * result mean nothing. */
NODISCARD bool column_get32(struct column_cursor *from, uint32_t *ret);
NODISCARD bool column_get64(struct column_cursor *from, uint64_t *ret);

/* Codes are below `limit`. */
NODISCARD bool column_get_codes(struct column_cursor *from, size_t count, uint32_t limit,
                                uint32_t *ret);
NODISCARD bool column_get_numbers(struct column_cursor *from, size_t count, int64_t *ret);

/* Texts and their bytes are in the arena. */
NODISCARD bool column_get_texts(struct column_cursor *from, size_t count, struct arena *arena,
                                text *ret);

/* Whether so many bytes can be what comes next: to be asked before making room for them. */
bool column_may_have(const struct column_cursor *from, size_t size);

/* Exactly `size` bytes. */
NODISCARD bool column_get_bytes(struct column_cursor *from, size_t size, unsigned char *ret);

#endif
