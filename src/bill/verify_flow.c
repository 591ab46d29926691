/* verify_flow.c: one invoice after the other. */
#include "bill/verify_derive.h"
#include "bill/verify_rows.h"

enum err verify_invoice(struct cx *cx, struct invoice_id id, struct verify_report *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct derived_invoice invoice;
    struct verify_list list = { .arena = cx->arena };
    enum err err = derive_invoice(cx, id, (struct line_id){ 0 }, &invoice);
    if (err != OK)
        return err;
    if (instant_is_none(invoice.stored.issued_at))
        return problem_refuse(&cx->problem, FAULT_INVOICE_NOT_ISSUED, "%.*s",
                              TEXT_ARG(invoice.stored.number));
    derived_compare(&invoice, &list);
    *ret = (struct verify_report){
        .invoice_id = { id.ulid },
        .number = invoice.stored.number,
        .lines = (int64_t)invoice.count,
        .is_same = list.count == 0,
        .differences = { list.items, list.count },
    };
    for (size_t i = 0; i < invoice.count; i++)
        ret->unmeasured += invoice.lines[i].is_unmeasured;
    return OK;
}

static enum err issued_page(struct cx *cx, struct invoice_id after, int64_t limit, struct list *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = verify_rows_issued(cx, tx, after, limit, ret);
    return err;
}

enum err verify_invoices(struct cx *cx, struct invoice_id after, int64_t limit,
                         struct verify_page *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(limit >= 1 && limit <= VERIFY_LIMIT_MAX);
    struct list found = { 0 };
    struct verify_page page = { 0 };
    enum err err = issued_page(cx, after, limit, &found);
    const struct issued_invoice *issued = found.items;
    struct verify_report *differing = ARENA_ARRAY(cx->arena, struct verify_report, found.count);
    for (size_t i = 0; i < found.count && err == OK; i++) {
        struct verify_report report = { 0 };
        err = verify_invoice(cx, (struct invoice_id){ issued[i].id.ulid }, &report);
        if (err != OK)
            return err;
        page.invoices++;
        page.lines += report.lines;
        page.unmeasured += report.unmeasured;
        if (!report.is_same)
            differing[page.differing.count++] = report;
    }
    page.differing.items = differing;
    if (found.count == (size_t)limit)
        page.next_after = issued[found.count - 1].id;
    if (err == OK)
        *ret = page;
    return err;
}
