/* editor.h: what becomes of a subscription while it runs: other items, add-ons, and second
 * thoughts about either.
 */
#ifndef TEST_SIM_EDITOR_H
#define TEST_SIM_EDITOR_H

#include "asking.h"

/* One edit, purchase or change of a quantity, or a change withdrawn, by chance. */
void editor_act(struct world *world, struct customer *customer, struct stint *stint);

/* Holds the changes that the house says are pending against those that were asked for. */
void editor_audit(struct world *world, const struct customer *customer, const struct stint *stint);

#endif
