/* life.h: every invoice that a subscription will bring, until an instant: a whole-life preview.
 *
 * The engine itself plays it through: in a transaction that is taken back at the end the customer
 * is put on a test clock, the subscription is made if it is not there yet, and what falls due is
 * done, one thing after the other, as the worker does it. So a preview knows all that billing
 * knows: phases, proration, collection, alignment, taxes, approval. Nothing of it stays, nobody is
 * told of it, and no number is used up.
 *
 * Usage to come is given by feature, for each full period, or there is only what is there already.
 * Other subscriptions of the customer go on meanwhile and share its invoices.
 *
 * While a preview is played nobody else writes, so it has an end: LIFE_YEARS_MAX and
 * LIFE_STEPS_MAX.
 */
#ifndef BILL_LIFE_H
#define BILL_LIFE_H

#include "bill/line.h"
#include "subscribe/subscription_body.h"

#define LIFE_YEARS_MAX 10
#define LIFE_STEPS_MAX 1000 /* pieces of due work */

/* A quantity (struct subscription_quantity) is taken in place of what is metered, for each full
 * period of a line; less for a shorter one, by its part of the time. Prices that tell parts of the
 * usage apart (by transaction, by dimension, by time of use) are not given any: they have the usage
 * there is. */
struct life_request {
    instant until;
    struct list quantities; /* of struct subscription_quantity */
};

/* What a request about a subscription that is there holds. */
extern const struct fields life_request_fields;

/* Invoices as they will be: a list of struct invoice, by age, in cx->arena. FAULT_LIFE_RANGE when
 * `until` is not after the present or too far away, FAULT_LIFE_TOO_LONG. Faults as of
 * bill_subscription_create, and of what billing does on the way. The thread holds no transaction.
 */
NODISCARD enum err life_preview_new(struct cx *cx, const struct subscription_body *body,
                                    const struct life_request *request, struct list *ret);

/* The same of a subscription that is there. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err life_preview(struct cx *cx, text subscription_id,
                                const struct life_request *request, struct list *ret);

/* The quantity that is assumed for a line, from `from` (INSTANT_NONE: where it begins) to its end;
 * false: none is. Used by measuring. */
NODISCARD bool life_quantity_of(const struct cx *cx, const struct pending_line *line, instant from,
                                dec *ret);

#endif
