/* taxes.h: the taxes of an invoice, reckoned anew on the sums of what is taxed alike. */
#ifndef TEST_SIM_TAXES_H
#define TEST_SIM_TAXES_H

#include "world.h"

/* A line as far as taxes are concerned. */
struct taxed {
    enum tax tax;
    int64_t at;     /* the last instant of its service */
    int64_t amount; /* without what is added */
    int64_t added, contained;
    int64_t details;
};

/* Holds the taxes of all lines of an invoice against their sums, and each line's against its
 * part. */
void taxes_audit(struct world *world, const struct taxed *lines, int count);

#endif
