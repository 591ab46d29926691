/* subscription_overlap.c: subscriptions of one customer that would get in each other's way. */
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"
#include "subscribe/subscription_settings.h"

/* Whether the customer pays for it or is entitled by it. */
static bool item_counts(const struct subscription_item *item)
{
    return item->rate_card.has_entitlement || item->rate_card.terms.price.type != PRICE_FREE;
}

static bool items_collide(const struct subscription_item *a, const struct subscription_item *b)
{
    return text_equal(a->key, b->key) && item_counts(a) && item_counts(b) &&
           subscription_overlaps(a->active_from, a->active_to, b->active_from, b->active_to);
}

static bool phase_collides(const struct subscription_phase *phase,
                           const struct subscription_item *item)
{
    for (size_t i = 0; i < phase->items.count; i++)
        if (items_collide(subscription_item_at(phase, i), item))
            return true;
    return false;
}

bool subscription_items_collide(const struct subscription *a, const struct subscription *b,
                                text *ret_key)
{
    CHECK(a != NULL && b != NULL && ret_key != NULL);
    for (size_t i = 0; i < a->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(a, i);
        for (size_t k = 0; k < phase->items.count; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            for (size_t j = 0; j < b->phases.count; j++) {
                if (!phase_collides(subscription_phase_at(b, j), item))
                    continue;
                *ret_key = item->key;
                return true;
            }
        }
    }
    return false;
}

/* Several are allowed: refuses when a key would be priced or entitled by both at one time. */
static enum err check_items(struct cx *cx, struct store_tx *tx, const struct subscription *cut,
                            ulid other_id)
{
    struct subscription other;
    text key;
    enum err err = subscription_rows_load(cx, tx, other_id, &other);
    if (err != OK)
        return err;
    subscription_cut(&other);
    if (!subscription_items_collide(cut, &other, &key))
        return OK;
    cx->problem.conflicting_id = ulid_text(cx->arena, other_id);
    return subscription_refuse(cx, FAULT_SUBSCRIPTION_ITEM_TAKEN,
                               text_format(cx->arena, "%.*s", TEXT_ARG(key)));
}

enum err subscription_check_overlap(struct cx *cx, struct store_tx *tx,
                                    const struct subscription *subscription, instant active_to)
{
    CHECK(tx != NULL && subscription != NULL);
    struct list list;
    struct subscription_settings settings;
    struct subscription cut = spec_copy(subscription, cx->arena);
    cut.active_to = active_to;
    subscription_cut(&cut);
    enum err err = subscription_settings_load(cx, tx, &settings);
    if (err == OK)
        err = subscription_rows_of_customer(cx, tx, subscription->customer_id, &list);
    for (size_t i = 0; err == OK && i < list.count; i++) {
        const struct subscription *other = (const struct subscription *)list.items + i;
        if (ulid_equal(other->id.ulid, subscription->id.ulid))
            continue;
        if (!subscription_overlaps(other->active_from, other->active_to, subscription->active_from,
                                   active_to))
            continue;
        if (settings.is_multiple) {
            err = check_items(cx, tx, &cut, other->id.ulid);
            continue;
        }
        cx->problem.conflicting_id = ulid_text(cx->arena, other->id.ulid);
        return subscription_refuse(cx, FAULT_SUBSCRIPTION_OVERLAP, TEXT(""));
    }
    return err;
}
