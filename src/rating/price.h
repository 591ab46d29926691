/* price.h: what something costs, as a price list says it: price types, tiers, and the terms around
 * them. Plain structs; rate.h turns them and a quantity into money.
 */
#ifndef RATING_PRICE_H
#define RATING_PRICE_H

#include "base/dec.h"
#include "codec/fields.h"

enum price_type {
    PRICE_FREE,      /* no price: makes no lines */
    PRICE_FLAT,      /* an amount, whatever the quantity */
    PRICE_UNIT,      /* an amount for each unit */
    PRICE_GRADUATED, /* each part of the quantity at the price of the tier it falls into */
    PRICE_VOLUME,    /* the whole quantity at the price of the tier that it reaches */
    PRICE_PACKAGE,   /* an amount for each package begun */
    PRICE_DYNAMIC,   /* the metered quantity is money already, times a multiplier */
    PRICE_TYPE_COUNT
};

enum payment_term { TERM_IN_ADVANCE, TERM_IN_ARREARS, TERM_COUNT };

/* NULL-terminated, in the order of their enums. */
extern const char *const price_type_words[];
extern const char *const payment_term_words[];

/* Quantities up to and including `up_to` that no earlier tier holds. Absent members are invalid
 * decs: an open end, no fee, no price for a unit. */
struct price_tier {
    dec up_to;
    dec flat_price; /* once, when the tier is entered */
    dec unit_price;
};

/* Members that a type does not have are invalid decs, or empty. */
struct price {
    enum price_type type;
    dec amount;        /* FLAT: the fee; UNIT: of one unit; PACKAGE: of one package */
    struct list tiers; /* GRADUATED, VOLUME: of struct price_tier, ascending, the last one open */
    dec package_size;  /* PACKAGE: units in one; above zero */
    dec multiplier;    /* DYNAMIC */
};

/* Whether the price depends on a quantity. */
bool price_is_metered(enum price_type type);

enum unit_rounding { UNIT_ROUND_NONE, UNIT_ROUND_CEILING, UNIT_ROUND_FLOOR, UNIT_ROUND_HALF_UP };

enum unit_operation { UNIT_DIVIDE, UNIT_MULTIPLY };

extern const char *const unit_rounding_words[];
extern const char *const unit_operation_words[];

/* From the unit that is metered to the one that is sold. */
struct unit_config {
    enum unit_operation operation;
    dec conversion_factor; /* above zero */
    enum unit_rounding rounding;
    int64_t precision; /* digits that are left after rounding */
    text display_unit;
};

/* What a rate card says about money. */
struct price_terms {
    struct price price;
    bool has_unit_config;
    struct unit_config unit_config;
    dec usage_discount;      /* units free of charge; invalid: none */
    dec percentage_discount; /* 0 to 100; invalid: none */
    dec minimum_amount;      /* invalid: none */
    dec maximum_amount;      /* invalid: none */
};

/* A free price and nothing around it: what to start from, since a dec of zero is no absent one. */
struct price_terms price_terms_free(void);

/* A price of this type with an amount (FREE, FLAT, UNIT) and nothing around it. */
struct price_terms price_terms_of(enum price_type type, dec amount);

#endif
