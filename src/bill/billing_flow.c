/* billing_flow.c: what changes a subscription and its lines, each in one transaction. */
#include "bill/billing.h"
#include "bill/draft_follow.h"
#include "notify/outbox.h"

/* Writes down, for others, what became of a subscription. */
static enum err publish(struct cx *cx, struct store_tx *tx, const char *type,
                        const struct subscription *subscription)
{
    struct outbox_news news = {
        .type = text_of(type),
        .subject_id = { subscription->id.ulid },
        .table = &subscription_fields,
        .object = subscription,
    };
    return outbox_tell(cx, tx, &news);
}

/* Ends a command on a customer's subscription: drafts that it changed are rated again. */
static enum err finish(struct cx *cx, struct store_tx **tx, enum err done,
                       const struct customer_id *customer)
{
    enum err err = store_finish(tx, done);
    if (err == OK)
        draft_settle(cx, *customer);
    return err;
}

/* Brings the lines of what was changed up to date, and tells of it. */
static enum err settle(struct cx *cx, struct store_tx *tx, const char *type,
                       const struct subscription *changed)
{
    enum err err = bill_sync_subscription(cx, tx, changed->id);
    if (err == OK)
        err = publish(cx, tx, type, changed);
    return err;
}

enum err bill_subscription_create(struct cx *cx, const struct subscription_body *body,
                                  struct subscription *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct subscription made;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_create(cx, tx, body, &made);
    if (err == OK)
        err = bill_sync_started(cx, tx, &made);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_SUBSCRIPTION_CREATED, &made);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = made;
    return err;
}

enum err bill_subscription_edit(struct cx *cx, const struct subscription_target *target,
                                const struct subscription_edit_body *body, struct subscription *ret)
{
    CHECK(cx != NULL && target != NULL && body != NULL && ret != NULL);
    struct subscription changed;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_edit(cx, tx, target, body, &changed);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_UPDATED, &changed);
    err = finish(cx, &tx, err, &changed.customer_id);
    if (err == OK)
        *ret = changed;
    return err;
}

enum err bill_subscription_cancel(struct cx *cx, const struct subscription_target *target,
                                  text timing, struct subscription *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct subscription changed;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_cancel(cx, tx, target, timing, &changed);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_CANCELED, &changed);
    err = finish(cx, &tx, err, &changed.customer_id);
    if (err == OK)
        *ret = changed;
    return err;
}

enum err bill_subscription_continue(struct cx *cx, const struct subscription_target *target,
                                    struct subscription *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct subscription changed;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_continue(cx, tx, target, &changed);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_CONTINUED, &changed);
    err = finish(cx, &tx, err, &changed.customer_id);
    if (err == OK)
        *ret = changed;
    return err;
}

/* Both subscriptions of a change. */
static enum err settle_pair(struct cx *cx, struct store_tx *tx,
                            const struct subscription_pair *changed)
{
    enum err err = settle(cx, tx, OUTBOX_SUBSCRIPTION_CANCELED, &changed->current);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_CREATED, &changed->next);
    return err;
}

enum err bill_subscription_change(struct cx *cx, const struct subscription_target *target,
                                  const struct subscription_body *body,
                                  struct subscription_pair *ret)
{
    CHECK(cx != NULL && target != NULL && body != NULL && ret != NULL);
    struct subscription_pair changed;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_change(cx, tx, target, body, &changed);
    if (err == OK)
        err = settle_pair(cx, tx, &changed);
    err = finish(cx, &tx, err, &changed.next.customer_id);
    if (err == OK)
        *ret = changed;
    return err;
}

enum err bill_migrate_in(struct cx *cx, struct store_tx *tx,
                         const struct subscription_target *target,
                         const struct subscription_migrate_body *body,
                         struct subscription_pair *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL && body != NULL && ret != NULL);
    enum err err = subscription_migrate(cx, tx, target, body, ret);
    return err == OK ? settle_pair(cx, tx, ret) : err;
}

