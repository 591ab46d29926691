/* subscription_addon.h: add-ons bought with a subscription.
 *
 * An add-on is bought once and then has a quantity over time; a quantity of 0 gives it up. What it
 * does to the items is in spec_addon.h. While one is had, the subscription cannot be edited; a
 * change to another plan does not take add-ons along.
 */
#ifndef SUBSCRIBE_SUBSCRIPTION_ADDON_H
#define SUBSCRIBE_SUBSCRIPTION_ADDON_H

#include "catalog/plan_addon.h"
#include "subscribe/spec_addon.h"
#include "subscribe/subscription_command.h"

ID_TYPE(subscription_addon);

/* What v1 prints of the add-on; v3 its id only. */
struct addon_brief {
    struct addon_id id;
    text key;
    int64_t version;
    int instance_type; /* enum addon_instance */
};

struct addon_card {
    struct rate_card rate_card;
    struct text_list item_ids; /* of the items that have something of it */
};

struct subscription_addon {
    struct subscription_addon_id id;
    struct org_id org_id;
    struct subscription_id subscription_id;
    struct addon_id addon_id;
    text name;
    text description;
    struct text_map labels;
    struct list timeline; /* of struct addon_segment */
    instant created_at;
    instant updated_at;

    struct addon_brief addon; /* views from here */
    int64_t quantity;         /* at quantity_at */
    instant quantity_at;
    instant active_from;
    instant active_to;
    struct list rate_cards; /* of struct addon_card */
};

extern const struct fields subscription_addon_fields;

struct subscription_addon_body {
    struct addon_reference addon;
    bool has_addon;
    text name;
    text description;
    struct text_map labels;
    bool has_labels;
    int64_t quantity; /* -1: not said */
    text timing;
};

/* Requests: to buy, in v3 and in v1; to change what was bought. */
extern const struct fields subscription_addon_create_v3_fields;
extern const struct fields subscription_addon_create_v1_fields;
extern const struct fields subscription_addon_update_fields;

/* ---- commands, in the caller's transaction; `ret_subscription` is what became of it ------------
 */

/* Buys. Faults: SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS unless active,
 * ADDON_ABSENT, SUBSCRIPTION_ADDON_INVALID (not of the plan, not active, its phase not reached, too
 * many), SUBSCRIPTION_ADDON_TAKEN, SUBSCRIPTION_INVALID (timing), SUBSCRIPTION_ITEM_TAKEN,
 * AMOUNT_OVERFLOW. */
NODISCARD enum err subscription_addon_create(struct cx *cx, struct store_tx *tx,
                                             const struct subscription_target *target,
                                             const struct subscription_addon_body *body,
                                             struct subscription_addon *ret);

/* Which one of which subscription. */
struct subscription_addon_target {
    struct subscription_target subscription;
    text id; /* of the purchase, or of the add-on */
};

/* Changes name, description and labels, and the quantity from a time on. The same faults, and
 * SUBSCRIPTION_ADDON_ABSENT. */
NODISCARD enum err subscription_addon_update(struct cx *cx, struct store_tx *tx,
                                             const struct subscription_addon_target *target,
                                             const struct subscription_addon_body *body,
                                             struct subscription_addon *ret);

/* Takes back what is scheduled: the quantity stays as it is now. */
NODISCARD enum err subscription_addon_withdraw(struct cx *cx, struct store_tx *tx,
                                               const struct subscription_addon_target *target,
                                               struct subscription_addon *ret);

/* ---- questions, in a transaction of their own ---------------------------------------------- */

/* FAULT_SUBSCRIPTION_ABSENT, FAULT_SUBSCRIPTION_ADDON_ABSENT. */
NODISCARD enum err subscription_addon_get(struct cx *cx,
                                          const struct subscription_addon_target *target,
                                          struct subscription_addon *ret);

/* All of a subscription, oldest first. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err subscription_addon_list(struct cx *cx, text subscription, struct list *ret);

/* Without their views, in the caller's transaction. */
NODISCARD enum err subscription_addons_load(struct cx *cx, struct store_tx *tx,
                                            struct subscription_id subscription, struct list *ret);

/* Whether one is had at `now`, or will be. */
bool subscription_addons_are_had(const struct list *addons, instant now);

#endif
