/* spec.c: edits of a spec. */
#include "subscribe/spec.h"

/* One edit under way. */
struct spec_work {
    struct subscription *spec;
    struct edit_time when;
    struct arena *arena;
    text *why;
};

enum phase_rank { PHASE_PAST, PHASE_CURRENT, PHASE_FUTURE };

static enum fault refuse(const struct spec_work *work, enum fault fault, text why)
{
    *work->why = why;
    return fault;
}

static instant end_of(instant to)
{
    return instant_is_none(to) ? INSTANT_MAX : to;
}

static enum phase_rank rank_of(const struct spec_work *work, const struct subscription_phase *phase)
{
    if (!work->when.is_started || instant_before(work->when.at, phase->active_from))
        return PHASE_FUTURE;
    return instant_before(work->when.at, end_of(phase->active_to)) ? PHASE_CURRENT : PHASE_PAST;
}

/* ---- lists --------------------------------------------------------------------------------- */

static void item_drop(struct subscription_phase *phase, size_t index)
{
    struct subscription_item *items = phase->items.items;
    CHECK(index < phase->items.count);
    for (size_t i = index; i + 1 < phase->items.count; i++)
        items[i] = items[i + 1];
    phase->items.count--;
}

/* Puts an item behind the others of its position. */
static void item_put(struct subscription_phase *phase, const struct subscription_item *item,
                     struct arena *arena)
{
    size_t count = phase->items.count;
    struct subscription_item *items = ARENA_ARRAY(arena, struct subscription_item, count + 1);
    size_t at = 0;
    while (at < count && subscription_item_at(phase, at)->position <= item->position)
        at++;
    for (size_t i = 0; i < count; i++)
        items[i < at ? i : i + 1] = *subscription_item_at(phase, i);
    items[at] = *item;
    phase->items = (struct list){ items, count + 1 };
}

static void phase_drop(struct subscription *spec, size_t index)
{
    struct subscription_phase *phases = spec->phases.items;
    CHECK(index < spec->phases.count);
    for (size_t i = index; i + 1 < spec->phases.count; i++)
        phases[i] = phases[i + 1];
    spec->phases.count--;
}

static void phase_put(struct subscription *spec, size_t at, const struct subscription_phase *phase,
                      struct arena *arena)
{
    size_t count = spec->phases.count;
    struct subscription_phase *phases = ARENA_ARRAY(arena, struct subscription_phase, count + 1);
    CHECK(at <= count);
    for (size_t i = 0; i < count; i++)
        phases[i < at ? i : i + 1] = *subscription_phase_at(spec, i);
    phases[at] = *phase;
    spec->phases = (struct list){ phases, count + 1 };
}

/* ---- items --------------------------------------------------------------------------------- */

/* The version of a key that begins last; NULL when there is none. */
static struct subscription_item *item_latest(const struct subscription_phase *phase, text key)
{
    struct subscription_item *latest = NULL;
    for (size_t i = 0; i < phase->items.count; i++) {
        struct subscription_item *item = subscription_item_at(phase, i);
        if (!text_equal(item->key, key))
            continue;
        if (latest == NULL || !instant_before(item->active_from, latest->active_from))
            latest = item;
    }
    return latest;
}

/* A new item that runs from `from` to the end of the phase. */
static struct subscription_item item_of(const struct subscription_phase *phase,
                                        const struct rate_card *card, instant from)
{
    struct subscription_item item = {
        .phase_id = phase->id,
        .key = card->key,
        .name = card->name,
        .description = card->description,
        .active_from = from,
        .active_to = phase->active_to,
        .rate_card = *card,
    };
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *other = subscription_item_at(phase, i);
        if (text_equal(other->key, card->key)) {
            item.position = other->position;
            item.version = other->version >= item.version ? other->version + 1 : item.version;
        }
    }
    if (item.version == 0)
        for (size_t i = 0; i < phase->items.count; i++)
            if (subscription_item_at(phase, i)->position >= item.position)
                item.position = subscription_item_at(phase, i)->position + 1;
    return item;
}

/* Whether it ends before its phase does. */
static bool item_has_own_end(const struct subscription_phase *phase,
                             const struct subscription_item *item)
{
    return !instant_equal(end_of(item->active_to), end_of(phase->active_to));
}

