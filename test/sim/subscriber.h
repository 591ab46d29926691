/* subscriber.h: what customers decide on about their subscriptions. */
#ifndef TEST_SIM_SUBSCRIBER_H
#define TEST_SIM_SUBSCRIBER_H

#include "asking.h"

/* One decision by chance: subscribe, change, edit, end, go on, take it back. */
void subscriber_decide(struct world *world, struct customer *customer);

/* Moves every subscription of some plan to its newest version, at once or with the next period. */
void subscriber_migrate_all(struct world *world);

/* ---- for editor.c --------------------------------------------------------------------------- */

/* The subscription as the house has it. */
struct answer stint_look(struct world *world, struct arena *arena, const struct stint *stint);

/* Notes that something about it was decided. */
void stint_changed(struct world *world, const struct customer *customer, struct stint *stint);

/* Either contract, by chance; for what both call alike. */
text stint_path(struct world *world, struct arena *arena, const struct stint *stint,
                const char *action);

#endif
