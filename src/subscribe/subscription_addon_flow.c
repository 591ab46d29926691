/* subscription_addon_flow.c: buying add-ons, and how many: gather, decide, apply. */
#include "identity/audit.h"
#include "subscribe/subscription_addon_rows.h"
#include "subscribe/subscription_inside.h"

/* What a purchase is decided from. */
struct addon_material {
    struct subscription subscription; /* as it is stored */
    struct list bought;               /* of struct subscription_addon: those there are */
    bool has_plan;
    struct plan plan;
};

static enum err invalid(struct cx *cx, const char *field, const char *why)
{
    return subscription_refuse_at(cx, FAULT_SUBSCRIPTION_ADDON_INVALID, text_of(field),
                                  text_of(why));
}

static struct subscription_addon *bought_at(const struct list *bought, size_t i)
{
    CHECK(i < bought->count);
    return (struct subscription_addon *)bought->items + i;
}

bool subscription_addons_are_had(const struct list *addons, instant now)
{
    CHECK(addons != NULL);
    for (size_t i = 0; i < addons->count; i++) {
        const struct list *timeline = &bought_at(addons, i)->timeline;
        for (size_t k = 0; k < timeline->count; k++) {
            const struct addon_segment *segment = (const struct addon_segment *)timeline->items + k;
            bool is_over = !instant_is_none(segment->active_to) &&
                           !instant_before(now, segment->active_to);
            if (segment->quantity > 0 && !is_over)
                return true;
        }
    }
    return false;
}

/* ---- gather -------------------------------------------------------------------------------- */

static enum err material_gather(struct cx *cx, struct store_tx *tx,
                                const struct subscription_target *target,
                                struct addon_material *ret)
{
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "change_addons" };
    enum err err = subscription_gather(cx, tx, target, need, &ret->subscription);
    if (err == OK)
        err = subscription_addons_load(cx, tx, ret->subscription.id, &ret->bought);
    if (err != OK)
        return err;
    ret->has_plan = !ulid_is_zero(ret->subscription.plan_id.ulid);
    return ret->has_plan ? plan_get(cx, ret->subscription.plan_id, &ret->plan) : OK;
}

/* How the plan has the add-on. */
static enum err link_gather(struct cx *cx, const struct addon_material *material,
                            struct addon_id addon, struct plan_addon *ret)
{
    text id = ulid_text(cx->arena, addon.ulid);
    const struct plan_addon_query query = {
        .plan_id = material->subscription.plan_id,
        .ids = { &id, 1 },
        .page = { 1, 1 },
    };
    struct list links = { 0 };
    int64_t total = 0;
    enum err err = OK;
    *ret = (struct plan_addon){ 0 };
    if (material->has_plan)
        err = plan_addon_list(cx, &query, &links, &total);
    if (err == OK && links.count == 0)
        return invalid(cx, "addon", "the plan of the subscription does not have this add-on");
    if (err == OK)
        *ret = *(const struct plan_addon *)links.items;
    return err;
}

/* The first phase of the subscription that is not before the plan's phase with this key; the count
 * of its phases when all are. */
static size_t first_phase(const struct addon_material *material, text key)
{
    const struct subscription *subscription = &material->subscription;
    size_t from = 0;
    size_t seen = 0;
    while (from < material->plan.phases.count &&
           !text_equal(plan_phase_at(&material->plan, from)->key, key))
        from++;
    for (size_t i = 0; i < subscription->phases.count; i++) {
        text own = subscription_phase_at(subscription, i)->key;
        for (size_t p = 0; p < material->plan.phases.count; p++)
            if (text_equal(plan_phase_at(&material->plan, p)->key, own))
                seen = p;
        if (seen >= from)
            return i;
    }
    return subscription->phases.count;
}

/* ---- decide -------------------------------------------------------------------------------- */

