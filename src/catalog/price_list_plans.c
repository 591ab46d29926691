/* price_list_plans.c: the step for plans: a changed entry gets a new version, with its add-ons,
 * that is published as the list says. */
#include "catalog/price_list_inside.h"

#include <stdlib.h>

/* The entries of one key, in the list or in the catalog. */
struct entries {
    const struct listed_plan *draft;  /* NULL: none */
    const struct listed_plan *active; /* what is to hold now; NULL: none */
    const struct listed_plan **scheduled;
    size_t scheduled_count;
};

/* A run of items of one key. */
struct run {
    const struct listed_plan **items;
    size_t count;
};

/* Of two entries whose time has come, the later one holds. */
static bool holds_over(const struct listed_plan *plan, const struct listed_plan *other)
{
    if (!other || instant_is_none(other->effective_from))
        return true;
    return !instant_is_none(plan->effective_from) &&
           instant_before(other->effective_from, plan->effective_from);
}

static struct entries entries_of(const struct applying *a, const struct run *run)
{
    struct entries entries = {
        .scheduled = ARENA_ARRAY(a->cx->arena, const struct listed_plan *, run->count),
    };

    for (size_t i = 0; i < run->count; i++) {
        const struct listed_plan *plan = run->items[i];

        if (plan->status == LISTED_DRAFT)
            entries.draft = plan;
        else if (listed_plan_is_over(plan, a->cx->now))
            continue;
        else if (!instant_is_none(listed_plan_begins(plan, a->cx->now)))
            entries.scheduled[entries.scheduled_count++] = plan;
        else if (holds_over(plan, entries.active))
            entries.active = plan;
    }
    return entries;
}

/* ---- runs ---------------------------------------------------------------------------------- */

static int key_order(const void *left, const void *right)
{
    const struct listed_plan *const *a = left;
    const struct listed_plan *const *b = right;
    int order = text_compare((*a)->plan.key, (*b)->plan.key);

    return order != 0 ? order : (*a > *b) - (*a < *b);
}

/* All entries by key. */
static struct run by_key(const struct price_list *list, struct arena *arena)
{
    size_t count = list->sections[SECTION_PLANS].count;
    struct run all = { ARENA_ARRAY(arena, const struct listed_plan *, count), count };

    for (size_t i = 0; i < count; i++)
        all.items[i] = price_list_at(list, SECTION_PLANS, i);
    qsort(all.items, count, sizeof *all.items, key_order);
    return all;
}

static struct run run_at(const struct run *all, size_t from)
{
    struct run run = { all->items + from, 0 };

    while (from + run.count < all->count &&
           text_equal(run.items[run.count]->plan.key, run.items[0]->plan.key))
        run.count++;
    return run;
}

static struct run run_of(const struct run *all, text key)
{
    size_t from = 0;

    while (from < all->count && !text_equal(all->items[from]->plan.key, key))
        from++;
    return run_at(all, from < all->count ? from : all->count);
}

/* ---- comparing ----------------------------------------------------------------------------- */

static int link_order(const void *left, const void *right)
{
    return text_compare(((const struct listed_link *)left)->addon.key,
                        ((const struct listed_link *)right)->addon.key);
}

/* Its add-ons have no order, and once its time has come it does not matter when that was. */
static struct listed_plan plan_normal(const struct applying *a, const struct listed_plan *plan)
{
    struct listed_plan normal = *plan;
    size_t size = plan->addons.count * sizeof(struct listed_link);

    normal.effective_from = listed_plan_begins(plan, a->cx->now);
    if (plan->addons.count == 0)
        return normal;
    normal.addons.items = arena_copy(a->cx->arena, plan->addons.items, size);
    qsort(normal.addons.items, plan->addons.count, sizeof(struct listed_link), link_order);
    return normal;
}

static bool has_changed_addon(const struct applying *a, const struct listed_plan *plan)
{
    const struct listed_link *links = plan->addons.items;
    const text *keys = a->changed_addons.list.items;

    for (size_t i = 0; i < plan->addons.count; i++)
        for (size_t k = 0; k < a->changed_addons.list.count; k++)
            if (text_equal(links[i].addon.key, keys[k]))
                return true;
    return false;
}

static bool is_due(const struct applying *a, const struct listed_plan *wanted,
                   const struct listed_plan *present)
{
    struct listed_plan old, new;

    if (!wanted)
        return false;
    if (!present || has_changed_addon(a, wanted))
        return true;
    old = plan_normal(a, present);
    new = plan_normal(a, wanted);
    return !applying_is_same(a, SECTION_PLANS, &old, &new);
}

/* ---- doing --------------------------------------------------------------------------------- */

