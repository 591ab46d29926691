/* stint.c: a subscription through time: its periods, its phases, and what add-ons make of it. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

struct period stint_grid(const struct stint *stint, int64_t t)
{
    int64_t k = (t - stint->anchor) / (31 * NS_PER_DAY) - 2;
    int64_t from = calendar_after(stint->anchor, k, 0, stint->zone);
    int64_t to = calendar_after(stint->anchor, k + 1, 0, stint->zone);
    CHECK(from <= t);
    while (to <= t) {
        from = to;
        k++;
        to = calendar_after(stint->anchor, k + 1, 0, stint->zone);
    }
    return (struct period){ { from }, { to } };
}

int stint_phase(const struct stint *stint, int64_t t)
{
    int phase = 0;
    while (phase + 1 < stint->plan->phase_count && stint->phases[phase + 1] <= t)
        phase++;
    return phase;
}

int64_t stint_cycle_end(const struct stint *stint, int64_t t)
{
    int64_t end = stint_grid(stint, t).to.ns;
    int64_t phase_end = stint->phases[stint_phase(stint, t) + 1];
    return end < phase_end ? end : phase_end;
}

void stint_lay(struct stint *stint)
{
    int64_t at = stint->from;
    for (int i = 0; i < stint->plan->phase_count; i++) {
        const struct phase *phase = &stint->plan->phases[i];
        int64_t to = OPEN;
        if (phase->months + phase->days > 0)
            to = calendar_after(at, phase->months, phase->days, stint->zone);
        stint->phases[i] = at;
        for (int k = 0; k < phase->card_count; k++)
            *ADD_ONE(stint->base, stint->base_count) = (struct item){ &phase->cards[k], i, at, to };
        at = to;
    }
    stint->phases[stint->plan->phase_count] = OPEN;
    stint_cut(stint);
}

/* ---- add-ons -------------------------------------------------------------------------------- */

int64_t bought_quantity(const struct bought *bought, int64_t t)
{
    int64_t quantity = 0;
    for (int i = 0; i < bought->share_count && bought->shares[i].from <= t; i++)
        quantity = bought->shares[i].quantity;
    return quantity;
}

bool stint_has_addons(const struct stint *stint, int64_t now)
{
    for (int i = 0; i < stint->bought_count; i++) {
        const struct bought *bought = &stint->bought[i];
        if (bought_quantity(bought, now) > 0)
            return true;
        for (int k = 0; k < bought->share_count; k++)
            if (bought->shares[k].from > now && bought->shares[k].quantity > 0)
                return true;
    }
    return false;
}

/* The card with this key of an add-on; NULL. */
static const struct card *card_of(const struct addon *addon, const char *key)
{
    for (int i = 0; i < addon->card_count; i++)
        if (strcmp(addon->cards[i].key, key) == 0)
            return &addon->cards[i];
    return NULL;
}

/* Items as they should be, before they are brought into the places of those there are. */
struct cut {
    struct item items[128];
    int count;
};

static void put(struct cut *cut, struct item item)
{
    MUST(cut->count < (int)COUNT_OF(cut->items));
    if (item.from < item.to)
        cut->items[cut->count++] = item;
}

/* The first change of a quantity after `t`. */
static int64_t next_share(const struct stint *stint, int64_t t)
{
    int64_t next = OPEN;
    for (int i = 0; i < stint->bought_count; i++)
        for (int k = 0; k < stint->bought[i].share_count; k++) {
            int64_t from = stint->bought[i].shares[k].from;
            if (from > t && from < next)
                next = from;
        }
    return next;
}

/* Cards at another price, kept for ever, as lines and items point to them. */
struct priced_card {
    struct card card;
    struct priced_card *next;
};
static struct priced_card *priced_cards;

static const struct card *card_at_price(const struct card *card, int64_t price)
{
    struct priced_card *made = malloc(sizeof *made);
    MUST(made);
    *made = (struct priced_card){ *card, priced_cards };
    made->card.price = price;
    priced_cards = made;
    return &made->card;
}

