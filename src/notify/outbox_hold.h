/* outbox_hold.h: events of a long transaction kept back until its end.
 *
 * Printing a thing takes about as long as storing it, and needs no transaction. So who writes much
 * in one puts a hold into the context (cx->outbox_hold): what outbox_tell is told is only noted,
 * another thread may print it meanwhile, and all of it is written, in order, before the commit.
 *
 * A hold belongs to the thread that writes; outbox_hold_help is for others. What was told must not
 * change until it is written, and lives as long.
 */
#ifndef NOTIFY_OUTBOX_HOLD_H
#define NOTIFY_OUTBOX_HOLD_H

#include "notify/outbox.h"

struct outbox_hold;

/* An empty one, to be freed with outbox_hold_free. */
struct outbox_hold *outbox_hold_new(void);

/* Nobody helps any more. NULL is allowed. */
void outbox_hold_free(struct outbox_hold *hold);

/* Keeps an event back; the object is copied, but not what it points to. */
void outbox_hold_add(struct outbox_hold *hold, const struct outbox_news *news, instant now);

/* Prints one event, on a thread of the caller's; one thread at a time. False: there is none. */
bool outbox_hold_help(struct outbox_hold *hold);

/* Prints what is not printed yet, writes all events in the order in which they came, and is empty
 * again. They are of the context's organization. */
NODISCARD enum err outbox_hold_write(struct cx *cx, struct store_tx *tx, struct outbox_hold *hold);

/* Forgets what is held: the transaction will not be. */
void outbox_hold_drop(struct outbox_hold *hold);

#endif