static text place_of(const struct applying *a, const struct listed_plan *plan)
{
    const struct listed_plan *first = a->request->list->sections[SECTION_PLANS].items;

    return applying_place(a, SECTION_PLANS, (size_t)(plan - first));
}

static enum err version_drop(struct applying *a, const struct listed_plan *plan, text place)
{
    enum err err = applying_take(a, place, plan_delete(a->cx, plan->plan.id));

    if (err == OK)
        applying_note(a, LISTED_DELETE, "plan", plan->plan.key, plan->plan.version);
    return err;
}

static enum err link_make(struct applying *a, struct plan_id plan_id,
                          const struct listed_link *wanted, text place)
{
    struct plan_addon link = wanted->link, made;
    struct addon addon;
    enum err err = addon_find(a->cx, wanted->addon.key, false, &addon);

    if (err == ERR_REFUSED) {
        problem_init(&a->cx->problem, a->cx->arena);
        applying_fault(a, text_format(a->cx->arena, "%.*s.addon.key", TEXT_ARG(place)),
                       "missing_reference", TEXT("there is no such active add-on"));
        return err;
    }
    if (err != OK)
        return err;
    link.reference.id = addon.id;
    return applying_take(a, place, plan_addon_create(a->cx, DIALECT_V3, plan_id, &link, &made));
}

static enum err links_make(struct applying *a, struct plan_id plan_id,
                           const struct listed_plan *wanted, text place)
{
    const struct listed_link *links = wanted->addons.items;
    enum err worst = OK, err = OK;

    for (size_t i = 0; i < wanted->addons.count && applying_go_on(err) == OK; i++) {
        err = link_make(a, plan_id, &links[i],
                        text_format(a->cx->arena, "%.*s.addons[%zu]", TEXT_ARG(place), i));
        worst = err == OK ? worst : err;
    }
    return err == OK ? worst : err;
}

static enum err phases_resolve(struct applying *a, const struct plan *plan, text place)
{
    enum err worst = OK, err = OK;

    for (size_t i = 0; i < plan->phases.count && applying_go_on(err) == OK; i++) {
        err = applying_cards(
            a, &plan_phase_at(plan, i)->rate_cards,
            text_format(a->cx->arena, "%.*s.phases[%zu].rate_cards", TEXT_ARG(place), i));
        worst = err == OK ? worst : err;
    }
    return err == OK ? worst : err;
}

/* The next version as a draft, with its add-ons. */
static enum err draft_make(struct applying *a, const struct listed_plan *wanted, text place,
                           struct plan *ret)
{
    enum err err = phases_resolve(a, &wanted->plan, place);

    if (err == OK)
        err = applying_take(a, place, plan_create(a->cx, DIALECT_V3, &wanted->plan, ret));
    if (err != OK)
        return err;
    applying_note(a, LISTED_CREATE, "plan", ret->key, ret->version);
    return links_make(a, ret->id, wanted, place);
}

static enum err version_make(struct applying *a, const struct listed_plan *wanted,
                             const struct listed_plan *present)
{
    text place = place_of(a, wanted);
    struct plan_publication when = { listed_plan_begins(wanted, a->cx->now), wanted->effective_to };
    struct listed_reprice reprice;
    struct plan made;
    enum err err = draft_make(a, wanted, place, &made);

    if (err != OK || wanted->status == LISTED_DRAFT)
        return err;
    if (instant_is_none(when.effective_from))
        when.effective_from = a->cx->now;
    err = applying_take(a, place, plan_publish_at(a->cx, DIALECT_V3, made.id, &when, &made));
    if (err != OK)
        return err;
    applying_note(a, LISTED_PUBLISH, "plan", made.key, made.version);
    if (present && made.status == PLAN_ACTIVE) {
        reprice = (struct listed_reprice){ present->plan, made };
        growing_add(&a->repriced, &reprice, sizeof reprice, a->cx->arena);
    }
    return OK;
}

static const struct listed_plan *scheduled_at(const struct entries *entries, instant from)
{
    for (size_t i = 0; i < entries->scheduled_count; i++)
        if (instant_equal(entries->scheduled[i]->effective_from, from))
            return entries->scheduled[i];
    return NULL;
}

/* What is scheduled in the catalog and is to be otherwise, or not at all, goes first. */
static enum err scheduled_drop(struct applying *a, const struct entries *present,
                               const struct entries *wanted)
{
    enum err err = OK;

    for (size_t i = 0; i < present->scheduled_count && err == OK; i++) {
        const struct listed_plan *old = present->scheduled[i];
        const struct listed_plan *new = scheduled_at(wanted, old->effective_from);

        if (new ? is_due(a, new, old) : applying_prunes(a, SECTION_PLANS))
            err = version_drop(a, old, new ? place_of(a, new) : TEXT("plans"));
    }
    return err;
}

