/* sealed_sieve.h: a filter in the codes of one sealed segment: which rows pass.
 *
 * Private to usage/sealed*.c. Columns are read only when they can tell rows of a block apart.
 */
#ifndef USAGE_SEALED_SIEVE_H
#define USAGE_SEALED_SIEVE_H

#include "usage/sealed_reader.h"

struct sealed_sieve {
    uint32_t org;
    uint32_t type;
    bool has_type;
    bool has_subject; /* one subject passes, which is nearly always so */
    uint32_t subject;
    const uint8_t *subjects; /* several: a byte for each number, whether it passes; or NULL */
    instant from;            /* INSTANT_NONE for no bound */
    instant to;
    uint32_t row_from; /* of the segment, by sequence */
    uint32_t row_to;   /* exclusive */
    uint32_t *scratch; /* for the rows of a block; NULL until one is read */
    uint32_t scratch_rows;
};

/* `ret_may_pass` false: no row passes, the sieve is not to be used. Memory is the reader's. */
NODISCARD enum err sealed_sieve_make(struct sealed_reader *reader,
                                     const struct usage_filter *filter, struct sealed_sieve *ret,
                                     bool *ret_may_pass);

/* Whether a row of the block may pass, as far as the directory tells. */
bool sealed_sieve_may_pass(const struct sealed_sieve *sieve, const struct sealed_block *block);

/* Rows of the reader's block that pass, by number in the block, ascending. Valid until the next
 * call. */
NODISCARD enum err sealed_sieve_rows(struct sealed_sieve *sieve, struct sealed_reader *reader,
                                     const uint32_t **ret_rows, uint32_t *ret_count);

#endif
