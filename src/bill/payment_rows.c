/* payment_rows.c: payments in the store. */
#include "bill/payment_rows.h"

#include "bill/due.h"

/* One instant of a row. */
struct payment_time {
    instant at;
};
static const struct field time_rows[] = { FIELD(struct payment_time, at, INSTANT) };
static const struct fields time_fields = FIELDS("PaymentTime", struct payment_time, time_rows);

enum err payment_rows_of_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                                 struct list *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("invoice_id", invoice.ulid, cx->arena)),
    };
    enum err err =
        store_all(tx, SQL_PAYMENT_OF_INVOICE, &call, STORE_AS(&payment_fields, cx->arena), ret);
    for (size_t i = 0; err == OK && i < ret->count; i++) {
        struct payment *payment = (struct payment *)ret->items + i;
        payment->invoice.id.ulid = payment->invoice_id.ulid;
        payment->customer.id.ulid = payment->customer_id.ulid;
    }
    return err;
}

enum err payment_rows_insert(struct store_tx *tx, const struct payment *payment)
{
    CHECK(!ulid_is_zero(payment->id.ulid) && !ulid_is_zero(payment->invoice_id.ulid));
    CHECK(dec_is_valid(payment->amount) && payment->number >= 1);
    struct store_call call = { .fields = &payment_fields, .record = payment };
    return store_run(tx, SQL_PAYMENT_INSERT, &call, NULL);
}

enum err payment_rows_retry_at(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                               instant *ret)
{
    struct payment_time time;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_text("kind", TEXT(DUE_INVOICE_RETRY)),
                           store_ulid("subject_id", invoice.ulid, cx->arena)),
    };
    enum err err =
        store_one(tx, SQL_PAYMENT_RETRY_AT, &call, STORE_AS(&time_fields, cx->arena), &time);
    if (err == OK)
        *ret = time.at;
    if (err == ERR_ABSENT)
        *ret = INSTANT_NONE;
    return err == ERR_ABSENT ? OK : err;
}
