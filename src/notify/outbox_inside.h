/* outbox_inside.h: an event printed and stored. Used by this module only. */
#ifndef NOTIFY_OUTBOX_INSIDE_H
#define NOTIFY_OUTBOX_INSIDE_H

#include "notify/outbox.h"

/* The thing as v1 prints it, which is what the contract's messages carry. */
text outbox_print(struct arena *arena, const struct fields *table, const void *object);

/* Stores an event of the context's organization: type, subject_id, payload and created_at;
 * subject_kind too, and when it is empty it is the type's first word. */
NODISCARD enum err outbox_write(struct cx *cx, struct store_tx *tx,
                                const struct outbox_event *event);

#endif
