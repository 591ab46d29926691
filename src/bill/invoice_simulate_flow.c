/* invoice_simulate_flow.c: an invoice that is reckoned and forgotten. */
#include "bill/invoice_print.h"
#include "bill/invoice_simulate.h"
#include "bill/invoice_work.h"
#include "bill/profile.h"

static struct pending_line line_of(struct cx *cx, const struct simulated_line *from,
                                   const struct invoice_simulation *simulation)
{
    bool is_metered = price_is_metered(from->terms.price.type);
    bool is_later = is_metered && dec_is_valid(from->prior_quantity) &&
                    !dec_is_zero(from->prior_quantity);
    return (struct pending_line){
        .id = ulid_is_zero(from->id.ulid) ? (struct line_id){ cx_ulid(cx) } : from->id,
        .org_id = cx->org,
        .name = from->name,
        .description = from->description,
        .labels = from->labels,
        .feature_key = from->rate_card.feature_key,
        .currency = simulation->currency,
        .terms = from->terms,
        .payment_term = from->payment_term,
        .service_from = from->period.from,
        .service_to = from->period.to,
        .full_from = from->period.from,
        .full_to = from->period.to,
        .billing_from = from->period.from,
        .billing_to = from->period.to,
        .invoice_at = from->invoice_at,
        .created_at = cx->now,
        .updated_at = cx->now,
        .managed_by = MANAGED_BY_MANUAL,
        .has_tax = from->has_tax,
        .tax = from->tax,
        .collect_at = INSTANT_NONE,
        .part_index = is_later ? 1 : 0,
        .deleted_at = INSTANT_NONE,
    };
}

/* The lines with their quantities. */
static void work_fill(struct cx *cx, const struct invoice_simulation *simulation,
                      struct invoice_work *work)
{
    const struct simulated_line *from = simulation->lines.items;
    size_t count = simulation->lines.count;
    struct line_record *lines = ARENA_ARRAY(cx->arena, struct line_record, count);
    struct line_material *materials = ARENA_ARRAY(cx->arena, struct line_material, count);
    for (size_t i = 0; i < count; i++) {
        struct line_usage usage = line_usage_none();
        lines[i].line = line_of(cx, &from[i], simulation);
        usage.quantity = from[i].quantity;
        if (lines[i].line.part_index > 0)
            usage.prior_quantity = from[i].prior_quantity;
        materials[i] = (struct line_material){ .line = lines[i].line, .usage = usage };
    }
    work->lines = (struct list){ lines, count };
    work->materials = (struct materials){ .items = materials, .count = count };
    work->is_measured = true;
}

static void work_begin(struct cx *cx, const struct customer *customer,
                       const struct invoice_simulation *simulation,
                       const struct invoice_workflow *workflow, struct invoice_work *work)
{
    work->record = (struct invoice_record){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .customer_id = customer->id,
        .profile_id = workflow->profile_id,
        .state = STATE_DRAFT_CREATED,
        .number = simulation->number,
        .currency = simulation->currency,
        .supplier = workflow->supplier,
        .customer = invoice_customer_of(customer, cx->arena),
        .workflow = *workflow,
        .collection_at = INSTANT_NONE,
        .quantity_snapshotted_at = INSTANT_NONE,
        .draft_until = INSTANT_NONE,
        .issued_at = INSTANT_NONE,
        .due_at = INSTANT_NONE,
        .sent_at = INSTANT_NONE,
        .voided_at = INSTANT_NONE,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
    };
}

/* A line that cannot be rated would only leave an issue on the invoice: here it is refused. */
static enum err lines_check(struct cx *cx, const struct invoice_work *work)
{
    const struct currency *currency = currency_find(work->record.currency);
    CHECK(currency != NULL);
    for (size_t i = 0; i < work->materials.count; i++) {
        struct rate_result rated;
        enum fault fault = line_rate(&work->materials.items[i], currency, cx->arena, &rated);
        if (fault != FAULT_NONE)
            return problem_refuse(&cx->problem, fault, "lines[%zu]", i);
    }
    return OK;
}

enum err bill_invoice_simulate(struct cx *cx, text customer_id_or_key,
                               const struct invoice_simulation *simulation, struct invoice *ret)
{
    CHECK(cx != NULL && simulation != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct customer customer;
    struct invoice_workflow workflow;
    struct invoice_work work = { 0 };
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id_or_key, &customer);
    if (err == OK)
        err = bill_workflow_of(cx, tx, customer.id, &workflow);
    if (err != OK)
        return err;
    store_rollback(tx);
    tx = NULL;
    customer_enter(cx, &customer);
    work_begin(cx, &customer, simulation, &workflow, &work);
    work_fill(cx, simulation, &work);
    err = lines_check(cx, &work);
    if (err == OK)
        err = invoice_work_book(cx, &work);
    if (err != OK)
        return err;
    invoice_work_rate(cx, &work);
    *ret = invoice_print(&work.record, &work.lines, cx->now, cx->arena);
    return OK;
}
