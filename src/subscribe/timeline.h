/* timeline.h: when the charges of a subscription fall. Pure: instants in, instants out.
 *
 * Three grids meet here, all counted from the billing anchor as it was given, so that the 31st
 * comes back after February. The billing cadence tiles time into billing periods, each cut at the
 * ends of the phase: the aligned billing period. The cadence of a rate card tiles time into full
 * service periods; the part in which the item is active is the service period. All are half-open,
 * counted in the calendar of one zone: days and months keep their wall time there, so a period may
 * be an hour longer or shorter than the next.
 *
 * What it is not: amounts are rating/rate.h's business, lines bill/'s.
 */
#ifndef SUBSCRIBE_TIMELINE_H
#define SUBSCRIBE_TIMELINE_H

#include "base/span.h"
#include "codec/fields.h"

/* The grid of billing periods, and the calendar that every grid is counted in. */
struct billing_grid {
    instant anchor;
    span cadence;            /* not zero */
    const struct zone *zone; /* NULL: UTC */
};

/* The billing period that holds t, cut at the phase's ends. The phase holds t; its `to` may be
 * INSTANT_MAX. */
struct period billing_period_at(const struct billing_grid *grid, struct period phase, instant t);

/* Whether t is where one billing period ends and the next begins. */
bool billing_is_boundary(const struct billing_grid *grid, instant t);

/* One item, as far as time is concerned. */
struct item_schedule {
    struct billing_grid grid;
    span cadence;         /* of the rate card; zero: charged once */
    struct period phase;  /* `to` may be INSTANT_MAX */
    struct period active; /* of the item, within the phase; `to` may be INSTANT_MAX */
    bool is_in_advance;   /* a flat price that is due when its period begins */
    int64_t first_index;  /* charges before it are left out */
};

/* The index of the charge whose full service period holds t; 0 of an item charged once, and for
 * times before the item begins. */
int64_t item_charge_index_at(const struct item_schedule *schedule, instant t);

/* One charge of an item. */
struct item_charge {
    int64_t index;              /* 0 for the period in which the item begins */
    struct period service;      /* what is charged for */
    struct period full_service; /* the whole of the card's period: what a full price is for */
    struct period billing;      /* the aligned billing period in which the service begins */
    instant invoice_at;         /* in advance: where that begins; else where both have ended */
};

/* The charges up to `horizon`, which is the end of a billing period: those whose service begins
 * before it, and those in advance that are due at it. A list of struct item_charge in order, in the
 * arena. An item charged once has one charge, over its whole activity, or an empty one at its
 * start when that has no end. */
struct list item_charges(const struct item_schedule *schedule, instant horizon,
                         struct arena *arena);

#endif
