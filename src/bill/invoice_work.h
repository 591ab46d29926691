/* invoice_work.h: an invoice in hand: read, moved through its states, stored. Used by this module
 * only.
 *
 * The way of every command on a standard invoice:
 *
 *   invoice_work_read     its rows, in a reading transaction
 *   invoice_work_measure  what was used, when its way leads past taking quantities; no transaction
 *   invoice_work_run      the states it goes through, in a writing transaction
 *   invoice_work_store    what is new, in the same one; refuses when somebody else was quicker
 */
#ifndef BILL_INVOICE_WORK_H
#define BILL_INVOICE_WORK_H

#include "bill/invoice_app.h"
#include "bill/invoice_tax.h"
#include "bill/measure.h"

struct invoice_work {
    struct invoice_record record;
    struct list lines;          /* of struct line_record, deleted ones too */
    struct materials materials; /* of each line: what was billed before and, when measured, used */
    bool is_measured;
    bool is_rated;        /* with what was measured */
    uint64_t sequence;    /* of the measuring */
    struct tax_book book; /* as of the measuring */
    bool is_new;          /* not stored yet */
    bool was_issued;
    enum invoice_state was; /* its state when it was read */
    bool has_new_lines;     /* lines are to be stored */
    enum line_write scope;  /* what of them */
};

/* FAULT_INVOICE_ABSENT, also for gathering ones. */
NODISCARD enum err invoice_work_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                     struct invoice_work *ret);

/* Whether a trigger's way takes quantities, so that they have to be measured before it is run. */
bool invoice_work_needs_usage(const struct invoice_work *work, enum invoice_trigger trigger,
                              instant now);

/* Looks up what is known of taxes, as invoice_work_measure does. The thread holds no transaction.
 */
NODISCARD enum err invoice_work_book(struct cx *cx, struct invoice_work *work);

/* Reckons the taxes of its lines, and sums up. A tax that does not fit is an issue. */
void invoice_work_tax(struct cx *cx, struct invoice_work *work);

/* Measures its lines. The thread holds no transaction. */
NODISCARD enum err invoice_work_measure(struct cx *cx, struct invoice_work *work);

/* Rates what was measured, and sums up: pure but for the arena. */
void invoice_work_rate(struct cx *cx, struct invoice_work *work);

/* Sums of the lines that count, the period they span, and until when it is collected. */
void invoice_work_sum(struct invoice_work *work);

/* The dates of a draft that was edited: they follow from its lines and settings. */
void invoice_work_dates(struct cx *cx, struct invoice_work *work);

/* Pulls a trigger and goes on until it comes to rest. FAULT_INVOICE_ACTION or
 * FAULT_INVOICE_ADVANCE when the state has no row for it. */
NODISCARD enum err invoice_work_run(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                                    enum invoice_trigger trigger);

/* Goes on from where it waited for somebody outside, with the answer. */
NODISCARD enum err invoice_work_answer(struct cx *cx, struct store_tx *tx,
                                       struct invoice_work *work, const struct app_result *result);

/* Stores it, schedules what is due next, and writes the event. ERR_CONFLICT when it was written by
 * somebody else since it was read. */
NODISCARD enum err invoice_work_store(struct cx *cx, struct store_tx *tx,
                                      struct invoice_work *work);

/* Adds an issue, unless there is one with its code and field. */
void invoice_work_issue(struct cx *cx, struct invoice_work *work,
                        const struct invoice_issue *issue);

/* Notes that something of its lines changed, whatever it is: they are stored whole. */
void invoice_work_lines_changed(struct invoice_work *work);

/* The i-th line. */
struct line_record *invoice_work_line(const struct invoice_work *work, size_t i);

#endif
