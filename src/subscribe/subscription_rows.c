/* subscription_rows.c: subscriptions in the store. */
#include "subscribe/subscription_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

static enum err item_insert(struct store_tx *tx, struct store_arg owner,
                            const struct subscription_item *item)
{
    CHECK(!ulid_is_zero(item->id.ulid) && !ulid_is_zero(item->phase_id.ulid));
    struct store_call call = { .args = STORE_ARGS(owner),
                               .fields = &subscription_item_fields,
                               .record = item };
    return store_run(tx, SQL_SUBSCRIPTION_ITEM_INSERT, &call, NULL);
}

/* A phase with its items. */
static enum err phase_insert(struct store_tx *tx, struct store_arg owner,
                             const struct subscription_phase *phase)
{
    CHECK(!ulid_is_zero(phase->id.ulid));
    struct store_call call = { .args = STORE_ARGS(owner),
                               .fields = &subscription_phase_fields,
                               .record = phase };
    enum err err = store_run(tx, SQL_SUBSCRIPTION_PHASE_INSERT, &call, NULL);
    for (size_t i = 0; i < phase->items.count && err == OK; i++) {
        CHECK(ulid_equal(subscription_item_at(phase, i)->phase_id.ulid, phase->id.ulid));
        err = item_insert(tx, owner, subscription_item_at(phase, i));
    }
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
    for (size_t i = 0; i < subscription->phases.count && err == OK; i++)
        err = phase_insert(tx, owner, subscription_phase_at(subscription, i));
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
    for (size_t i = 0; i < items.count; i++) {
        rate_card_mirror(&all[i].rate_card, cx->arena);
        if (all[i].has_base_card)
            rate_card_mirror(&all[i].base_card, cx->arena);
    }
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

/* The next version of a key that was never used in its phase. */
static enum err item_number(struct cx *cx, struct store_tx *tx, struct subscription_item *item)
{
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("phase_id", item->phase_id.ulid, cx->arena),
                           store_text("key", item->key)),
    };
    return store_number(tx, SQL_SUBSCRIPTION_ITEM_VERSION_NEXT, &call, &item->version);
}