static enum fault phase_need(const struct spec_work *work, text key, size_t *ret)
{
    *ret = subscription_phase_find(work->spec, key);
    if (*ret < work->spec->phases.count)
        return FAULT_NONE;
    return refuse(work, FAULT_SUBSCRIPTION_INVALID,
                  text_format(work->arena, "phase %.*s not found", TEXT_ARG(key)));
}

/* Ends the version that runs, so that another can begin. */
static enum fault item_make_way(const struct spec_work *work, struct subscription_phase *phase,
                                struct subscription_item *latest)
{
    instant at = work->when.at;
    bool begins_later = instant_before(at, latest->active_from);
    bool ends_later = instant_before(at, end_of(latest->active_to));
    if (begins_later || (ends_later && item_has_own_end(phase, latest)))
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      text_format(work->arena,
                                  "item %.*s of phase %.*s is scheduled to change later: "
                                  "remove it first",
                                  TEXT_ARG(latest->key), TEXT_ARG(phase->key)));
    if (ends_later)
        latest->active_to = at;
    return FAULT_NONE;
}

static enum fault add_item(const struct spec_work *work, const struct subscription_edit *edit)
{
    size_t index;
    enum fault fault = phase_need(work, edit->phase_key, &index);
    if (fault != FAULT_NONE)
        return fault;
    struct subscription_phase *phase = subscription_phase_at(work->spec, index);
    struct subscription_item *latest = item_latest(phase, edit->rate_card.key);
    enum phase_rank rank = rank_of(work, phase);
    if (rank == PHASE_PAST)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      text_format(work->arena,
                                  "cannot add item to phase %.*s which starts before current phase",
                                  TEXT_ARG(phase->key)));
    if (rank == PHASE_FUTURE && latest != NULL)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      text_format(work->arena, "phase %.*s has an item %.*s: remove it first",
                                  TEXT_ARG(phase->key), TEXT_ARG(latest->key)));
    if (latest != NULL)
        fault = item_make_way(work, phase, latest);
    if (fault != FAULT_NONE)
        return fault;
    struct subscription_item item = item_of(
        phase, &edit->rate_card, rank == PHASE_CURRENT ? work->when.at : phase->active_from);
    item_put(phase, &item, work->arena);
    return FAULT_NONE;
}

/* In the current phase the running version ends, and what was to begin then or later never does. */
static bool item_end(const struct spec_work *work, struct subscription_phase *phase, text key)
{
    instant at = work->when.at;
    bool is_changed = false;
    for (size_t i = phase->items.count; i > 0; i--) {
        struct subscription_item *item = subscription_item_at(phase, i - 1);
        if (!text_equal(item->key, key))
            continue;
        if (!instant_before(item->active_from, at)) {
            item_drop(phase, i - 1);
            is_changed = true;
        } else if (instant_before(at, end_of(item->active_to))) {
            item->active_to = at;
            is_changed = true;
        }
    }
    return is_changed;
}

/* In a later phase the last version goes; the one before it lasts as long. */
static bool item_withdraw(struct subscription_phase *phase, text key)
{
    const struct subscription_item *first = phase->items.items;
    const struct subscription_item *latest = item_latest(phase, key);
    if (latest == NULL)
        return false;
    instant to = latest->active_to;
    item_drop(phase, (size_t)(latest - first));
    struct subscription_item *before = item_latest(phase, key);
    if (before != NULL)
        before->active_to = to;
    return true;
}

static enum fault remove_item(const struct spec_work *work, const struct subscription_edit *edit)
{
    size_t index;
    enum fault fault = phase_need(work, edit->phase_key, &index);
    if (fault != FAULT_NONE)
        return fault;
    struct subscription_phase *phase = subscription_phase_at(work->spec, index);
    enum phase_rank rank = rank_of(work, phase);
    if (rank == PHASE_PAST)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      text_format(work->arena, "cannot remove items of phase %.*s, which is over",
                                  TEXT_ARG(phase->key)));
    bool is_changed = rank == PHASE_CURRENT ? item_end(work, phase, edit->item_key)
                                            : item_withdraw(phase, edit->item_key);
    if (is_changed)
        return FAULT_NONE;
    return refuse(work, FAULT_SUBSCRIPTION_INVALID,
                  text_format(work->arena, "item %.*s not found in phase %.*s",
                              TEXT_ARG(edit->item_key), TEXT_ARG(phase->key)));
}

/* ---- phases -------------------------------------------------------------------------------- */

/* How far phases move: by a duration of the calendar, or by elapsed time. */
struct phase_move {
    span by;
    int64_t count;
    const struct zone *zone;
    int64_t ns;
};

