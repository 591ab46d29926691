/* payer.h: what becomes of invoices: cards that pay or do not, money by hand, credit notes; and
 * whether the accounts of an invoice add up.
 */
#ifndef TEST_SIM_PAYER_H
#define TEST_SIM_PAYER_H

#include "world.h"

/* One thing by chance. */
void payer_act(struct world *world);

/* Holds the rows of an issued invoice against each other and against what was paid by hand. */
void payer_audit(struct world *world, struct seen *invoice);

#endif
