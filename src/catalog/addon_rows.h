/* addon_rows.h: add-ons in the store. They come back complete: with status and views. */
#ifndef CATALOG_ADDON_ROWS_H
#define CATALOG_ADDON_ROWS_H

#include "catalog/addon.h"

/* Sets the status and the views of the rate cards. */
void addon_complete(const struct cx *cx, struct addon *addon);

/* The add-on with this id, also a deleted one; ERR_ABSENT when there is none. */
NODISCARD enum err addon_load(struct cx *cx, struct store_tx *tx, struct addon_id id,
                              struct addon *ret);

/* The active version of a key, or with `is_latest` the newest, deleted ones left out; ERR_ABSENT
 * when there is none. */
NODISCARD enum err addon_load_by_key(struct cx *cx, struct store_tx *tx, text key, bool is_latest,
                                     struct addon *ret);

/* The highest version number of a key, deleted ones included; 0 when there is none. */
NODISCARD enum err addon_version_newest(struct cx *cx, struct store_tx *tx, text key, int64_t *ret);

/* ERR_CONFLICT when the key has a draft already. */
NODISCARD enum err addon_insert(struct cx *cx, struct store_tx *tx, const struct addon *addon);

/* Saves all that may change. */
NODISCARD enum err addon_save(struct cx *cx, struct store_tx *tx, const struct addon *addon);

/* One page, and the number of add-ons on all pages. */
NODISCARD enum err addon_load_page(struct cx *cx, struct store_tx *tx,
                                   const struct addon_query *query, struct list *ret,
                                   int64_t *ret_total);

#endif
