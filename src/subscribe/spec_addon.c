/* spec_addon.c: items cut into pieces by the quantities of add-ons. */
#include "subscribe/spec_addon.h"

static instant end_of(instant to)
{
    return instant_is_none(to) ? INSTANT_MAX : to;
}

static const struct addon_segment *segment_at(const struct list *timeline, size_t i)
{
    CHECK(i < timeline->count);
    return (const struct addon_segment *)timeline->items + i;
}

int64_t addon_quantity_at(const struct list *timeline, instant t)
{
    CHECK(timeline != NULL && !instant_is_none(t));
    for (size_t i = 0; i < timeline->count; i++) {
        const struct addon_segment *segment = segment_at(timeline, i);
        if (period_holds(subscription_span(segment->active_from, segment->active_to), t))
            return segment->quantity;
    }
    return 0;
}

struct list addon_timeline_set(const struct list *timeline, instant at, int64_t quantity,
                               struct arena *arena)
{
    CHECK(timeline != NULL && arena != NULL);
    CHECK(!instant_is_none(at) && quantity >= 0);
    struct addon_segment *segments = ARENA_ARRAY(arena, struct addon_segment, timeline->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct addon_segment *old = segment_at(timeline, i);
        if (!instant_before(old->active_from, at))
            break;
        segments[count] = *old;
        if (instant_before(at, end_of(old->active_to)))
            segments[count].active_to = at;
        count++;
    }
    if (count > 0 && segments[count - 1].quantity == quantity)
        segments[count - 1].active_to = INSTANT_NONE;
    else
        segments[count++] = (struct addon_segment){ at, INSTANT_NONE, quantity };
    return (struct list){ segments, count };
}

/* ---- cards --------------------------------------------------------------------------------- */

static const struct rate_card *card_with_key(const struct addon_bought *bought, text key)
{
    for (size_t i = 0; i < bought->rate_cards.count; i++) {
        const struct rate_card *card = (const struct rate_card *)bought->rate_cards.items + i;
        if (text_equal(card->key, key))
            return card;
    }
    return NULL;
}

/* Sets an amount that there is to `more` of it; notes one that does not fit. */
static void amount_set(dec *amount, dec more, bool *is_over)
{
    if (!dec_is_valid(*amount))
        return;
    *amount = more;
    *is_over |= !dec_is_valid(more);
}

static bool is_once(const struct rate_card *card)
{
    return card->terms.price.type == PRICE_FLAT && span_is_zero(card->billing_cadence);
}

/* How many more there are from t on than before it. */
static int64_t quantity_gained(const struct list *timeline, instant t)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct addon_segment *segment = segment_at(timeline, i);
        int64_t before = i == 0 ? 0 : segment_at(timeline, i - 1)->quantity;
        if (instant_equal(segment->active_from, t))
            return segment->quantity > before ? segment->quantity - before : 0;
    }
    return 0;
}

/* The card of an add-on, as many times as there are at t. What is charged once is charged for those
 * that begin then. */
static struct rate_card card_times(const struct rate_card *card, const struct list *timeline,
                                   instant t, bool *is_over)
{
    struct rate_card many = *card;
    int64_t quantity = addon_quantity_at(timeline, t);
    int64_t charged = is_once(card) ? quantity_gained(timeline, t) : quantity;
    dec *limit = &many.entitlement.issue_after_reset;
    if (many.terms.price.type == PRICE_FLAT)
        amount_set(&many.terms.price.amount, dec_mul(many.terms.price.amount, dec_of_int(charged)),
                   is_over);
    if (many.has_entitlement)
        amount_set(limit, dec_mul(*limit, dec_of_int(quantity)), is_over);
    return many;
}

/* Fees and limits add up; what only one of the two has is had. */
static void card_add(struct rate_card *card, const struct rate_card *more, bool *is_over)
{
    if (card->terms.price.type == PRICE_FLAT && more->terms.price.type == PRICE_FLAT) {
        amount_set(&card->terms.price.amount,
                   dec_add(card->terms.price.amount, more->terms.price.amount), is_over);
    } else if (card->terms.price.type == PRICE_FREE) {
        card->terms = more->terms;
        card->payment_term = more->payment_term;
        card->billing_cadence = more->billing_cadence;
    }
    if (!more->has_entitlement)
        return;
    if (!card->has_entitlement) {
        card->has_entitlement = true;
        card->entitlement = more->entitlement;
        return;
    }
    if (dec_is_valid(more->entitlement.issue_after_reset))
        amount_set(
            &card->entitlement.issue_after_reset,
            dec_add(card->entitlement.issue_after_reset, more->entitlement.issue_after_reset),
            is_over);
}

static text card_print(const struct rate_card *card, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    struct rate_card copy = *card;
    rate_card_mirror(&copy, arena);
    fields_write(&rate_card_fields, DIALECT_V3, &w, &copy);
    return buffer_text(&out);
}

/* ---- without add-ons ----------------------------------------------------------------------- */

