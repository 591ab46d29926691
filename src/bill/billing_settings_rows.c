/* billing_settings_rows.c: an organization's settings of automatic invoices. */
#include "bill/billing_settings.h"

#include "base/limits.h"
#include "identity/audit.h"

static const struct field settings_rows[] = {
    FIELD_AS(struct billing_settings, lines_max, "max_lines_per_invoice", INT,
             .flags = FIELD_REQUIRED | FIELD_NOT_COLUMN, .items_min = 0,
             .items_max = LIMIT_INVOICE_LINES_MAX,
             .about = "Most lines that an automatic run puts on an invoice, those of the earliest "
                      "periods first; the rest goes on further invoices. 0: all on one."),
};
const struct fields billing_settings_fields =
    FIELDS("BillingSettings", struct billing_settings, settings_rows);

static const struct field column_rows[] = {
    FIELD(struct billing_settings, lines_max, INT, .flags = FIELD_NOT_JSON),
};
static const struct fields column_fields =
    FIELDS("BillingSettingsRow", struct billing_settings, column_rows);

struct billing_settings billing_settings_default(void)
{
    return (struct billing_settings){ .lines_max = INVOICE_LINES_DEFAULT };
}

enum err billing_settings_load(struct cx *cx, struct store_tx *tx, struct billing_settings *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)) };
    enum err err =
        store_one(tx, SQL_BILLING_SETTINGS_GET, &call, STORE_AS(&column_fields, cx->arena), ret);
    if (err == ERR_ABSENT) {
        *ret = billing_settings_default();
        return OK;
    }
    CHECK(err != OK || ret->lines_max >= 0);
    return err;
}

enum err billing_settings_get(struct cx *cx, struct billing_settings *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = billing_settings_load(cx, tx, ret);
    return err;
}

enum err billing_settings_set(struct cx *cx, const struct billing_settings *settings)
{
    CHECK(cx != NULL && settings != NULL);
    CHECK(settings->lines_max >= 0);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
        .fields = &column_fields,
        .record = settings,
    };
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = store_run(tx, SQL_BILLING_SETTINGS_SET, &call, NULL);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_settings.set"), (ulid){ 0 },
                          text_format(cx->arena, "{\"max_lines_per_invoice\":%lld}",
                                      (long long)settings->lines_max));
    return store_finish(&tx, err);
}