/* Times of a phase or item that is there. */
static enum err times_set(struct cx *cx, struct store_tx *tx, enum sql statement, ulid id,
                          const instant times[2])
{
    CHECK(!ulid_is_zero(id));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("id", id, cx->arena),
                           store_instant("active_from", times[0], cx->arena),
                           store_instant("active_to", times[1], cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    return store_run(tx, statement, &call, NULL);
}

static enum err mark_deleted(struct cx *cx, struct store_tx *tx, enum sql statement, ulid id)
{
    CHECK(!ulid_is_zero(id));
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", id, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    return store_run(tx, statement, &call, NULL);
}

static enum err diff_phases(struct cx *cx, struct store_tx *tx, struct store_arg owner,
                            const struct spec_diff *diff)
{
    enum err err = OK;
    for (size_t i = 0; i < diff->phases_removed.count && err == OK; i++) {
        const struct subscription_phase *phase =
            (const struct subscription_phase *)diff->phases_removed.items + i;
        err = mark_deleted(cx, tx, SQL_SUBSCRIPTION_PHASE_MARK_DELETED, phase->id.ulid);
        for (size_t k = 0; k < phase->items.count && err == OK; k++)
            err = mark_deleted(cx, tx, SQL_SUBSCRIPTION_ITEM_MARK_DELETED,
                               subscription_item_at(phase, k)->id.ulid);
    }
    for (size_t i = 0; i < diff->phases_changed.count && err == OK; i++) {
        const struct subscription_phase *phase =
            (const struct subscription_phase *)diff->phases_changed.items + i;
        const instant times[] = { phase->active_from, phase->active_to };
        err = times_set(cx, tx, SQL_SUBSCRIPTION_PHASE_SET_TIMES, phase->id.ulid, times);
    }
    for (size_t i = 0; i < diff->phases_added.count && err == OK; i++)
        err = phase_insert(tx, owner,
                           (const struct subscription_phase *)diff->phases_added.items + i);
    return err;
}

static enum err diff_items(struct cx *cx, struct store_tx *tx, struct store_arg owner,
                           const struct spec_diff *diff)
{
    enum err err = OK;
    struct subscription_item *added = diff->items_added.items;
    for (size_t i = 0; i < diff->items_removed.count && err == OK; i++) {
        const struct subscription_item *item =
            (const struct subscription_item *)diff->items_removed.items + i;
        err = mark_deleted(cx, tx, SQL_SUBSCRIPTION_ITEM_MARK_DELETED, item->id.ulid);
    }
    for (size_t i = 0; i < diff->items_changed.count && err == OK; i++) {
        const struct subscription_item *item =
            (const struct subscription_item *)diff->items_changed.items + i;
        const instant times[] = { item->active_from, item->active_to };
        err = times_set(cx, tx, SQL_SUBSCRIPTION_ITEM_SET_TIMES, item->id.ulid, times);
    }
    for (size_t i = 0; i < diff->items_added.count && err == OK; i++) {
        err = item_number(cx, tx, &added[i]);
        if (err == OK)
            err = item_insert(tx, owner, &added[i]);
    }
    return err;
}

enum err subscription_rows_apply(struct cx *cx, struct store_tx *tx, struct subscription_id id,
                                 const struct spec_diff *diff)
{
    CHECK(!ulid_is_zero(id.ulid) && diff != NULL);
    struct store_arg owner = store_ulid("subscription_id", id.ulid, cx->arena);
    enum err err = diff_phases(cx, tx, owner, diff);
    if (err == OK)
        err = diff_items(cx, tx, owner, diff);
    return err;
}

enum err subscription_rows_step(struct cx *cx, struct store_tx *tx, struct subscription_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_SUBSCRIPTION_STEP, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err subscription_rows_annotate(struct store_tx *tx, const struct subscription *subscription)
{
    CHECK(!ulid_is_zero(subscription->id.ulid));
    struct store_call call = { .fields = &subscription_fields, .record = subscription };
    return store_run(tx, SQL_SUBSCRIPTION_ANNOTATE, &call, NULL);
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

/* The statement that walks along an index, where there is one for what is asked; else the one for
 * everything. */
static enum sql page_statement(const struct subscription_query *query)
{
    bool is_plain = ulid_is_zero(query->customer_id.ulid) && text_is_empty(query->plan_id) &&
                    text_is_empty(query->plan_key) && query->ids.count == 0 &&
                    query->statuses.count == 0;
    if (!is_plain || query->sort != SUBSCRIPTION_SORT_ACTIVE_FROM)
        return SQL_SUBSCRIPTION_PAGE;
    return query->is_descending ? SQL_SUBSCRIPTION_PAGE_BY_START_BACK
                                : SQL_SUBSCRIPTION_PAGE_BY_START;
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
    enum sql statement = page_statement(query);
    enum err err = store_number(tx,
                                statement == SQL_SUBSCRIPTION_PAGE ? SQL_SUBSCRIPTION_COUNT
                                                                   : SQL_SUBSCRIPTION_COUNT_ALL,
                                &call, &total);
    if (err == OK)
        err = store_all(tx, statement, &call, STORE_AS(&subscription_fields, cx->arena), &list);
    for (size_t i = 0; err == OK && i < list.count; i++)
        err = phases_load(cx, tx, (struct subscription *)list.items + i);
    if (err != OK)
        return err;
    *ret = list;
    *ret_total = total;
    return OK;
}

enum err subscription_rows_set_pins(struct cx *cx, struct store_tx *tx,
                                    const struct subscription *subscription)
{
    CHECK(tx != NULL && subscription->cost_basis_pins.count > 0);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx)),
                               .fields = &subscription_fields,
                               .record = subscription };
    return store_run(tx, SQL_SUBSCRIPTION_SET_PINS, &call, NULL);
}

enum err subscription_rows_pins(struct cx *cx, struct store_tx *tx, struct subscription_id id,
                                struct list *ret)
{
    CHECK(tx != NULL && !ulid_is_zero(id.ulid));
    struct subscription found;
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    enum err err = store_one(tx, SQL_SUBSCRIPTION_PINS, &call,
                             STORE_AS(&subscription_fields, cx->arena), &found);
    if (err == OK)
        *ret = found.cost_basis_pins;
    return err;
}
