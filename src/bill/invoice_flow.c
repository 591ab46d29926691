/* invoice_flow.c: invoices read: gathering ones rated live, standard ones as they are stored. */
#include "bill/bill_rows.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/measure.h"

/* The rows behind one gathering invoice, from one snapshot of the store. */
struct gathering_rows {
    struct gathering gathering;
    struct customer customer;
    struct invoice_workflow workflow;
    struct materials materials;
};

/* Reads what belongs to a gathering invoice. */
static enum err rows_gather(struct cx *cx, struct store_tx *tx, struct gathering_rows *rows)
{
    struct list lines = { 0 };
    text customer = ulid_text(cx->arena, rows->gathering.customer_id.ulid);
    enum err err = customer_need(cx, tx, customer, &rows->customer);
    if (err == OK)
        err = bill_workflow_of(cx, tx, rows->customer.id, &rows->workflow);
    if (err == OK)
        err = bill_rows_lines_of_invoice(cx, tx, rows->gathering.id, &lines);
    if (err != OK)
        return err;
    rows->materials =
        (struct materials){ .items = ARENA_ARRAY(cx->arena, struct line_material, lines.count),
                            .count = lines.count };
    for (size_t i = 0; i < lines.count; i++)
        rows->materials.items[i].line = ((const struct pending_line *)lines.items)[i];
    return measure_before(cx, tx, &rows->materials);
}

/* Meters and rates one of them. */
static enum err rows_rate(struct cx *cx, const struct gathering_rows *rows, struct invoice *ret)
{
    const struct gathering *gathering = &rows->gathering;
    uint64_t sequence;
    struct invoice_material material = {
        .id = gathering->id,
        .workflow = rows->workflow,
        .number = gathering->number,
        .currency = gathering->currency,
        .created_at = gathering->created_at,
        .updated_at = gathering->updated_at,
        .customer = &rows->customer,
        .lines = rows->materials.items,
        .line_count = rows->materials.count,
    };
    customer_enter(cx, &rows->customer);
    enum err err = measure_usage(cx, rows->customer.id, &rows->materials, &sequence);
    if (err != OK)
        return err;
    material.workflow.profile_id = gathering->profile_id;
    enum fault fault = invoice_rate(&material, cx->arena, ret);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "invoice %.*s", TEXT_ARG(material.number));
    return OK;
}

/* An invoice of a list on its way from rows to print. */
struct listed {
    bool is_gathering;
    struct gathering_rows rows;
    struct invoice_record record; /* of a standard one */
    struct list lines;            /* of struct line_record */
    instant now;                  /* where its customer lives */
};

static enum err listed_read(struct cx *cx, struct store_tx *tx, const struct invoice_place *place,
                            struct listed *ret)
{
    ret->is_gathering = place->state == STATE_GATHERING;
    if (ret->is_gathering) {
        enum err err = bill_rows_gathering_get(cx, tx, place->id, &ret->rows.gathering);
        return err == OK ? rows_gather(cx, tx, &ret->rows) : err;
    }
    enum err err = customer_enter_id(cx, tx, place->customer_id);
    ret->now = cx->now;
    if (err == OK)
        err = invoice_rows_get(cx, tx, place->id, &ret->record);
    return err == OK ? line_rows_of_invoice(cx, tx, place->id, &ret->lines) : err;
}

static enum err listed_print(struct cx *cx, const struct listed *listed, bool with_deleted_lines,
                             struct invoice *ret)
{
    if (listed->is_gathering)
        return rows_rate(cx, &listed->rows, ret);
    *ret = invoice_print(&listed->record, &listed->lines, listed->now, cx->arena);
    if (with_deleted_lines)
        ret->lines = invoice_lines_print(&listed->record, &listed->lines, true, cx->arena);
    return OK;
}

/* Reads the rest of the rows, ends the transaction, rates: metering has transactions of its own,
 * and a thread that held one reader while it waited for another could wait for ever. */
static enum err places_print(struct cx *cx, struct store_tx **tx, const struct list *places,
                             struct list *ret)
{
    const struct invoice_place *place = places->items;
    struct listed *listed = ARENA_ARRAY(cx->arena, struct listed, places->count);
    struct invoice *invoices = ARENA_ARRAY(cx->arena, struct invoice, places->count);
    enum err err = OK;
    for (size_t i = 0; i < places->count && err == OK; i++)
        err = listed_read(cx, *tx, &place[i], &listed[i]);
    if (err != OK)
        return err;
    store_rollback(*tx);
    *tx = NULL;
    for (size_t i = 0; i < places->count && err == OK; i++)
        err = listed_print(cx, &listed[i], false, &invoices[i]);
    if (err == OK)
        *ret = (struct list){ invoices, places->count };
    return err;
}

enum err invoice_preview(struct cx *cx, text customer_id_or_key, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct list found = { 0 };
    struct customer customer;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id_or_key, &customer);
    if (err == OK)
        err = bill_rows_gatherings(cx, tx, customer.id, &found);
    if (err != OK)
        return err;
    struct invoice_place *places = ARENA_ARRAY(cx->arena, struct invoice_place, found.count);
    for (size_t i = 0; i < found.count; i++)
        places[i] = (struct invoice_place){ ((const struct gathering *)found.items)[i].id,
                                            customer.id, STATE_GATHERING };
    struct list list = { places, found.count };
    return places_print(cx, &tx, &list, ret);
}

enum err invoice_list(struct cx *cx, const struct invoice_search *search, struct list *ret,
                      int64_t *ret_total)
{
    CHECK(cx != NULL && search != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct list places = { 0 };
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_page(cx, tx, search, &places, ret_total);
    return err == OK ? places_print(cx, &tx, &places, ret) : err;
}

enum err invoice_get(struct cx *cx, struct invoice_id id, bool with_deleted_lines,
                     struct invoice *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct invoice_place place;
    struct listed listed;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_place(cx, tx, id, &place);
    if (err == ERR_ABSENT)
        err = problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                             TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = listed_read(cx, tx, &place, &listed);
    if (err != OK)
        return err;
    store_rollback(tx);
    tx = NULL;
    return listed_print(cx, &listed, with_deleted_lines, ret);
}
