/* erasure_rows.h: the book of erasures in the store. */
#ifndef METER_ERASURE_ROWS_H
#define METER_ERASURE_ROWS_H

#include "meter/erasure.h"

/* Adds an entry. */
NODISCARD enum err erasure_insert(struct store_tx *tx, const struct erasure *erasure);

struct erasure_query {
    text digest; /* only entries that hold it; empty: all */
    struct page page;
};

/* A page of entries, newest first. */
NODISCARD enum err erasure_load_page(struct cx *cx, struct store_tx *tx,
                                     const struct erasure_query *query, struct list *ret,
                                     int64_t *ret_total);

#endif
