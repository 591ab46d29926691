/* subscription_rows.h: subscriptions in the store. Used by this module's flows only. */
#ifndef SUBSCRIBE_SUBSCRIPTION_ROWS_H
#define SUBSCRIBE_SUBSCRIPTION_ROWS_H

#include "subscribe/spec.h"

/* Stores the subscription with its phases and items. */
NODISCARD enum err subscription_rows_insert(struct cx *cx, struct store_tx *tx,
                                            const struct subscription *subscription);

/* The subscription with its phases and items as the plan has them: not cut, without views; deleted
 * ones too. ERR_ABSENT. */
NODISCARD enum err subscription_rows_load(struct cx *cx, struct store_tx *tx, ulid id,
                                          struct subscription *ret);

/* Stores what is different. What was added has its ids; new items get their version numbers. */
NODISCARD enum err subscription_rows_apply(struct cx *cx, struct store_tx *tx,
                                           struct subscription_id id, const struct spec_diff *diff);

/* Raises the version. */
NODISCARD enum err subscription_rows_step(struct cx *cx, struct store_tx *tx,
                                          struct subscription_id id);

/* Stores the annotations. */
NODISCARD enum err subscription_rows_annotate(struct store_tx *tx,
                                              const struct subscription *subscription);

/* Stores an end and raises the version; INSTANT_NONE takes it back. */
NODISCARD enum err subscription_rows_end(struct cx *cx, struct store_tx *tx,
                                         struct subscription_id id, instant active_to);

/* Marks it as deleted. */
NODISCARD enum err subscription_rows_delete(struct cx *cx, struct store_tx *tx,
                                            struct subscription_id id);

/* The subscriptions of a customer that are not deleted, without phases, by start. */
NODISCARD enum err subscription_rows_of_customer(struct cx *cx, struct store_tx *tx,
                                                 struct customer_id customer, struct list *ret);

/* One page, with phases and items as the plan has them. */
NODISCARD enum err subscription_rows_page(struct cx *cx, struct store_tx *tx,
                                          const struct subscription_query *query, struct list *ret,
                                          int64_t *ret_total);

/* The pins of a subscription: stored anew; read: a list of struct cost_basis_pin. */
NODISCARD enum err subscription_rows_set_pins(struct cx *cx, struct store_tx *tx,
                                              const struct subscription *subscription);
NODISCARD enum err subscription_rows_pins(struct cx *cx, struct store_tx *tx,
                                          struct subscription_id id, struct list *ret);

#endif
