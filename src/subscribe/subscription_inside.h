/* subscription_inside.h: what the files of this module share. Nobody else includes it. */
#ifndef SUBSCRIBE_SUBSCRIPTION_INSIDE_H
#define SUBSCRIBE_SUBSCRIPTION_INSIDE_H

#include "subscribe/subscription.h"

/* Cuts the subscription at its end and fills the members that only the wire wants, at `now`. Texts
 * live in the arena. */
void subscription_view(struct subscription *subscription, instant now, struct arena *arena);

/* Refuses with FAULT_SUBSCRIPTION_OVERLAP when another subscription of the customer is active at
 * some time between this one's start and `active_to` (INSTANT_NONE: open). */
NODISCARD enum err subscription_check_overlap(struct cx *cx, struct store_tx *tx,
                                              const struct subscription *subscription,
                                              instant active_to);

#endif
