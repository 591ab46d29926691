/* meter_rows.h: meters in the store, for flows that have a transaction of their own. */
#ifndef METER_METER_ROWS_H
#define METER_METER_ROWS_H

#include "meter/meter.h"
#include "store/store.h"

/* The meter with this id, deleted or not (an invoice may still need it); ERR_ABSENT. */
NODISCARD enum err meter_load(struct store_tx *tx, struct org_id org, struct meter_id id,
                              struct arena *arena, struct meter *ret);

/* The living meter with this key; ERR_ABSENT. */
NODISCARD enum err meter_load_by_key(struct store_tx *tx, struct org_id org, text key,
                                     struct arena *arena, struct meter *ret);

/* All meters of the organization, deleted ones too, oldest first: a list of struct meter. */
NODISCARD enum err meter_load_all(struct store_tx *tx, struct org_id org, struct arena *arena,
                                  struct list *ret);

/* All living meters of all organizations: a list of struct meter. */
NODISCARD enum err meter_load_living(struct store_tx *tx, struct arena *arena, struct list *ret);

/* Writes a new row. ERR_CONFLICT when a living meter has the key. */
NODISCARD enum err meter_insert(struct store_tx *tx, const struct meter *meter);

/* Writes name, description, labels, dimensions, updated_at and deleted_at of an existing row. */
NODISCARD enum err meter_save(struct store_tx *tx, const struct meter *meter);

#endif
