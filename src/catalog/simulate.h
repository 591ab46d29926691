/* simulate.h: what a rate card would charge for given quantities. Pure: nothing is stored, no
 * customer, plan or meter is looked at.
 *
 * A period is billed in one part or in several, in order. Each part has a quantity as metered; what
 * was metered and billed before it follows from the parts before. Without periods nothing is
 * prorated.
 */
#ifndef CATALOG_SIMULATE_H
#define CATALOG_SIMULATE_H

#include "catalog/plan.h"

struct simulation_period {
    instant from;
    instant to;
};

/* A part of a quantity, for prices that tell them apart. */
struct simulation_share {
    dec value;               /* percentage: of one transaction */
    struct text_list values; /* matrix: one for each dimension */
    text window;             /* time_of_use: the window's name; empty: outside of all */
    dec quantity;            /* units, or transactions */
};

struct simulation_part {
    dec quantity;
    struct list shares; /* of struct simulation_share */
    bool has_service_period;
    struct simulation_period service_period;
};

struct simulation_request {
    text currency;
    struct rate_card rate_card; /* v3's */
    bool is_pro_rating;
    bool
        is_cumulative; /* parts by deltas (rating/delta.h): they add up to the whole, to the cent */
    bool has_period;
    struct simulation_period period; /* the full service period */
    struct list parts;               /* of struct simulation_part; one or more */
};

extern const struct fields simulation_request_fields;

struct simulated_detail {
    text reference; /* "graduated-tiered-1-price-usage" */
    text name;
    dec quantity;
    dec unit_price;
    dec percentage_discount;
    dec maximum_discount;
    enum rate_category category;
    struct rate_totals totals;
};

struct simulated_part {
    dec metered_quantity;
    dec quantity;        /* priced: converted, less free units */
    dec free_quantity;   /* free of charge; invalid: nothing */
    struct list details; /* of struct simulated_detail */
    struct rate_totals totals;
    struct text_list explanation;
};

struct simulation {
    text currency;
    struct list parts; /* of struct simulated_part */
    struct rate_totals totals;
};

extern const struct fields simulation_fields;

/* The request was read by its table. Faults of the card and the periods go to `problem` with their
 * places, what rating refuses too (FAULT_AMOUNT_OVERFLOW, FAULT_PRICE_NOT_SPLITTABLE); returns OK
 * or ERR_REFUSED. In the arena of the problem. */
NODISCARD enum err simulation_run(const struct simulation_request *request, struct problem *problem,
                                  struct simulation *ret);

#endif