static enum err quantity_check(struct cx *cx, const struct plan_addon *link,
                               const struct addon *addon, int64_t quantity)
{
    if (addon->instance_type == (int)ADDON_SINGLE && quantity > 1)
        return invalid(cx, "quantity", "the add-on can be had once only");
    if (link->max_quantity > 0 && quantity > link->max_quantity)
        return subscription_refuse_at(cx, FAULT_SUBSCRIPTION_ADDON_INVALID, TEXT("quantity"),
                                      text_format(cx->arena,
                                                  "the plan allows %lld of the add-on at most",
                                                  (long long)link->max_quantity));
    return OK;
}

/* The add-on, when it can be bought at a time. */
static enum err addon_check(struct cx *cx, const struct addon_material *material,
                            const struct plan_addon *link, const struct addon *addon, instant at)
{
    if (!instant_is_none(addon->deleted_at) || addon->status != PLAN_ACTIVE)
        return invalid(cx, "addon", "the add-on is not active");
    if (!text_equal(addon->currency, material->subscription.invoice_currency))
        return invalid(cx, "addon", "the add-on is in another currency");
    size_t index = subscription_phase_index_at(&material->subscription, at);
    if (index < first_phase(material, link->from_plan_phase))
        return subscription_refuse_at(
            cx, FAULT_SUBSCRIPTION_ADDON_INVALID, TEXT("timing"),
            text_format(cx->arena, "the add-on can be had from the phase %.*s on only",
                        TEXT_ARG(link->from_plan_phase)));
    return OK;
}

/* ---- apply --------------------------------------------------------------------------------- */

/* The subscription with the purchases as they are in the material, and stores it. */
static enum err items_apply(struct cx *cx, struct store_tx *tx,
                            const struct addon_material *material)
{
    size_t count = material->bought.count;
    struct addon_bought *bought = ARENA_ARRAY(cx->arena, struct addon_bought, count);
    for (size_t i = 0; i < count; i++) {
        const struct subscription_addon *one = bought_at(&material->bought, i);
        struct addon addon;
        struct plan_addon link;
        enum err err = addon_get(cx, one->addon_id, &addon);
        if (err == OK)
            err = link_gather(cx, material, one->addon_id, &link);
        if (err != OK)
            return err;
        bought[i] = (struct addon_bought){ one->addon_id, one->timeline, addon.rate_cards,
                                           first_phase(material, link.from_plan_phase) };
    }
    const struct list all = { bought, count };
    struct subscription with;
    enum fault fault = spec_with_addons(&material->subscription, &all, cx->arena, &with);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "with so many of the add-on");
    enum err err = subscription_check_overlap(cx, tx, &with, with.active_to);
    if (err == OK)
        err = subscription_save(cx, tx, &material->subscription, &with);
    return err;
}

/* ---- views --------------------------------------------------------------------------------- */

static struct text_list items_with_key(const struct subscription *subscription,
                                       const struct subscription_addon *addon, text key,
                                       struct arena *arena)
{
    struct text_list ids = { 0 };
    size_t room = 0;
    for (size_t i = 0; i < subscription->phases.count; i++)
        room += subscription_phase_at(subscription, i)->items.count;
    ids.items = ARENA_ARRAY(arena, text, room);
    for (size_t i = 0; i < subscription->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        for (size_t k = 0; k < phase->items.count; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            bool is_of_addon = item->has_base_card ||
                               ulid_equal(item->addon_id.ulid, addon->addon_id.ulid);
            if (text_equal(item->key, key) && is_of_addon)
                ids.items[ids.count++] = ulid_text(arena, item->id.ulid);
        }
    }
    return ids;
}

static enum err addon_view(struct cx *cx, const struct subscription *subscription,
                           struct subscription_addon *addon)
{
    struct addon of;
    enum err err = addon_get(cx, addon->addon_id, &of);
    if (err != OK)
        return err;
    CHECK(addon->timeline.count > 0);
    const struct addon_segment *segments = addon->timeline.items;
    const struct addon_segment *last = &segments[addon->timeline.count - 1];
    struct addon_card *cards = ARENA_ARRAY(cx->arena, struct addon_card, of.rate_cards.count);
    addon->addon = (struct addon_brief){ of.id, of.key, of.version, of.instance_type };
    addon->quantity_at = cx->now;
    addon->quantity = addon_quantity_at(&addon->timeline, cx->now);
    addon->active_from = segments[0].active_from;
    addon->active_to = last->quantity == 0 ? last->active_from : last->active_to;
    for (size_t i = 0; i < of.rate_cards.count; i++) {
        cards[i].rate_card = ((const struct rate_card *)of.rate_cards.items)[i];
        rate_card_mirror(&cards[i].rate_card, cx->arena);
        cards[i].item_ids = items_with_key(subscription, addon, cards[i].rate_card.key, cx->arena);
    }
    addon->rate_cards = (struct list){ cards, of.rate_cards.count };
    return OK;
}

