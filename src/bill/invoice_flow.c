/* invoice_flow.c: the preview: gather rows and quantities, rate them, answer. Nothing is stored. */
#include "bill/bill_rows.h"
#include "bill/invoice_rate.h"
#include "identity/org.h"
#include "meter/meter_flow.h"
#include "meter/query.h"

/* What one preview reads its quantities with: one snapshot of the usage for all lines. */
struct metering {
    struct cx cx; /* a copy with a problem of its own: a line's trouble is not the request's */
    struct list attributions;
    uint64_t sequence;
};

/* The time in which the attribution and the line's service have in common. */
static struct period owned_of(const struct attribution *attribution, struct period service)
{
    struct period valid = { attribution->valid_from, instant_is_none(attribution->valid_to)
                                                         ? INSTANT_MAX
                                                         : attribution->valid_to };
    return period_meet(valid, service);
}

static bool period_is_same(struct period a, struct period b)
{
    return instant_equal(a.from, b.from) && instant_equal(a.to, b.to);
}

/* Whether quantities of parts of a period add up to that of the whole. */
static bool meter_adds_up(const struct meter *meter)
{
    return meter->aggregation == METER_SUM || meter->aggregation == METER_COUNT ||
           meter->aggregation == METER_INTEGRAL;
}

/* The feature's meter. */
static enum err meter_gather(struct metering *metering, struct feature_id id, struct feature *ret,
                             struct meter *ret_meter)
{
    struct cx *cx = &metering->cx;
    enum err err = feature_get(cx, id, ret);
    if (err != OK)
        return err;
    if (ulid_is_zero(ret->meter_id.ulid))
        return problem_refuse(&cx->problem, FAULT_METER_ABSENT, "the feature has no meter");
    return meter_get(cx, ulid_text(cx->arena, ret->meter_id.ulid), ret_meter);
}

/* What to ask a meter for one line. */
struct quantity_query {
    const struct feature *feature;
    const struct meter *meter;
    struct period service;
};

static enum err window_total(struct metering *metering, const struct quantity_query *query,
                             struct text_list subjects, struct period window, dec *ret)
{
    struct meter_usage usage = {
        .subjects = subjects,
        .filters = query->feature->conditions,
        .from = window.from,
        .to = window.to,
        .sequence_max = metering->sequence,
    };
    return meter_usage_total(&metering->cx, query->meter, &usage, ret);
}

/* The subjects that are the customer's during the whole of the service, and whether there are
 * others that are only for a part of it. */
static struct text_list whole_owners(const struct metering *metering, struct period service,
                                     bool *ret_has_parts)
{
    const struct attribution *items = metering->attributions.items;
    struct text_list names = { ARENA_ARRAY(metering->cx.arena, text, metering->attributions.count),
                               0 };
    *ret_has_parts = false;
    for (size_t i = 0; i < metering->attributions.count; i++) {
        struct period owned = owned_of(&items[i], service);
        if (period_is_same(owned, service))
            names.items[names.count++] = items[i].subject;
        else if (!period_is_empty(owned))
            *ret_has_parts = true;
    }
    return names;
}

/* Adds the usage of subjects that are the customer's for a part of the service. */
static enum err add_parts(struct metering *metering, const struct quantity_query *query, dec *total)
{
    struct attribution *items = metering->attributions.items;
    enum err err = OK;
    for (size_t i = 0; i < metering->attributions.count && err == OK; i++) {
        struct period owned = owned_of(&items[i], query->service);
        dec part;
        if (period_is_empty(owned) || period_is_same(owned, query->service))
            continue;
        err =
            window_total(metering, query, (struct text_list){ &items[i].subject, 1 }, owned, &part);
        if (err == OK)
            *total = dec_add(*total, part);
    }
    return err;
}

static enum err quantity_gather(struct metering *metering, const struct pending_line *line,
                                dec *ret)
{
    struct cx *cx = &metering->cx;
    struct feature feature;
    struct meter meter;
    bool has_parts = false;
    enum err err = meter_gather(metering, line->feature_id, &feature, &meter);
    if (err != OK)
        return err;
    struct quantity_query query = { &feature, &meter, { line->service_from, line->service_to } };
    struct text_list names = whole_owners(metering, query.service, &has_parts);
    if (has_parts && !meter_adds_up(&meter))
        return problem_refuse(&cx->problem, FAULT_LINE_QUANTITY,
                              "a subject changed hands within the period, and a %s cannot be "
                              "split",
                              meter_aggregation_words[meter.aggregation]);
    dec total;
    err = window_total(metering, &query, names, query.service, &total);
    if (err == OK && has_parts)
        err = add_parts(metering, &query, &total);
    if (err == OK && !dec_is_valid(total))
        err = problem_refuse(&cx->problem, FAULT_AMOUNT_OVERFLOW, "%s", "");
    if (err == OK)
        *ret = total;
    return err;
}

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
    material->quantity = DEC_ZERO;
    if (!price_is_metered(material->line.terms.price.type))
        return OK;
    problem_init(&metering->cx.problem, metering->cx.arena);
    enum err err = quantity_gather(metering, &material->line, &material->quantity);
    if (err != ERR_REFUSED)
        return err;
    material->quantity = DEC_ZERO;
    material->trouble = trouble_of(&metering->cx);
    return OK;
}

static enum err metering_open(struct cx *cx, struct customer_id customer, struct metering *ret)
{
    *ret = (struct metering){ .cx = *cx, .sequence = usage_sequence(cx->usage) };
    return customer_attributions(cx, customer, &ret->attributions);
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
