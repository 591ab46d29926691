/* line.h: pending lines: what a subscription is to be billed for, not yet on an issued invoice.
 *
 * A line is one charge of one item: (item, period index) names it for ever, whatever becomes of
 * its times. What lines there should be follows from the subscription alone; lines_compare says
 * what to change so that there are these and no others. Pure: the store is not seen here.
 *
 * What it is not: quantities and amounts are found when the line is rated (invoice_rate.h).
 */
#ifndef BILL_LINE_H
#define BILL_LINE_H

#include "bill/invoice.h"
#include "bill/invoice_state.h"
#include "bill/workflow.h"

struct pending_line {
    struct line_id id;
    struct org_id org_id;
    struct invoice_id invoice_id; /* the gathering invoice it hangs on, or the standard one */
    struct subscription_id subscription_id; /* zero, with phase and item, of lines made by hand */
    struct phase_id phase_id;
    struct item_id item_id;
    int64_t period_index; /* 0 for the period in which the item begins; below 0: a rest of one */
    text reference;       /* "{subscription}/{phase}/{item}/v[0]/period[3]", for people and logs */
    text name;
    text description;
    struct feature_id feature_id; /* zero when there is none */
    text feature_key;
    text currency;
    struct price_terms terms;
    enum payment_term payment_term;
    bool is_pro_rating; /* a flat price is billed for the part of the full period */
    instant service_from;
    instant service_to;
    instant full_from;
    instant full_to;
    instant billing_from;
    instant billing_to;
    instant invoice_at;
    instant created_at;
    instant updated_at;

    enum line_managed_by managed_by;
    struct text_map labels; /* v1: metadata */
    bool has_tax;
    struct rate_card_tax tax;  /* over the profile's default */
    instant collect_at;        /* late events count until then; INSTANT_NONE: as the profile says */
    int64_t part_index;        /* 0 unless a period is billed in parts */
    struct line_id group_id;   /* the first part of a period in parts; else zero */
    bool is_open_part;         /* a later part follows */
    struct line_id adjusts_id; /* the line that this one corrects; else zero */
    instant deleted_at;        /* INSTANT_NONE while it counts */
    enum invoice_state invoice_state; /* of the invoice it is on; read, never written */
};

/* Whether it has not been put on a standard invoice yet. */
bool line_is_pending(const struct pending_line *line);

/* The terms of the lines of an item with this card. */
struct price_terms line_terms_of(const struct rate_card *card);

/* Rows of the table invoice_line. */
extern const struct fields pending_line_fields;

/* Which lines of a subscription are looked at. */
struct line_scope {
    instant
        settled_to;  /* charges whose full period ended before are left out: INSTANT_NONE: none */
    instant horizon; /* up to where they are to be there: see item_charges */
    enum end_proration end_proration; /* of the period in which the subscription ends */
};

/* The first charge of an item that is in the scope, and whether any can be. */
int64_t line_first_index(const struct subscription *subscription,
                         const struct subscription_phase *phase,
                         const struct subscription_item *item, instant settled_to);
bool line_item_is_open(const struct subscription_item *item, instant settled_to);

/* The lines that a subscription, cut or not, should have in the scope, without ids, invoice and
 * times of making: struct pending_line, by item and period. What comes to nothing makes no line:
 * free prices, fees that round to zero, arrears of an empty period. FAULT_AMOUNT_OVERFLOW. In the
 * arena. */
NODISCARD enum fault lines_wanted(const struct subscription *subscription,
                                  const struct line_scope *scope, struct arena *arena,
                                  struct list *ret);

/* A line on a draft that is not what its subscription makes of it any more. */
struct line_drafted {
    struct pending_line line; /* with its new times */
    bool is_withdrawn;        /* nothing is left of it */
};

/* What to do to the lines there are. Each a list of struct pending_line in the arena. */
struct line_changes {
    struct list added;   /* without ids */
    struct list changed; /* with the ids they have and their new times */
    struct list removed;
    struct list drafted; /* of struct line_drafted */
    struct list credits; /* of struct line_credit */
};

/* What a fee that is on an invoice which may not be edited any more was billed for time that its
 * subscription does not have. The line stays as it is; what is to be given back is original minus
 * kept. */
struct line_credit {
    struct line_id line_id;
    struct invoice_id invoice_id;
    struct subscription_id subscription_id;
    text reference;
    text currency;
    dec original; /* of the period that was billed */
    dec kept;     /* of the period that is left of it */
    dec amount;   /* original - kept; below zero: the subscription now has more time than billed */
    instant kept_to;      /* INSTANT_NONE: nothing is left */
    instant effective_at; /* when it is given back; INSTANT_NONE: at once */
};
extern const struct fields line_credit_fields;

/* What a flat fee of a line comes to for its times, before taxes. Invalid for prices in a custom
 * currency, whose rate is not known here, and when it does not fit. */
dec line_fee(const struct pending_line *line, struct arena *arena);

/* What has to be done so that the wanted lines are there and no others. Lines that follow their
 * subscription are changed or removed, be they pending or on a draft; of those on an invoice that
 * may not be edited any more the difference is listed. Of a period billed in parts the last part is
 * changed, and keeps its beginning. */
struct line_changes lines_compare(const struct list *present, const struct list *wanted,
                                  struct arena *arena);

#endif
