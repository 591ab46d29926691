/* subscription_addon_rows.h: bought add-ons in the store. Used by this module's flows only. */
#ifndef SUBSCRIBE_SUBSCRIPTION_ADDON_ROWS_H
#define SUBSCRIBE_SUBSCRIPTION_ADDON_ROWS_H

#include "subscribe/subscription_addon.h"

/* Stores a purchase; stores what may change of one. */
NODISCARD enum err subscription_addon_rows_insert(struct store_tx *tx,
                                                  const struct subscription_addon *addon);
NODISCARD enum err subscription_addon_rows_update(struct store_tx *tx,
                                                  const struct subscription_addon *addon);

#endif