static instant moved(instant t, const struct phase_move *move)
{
    if (instant_is_none(t))
        return t;
    instant next = span_is_zero(move->by) ? t : span_add(t, move->by, move->count, move->zone);
    int64_t sum;
    if (__builtin_add_overflow(next.ns, move->ns, &sum) || sum == INT64_MIN)
        return move->ns > 0 ? INSTANT_MAX : (instant){ INT64_MIN + 1 };
    return (instant){ sum };
}

/* Ends a phase elsewhere: items that ran to its end follow, those that no longer fit go. */
static void phase_end_set(struct subscription_phase *phase, instant to)
{
    for (size_t i = phase->items.count; i > 0; i--) {
        struct subscription_item *item = subscription_item_at(phase, i - 1);
        if (!item_has_own_end(phase, item) || instant_before(end_of(to), end_of(item->active_to)))
            item->active_to = to;
        if (!instant_before(item->active_from, end_of(to)))
            item_drop(phase, i - 1);
    }
    phase->active_to = to;
}

/* Moves a phase with its items. */
static void phase_move(struct subscription_phase *phase, const struct phase_move *move)
{
    for (size_t i = 0; i < phase->items.count; i++) {
        struct subscription_item *item = subscription_item_at(phase, i);
        item->active_from = moved(item->active_from, move);
        item->active_to = moved(item->active_to, move);
    }
    phase->active_from = moved(phase->active_from, move);
    phase->active_to = moved(phase->active_to, move);
}

static void phases_move(struct subscription *spec, size_t from, const struct phase_move *move)
{
    for (size_t i = from; i < spec->phases.count; i++)
        phase_move(subscription_phase_at(spec, i), move);
}

static int64_t elapsed(instant from, instant to)
{
    int64_t ns;
    if (__builtin_sub_overflow(to.ns, from.ns, &ns))
        return INT64_MAX;
    return ns;
}

/* Makes room before the phases from `at` on, for one that ends at `end`. */
static void phases_make_room(struct subscription *spec, size_t at, instant end)
{
    instant first = subscription_phase_at(spec, at)->active_from;
    const struct phase_move move = { .ns = elapsed(first, end) };
    phases_move(spec, at, &move);
}

static enum fault add_phase_check(const struct spec_work *work, const struct edit_phase *phase,
                                  instant from)
{
    const struct subscription *spec = work->spec;
    if (subscription_phase_find(spec, phase->key) < spec->phases.count)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_CONFLICT,
                      text_format(work->arena, "phase %.*s already exists", TEXT_ARG(phase->key)));
    if (!instant_before(from, end_of(spec->active_to)))
        return refuse(work, FAULT_SUBSCRIPTION_INVALID,
                      TEXT("cannot add a phase after the subscription ends"));
    bool is_past = work->when.is_started && !instant_before(work->when.at, from);
    if (is_past)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      TEXT("cannot add a phase before the current phase or in the past"));
    return FAULT_NONE;
}

static enum fault add_phase(const struct spec_work *work, const struct subscription_edit *edit)
{
    struct subscription *spec = work->spec;
    const struct edit_phase *input = &edit->phase;
    const struct zone *zone = subscription_grid(spec).zone;
    instant from = span_add(spec->active_from, input->start_after, 1, zone);
    enum fault fault = add_phase_check(work, input, from);
    if (fault != FAULT_NONE)
        return fault;
    size_t at = 0;
    while (at < spec->phases.count &&
           instant_before(subscription_phase_at(spec, at)->active_from, from))
        at++;
    struct subscription_phase phase = {
        .key = input->key,
        .name = input->name,
        .description = input->description,
        .labels = input->labels,
        .active_from = from,
        .active_to = spec->active_to,
    };
    if (at < spec->phases.count) {
        if (span_is_zero(input->duration))
            return refuse(work, FAULT_SUBSCRIPTION_INVALID,
                          TEXT("a phase that is not the last one needs a duration"));
        phase.active_to = span_add(from, input->duration, 1, zone);
        phases_make_room(spec, at, phase.active_to);
    }
    if (at > 0)
        phase_end_set(subscription_phase_at(spec, at - 1), from);
    phase_put(spec, at, &phase, work->arena);
    return FAULT_NONE;
}

