/* due.h: due work for tests that are about one kind of it. */
#ifndef TEST_LIB_DUE_H
#define TEST_LIB_DUE_H

#include "bill/billing.h"
#include "lib/fixture.h"

/* Does a row that makes lines, and says 1. What would invoice them is set aside, so that they stay
 * pending: 0. */
static inline int due_run_lines_only(struct fixture *f, const struct due_row *row)
{
    struct store_tx *tx;
    if (text_equal(row->kind, TEXT(DUE_SUBSCRIPTION_SYNC))) {
        MUST(bill_run_due(&f->cx, row) == OK);
        return 1;
    }
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(due_done(tx, row, f->cx.arena) == OK);
    MUST(store_commit(tx) == OK);
    return 0;
}

#endif
