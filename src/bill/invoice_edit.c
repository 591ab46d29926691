/* invoice_edit.c: requests to edit, and what may become of a line. */
#include "bill/invoice_edit.h"

#include <string.h>

/* ---- the request --------------------------------------------------------------------------- */

static const char *const type_words[] = { "standard", NULL };

static const struct field invoicing_rows[] = {
    FIELD_AS(struct edit_invoicing, is_auto_advance, "auto_advance", BOOL,
             .set_offset = offsetof(struct edit_invoicing, has_auto_advance)),
    FIELD(struct edit_invoicing, draft_period, SPAN),
    FIELD(struct edit_invoicing, due_after, TEXT, .flags = FIELD_NOT_V3),
    FIELD_WORD_AS(struct edit_invoicing, end_proration, "subscription_end_proration_mode",
                  end_proration_words, .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct edit_invoicing, default_tax, "default_tax_config",
                    &rate_card_tax_v1_fields, .flags = FIELD_NOT_V3,
                    .set_offset = offsetof(struct edit_invoicing, has_default_tax)),
};
static const struct fields invoicing_fields_of_edit =
    FIELDS("UpdateInvoiceInvoicing", struct edit_invoicing, invoicing_rows);

static const struct field payment_rows[] = {
    FIELD_WORD(struct edit_payment, collection_method, collection_method_words),
    FIELD(struct edit_payment, due_after, TEXT, .flags = FIELD_NOT_V1),
};
static const struct fields payment_fields =
    FIELDS("UpdateInvoicePayment", struct edit_payment, payment_rows);

static const struct field settings_rows[] = {
    FIELD_STRUCT(struct edit_settings, invoicing, &invoicing_fields_of_edit,
                 .set_offset = offsetof(struct edit_settings, has_invoicing)),
    FIELD_STRUCT(struct edit_settings, payment, &payment_fields,
                 .set_offset = offsetof(struct edit_settings, has_payment)),
};
static const struct fields settings_fields =
    FIELDS("UpdateInvoiceWorkflow", struct edit_settings, settings_rows);

static const struct field workflow_rows[] = {
    FIELD_STRUCT(struct edit_workflow, workflow, &settings_fields, .flags = FIELD_REQUIRED),
};
static const struct fields workflow_fields =
    FIELDS("UpdateInvoiceWorkflowSettings", struct edit_workflow, workflow_rows);

#define EDIT_ROWS                                                                                  \
    FIELD(struct invoice_edit, description, TEXT, .form = FORM_DESCRIPTION),                       \
        FIELD(struct invoice_edit, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),       \
        FIELD_STRUCT(struct invoice_edit, supplier, &invoice_supplier_view_fields,                 \
                     .flags = FIELD_REQUIRED),                                                     \
        FIELD_STRUCT(struct invoice_edit, customer, &invoice_customer_fields,                      \
                     .flags = FIELD_REQUIRED),                                                     \
        FIELD_STRUCT(struct invoice_edit, workflow, &workflow_fields, .flags = FIELD_REQUIRED)

static const struct field edit_v1_rows[] = {
    EDIT_ROWS,
    FIELD(struct invoice_edit, lines, LIST, .sub = &line_update_v1_fields, .flags = FIELD_REQUIRED),
};
const struct fields invoice_edit_v1_fields =
    FIELDS("InvoiceReplaceUpdate", struct invoice_edit, edit_v1_rows);

static const struct field edit_v3_rows[] = {
    FIELD_WORD(struct invoice_edit, type, type_words, .flags = FIELD_REQUIRED),
    EDIT_ROWS,
    FIELD(struct invoice_edit, lines, LIST, .sub = &line_update_v3_fields),
};
const struct fields invoice_edit_v3_fields =
    FIELDS("UpdateInvoiceStandardRequest", struct invoice_edit, edit_v3_rows);

/* ---- settings ------------------------------------------------------------------------------ */

static bool duration_check(text duration, const char *place, struct problem *problem)
{
    span parsed;
    const struct problem_field fault = {
        .field = text_of(place),
        .rule = TEXT("matches_regex"),
        .reason = TEXT("must be an ISO 8601 duration"),
        .source = SOURCE_BODY,
    };
    if (duration.ptr == NULL || span_parse(duration, &parsed))
        return true;
    problem_add_field(problem, &fault);
    return false;
}