static enum fault remove_phase(const struct spec_work *work, const struct subscription_edit *edit)
{
    struct subscription *spec = work->spec;
    size_t index;
    enum fault fault = phase_need(work, edit->phase_key, &index);
    if (fault != FAULT_NONE)
        return fault;
    struct subscription_phase phase = *subscription_phase_at(spec, index);
    if (rank_of(work, &phase) != PHASE_FUTURE)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      TEXT("cannot remove a phase that has begun"));
    if (spec->phases.count == 1)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_CONFLICT, TEXT("cannot remove the only phase"));
    bool is_last = index + 1 == spec->phases.count;
    bool is_first = index == 0;
    phase_drop(spec, index);
    if (!is_first && (is_last || edit->shift == (int)EDIT_SHIFT_PREV)) {
        phase_end_set(subscription_phase_at(spec, index - 1), phase.active_to);
        return FAULT_NONE;
    }
    const struct phase_move move = { .ns = elapsed(phase.active_to, phase.active_from) };
    phases_move(spec, index, &move);
    return FAULT_NONE;
}

static enum fault stretch_check(const struct spec_work *work, size_t index)
{
    const struct subscription *spec = work->spec;
    const struct subscription_phase *phase = subscription_phase_at(spec, index);
    if (rank_of(work, phase) == PHASE_PAST)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_FORBIDDEN,
                      TEXT("cannot stretch a phase that is over"));
    if (spec->phases.count == 1)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_CONFLICT,
                      TEXT("cannot stretch the only phase"));
    if (index + 1 == spec->phases.count)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_CONFLICT,
                      TEXT("the last phase has no end that could be moved"));
    return FAULT_NONE;
}

static enum fault stretch_phase(const struct spec_work *work, const struct subscription_edit *edit)
{
    size_t index;
    enum fault fault = phase_need(work, edit->phase_key, &index);
    if (fault == FAULT_NONE)
        fault = stretch_check(work, index);
    if (fault != FAULT_NONE)
        return fault;
    struct subscription_phase *phase = subscription_phase_at(work->spec, index);
    const struct phase_move move = {
        .by = edit->extension,
        .count = edit->is_shorter ? -1 : 1,
        .zone = subscription_grid(work->spec).zone,
    };
    instant to = moved(phase->active_to, &move);
    bool is_gone = !instant_before(phase->active_from, to);
    if (rank_of(work, phase) == PHASE_CURRENT)
        is_gone = !instant_before(work->when.at, to);
    if (is_gone)
        return refuse(work, FAULT_SUBSCRIPTION_EDIT_CONFLICT,
                      text_format(work->arena,
                                  "phase %.*s would have disappeared due to stretching",
                                  TEXT_ARG(phase->key)));
    phase_end_set(phase, to);
    phases_move(work->spec, index + 1, &move);
    return FAULT_NONE;
}

/* What was to begin later in the current phase never does; what was to end there goes on. */
static enum fault unschedule(const struct spec_work *work)
{
    size_t index = subscription_phase_index_at(work->spec, work->when.at);
    if (index == work->spec->phases.count)
        return refuse(work, FAULT_SUBSCRIPTION_INVALID, TEXT("no phase is active at that time"));
    struct subscription_phase *phase = subscription_phase_at(work->spec, index);
    for (size_t i = phase->items.count; i > 0; i--) {
        if (instant_before(work->when.at, subscription_item_at(phase, i - 1)->active_from))
            item_drop(phase, i - 1);
    }
    for (size_t i = 0; i < phase->items.count; i++) {
        struct subscription_item *item = subscription_item_at(phase, i);
        if (instant_before(work->when.at, end_of(item->active_to)))
            item->active_to = phase->active_to;
    }
    return FAULT_NONE;
}

enum fault spec_apply(struct subscription *spec, const struct subscription_edit *edit,
                      struct edit_time when, struct arena *arena, text *ret_why)
{
    CHECK(spec != NULL && edit != NULL);
    CHECK(arena != NULL && ret_why != NULL);
    const struct spec_work work = { spec, when, arena, ret_why };
    switch (edit->op) {
    case EDIT_ADD_ITEM:
        return add_item(&work, edit);
    case EDIT_REMOVE_ITEM:
        return remove_item(&work, edit);
    case EDIT_ADD_PHASE:
        return add_phase(&work, edit);
    case EDIT_REMOVE_PHASE:
        return remove_phase(&work, edit);
    case EDIT_STRETCH_PHASE:
        return stretch_phase(&work, edit);
    case EDIT_UNSCHEDULE:
        return unschedule(&work);
    case EDIT_OP_COUNT:
        break;
    }
    UNREACHABLE();
}
