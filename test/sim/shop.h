/* shop.h: what is sold, made through the way in: meters, features, taxes, add-ons, plans. */
#ifndef TEST_SIM_SHOP_H
#define TEST_SIM_SHOP_H

#include "world.h"

/* All of it, in the first version of each plan, before anything dies. */
void shop_furnish(struct world *world);

/* The next version of some plan: who is on the old one stays there until he migrates. */
void shop_publish(struct world *world);

#endif
