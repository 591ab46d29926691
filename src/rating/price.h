/* price.h: what something costs, as a price list says it: price types, tiers, and the terms around
 * them. Plain structs; rate.h turns them and a quantity into money.
 */
#ifndef RATING_PRICE_H
#define RATING_PRICE_H

#include "base/dec.h"
#include "codec/fields.h"
#include "rating/prorate.h"

enum price_type {
    PRICE_FREE,        /* no price: makes no lines */
    PRICE_FLAT,        /* an amount, whatever the quantity */
    PRICE_UNIT,        /* an amount for each unit */
    PRICE_GRADUATED,   /* each part of the quantity at the price of the tier it falls into */
    PRICE_VOLUME,      /* the whole quantity at the price of the tier that it reaches */
    PRICE_PACKAGE,     /* an amount for each package begun */
    PRICE_DYNAMIC,     /* the metered quantity is money already, times a multiplier */
    PRICE_PERCENTAGE,  /* a share of the value of each transaction */
    PRICE_MATRIX,      /* an amount for each unit, by the values of dimensions */
    PRICE_CAPACITY,    /* a fee with a quantity in it, and an amount for each unit beyond */
    PRICE_TIME_OF_USE, /* an amount for each unit, by when it was used */
    PRICE_SEAT, /* an amount for each seat, for the part of the period in which it was taken */
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

/* Of each transaction: rate per cent of its value, plus a fixed amount, within bounds. Nothing is
 * rounded before the sum of all. What is absent is an invalid dec. */
struct price_percentage {
    dec rate;
    dec fixed_amount;
    dec minimum_amount;
    dec maximum_amount;
};

/* The price of a unit for these values of the matrix's dimensions, in their order. */
struct price_cell {
    struct text_list values;
    dec unit_amount;
};

/* Minutes of local days, half-open; over midnight when `to` is not after `from`, and then a day
 * names the one on which it begins. */
struct price_window {
    text name;
    int64_t days; /* bit 0: Monday … bit 6: Sunday */
    int64_t from_minute;
    int64_t to_minute;
    dec unit_amount;
};

/* Members that a type does not have are invalid decs, or empty. */
struct price {
    enum price_type type;
    dec amount;        /* FLAT, CAPACITY: the fee; UNIT: of one unit; PACKAGE: of one package;
                          SEAT: of one seat for the whole period; MATRIX, TIME_OF_USE: of a unit
                          that no cell or window has, which is free when this is invalid */
    struct list tiers; /* GRADUATED, VOLUME: of struct price_tier, ascending, the last one open */
    dec package_size;  /* PACKAGE: units in one; above zero */
    dec multiplier;    /* DYNAMIC */
    struct price_percentage percentage;
    struct text_list dimensions; /* MATRIX */
    struct list cells;           /* MATRIX: of struct price_cell */
    dec included_quantity;       /* CAPACITY */
    dec overage_amount;          /* CAPACITY: of one unit beyond */
    text time_zone;              /* TIME_OF_USE: IANA name */
    struct list windows;         /* TIME_OF_USE: of struct price_window; the first that fits */
};

/* Whether the price depends on a quantity. */
bool price_is_metered(enum price_type type);

/* How a quantity must be taken apart for a price (struct rate_share). */
enum price_split {
    PRICE_SPLIT_NONE,
    PRICE_SPLIT_VALUES, /* PERCENTAGE: by the value of each transaction */
    PRICE_SPLIT_CELLS,  /* MATRIX: by the values of its dimensions */
    PRICE_SPLIT_TIMES   /* TIME_OF_USE: by its windows */
};

/* The split that a type asks for. */
enum price_split price_split_of(enum price_type type);

/* The cell with these values, in the order of the price's dimensions; cells.count when there is
 * none. */
size_t price_cell_find(const struct price *price, const struct text_list *values);

/* The window of a day of the week (0: Monday) and a minute of that day; windows.count when none
 * fits. */
size_t price_window_find(const struct price *price, int day, int minute);

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

/* How fees and commitments follow a part of their period, where that is not by elapsed time. */
struct price_proration {
    enum proration_unit unit;
    text time_zone;        /* DAYS: IANA name; empty: UTC */
    bool with_commitments; /* minimum and maximum are prorated, too */
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
    bool has_proration;
    struct price_proration proration;
    text currency; /* a custom one that the price is in; empty: the invoice's */
};

/* A free price and nothing around it: what to start from, since a dec of zero is no absent one. */
struct price_terms price_terms_free(void);

/* A price of this type with an amount (FREE, FLAT, UNIT) and nothing around it. */
struct price_terms price_terms_of(enum price_type type, dec amount);

#endif
