/* payer.h: what becomes of invoices: cards that pay or do not, money by hand, credit notes, the end
 * of hope.
 */
#ifndef TEST_SIM_PAYER_H
#define TEST_SIM_PAYER_H

#include "asking.h"

/* One thing by chance, for a customer or with an issued invoice of its. */
void payer_act(struct world *world, struct customer *customer);

#endif
