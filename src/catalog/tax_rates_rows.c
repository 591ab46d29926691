/* tax_rates_rows.c: the rates of tax codes in the store. */
#include "catalog/tax_rates_rows.h"

enum err tax_rates_load(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                        struct tax_code_rates *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct tax_code_rates rates = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("tax_code_id", id.ulid, cx->arena)),
    };
    enum err err = store_one(tx, SQL_TAX_RATES_GET, &call,
                             STORE_AS(&tax_code_rates_fields, cx->arena), &rates);
    if (err == OK)
        *ret = rates;
    return err;
}

enum err tax_rates_save(struct cx *cx, struct store_tx *tx, const struct tax_code_rates *rates)
{
    CHECK(cx != NULL && tx != NULL && rates != NULL);
    CHECK(ulid_equal(rates->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &tax_code_rates_fields, .record = rates };
    return store_run(tx, SQL_TAX_RATES_PUT, &call, NULL);
}

enum err tax_rates_all(struct cx *cx, struct store_tx *tx, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
    };
    return store_all(tx, SQL_TAX_RATES_ALL, &call, STORE_AS(&tax_code_rates_fields, cx->arena),
                     ret);
}