bool invoice_edit_settle(const struct invoice_edit *edit, enum dialect dialect,
                         struct problem *problem)
{
    CHECK(edit != NULL && problem != NULL);
    const struct edit_settings *settings = &edit->workflow.workflow;
    if (dialect == DIALECT_V1)
        return duration_check(settings->invoicing.due_after, "workflow.workflow.invoicing.dueAfter",
                              problem);
    return duration_check(settings->payment.due_after, "workflow.workflow.payment.due_after",
                          problem);
}

void invoice_edit_settings(struct invoice_workflow *workflow, const struct edit_settings *settings)
{
    CHECK(workflow != NULL && settings != NULL);
    const struct edit_invoicing *invoicing = &settings->invoicing;
    text due_after = settings->has_payment ? settings->payment.due_after : TEXT_NONE;
    if (settings->has_invoicing) {
        if (invoicing->has_auto_advance)
            workflow->is_auto_advance = invoicing->is_auto_advance;
        workflow->draft_period = invoicing->draft_period;
        if (invoicing->due_after.ptr != NULL)
            due_after = invoicing->due_after;
        if (invoicing->end_proration != FIELD_ENUM_NONE)
            workflow->end_proration = (enum end_proration)invoicing->end_proration;
        if (invoicing->has_default_tax) {
            workflow->has_default_tax = true;
            workflow->default_tax = invoicing->default_tax;
        }
    }
    if (settings->has_payment && settings->payment.collection_method != FIELD_ENUM_NONE)
        workflow->collection_method = (enum collection_method)settings->payment.collection_method;
    if (due_after.ptr != NULL)
        MUST(span_parse(due_after, &workflow->due_after));
}

/* ---- lines --------------------------------------------------------------------------------- */

void line_edit_refuse(struct problem *problem, size_t index, const char *code, const char *reason)
{
    CHECK(problem != NULL && code != NULL && reason != NULL);
    problem_add_field(problem, &(struct problem_field){
                                   .field = text_format(problem->arena, "lines[%zu]", index),
                                   .rule = TEXT("invalid"),
                                   .reason = text_of(reason),
                                   .code = text_of(code),
                                   .source = SOURCE_BODY,
                               });
}

const struct line_body *line_edit_find(const struct invoice_edit *edit, struct line_id id,
                                       size_t *ret_index)
{
    CHECK(edit != NULL && ret_index != NULL);
    const struct line_body *body = edit->lines.items;
    for (size_t i = 0; i < edit->lines.count; i++) {
        if (!ulid_equal(body[i].id.ulid, id.ulid))
            continue;
        *ret_index = i;
        return &body[i];
    }
    return NULL;
}

/* The terms as the store keeps them: equal texts are equal terms. */
static text terms_text(const struct price_terms *terms, struct arena *arena)
{
    const struct field *row = fields_find(&pending_line_fields, TEXT("terms"));
    struct pending_line line = { .terms = *terms };
    CHECK(row != NULL);
    return field_to_text(row, &line, arena);
}

static bool is_same_dec(dec a, dec b)
{
    if (!dec_is_valid(a) || !dec_is_valid(b))
        return dec_is_valid(a) == dec_is_valid(b);
    return dec_equal(a, b);
}

static bool is_nothing(const struct line_body *body)
{
    return body->terms.price.type == PRICE_FLAT && dec_is_zero(body->terms.price.amount);
}

void line_edit_check_new(const struct line_body *body, size_t index, struct problem *problem)
{
    CHECK(body != NULL && problem != NULL);
    if (is_nothing(body))
        line_edit_refuse(problem, index, "invoice_line_zero_amount_create",
                         "a line of nothing is not made");
}

static bool is_part(const struct pending_line *line)
{
    return !ulid_is_zero(line->group_id.ulid);
}

