/* pricing.h: a rate card's price and the terms around it, as the two dialects write them. Pure.
 *
 * What counts is struct price_terms (rating/price.h). The dialects cut it differently:
 *
 *   v1 puts the payment term, tiers' mode and commitments into the price, and knows packages and
 *      dynamic prices as price types;
 *   v3 has the types that are ours (percentage, matrix, capacity, time_of_use, seat), which v1
 * shows by name only and does not accept; it has unit_config, commitments and discounts beside the
 * price, and writes a package as a unit price with a unit that is divided and rounded up, a dynamic
 * price as one with a multiplied unit.
 *
 * Requests fill the views below, pricing_settle moves them into terms and names what no field table
 * can say; pricing_mirror fills both views from terms, for answers.
 */
#ifndef CATALOG_PRICING_H
#define CATALOG_PRICING_H

#include "base/problem.h"
#include "rating/rate.h"

/* The fee or unit price inside a tier: {"type": "unit", "amount": "0.10"}. */
struct tier_price {
    int type; /* read and not looked at: its place says what it is */
    dec amount;
};

struct tier_view {
    dec up_to_amount; /* invalid: open */
    bool has_flat;
    struct tier_price flat_price;
    bool has_unit;
    struct tier_price unit_price;
};

enum price_v3_type {
    PRICE_V3_FREE,
    PRICE_V3_FLAT,
    PRICE_V3_UNIT,
    PRICE_V3_GRADUATED,
    PRICE_V3_VOLUME,
    PRICE_V3_PERCENTAGE, /* ours from here */
    PRICE_V3_MATRIX,
    PRICE_V3_CAPACITY,
    PRICE_V3_TIME_OF_USE,
    PRICE_V3_SEAT,
    PRICE_V3_TYPE_COUNT
};

/* A window as it is written: "monday" …, "08:00". */
struct window_view {
    text name;
    struct text_list days; /* none: every day */
    text from;
    text to;
    dec unit_amount;
};

struct price_v3 {
    enum price_v3_type type;
    dec amount;
    struct list tiers;                  /* of struct tier_view */
    struct price_percentage percentage; /* its members stand beside the type */
    struct text_list dimensions;
    struct list cells; /* of struct price_cell */
    dec included_quantity;
    dec overage_amount;
    text time_zone;
    struct list windows; /* of struct window_view */
};

struct commitments_v3 {
    dec minimum_amount;
    dec maximum_amount;
};

struct discounts_v3 {
    dec percentage;
    dec usage;
};

enum price_v1_type {
    PRICE_V1_FLAT,
    PRICE_V1_UNIT,
    PRICE_V1_TIERED,
    PRICE_V1_DYNAMIC,
    PRICE_V1_PACKAGE,
    PRICE_V1_OTHERS, /* v3's own, in its order from PRICE_V3_PERCENTAGE on */
    PRICE_V1_TYPE_COUNT = PRICE_V1_OTHERS + PRICE_V3_TYPE_COUNT - PRICE_V3_PERCENTAGE
};

enum tiers_mode { TIERS_VOLUME, TIERS_GRADUATED, TIERS_MODE_COUNT };

struct price_v1 {
    enum price_v1_type type;
    dec amount;
    int payment_term; /* enum payment_term, of flat prices; else FIELD_ENUM_NONE */
    int mode;         /* enum tiers_mode, of tiered prices; else FIELD_ENUM_NONE */
    struct list tiers;
    dec multiplier;
    dec quantity_per_package;
    dec minimum_amount;
    dec maximum_amount;
};

ID_TYPE(correlation);

/* The correlation ids are of invoice lines: the same on all parts of a period. */
struct percentage_v1 {
    dec percentage;
    struct correlation_id correlation_id;
};

struct usage_discount_v1 {
    dec quantity;
    struct correlation_id correlation_id;
};

struct discounts_v1 {
    struct percentage_v1 percentage;
    struct usage_discount_v1 usage;
    bool has_percentage;
    bool has_usage;
};

/* Both views. */
struct pricing {
    bool has_price_v3; /* v3 */
    struct price_v3 price_v3;
    bool has_unit_config;
    struct unit_config unit_config;
    bool has_commitments;
    struct commitments_v3 commitments;
    bool has_discounts_v3;
    struct discounts_v3 discounts_v3;

    bool has_price_v1; /* v1; a free price has none */
    struct price_v1 price_v1;
    bool has_discounts_v1;
    struct discounts_v1 discounts_v1;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */
/* The rows of a struct price_terms inside another struct, as the store keeps them. */
#define PRICE_TERMS_ROWS(type, terms)                                                              \
    FIELD_STRUCT_AS(type, terms.price, "price", &stored_price_fields, .flags = FIELD_NOT_JSON),    \
        FIELD_STRUCT_AS(type, terms.unit_config, "unit_config", &unit_config_fields,               \
                        .flags = FIELD_NOT_JSON,                                                   \
                        .set_offset = offsetof(type, terms.has_unit_config)),                      \
        FIELD_AS(type, terms.usage_discount, "usage_discount", DEC, .flags = FIELD_NOT_JSON),      \
        FIELD_AS(type, terms.percentage_discount, "percentage_discount", DEC,                      \
                 .flags = FIELD_NOT_JSON),                                                         \
        FIELD_AS(type, terms.minimum_amount, "minimum_amount", DEC, .flags = FIELD_NOT_JSON),      \
        FIELD_AS(type, terms.maximum_amount, "maximum_amount", DEC, .flags = FIELD_NOT_JSON),      \
        FIELD_STRUCT_AS(type, terms.proration, "proration", &price_proration_fields,               \
                        .flags = FIELD_NOT_JSON,                                                   \
                        .set_offset = offsetof(type, terms.has_proration)),                        \
        FIELD_AS(type, terms.currency, "price_currency", TEXT, .flags = FIELD_NOT_JSON)
/* NOLINTEND(bugprone-macro-parentheses) */

extern const struct fields stored_price_fields;
extern const struct fields price_proration_fields;

/* The rows of struct price_terms by itself, as the store keeps it. */
extern const struct fields price_terms_fields;

/* The views, for tables of whoever embeds a struct pricing. */
extern const struct fields price_v3_fields;
extern const struct fields price_v1_fields;
extern const struct fields unit_config_fields;
extern const struct fields commitments_fields;
extern const struct fields discounts_v3_fields;
extern const struct fields discounts_v1_fields;

/* Sums of a line or an invoice. */
extern const struct fields rate_totals_fields;

/* Where faults of a pricing are to be named: `add` prefixes the place. */
struct pricing_faults {
    void (*add)(void *state, const char *member, const struct problem_field *field);
    void *state;
    struct arena *arena;
};

/* From the dialect's view to terms. Tiers are sorted. Every fault goes to `faults`; the terms are
 * usable only when there was none. v1 tells the payment term of a flat price, too. */
struct price_terms pricing_settle_v1(const struct pricing *pricing,
                                     const struct pricing_faults *faults);
struct price_terms pricing_settle_v3(const struct pricing *pricing,
                                     const struct pricing_faults *faults);

/* Hands the terms' setting of proration to whoever rates: unit, zone and commitments. */
void pricing_prorate(const struct price_terms *terms, struct rate_input *input);

/* Both views of the terms; tiers in the arena. `term` is what v1 prints of a flat price. */
struct pricing pricing_mirror(const struct price_terms *terms, enum payment_term term,
                              struct arena *arena);

#endif
