/* invoice_expand_flow.c: what v1's expand puts into invoices: earlier ones, and whole apps. */
#include "bill/app_rows.h"
#include "bill/invoice_rows.h"
#include "bill/profile.h"

/* The invoices whose lines the lines of this one correct. */
static enum err preceding_read(struct cx *cx, struct store_tx *tx, struct invoice *invoice)
{
    struct list found = { 0 };
    enum err err = invoice_rows_corrected(cx, tx, invoice->id, &found);
    if (err != OK)
        return err;
    const struct invoice_corrected *from = found.items;
    struct invoice_preceding *items = ARENA_ARRAY(cx->arena, struct invoice_preceding, found.count);
    for (size_t i = 0; i < found.count; i++) {
        items[i] = (struct invoice_preceding){
            .reason = TEXT("lines of it are corrected"),
            .number = from[i].number,
            .issued_at = from[i].issued_at,
            .url = text_format(cx->arena, "/api/v1/billing/invoices/%.*s",
                               TEXT_ARG(ulid_text(cx->arena, from[i].id.ulid))),
        };
    }
    invoice->preceding = (struct list){ items, found.count };
    return OK;
}

static enum err apps_read(struct cx *cx, struct store_tx *tx, struct invoice *invoice)
{
    static const char *const keys[] = { "tax", "invoicing", "payment" };
    const struct invoice_apps *apps = &invoice->workflow.apps;
    const ulid ids[] = { apps->tax.id.ulid, apps->invoicing.id.ulid, apps->payment.id.ulid };
    struct buffer out = { .arena = cx->arena };
    struct json_writer w = json_writer_of(&out);
    enum err err = OK;
    if (!invoice->workflow.has_apps)
        return OK;
    json_object_begin(&w);
    for (size_t i = 0; i < COUNT_OF(ids) && err == OK; i++) {
        struct app app;
        err = app_rows_get(cx, tx, (struct app_id){ ids[i] }, &app);
        json_key(&w, text_of(keys[i]));
        if (err == OK)
            fields_write(&app_fields, DIALECT_V1, &w, &app);
    }
    if (err != OK)
        return err;
    json_object_end(&w);
    invoice->workflow.apps_v1 = buffer_text(&out);
    return OK;
}

enum err invoice_expand(struct cx *cx, const struct invoice_expansion *expansion,
                        struct invoice *invoices, size_t count)
{
    CHECK(cx != NULL && expansion != NULL && (invoices != NULL || count == 0));
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = OK;
    if (count == 0 || (!expansion->has_preceding && !expansion->has_apps))
        return OK;
    err = store_begin_read(cx->store, &tx);
    for (size_t i = 0; i < count && err == OK; i++) {
        if (expansion->has_preceding)
            err = preceding_read(cx, tx, &invoices[i]);
        if (err == OK && expansion->has_apps)
            err = apps_read(cx, tx, &invoices[i]);
    }
    return err;
}
