/* verify.h: issued invoices reckoned again from what is stored.
 *
 * A line has its terms, its times and the sequence number up to which events were counted for it.
 * So its quantity is measured again as it was then, priced again, taxed again by the rates that it
 * bears, and summed up again; what comes out must be what is stored, to the byte. What followed a
 * subscription must also have the price of the subscription's item. The rest, such as numbers and
 * dates and copies of names, is under a seal from when the invoice was issued.
 *
 * Events may be gone by now: older than the organization keeps, or erased. Then a quantity that
 * cannot be had again is taken as stored, and counted as unmeasured; all the rest is looked at.
 *
 * What it is not: it repairs nothing. What becomes of the payment is not looked at either.
 */
#ifndef BILL_VERIFY_H
#define BILL_VERIFY_H

#include "bill/invoice.h"

/* One place at which what is stored is not what comes out. */
struct verify_difference {
    struct any_id line_id; /* zero: of the invoice itself */
    text field;            /* "details[0].totals.total" */
    text stored;           /* as it is stored; ptr NULL: nothing is */
    text derived;          /* as it comes out */
};

struct verify_report {
    struct any_id invoice_id;
    text number;
    int64_t lines;
    int64_t unmeasured; /* lines whose events are gone */
    bool is_same;
    struct list differences; /* of struct verify_difference */
};

/* Several invoices, in the order of their ids. */
struct verify_page {
    int64_t invoices;
    int64_t lines;
    int64_t unmeasured;
    struct list differing;    /* of struct verify_report: those with differences */
    struct any_id next_after; /* where the next page begins; zero: it was the last */
};

extern const struct fields verify_difference_fields;
extern const struct fields verify_report_fields;
extern const struct fields verify_page_fields;

/* Looks at one invoice. FAULT_INVOICE_ABSENT, FAULT_INVOICE_NOT_ISSUED. */
NODISCARD enum err verify_invoice(struct cx *cx, struct invoice_id id, struct verify_report *ret);

/* Looks at up to `limit` issued invoices of the organization behind the one with this id (zero:
 * from the first). Memory is of the order of `limit`. */
#define VERIFY_LIMIT_MAX 1000
NODISCARD enum err verify_invoices(struct cx *cx, struct invoice_id after, int64_t limit,
                                   struct verify_page *ret);

/* ---- pure ---------------------------------------------------------------------------------- */

/* Differences, growing in the arena. */
struct verify_list {
    struct arena *arena;
    struct verify_difference *items;
    size_t count;
    size_t room;
};

/* Adds one. */
void verify_add(struct verify_list *list, const struct verify_difference *difference);

/* Two structs of a table. */
struct verify_pair {
    const struct fields *table;
    const void *stored;
    const void *derived;
};

/* Adds every member named in `names` (NULL-terminated; NULL: all of them) at which the two differ
 * as they are stored; into nested ones. `line` may be zero. */
void verify_compare(struct verify_list *list, const struct verify_pair *pair,
                    const char *const *names, struct any_id line);

#endif
