/* invoice_run.c: an invoice goes through its states: the work that each of them asks for. */
#include "bill/credit_balance.h"
#include "bill/invoice_collect.h"
#include "bill/invoice_print.h"
#include "bill/invoice_work.h"

/* What came of a state's work: the trigger to go on with, or none when it rests. */
struct outcome {
    bool rests;
    enum invoice_trigger trigger;
};

/* ---- apps ---------------------------------------------------------------------------------- */

/* The app that an invoice goes out with; one that this program does not have is an issue. */
static const struct invoice_app *app_need(struct cx *cx, struct invoice_work *work,
                                          const struct workflow_app *app)
{
    const struct invoice_app *found = invoice_app_find(app->type);
    struct invoice_issue issue = {
        .severity = TEXT("critical"),
        .code = TEXT("invoice_workflow_app_deleted"),
        .message = TEXT("the app of the invoice is not there any more"),
        .component = app->type,
    };
    if (!found)
        invoice_work_issue(cx, work, &issue);
    return found;
}

static void issues_take(struct cx *cx, struct invoice_work *work, const struct app_result *result,
                        text component)
{
    const struct invoice_issue *issues = result->issues.items;
    for (size_t i = 0; i < result->issues.count; i++) {
        struct invoice_issue issue = issues[i];
        if (issue.component.ptr == NULL)
            issue.component = component;
        invoice_work_issue(cx, work, &issue);
    }
}

