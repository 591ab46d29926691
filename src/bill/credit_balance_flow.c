/* credit_balance_flow.c: credit comes, pays invoices, and comes back from voided ones. */
#include "bill/credit_rows.h"
#include "bill/payment_inside.h"
#include "bill/payment_rows.h"

#define CREDIT_METHOD TEXT("credit_balance")

static enum err last_gather(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                            text currency, struct credit_entry *ret)
{
    enum err err = credit_rows_last(cx, tx, customer, currency, ret);
    if (err != ERR_ABSENT)
        return err;
    *ret = (struct credit_entry){ .balance = DEC_ZERO };
    return OK;
}

enum err credit_add(struct cx *cx, struct store_tx *tx, const struct invoice_record *invoice,
                    enum credit_entry_type type, dec amount)
{
    CHECK(cx != NULL && tx != NULL && invoice != NULL && dec_is_valid(amount));
    const struct currency *currency = currency_find(invoice->currency);
    struct credit_entry last;
    CHECK(currency != NULL);
    enum err err = last_gather(cx, tx, invoice->customer_id, invoice->currency, &last);
    if (err != OK || dec_is_zero(amount))
        return err;
    const struct credit_entry entry = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .customer_id = invoice->customer_id,
        .currency = invoice->currency,
        .number = last.number + 1,
        .type = type,
        .amount = money_round(amount, currency),
        .balance = money_round(dec_add(last.balance, amount), currency),
        .invoice_id = invoice->id,
        .created_at = cx->now,
    };
    if (!dec_is_valid(entry.balance))
        return problem_refuse(&cx->problem, FAULT_AMOUNT_OVERFLOW, "%s", "");
    return credit_rows_entry_insert(tx, &entry);
}

/* Writes a row of what was paid with credit, or went back to it. */
static enum err row_write(struct cx *cx, struct store_tx *tx, const struct invoice_record *invoice,
                          enum payment_type type, dec amount)
{
    struct list payments;
    enum err err = payment_rows_of_invoice(cx, tx, invoice->id, &payments);
    if (err != OK)
        return err;
    struct payment payment = payment_row_of(cx, invoice, (int64_t)payments.count);
    payment.type = type;
    payment.status = PAYMENT_SUCCEEDED;
    payment.amount = money_round(amount, currency_find(invoice->currency));
    payment.method = CREDIT_METHOD;
    payment.received_at = cx->now;
    return payment_row_add(cx, tx, &payment);
}

enum err credit_pay(struct cx *cx, struct store_tx *tx, const struct invoice_record *invoice,
                    bool *ret_is_paid)
{
    CHECK(cx != NULL && tx != NULL && invoice != NULL && ret_is_paid != NULL);
    struct payment_balance balance;
    struct credit_entry last;
    *ret_is_paid = dec_sign(invoice->totals.total) <= 0;
    if (*ret_is_paid)
        return credit_add(cx, tx, invoice, CREDIT_FROM_INVOICE, dec_negate(invoice->totals.total));
    enum err err = last_gather(cx, tx, invoice->customer_id, invoice->currency, &last);
    /* Most customers have none: then what is outstanding is the payment app's to ask. */
    if (err != OK || dec_is_zero(last.balance))
        return err;
    err = payment_balance_read(cx, tx, invoice, &balance);
    if (err != OK)
        return err;
    dec used = dec_min(last.balance, balance.outstanding);
    *ret_is_paid = dec_equal(used, balance.outstanding);
    if (dec_is_zero(used))
        return OK;
    err = credit_add(cx, tx, invoice, CREDIT_USED, dec_negate(used));
    return err == OK ? row_write(cx, tx, invoice, PAYMENT_CREDIT, used) : err;
}

enum err credit_keep(struct cx *cx, struct store_tx *tx, const struct invoice_record *invoice,
                     dec amount)
{
    CHECK(cx != NULL && tx != NULL && invoice != NULL && dec_sign(amount) > 0);
    enum err err = credit_add(cx, tx, invoice, CREDIT_FROM_NOTE, amount);
    return err == OK ? row_write(cx, tx, invoice, PAYMENT_REFUND, amount) : err;
}

enum err credit_release(struct cx *cx, struct store_tx *tx, const struct invoice_record *invoice)
{
    CHECK(cx != NULL && tx != NULL && invoice != NULL);
    struct list payments;
    dec used = DEC_ZERO;
    enum err err = payment_rows_of_invoice(cx, tx, invoice->id, &payments);
    const struct payment *items = payments.items;
    for (size_t i = 0; err == OK && i < payments.count; i++) {
        if (items[i].type == PAYMENT_CREDIT)
            used = dec_add(used, items[i].amount);
        else if (items[i].type == PAYMENT_REFUND && text_equal(items[i].method, CREDIT_METHOD))
            used = dec_sub(used, items[i].amount);
    }
    if (err != OK || dec_sign(used) <= 0)
        return err;
    err = credit_add(cx, tx, invoice, CREDIT_RELEASED, used);
    return err == OK ? row_write(cx, tx, invoice, PAYMENT_REFUND, used) : err;
}

/* ---- looking ------------------------------------------------------------------------------- */

static enum err customer_gather(struct cx *cx, struct store_tx *tx, struct customer_id id)
{
    struct customer customer;
    return customer_need(cx, tx, ulid_text(cx->arena, id.ulid), &customer);
}

enum err credit_balances(struct cx *cx, struct customer_id customer, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_gather(cx, tx, customer);
    return err == OK ? credit_rows_balances(cx, tx, customer, ret) : err;
}

enum err credit_entries(struct cx *cx, struct customer_id customer, struct page page,
                        struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_gather(cx, tx, customer);
    if (err == OK)
        err = credit_rows_entry_count(cx, tx, customer, ret_total);
    return err == OK ? credit_rows_entry_page(cx, tx, customer, page, ret) : err;
}