static enum err scheduled_make(struct applying *a, const struct entries *present,
                               const struct entries *wanted)
{
    enum err err = OK, worst = OK;

    for (size_t i = 0; i < wanted->scheduled_count && applying_go_on(err) == OK; i++) {
        const struct listed_plan *new = wanted->scheduled[i];

        if (is_due(a, new, scheduled_at(present, new->effective_from)))
            err = version_make(a, new, NULL);
        worst = err == OK ? worst : err;
    }
    return err == OK ? worst : err;
}

/* The first entry, but the draft, that asks for a new version; NULL when there is none. */
static const struct listed_plan *first_due(const struct applying *a, const struct entries *present,
                                           const struct entries *wanted)
{
    if (is_due(a, wanted->active, present->active))
        return wanted->active;
    for (size_t i = 0; i < wanted->scheduled_count; i++) {
        const struct listed_plan *new = wanted->scheduled[i];

        if (is_due(a, new, scheduled_at(present, new->effective_from)))
            return new;
    }
    return NULL;
}

/* A new version begins as a draft, of which there is one at most: the draft there is makes room.
 * `*ret_is_draft_due` says whether the list's draft is to be made (again). */
static enum err room_make(struct applying *a, const struct entries *present,
                          const struct entries *wanted, bool *ret_is_draft_due)
{
    const struct listed_plan *due = first_due(a, present, wanted);
    bool is_pruned = applying_prunes(a, SECTION_PLANS);
    bool is_draft_due = is_due(a, wanted->draft, present->draft);

    *ret_is_draft_due = is_draft_due;
    if (!present->draft)
        return OK;
    if (due && !wanted->draft && !is_pruned) {
        applying_fault(a, place_of(a, due), "invalid",
                       TEXT("the plan has a draft that is not in the list: publish or delete it, "
                            "list it too, or prune"));
        return ERR_REFUSED;
    }
    if (!due && !is_draft_due && (wanted->draft || !is_pruned))
        return OK;
    *ret_is_draft_due = wanted->draft != NULL;
    return version_drop(a, present->draft, TEXT("plans"));
}

static enum err active_end(struct applying *a, const struct listed_plan *active)
{
    struct plan made;
    enum err err =
        applying_take(a, TEXT("plans"), plan_archive(a->cx, DIALECT_V3, active->plan.id, &made));

    if (err == OK)
        applying_note(a, LISTED_ARCHIVE, "plan", active->plan.key, active->plan.version);
    return err;
}

/* All entries of one key. */
static enum err apply_key(struct applying *a, const struct entries *present,
                          const struct entries *wanted)
{
    bool is_draft_due;
    enum err err = room_make(a, present, wanted, &is_draft_due);
    enum err other;

    if (err == OK)
        err = scheduled_drop(a, present, wanted);
    if (err == OK && is_due(a, wanted->active, present->active))
        err = version_make(a, wanted->active, present->active);
    else if (err == OK && !wanted->active && present->active && applying_prunes(a, SECTION_PLANS))
        err = active_end(a, present->active);
    if (err != OK)
        return err;
    err = scheduled_make(a, present, wanted);
    if (applying_go_on(err) != OK || !is_draft_due)
        return err;
    other = version_make(a, wanted->draft, NULL);
    return other == OK ? err : other;
}

enum err apply_plans(struct applying *a)
{
    const struct run all = by_key(a->request->list, a->cx->arena);
    const struct run there = by_key(&a->before, a->cx->arena);
    enum err err = OK;

    for (size_t i = 0; i < all.count && err == OK;) {
        const struct run run = run_at(&all, i);
        const struct run old = run_of(&there, run.items[0]->plan.key);
        const struct entries wanted = entries_of(a, &run);
        const struct entries present = entries_of(a, &old);

        err = applying_go_on(apply_key(a, &present, &wanted));
        i += run.count;
    }
    return err;
}

/* Plans that the list does not have at all; entries of others were pruned with them. */
enum err prune_plans(struct applying *a)
{
    const struct run all = by_key(a->request->list, a->cx->arena);
    const struct run there = by_key(&a->before, a->cx->arena);
    enum err err = OK;

    if (!applying_prunes(a, SECTION_PLANS))
        return OK;
    for (size_t i = 0; i < there.count && err == OK; i++) {
        const struct listed_plan *plan = there.items[i];

        if (run_of(&all, plan->plan.key).count > 0)
            continue;
        err = applying_go_on(plan->plan.status == PLAN_ACTIVE
                                 ? active_end(a, plan)
                                 : version_drop(a, plan, TEXT("plans")));
    }
    return err;
}
