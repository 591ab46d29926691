/* run_trailer.h: a run's trailer and footer as bytes.
 *
 * Private to rollup/. The trailer is varints and texts in a fixed order; the footer is five
 * little-endian numbers of eight bytes: magic, offset, size and checksum of the trailer, checksum
 * of the four before it.
 */
#ifndef ROLLUP_RUN_TRAILER_H
#define ROLLUP_RUN_TRAILER_H

#include "rollup/run.h"

#define RUN_FOOTER_BYTES 40U

/* Appends the trailer. */
void run_trailer_write(const struct run_trailer *trailer, const struct run_pages *pages,
                       struct buffer *out);

/* Reads the trailer into summary, words, index, pages and sizes of the run; texts are borrowed from
 * `from`. The pages must fill the file up to `offset`. False when the bytes are none. */
NODISCARD bool run_trailer_read(text from, uint64_t offset, struct run *run);

struct run_footer {
    uint64_t offset; /* of the trailer */
    uint64_t size;
    uint64_t checksum;
};

/* Writes the footer. */
void run_footer_write(const struct run_footer *footer, unsigned char to[RUN_FOOTER_BYTES]);

/* Reads the footer of a file of `bytes` bytes; false when it is none. */
NODISCARD bool run_footer_read(const unsigned char from[RUN_FOOTER_BYTES], uint64_t bytes,
                               struct run_footer *ret);

/* The checksum of a page or trailer: where it belongs is part of it. */
uint64_t run_checksum(const void *bytes, size_t size, uint64_t place);

/* The place of a page. */
static inline uint64_t run_page_place(enum run_area area, size_t number)
{
    return ((uint64_t)area + 1) << 56 | number;
}

#endif
