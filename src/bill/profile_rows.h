/* profile_rows.h: billing profiles and customers' overrides in the store. Used by this module only.
 */
#ifndef BILL_PROFILE_ROWS_H
#define BILL_PROFILE_ROWS_H

#include "bill/override.h"

/* A profile, deleted or not, its settings complete; ERR_ABSENT. */
NODISCARD enum err profile_rows_get(struct cx *cx, struct store_tx *tx, struct profile_id id,
                                    struct profile *ret);

/* The organization's default; ERR_ABSENT when there is none yet. */
NODISCARD enum err profile_rows_default(struct cx *cx, struct store_tx *tx, struct profile *ret);

/* One page and how many there are on all pages. */
NODISCARD enum err profile_rows_page(struct cx *cx, struct store_tx *tx,
                                     const struct profile_query *query, struct list *ret,
                                     int64_t *ret_total);

/* Stores a new profile; stores a changed one. */
NODISCARD enum err profile_rows_insert(struct store_tx *tx, const struct profile *profile);
NODISCARD enum err profile_rows_update(struct store_tx *tx, const struct profile *profile);

/* How many customers are pinned to it and how many open invoices have it. */
NODISCARD enum err profile_rows_uses(struct cx *cx, struct store_tx *tx, struct profile_id id,
                                     int64_t *ret);

/* Adds a fault about the body when the settings name a tax code that is not there
 * (profile_flow.c). */
NODISCARD enum err settings_tax_code_gather(struct cx *cx, struct store_tx *tx,
                                            const struct profile_settings *settings,
                                            enum dialect dialect);

/* Pins every customer with an open invoice that is not pinned yet. */
NODISCARD enum err override_rows_pin_open(struct cx *cx, struct store_tx *tx,
                                          struct profile_id profile);

/* A customer's override; ERR_ABSENT. */
NODISCARD enum err override_rows_get(struct cx *cx, struct store_tx *tx,
                                     struct customer_id customer, struct override *ret);

/* Stores an override in the place of the customer's old one. */
NODISCARD enum err override_rows_set(struct store_tx *tx, const struct override *override);

/* ERR_ABSENT when there was none. */
NODISCARD enum err override_rows_delete(struct cx *cx, struct store_tx *tx,
                                        struct customer_id customer);

/* One page of customers (struct override with the customer only) and how many there are on all
 * pages. */
NODISCARD enum err override_rows_page(struct cx *cx, struct store_tx *tx,
                                      const struct override_query *query, struct list *ret,
                                      int64_t *ret_total);

#endif
