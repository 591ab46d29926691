/* subscription_command.h: what changes subscriptions.
 *
 * The commands run inside a transaction of the caller, because starting, changing or ending a
 * subscription changes what is to be billed and both must be stored together: requests go through
 * bill/billing.h, which opens the transaction, calls these and brings the lines up to date.
 *
 * Each change raises the subscription's version. A caller that names the version it has seen is
 * refused with FAULT_SUBSCRIPTION_VERSION when it is not the present one: of two changes on one
 * base, one wins.
 */
#ifndef SUBSCRIBE_SUBSCRIPTION_COMMAND_H
#define SUBSCRIBE_SUBSCRIPTION_COMMAND_H

#include "catalog/currency_rows.h"
#include "subscribe/subscription_body.h"
#include "subscribe/timing.h"

/* Which subscription, and which version of it the caller has seen. */
struct subscription_target {
    text id;            /* a ULID */
    int64_t if_version; /* 0: any */
};

/* Starts a subscription as the body, which has been settled, says. Faults: CUSTOMER_ABSENT,
 * CUSTOMER_DELETED, PLAN_ABSENT, PLAN_STATUS (not active), PLAN_INVALID (a custom plan),
 * SUBSCRIPTION_INVALID (timing, starting phase, currency), those of spec_apply,
 * SUBSCRIPTION_OVERLAP with the other's id. Starts are cut to whole seconds. */
NODISCARD enum err subscription_create(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_body *body,
                                       struct subscription *ret);

/* Ends it: now, at the end of the current billing period, or at an instant that is the end of
 * one. Faults: SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS unless active,
 * SUBSCRIPTION_INVALID. */
NODISCARD enum err subscription_cancel(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_target *target, text timing,
                                       struct subscription *ret);

/* Takes a cancelation back. Faults: SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS
 * unless canceled, SUBSCRIPTION_OVERLAP. */
NODISCARD enum err subscription_continue(struct cx *cx, struct store_tx *tx,
                                         const struct subscription_target *target,
                                         struct subscription *ret);

/* Deletes one that has not begun. Faults: SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION,
 * SUBSCRIPTION_STATUS. */
NODISCARD enum err subscription_delete(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_target *target,
                                       struct subscription *ret);

/* Applies the customizations, which have been settled, in order. Faults: SUBSCRIPTION_ABSENT,
 * SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS unless active, SUBSCRIPTION_INVALID (timing),
 * PLAN_INVALID (a rate card), those of spec_apply and spec_check. */
NODISCARD enum err subscription_edit(struct cx *cx, struct store_tx *tx,
                                     const struct subscription_target *target,
                                     const struct subscription_edit_body *body,
                                     struct subscription *ret);

/* ---- to another subscription ------------------------------------------------------------------
 *
 * The current one ends at the instant at which the next one begins. Their annotations, which have
 * the contract's names, lead from one to the other. */
#define SUBSCRIPTION_PREVIOUS    "subscription.previous.id"
#define SUBSCRIPTION_SUPERSEDING "subscription.superseding.id"

struct subscription_pair {
    struct subscription current;
    struct subscription next;
};
extern const struct fields subscription_pair_fields;

/* Changes to another plan, or one of its own. Billing periods stay on the anchor that was, unless
 * the body names one. Faults: SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS unless
 * active, SUBSCRIPTION_INVALID (timing; in v3, another customer), those of subscription_create. */
NODISCARD enum err subscription_change(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_target *target,
                                       const struct subscription_body *body,
                                       struct subscription_pair *ret);

/* Changes to a higher version of its plan, the active one unless the body names one. The same
 * faults, and PLAN_ABSENT, PLAN_STATUS for one that was never published. */
NODISCARD enum err subscription_migrate(struct cx *cx, struct store_tx *tx,
                                        const struct subscription_target *target,
                                        const struct subscription_migrate_body *body,
                                        struct subscription_pair *ret);

/* Takes a cancelation or a change back: deletes all subscriptions of the customer that have not
 * begun (`ret_deleted`, a list of struct subscription) and continues this one. Faults:
 * SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS unless canceled, and where
 * several subscriptions are allowed, SUBSCRIPTION_OVERLAP. */
NODISCARD enum err subscription_restore(struct cx *cx, struct store_tx *tx,
                                        const struct subscription_target *target,
                                        struct subscription *ret, struct list *ret_deleted);

/* The same with the one subscription only that was to supersede it, if there is one. */
NODISCARD enum err subscription_withdraw_change(struct cx *cx, struct store_tx *tx,
                                                const struct subscription_target *target,
                                                struct subscription *ret, struct list *ret_deleted);

/* The subscription as it is stored: not cut, without views. Enters its customer's time. Refuses
 * with SUBSCRIPTION_ABSENT. */
NODISCARD enum err subscription_find(struct cx *cx, struct store_tx *tx, text id,
                                     struct subscription *ret);

/* The same, with its views, as it is printed. */
NODISCARD enum err subscription_show(struct cx *cx, struct store_tx *tx, text id,
                                     struct subscription *ret);

/* The subscription with its phases and items, cut, without views. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err subscription_load(struct cx *cx, struct store_tx *tx, text id,
                                     struct subscription *ret);

/* The basis of a pair that the subscription keeps; ERR_ABSENT when it keeps none. */
NODISCARD enum err subscription_pinned_basis(struct cx *cx, struct store_tx *tx,
                                             struct subscription_id subscription,
                                             const struct cost_basis_pair *pair,
                                             struct cost_basis *ret);

#endif
