/* workflow.c: the settings of invoices: defaults and rows. */
#include "bill/workflow.h"

const char *const collection_alignment_words[] = { "subscription", "anchored", NULL };
const char *const collection_method_words[] = { "charge_automatically", "send_invoice", NULL };
const char *const end_proration_words[] = { "bill_actual_period", "bill_full_period", NULL };

_Static_assert(COUNT_OF(collection_alignment_words) == ALIGN_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(collection_method_words) == COLLECT_METHOD_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(end_proration_words) == END_PRORATION_COUNT + 1, "one word each");

/* ---- the supplier -------------------------------------------------------------------------- */

static const struct field supplier_rows[] = {
    FIELD(struct invoice_supplier, id, TEXT),
    FIELD(struct invoice_supplier, key, TEXT),
    FIELD(struct invoice_supplier, name, TEXT),
    FIELD(struct invoice_supplier, tax_code, TEXT, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct invoice_supplier, address, &address_fields, .flags = FIELD_NOT_JSON,
                 .set_offset = offsetof(struct invoice_supplier, has_address)),
};
const struct fields invoice_supplier_fields =
    FIELDS("InvoiceSupplier", struct invoice_supplier, supplier_rows);

/* ---- the settings -------------------------------------------------------------------------- */

static const struct field app_rows[] = {
    FIELD_ID(struct workflow_app, id),
    FIELD(struct workflow_app, type, TEXT),
};
static const struct fields app_fields_of_workflow =
    FIELDS("WorkflowApp", struct workflow_app, app_rows);

static const struct field workflow_rows[] = {
    FIELD_ID(struct invoice_workflow, profile_id),
    FIELD_STRUCT(struct invoice_workflow, tax_app, &app_fields_of_workflow,
                 .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct invoice_workflow, invoicing_app, &app_fields_of_workflow,
                 .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct invoice_workflow, payment_app, &app_fields_of_workflow,
                 .flags = FIELD_REQUIRED),
    FIELD(struct invoice_workflow, time_zone, TEXT),
    FIELD_WORD(struct invoice_workflow, alignment, collection_alignment_words),
    FIELD(struct invoice_workflow, anchor_interval, SPAN),
    FIELD(struct invoice_workflow, anchor, INSTANT),
    FIELD(struct invoice_workflow, collection_interval, SPAN),
    FIELD(struct invoice_workflow, is_auto_advance, BOOL),
    FIELD(struct invoice_workflow, draft_period, SPAN),
    FIELD(struct invoice_workflow, due_after, SPAN),
    FIELD(struct invoice_workflow, is_progressive, BOOL),
    FIELD_WORD(struct invoice_workflow, end_proration, end_proration_words),
    FIELD_STRUCT(struct invoice_workflow, default_tax, &rate_card_tax_v1_fields,
                 .set_offset = offsetof(struct invoice_workflow, has_default_tax)),
    FIELD_WORD(struct invoice_workflow, collection_method, collection_method_words),
    FIELD_AS(struct invoice_workflow, dunning.retry_after, "dunning_retry_after", TEXT_LIST),
    FIELD_AS(struct invoice_workflow, dunning.gives_up, "dunning_gives_up", BOOL),
    FIELD(struct invoice_workflow, is_tax_enabled, BOOL),
    FIELD(struct invoice_workflow, is_tax_enforced, BOOL),
};
const struct fields invoice_workflow_fields =
    FIELDS("InvoiceWorkflow", struct invoice_workflow, workflow_rows);

const struct zone *invoice_workflow_zone(const struct invoice_workflow *workflow)
{
    CHECK(workflow != NULL);
    const struct zone *zone = zone_utc();
    if (!text_is_empty(workflow->time_zone))
        zone = zone_find(workflow->time_zone);
    CHECK(zone != NULL);
    return zone;
}

struct invoice_workflow invoice_workflow_default(void)
{
    static text retry_after[] = { TEXT_INIT("P1D"), TEXT_INIT("P3D"), TEXT_INIT("P5D"),
                                  TEXT_INIT("P7D") };
    struct workflow_app sandbox = { .type = TEXT("sandbox") };
    return (struct invoice_workflow){
        .tax_app = sandbox,
        .invoicing_app = sandbox,
        .payment_app = sandbox,
        .anchor = INSTANT_NONE,
        .collection_interval = { .hours = 1 },
        .is_auto_advance = true,
        .due_after = { .days = 30 },
        .is_progressive = true,
        .dunning = { { retry_after, COUNT_OF(retry_after) }, false },
        .default_tax = { .behavior = FIELD_ENUM_NONE },
        .is_tax_enabled = true,
    };
}
