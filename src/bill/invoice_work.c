/* invoice_work.c: an invoice in hand: reading, measuring, rating, storing. */
#include "bill/invoice_work.h"

#include "bill/bill_rows.h"
#include "bill/credit_note.h"
#include "bill/due.h"
#include "bill/invoice_collect.h"
#include "bill/invoice_events.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/seal_rows.h"

struct line_record *invoice_work_line(const struct invoice_work *work, size_t i)
{
    CHECK(work != NULL && i < work->lines.count);
    return (struct line_record *)work->lines.items + i;
}

void invoice_work_lines_changed(struct invoice_work *work)
{
    CHECK(work != NULL);
    work->has_new_lines = true;
    work->scope = LINES_WHOLE;
}

/* ---- reading ------------------------------------------------------------------------------- */

enum err invoice_work_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                           struct invoice_work *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct invoice_work work = { 0 };
    enum err err = invoice_rows_get(cx, tx, id, &work.record);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = line_rows_of_invoice(cx, tx, id, &work.lines);
    if (err != OK)
        return err;
    work.was_issued = !instant_is_none(work.record.issued_at);
    work.was = work.record.state;
    work.materials.items = ARENA_ARRAY(cx->arena, struct line_material, work.lines.count);
    work.materials.count = work.lines.count;
    for (size_t i = 0; i < work.lines.count; i++)
        work.materials.items[i] =
            (struct line_material){ .line = invoice_work_line(&work, i)->line };
    err = measure_before(cx, tx, &work.materials);
    if (err == OK)
        *ret = work;
    return err;
}

/* ---- measuring and rating ------------------------------------------------------------------ */

bool invoice_work_needs_usage(const struct invoice_work *work, enum invoice_trigger trigger,
                              instant now)
{
    CHECK(work != NULL);
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, now);
    if (trigger == TRIGGER_RETRY && work->record.state == STATE_DRAFT_INVALID)
        return true;
    if (trigger == TRIGGER_NEXT && work->record.state == STATE_DRAFT_UPDATING)
        return true;
    return invoice_state_passes(work->record.state, trigger, &facts, STATE_DRAFT_COLLECTING);
}

enum err invoice_work_measure(struct cx *cx, struct invoice_work *work)
{
    CHECK(cx != NULL && work != NULL);
    for (size_t i = 0; i < work->materials.count; i++)
        work->materials.items[i].trouble = TEXT_NONE;
    enum err err = measure_usage(cx, work->record.customer_id, &work->materials, &work->sequence);
    if (err == OK)
        err = invoice_work_book(cx, work);
    if (err == OK)
        work->is_measured = true;
    work->is_rated = false;
    return err;
}

void invoice_work_issue(struct cx *cx, struct invoice_work *work, const struct invoice_issue *issue)
{
    CHECK(cx != NULL && work != NULL && issue != NULL);
    struct list *issues = &work->record.issues;
    const struct invoice_issue *old = issues->items;
    for (size_t i = 0; i < issues->count; i++) {
        if (text_equal(old[i].code, issue->code) && text_equal(old[i].field, issue->field))
            return;
    }
    struct invoice_issue *items = ARENA_ARRAY(cx->arena, struct invoice_issue, issues->count + 1);
    for (size_t i = 0; i < issues->count; i++)
        items[i] = old[i];
    items[issues->count] = *issue;
    if (ulid_is_zero(items[issues->count].id.ulid))
        items[issues->count].id = (struct detail_id){ cx_ulid(cx) };
    items[issues->count].created_at = cx->now;
    items[issues->count].updated_at = cx->now;
    *issues = (struct list){ items, issues->count + 1 };
}

static void line_take(struct cx *cx, struct invoice_work *work, size_t i)
{
    struct line_record *line = invoice_work_line(work, i);
    struct line_material *material = &work->materials.items[i];
    const struct currency *currency = currency_find(work->record.currency);
    struct rate_result rated;
    CHECK(currency != NULL);
    material->line = line->line;
    text trouble = line_rate_anyway(material, currency, cx->arena, &rated);
    if (trouble.ptr != NULL) {
        struct invoice_issue issue = invoice_issue_of_line(&line->line, trouble, cx->arena);
        invoice_work_issue(cx, work, &issue);
    }
    line_record_rate(line, &material->usage, &rated);
    struct share_record *shares =
        ARENA_ARRAY(cx->arena, struct share_record, material->usage.share_count);
    for (size_t k = 0; k < material->usage.share_count; k++)
        shares[k] = (struct share_record){ (int64_t)material->usage.shares[k].place,
                                           material->usage.shares[k].value,
                                           material->usage.shares[k].quantity };
    line->shares = (struct list){ shares, material->usage.share_count };
    line->usage_sequence = (int64_t)work->sequence;
    line->line.updated_at = cx->now;
}

/* Issues about quantities are found anew. */
static void issues_forget_lines(struct invoice_work *work)
{
    struct invoice_issue *issues = work->record.issues.items;
    size_t count = 0;
    for (size_t i = 0; i < work->record.issues.count; i++) {
        if (!text_equal(issues[i].code, TEXT("invoice_line_snapshot_failed")))
            issues[count++] = issues[i];
    }
    work->record.issues.count = count;
}

void invoice_work_rate(struct cx *cx, struct invoice_work *work)
{
    CHECK(cx != NULL && work != NULL);
    CHECK(work->is_measured && work->materials.count == work->lines.count);
    issues_forget_lines(work);
    for (size_t i = 0; i < work->lines.count; i++) {
        if (instant_is_none(invoice_work_line(work, i)->line.deleted_at))
            line_take(cx, work, i);
    }
    work->is_rated = true;
    invoice_work_tax(cx, work);
}

