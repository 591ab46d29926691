/* erasure_rows.h: the book of erasures in the store. */
#ifndef METER_ERASURE_ROWS_H
#define METER_ERASURE_ROWS_H

#include "meter/erasure.h"

/* Adds an entry. */
NODISCARD enum err erasure_insert(struct store_tx *tx, const struct erasure *erasure);

/* A page of entries, newest first; those that hold `digest` when it is not empty. */
NODISCARD enum err erasure_load_page(struct cx *cx, struct store_tx *tx, text digest,
                                     struct page page, struct list *ret, int64_t *ret_total);

#endif
