/* invoice_move.h: one trigger pulled on one invoice, from reading to storing. Used by this module
 * only. */
#ifndef BILL_INVOICE_MOVE_H
#define BILL_INVOICE_MOVE_H

#include "bill/due.h"
#include "bill/invoice_work.h"
#include "bill/invoicing.h"

/* Changes the invoice further, in the transaction and before it is stored. */
typedef enum err invoice_change(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                                void *state);

struct invoice_move {
    struct invoice_id id;
    enum invoice_trigger trigger;
    const struct app_result *answer; /* somebody's answer to what it waits for, or NULL */
    enum invoice_state answered;     /* the state in which it must wait */
    invoice_change *change;          /* or NULL */
    void *state;                     /* of change */
    const struct due_row *due;       /* work that is done by it; then a state in which the trigger
                                        does nothing is no fault. NULL: somebody asked */
    struct meters_read *read;        /* what a batch has read so far, or NULL */
    const char *audit;               /* the action's name in the audit log; not for due work */
};

/* FAULT_INVOICE_ABSENT, FAULT_INVOICE_GATHERS, FAULT_INVOICE_ACTION, FAULT_INVOICE_ADVANCE,
 * FAULT_INVOICE_CHANGED. ERR_ABSENT when the due work was done by somebody else. */
NODISCARD enum err invoice_move_run(struct cx *cx, const struct invoice_move *move,
                                    struct invoice_work *ret);

/* Its two halves, for who does several in one transaction: reading and measuring, without one; and
 * running and storing. */
NODISCARD enum err invoice_move_gather(struct cx *cx, const struct invoice_move *move,
                                       struct invoice_work *ret);
NODISCARD enum err invoice_move_apply(struct cx *cx, struct store_tx *tx,
                                      const struct invoice_move *move, struct invoice_work *work);

#endif
