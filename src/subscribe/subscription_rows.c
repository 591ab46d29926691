/* subscription_rows.c: subscriptions in the store. */
#include "subscribe/subscription_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

static enum err items_insert(struct cx *cx, struct store_tx *tx, struct store_arg owner,
                             const struct subscription_phase *phase)
{
    enum err err = OK;
    for (size_t i = 0; i < phase->items.count && err == OK; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        CHECK(ulid_equal(item->phase_id.ulid, phase->id.ulid));
        struct store_call call = { .args = STORE_ARGS(owner),
                                   .fields = &subscription_item_fields,
                                   .record = item };
        err = store_run(tx, SQL_SUBSCRIPTION_ITEM_INSERT, &call, NULL);
    }
    (void)cx;
    return err;
}

enum err subscription_rows_insert(struct cx *cx, struct store_tx *tx,
                                  const struct subscription *subscription)
{
    CHECK(ulid_equal(subscription->org_id.ulid, cx->org.ulid));
    CHECK(subscription->phases.count > 0);
    struct store_arg owner = store_ulid("subscription_id", subscription->id.ulid, cx->arena);
    struct store_call call = { .fields = &subscription_fields, .record = subscription };
    enum err err = store_run(tx, SQL_SUBSCRIPTION_INSERT, &call, NULL);
    for (size_t i = 0; i < subscription->phases.count && err == OK; i++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        struct store_call phase_call = { .args = STORE_ARGS(owner),
                                         .fields = &subscription_phase_fields,
                                         .record = phase };
        err = store_run(tx, SQL_SUBSCRIPTION_PHASE_INSERT, &phase_call, NULL);
        if (err == OK)
            err = items_insert(cx, tx, owner, phase);
    }
    return err;
}

/* Hands the items, which are ordered by phase, to their phases. */
static void items_share(struct subscription *subscription, const struct list *items)
{
    struct subscription_item *all = items->items;
    size_t shared = 0;
    for (size_t i = 0; i < subscription->phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(subscription, i);
        size_t from = 0;
        while (from < items->count && !ulid_equal(all[from].phase_id.ulid, phase->id.ulid))
            from++;
        size_t to = from;
        while (to < items->count && ulid_equal(all[to].phase_id.ulid, phase->id.ulid))
            to++;
        phase->items = (struct list){ all + from, to - from };
        shared += to - from;
    }
    CHECK(shared == items->count);
}

static enum err phases_load(struct cx *cx, struct store_tx *tx, struct subscription *subscription)
{
    struct list items;
    struct store_call call = { .args = STORE_ARGS(store_ulid("subscription_id",
                                                             subscription->id.ulid, cx->arena)) };
    enum err err = store_all(tx, SQL_SUBSCRIPTION_PHASES, &call,
                             STORE_AS(&subscription_phase_fields, cx->arena),
                             &subscription->phases);
    if (err == OK)
        err = store_all(tx, SQL_SUBSCRIPTION_ITEMS, &call,
                        STORE_AS(&subscription_item_fields, cx->arena), &items);
    if (err != OK)
        return err;
    struct subscription_item *all = items.items;
    for (size_t i = 0; i < items.count; i++)
        rate_card_mirror(&all[i].rate_card, cx->arena);
    items_share(subscription, &items);
    return OK;
}

enum err subscription_rows_load(struct cx *cx, struct store_tx *tx, ulid id,
                                struct subscription *ret)
{
    CHECK(!ulid_is_zero(id));
    struct subscription subscription;
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id, cx->arena)) };
    enum err err = store_one(tx, SQL_SUBSCRIPTION_BY_ID, &call,
                             STORE_AS(&subscription_fields, cx->arena), &subscription);
    if (err == OK)
        err = phases_load(cx, tx, &subscription);
    if (err == OK)
        *ret = subscription;
    return err;
}

enum err subscription_rows_end(struct cx *cx, struct store_tx *tx, struct subscription_id id,
                               instant active_to)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                           store_instant("active_to", active_to, cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_SUBSCRIPTION_SET_END, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err subscription_rows_delete(struct cx *cx, struct store_tx *tx, struct subscription_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_SUBSCRIPTION_MARK_DELETED, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err subscription_rows_of_customer(struct cx *cx, struct store_tx *tx,
                                       struct customer_id customer, struct list *ret)
{
    CHECK(!ulid_is_zero(customer.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena))
    };
    return store_all(tx, SQL_SUBSCRIPTION_OF_CUSTOMER, &call,
                     STORE_AS(&subscription_fields, cx->arena), ret);
}

/* The wanted ids in one text; TEXT_NONE when any will do. */
static text ids_join(struct arena *arena, const struct text_list *ids)
{
    struct buffer joined = { .arena = arena };
    if (ids->count == 0)
        return TEXT_NONE;
    for (size_t i = 0; i < ids->count; i++) {
        buffer_add(&joined, ids->items[i]);
        buffer_add_char(&joined, ',');
    }
    return buffer_text(&joined);
}

static struct store_arg status_arg(const struct subscription_query *query,
                                   enum subscription_status status)
{
    const char *word = subscription_status_words[status];
    return store_int(word, text_list_holds(&query->statuses, text_of(word)) ? 1 : 0);
}

static text text_or_none(text t)
{
    return text_is_empty(t) ? TEXT_NONE : t;
}

enum err subscription_rows_page(struct cx *cx, struct store_tx *tx,
                                const struct subscription_query *query, struct list *ret,
                                int64_t *ret_total)
{
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    struct list list;
    int64_t total;
    struct store_call call = {
        .args = STORE_ARGS(
            org_arg(cx), store_ulid("customer_id", query->customer_id.ulid, cx->arena),
            store_text("plan_id", text_or_none(query->plan_id)),
            store_text("plan_key", text_or_none(query->plan_key)),
            store_text("ids", ids_join(cx->arena, &query->ids)),
            store_int("all_statuses", query->statuses.count == 0 ? 1 : 0),
            status_arg(query, SUBSCRIPTION_ACTIVE), status_arg(query, SUBSCRIPTION_INACTIVE),
            status_arg(query, SUBSCRIPTION_CANCELED), status_arg(query, SUBSCRIPTION_SCHEDULED),
            store_instant("now", cx_server_now(cx), cx->arena),
            store_text("sort", text_of(subscription_sort_words[query->sort])),
            store_int("descending", query->is_descending ? 1 : 0),
            store_int("limit", query->page.size), store_int("offset", page_offset(query->page))),
    };
    enum err err = store_number(tx, SQL_SUBSCRIPTION_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, SQL_SUBSCRIPTION_PAGE, &call, STORE_AS(&subscription_fields, cx->arena),
                        &list);
    for (size_t i = 0; err == OK && i < list.count; i++)
        err = phases_load(cx, tx, (struct subscription *)list.items + i);
    if (err != OK)
        return err;
    *ret = list;
    *ret_total = total;
    return OK;
}
