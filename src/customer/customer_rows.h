/* customer_rows.h: customers and their subjects in the store. Used by this module's flows only. */
#ifndef CUSTOMER_CUSTOMER_ROWS_H
#define CUSTOMER_CUSTOMER_ROWS_H

#include "customer/customer.h"

/* ERR_ABSENT when there is none. By id, deleted ones too. */
NODISCARD enum err customer_rows_by_id(struct cx *cx, struct store_tx *tx, ulid id,
                                       struct customer *ret);
/* The living one with this key. */
NODISCARD enum err customer_rows_by_key(struct cx *cx, struct store_tx *tx, text key,
                                        struct customer *ret);

/* Stores a new customer; replaces one that lives; marks one as deleted. */
NODISCARD enum err customer_rows_insert(struct cx *cx, struct store_tx *tx,
                                        const struct customer *customer);
NODISCARD enum err customer_rows_update(struct cx *cx, struct store_tx *tx,
                                        const struct customer *customer);
NODISCARD enum err customer_rows_delete(struct cx *cx, struct store_tx *tx, struct customer_id id);

/* Sets the currency only. */
NODISCARD enum err customer_rows_currency(struct cx *cx, struct store_tx *tx,
                                          struct customer_id customer, text currency);

/* What customer_list answers. */
NODISCARD enum err customer_rows_page(struct cx *cx, const struct customer_filter *filter,
                                      struct page page, struct list *ret, int64_t *ret_total);

/* Who owns the subject now; ERR_ABSENT when nobody does. */
NODISCARD enum err customer_rows_owner(struct cx *cx, struct store_tx *tx, text subject,
                                       struct attribution *ret);

/* When the subject was last released; INSTANT_NONE: never. */
NODISCARD enum err customer_rows_released_at(struct cx *cx, struct store_tx *tx, text subject,
                                             instant *ret);

/* Gives the subject to the customer from an instant on (INSTANT_NONE: from the beginning); takes it
 * away at an instant; takes all away at cx->now. */
NODISCARD enum err customer_rows_give(struct cx *cx, struct store_tx *tx, text subject,
                                      struct customer_id id, instant from);
NODISCARD enum err customer_rows_release(struct cx *cx, struct store_tx *tx, text subject,
                                         struct customer_id id, instant at);
NODISCARD enum err customer_rows_release_all(struct cx *cx, struct store_tx *tx,
                                             struct customer_id id);

#endif
