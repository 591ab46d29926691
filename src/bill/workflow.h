/* workflow.h: how a customer's invoices are to go: the settings of its billing profile with the
 * customer's own over them. Each standard invoice keeps a copy from when it was made, so that later
 * changes of the profile do not touch it.
 *
 * Here: the merged settings and the question for them. Profiles and overrides themselves are
 * elsewhere.
 */
#ifndef BILL_WORKFLOW_H
#define BILL_WORKFLOW_H

#include "base/span.h"
#include "bill/dunning.h"
#include "catalog/plan_card.h"
#include "customer/customer.h"

ID_TYPE(profile);
ID_TYPE(workflow_app); /* an app, seen from what it is used for */

enum collection_alignment { ALIGN_SUBSCRIPTION, ALIGN_ANCHORED, ALIGN_COUNT };

enum collection_method { COLLECT_AUTOMATICALLY, COLLECT_SEND_INVOICE, COLLECT_METHOD_COUNT };

enum end_proration { END_BILLS_ACTUAL_PERIOD, END_BILLS_FULL_PERIOD, END_PRORATION_COUNT };

/* NULL-terminated, in the order of their enums: "subscription", "anchored"; "charge_automatically",
 * "send_invoice"; "bill_actual_period", "bill_full_period". */
extern const char *const collection_alignment_words[];
extern const char *const collection_method_words[];
extern const char *const end_proration_words[];

/* Who bills, as printed on the invoice. */
struct invoice_supplier {
    text id;
    text key;
    text name;
    text tax_code; /* ptr NULL when there is none */
    bool has_address;
    struct address address;
};

struct workflow_app {
    struct workflow_app_id id; /* zero: the built-in sandbox of an organization without apps */
    text type;                 /* "sandbox", "external_invoicing" */
};

struct invoice_workflow {
    struct profile_id profile_id;
    struct invoice_supplier supplier;
    struct workflow_app tax_app;
    struct workflow_app invoicing_app;
    struct workflow_app payment_app;
    text time_zone; /* the customer's when it was made, for dates that follow a calendar; empty: UTC
                     */

    enum collection_alignment alignment;
    span anchor_interval; /* of ALIGN_ANCHORED */
    instant anchor;
    span collection_interval; /* how long late events are waited for */

    bool is_auto_advance;
    span draft_period;
    span due_after;
    bool is_progressive;
    enum end_proration end_proration;
    bool has_default_tax;
    struct rate_card_tax default_tax; /* under a line's own */

    enum collection_method collection_method;
    struct dunning dunning; /* of payments that fail */
    bool is_tax_enabled;
    bool is_tax_enforced;
};

/* As it is kept with an invoice: nested tables are columns' JSON. */
extern const struct fields invoice_workflow_fields;
extern const struct fields invoice_supplier_fields;

/* The zone in whose calendar windows, drafts, terms of payment and retries are counted. */
const struct zone *invoice_workflow_zone(const struct invoice_workflow *workflow);

/* What there is without any setting: sandbox, one hour of collection, due after 30 days. */
struct invoice_workflow invoice_workflow_default(void);

/* The settings that hold for the customer now, in a transaction of the caller (reading or
 * writing). The profile's id is zero while the organization has no profile yet. */
NODISCARD enum err bill_workflow_of(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                    struct invoice_workflow *ret);

#endif
