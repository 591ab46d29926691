/* spec_addon.h: what add-ons make of a subscription. Pure.
 *
 * An add-on is bought in quantities over time. Where one of its rate cards has the key of an item,
 * the item is cut into pieces, one for each quantity, whose fee and limit are the item's own and
 * the add-on's so many times; where no item has the key, there is an item of the add-on alone.
 * Pieces keep what they were cut from (base_id, base_card), so that without the add-ons the spec
 * is what it was.
 */
#ifndef SUBSCRIBE_SPEC_ADDON_H
#define SUBSCRIBE_SPEC_ADDON_H

#include "catalog/addon.h"
#include "subscribe/spec.h"

/* A quantity over a time. */
struct addon_segment {
    instant active_from;
    instant active_to; /* INSTANT_NONE: open */
    int64_t quantity;  /* 0: none */
};

/* One add-on of a subscription. */
struct addon_bought {
    struct addon_id addon_id;
    struct list timeline;   /* of struct addon_segment, each begins where the one before ends */
    struct list rate_cards; /* of struct rate_card */
    size_t first_phase;     /* the index of the phase from which on it has an effect */
};

/* The spec with these add-ons (struct addon_bought) and no others, whatever it has now. Items that
 * stay as they are keep their ids, new ones have none. In the arena. FAULT_AMOUNT_OVERFLOW when a
 * fee or a limit does not fit so many times. */
NODISCARD enum fault spec_with_addons(const struct subscription *spec, const struct list *bought,
                                      struct arena *arena, struct subscription *ret);

/* The timeline with another quantity from `at` on: what was to come is gone. In the arena. */
struct list addon_timeline_set(const struct list *timeline, instant at, int64_t quantity,
                               struct arena *arena);

/* The quantity at t; 0 when there is no segment. */
int64_t addon_quantity_at(const struct list *timeline, instant t);

#endif
