/* verify_derive.h: a stored invoice reckoned again, for those who verify and those who explain.
 * Used by this module only. */
#ifndef BILL_VERIFY_DERIVE_H
#define BILL_VERIFY_DERIVE_H

#include "bill/invoice_work.h"
#include "bill/verify.h"

/* One line of it. */
struct derivation {
    struct line_record stored;
    struct line_material material; /* what it was measured and priced by, anew */
    struct line_record derived;    /* what comes out */
    bool is_unmeasured;            /* its events are gone: the stored quantity was taken */
    uint64_t sequence;             /* events up to it were counted */
    bool has_item;                 /* it follows an item of a subscription that is known */
    struct subscription subscription;
    const struct subscription_phase *phase;
    const struct subscription_item *item;
};

struct derived_invoice {
    struct invoice_record stored;
    struct invoice_record derived;
    struct derivation *lines; /* those that are not deleted */
    size_t count;
};

/* Reads and reckons an invoice; of a gathering one, what explaining a line needs. Lines that were
 * not rated yet are measured by the usage there is now. `only`: one line is measured, the others
 * are taken as they are stored; zero: all are. FAULT_INVOICE_ABSENT. The thread holds no
 * transaction. */
NODISCARD enum err derive_invoice(struct cx *cx, struct invoice_id id, struct line_id only,
                                  struct derived_invoice *ret);

/* Where what is stored is not what came out. */
void derived_compare(const struct derived_invoice *invoice, struct verify_list *list);

#endif
