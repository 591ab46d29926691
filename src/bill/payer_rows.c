/* payer_rows.c: a customer's bills in the store. */
#include "bill/payer_rows.h"

/* The one column of payer_metered_until. */
struct moment {
    instant at;
};

static const struct field moment_rows[] = { FIELD(struct moment, at, INSTANT) };
static const struct fields moment_fields = FIELDS("Moment", struct moment, moment_rows);

enum err payer_rows_facts(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                          struct payer_facts *ret)
{
    CHECK(tx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(customer.ulid));
    int64_t lines = 0, open = 0, invoices = 0;
    struct moment metered = { INSTANT_NONE };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("customer_id", customer.ulid, cx->arena)),
    };
    enum err err = store_number(tx, SQL_PAYER_OPEN_LINES, &call, &lines);
    if (err == OK)
        err = store_number(tx, SQL_PAYER_OPEN_INVOICES, &call, &open);
    if (err == OK)
        err = store_number(tx, SQL_PAYER_INVOICES, &call, &invoices);
    if (err == OK)
        err = store_one(tx, SQL_PAYER_METERED_UNTIL, &call, STORE_AS(&moment_fields, cx->arena),
                        &metered);
    if (err != OK)
        return err;
    ret->has_lines = lines > 0;
    ret->has_open_invoices = open > 0;
    ret->is_billed = lines > 0 || invoices > 0;
    ret->metered_until = metered.at;
    return OK;
}
