/* driver.h: what customers do: one thing at a time, by chance, and again until it is done. */
#ifndef TEST_SIM_DRIVER_H
#define TEST_SIM_DRIVER_H

#include "world.h"

/* Lets some time go by and does one thing. Up to `customers` come in the course of time. */
void driver_step(struct world *world, int customers);

/* Lets time go by until nothing is due any more that was begun. */
void driver_settle(struct world *world);

#endif
