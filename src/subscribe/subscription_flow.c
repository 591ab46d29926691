/* subscription_flow.c: ending, continuing, deleting and finding subscriptions; starting one is in
 * subscription_create.c, editing in subscription_edit_flow.c. */
#include "identity/audit.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"

enum err subscription_find(struct cx *cx, struct store_tx *tx, text id, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    ulid parsed;
    enum err err = ERR_ABSENT;
    struct subscription found;
    if (ulid_parse(id, &parsed) && !ulid_is_zero(parsed))
        err = subscription_rows_load(cx, tx, parsed, &found);
    if (err == OK && !instant_is_none(found.deleted_at))
        err = ERR_ABSENT;
    if (err == OK)
        err = customer_enter_id(cx, tx, found.customer_id);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_ABSENT,
                              "no subscription has the id %.*s", TEXT_ARG(id));
    if (err == OK)
        *ret = found;
    return err;
}

enum err subscription_load(struct cx *cx, struct store_tx *tx, text id, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    enum err err = subscription_find(cx, tx, id, ret);
    if (err == OK)
        subscription_cut(ret);
    return err;
}

enum err subscription_show(struct cx *cx, struct store_tx *tx, text id, struct subscription *ret)
{
    enum err err = subscription_load(cx, tx, id, ret);
    if (err == OK)
        subscription_view(ret, cx->now, cx->arena);
    return err;
}

enum err subscription_get(struct cx *cx, text id, struct subscription *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_show(cx, tx, id, ret);
    return err;
}

enum err subscription_list(struct cx *cx, const struct subscription_query *query, struct list *ret,
                           int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL);
    CHECK(ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_rows_page(cx, tx, query, ret, ret_total);
    for (size_t i = 0; err == OK && i < ret->count; i++) {
        struct subscription *one = (struct subscription *)ret->items + i;
        err = customer_enter_id(cx, tx, one->customer_id);
        if (err == OK)
            subscription_view(one, cx->now, cx->arena);
    }
    return err;
}

enum err subscription_customer_is_active(struct cx *cx, struct customer_id customer, bool *ret,
                                         ulid *ret_current)
{
    CHECK(cx != NULL && ret != NULL && ret_current != NULL);
    struct list list;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_enter_id(cx, tx, customer);
    if (err == OK)
        err = subscription_rows_of_customer(cx, tx, customer, &list);
    if (err != OK)
        return err;
    *ret = false;
    *ret_current = (ulid){ 0 };
    for (size_t i = 0; i < list.count; i++) {
        const struct subscription *one = (const struct subscription *)list.items + i;
        enum subscription_status status =
            subscription_status_at(one->active_from, one->active_to, cx->now);
        *ret = *ret || status != SUBSCRIPTION_INACTIVE;
        if (status == SUBSCRIPTION_ACTIVE || status == SUBSCRIPTION_CANCELED)
            *ret_current = one->id.ulid;
    }
    return OK;
}

enum err subscription_gather(struct cx *cx, struct store_tx *tx,
                             const struct subscription_target *target,
                             struct subscription_need need, struct subscription *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct subscription found;
    enum err err = subscription_find(cx, tx, target->id, &found);
    if (err != OK)
        return err;
    if (target->if_version != 0 && target->if_version != found.version)
        return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_VERSION,
                              "it has version %lld, not %lld", (long long)found.version,
                              (long long)target->if_version);
    enum subscription_status status =
        subscription_status_at(found.active_from, found.active_to, cx->now);
    if (status != need.status)
        return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_STATUS,
                              "transition %s in state %s not allowed", need.action,
                              subscription_status_words[status]);
    *ret = found;
    return OK;
}

enum err subscription_time(struct cx *cx, const struct subscription *stored, text timing,
                           enum timing_use use, instant *ret)
{
    CHECK(cx != NULL && stored != NULL && ret != NULL);
    struct timing_question question = { .use = use, .now = cx->now };
    const char *why = "";
    if (!timing_parse(timing, &question.timing))
        return subscription_refuse_at(
            cx, FAULT_SUBSCRIPTION_INVALID, TEXT("timing"),
            TEXT("timing must be immediate, next_billing_cycle or an RFC 3339 time"));
    struct subscription cut = spec_copy(stored, cx->arena);
    subscription_cut(&cut);
    enum fault fault = timing_resolve(&cut, &question, ret, &why);
    return fault == FAULT_NONE ? OK
                               : subscription_refuse_at(cx, fault, TEXT("timing"), text_of(why));
}

enum err subscription_cancel(struct cx *cx, struct store_tx *tx,
                             const struct subscription_target *target, text timing,
                             struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(target != NULL && ret != NULL);
    struct subscription found;
    instant at = INSTANT_NONE;
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "cancel" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = subscription_time(cx, &found, timing, TIMING_OF_CANCEL, &at);
    if (err == OK)
        err = subscription_rows_end(cx, tx, found.id, at);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.cancel"), found.id.ulid, TEXT_NONE);
    if (err == OK)
        err = subscription_show(cx, tx, target->id, ret);
    return err;
}

enum err subscription_continue(struct cx *cx, struct store_tx *tx,
                               const struct subscription_target *target, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(target != NULL && ret != NULL);
    struct subscription found;
    const struct subscription_need need = { SUBSCRIPTION_CANCELED, "continue" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = subscription_check_overlap(cx, tx, &found, INSTANT_NONE);
    if (err == OK)
        err = subscription_rows_end(cx, tx, found.id, INSTANT_NONE);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.continue"), found.id.ulid, TEXT_NONE);
    if (err == OK)
        err = subscription_show(cx, tx, target->id, ret);
    return err;
}

/* The one that was to end where `next` begins is not followed by it any more; its end stays. */
static enum err forget_next(struct cx *cx, struct store_tx *tx, const struct subscription *next)
{
    ulid previous;
    struct subscription found;
    text noted = text_map_get(&next->annotations, TEXT(SUBSCRIPTION_PREVIOUS));
    if (!ulid_parse(noted, &previous))
        return OK;
    enum err err = subscription_rows_load(cx, tx, previous, &found);
    if (err != OK)
        return err == ERR_ABSENT ? OK : err;
    if (!text_equal(text_map_get(&found.annotations, TEXT(SUBSCRIPTION_SUPERSEDING)),
                    ulid_text(cx->arena, next->id.ulid)))
        return OK;
    subscription_note(&found, TEXT(SUBSCRIPTION_SUPERSEDING), TEXT_NONE, cx->arena);
    err = subscription_rows_annotate(tx, &found);
    return err == OK ? subscription_rows_step(cx, tx, found.id) : err;
}

enum err subscription_delete(struct cx *cx, struct store_tx *tx,
                             const struct subscription_target *target, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(target != NULL && ret != NULL);
    struct subscription found;
    const struct subscription_need need = { SUBSCRIPTION_SCHEDULED, "delete" };
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = subscription_rows_delete(cx, tx, found.id);
    if (err == OK)
        err = forget_next(cx, tx, &found);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.delete"), found.id.ulid, TEXT_NONE);
    if (err != OK)
        return err;
    found.deleted_at = cx->now;
    subscription_view(&found, cx->now, cx->arena);
    *ret = found;
    return OK;
}
