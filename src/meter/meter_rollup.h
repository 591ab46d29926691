/* meter_rollup.h: the rollups of meters: which partial aggregates are kept for which meter, and how
 * far they are.
 *
 * A rollup is kept under a number made of the meter's id and of all that its cells depend on. So a
 * meter with other dimensions has another rollup, and a query never reads one that was made for a
 * definition it does not have. Meters whose aggregation needs events in order have none.
 */
#ifndef METER_METER_ROLLUP_H
#define METER_METER_ROLLUP_H

#include "identity/cx.h"
#include "meter/meter.h"

/* The number under which a meter's rollup is kept. */
ulid meter_rollup_id(const struct meter *meter);

/* Keeps a rollup of the meter from now on; nothing without cx->rollup, or when the aggregation has
 * none. */
void meter_rollup_keep(struct cx *cx, const struct meter *meter);

/* Keeps the rollup of the meter as it now is, in place of the one before the change. */
void meter_rollup_change(struct cx *cx, const struct meter *before, const struct meter *after);

/* Forgets a meter's rollup. */
void meter_rollup_drop(struct cx *cx, const struct meter *meter);

/* At the start: keeps the rollups of all living meters, of every organization, and removes the
 * files of others. Nothing without cx->rollup. */
NODISCARD enum err meter_rollups_keep(struct cx *cx);

/* How far a meter's rollup is. Sequence numbers are those of events. */
struct meter_rollup {
    int64_t valid_to; /* holds every event up to this number */
    int64_t target;   /* the newest that it could hold: those behind it are not sealed */
    bool is_kept;     /* false: the aggregation is always computed from raw events */
    bool is_complete; /* it holds all it could */
    int64_t runs;
    int64_t series;
    int64_t cells;
    int64_t bytes;
};

extern const struct fields meter_rollup_fields;

/* How far it is now; all zero and not kept without cx->rollup, or when the aggregation has none. */
struct meter_rollup meter_rollup_progress(struct cx *cx, const struct meter *meter);

#endif
