/* life_rows.c: a customer moved to the clock of a preview. */
#include "bill/life_rows.h"

enum err life_rows_move(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                        struct test_clock_id clock)
{
    CHECK(!ulid_is_zero(customer.ulid) && !ulid_is_zero(clock.ulid));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("customer_id", customer.ulid, cx->arena),
                           store_ulid("clock_id", clock.ulid, cx->arena)),
    };
    enum err err = store_run(tx, SQL_LIFE_CUSTOMER_MOVE, &call, NULL);
    if (err == OK)
        err = store_run(tx, SQL_LIFE_DUE_MOVE, &call, NULL);
    return err;
}
