/* auditor.h: whether the house is right. Looks at what the outbox tells of since the last time, and
 * holds it against what the world knows.
 */
#ifndef TEST_SIM_AUDITOR_H
#define TEST_SIM_AUDITOR_H

#include "world.h"

/* After every step: what is new in the outbox, each invoice it names, and one customer. */
void audit_step(struct world *world);

/* At the end: all of it. */
void audit_all(struct world *world);

#endif
