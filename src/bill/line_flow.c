/* line_flow.c: pending lines made by hand. */
#include "bill/line_flow.h"

#include "bill/bill_rows.h"
#include "bill/invoicing.h"
#include "catalog/tax_code.h"
#include "identity/audit.h"

/* The feature that the line counts, which has to have a meter when the price asks for usage. */
static enum err feature_of(struct cx *cx, const struct line_body *body, struct feature_id *ret)
{
    struct feature feature;
    *ret = (struct feature_id){ 0 };
    if (text_is_empty(body->rate_card.feature_key))
        return OK;
    enum err err = feature_find(cx, body->rate_card.feature_key, &feature);
    if (err != OK)
        return err;
    if (price_is_metered(body->terms.price.type) && ulid_is_zero(feature.meter_id.ulid))
        return problem_refuse(&cx->problem, FAULT_LINE_NO_METER, "%s", "");
    *ret = feature.id;
    return OK;
}

static enum err tax_of(struct cx *cx, const struct line_body *body)
{
    struct tax_code code;
    if (!body->has_tax || ulid_is_zero(body->tax.code.id.ulid))
        return OK;
    enum err err = tax_code_get(cx, body->tax.code.id, &code);
    if (err == OK && !instant_is_none(code.deleted_at))
        err = problem_refuse(&cx->problem, FAULT_TAX_CODE_ABSENT, "%s", "");
    return err;
}

enum err line_refers(struct cx *cx, const struct line_body *body, size_t index,
                     struct feature_id *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct cx own = *cx;
    problem_init(&own.problem, cx->arena);
    enum err err = feature_of(&own, body, ret);
    if (err == ERR_REFUSED)
        return problem_refuse_at(&cx->problem, own.problem.fault, "lines[%zu].%s", index,
                                 body->is_v3 ? "rate_card.feature_key" : "rateCard.featureKey");
    if (err == OK)
        err = tax_of(&own, body);
    if (err == ERR_REFUSED)
        return problem_refuse_at(&cx->problem, own.problem.fault, "lines[%zu].%s", index,
                                 body->is_v3 ? "rate_card.tax_config.code.id"
                                             : "rateCard.taxConfig.taxCodeId");
    return err;
}

struct pending_line line_of_body(struct cx *cx, const struct line_body *body,
                                 struct feature_id feature, text currency)
{
    CHECK(cx != NULL && body != NULL);
    return (struct pending_line){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .name = body->name,
        .description = body->description,
        .labels = body->labels,
        .feature_id = feature,
        .feature_key = ulid_is_zero(feature.ulid) ? TEXT_NONE : body->rate_card.feature_key,
        .currency = currency,
        .terms = body->terms,
        .payment_term = body->payment_term,
        .service_from = body->period.from,
        .service_to = body->period.to,
        .full_from = body->period.from,
        .full_to = body->period.to,
        .billing_from = body->period.from,
        .billing_to = body->period.to,
        .invoice_at = body->invoice_at,
        .created_at = cx->now,
        .updated_at = cx->now,
        .managed_by = MANAGED_BY_MANUAL,
        .has_tax = body->has_tax,
        .tax = body->tax,
        .collect_at = INSTANT_NONE,
        .deleted_at = INSTANT_NONE,
    };
}

static enum err lines_apply(struct cx *cx, const struct pending_lines_body *body,
                            const struct customer *customer, struct pending_line *lines,
                            struct gathering *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = bill_rows_gather(cx, tx, customer, body->currency, ret);
    for (size_t i = 0; i < body->lines.count && err == OK; i++) {
        lines[i].invoice_id = ret->id;
        err = bill_rows_line_insert(tx, &lines[i]);
    }
    if (err == OK)
        err = bill_rows_touch(cx, tx, ret->id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.add_lines"), ret->id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

/* Those of the invoice's lines that were just made. */
static struct list lines_made(struct cx *cx, const struct invoice *invoice,
                              const struct pending_line *made, size_t count)
{
    struct invoice_line *lines = ARENA_ARRAY(cx->arena, struct invoice_line, count);
    const struct invoice_line *all = invoice->lines.items;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < invoice->lines.count; k++) {
            if (ulid_equal(all[k].id.ulid, made[i].id.ulid))
                lines[found++] = all[k];
        }
    }
    return (struct list){ lines, found };
}

enum err bill_pending_lines_create(struct cx *cx, text customer_id_or_key,
                                   const struct pending_lines_body *body,
                                   struct pending_lines_made *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    const struct line_body *from = body->lines.items;
    struct pending_line *lines = ARENA_ARRAY(cx->arena, struct pending_line, body->lines.count);
    struct customer customer;
    struct gathering gathering = { 0 };
    enum err err = customer_get(cx, customer_id_or_key, &customer);
    if (err == OK && !instant_is_none(customer.deleted_at))
        err = problem_refuse(&cx->problem, FAULT_CUSTOMER_DELETED, "%s", "");
    for (size_t i = 0; i < body->lines.count && err == OK; i++) {
        struct feature_id feature;
        err = line_refers(cx, &from[i], i, &feature);
        if (err == OK)
            lines[i] = line_of_body(cx, &from[i], feature, body->currency);
    }
    if (err == OK)
        err = lines_apply(cx, body, &customer, lines, &gathering);
    if (err == OK)
        err = invoice_get(cx, gathering.id, false, &ret->invoice);
    if (err != OK)
        return err;
    ret->is_invoice_new = ret->invoice.lines.count == body->lines.count;
    ret->lines = lines_made(cx, &ret->invoice, lines, body->lines.count);
    return OK;
}

static const struct field made_rows[] = {
    FIELD(struct pending_lines_made, lines, LIST, .sub = &invoice_line_fields,
          .flags = FIELD_ALWAYS),
    FIELD_STRUCT(struct pending_lines_made, invoice, &invoice_fields, .flags = FIELD_REQUIRED),
    FIELD(struct pending_lines_made, is_invoice_new, BOOL),
};
const struct fields pending_lines_made_fields =
    FIELDS("InvoicePendingLinesMade", struct pending_lines_made, made_rows);