/* Adds a name to a map, or changes it there. */
static struct text_map names_set(struct arena *arena, const struct text_map *names, text key,
                                 text value)
{
    struct text_pair *items = ARENA_ARRAY(arena, struct text_pair, names->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        if (!text_equal(names->items[i].key, key))
            items[count++] = names->items[i];
    items[count++] = (struct text_pair){ key, text_copy(arena, value) };
    return (struct text_map){ items, count };
}

static void discount_ids_take(struct cx *cx, struct invoice_work *work,
                              const struct app_result *result)
{
    const struct app_external_id *ids = result->discount_ids.items;
    const struct currency *currency = currency_find(work->record.currency);
    CHECK(currency != NULL);
    for (size_t i = 0; i < result->discount_ids.count; i++) {
        for (size_t k = 0; k < work->lines.count; k++) {
            struct line_record *line = invoice_work_line(work, k);
            if (!line_record_has_discount(line, currency, ids[i].id, cx->arena))
                continue;
            line->discount_external_ids = names_set(cx->arena, &line->discount_external_ids,
                                                    ulid_text(cx->arena, ids[i].id),
                                                    ids[i].external_id);
            invoice_work_lines_changed(work);
        }
    }
}

static void ids_take(struct cx *cx, struct invoice_work *work, const struct app_result *result)
{
    const struct app_external_id *ids = result->line_ids.items;
    for (size_t i = 0; i < result->line_ids.count; i++) {
        for (size_t k = 0; k < work->lines.count; k++) {
            struct line_record *line = invoice_work_line(work, k);
            if (!ulid_equal(line->line.id.ulid, ids[i].id))
                continue;
            line->external_id = text_copy(cx->arena, ids[i].external_id);
            invoice_work_lines_changed(work);
        }
    }
}

static void result_take(struct cx *cx, struct invoice_work *work, const struct app_result *result,
                        text component)
{
    struct invoice_record *record = &work->record;
    issues_take(cx, work, result, component);
    ids_take(cx, work, result);
    discount_ids_take(cx, work, result);
    if (result->number.ptr != NULL)
        record->number = result->number;
    if (result->invoicing_id.ptr != NULL)
        record->invoicing_id = result->invoicing_id;
    if (result->payment_id.ptr != NULL)
        record->payment_id = result->payment_id;
    if (!instant_is_none(result->sent_at))
        record->sent_at = result->sent_at;
}

static struct app_call call_of(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                               const struct workflow_app *app)
{
    return (struct app_call){ cx, tx, app, &work->record, &work->lines };
}

/* Calls one of an app's functions, which may be missing. */
static enum err app_run(const struct app_call *call, struct invoice_work *work,
                        app_function *function, struct app_result *ret)
{
    struct app_result result = { .outcome = APP_DONE,
                                 .sent_at = INSTANT_NONE,
                                 .trigger = FIELD_ENUM_NONE };
    enum err err = function ? function(call, &result) : OK;
    if (err == OK) {
        result_take(call->cx, work, &result, call->app->type);
        *ret = result;
    }
    return err;
}

static struct outcome outcome_of(const struct app_result *result)
{
    return (struct outcome){
        .rests = result->outcome == APP_WAITS,
        .trigger = result->outcome == APP_FAILED ? TRIGGER_FAIL : TRIGGER_NEXT,
    };
}

/* ---- the work of states -------------------------------------------------------------------- */

/* With taxes enforced no line goes out whose tax is not known. Without the book (nothing was
 * measured on this way) that has been looked at before. */
static void taxes_enforce(struct cx *cx, struct invoice_work *work)
{
    const struct invoice_workflow *workflow = &work->record.workflow;
    if (!work->is_measured || !workflow->is_tax_enabled || !workflow->is_tax_enforced)
        return;
    for (size_t i = 0; i < work->lines.count; i++) {
        const struct pending_line *line = &invoice_work_line(work, i)->line;
        struct invoice_issue issue = {
            .severity = TEXT("critical"),
            .code = TEXT("invoice_line_tax_unknown"),
            .message = TEXT("taxes are enforced and the line's tax code has no rate"),
            .field =
                text_format(cx->arena, "lines/%.*s", TEXT_ARG(ulid_text(cx->arena, line->id.ulid))),
            .component = TEXT("billing"),
        };
        if (instant_is_none(line->deleted_at) && !line_has_tax_rates(&work->book, line, cx->arena))
            invoice_work_issue(cx, work, &issue);
    }
}

static enum err run_app(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                        struct outcome *ret)
{
    const struct workflow_app *app = &work->record.workflow.invoicing_app;
    const struct invoice_app *found = app_need(cx, work, app);
    enum invoice_action action = invoice_state_action(work->record.state);
    struct app_result result;
    app_function *function = NULL;
    if (!found) {
        /* Nobody is there to be told of a draft that goes away. */
        ret->trigger = action == ACTION_REMOVE ? TRIGGER_NEXT : TRIGGER_FAIL;
        return OK;
    }
    if (action == ACTION_VALIDATE) {
        taxes_enforce(cx, work);
        function = found->validate;
    }
    if (action == ACTION_UPSERT)
        function = found->upsert;
    if (action == ACTION_REMOVE)
        function = found->remove;
    struct app_call call = call_of(cx, tx, work, app);
    enum err err = app_run(&call, work, function, &result);
    if (err == OK)
        *ret = outcome_of(&result);
    return err;
}

/* It is issued: dates, and a number of our own when the app gave none, now or to the draft. */
static enum err issue_finish(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                             text number)
{
    struct invoice_record *record = &work->record;
    enum err err = OK;
    bool is_draft = record->number.ptr == NULL || text_starts_with(record->number, TEXT("DRAFT-"));
    if (number.ptr == NULL && is_draft)
        err = invoice_number_take(cx, tx, TEXT("INV"), record->customer.name, &record->number);
    if (err != OK)
        return err;
    record->issued_at = cx->now;
    record->due_at = collect_due_at(&record->workflow, record->draft_until, record->issued_at);
    /* Approved before its time: the draft ended now. */
    if (record->workflow.is_auto_advance && !instant_is_none(record->draft_until) &&
        instant_before(cx->now, record->draft_until))
        record->due_at = collect_due_at(&record->workflow, cx->now, cx->now);
    return OK;
}

static enum err run_issue(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                          struct outcome *ret)
{
    const struct workflow_app *app = &work->record.workflow.invoicing_app;
    const struct invoice_app *found = app_need(cx, work, app);
    struct app_result result;
    if (!found) {
        ret->trigger = TRIGGER_FAIL;
        return OK;
    }
    struct app_call call = call_of(cx, tx, work, app);
    enum err err = app_run(&call, work, found->finalize, &result);
    if (err == OK)
        *ret = outcome_of(&result);
    if (err == OK && result.outcome == APP_DONE)
        err = issue_finish(cx, tx, work, result.number);
    return err;
}

/* What is free, or paid with the customer's credit, is paid. Else the payment app says what is to
 * happen, or waits. */
static enum err run_pay(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                        struct outcome *ret)
{
    const struct workflow_app *app = &work->record.workflow.payment_app;
    const struct invoice_app *found = app_need(cx, work, app);
    struct app_result result = { .trigger = FIELD_ENUM_NONE };
    struct app_call call = call_of(cx, tx, work, app);
    bool is_paid = false;
    enum err err = credit_pay(cx, tx, &work->record, &is_paid);
    if (err == OK && is_paid)
        result.trigger = TRIGGER_PAID;
    else if (err == OK && found)
        err = app_run(&call, work, found->pay, &result);
    ret->rests = result.trigger == FIELD_ENUM_NONE;
    if (!ret->rests)
        ret->trigger = (enum invoice_trigger)result.trigger;
    return err;
}

/* Quantities are taken for good, up to what was measured. */
static void run_snapshot(struct cx *cx, struct invoice_work *work)
{
    CHECK(work->is_measured);
    if (!work->is_rated)
        invoice_work_rate(cx, work);
    work->record.quantity_snapshotted_at = cx->now;
}

static enum err run_action(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                           struct outcome *ret)
{
    enum err err = OK;
    *ret = (struct outcome){ .trigger = TRIGGER_NEXT };
    switch (invoice_state_action(work->record.state)) {
    case ACTION_SNAPSHOT:
        run_snapshot(cx, work);
        break;
    case ACTION_VALIDATE:
    case ACTION_UPSERT:
    case ACTION_REMOVE:
        err = run_app(cx, tx, work, ret);
        break;
    case ACTION_ISSUE:
        err = run_issue(cx, tx, work, ret);
        break;
    case ACTION_PAY:
        err = run_pay(cx, tx, work, ret);
        break;
    case ACTION_NONE:
    case ACTION_FINALIZE_LINES:
    case ACTION_BOOK_CHARGES:
    case ACTION_BOOK_PAYMENT:
    case ACTION_COUNT:
        break;
    }
    return err;
}

/* ---- going on ------------------------------------------------------------------------------ */

/* What ends with a state. */
static void state_enter(struct cx *cx, struct invoice_work *work, enum invoice_state state)
{
    work->record.state = state;
    if (state == STATE_VOIDED)
        work->record.voided_at = cx->now;
    if (state != STATE_DELETED)
        return;
    work->record.deleted_at = cx->now;
    for (size_t i = 0; i < work->lines.count; i++) {
        struct line_record *line = invoice_work_line(work, i);
        if (instant_is_none(line->line.deleted_at))
            line->line.deleted_at = cx->now;
    }
    invoice_work_lines_changed(work);
}

static bool fire(struct cx *cx, struct invoice_work *work, enum invoice_trigger trigger)
{
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, cx->now);
    enum invoice_state to;
    facts.is_waiting = false; /* who fires has done the work of the state */
    if (!invoice_state_next(work->record.state, trigger, &facts, &to))
        return false;
    state_enter(cx, work, to);
    return true;
}

