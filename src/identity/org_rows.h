/* org_rows.h: organizations in the store. */
#ifndef IDENTITY_ORG_ROWS_H
#define IDENTITY_ORG_ROWS_H

#include "identity/org.h"

/* ERR_ABSENT when there is none. */
NODISCARD enum err org_load(struct store_tx *tx, struct org_id id, struct arena *arena,
                            struct org *ret);
NODISCARD enum err org_load_default(struct store_tx *tx, struct arena *arena, struct org *ret);

/* ERR_CONFLICT when there is a default organization already. */
NODISCARD enum err org_insert(struct store_tx *tx, const struct org *org);

/* All of them: a list of struct org. */
NODISCARD enum err org_load_all(struct store_tx *tx, struct arena *arena, struct list *ret);

/* Writes usage_retention of `org`. */
NODISCARD enum err org_save_retention(struct store_tx *tx, const struct org *org);

/* Writes outbox_retention of `org`. */
NODISCARD enum err org_save_outbox_retention(struct store_tx *tx, const struct org *org);

#endif
