/* dunning.c: when a payment that failed is tried again. */
#include "bill/dunning.h"

struct dunning_next dunning_after(const struct dunning *dunning, instant first, int64_t failures,
                                  const struct zone *zone)
{
    CHECK(dunning != NULL && zone != NULL);
    CHECK(failures >= 1 && !instant_is_none(first));
    span after;
    if ((uint64_t)failures > dunning->retry_after.count) {
        enum dunning_step last = dunning->gives_up ? DUNNING_UNCOLLECTIBLE : DUNNING_WAIT;
        return (struct dunning_next){ last, INSTANT_NONE };
    }
    MUST(span_parse(dunning->retry_after.items[failures - 1], &after));
    return (struct dunning_next){ DUNNING_RETRY, span_add(first, after, 1, zone) };
}
