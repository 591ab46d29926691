/* app_external_flow.c: what a program outside answers of an invoice that it carries. */
#include "bill/app_external.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/payment.h"

/* Whether the invoice is carried by this app. */
static enum err external_need(struct cx *cx, struct invoice_id id)
{
    struct invoice_record record;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_get(cx, tx, id, &record);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK && !text_equal(record.workflow.invoicing_app.type, TEXT("external_invoicing")))
        return problem_refuse(&cx->problem, FAULT_APP_TYPE_OTHER, "the invoice is carried by %.*s",
                              TEXT_ARG(record.workflow.invoicing_app.type));
    return err;
}

static bool is_on_invoice(const struct list *lines, ulid line)
{
    const struct line_record *items = lines->items;
    for (size_t i = 0; i < lines->count; i++) {
        if (ulid_equal(items[i].line.id.ulid, line))
            return true;
    }
    return false;
}

static bool is_discount_on_invoice(const struct invoice_record *record, const struct list *lines,
                                   ulid discount, struct arena *arena)
{
    const struct line_record *items = lines->items;
    const struct currency *currency = currency_find(record->currency);
    CHECK(currency != NULL);
    for (size_t i = 0; i < lines->count; i++) {
        if (line_record_has_discount(&items[i], currency, discount, arena))
            return true;
    }
    return false;
}

/* What the program names is on the invoice: a mistaken id is told, not passed over. */
static enum err ids_check(struct cx *cx, struct invoice_id id, const struct app_result *result)
{
    const struct app_external_id *line_ids = result->line_ids.items;
    const struct app_external_id *discount_ids = result->discount_ids.items;
    struct invoice_record record;
    struct list lines;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_get(cx, tx, id, &record);
    if (err == OK)
        err = line_rows_of_invoice(cx, tx, id, &lines);
    if (err != OK)
        return err;
    for (size_t i = 0; i < result->line_ids.count; i++) {
        if (!is_on_invoice(&lines, line_ids[i].id))
            err = problem_refuse_at(&cx->problem, FAULT_APP_RESULT_ID,
                                    "invoicing.lineExternalIds[%zu].lineId", i);
    }
    for (size_t i = 0; i < result->discount_ids.count; i++) {
        if (!is_discount_on_invoice(&record, &lines, discount_ids[i].id, cx->arena))
            err = problem_refuse_at(&cx->problem, FAULT_APP_RESULT_ID,
                                    "invoicing.lineDiscountExternalIds[%zu].lineDiscountId", i);
    }
    return err;
}

static struct app_result result_none(void)
{
    return (struct app_result){ .outcome = APP_DONE,
                                .sent_at = INSTANT_NONE,
                                .trigger = FIELD_ENUM_NONE };
}

static struct list line_ids(struct arena *arena, const struct list *lines)
{
    const struct external_line *items = lines->items;
    struct app_external_id *ids = ARENA_ARRAY(arena, struct app_external_id, lines->count);
    for (size_t i = 0; i < lines->count; i++)
        ids[i] = (struct app_external_id){ items[i].line_id.ulid, items[i].external_id };
    return (struct list){ ids, lines->count };
}

static struct list discount_ids(struct arena *arena, const struct list *discounts)
{
    const struct external_discount *items = discounts->items;
    struct app_external_id *ids = ARENA_ARRAY(arena, struct app_external_id, discounts->count);
    for (size_t i = 0; i < discounts->count; i++)
        ids[i] = (struct app_external_id){ items[i].line_discount_id.ulid, items[i].external_id };
    return (struct list){ ids, discounts->count };
}

enum err external_draft_synchronized(struct cx *cx, struct invoice_id id,
                                     const struct external_draft *body)
{
    CHECK(cx != NULL && body != NULL);
    const struct external_draft_invoicing *invoicing = &body->invoicing;
    struct app_result result = result_none();
    enum err err = external_need(cx, id);
    if (err != OK)
        return err;
    result.number = invoicing->invoice_number;
    result.invoicing_id = invoicing->external_id;
    result.line_ids = line_ids(cx->arena, &invoicing->line_external_ids);
    result.discount_ids = discount_ids(cx->arena, &invoicing->line_discount_external_ids);
    err = ids_check(cx, id, &result);
    return err == OK ? bill_invoice_resume(cx, id, STATE_DRAFT_SYNCING, &result) : err;
}

enum err external_issuing_synchronized(struct cx *cx, struct invoice_id id,
                                       const struct external_issue *body)
{
    CHECK(cx != NULL && body != NULL);
    struct app_result result = result_none();
    enum err err = external_need(cx, id);
    if (err != OK)
        return err;
    result.number = body->invoicing.invoice_number;
    if (body->has_invoicing)
        result.sent_at = body->invoicing.sent_to_customer_at;
    result.payment_id = body->payment.external_id;
    return bill_invoice_resume(cx, id, STATE_ISSUING_SYNCING, &result);
}

enum err external_payment_status(struct cx *cx, struct invoice_id id,
                                 const struct external_payment *body)
{
    static const enum invoice_trigger triggers[EXTERNAL_TRIGGER_COUNT] = {
        [EXTERNAL_PAID] = TRIGGER_PAID,
        [EXTERNAL_FAILED] = TRIGGER_PAYMENT_FAILED,
        [EXTERNAL_UNCOLLECTIBLE] = TRIGGER_UNCOLLECTIBLE,
        [EXTERNAL_OVERDUE] = TRIGGER_OVERDUE,
        [EXTERNAL_ACTION_REQUIRED] = TRIGGER_ACTION_REQUIRED,
        [EXTERNAL_VOID] = TRIGGER_VOID,
    };

    CHECK(cx != NULL && body != NULL && (unsigned)body->trigger < EXTERNAL_TRIGGER_COUNT);
    return payment_report(cx, id, triggers[body->trigger]);
}
