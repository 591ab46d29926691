/* explain.h: why a line of an invoice comes to what it comes to.
 *
 * An explanation leads every number of a line back: which rate card of which plan set the price,
 * whose events of which time were counted by which meter, up to which sequence number, and the
 * arithmetic from the quantity to the total in sentences. The line is measured and priced again for
 * it, as verifying does (verify.h), so an explanation of an issued line also says whether it is
 * right. A line of a gathering invoice or of a draft that was not measured yet is explained as it
 * would be now.
 */
#ifndef BILL_EXPLAIN_H
#define BILL_EXPLAIN_H

#include "bill/invoice_tax.h"
#include "bill/verify.h"
#include "meter/event_flow.h"

/* What set the price. */
struct explain_plan {
    struct any_id id;
    text key;
    int64_t version;
};

struct explain_item {
    struct any_id id;
    text key; /* of the rate card */
    int64_t version;
};

struct explain_phase {
    struct any_id id;
    text key;
};

struct explain_source {
    struct any_id subscription_id;
    bool has_plan;
    struct explain_plan plan;
    struct explain_phase phase;
    struct explain_item item;
    int64_t period_index;
    int64_t part_index;
    struct invoice_period billing_period;
    struct invoice_period full_service_period;
};

/* What was counted. */
struct explain_subject {
    text subject;
    instant from; /* INSTANT_NONE: always */
    instant to;   /* INSTANT_NONE: for ever */
};

struct explain_meter {
    struct any_id id;
    text key;
    text aggregation;
    text event_type;
    text value_property;
};

struct explain_feature {
    struct any_id id;
    text key;
    text filters; /* JSON */
};

struct explain_usage {
    struct explain_feature feature;
    struct explain_meter meter;
    struct list subjects; /* of struct explain_subject */
    struct invoice_period period;
    int64_t usage_sequence; /* events up to it were counted */
    dec metered_quantity;   /* in the whole period */
    dec prior_quantity;     /* of it billed before */
    dec quantity;           /* of it on this line */
    bool is_gone;           /* the events are gone: quantities are those that were stored */
    text events;            /* path of the list of events */
};

struct explanation {
    struct any_id invoice_id;
    text number;
    struct any_id line_id;
    text name;
    text reference;
    text currency;
    struct invoice_period service_period;
    bool is_stored; /* measured and priced when it was invoiced, not just now */
    bool has_source;
    struct explain_source source;
    struct invoice_rate_card rate_card;
    struct any_id adjusts_id; /* of a correction */
    bool has_usage;
    struct explain_usage usage;
    struct text_list steps; /* the arithmetic */
    struct list taxes;      /* of struct line_tax */
    struct rate_totals totals;
    bool is_same; /* nothing differs from what is stored */
    struct list differences;
};

extern const struct fields explanation_fields;

struct explain_target {
    struct invoice_id invoice;
    struct line_id line;
};

/* FAULT_INVOICE_ABSENT, FAULT_INVOICE_LINE_ABSENT. */
NODISCARD enum err explain_line(struct cx *cx, const struct explain_target *target,
                                struct explanation *ret);

/* One of the events behind a line. */
struct explain_event {
    struct event_row row;
    text value; /* what it counts as: its number, its word, "1" */
};

struct explain_events {
    struct explain_event *items;
    size_t count;
    struct event_cursor next; /* set when the page is full */
};

/* Which of the events, as in struct event_query. */
struct explain_page {
    int64_t limit;
    struct event_cursor after;
};

/* The events that counted, oldest first: those of the line's subjects in their times, in the time
 * that was measured, of the meter's type and with a value, under the feature's filters, up to the
 * line's sequence number. FAULT_INVOICE_LINE_EVENTS for a price that has none; as above. */
NODISCARD enum err explain_line_events(struct cx *cx, const struct explain_target *target,
                                       const struct explain_page *page, struct explain_events *ret);

#endif
