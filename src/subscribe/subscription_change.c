/* subscription_change.c: from one subscription to the next: change, migrate, restore. */
#include "identity/audit.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"
#include "subscribe/subscription_settings.h"

void subscription_note(struct subscription *subscription, text name, text value,
                       struct arena *arena)
{
    CHECK(subscription != NULL && arena != NULL);
    const struct text_map *old = &subscription->annotations;
    struct text_map noted = { ARENA_ARRAY(arena, struct text_pair, old->count + 1), 0 };
    for (size_t i = 0; i < old->count; i++) {
        if (!text_equal(old->items[i].key, name))
            noted.items[noted.count++] = old->items[i];
    }
    if (!text_is_empty(value))
        noted.items[noted.count++] = (struct text_pair){ name, value };
    subscription->annotations = noted;
}

/* Ends `found` where `beginning` begins, and stores what begins. */
static enum err supersede(struct cx *cx, struct store_tx *tx, struct subscription *found,
                          const struct subscription_beginning *beginning, struct subscription *ret)
{
    struct subscription next;
    enum err err = subscription_decide(cx, tx, beginning, &next);
    if (err != OK)
        return err;
    subscription_note(&next, TEXT(SUBSCRIPTION_PREVIOUS), ulid_text(cx->arena, found->id.ulid),
                      cx->arena);
    subscription_note(found, TEXT(SUBSCRIPTION_SUPERSEDING), ulid_text(cx->arena, next.id.ulid),
                      cx->arena);
    err = subscription_rows_end(cx, tx, found->id, beginning->start);
    if (err == OK)
        err = subscription_rows_annotate(tx, found);
    if (err == OK)
        err = subscription_check_overlap(cx, tx, &next, next.active_to);
    if (err == OK)
        err = subscription_store(cx, tx, beginning->customer, &next);
    if (err == OK)
        *ret = next;
    return err;
}

/* Both as they are now. */
static enum err pair_load(struct cx *cx, struct store_tx *tx, text current,
                          struct subscription_id next, struct subscription_pair *ret)
{
    enum err err = subscription_load(cx, tx, current, &ret->current);
    if (err == OK)
        err = subscription_load(cx, tx, ulid_text(cx->arena, next.ulid), &ret->next);
    if (err != OK)
        return err;
    subscription_view(&ret->current, cx->now, cx->arena);
    subscription_view(&ret->next, cx->now, cx->arena);
    return OK;
}

/* v3 names the customer once more. */
static bool is_customer(const struct subscription_body *body, const struct customer *customer)
{
    if (!body->has_customer)
        return true;
    if (!ulid_is_zero(body->customer.id.ulid))
        return ulid_equal(body->customer.id.ulid, customer->id.ulid);
    return text_equal(body->customer.key, customer->key);
}

enum err subscription_change(struct cx *cx, struct store_tx *tx,
                             const struct subscription_target *target,
                             const struct subscription_body *body, struct subscription_pair *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(body != NULL && ret != NULL);
    struct subscription found, next;
    struct customer customer;
    struct plan plan;
    struct subscription_beginning beginning = { body, &customer, &plan, INSTANT_NONE,
                                                INSTANT_NONE };
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "update" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = customer_need(cx, tx, ulid_text(cx->arena, found.customer_id.ulid), &customer);
    if (err == OK && !is_customer(body, &customer))
        err = subscription_refuse_at(cx, FAULT_SUBSCRIPTION_INVALID, TEXT("customer"),
                                     TEXT("the subscription is another customer's"));
    if (err == OK)
        err = subscription_plan_gather(cx, tx, body, &plan);
    if (err == OK)
        err = subscription_time(cx, &found, body->timing, TIMING_OF_CHANGE, &beginning.start);
    if (err != OK)
        return err;
    beginning.anchor = found.billing_anchor;
    err = supersede(cx, tx, &found, &beginning, &next);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.change"), found.id.ulid, TEXT_NONE);
    return err == OK ? pair_load(cx, tx, target->id, next.id, ret) : err;
}

/* The version of the subscription's plan to migrate to: published, not deleted, higher. */
static enum err version_gather(struct cx *cx, const struct subscription *found,
                               const struct subscription_migrate_body *body, struct plan *ret)
{
    if (ulid_is_zero(found->plan_id.ulid))
        return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_INVALID,
                              "a subscription without a plan cannot be migrated");
    enum err err = plan_find_version(cx, found->plan_key, body->target_version, ret);
    if (err != OK)
        return err;
    if (!instant_is_none(ret->deleted_at) ||
        (ret->status != PLAN_ACTIVE && ret->status != PLAN_ARCHIVED))
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS,
                              "version %lld of the plan is %s: it was never published",
                              (long long)ret->version, plan_status_words[ret->status]);
    if (ret->version <= found->plan_version)
        return subscription_refuse_at(
            cx, FAULT_SUBSCRIPTION_INVALID,
            subscription_member(body->dialect, "target_version", "targetVersion"),
            text_format(cx->arena,
                        "the subscription has version %lld of the plan, and version %lld "
                        "is no higher one",
                        (long long)found->plan_version, (long long)ret->version));
    return OK;
}