/* What add-ons add to the price of a flat card in a phase at `t`. */
static int64_t added_price(const struct stint *stint, const struct item *base, int64_t t)
{
    int64_t price = 0;
    for (int i = 0; i < stint->bought_count; i++) {
        const struct bought *bought = &stint->bought[i];
        const struct card *own = card_of(bought->addon, base->card->key);
        if (own && base->phase >= bought->addon->first_phase && !card_is_metered(own) &&
            !card_is_metered(base->card))
            price += own->price * bought_quantity(bought, t);
    }
    return price;
}

/* The pieces of an item: as long as the price is the same it is one. */
static void put_pieces(struct cut *cut, const struct stint *stint, const struct item *base)
{
    int64_t at = base->from;
    while (at < base->to) {
        int64_t price = added_price(stint, base, at);
        int64_t to = next_share(stint, at);
        while (to < base->to && added_price(stint, base, to) == price)
            to = next_share(stint, to);
        struct item piece = *base;
        piece.from = at;
        piece.to = to < base->to ? to : base->to;
        if (price > 0)
            piece.card = card_at_price(base->card, base->card->price + price);
        put(cut, piece);
        at = piece.to;
    }
}

static bool phase_has_key(const struct stint *stint, int phase, const char *key)
{
    for (int i = 0; i < stint->base_count; i++)
        if (stint->base[i].phase == phase && stint->base[i].from < stint->base[i].to &&
            strcmp(stint->base[i].card->key, key) == 0)
            return true;
    return false;
}

/* The items of a card that the phase has no item of. */
static void put_own(struct cut *cut, const struct stint *stint, const struct bought *bought,
                    const struct card *card, int phase)
{
    for (int i = 0; i < bought->share_count; i++) {
        const struct share *share = &bought->shares[i];
        int64_t end = i + 1 < bought->share_count ? share[1].from : OPEN;
        struct item item = { card, phase, share->from, end };
        if (item.from < stint->phases[phase])
            item.from = stint->phases[phase];
        if (item.to > stint->phases[phase + 1])
            item.to = stint->phases[phase + 1];
        if (share->quantity > 1 && !card_is_metered(card))
            item.card = card_at_price(card, card->price * share->quantity);
        if (share->quantity > 0)
            put(cut, item);
    }
}

/* Whether it is the same item, perhaps with another end. */
static bool is_same(const struct item *a, const struct item *b)
{
    return strcmp(a->card->key, b->card->key) == 0 && a->from == b->from && a->from < a->to &&
           a->card->kind == b->card->kind && a->card->price == b->card->price;
}

void stint_cut(struct stint *stint)
{
    struct cut cut = { 0 };
    for (int i = 0; i < stint->base_count; i++)
        put_pieces(&cut, stint, &stint->base[i]);
    for (int i = 0; i < stint->bought_count; i++)
        for (int phase = stint->bought[i].addon->first_phase; phase < stint->plan->phase_count;
             phase++)
            for (int k = 0; k < stint->bought[i].addon->card_count; k++) {
                const struct card *card = &stint->bought[i].addon->cards[k];
                if (!phase_has_key(stint, phase, card->key))
                    put_own(&cut, stint, &stint->bought[i], card, phase);
            }
    for (int i = 0; i < stint->item_count; i++) {
        struct item *item = &stint->items[i];
        int k = 0;
        while (k < cut.count && !is_same(&cut.items[k], item))
            k++;
        item->to = k < cut.count ? cut.items[k].to : item->from;
        if (k < cut.count)
            cut.items[k] = cut.items[--cut.count];
    }
    for (int k = 0; k < cut.count; k++)
        *ADD_ONE(stint->items, stint->item_count) = cut.items[k];
}

void stint_free(struct stint *stint)
{
    for (int i = 0; i < stint->bought_count; i++)
        free(stint->bought[i].shares);
    free(stint->base);
    free(stint->items);
    free(stint->billed);
}
