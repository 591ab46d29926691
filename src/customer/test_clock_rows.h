/* test_clock_rows.h: test clocks in the store. Used by this module's flows only. */
#ifndef CUSTOMER_TEST_CLOCK_ROWS_H
#define CUSTOMER_TEST_CLOCK_ROWS_H

#include "customer/customer.h"
#include "customer/test_clock.h"

/* ERR_ABSENT when there is none that is not deleted. */
NODISCARD enum err test_clock_rows_get(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                                       struct test_clock *ret);

/* Stores a new one; marks one as deleted; moves one on, never back. */
NODISCARD enum err test_clock_rows_insert(struct store_tx *tx, const struct test_clock *clock);
NODISCARD enum err test_clock_rows_delete(struct cx *cx, struct store_tx *tx,
                                          struct test_clock_id id);
NODISCARD enum err test_clock_rows_move(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                                        instant to);

/* Where it is on its way to; that it stands, unless it goes further than `at`. */
NODISCARD enum err test_clock_rows_send(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                                        instant to);
NODISCARD enum err test_clock_rows_stand(struct cx *cx, struct store_tx *tx,
                                         struct test_clock_id id, instant at);

/* What test_clock_list answers. */
NODISCARD enum err test_clock_rows_page(struct cx *cx, struct store_tx *tx, struct page page,
                                        struct list *ret, int64_t *ret_total);

/* How many customers that are not deleted live on it. */
NODISCARD enum err test_clock_rows_customers(struct cx *cx, struct store_tx *tx,
                                             struct test_clock_id id, int64_t *ret);

#endif
