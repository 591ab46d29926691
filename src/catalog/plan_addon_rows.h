/* plan_addon_rows.h: add-ons of plans in the store. They come back complete: with the add-on. */
#ifndef CATALOG_PLAN_ADDON_ROWS_H
#define CATALOG_PLAN_ADDON_ROWS_H

#include "catalog/plan_addon.h"

/* By its own id or the id or key of the add-on; ERR_ABSENT when there is none, or a deleted one. */
NODISCARD enum err plan_addon_load(struct cx *cx, struct store_tx *tx, struct plan_id plan_id,
                                   text id_or_key, struct plan_addon *ret);

/* ERR_CONFLICT when the plan has the add-on already. */
NODISCARD enum err plan_addon_insert(struct cx *cx, struct store_tx *tx,
                                     const struct plan_addon *link);

/* Saves all that may change. */
NODISCARD enum err plan_addon_save(struct cx *cx, struct store_tx *tx,
                                   const struct plan_addon *link);

/* One page, and how many there are on all pages. */
NODISCARD enum err plan_addon_load_page(struct cx *cx, struct store_tx *tx,
                                        const struct plan_addon_query *query, struct list *ret,
                                        int64_t *ret_total);

#endif