/* What of a line stays as it is, whatever else is edited. */
static void check_fixed(const struct pending_line *line, const struct line_body *body, size_t index,
                        struct problem *problem)
{
    bool has_period = instant_equal(line->service_from, body->period.from) &&
                      instant_equal(line->service_to, body->period.to);
    text feature = body->rate_card.feature_key;
    bool has_feature = text_equal(line->feature_key, feature) ||
                       (text_is_empty(line->feature_key) && text_is_empty(feature));
    bool has_tax = !body->has_tax || (line->has_tax && line->tax.behavior == body->tax.behavior &&
                                      ulid_equal(line->tax.code.id.ulid, body->tax.code.id.ulid));
    if (!has_period && is_part(line))
        line_edit_refuse(problem, index, "invoice_line_no_period_change_for_split_line",
                         "the period of a line that is billed in parts stays");
    else if (!has_period && line->managed_by == MANAGED_BY_SUBSCRIPTION)
        line_edit_refuse(problem, index,
                         "invoice_line_no_period_change_for_subscription_managed_line",
                         "the period of a subscription's line stays");
    if (!has_feature)
        line_edit_refuse(problem, index, "invoice_line_feature_key_edit_not_supported",
                         "the feature of a line stays");
    if (!has_tax)
        line_edit_refuse(problem, index, "invoice_line_tax_config_edit_not_supported",
                         "the tax of a line stays");
    if (is_nothing(body))
        line_edit_refuse(problem, index, "invoice_line_zero_amount_delete_instead",
                         "a line of nothing is left out instead");
}

/* Parts of a period are priced alike. */
static void check_part(const struct pending_line *line, const struct line_body *body, size_t index,
                       struct problem *problem)
{
    if (!is_same_dec(line->terms.usage_discount, body->terms.usage_discount))
        line_edit_refuse(problem, index,
                         "invoice_line_progressive_billing_usage_discount_update_forbidden",
                         "the free units of a line that is billed in parts stay");
    else
        line_edit_refuse(problem, index, "cannot_edit_progressively_billed_usagebased_line",
                         "the price of a line that is billed in parts stays");
}

static bool is_same_map(const struct text_map *a, const struct text_map *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!text_equal(text_map_get(b, a->items[i].key), a->items[i].value))
            return false;
    }
    return true;
}

static bool is_same_words(const struct pending_line *line, const struct line_body *body)
{
    bool has_description = text_equal(line->description, body->description) ||
                           (text_is_empty(line->description) && text_is_empty(body->description));
    return text_equal(line->name, body->name) && has_description &&
           is_same_map(&line->labels, &body->labels);
}

/* The terms that a body asks for: what its dialect has no words for stays. */
static struct price_terms terms_wanted(const struct pending_line *line,
                                       const struct line_body *body)
{
    struct price_terms terms = line->terms;
    terms.price = body->terms.price;
    terms.usage_discount = body->terms.usage_discount;
    terms.percentage_discount = body->terms.percentage_discount;
    if (body->terms.has_unit_config) {
        terms.has_unit_config = true;
        terms.unit_config = body->terms.unit_config;
    }
    if (!body->is_v3) {
        terms.minimum_amount = body->terms.minimum_amount;
        terms.maximum_amount = body->terms.maximum_amount;
    }
    return terms;
}

enum line_edit line_edit_apply(struct pending_line *line, const struct line_body *body,
                               size_t index, struct problem *problem)
{
    CHECK(line != NULL && body != NULL && problem != NULL);
    struct price_terms terms = terms_wanted(line, body);
    bool has_terms =
        text_equal(terms_text(&line->terms, problem->arena), terms_text(&terms, problem->arena));
    bool has_times = instant_equal(line->service_from, body->period.from) &&
                     instant_equal(line->service_to, body->period.to);
    bool has_due = !body->has_invoice_at || instant_equal(line->invoice_at, body->invoice_at);
    check_fixed(line, body, index, problem);
    if (!has_terms && is_part(line))
        check_part(line, body, index, problem);
    if (has_terms && has_times && has_due && is_same_words(line, body))
        return LINE_KEPT;
    line->name = body->name;
    line->description = body->description;
    line->labels = body->labels;
    if (!has_due)
        line->invoice_at = body->invoice_at;
    if (!has_times) {
        line->service_from = line->full_from = line->billing_from = body->period.from;
        line->service_to = line->full_to = line->billing_to = body->period.to;
    }
    if (!has_terms) {
        line->terms = terms;
        line->is_pro_rating = false;
    }
    line->managed_by = MANAGED_BY_MANUAL;
    return LINE_CHANGED;
}