static ulid root_of(const struct subscription_item *item)
{
    return ulid_is_zero(item->base_id.ulid) ? item->id.ulid : item->base_id.ulid;
}

/* The items of a phase as they are without add-ons: pieces of one are one again, with its card. */
static struct list items_base(const struct subscription_phase *phase, struct arena *arena)
{
    struct subscription_item *base =
        ARENA_ARRAY(arena, struct subscription_item, phase->items.count);
    size_t count = 0;
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        size_t at = 0;
        if (!ulid_is_zero(item->addon_id.ulid))
            continue;
        while (at < count && !ulid_equal(root_of(&base[at]), root_of(item)))
            at++;
        if (at < count) {
            if (instant_before(item->active_from, base[at].active_from))
                base[at].active_from = item->active_from;
            if (instant_before(end_of(base[at].active_to), end_of(item->active_to)))
                base[at].active_to = item->active_to;
            continue;
        }
        base[count] = *item;
        if (item->has_base_card)
            base[count].rate_card = item->base_card;
        count++;
    }
    return (struct list){ base, count };
}

/* ---- with add-ons -------------------------------------------------------------------------- */

struct cutting {
    struct arena *arena;
    const struct subscription_phase *phase; /* as it is now */
    size_t phase_index;
    const struct list *bought;
    struct subscription_item *items;
    size_t count;
    size_t room;
    bool is_over; /* an amount does not fit */
};

static const struct addon_bought *bought_at(const struct cutting *cutting, size_t i)
{
    return (const struct addon_bought *)cutting->bought->items + i;
}

/* Takes over the identity of an item that is there and says the same. */
static void identity_keep(const struct cutting *cutting, struct subscription_item *item)
{
    text wanted = card_print(&item->rate_card, cutting->arena);
    for (size_t i = 0; i < cutting->phase->items.count; i++) {
        const struct subscription_item *old = subscription_item_at(cutting->phase, i);
        if (!text_equal(old->key, item->key) ||
            !instant_equal(old->active_from, item->active_from) ||
            !ulid_equal(old->addon_id.ulid, item->addon_id.ulid) ||
            !text_equal(card_print(&old->rate_card, cutting->arena), wanted))
            continue;
        item->id = old->id;
        item->version = old->version;
        item->created_at = old->created_at;
        item->updated_at = old->updated_at;
        return;
    }
}

static void item_add(struct cutting *cutting, const struct subscription_item *item)
{
    ARENA_GROW(cutting->arena, cutting);
    cutting->items[cutting->count] = *item;
    identity_keep(cutting, &cutting->items[cutting->count++]);
}

/* The first time after `t` at which a quantity changes; INSTANT_MAX when none does. */
static instant next_cut(const struct cutting *cutting, instant t)
{
    instant next = INSTANT_MAX;
    for (size_t i = 0; i < cutting->bought->count; i++) {
        const struct list *timeline = &bought_at(cutting, i)->timeline;
        for (size_t k = 0; k < timeline->count; k++) {
            instant from = segment_at(timeline, k)->active_from;
            if (instant_before(t, from) && instant_before(from, next))
                next = from;
        }
    }
    return next;
}

/* What the add-ons make of a card at t; whether they make anything of it. */
static bool card_at(struct cutting *cutting, struct rate_card *card, instant t)
{
    bool is_changed = false;
    for (size_t i = 0; i < cutting->bought->count; i++) {
        const struct addon_bought *bought = bought_at(cutting, i);
        const struct rate_card *own = card_with_key(bought, card->key);
        int64_t quantity = addon_quantity_at(&bought->timeline, t);
        if (own == NULL || quantity == 0 || cutting->phase_index < bought->first_phase)
            continue;
        struct rate_card many = card_times(own, &bought->timeline, t, &cutting->is_over);
        card_add(card, &many, &cutting->is_over);
        is_changed = true;
    }
    return is_changed;
}

static bool is_touched(const struct cutting *cutting, text key)
{
    for (size_t i = 0; i < cutting->bought->count; i++)
        if (card_with_key(bought_at(cutting, i), key) != NULL)
            return true;
    return false;
}

/* Whether two adjoining pieces are one: the same card, which is not charged once for each. */
static bool is_one_piece(const struct subscription_item *before,
                         const struct subscription_item *piece, struct arena *arena)
{
    if (!ulid_equal(root_of(before), root_of(piece)))
        return false;
    if (is_once(&piece->rate_card) && !dec_is_zero(piece->rate_card.terms.price.amount))
        return false;
    return text_equal(card_print(&before->rate_card, arena), card_print(&piece->rate_card, arena));
}

