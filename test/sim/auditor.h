/* auditor.h: whether the house is right. Looks at what the outbox tells of since the last time, and
 * at what should be there by now.
 */
#ifndef TEST_SIM_AUDITOR_H
#define TEST_SIM_AUDITOR_H

#include "world.h"

/* What is new in the outbox, and each invoice it names. */
void audit_news(struct world *world);

/* After every step: what is new, one customer, and one invoice. */
void audit_step(struct world *world);

/* At the end: all of it. */
void audit_all(struct world *world);

#endif
