/* people.h: customers come, move, hand on what they use, and leave; what they use is sent. */
#ifndef TEST_SIM_PEOPLE_H
#define TEST_SIM_PEOPLE_H

#include "asking.h"

/* One more. */
void people_come(struct world *world);

/* Somebody who is still there, a little later on his own clock, if he has one; NULL: nobody. */
struct customer *people_any(struct world *world);

/* Another time zone; what runs keeps the one that it began with. */
void people_move(struct world *world, struct customer *customer);

/* A subject becomes another customer's, from now or from some time ago. */
void people_hand_on(struct world *world);

/* Asks to be forgotten, which is allowed to whom owes nothing. */
void people_leave(struct world *world, struct customer *customer);

/* A batch of events: new ones, late ones, and some that were sent before. */
void people_use(struct world *world);

#endif
