/* invoice_line_rows.c: lines of standard invoices in the store. */
#include "bill/invoice_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err line_rows_of_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                              struct list *ret)
{
    CHECK(!ulid_is_zero(invoice.ulid) && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("invoice_id", invoice.ulid, cx->arena))
    };
    return store_all(tx, SQL_LINE_RECORDS_OF_INVOICE, &call,
                     STORE_AS(&line_record_fields, cx->arena), ret);
}

enum err line_rows_before(struct cx *cx, struct store_tx *tx, const struct pending_line *line,
                          struct list *ret)
{
    CHECK(line != NULL && ret != NULL);
    CHECK(!ulid_is_zero(line->group_id.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("group_id", line->group_id.ulid, cx->arena),
                           store_int("part_index", line->part_index)),
    };
    return store_all(tx, SQL_LINE_RECORDS_BEFORE, &call, STORE_AS(&line_record_fields, cx->arena),
                     ret);
}

enum err line_rows_adjusting(struct cx *cx, struct store_tx *tx, struct line_id line,
                             struct list *ret)
{
    CHECK(!ulid_is_zero(line.ulid) && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("adjusts_id", line.ulid, cx->arena)),
    };
    return store_all(tx, SQL_LINE_RECORDS_OF_ADJUSTED, &call,
                     STORE_AS(&line_record_fields, cx->arena), ret);
}

enum err line_rows_issued(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                          instant since, struct list *ret)
{
    CHECK(!ulid_is_zero(customer.ulid) && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena),
                           store_instant("since", since, cx->arena)),
    };
    return store_all(tx, SQL_LINE_RECORDS_ISSUED, &call, STORE_AS(&line_record_fields, cx->arena),
                     ret);
}

enum err line_rows_get(struct cx *cx, struct store_tx *tx, struct line_id id,
                       struct line_record *ret)
{
    CHECK(!ulid_is_zero(id.ulid) && ret != NULL);
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    return store_one(tx, SQL_LINE_RECORD_GET, &call, STORE_AS(&line_record_fields, cx->arena), ret);
}

enum err line_rows_update(struct store_tx *tx, const struct line_record *record,
                          enum line_write scope)
{
    static const enum sql statements[] = {
        [LINES_WHOLE] = SQL_LINE_RECORD_UPDATE,
        [LINES_TAKEN] = SQL_LINE_RECORD_TAKE,
        [LINES_RATED] = SQL_LINE_RECORD_RATE,
    };

    CHECK(record != NULL && !ulid_is_zero(record->line.id.ulid));
    CHECK(!ulid_is_zero(record->line.invoice_id.ulid));
    CHECK((unsigned)scope < COUNT_OF(statements));
    struct store_call call = { .fields = &line_record_fields, .record = record };
    return store_run(tx, statements[scope], &call, NULL);
}
