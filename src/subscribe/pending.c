/* pending.c: the changes that have not taken effect. */
#include "subscribe/pending.h"

#include <stdlib.h>

const char *const pending_words[] = { "cancelation", "plan", "edit", "addon", NULL };

_Static_assert(COUNT_OF(pending_words) == PENDING_COUNT + 1, "one word per kind");

static const struct field pending_rows[] = {
    FIELD(struct pending_change, id, TEXT, .flags = FIELD_REQUIRED,
          .about = "What to withdraw it by."),
    FIELD_WORD(struct pending_change, kind, pending_words, .flags = FIELD_REQUIRED),
    FIELD(struct pending_change, at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct pending_change, item_keys, TEXT_LIST,
          .about = "Of an edit: the items that begin or end then."),
    FIELD_ID_AS(struct pending_change, next_id, "next_subscription_id",
                .about = "Of a change of plan: the subscription that follows."),
    FIELD_ID_AS(struct pending_change, addon_id, "subscription_addon_id"),
    FIELD(struct pending_change, quantity, INT, .items_min = 1, .items_max = INT64_MAX,
          .about = "Of an add-on; absent when it is given up."),
};
const struct fields pending_change_fields =
    FIELDS("SubscriptionPendingChange", struct pending_change, pending_rows);

struct pending_work {
    const struct subscription *subscription;
    instant now;
    struct arena *arena;
    struct pending_change *items;
    size_t count;
    size_t room;
};

static struct pending_change *add(struct pending_work *work, enum pending_kind kind, instant at)
{
    if (work->count == work->room) {
        size_t room = work->room ? work->room * 2 : 8;
        struct pending_change *items = ARENA_ARRAY(work->arena, struct pending_change, room);
        for (size_t i = 0; i < work->count; i++)
            items[i] = work->items[i];
        work->items = items;
        work->room = room;
    }
    work->items[work->count] =
        (struct pending_change){ .id = text_of(pending_words[kind]), .kind = kind, .at = at };
    return &work->items[work->count++];
}

static void end_add(struct pending_work *work)
{
    const struct subscription *subscription = work->subscription;
    ulid next = { { 0 } };
    text noted = text_map_get(&subscription->annotations, TEXT(SUBSCRIPTION_SUPERSEDING));
    if (instant_is_none(subscription->active_to) ||
        !instant_before(work->now, subscription->active_to))
        return;
    bool has_next = ulid_parse(noted, &next);
    struct pending_change *change =
        add(work, has_next ? PENDING_PLAN : PENDING_CANCELATION, subscription->active_to);
    change->next_id = (struct subscription_id){ next };
}

/* The edit at an instant, made when there is none yet. */
static struct pending_change *edit_at(struct pending_work *work, instant at)
{
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].kind == PENDING_EDIT && instant_equal(work->items[i].at, at))
            return &work->items[i];
    return add(work, PENDING_EDIT, at);
}

static void key_add(struct pending_work *work, instant at, text key, size_t room)
{
    struct pending_change *edit = edit_at(work, at);
    if (text_list_holds(&edit->item_keys, key))
        return;
    if (edit->item_keys.items == NULL)
        edit->item_keys.items = ARENA_ARRAY(work->arena, text, room);
    edit->item_keys.items[edit->item_keys.count++] = key;
}

static ulid root_of(const struct subscription_item *item)
{
    return ulid_is_zero(item->base_id.ulid) ? item->id.ulid : item->base_id.ulid;
}

/* Whether add-ons cut the item there: it goes on in another piece. */
static bool is_cut_at(const struct subscription_phase *phase, const struct subscription_item *item,
                      instant at)
{
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *other = subscription_item_at(phase, i);
        bool adjoins = instant_equal(other->active_from, at) || instant_equal(other->active_to, at);
        if (other != item && adjoins && ulid_equal(root_of(other), root_of(item)))
            return true;
    }
    return false;
}

/* What of an item is an edit: not what add-ons cut or bring. */
static void edits_add(struct pending_work *work)
{
    size_t index = subscription_phase_index_at(work->subscription, work->now);
    if (index == work->subscription->phases.count)
        return;
    const struct subscription_phase *phase = subscription_phase_at(work->subscription, index);
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        struct period life = subscription_span(item->active_from, item->active_to);
        struct period whole = subscription_span(phase->active_from, phase->active_to);
        if (!ulid_is_zero(item->addon_id.ulid))
            continue;
        if (instant_before(work->now, life.from) && !is_cut_at(phase, item, life.from))
            key_add(work, life.from, item->key, phase->items.count);
        if (instant_before(work->now, life.to) && instant_before(life.to, whole.to) &&
            !is_cut_at(phase, item, life.to))
            key_add(work, life.to, item->key, phase->items.count);
    }
}

static void addons_add(struct pending_work *work, const struct list *addons)
{
    for (size_t i = 0; i < addons->count; i++) {
        const struct subscription_addon *addon = (const struct subscription_addon *)addons->items +
                                                 i;
        for (size_t k = 0; k < addon->timeline.count; k++) {
            const struct addon_segment *segment =
                (const struct addon_segment *)addon->timeline.items + k;
            if (!instant_before(work->now, segment->active_from))
                continue;
            struct pending_change *change = add(work, PENDING_ADDON, segment->active_from);
            change->id = ulid_text(work->arena, addon->id.ulid);
            change->addon_id = addon->id;
            change->quantity = segment->quantity;
        }
    }
}

static int change_order(const void *left, const void *right)
{
    const struct pending_change *a = left;
    const struct pending_change *b = right;
    return (a->at.ns > b->at.ns) - (a->at.ns < b->at.ns);
}

struct list pending_changes(const struct subscription *subscription, const struct list *addons,
                            instant now, struct arena *arena)
{
    CHECK(subscription != NULL && addons != NULL && arena != NULL);
    struct pending_work work = { .subscription = subscription, .now = now, .arena = arena };
    end_add(&work);
    edits_add(&work);
    addons_add(&work, addons);
    if (work.count > 1)
        qsort(work.items, work.count, sizeof *work.items, change_order);
    return (struct list){ work.items, work.count };
}
