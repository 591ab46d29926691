/* spec_compare.c: whether a spec is consistent, and what is different between two. */
#include "subscribe/spec.h"

static instant end_of(instant to)
{
    return instant_is_none(to) ? INSTANT_MAX : to;
}

/* ---- consistency --------------------------------------------------------------------------- */

static bool items_overlap(const struct subscription_item *a, const struct subscription_item *b)
{
    const struct period one = { a->active_from, end_of(a->active_to) };
    const struct period other = { b->active_from, end_of(b->active_to) };
    return text_equal(a->key, b->key) && !period_is_empty(period_meet(one, other));
}

static bool item_fits(const struct subscription_phase *phase, const struct subscription_item *item)
{
    return !instant_before(item->active_from, phase->active_from) &&
           !instant_before(end_of(item->active_to), item->active_from) &&
           !instant_before(end_of(phase->active_to), end_of(item->active_to));
}

static enum fault phase_check(const struct subscription_phase *phase, struct arena *arena,
                              text *ret_why)
{
    *ret_why = text_format(arena, "phase %.*s", TEXT_ARG(phase->key));
    if (phase->items.count == 0)
        return FAULT_SUBSCRIPTION_PHASE_EMPTY;
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        *ret_why = text_format(arena, "item %.*s of phase %.*s", TEXT_ARG(item->key),
                               TEXT_ARG(phase->key));
        if (!item_fits(phase, item))
            return FAULT_SUBSCRIPTION_ITEM_OVERLAP;
        for (size_t k = 0; k < i; k++)
            if (items_overlap(subscription_item_at(phase, k), item))
                return FAULT_SUBSCRIPTION_ITEM_OVERLAP;
    }
    return FAULT_NONE;
}

enum fault spec_check(const struct subscription *spec, struct arena *arena, text *ret_why)
{
    CHECK(spec != NULL && arena != NULL && ret_why != NULL);
    instant at = spec->active_from;
    for (size_t i = 0; i < spec->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(spec, i);
        *ret_why = text_format(arena, "phase %.*s", TEXT_ARG(phase->key));
        if (!instant_equal(phase->active_from, at) ||
            !instant_before(phase->active_from, end_of(phase->active_to)))
            return FAULT_SUBSCRIPTION_INVALID;
        enum fault fault = phase_check(phase, arena, ret_why);
        if (fault != FAULT_NONE)
            return fault;
        at = end_of(phase->active_to);
    }
    *ret_why = TEXT("the phases do not reach the end");
    return instant_equal(at, end_of(spec->active_to)) ? FAULT_NONE : FAULT_SUBSCRIPTION_INVALID;
}

/* ---- copies -------------------------------------------------------------------------------- */

static struct list list_copy(const struct list *list, size_t size, struct arena *arena)
{
    if (list->count == 0)
        return (struct list){ 0 };
    return (struct list){ arena_copy(arena, list->items, list->count * size), list->count };
}

struct subscription spec_copy(const struct subscription *spec, struct arena *arena)
{
    CHECK(spec != NULL && arena != NULL);
    struct subscription copy = *spec;
    copy.phases = list_copy(&spec->phases, sizeof(struct subscription_phase), arena);
    for (size_t i = 0; i < copy.phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(&copy, i);
        phase->items = list_copy(&phase->items, sizeof(struct subscription_item), arena);
    }
    return copy;
}

/* ---- differences --------------------------------------------------------------------------- */

/* Lists with room for all there can be. */
struct compare {
    struct arena *arena;
    size_t phase_room;
    size_t item_room;
    struct spec_diff diff;
};

static void item_note(struct compare *compare, struct list *list,
                      const struct subscription_item *item)
{
    if (list->items == NULL)
        list->items = ARENA_ARRAY(compare->arena, struct subscription_item, compare->item_room);
    CHECK(list->count < compare->item_room);
    ((struct subscription_item *)list->items)[list->count++] = *item;
}

static void phase_note(struct compare *compare, struct list *list,
                       const struct subscription_phase *phase)
{
    if (list->items == NULL)
        list->items = ARENA_ARRAY(compare->arena, struct subscription_phase, compare->phase_room);
    CHECK(list->count < compare->phase_room);
    ((struct subscription_phase *)list->items)[list->count++] = *phase;
}

static const struct subscription_phase *phase_with_id(const struct subscription *spec,
                                                      struct phase_id id)
{
    for (size_t i = 0; i < spec->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(spec, i);
        if (ulid_equal(phase->id.ulid, id.ulid))
            return phase;
    }
    return NULL;
}

static const struct subscription_item *item_with_id(const struct subscription_phase *phase,
                                                    struct item_id id)
{
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        if (ulid_equal(item->id.ulid, id.ulid))
            return item;
    }
    return NULL;
}

static void items_compare(struct compare *compare, const struct subscription_phase *from,
                          const struct subscription_phase *to)
{
    for (size_t i = 0; i < to->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(to, i);
        if (ulid_is_zero(item->id.ulid)) {
            item_note(compare, &compare->diff.items_added, item);
            continue;
        }
        const struct subscription_item *old = item_with_id(from, item->id);
        CHECK(old != NULL);
        if (!instant_equal(old->active_from, item->active_from) ||
            !instant_equal(old->active_to, item->active_to))
            item_note(compare, &compare->diff.items_changed, item);
    }
    for (size_t i = 0; i < from->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(from, i);
        if (item_with_id(to, item->id) == NULL)
            item_note(compare, &compare->diff.items_removed, item);
    }
}

static size_t item_count(const struct subscription *spec)
{
    size_t count = 0;
    for (size_t i = 0; i < spec->phases.count; i++)
        count += subscription_phase_at(spec, i)->items.count;
    return count;
}

struct spec_diff spec_compare(const struct subscription *from, const struct subscription *to,
                              struct arena *arena)
{
    CHECK(from != NULL && to != NULL && arena != NULL);
    struct compare compare = {
        .arena = arena,
        .phase_room = from->phases.count + to->phases.count,
        .item_room = item_count(from) + item_count(to),
    };
    for (size_t i = 0; i < to->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(to, i);
        if (ulid_is_zero(phase->id.ulid)) {
            phase_note(&compare, &compare.diff.phases_added, phase);
            continue;
        }
        const struct subscription_phase *old = phase_with_id(from, phase->id);
        CHECK(old != NULL);
        if (!instant_equal(old->active_from, phase->active_from) ||
            !instant_equal(old->active_to, phase->active_to))
            phase_note(&compare, &compare.diff.phases_changed, phase);
        items_compare(&compare, old, phase);
    }
    for (size_t i = 0; i < from->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(from, i);
        if (phase_with_id(to, phase->id) == NULL)
            phase_note(&compare, &compare.diff.phases_removed, phase);
    }
    return compare.diff;
}

bool spec_diff_is_empty(const struct spec_diff *diff)
{
    CHECK(diff != NULL);
    return diff->phases_added.count == 0 && diff->phases_changed.count == 0 &&
           diff->phases_removed.count == 0 && diff->items_added.count == 0 &&
           diff->items_changed.count == 0 && diff->items_removed.count == 0;
}
