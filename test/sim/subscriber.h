/* subscriber.h: what customers decide on about their subscriptions. */
#ifndef TEST_SIM_SUBSCRIBER_H
#define TEST_SIM_SUBSCRIBER_H

#include "world.h"

/* One decision by chance: subscribe, change, edit, end, go on, take it back. */
void subscriber_decide(struct world *world, struct customer *customer);

#endif
