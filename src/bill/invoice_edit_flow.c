/* invoice_edit_flow.c: an invoice is replaced by what somebody wants instead. */
#include "bill/bill_rows.h"
#include "bill/draft_follow.h"
#include "bill/invoice_collect.h"
#include "bill/invoice_edit.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/invoice_work.h"
#include "bill/invoicing.h"
#include "bill/line_flow.h"
#include "identity/audit.h"

#define EDIT_ATTEMPTS 5

/* Lines there are and lines to come, as the request wants them. */
struct edited {
    struct pending_line *made;
    size_t made_count;
};

/* ---- lines --------------------------------------------------------------------------------- */

/* Bodies without an id are new lines; an id that is nobody's is a fault. */
static enum err lines_new(struct cx *cx, const struct invoice_edit *edit, const bool *is_known,
                          text currency, struct edited *ret)
{
    const struct line_body *body = edit->lines.items;
    enum err err = OK;
    ret->made = ARENA_ARRAY(cx->arena, struct pending_line, edit->lines.count);
    ret->made_count = 0;
    for (size_t i = 0; i < edit->lines.count && err == OK; i++) {
        struct feature_id feature;
        if (is_known[i])
            continue;
        if (!ulid_is_zero(body[i].id.ulid)) {
            line_edit_refuse(&cx->problem, i, "invoice_line_not_found",
                             "the invoice has no such line");
            continue;
        }
        line_edit_check_new(&body[i], i, &cx->problem);
        err = line_refers(cx, &body[i], i, &feature);
        if (err == OK)
            ret->made[ret->made_count++] = line_of_body(cx, &body[i], feature, currency);
    }
    return err == OK ? problem_err(&cx->problem) : err;
}

/* What the request makes of one line. */
static enum line_edit line_edit_one(struct cx *cx, const struct invoice_edit *edit,
                                    struct pending_line *line, bool *is_known)
{
    size_t index = 0;
    const struct line_body *body = line_edit_find(edit, line->id, &index);
    enum line_edit what = LINE_REMOVED;
    if (body != NULL) {
        is_known[index] = true;
        what = line_edit_apply(line, body, index, &cx->problem);
    } else {
        line->deleted_at = cx->now;
    }
    if (what != LINE_KEPT)
        line->updated_at = cx->now;
    return what;
}

/* ---- the rest of a draft ------------------------------------------------------------------- */

static void supplier_edit(struct invoice_supplier *supplier,
                          const struct invoice_supplier_view *view)
{
    const struct address *addresses = view->addresses_v1.items;
    if (view->name.ptr != NULL)
        supplier->name = view->name;
    supplier->key = view->key.ptr != NULL ? view->key : supplier->key;
    supplier->tax_code = view->has_tax_id ? view->tax_id.code : TEXT_NONE;
    supplier->has_address = view->has_addresses || view->addresses_v1.count > 0;
    if (view->has_addresses)
        supplier->address = view->addresses_v3.billing_address;
    else if (supplier->has_address)
        supplier->address = addresses[0];
}

static void customer_edit(struct invoice_customer *customer, const struct invoice_customer *wanted)
{
    const struct address *addresses = wanted->addresses.items;
    if (wanted->name.ptr != NULL)
        customer->name = wanted->name;
    if (wanted->has_tax_id) {
        customer->has_tax_id = !text_is_empty(wanted->tax_id.code);
        customer->tax_id = wanted->tax_id;
    }
    if (wanted->has_billing_address) {
        customer->has_billing_address = true;
        customer->billing_address = wanted->billing_address;
    } else if (wanted->addresses.count > 0) {
        customer->has_billing_address = true;
        customer->billing_address = addresses[0];
    }
}

/* ---- a draft ------------------------------------------------------------------------------- */

static enum err draft_read_once(struct cx *cx, struct invoice_id id, struct invoice_work *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_work_read(cx, tx, id, ret);
    if (err == OK)
        err = customer_enter_id(cx, tx, ret->record.customer_id);
    return err;
}