enum err subscription_migrate(struct cx *cx, struct store_tx *tx,
                              const struct subscription_target *target,
                              const struct subscription_migrate_body *body,
                              struct subscription_pair *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(body != NULL && ret != NULL);
    struct subscription found, next;
    struct customer customer;
    struct plan plan;
    struct subscription_body as_change = {
        .starting_phase = body->starting_phase,
        .billing_anchor = body->billing_anchor,
        .dialect = body->dialect,
        .settlement_mode = FIELD_ENUM_NONE,
    };
    struct subscription_beginning beginning = { &as_change, &customer, &plan, INSTANT_NONE,
                                                INSTANT_NONE };
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "update" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = version_gather(cx, &found, body, &plan);
    if (err == OK)
        err = customer_need(cx, tx, ulid_text(cx->arena, found.customer_id.ulid), &customer);
    if (err == OK)
        err = subscription_time(cx, &found, body->timing, TIMING_OF_CHANGE, &beginning.start);
    if (err != OK)
        return err;
    as_change.cost_basis_mode = (int)found.cost_basis_mode;
    as_change.name = text_equal(found.name, plan.name) ? TEXT_NONE : found.name;
    as_change.description = found.description;
    as_change.labels = found.labels;
    beginning.anchor = found.billing_anchor;
    err = supersede(cx, tx, &found, &beginning, &next);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.migrate"), found.id.ulid, TEXT_NONE);
    return err == OK ? pair_load(cx, tx, target->id, next.id, ret) : err;
}

/* ---- taking it back ------------------------------------------------------------------------ */

/* Deletes what has not begun: one of the customer's subscriptions, or all but `kept`. */
static enum err scheduled_delete(struct cx *cx, struct store_tx *tx,
                                 const struct subscription *kept, ulid only, struct list *ret)
{
    struct list list;
    enum err err = subscription_rows_of_customer(cx, tx, kept->customer_id, &list);
    if (err != OK)
        return err;
    struct subscription *gone = ARENA_ARRAY(cx->arena, struct subscription, list.count);
    size_t count = 0;
    for (size_t i = 0; err == OK && i < list.count; i++) {
        const struct subscription *one = (const struct subscription *)list.items + i;
        bool is_meant = ulid_is_zero(only) ? !ulid_equal(one->id.ulid, kept->id.ulid)
                                           : ulid_equal(one->id.ulid, only);
        if (!is_meant || !instant_before(cx->now, one->active_from))
            continue;
        err = subscription_rows_delete(cx, tx, one->id);
        gone[count] = *one;
        gone[count].deleted_at = cx->now;
        subscription_view(&gone[count], cx->now, cx->arena);
        count++;
    }
    *ret = (struct list){ gone, count };
    return err;
}

static enum err resume(struct cx *cx, struct store_tx *tx, struct subscription *found)
{
    subscription_note(found, TEXT(SUBSCRIPTION_SUPERSEDING), TEXT_NONE, cx->arena);
    enum err err = subscription_check_overlap(cx, tx, found, INSTANT_NONE);
    if (err == OK)
        err = subscription_rows_end(cx, tx, found->id, INSTANT_NONE);
    if (err == OK)
        err = subscription_rows_annotate(tx, found);
    return err;
}

enum err subscription_restore(struct cx *cx, struct store_tx *tx,
                              const struct subscription_target *target, struct subscription *ret,
                              struct list *ret_deleted)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(ret != NULL && ret_deleted != NULL);
    struct subscription found;
    struct subscription_settings settings;
    const struct subscription_need need = { SUBSCRIPTION_CANCELED, "restore" };
    enum err err = subscription_settings_load(cx, tx, &settings);
    if (err == OK && settings.is_multiple)
        err = problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_STATUS,
                             "restore is not allowed where a customer has several subscriptions");
    if (err == OK)
        err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = scheduled_delete(cx, tx, &found, (ulid){ 0 }, ret_deleted);
    if (err == OK)
        err = resume(cx, tx, &found);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.restore"), found.id.ulid, TEXT_NONE);
    if (err == OK)
        err = subscription_show(cx, tx, target->id, ret);
    return err;
}

enum err subscription_withdraw_change(struct cx *cx, struct store_tx *tx,
                                      const struct subscription_target *target,
                                      struct subscription *ret, struct list *ret_deleted)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(ret != NULL && ret_deleted != NULL);
    struct subscription found;
    ulid next = { { 0 } };
    const struct subscription_need need = { SUBSCRIPTION_CANCELED, "continue" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err != OK)
        return err;
    text noted = text_map_get(&found.annotations, TEXT(SUBSCRIPTION_SUPERSEDING));
    *ret_deleted = (struct list){ 0 };
    if (ulid_parse(noted, &next))
        err = scheduled_delete(cx, tx, &found, next, ret_deleted);
    if (err == OK)
        err = resume(cx, tx, &found);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.withdraw"), found.id.ulid, TEXT_NONE);
    if (err == OK)
        err = subscription_show(cx, tx, target->id, ret);
    return err;
}
