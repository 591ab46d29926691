/* pending_flow.c: listing and withdrawing what has not taken effect. */
#include "subscribe/pending.h"

static enum err changes_gather(struct cx *cx, struct store_tx *tx, text id, struct list *ret)
{
    struct subscription subscription;
    struct list addons;
    enum err err = subscription_find(cx, tx, id, &subscription);
    if (err == OK)
        err = subscription_addons_load(cx, tx, subscription.id, &addons);
    if (err == OK)
        *ret = pending_changes(&subscription, &addons, cx->now, cx->arena);
    return err;
}

enum err pending_list(struct cx *cx, text subscription, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = changes_gather(cx, tx, subscription, ret);
    return err;
}

static const struct pending_change *change_find(const struct list *changes, text id)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct pending_change *change = (const struct pending_change *)changes->items + i;
        if (text_equal(change->id, id))
            return change;
    }
    return NULL;
}

static enum err edit_withdraw(struct cx *cx, struct store_tx *tx,
                              const struct subscription_target *target, struct subscription *ret)
{
    struct subscription_edit edit = { .op = EDIT_UNSCHEDULE };
    const struct subscription_edit_body body = { .customizations = { &edit, 1 } };
    return subscription_edit(cx, tx, target, &body, ret);
}

static enum err addon_withdraw(struct cx *cx, struct store_tx *tx,
                               const struct pending_target *target, struct subscription *ret)
{
    const struct subscription_addon_target addon = { target->subscription, target->id };
    struct subscription_addon changed;
    enum err err = subscription_addon_withdraw(cx, tx, &addon, &changed);
    return err == OK ? subscription_show(cx, tx, target->subscription.id, ret) : err;
}

enum err pending_withdraw(struct cx *cx, struct store_tx *tx, const struct pending_target *target,
                          struct pending_withdrawal *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(target != NULL && ret != NULL);
    struct list changes;
    enum err err = changes_gather(cx, tx, target->subscription.id, &changes);
    if (err != OK)
        return err;
    const struct pending_change *change = change_find(&changes, target->id);
    if (change == NULL)
        return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_CHANGE_ABSENT, "%.*s",
                              TEXT_ARG(target->id));
    ret->deleted = (struct list){ 0 };
    switch (change->kind) {
    case PENDING_CANCELATION:
    case PENDING_PLAN:
        return subscription_withdraw_change(cx, tx, &target->subscription, &ret->subscription,
                                            &ret->deleted);
    case PENDING_EDIT:
        return edit_withdraw(cx, tx, &target->subscription, &ret->subscription);
    case PENDING_ADDON:
        return addon_withdraw(cx, tx, target, &ret->subscription);
    case PENDING_COUNT:
        break;
    }
    UNREACHABLE();
}