/* Adds the pieces of a base item. */
static void pieces_add(struct cutting *cutting, const struct subscription_item *base)
{
    instant at = base->active_from;
    if (!is_touched(cutting, base->key)) {
        item_add(cutting, base);
        return;
    }
    while (instant_before(at, end_of(base->active_to)) ||
           instant_equal(at, end_of(base->active_to))) {
        instant to = next_cut(cutting, at);
        struct subscription_item piece = *base;
        bool is_last = !instant_before(to, end_of(base->active_to));
        piece.id = (struct item_id){ 0 };
        piece.base_id = (struct item_id){ root_of(base) };
        bool is_charged = !is_once(&base->rate_card) || instant_equal(at, base->active_from);
        if (!is_charged)
            piece.rate_card.terms.price.amount = DEC_ZERO;
        piece.has_base_card = card_at(cutting, &piece.rate_card, at) || !is_charged;
        piece.base_card = base->rate_card;
        piece.active_from = at;
        piece.active_to = is_last ? base->active_to : to;
        struct subscription_item *before = cutting->count > 0 ? &cutting->items[cutting->count - 1]
                                                              : NULL;
        if (before != NULL && is_one_piece(before, &piece, cutting->arena))
            before->active_to = piece.active_to;
        else
            item_add(cutting, &piece);
        if (is_last)
            break;
        at = to;
    }
}

/* The place of an add-on's own key: the one that it has or had, else the next, which is used up. */
static int64_t own_position(const struct cutting *cutting, text key, int64_t *next)
{
    for (size_t i = 0; i < cutting->phase->items.count; i++) {
        const struct subscription_item *old = subscription_item_at(cutting->phase, i);
        if (text_equal(old->key, key))
            return old->position;
    }
    for (size_t i = 0; i < cutting->count; i++)
        if (text_equal(cutting->items[i].key, key))
            return cutting->items[i].position;
    return (*next)++;
}

/* Puts the last item behind those of its position, as they are stored. */
static void last_place(struct cutting *cutting)
{
    size_t at = cutting->count - 1;
    const struct subscription_item item = cutting->items[at];
    for (; at > 0 && cutting->items[at - 1].position > item.position; at--)
        cutting->items[at] = cutting->items[at - 1];
    cutting->items[at] = item;
}

/* Adds the items of a card that no item of the phase has the key of. */
static void own_add(struct cutting *cutting, const struct addon_bought *bought,
                    const struct rate_card *card, int64_t position)
{
    struct period phase = subscription_span(cutting->phase->active_from, cutting->phase->active_to);
    for (size_t i = 0; i < bought->timeline.count; i++) {
        const struct addon_segment *segment = segment_at(&bought->timeline, i);
        struct period life =
            period_meet(subscription_span(segment->active_from, segment->active_to), phase);
        if (segment->quantity == 0 || period_is_empty(life))
            continue;
        struct subscription_item item = {
            .phase_id = cutting->phase->id,
            .key = card->key,
            .name = card->name,
            .description = card->description,
            .position = position,
            .active_from = life.from,
            .active_to = instant_equal(life.to, INSTANT_MAX) ? INSTANT_NONE : life.to,
            .rate_card = card_times(card, &bought->timeline, life.from, &cutting->is_over),
            .addon_id = { bought->addon_id.ulid },
        };
        for (size_t k = 0; k < cutting->phase->items.count; k++) {
            const struct subscription_item *old = subscription_item_at(cutting->phase, k);
            if (text_equal(old->key, item.key) && old->version >= item.version)
                item.version = old->version + 1;
        }
        item_add(cutting, &item);
        last_place(cutting);
    }
}

static bool has_key(const struct list *items, text key)
{
    for (size_t i = 0; i < items->count; i++)
        if (text_equal(((const struct subscription_item *)items->items)[i].key, key))
            return true;
    return false;
}

static struct list items_cut(struct cutting *cutting, const struct list *base)
{
    int64_t next = 0;
    for (size_t i = 0; i < cutting->phase->items.count; i++) {
        int64_t position = subscription_item_at(cutting->phase, i)->position;
        next = position >= next ? position + 1 : next;
    }
    for (size_t i = 0; i < base->count; i++)
        pieces_add(cutting, (const struct subscription_item *)base->items + i);
    for (size_t i = 0; i < cutting->bought->count; i++) {
        const struct addon_bought *bought = bought_at(cutting, i);
        for (size_t k = 0; k < bought->rate_cards.count; k++) {
            const struct rate_card *card = (const struct rate_card *)bought->rate_cards.items + k;
            if (cutting->phase_index >= bought->first_phase && !has_key(base, card->key))
                own_add(cutting, bought, card, own_position(cutting, card->key, &next));
        }
    }
    return (struct list){ cutting->items, cutting->count };
}

enum fault spec_with_addons(const struct subscription *spec, const struct list *bought,
                            struct arena *arena, struct subscription *ret)
{
    CHECK(spec != NULL && bought != NULL);
    CHECK(arena != NULL && ret != NULL);
    struct subscription with = spec_copy(spec, arena);
    for (size_t i = 0; i < with.phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(&with, i);
        struct list base = items_base(phase, arena);
        struct cutting cutting = {
            .arena = arena,
            .phase = subscription_phase_at(spec, i),
            .phase_index = i,
            .bought = bought,
        };
        phase->items = items_cut(&cutting, &base);
        if (cutting.is_over)
            return FAULT_AMOUNT_OVERFLOW;
    }
    *ret = with;
    return FAULT_NONE;
}
