/* app_rows.h: apps and customers' data in them, in the store. Used by this module only. */
#ifndef BILL_APP_ROWS_H
#define BILL_APP_ROWS_H

#include "bill/app.h"

/* An app with its views, deleted or not; ERR_ABSENT. */
NODISCARD enum err app_rows_get(struct cx *cx, struct store_tx *tx, struct app_id id,
                                struct app *ret);

/* The oldest installed app of a type; ERR_ABSENT. */
NODISCARD enum err app_rows_oldest(struct cx *cx, struct store_tx *tx, enum app_type type,
                                   struct app *ret);

/* One page of installed apps, oldest first, and how many there are on all pages. */
NODISCARD enum err app_rows_page(struct cx *cx, struct store_tx *tx, struct page page,
                                 struct list *ret, int64_t *ret_total);

/* Stores a new app; stores a changed one. */
NODISCARD enum err app_rows_insert(struct store_tx *tx, const struct app *app);
NODISCARD enum err app_rows_update(struct store_tx *tx, const struct app *app);

/* How many living profiles and open invoices need the app. */
NODISCARD enum err app_rows_uses(struct cx *cx, struct store_tx *tx, struct app_id id,
                                 int64_t *ret);

/* A customer's data in installed apps, with their apps, oldest app first; those of one type unless
 * `type` is FIELD_ENUM_NONE: struct customer_app_data. */
NODISCARD enum err app_rows_data(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                 int type, struct list *ret);

/* Stores data, in the place of what there was for the customer in the app. */
NODISCARD enum err app_rows_data_set(struct store_tx *tx, const struct customer_app_data *data);

/* ERR_ABSENT when there was nothing to delete. */
NODISCARD enum err app_rows_data_delete(struct cx *cx, struct store_tx *tx,
                                        struct customer_id customer, struct app_id app);

#endif
