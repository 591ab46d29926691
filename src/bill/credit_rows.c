/* credit_rows.c: credit notes and credit in the store. */
#include "bill/credit_rows.h"

#define ORG store_ulid("org_id", cx->org.ulid, cx->arena)

/* ---- notes --------------------------------------------------------------------------------- */

enum err credit_rows_note_insert(struct store_tx *tx, const struct credit_note *note)
{
    CHECK(!ulid_is_zero(note->id.ulid) && !text_is_empty(note->number));
    struct store_call call = { .fields = &credit_note_fields, .record = note };
    return store_run(tx, SQL_CREDIT_NOTE_INSERT, &call, NULL);
}

enum err credit_rows_note_get(struct cx *cx, struct store_tx *tx, struct credit_note_id id,
                              struct credit_note *ret)
{
    struct credit_note note = { 0 };
    struct store_call call = { .args = STORE_ARGS(ORG, store_ulid("id", id.ulid, cx->arena)) };
    enum err err =
        store_one(tx, SQL_CREDIT_NOTE_GET, &call, STORE_AS(&credit_note_fields, cx->arena), &note);
    if (err == OK)
        *ret = note;
    return err;
}

enum err credit_rows_notes_of(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                              struct list *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(ORG, store_ulid("invoice_id", invoice.ulid, cx->arena)),
    };
    return store_all(tx, SQL_CREDIT_NOTE_OF_INVOICE, &call,
                     STORE_AS(&credit_note_fields, cx->arena), ret);
}

static struct store_arg invoice_arg(struct cx *cx, struct invoice_id invoice)
{
    bool is_any = ulid_is_zero(invoice.ulid);
    return store_text("invoice_id", is_any ? TEXT_NONE : ulid_text(cx->arena, invoice.ulid));
}

enum err credit_rows_note_page(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                               struct page page, struct list *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(ORG, invoice_arg(cx, invoice), store_int("limit", page.size),
                           store_int("offset", page_offset(page))),
    };
    return store_all(tx, SQL_CREDIT_NOTE_PAGE, &call, STORE_AS(&credit_note_fields, cx->arena),
                     ret);
}

enum err credit_rows_note_count(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                                int64_t *ret)
{
    struct store_call call = { .args = STORE_ARGS(ORG, invoice_arg(cx, invoice)) };
    return store_number(tx, SQL_CREDIT_NOTE_COUNT, &call, ret);
}

/* ---- credit -------------------------------------------------------------------------------- */

static void views_fill(struct list *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        struct credit_entry *entry = (struct credit_entry *)entries->items + i;
        entry->invoice.id.ulid = entry->invoice_id.ulid;
    }
}

enum err credit_rows_last(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                          text currency, struct credit_entry *ret)
{
    struct credit_entry entry = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(ORG, store_ulid("customer_id", customer.ulid, cx->arena),
                           store_text("currency", currency)),
    };
    enum err err = store_one(tx, SQL_CREDIT_ENTRY_LAST, &call,
                             STORE_AS(&credit_entry_fields, cx->arena), &entry);
    if (err == OK)
        *ret = entry;
    return err;
}

enum err credit_rows_entry_insert(struct store_tx *tx, const struct credit_entry *entry)
{
    CHECK(!ulid_is_zero(entry->id.ulid) && entry->number >= 1);
    CHECK(dec_sign(entry->balance) >= 0);
    struct store_call call = { .fields = &credit_entry_fields, .record = entry };
    return store_run(tx, SQL_CREDIT_ENTRY_INSERT, &call, NULL);
}

enum err credit_rows_balances(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                              struct list *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(ORG, store_ulid("customer_id", customer.ulid, cx->arena)),
    };
    return store_all(tx, SQL_CREDIT_ENTRY_BALANCES, &call,
                     STORE_AS(&credit_balance_fields, cx->arena), ret);
}

enum err credit_rows_entry_page(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                struct page page, struct list *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(ORG, store_ulid("customer_id", customer.ulid, cx->arena),
                           store_int("limit", page.size), store_int("offset", page_offset(page))),
    };
    enum err err =
        store_all(tx, SQL_CREDIT_ENTRY_PAGE, &call, STORE_AS(&credit_entry_fields, cx->arena), ret);
    if (err == OK)
        views_fill(ret);
    return err;
}

enum err credit_rows_entry_count(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                 int64_t *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(ORG, store_ulid("customer_id", customer.ulid, cx->arena)),
    };
    return store_number(tx, SQL_CREDIT_ENTRY_COUNT, &call, ret);
}