void invoice_work_tax(struct cx *cx, struct invoice_work *work)
{
    CHECK(cx != NULL && work != NULL);
    const struct currency *currency = currency_find(work->record.currency);
    struct invoice_issue issue = {
        .severity = TEXT("critical"),
        .code = TEXT("invoice_tax_failed"),
        .message = TEXT("the tax of the invoice is too large to be represented"),
        .component = TEXT("billing"),
    };
    const struct invoice_app *app = invoice_app_find(work->record.workflow.tax_app.type);
    app_tax *reckon = app != NULL && app->tax != NULL ? app->tax : invoice_tax_lines;
    CHECK(currency != NULL);
    work->has_new_lines = true;
    if (work->lines.count > 0 && reckon(&work->book, work->lines.items, work->lines.count, currency,
                                        cx->arena) != FAULT_NONE)
        invoice_work_issue(cx, work, &issue);
    invoice_work_sum(work);
}

void invoice_work_sum(struct invoice_work *work)
{
    CHECK(work != NULL);
    const struct currency *currency = currency_find(work->record.currency);
    struct invoice_record *record = &work->record;
    CHECK(currency != NULL);
    record->totals = rate_totals_zero(currency);
    record->period = (struct invoice_period){ INSTANT_NONE, INSTANT_NONE };
    for (size_t i = 0; i < work->lines.count; i++) {
        const struct line_record *line = invoice_work_line(work, i);
        if (!instant_is_none(line->line.deleted_at))
            continue;
        if (line->has_totals)
            record->totals = rate_totals_add(&record->totals, &line->totals);
        if (instant_is_none(record->period.from) ||
            instant_before(line->line.service_from, record->period.from))
            record->period.from = line->line.service_from;
        if (instant_is_none(record->period.to) ||
            instant_before(record->period.to, line->line.service_to))
            record->period.to = line->line.service_to;
    }
}

void invoice_work_dates(struct cx *cx, struct invoice_work *work)
{
    CHECK(cx != NULL && work != NULL);
    struct invoice_record *record = &work->record;
    struct pending_line *lines = ARENA_ARRAY(cx->arena, struct pending_line, work->lines.count);
    for (size_t i = 0; i < work->lines.count; i++)
        lines[i] = invoice_work_line(work, i)->line;
    struct list list = { lines, work->lines.count };
    record->collection_at = collect_collection_at(&record->workflow, &list);
    record->draft_until =
        collect_draft_until(&record->workflow, record->collection_at, record->created_at);
    record->due_at = collect_due_at(&record->workflow, record->draft_until, INSTANT_NONE);
}

/* ---- storing ------------------------------------------------------------------------------- */

static enum err lines_store(struct store_tx *tx, const struct invoice_work *work)
{
    enum err err = OK;
    for (size_t i = 0; work->has_new_lines && i < work->lines.count && err == OK; i++)
        err = line_rows_update(tx, invoice_work_line(work, i), work->scope);
    return err;
}

/* What time alone will bring. */
static enum err due_next_step(struct cx *cx, struct store_tx *tx,
                              const struct invoice_record *record)
{
    text kind = TEXT(DUE_INVOICE_ADVANCE);
    instant at = INSTANT_NONE;
    if (record->state == STATE_DRAFT_UPDATING)
        at = cx->now;
    if (record->state == STATE_DRAFT_WAITING_FOR_COLLECTION)
        at = record->collection_at;
    if (record->state == STATE_DRAFT_WAITING_AUTO_APPROVAL)
        at = record->draft_until;
    if (invoice_state_is_issued(record->state) && !invoice_state_is_final(record->state) &&
        record->state != STATE_OVERDUE) {
        kind = TEXT(DUE_INVOICE_OVERDUE);
        at = record->due_at;
    }
    return instant_is_none(at) ? OK : due_schedule(cx, tx, kind, record->id.ulid, at);
}

enum err invoice_work_store(struct cx *cx, struct store_tx *tx, struct invoice_work *work)
{
    CHECK(cx != NULL && tx != NULL && work != NULL);
    struct invoice_record *record = &work->record;
    const char *event = work->is_new ? OUTBOX_INVOICE_CREATED : OUTBOX_INVOICE_UPDATED;
    enum err err = OK;
    record->updated_at = cx->now;
    if (record->number.ptr == NULL)
        err = invoice_number_take(cx, tx, TEXT("DRAFT"), record->customer.name, &record->number);
    /* Lines hang on their invoice, so that of a new one goes first; an issued one fixes its lines,
     * so elsewhere it goes last. */
    if (err == OK && work->is_new)
        err = invoice_rows_insert(tx, record);
    if (err == OK)
        err = lines_store(tx, work);
    if (err == OK && !work->is_new)
        err = invoice_rows_update(tx, record, work->was_issued);
    if (err == OK)
        err = due_next_step(cx, tx, record);
    if (err == OK && !work->was_issued && !instant_is_none(record->issued_at))
        err = seal_rows_write(cx, tx, record->id);
    /* Of one that is not rated yet there is nothing to tell. */
    if (err == OK && record->state != STATE_DRAFT_UPDATING)
        err = bill_event(cx, tx, event, work);
    /* What a subscription gave up while this was a draft is given back of it now. */
    if (err == OK && !work->was_issued && invoice_state_is_issued(record->state))
        err = credit_invoice(cx, tx, record->id);
    work->is_new = false;
    return err;
}
