/* catalog_impact.h: what a new version of a plan would cost those who are on an older one.
 *
 * Subscriptions keep the version that they were made from until they are moved to another. So
 * nothing here is owed: it is what the charges of the periods that are open now, with the usage so
 * far, would come to on the new version, beside what they come to.
 */
#ifndef BILL_CATALOG_IMPACT_H
#define BILL_CATALOG_IMPACT_H

#include "bill/invoice.h"
#include "catalog/price_list.h"
#include "identity/cx.h"

/* The charges of one rate card. */
struct impact_line {
    text key; /* of the rate card */
    text name;
    dec before; /* invalid: there is no such charge */
    dec after;
    dec change;
};

/* One subscription. */
struct catalog_impact {
    struct customer_id customer_id;
    text customer_key;
    text customer_name;
    struct subscription_id subscription_id;
    text plan_key;
    int64_t plan_version; /* that it is on */
    int64_t new_version;
    text currency;
    struct invoice_period period; /* the billing period that is open */
    dec before;                   /* sums of the lines */
    dec after;
    dec change;
    struct list lines; /* of struct impact_line: those that differ */
    text trouble;      /* why it cannot be told; then there are no sums */
};

extern const struct fields catalog_impact_fields;

/* For every subscription that runs on a plan of `repriced` (struct listed_reprice), whatever its
 * version: a list of struct catalog_impact, those for whom nothing would change left out. `made`
 * are features (struct feature) that the new versions use and that may not be stored. */
NODISCARD enum err catalog_impact_gather(struct cx *cx, const struct list *repriced,
                                         const struct list *made, struct list *ret);

#endif