static enum err addon_finish(struct cx *cx, struct store_tx *tx, text subscription,
                             struct subscription_addon *addon)
{
    struct subscription now;
    enum err err = subscription_load(cx, tx, subscription, &now);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.addon"), now.id.ulid, TEXT_NONE);
    return err == OK ? addon_view(cx, &now, addon) : err;
}

/* ---- commands ------------------------------------------------------------------------------ */

static bool is_bought(const struct list *bought, struct addon_id addon)
{
    for (size_t i = 0; i < bought->count; i++)
        if (ulid_equal(bought_at(bought, i)->addon_id.ulid, addon.ulid))
            return true;
    return false;
}

static enum err create_decide(struct cx *cx, const struct addon_material *material,
                              const struct subscription_addon_body *body,
                              struct subscription_addon *ret)
{
    struct addon addon;
    struct plan_addon link;
    instant at;
    enum err err = addon_get(cx, body->addon.id, &addon);
    if (err == OK && is_bought(&material->bought, addon.id))
        err = problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_ADDON_TAKEN, "%s", "");
    if (err == OK)
        err = link_gather(cx, material, addon.id, &link);
    if (err == OK)
        err = quantity_check(cx, &link, &addon, body->quantity);
    if (err == OK)
        err = subscription_time(cx, &material->subscription, body->timing, TIMING_OF_ADDON, &at);
    if (err == OK)
        err = addon_check(cx, material, &link, &addon, at);
    if (err != OK)
        return err;
    *ret = (struct subscription_addon){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .subscription_id = material->subscription.id,
        .addon_id = addon.id,
        .name = text_is_empty(body->name) ? addon.name : body->name,
        .description = body->description,
        .labels = body->labels,
        .timeline = addon_timeline_set(&(struct list){ 0 }, at, body->quantity, cx->arena),
        .created_at = cx->now,
        .updated_at = cx->now,
    };
    return OK;
}

enum err subscription_addon_create(struct cx *cx, struct store_tx *tx,
                                   const struct subscription_target *target,
                                   const struct subscription_addon_body *body,
                                   struct subscription_addon *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(body != NULL && ret != NULL);
    struct addon_material material = { 0 };
    struct subscription_addon made;
    enum err err = material_gather(cx, tx, target, &material);
    if (err == OK)
        err = create_decide(cx, &material, body, &made);
    if (err != OK)
        return err;
    size_t count = material.bought.count;
    struct subscription_addon *all = ARENA_ARRAY(cx->arena, struct subscription_addon, count + 1);
    for (size_t i = 0; i < count; i++)
        all[i] = *bought_at(&material.bought, i);
    all[count] = made;
    material.bought = (struct list){ all, count + 1 };
    err = subscription_addon_rows_insert(tx, &made);
    if (err == OK)
        err = items_apply(cx, tx, &material);
    if (err == OK)
        err = addon_finish(cx, tx, target->id, &made);
    if (err == OK)
        *ret = made;
    return err;
}

/* The purchase in the material. */
static enum err bought_find(struct cx *cx, const struct list *bought, text id,
                            struct subscription_addon **ret)
{
    ulid parsed = { { 0 } };
    bool is_id = ulid_parse(id, &parsed);
    for (size_t i = 0; is_id && i < bought->count; i++) {
        struct subscription_addon *one = bought_at(bought, i);
        if (!ulid_equal(one->id.ulid, parsed) && !ulid_equal(one->addon_id.ulid, parsed))
            continue;
        *ret = one;
        return OK;
    }
    return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_ADDON_ABSENT, "%.*s", TEXT_ARG(id));
}

