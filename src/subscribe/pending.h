/* pending.h: what is going to become of a subscription: changes that were made and have not taken
 * effect. Each can be withdrawn until then.
 *
 * What the plan itself has for later (its phases) is no change.
 */
#ifndef SUBSCRIBE_PENDING_H
#define SUBSCRIBE_PENDING_H

#include "subscribe/subscription_addon.h"

enum pending_kind {
    PENDING_CANCELATION, /* it ends, and nothing follows */
    PENDING_PLAN,        /* it ends, and another subscription follows */
    PENDING_EDIT,        /* items of the current phase begin or end */
    PENDING_ADDON,       /* another quantity of an add-on */
    PENDING_COUNT
};

/* NULL-terminated: "cancelation", "plan", "edit", "addon". */
extern const char *const pending_words[];

struct pending_change {
    text id; /* the kind; of an add-on the id of the purchase */
    enum pending_kind kind;
    instant at;
    struct text_list item_keys;     /* of an edit: what begins or ends then */
    struct subscription_id next_id; /* of a plan: the one that follows */
    struct subscription_addon_id addon_id;
    int64_t quantity; /* of an add-on */
};

extern const struct fields pending_change_fields;

/* The pending changes of a subscription, not cut, at `now`, by time: struct pending_change in the
 * arena. `addons` are its purchases (struct subscription_addon). Pure. */
struct list pending_changes(const struct subscription *subscription, const struct list *addons,
                            instant now, struct arena *arena);

/* The same in a transaction of its own. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err pending_list(struct cx *cx, text subscription, struct list *ret);

/* Which change of which subscription. */
struct pending_target {
    struct subscription_target subscription;
    text id;
};

/* What withdrawing one has done. */
struct pending_withdrawal {
    struct subscription subscription;
    struct list deleted; /* of struct subscription: what was to follow */
};

/* Withdraws a change, in the caller's transaction. Faults: SUBSCRIPTION_ABSENT,
 * SUBSCRIPTION_VERSION, SUBSCRIPTION_CHANGE_ABSENT, those of subscription_continue. */
NODISCARD enum err pending_withdraw(struct cx *cx, struct store_tx *tx,
                                    const struct pending_target *target,
                                    struct pending_withdrawal *ret);

#endif
