/* feature_rows.h: features in the store. Features come back complete: with their conditions and
 * views. */
#ifndef CATALOG_FEATURE_ROWS_H
#define CATALOG_FEATURE_ROWS_H

#include "catalog/feature.h"

/* The feature with this id, archived or not; ERR_ABSENT when there is none. */
NODISCARD enum err feature_load(struct cx *cx, struct store_tx *tx, struct feature_id id,
                                struct feature *ret);

/* The active feature with this key; ERR_ABSENT when there is none. */
NODISCARD enum err feature_load_active(struct cx *cx, struct store_tx *tx, text key,
                                       struct feature *ret);

/* The active feature with this key, else the one archived last; ERR_ABSENT when there was none. */
NODISCARD enum err feature_load_newest(struct cx *cx, struct store_tx *tx, text key,
                                       struct feature *ret);

/* ERR_CONFLICT when an active feature has the key. */
NODISCARD enum err feature_insert(struct cx *cx, struct store_tx *tx,
                                  const struct feature *feature);

/* Saves the unit cost and the time of change; ERR_ABSENT when it is archived. */
NODISCARD enum err feature_save_cost(struct cx *cx, struct store_tx *tx,
                                     const struct feature *feature);

/* Marks an active feature as archived now; ERR_ABSENT when it is none. */
NODISCARD enum err feature_mark_archived(struct cx *cx, struct store_tx *tx, struct feature_id id);

/* One page, and the number of features on all pages. */
NODISCARD enum err feature_load_page(struct cx *cx, struct store_tx *tx,
                                     const struct feature_query *query, struct list *ret,
                                     int64_t *ret_total);

/* Number of active features that refer to the meter. */
NODISCARD enum err feature_count_of_meter(struct cx *cx, struct store_tx *tx, ulid meter_id,
                                          int64_t *ret);

#endif
