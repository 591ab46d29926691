/* spec.h: what a subscription is to be, and the ways to another one. Pure.
 *
 * A spec is a subscription as it is stored (not cut, without views): phases with concrete times,
 * versions of items in them. An edit makes another spec of it or says why it may not; what has to
 * be stored follows from comparing the two. New phases and items have no ids yet.
 *
 * Edits take effect at an instant: what lies before it is never touched, the phase that holds it is
 * the current one, and the later ones are still plans.
 *
 * Not here: rules of rate cards (catalog/plan_custom.h), when an edit takes effect (timing.h).
 */
#ifndef SUBSCRIBE_SPEC_H
#define SUBSCRIBE_SPEC_H

#include "base/problem.h"
#include "subscribe/subscription.h"

enum edit_op {
    EDIT_ADD_ITEM,
    EDIT_REMOVE_ITEM,
    EDIT_ADD_PHASE,
    EDIT_REMOVE_PHASE,
    EDIT_STRETCH_PHASE,
    EDIT_UNSCHEDULE,
    EDIT_OP_COUNT
};

/* Where the time of a removed phase goes: to the phases behind it, which begin earlier, or to the
 * one before it, which ends later. */
enum edit_shift { EDIT_SHIFT_NEXT, EDIT_SHIFT_PREV, EDIT_SHIFT_COUNT };

struct edit_phase {
    text key;
    text name;
    text description;
    struct text_map labels;
    span start_after; /* the subscription's start; zero: with it */
    span duration;    /* zero: not said */
};

struct subscription_edit {
    enum edit_op op;
    text phase_key;
    text item_key;
    struct rate_card rate_card;
    bool has_rate_card;
    struct edit_phase phase;
    bool has_phase;
    int shift;      /* enum edit_shift, or FIELD_ENUM_NONE */
    text extend_by; /* as written: a duration that may have a minus sign */

    span extension; /* of stretch_phase, once settled */
    bool is_shorter;
};

/* When an edit takes effect. */
struct edit_time {
    instant at;      /* whole seconds */
    bool is_started; /* false: the subscription is being made, all its phases are still plans */
};

/* A spec of a plan that begins at `start` with the phase `starting`; phases before it are left out.
 * Durations are of the zone's calendar. Billing periods are counted from the start. */
struct subscription spec_of_plan(const struct plan *plan, size_t starting, instant start,
                                 const struct zone *zone, struct arena *arena);

/* Applies one edit in place; lists that grow are moved into the arena. On a fault the spec is good
 * for nothing, and `*ret_why` says more. Faults: SUBSCRIPTION_EDIT_FORBIDDEN (what has passed, what
 * would overlap), SUBSCRIPTION_EDIT_CONFLICT (phases that would collapse, keys taken),
 * SUBSCRIPTION_INVALID (no such phase or item). */
NODISCARD enum fault spec_apply(struct subscription *spec, const struct subscription_edit *edit,
                                struct edit_time when, struct arena *arena, text *ret_why);

/* Whether the whole is consistent: phases tile, each holds items, versions of a key do not overlap
 * and lie in their phase. */
NODISCARD enum fault spec_check(const struct subscription *spec, struct arena *arena,
                                text *ret_why);

/* A copy whose phases and items can be changed without changing the original's. */
struct subscription spec_copy(const struct subscription *spec, struct arena *arena);

/* What has to be stored to come from one spec to the other: lists of struct subscription_phase and
 * struct subscription_item in the arena. Those added have no ids. */
struct spec_diff {
    struct list phases_added; /* with their items, which are in no other list */
    struct list phases_changed;
    struct list phases_removed; /* with their items, which are in no other list */
    struct list items_added;    /* to phases that are there: phase_id is set */
    struct list items_changed;
    struct list items_removed;
};

/* The differences. Both are of one subscription. */
struct spec_diff spec_compare(const struct subscription *from, const struct subscription *to,
                              struct arena *arena);

/* Whether nothing has to be stored. */
bool spec_diff_is_empty(const struct spec_diff *diff);

#endif
