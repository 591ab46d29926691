/* invoice_flow.c: the preview: gather rows and quantities, rate them, answer. Nothing is stored. */
#include "bill/bill_rows.h"
#include "bill/invoice_rate.h"
#include "bill/quantity.h"
#include "identity/org.h"

static text trouble_of(const struct cx *cx)
{
    const struct fault_info *info = fault_info(cx->problem.fault);
    if (text_is_empty(cx->problem.detail))
        return text_of(info->sentence);
    return text_format(cx->arena, "%s: %.*s", info->sentence, TEXT_ARG(cx->problem.detail));
}

/* A refusal becomes the line's trouble; a trouble of the world is the request's. */
static enum err material_gather(struct metering *metering, struct line_material *material)
{
    material->usage = (struct line_usage){ .quantity = DEC_ZERO };
    enum err err = conversion_gather(&metering->cx, &material->line, &material->conversion);
    if (err != OK)
        return err;
    if (line_is_converted(&material->line) && !material->conversion.is_known) {
        material->trouble = TEXT("the custom currency has no cost basis when the line is due");
        return OK;
    }
    if (!price_is_metered(material->line.terms.price.type))
        return OK;
    problem_init(&metering->cx.problem, metering->cx.arena);
    err = quantity_gather(metering, &material->line, &material->usage);
    if (err != ERR_REFUSED)
        return err;
    material->usage = (struct line_usage){ .quantity = DEC_ZERO };
    material->trouble = trouble_of(&metering->cx);
    return OK;
}

/* What is stored of one invoice. */
static struct invoice_material material_of(const struct gathering *gathering,
                                           const struct customer *customer, const struct org *org,
                                           const struct list *lines, struct arena *arena)
{
    struct invoice_material material = {
        .id = gathering->id,
        .profile_id = gathering->profile_id,
        .number = gathering->number,
        .currency = gathering->currency,
        .created_at = gathering->created_at,
        .updated_at = gathering->updated_at,
        .customer = customer,
        .supplier = { ulid_text(arena, org->id.ulid), org->name },
        .lines = ARENA_ARRAY(arena, struct line_material, lines->count),
        .line_count = lines->count,
    };
    for (size_t i = 0; i < lines->count; i++)
        material.lines[i].line = ((const struct pending_line *)lines->items)[i];
    return material;
}

/* The rows behind some invoices, from one snapshot of the store. */
struct preview_rows {
    struct list gatherings;     /* of struct gathering */
    struct customer *customers; /* of each */
    struct list *lines;         /* of each */
};

/* Reads the customer and the lines of each gathering. */
static enum err rows_gather(struct cx *cx, struct store_tx *tx, struct preview_rows *rows)
{
    const struct gathering *gatherings = rows->gatherings.items;
    size_t count = rows->gatherings.count;
    enum err err = OK;
    rows->customers = ARENA_ARRAY(cx->arena, struct customer, count);
    rows->lines = ARENA_ARRAY(cx->arena, struct list, count);
    for (size_t i = 0; i < count && err == OK; i++) {
        text customer = ulid_text(cx->arena, gatherings[i].customer_id.ulid);
        err = customer_need(cx, tx, customer, &rows->customers[i]);
        if (err == OK)
            err = bill_rows_lines_of_invoice(cx, tx, gatherings[i].id, &rows->lines[i]);
    }
    return err;
}

static enum err preview_one(struct cx *cx, struct metering *metering,
                            struct invoice_material *material, struct invoice *ret)
{
    enum err err = OK;
    for (size_t i = 0; i < material->line_count && err == OK; i++)
        err = material_gather(metering, &material->lines[i]);
    if (err != OK)
        return err;
    enum fault fault = invoice_rate(material, cx->arena, ret);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "invoice %.*s", TEXT_ARG(material->number));
    return OK;
}

/* Meters and rates each of the invoices. */
static enum err rows_rate(struct cx *cx, const struct preview_rows *rows, struct list *ret)
{
    const struct gathering *gatherings = rows->gatherings.items;
    size_t count = rows->gatherings.count;
    struct invoice *invoices = ARENA_ARRAY(cx->arena, struct invoice, count);
    struct org org;
    enum err err = org_get(cx, &org);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct metering metering;
        struct invoice_material material =
            material_of(&gatherings[i], &rows->customers[i], &org, &rows->lines[i], cx->arena);
        customer_enter(cx, &rows->customers[i]);
        err = metering_open(cx, rows->customers[i].id, &metering);
        if (err == OK)
            err = preview_one(cx, &metering, &material, &invoices[i]);
    }
    if (err == OK)
        *ret = (struct list){ invoices, count };
    return err;
}

/* Reads the rest of the rows, ends the transaction, rates: metering has transactions of its own,
 * and a thread that held one reader while it waited for another could wait for ever. */
static enum err invoices_make(struct cx *cx, struct store_tx **tx, struct preview_rows *rows,
                              struct list *ret)
{
    enum err err = rows_gather(cx, *tx, rows);
    if (err != OK)
        return err;
    store_rollback(*tx);
    *tx = NULL;
    return rows_rate(cx, rows, ret);
}

enum err invoice_preview(struct cx *cx, text customer_id_or_key, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct preview_rows rows = { 0 };
    struct customer customer;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id_or_key, &customer);
    if (err == OK)
        err = bill_rows_gatherings(cx, tx, customer.id, &rows.gatherings);
    return err == OK ? invoices_make(cx, &tx, &rows, ret) : err;
}

enum err invoice_list(struct cx *cx, const struct invoice_query *query, struct list *ret,
                      int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct preview_rows rows = { 0 };
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = bill_rows_gathering_page(cx, tx, query, &rows.gatherings, ret_total);
    return err == OK ? invoices_make(cx, &tx, &rows, ret) : err;
}

enum err invoice_get(struct cx *cx, struct invoice_id id, struct invoice *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct gathering gathering;
    struct preview_rows rows = { .gatherings = { &gathering, 1 } };
    struct list invoices;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = bill_rows_gathering_get(cx, tx, id, &gathering);
    if (err == ERR_ABSENT)
        err = problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                             TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = invoices_make(cx, &tx, &rows, &invoices);
    if (err == OK)
        *ret = *(const struct invoice *)invoices.items;
    return err;
}
