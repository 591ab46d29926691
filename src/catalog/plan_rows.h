/* plan_rows.h: plans in the store. Plans come back complete: with status and views. */
#ifndef CATALOG_PLAN_ROWS_H
#define CATALOG_PLAN_ROWS_H

#include "catalog/plan.h"

/* Sets the status at the context's instant and the views. */
void plan_complete(const struct cx *cx, struct plan *plan);

/* The plan with this id, also a deleted one; ERR_ABSENT when there is none. */
NODISCARD enum err plan_load(struct cx *cx, struct store_tx *tx, struct plan_id id,
                             struct plan *ret);

/* Versions of a key that are not deleted, or ERR_ABSENT: the one that is active now; the one
 * with this number; the newest. */
NODISCARD enum err plan_load_active(struct cx *cx, struct store_tx *tx, text key, struct plan *ret);
NODISCARD enum err plan_load_version(struct cx *cx, struct store_tx *tx, text key, int64_t version,
                                     struct plan *ret);
NODISCARD enum err plan_load_newest(struct cx *cx, struct store_tx *tx, text key, struct plan *ret);

/* The published versions of a key that have not ended: a list of struct plan. */
NODISCARD enum err plan_load_versions(struct cx *cx, struct store_tx *tx, text key,
                                      struct list *ret);

/* The highest version number of a key, deleted ones included; 0 when there is none. */
NODISCARD enum err plan_version_newest(struct cx *cx, struct store_tx *tx, text key, int64_t *ret);

/* ERR_CONFLICT when the key has a draft already. */
NODISCARD enum err plan_insert(struct cx *cx, struct store_tx *tx, const struct plan *plan);

/* Saves all that may change. ERR_CONFLICT when another version of the key is open already, or is a
 * draft like this one. */
NODISCARD enum err plan_save(struct cx *cx, struct store_tx *tx, const struct plan *plan);

/* One page, and the number of plans on all pages. */
NODISCARD enum err plan_load_page(struct cx *cx, struct store_tx *tx,
                                  const struct plan_query *query, struct list *ret,
                                  int64_t *ret_total);

#endif