enum err bill_subscription_migrate(struct cx *cx, const struct subscription_target *target,
                                   const struct subscription_migrate_body *body,
                                   struct subscription_pair *ret)
{
    CHECK(cx != NULL && target != NULL && body != NULL && ret != NULL);
    struct subscription_pair changed;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = bill_migrate_in(cx, tx, target, body, &changed);
    err = finish(cx, &tx, err, &changed.next.customer_id);
    if (err == OK)
        *ret = changed;
    return err;
}

/* Nothing is due of a subscription that never began. */
static enum err forget(struct cx *cx, struct store_tx *tx, const struct subscription *deleted)
{
    enum err err = due_cancel(cx, tx, TEXT(DUE_SUBSCRIPTION_SYNC), deleted->id.ulid);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_SUBSCRIPTION_DELETED, deleted);
    return err;
}

/* What a command that deletes others and continues one has done. */
static enum err settle_restored(struct cx *cx, struct store_tx *tx,
                                const struct subscription *restored, const struct list *deleted)
{
    enum err err = OK;
    for (size_t i = 0; i < deleted->count && err == OK; i++)
        err = forget(cx, tx, (const struct subscription *)deleted->items + i);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_CONTINUED, restored);
    return err;
}

enum err bill_subscription_restore(struct cx *cx, const struct subscription_target *target,
                                   struct subscription *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct subscription restored;
    struct list deleted;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_restore(cx, tx, target, &restored, &deleted);
    if (err == OK)
        err = settle_restored(cx, tx, &restored, &deleted);
    err = finish(cx, &tx, err, &restored.customer_id);
    if (err == OK)
        *ret = restored;
    return err;
}

enum err bill_subscription_delete(struct cx *cx, const struct subscription_target *target)
{
    CHECK(cx != NULL && target != NULL);
    struct subscription deleted;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_delete(cx, tx, target, &deleted);
    if (err == OK)
        err = forget(cx, tx, &deleted);
    return store_finish(&tx, err);
}

/* ---- add-ons ------------------------------------------------------------------------------- */

/* What buying or changing an add-on has done to its subscription. */
static enum err settle_addon(struct cx *cx, struct store_tx *tx,
                             const struct subscription_addon *addon,
                             struct customer_id *ret_customer)
{
    struct subscription now;
    enum err err =
        subscription_show(cx, tx, ulid_text(cx->arena, addon->subscription_id.ulid), &now);
    if (err == OK)
        err = settle(cx, tx, OUTBOX_SUBSCRIPTION_UPDATED, &now);
    if (err == OK)
        *ret_customer = now.customer_id;
    return err;
}

enum err bill_subscription_addon_create(struct cx *cx, const struct subscription_target *target,
                                        const struct subscription_addon_body *body,
                                        struct subscription_addon *ret)
{
    CHECK(cx != NULL && target != NULL && body != NULL && ret != NULL);
    struct subscription_addon made;
    struct customer_id customer = { 0 };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_addon_create(cx, tx, target, body, &made);
    if (err == OK)
        err = settle_addon(cx, tx, &made, &customer);
    err = finish(cx, &tx, err, &customer);
    if (err == OK)
        *ret = made;
    return err;
}

enum err bill_subscription_addon_update(struct cx *cx,
                                        const struct subscription_addon_target *target,
                                        const struct subscription_addon_body *body,
                                        struct subscription_addon *ret)
{
    CHECK(cx != NULL && target != NULL && body != NULL && ret != NULL);
    struct subscription_addon changed;
    struct customer_id customer = { 0 };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subscription_addon_update(cx, tx, target, body, &changed);
    if (err == OK)
        err = settle_addon(cx, tx, &changed, &customer);
    err = finish(cx, &tx, err, &customer);
    if (err == OK)
        *ret = changed;
    return err;
}

enum err bill_subscription_withdraw(struct cx *cx, const struct pending_target *target)
{
    CHECK(cx != NULL && target != NULL);
    struct pending_withdrawal done;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = pending_withdraw(cx, tx, target, &done);
    if (err == OK)
        err = settle_restored(cx, tx, &done.subscription, &done.deleted);
    return finish(cx, &tx, err, &done.subscription.customer_id);
}