/* One that a subscription has just changed is rated before it is edited. */
static enum err draft_read(struct cx *cx, struct invoice_id id, struct invoice_work *ret)
{
    enum err err = draft_read_once(cx, id, ret);
    if (err != OK || ret->record.state != STATE_DRAFT_UPDATING)
        return err;
    draft_settle(cx, ret->record.customer_id);
    return draft_read_once(cx, id, ret);
}

static void draft_add(struct cx *cx, struct invoice_work *work, const struct edited *edited)
{
    size_t room = work->lines.count + edited->made_count;
    struct line_record *lines = ARENA_ARRAY(cx->arena, struct line_record, room);
    struct line_material *materials = ARENA_ARRAY(cx->arena, struct line_material, room);
    for (size_t i = 0; i < room; i++) {
        if (i < work->lines.count) {
            lines[i] = *invoice_work_line(work, i);
            materials[i] = work->materials.items[i];
        } else {
            struct pending_line *made = &edited->made[i - work->lines.count];
            made->invoice_id = work->record.id;
            lines[i] = (struct line_record){ .line = *made };
            materials[i].usage = line_usage_none();
        }
        materials[i].line = lines[i].line;
    }
    work->lines = (struct list){ lines, room };
    work->materials = (struct materials){ .items = materials, .count = room };
}

static enum err draft_decide(struct cx *cx, const struct invoice_edit *edit,
                             struct invoice_work *work, struct edited *ret)
{
    struct invoice_record *record = &work->record;
    bool *is_known = ARENA_ARRAY(cx->arena, bool, edit->lines.count);
    if (!invoice_state_is_editable(record->state))
        return problem_refuse(&cx->problem, FAULT_INVOICE_EDIT, "it is in %s",
                              invoice_state_words[record->state]);
    for (size_t i = 0; i < edit->lines.count; i++)
        is_known[i] = false;
    for (size_t i = 0; i < work->lines.count; i++) {
        struct pending_line *line = &invoice_work_line(work, i)->line;
        if (instant_is_none(line->deleted_at))
            (void)line_edit_one(cx, edit, line, is_known);
    }
    enum err err = lines_new(cx, edit, is_known, record->currency, ret);
    if (err != OK)
        return err;
    draft_add(cx, work, ret);
    record->description = edit->description;
    record->labels = edit->labels;
    supplier_edit(&record->supplier, &edit->supplier);
    customer_edit(&record->customer, &edit->customer);
    invoice_edit_settings(&record->workflow, &edit->workflow.workflow);
    invoice_work_dates(cx, work);
    return invoice_work_book(cx, work);
}

static enum err draft_apply(struct cx *cx, struct invoice_work *work, const struct edited *edited)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    for (size_t i = 0; i < edited->made_count && err == OK; i++)
        err = bill_rows_line_insert(tx, &edited->made[i]);
    if (err == OK)
        err = invoice_work_run(cx, tx, work, TRIGGER_UPDATE);
    if (err == OK)
        err = invoice_work_store(cx, tx, work);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.update"), work->record.id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

static enum err draft_edit(struct cx *cx, struct invoice_id id, const struct invoice_edit *edit,
                           struct invoice *ret)
{
    struct invoice_work work;
    struct edited edited;
    enum err err = draft_read(cx, id, &work);
    if (err == OK)
        err = draft_decide(cx, edit, &work, &edited);
    if (err == OK)
        err = invoice_work_measure(cx, &work);
    if (err != OK)
        return err;
    invoice_work_rate(cx, &work);
    err = draft_apply(cx, &work, &edited);
    if (err == OK)
        *ret = invoice_print(&work.record, &work.lines, cx->now, cx->arena);
    return err;
}

/* ---- a gathering one ----------------------------------------------------------------------- */

