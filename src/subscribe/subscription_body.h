/* subscription_body.h: what requests about subscriptions hold, read and settled.
 *
 * fields_read leaves rate cards and plans in the views of their dialect; subscription_body_settle
 * and subscription_edits_settle move them into plain members and refuse what no field table can
 * say. What a plan's rules say of them is checked when the command runs.
 */
#ifndef SUBSCRIBE_SUBSCRIPTION_BODY_H
#define SUBSCRIBE_SUBSCRIPTION_BODY_H

#include "catalog/plan_custom.h"
#include "subscribe/spec.h"

struct subscription_customer_choice {
    struct customer_id id;
    text key;
};

struct subscription_plan_choice {
    struct plan_id id;
    text key;
    int64_t version; /* 0: the active one */
};

/* Of a request to start a subscription, or to change to another one. */
struct subscription_body {
    struct subscription_customer_choice customer; /* v3 */
    bool has_customer;
    struct customer_id customer_id; /* v1: goes before the key */
    text customer_key;              /* v1 */
    struct subscription_plan_choice plan;
    bool has_plan;
    struct plan custom_plan; /* in place of a plan */
    bool has_custom_plan;
    text name; /* the plan's when absent */
    text description;
    struct text_map labels;
    text timing;                             /* immediate, next_billing_cycle or RFC 3339 */
    text starting_phase;                     /* key of the phase to begin with */
    instant billing_anchor;                  /* INSTANT_NONE: see the commands */
    int settlement_mode;                     /* enum settlement_mode; absent: the plan's */
    int cost_basis_mode;                     /* enum cost_basis_mode */
    struct subscription_alignment alignment; /* v1, read and not used: it must be true */
    bool has_alignment;
    struct list customizations; /* of struct subscription_edit: made before it begins */
    enum dialect dialect;       /* in which faults of cards are named */
    instant until;              /* previews only: how far; and with what usage: */
    struct list quantities;     /* of struct subscription_quantity */
};

/* Usage of a feature that a preview is to assume. */
struct subscription_quantity {
    text feature_key;
    dec quantity; /* for each full period */
};
extern const struct fields subscription_quantity_fields;

/* v3 BillingSubscriptionCreate and BillingSubscriptionChange, v1 PlanSubscriptionCreate together
 * with CustomSubscriptionCreate, and the same of changes. */
extern const struct fields subscription_body_v3_fields;
extern const struct fields subscription_preview_v3_fields; /* with how far */
extern const struct fields subscription_body_v1_fields;
extern const struct fields subscription_change_v3_fields;
extern const struct fields subscription_change_v1_fields;

/* Settles the cards of a body, and checks that it names one plan. Adds every fault to `problem`;
 * returns whether there was none. */
NODISCARD bool subscription_body_settle(struct subscription_body *body, enum dialect dialect,
                                        struct problem *problem);

struct subscription_edit_body {
    struct list customizations; /* of struct subscription_edit */
    text timing;                /* immediate (when absent) or next_billing_cycle */
    enum dialect dialect;
};
extern const struct fields subscription_edit_fields;
extern const struct fields subscription_edit_body_fields;

/* The same for the customizations of an edit. */
NODISCARD bool subscription_edits_settle(struct list *edits, enum dialect dialect,
                                         struct problem *problem);

struct subscription_migrate_body {
    text timing;            /* immediate when absent */
    int64_t target_version; /* 0: the active one */
    text starting_phase;
    instant billing_anchor; /* INSTANT_NONE: as it was */
    enum dialect dialect;   /* in which faults are named */
};
extern const struct fields subscription_migrate_fields;

struct subscription_cancel_body {
    text timing; /* immediate (when absent), next_billing_cycle or RFC 3339 */
};
extern const struct fields subscription_cancel_fields;

#endif
