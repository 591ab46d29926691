/* verify_flow.c: one invoice after the other. */
#include "bill/invoice_rows.h"
#include "bill/seal_rows.h"
#include "bill/verify_derive.h"
#include "bill/verify_rows.h"

/* What is looked at before an invoice is reckoned again. */
struct looked {
    struct list breaks; /* of its seal: struct seal_break */
    bool is_readable;   /* its rows mean something */
    int64_t lines;
};

static bool is_line_readable(const struct line_record *record)
{
    return record->line.part_index == 0 || !ulid_is_zero(record->line.group_id.ulid);
}

static enum err rows_look(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                          struct looked *ret)
{
    struct invoice_record record;
    struct list lines = { 0 };
    bool is_sealed = ret->breaks.count == 0;
    enum err err = invoice_rows_get(cx, tx, id, &record);
    if (err == ERR_ABSENT || (err == OK && instant_is_none(record.issued_at))) {
        ret->is_readable = is_sealed;
        return OK;
    }
    if (err == OK)
        err = line_rows_of_invoice(cx, tx, id, &lines);
    if (err != OK)
        return err;
    ret->lines = (int64_t)lines.count;
    ret->is_readable = currency_find(record.currency) != NULL;
    for (size_t i = 0; i < lines.count; i++)
        ret->is_readable &= is_line_readable((const struct line_record *)lines.items + i);
    return OK;
}

static enum err invoice_look(struct cx *cx, struct invoice_id id, struct looked *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct looked looked = { .is_readable = true };
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = seal_rows_check(cx, tx, id, &looked.breaks);
    if (err == OK)
        err = rows_look(cx, tx, id, &looked);
    if (err == ERR_CORRUPT) {
        looked.is_readable = false;
        err = OK;
    }
    if (err == OK)
        *ret = looked;
    return err;
}

static bool is_named(const struct verify_list *list, struct any_id line)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ulid_equal(list->items[i].line_id.ulid, line.ulid))
            return true;
    }
    return false;
}

/* Breaks of the seal where nothing else was found: what cannot be reckoned again. */
static void breaks_add(const struct looked *looked, struct verify_list *list)
{
    const struct seal_break *breaks = looked->breaks.items;
    for (size_t i = 0; i < looked->breaks.count; i++) {
        const struct verify_difference difference = {
            .line_id = breaks[i].line_id,
            .field = TEXT("seal"),
            .stored = breaks[i].stored,
            .derived = breaks[i].sealed,
        };
        if (!is_named(list, breaks[i].line_id))
            verify_add(list, &difference);
    }
}

/* An invoice whose rows say nothing that could be reckoned. */
static struct verify_report report_unreadable(const struct issued_invoice *issued,
                                              const struct looked *looked, struct arena *arena)
{
    struct verify_list list = { .arena = arena };
    breaks_add(looked, &list);
    if (list.count == 0)
        verify_add(&list, &(struct verify_difference){ .field = TEXT("rows") });
    return (struct verify_report){
        .invoice_id = issued->id,
        .number = issued->number,
        .lines = looked->lines,
        .differences = { list.items, list.count },
    };
}

static enum err verify_one(struct cx *cx, const struct issued_invoice *issued,
                           struct verify_report *ret)
{
    const struct invoice_id id = { issued->id.ulid };
    struct derived_invoice invoice;
    struct looked looked;
    struct verify_list list = { .arena = cx->arena };
    enum err err = invoice_look(cx, id, &looked);
    if (err != OK)
        return err;
    if (!looked.is_readable) {
        *ret = report_unreadable(issued, &looked, cx->arena);
        return OK;
    }
    err = derive_invoice(cx, id, (struct line_id){ 0 }, &invoice);
    if (err != OK)
        return err;
    if (instant_is_none(invoice.stored.issued_at))
        return problem_refuse(&cx->problem, FAULT_INVOICE_NOT_ISSUED, "%.*s",
                              TEXT_ARG(invoice.stored.number));
    derived_compare(&invoice, &list);
    breaks_add(&looked, &list);
    *ret = (struct verify_report){
        .invoice_id = issued->id,
        .number = invoice.stored.number,
        .lines = (int64_t)invoice.count,
        .is_same = list.count == 0,
        .differences = { list.items, list.count },
    };
    for (size_t i = 0; i < invoice.count; i++)
        ret->unmeasured += invoice.lines[i].is_unmeasured;
    return OK;
}

enum err verify_invoice(struct cx *cx, struct invoice_id id, struct verify_report *ret)
{
    CHECK(cx != NULL && ret != NULL);
    const struct issued_invoice issued = { { id.ulid }, ulid_text(cx->arena, id.ulid) };
    return verify_one(cx, &issued, ret);
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
        err = verify_one(cx, &issued[i], &report);
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
