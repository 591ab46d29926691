/* clerk.h: what is done to invoices before they are issued: made at once, looked at, thrown away.
 */
#ifndef TEST_SIM_CLERK_H
#define TEST_SIM_CLERK_H

#include "asking.h"

/* One thing by chance. */
void clerk_act(struct world *world, struct customer *customer);

/* Approves every draft that waits for somebody. */
void clerk_approve_all(struct world *world);

#endif