/* Does the work of the state and goes on, until nothing fires or somebody has to answer. */
static enum err go_on(struct cx *cx, struct store_tx *tx, struct invoice_work *work)
{
    struct outcome outcome;
    do {
        enum err err = run_action(cx, tx, work, &outcome);
        if (err != OK)
            return err;
    } while (!outcome.rests && fire(cx, work, outcome.trigger));
    return OK;
}

static enum err refuse(struct cx *cx, const struct invoice_work *work, enum invoice_trigger trigger)
{
    enum fault fault = trigger == TRIGGER_NEXT ? FAULT_INVOICE_ADVANCE : FAULT_INVOICE_ACTION;
    return problem_refuse(&cx->problem, fault, "%s in %s", invoice_trigger_words[trigger],
                          invoice_state_words[work->record.state]);
}

enum err invoice_work_run(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                          enum invoice_trigger trigger)
{
    CHECK(cx != NULL && tx != NULL && work != NULL);
    CHECK(trigger < TRIGGER_COUNT);
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, cx->now);
    enum invoice_state from = work->record.state;
    enum invoice_state to;
    if (!invoice_state_next(from, trigger, &facts, &to))
        return refuse(cx, work, trigger);
    if (trigger == TRIGGER_RETRY)
        work->record.issues = (struct list){ 0 };
    state_enter(cx, work, to);
    if ((from == STATE_DRAFT_INVALID || from == STATE_DRAFT_UPDATING) && work->is_measured)
        invoice_work_rate(cx, work);
    enum err err = go_on(cx, tx, work);
    if (err == OK && work->record.state == STATE_VOIDED && from != STATE_VOIDED)
        err = credit_release(cx, tx, &work->record);
    return err;
}

enum err invoice_work_answer(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                             const struct app_result *result)
{
    CHECK(cx != NULL && tx != NULL && work != NULL && result != NULL);
    CHECK(result->outcome != APP_WAITS);
    enum err err = OK;
    bool is_issue = invoice_state_action(work->record.state) == ACTION_ISSUE;
    result_take(cx, work, result, work->record.workflow.invoicing_app.type);
    if (is_issue && result->outcome == APP_DONE)
        err = issue_finish(cx, tx, work, result->number);
    if (err == OK && fire(cx, work, outcome_of(result).trigger))
        err = go_on(cx, tx, work);
    return err;
}