static enum err quantity_set(struct cx *cx, const struct addon_material *material,
                             const struct subscription_addon_body *body,
                             struct subscription_addon *one)
{
    struct addon addon;
    struct plan_addon link;
    instant at;
    enum err err = addon_get(cx, one->addon_id, &addon);
    if (err == OK)
        err = link_gather(cx, material, one->addon_id, &link);
    if (err == OK)
        err = quantity_check(cx, &link, &addon, body->quantity);
    if (err == OK)
        err = subscription_time(cx, &material->subscription, body->timing, TIMING_OF_ADDON, &at);
    if (err == OK)
        one->timeline = addon_timeline_set(&one->timeline, at, body->quantity, cx->arena);
    return err;
}

static enum err update_store(struct cx *cx, struct store_tx *tx,
                             const struct addon_material *material, text subscription,
                             struct subscription_addon *one)
{
    one->updated_at = cx->now;
    enum err err = subscription_addon_rows_update(tx, one);
    if (err == OK)
        err = items_apply(cx, tx, material);
    return err == OK ? addon_finish(cx, tx, subscription, one) : err;
}

enum err subscription_addon_update(struct cx *cx, struct store_tx *tx,
                                   const struct subscription_addon_target *target,
                                   const struct subscription_addon_body *body,
                                   struct subscription_addon *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL);
    CHECK(body != NULL && ret != NULL);
    struct addon_material material = { 0 };
    struct subscription_addon *one = NULL;
    enum err err = material_gather(cx, tx, &target->subscription, &material);
    if (err == OK)
        err = bought_find(cx, &material.bought, target->id, &one);
    if (err == OK && body->quantity >= 0)
        err = quantity_set(cx, &material, body, one);
    if (err != OK)
        return err;
    if (!text_is_empty(body->name))
        one->name = body->name;
    if (!text_is_empty(body->description))
        one->description = body->description;
    if (body->labels.count > 0)
        one->labels = body->labels;
    err = update_store(cx, tx, &material, target->subscription.id, one);
    if (err == OK)
        *ret = *one;
    return err;
}

enum err subscription_addon_withdraw(struct cx *cx, struct store_tx *tx,
                                     const struct subscription_addon_target *target,
                                     struct subscription_addon *ret)
{
    CHECK(cx != NULL && tx != NULL && target != NULL && ret != NULL);
    struct addon_material material = { 0 };
    struct subscription_addon *one = NULL;
    enum err err = material_gather(cx, tx, &target->subscription, &material);
    if (err == OK)
        err = bought_find(cx, &material.bought, target->id, &one);
    if (err != OK)
        return err;
    instant now = instant_floor(cx->now, NS_PER_SECOND);
    one->timeline =
        addon_timeline_set(&one->timeline, now, addon_quantity_at(&one->timeline, now), cx->arena);
    err = update_store(cx, tx, &material, target->subscription.id, one);
    if (err == OK)
        *ret = *one;
    return err;
}

/* ---- questions ----------------------------------------------------------------------------- */

enum err subscription_addon_list(struct cx *cx, text subscription, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct subscription found;
    struct list bought;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_load(cx, tx, subscription, &found);
    if (err == OK)
        err = subscription_addons_load(cx, tx, found.id, &bought);
    for (size_t i = 0; err == OK && i < bought.count; i++)
        err = addon_view(cx, &found, bought_at(&bought, i));
    if (err == OK)
        *ret = bought;
    return err;
}

enum err subscription_addon_get(struct cx *cx, const struct subscription_addon_target *target,
                                struct subscription_addon *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct list bought;
    struct subscription_addon *one = NULL;
    enum err err = subscription_addon_list(cx, target->subscription.id, &bought);
    if (err == OK)
        err = bought_find(cx, &bought, target->id, &one);
    if (err != OK)
        return err;
    CHECK(one != NULL);
    *ret = *one;
    return OK;
}
