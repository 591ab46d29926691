/* line_body.c: lines in requests. */
#include "bill/line_body.h"

static const char *const line_type_words[] = { "standard_line", NULL };

static const struct field body_period_rows[] = {
    FIELD(struct invoice_period, from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct invoice_period, to, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields body_period_fields =
    FIELDS("LinePeriod", struct invoice_period, body_period_rows);

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */
#define LINE_ROWS(invoice_at_flags)                                                                \
    FIELD(struct line_body, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),               \
        FIELD(struct line_body, description, TEXT, .form = FORM_DESCRIPTION),                      \
        FIELD(struct line_body, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),          \
        FIELD_STRUCT_AS(struct line_body, tax, "tax_config", &rate_card_tax_v1_fields,             \
                        .flags = FIELD_NOT_V3, .set_offset = offsetof(struct line_body, has_tax)), \
        FIELD_STRUCT_AS(struct line_body, period, "service_period", &body_period_fields,           \
                        .v1 = "period", .flags = FIELD_REQUIRED),                                  \
        FIELD(struct line_body, invoice_at, INSTANT, .flags = (invoice_at_flags)),                 \
        FIELD_STRUCT(struct line_body, rate_card, &invoice_rate_card_fields,                       \
                     .set_offset = offsetof(struct line_body, has_rate_card)),                     \
        FIELD_STRUCT(struct line_body, price, &price_v1_fields, .flags = FIELD_NOT_V3,             \
                     .set_offset = offsetof(struct line_body, has_price),                          \
                     .about = "Deprecated: the rate card's."),                                     \
        FIELD(struct line_body, feature_key, TEXT, .flags = FIELD_NOT_V3, .form = FORM_KEY,        \
              .about = "Deprecated: the rate card's.")
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct field pending_rows[] = { LINE_ROWS(FIELD_REQUIRED) };
const struct fields pending_line_body_fields =
    FIELDS("InvoicePendingLineCreate", struct line_body, pending_rows);

static const struct field pending_lines_rows[] = {
    FIELD(struct pending_lines_body, currency, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_CURRENCY),
    FIELD(struct pending_lines_body, lines, LIST, .sub = &pending_line_body_fields,
          .flags = FIELD_REQUIRED, .items_min = 1),
};
const struct fields pending_lines_body_fields =
    FIELDS("InvoicePendingLinesCreate", struct pending_lines_body, pending_lines_rows);

static const struct field update_v1_rows[] = {
    FIELD_ID(struct line_body, id, .about = "The line that is replaced; a new one when absent."),
    LINE_ROWS(FIELD_REQUIRED),
};
const struct fields line_update_v1_fields =
    FIELDS("InvoiceLineReplaceUpdate", struct line_body, update_v1_rows);

static const struct field update_v3_rows[] = {
    FIELD_ID(struct line_body, id, .about = "The line that is replaced; a new one when absent."),
    FIELD_WORD(struct line_body, type, line_type_words, .flags = FIELD_REQUIRED),
    LINE_ROWS(FIELD_NOT_V1),
};
const struct fields line_update_v3_fields =
    FIELDS("UpdateInvoiceLine", struct line_body, update_v3_rows);

/* ---- settling ------------------------------------------------------------------------------ */

/* Where a line stands in the request, and how its contract calls the members. */
struct line_place {
    struct problem *problem;
    text place;
    const char *card;
    bool is_v1;
    bool is_refused;
};

static void fault_add(struct line_place *place, const char *member,
                      const struct problem_field *field)
{
    struct problem_field own = *field;
    own.field = text_format(place->problem->arena, "%.*s.%s", TEXT_ARG(place->place), member);
    own.source = SOURCE_BODY;
    problem_add_field(place->problem, &own);
    place->is_refused = true;
}

/* Of the rate card: its members stand beneath it. */
static void card_fault_add(void *state, const char *member, const struct problem_field *field)
{
    struct line_place *place = state;
    text full = text_format(place->problem->arena, "%s.%s", place->card, member);
    fault_add(place, full.ptr, field);
}

/* A member, by its name in v3 and in v1. */
struct member {
    const char *v3;
    const char *v1;
};

static const struct member member_price = { "rate_card.price", "rateCard.price" };
static const struct member member_feature = { "rate_card.feature_key", "rateCard.featureKey" };
static const struct member member_percentage = { "rate_card.discounts.percentage",
                                                 "rateCard.discounts.percentage.percentage" };
static const struct member member_free_units = { "rate_card.discounts.usage",
                                                 "rateCard.discounts.usage.quantity" };
static const struct member member_period = { "service_period", "period" };
static const struct member member_period_to = { "service_period.to", "period.to" };

/* `code` may be NULL. */
static void refuse(struct line_place *place, const struct member *member, const char *code,
                   const char *reason)
{
    struct problem_field field = { .rule = TEXT("invalid"), .reason = text_of(reason) };
    if (code != NULL)
        field.code = text_of(code);
    fault_add(place, place->is_v1 ? member->v1 : member->v3, &field);
}

static void discounts_check(const struct price_terms *terms, struct line_place *place)
{
    dec percentage = terms->percentage_discount;
    if (dec_is_valid(percentage) &&
        (dec_sign(percentage) < 0 || dec_compare(percentage, dec_of_int(100)) > 0))
        refuse(place, &member_percentage, "percentage_discount_invalid_value",
               "must be from 0 to 100");
    if (!dec_is_valid(terms->usage_discount))
        return;
    if (terms->price.type == PRICE_FLAT)
        refuse(place, &member_free_units, "usage_discount_with_flat_price",
               "a flat price has no usage to discount");
    if (dec_sign(terms->usage_discount) < 0)
        refuse(place, &member_free_units, "usage_discount_negative_quantity",
               "must not be less than nothing");
}

static void card_settle(struct line_body *body, enum dialect dialect, struct line_place *place)
{
    struct pricing_faults faults = { card_fault_add, place, place->problem->arena };
    struct pricing *pricing = &body->rate_card.pricing;
    if (body->has_price && !body->has_rate_card) {
        pricing->price_v1 = body->price;
        pricing->has_price_v1 = true;
    }
    if (text_is_empty(body->rate_card.feature_key))
        body->rate_card.feature_key = body->feature_key;
    body->payment_term = TERM_IN_ADVANCE;
    if (dialect == DIALECT_V1 && pricing->has_price_v1 &&
        pricing->price_v1.payment_term != FIELD_ENUM_NONE)
        body->payment_term = (enum payment_term)pricing->price_v1.payment_term;
    if (dialect == DIALECT_V3 && !body->has_rate_card) {
        refuse(place, &member_price, NULL, "is a required field");
        return;
    }
    body->terms = dialect == DIALECT_V1 ? pricing_settle_v1(pricing, &faults)
                                        : pricing_settle_v3(pricing, &faults);
    if (!place->is_refused && body->terms.price.type == PRICE_FREE)
        refuse(place, &member_price, NULL, "a line needs a price");
    discounts_check(&body->terms, place);
    if (!body->has_tax && (body->rate_card.has_tax || body->rate_card.has_tax_v3)) {
        body->has_tax = true;
        body->tax = body->rate_card.tax;
    }
}

static void times_settle(struct line_body *body, struct line_place *place)
{
    bool is_metered = price_is_metered(body->terms.price.type);
    body->period.from = instant_floor(body->period.from, NS_PER_SECOND);
    body->period.to = instant_floor(body->period.to, NS_PER_SECOND);
    body->has_invoice_at = !instant_is_none(body->invoice_at);
    if (!body->has_invoice_at)
        body->invoice_at = is_metered ? body->period.to : body->period.from;
    body->invoice_at = instant_floor(body->invoice_at, NS_PER_SECOND);
    if (instant_before(body->period.to, body->period.from))
        refuse(place, &member_period_to, NULL, "must not be before from");
    else if (is_metered && instant_equal(body->period.from, body->period.to))
        refuse(place, &member_period, "invoice_create_ubp_line_period_is_empty",
               "usage needs a period");
    if (is_metered && text_is_empty(body->rate_card.feature_key))
        refuse(place, &member_feature, "invoice_line_feature_has_no_meters",
               "a price by usage needs a feature with a meter");
}

bool line_body_settle(struct line_body *body, enum dialect dialect, text place,
                      struct problem *problem)
{
    CHECK(body != NULL && problem != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct line_place state = { .problem = problem,
                                .place = place,
                                .card = dialect == DIALECT_V1 ? "rateCard" : "rate_card",
                                .is_v1 = dialect == DIALECT_V1 };
    body->is_v3 = dialect == DIALECT_V3;
    card_settle(body, dialect, &state);
    if (!state.is_refused)
        times_settle(body, &state);
    return !state.is_refused;
}
