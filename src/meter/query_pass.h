/* query_pass.h: one pass over raw events, by blocks of columns: which of them count, and as what.
 * Private to the module.
 *
 * Whatever depends only on what stands in a column (does it pass a filter, which number is it,
 * which group's name is it) is found out once for each distinct value of a block, when the block
 * has clearly fewer of those than rows.
 */
#ifndef METER_QUERY_PASS_H
#define METER_QUERY_PASS_H

#include "meter/query_plan.h"

/* An event that counts. `value.word` is borrowed until the sink returns. */
struct pass_item {
    const uint32_t *parts; /* for each part the number of its text, or of the customer */
    struct tally_item value;
};

/* Takes an event; false ends the pass. */
typedef bool pass_sink(void *state, const struct pass_item *item);

struct query_pass {
    const struct query_plan *plan;
    struct plan_parts *parts;   /* what events are told apart by; their names grow */
    bool is_of_customers;       /* only events of the customers asked for, by their time */
    enum tally_kind value_kind; /* how a value is read: as a number, as a word, not at all */
    pass_sink *sink;
    void *state;
};

/* Visits the events of the filter, which is the plan's for some period, in order of sequence. */
NODISCARD enum err query_pass_run(struct usage *usage, const struct query_pass *pass,
                                  const struct usage_filter *filter);

#endif