static enum err gathering_decide(struct cx *cx, const struct invoice_edit *edit,
                                 const struct gathering *gathering, struct list *lines,
                                 struct edited *ret)
{
    bool *is_known = ARENA_ARRAY(cx->arena, bool, edit->lines.count);
    struct pending_line *line = lines->items;
    size_t count = 0;
    for (size_t i = 0; i < edit->lines.count; i++)
        is_known[i] = false;
    for (size_t i = 0; i < lines->count; i++) {
        if (line_edit_one(cx, edit, &line[i], is_known) != LINE_KEPT)
            line[count++] = line[i];
    }
    lines->count = count;
    return lines_new(cx, edit, is_known, gathering->currency, ret);
}

static enum err gathering_apply(struct cx *cx, const struct gathering *gathering,
                                const struct list *changed, const struct edited *edited)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    const struct pending_line *line = changed->items;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_claim(cx, tx, gathering->id, gathering->version);
    for (size_t i = 0; i < changed->count && err == OK; i++) {
        struct line_record record = { .line = line[i],
                                      .metered_quantity = DEC_INVALID,
                                      .prior_quantity = DEC_INVALID,
                                      .prior_total = DEC_INVALID,
                                      .quantity = DEC_INVALID,
                                      .converted_quantity = DEC_INVALID,
                                      .discounted_quantity = DEC_INVALID,
                                      .discounted_prior = DEC_INVALID };
        err = line_rows_update(tx, &record, LINES_WHOLE);
    }
    for (size_t i = 0; i < edited->made_count && err == OK; i++) {
        edited->made[i].invoice_id = gathering->id;
        err = bill_rows_line_insert(tx, &edited->made[i]);
    }
    if (err == OK)
        err = bill_rows_touch(cx, tx, gathering->id);
    if (err == OK)
        err = bill_rows_drop_empty(cx, tx, gathering->customer_id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.update"), gathering->id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

static enum err gathering_read(struct cx *cx, struct invoice_id id, struct gathering *ret,
                               struct list *ret_lines)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = bill_rows_gathering_get(cx, tx, id, ret);
    if (err == OK)
        err = customer_enter_id(cx, tx, ret->customer_id);
    if (err == OK)
        err = bill_rows_lines_of_invoice(cx, tx, id, ret_lines);
    return err;
}

/* With its last line the invoice goes, too: then it is shown as it went. */
static enum err gathering_edit(struct cx *cx, struct invoice_id id, const struct invoice_edit *edit,
                               struct invoice *ret)
{
    struct gathering gathering;
    struct list lines;
    struct edited edited;
    struct invoice before;
    enum err err = gathering_read(cx, id, &gathering, &lines);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = gathering_decide(cx, edit, &gathering, &lines, &edited);
    if (err == OK && edit->lines.count == 0)
        err = invoice_get(cx, id, false, &before);
    if (err == OK)
        err = gathering_apply(cx, &gathering, &lines, &edited);
    if (err != OK || edit->lines.count > 0)
        return err == OK ? invoice_get(cx, id, false, ret) : err;
    before.lines = before.issues = (struct list){ 0 };
    before.totals = rate_totals_zero(currency_find(before.currency));
    before.has_period = false;
    before.deleted_at = cx->now;
    *ret = before;
    return OK;
}

/* ---- the command --------------------------------------------------------------------------- */

enum err bill_invoice_edit(struct cx *cx, struct invoice_id id, const struct invoice_edit *edit,
                           struct invoice *ret)
{
    CHECK(cx != NULL && edit != NULL && ret != NULL);
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < EDIT_ATTEMPTS && err == ERR_CONFLICT; i++) {
        err = draft_edit(cx, id, edit, ret);
        if (err != ERR_REFUSED || cx->problem.fault != FAULT_INVOICE_ABSENT)
            continue;
        problem_init(&cx->problem, cx->arena);
        err = gathering_edit(cx, id, edit, ret);
    }
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_CHANGED, "%s", "");
    return err;
}
