/* invoice_action_flow.c: what people and apps do to an invoice: gather, decide, apply. */
#include "bill/invoice_move.h"

#include "bill/bill_rows.h"
#include "bill/credit_note.h"
#include "bill/draft_follow.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "identity/audit.h"

#define MOVE_ATTEMPTS 5

/* ---- one move ------------------------------------------------------------------------------ */

static bool is_open(const struct invoice_work *work, enum invoice_trigger trigger, instant now)
{
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, now);
    enum invoice_state to;
    return invoice_state_next(work->record.state, trigger, &facts, &to);
}

static enum err move_read(struct cx *cx, const struct invoice_move *move, struct invoice_work *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_work_read(cx, tx, move->id, ret);
    if (err == OK)
        err = customer_enter_id(cx, tx, ret->record.customer_id);
    return err;
}

/* Whether a subscription has just changed the draft, which has to be rated before anything else is
 * done with it. */
static bool move_is_early(const struct invoice_move *move, const struct invoice_work *work)
{
    return work->record.state == STATE_DRAFT_UPDATING && move->trigger != TRIGGER_NEXT &&
           move->trigger != TRIGGER_DELETE;
}

/* Reads the invoice, and measures when the way leads past taking quantities. */
enum err invoice_move_gather(struct cx *cx, const struct invoice_move *move,
                             struct invoice_work *ret)
{
    CHECK(cx != NULL && move != NULL && ret != NULL);
    enum err err = move_read(cx, move, ret);
    if (err == OK && move_is_early(move, ret)) {
        draft_settle(cx, ret->record.customer_id);
        err = move_read(cx, move, ret);
    }
    if (err != OK)
        return err;
    ret->materials.read = move->read;
    if (!move->answer && invoice_work_needs_usage(ret, move->trigger, cx->now))
        err = invoice_work_measure(cx, ret);
    if (err != OK || !move->due)
        return err;
    /* Time alone changes nothing of the lines but what comes of them. */
    ret->scope = LINES_RATED;
    if (ret->is_measured && move->trigger == TRIGGER_NEXT)
        invoice_work_rate(cx, ret);
    return OK;
}

static enum err move_run(struct cx *cx, struct store_tx *tx, const struct invoice_move *move,
                         struct invoice_work *work)
{
    if (move->answer && work->record.state != move->answered)
        return problem_refuse(&cx->problem, FAULT_INVOICE_ACTION, "it is in %s",
                              invoice_state_words[work->record.state]);
    enum err err = move->answer ? invoice_work_answer(cx, tx, work, move->answer)
                                : invoice_work_run(cx, tx, work, move->trigger);
    if (err == OK && move->change)
        err = move->change(cx, tx, work, move->state);
    if (err == OK)
        err = invoice_work_store(cx, tx, work);
    return err;
}

enum err invoice_move_apply(struct cx *cx, struct store_tx *tx, const struct invoice_move *move,
                            struct invoice_work *work)
{
    CHECK(cx != NULL && tx != NULL && move != NULL && work != NULL);
    enum err err = OK;
    if (move->due)
        err = due_done(tx, move->due, cx->arena);
    if (err == OK && (!move->due || is_open(work, move->trigger, cx->now)))
        err = move_run(cx, tx, move, work);
    return err;
}

static enum err move_once(struct cx *cx, const struct invoice_move *move, struct invoice_work *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = invoice_move_gather(cx, move, ret);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = invoice_move_apply(cx, tx, move, ret);
    if (err == OK && !move->due)
        err = audit_write(cx, tx, text_of(move->audit), move->id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

/* A gathering invoice is no invoice yet: no action but one is for it. */
static enum err move_absent(struct cx *cx, const struct invoice_move *move)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct invoice_place place;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_place(cx, tx, move->id, &place);
    if (err == OK && place.state == STATE_GATHERING) {
        problem_init(&cx->problem, cx->arena);
        return problem_refuse(&cx->problem,
                              move->trigger == TRIGGER_DELETE ? FAULT_INVOICE_GATHERS
                                                              : FAULT_INVOICE_ACTION,
                              "it is gathering");
    }
    return err == OK || err == ERR_ABSENT ? ERR_REFUSED : err;
}

enum err invoice_move_run(struct cx *cx, const struct invoice_move *move, struct invoice_work *ret)
{
    CHECK(cx != NULL && move != NULL && ret != NULL);
    CHECK(move->due != NULL || move->audit != NULL);
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < MOVE_ATTEMPTS && err == ERR_CONFLICT; i++)
        err = move_once(cx, move, ret);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_CHANGED, "%s", "");
    if (err == ERR_REFUSED && cx->problem.fault == FAULT_INVOICE_ABSENT && !move->due)
        return move_absent(cx, move);
    return err;
}

static enum err move_print(struct cx *cx, const struct invoice_move *move, struct invoice *ret)
{
    struct invoice_work work;
    enum err err = invoice_move_run(cx, move, &work);
    if (err == OK)
        *ret = invoice_print(&work.record, &work.lines, cx->now, cx->arena);
    return err;
}

/* ---- commands ------------------------------------------------------------------------------ */

enum err bill_invoice_command(struct cx *cx, struct invoice_id id, enum invoice_command command,
                              struct invoice *ret)
{
    static const struct {
        enum invoice_trigger trigger;
        const char *audit;
    } commands[COMMAND_COUNT] = {
        [COMMAND_ADVANCE] = { TRIGGER_NEXT, "invoice.advance" },
        [COMMAND_APPROVE] = { TRIGGER_APPROVE, "invoice.approve" },
        [COMMAND_RETRY] = { TRIGGER_RETRY, "invoice.retry" },
        [COMMAND_SNAPSHOT] = { TRIGGER_SNAPSHOT, "invoice.snapshot_quantities" },
        [COMMAND_DELETE] = { TRIGGER_DELETE, "invoice.delete" },
    };

    CHECK(cx != NULL && ret != NULL && command < COMMAND_COUNT);
    struct invoice_move move = { .id = id,
                                 .trigger = commands[command].trigger,
                                 .audit = commands[command].audit };
    return move_print(cx, &move, ret);
}

enum err bill_invoice_resume(struct cx *cx, struct invoice_id id, enum invoice_state state,
                             const struct app_result *result)
{
    CHECK(cx != NULL && result != NULL);
    struct invoice_move move = { .id = id,
                                 .trigger = TRIGGER_NEXT,
                                 .answer = result,
                                 .answered = state,
                                 .audit = "invoice.synchronize" };
    struct invoice_work work;
    enum err err = invoice_move_run(cx, &move, &work);
    if (err == OK && invoice_state_is_editable(work.record.state))
        draft_resume(cx, id);
    return err;
}

/* ---- voiding ------------------------------------------------------------------------------- */

static const struct void_action *action_of(const struct void_request *request, struct line_id line)
{
    const struct void_override *overrides = request->overrides.items;
    for (size_t i = 0; i < request->overrides.count; i++) {
        if (ulid_equal(overrides[i].line_id.ulid, line.ulid))
            return &overrides[i].action;
    }
    return &request->action;
}

/* What of a line's price is to be invoiced again: all of it, or what was not given up. */
static dec again_of(const struct void_action *action, dec price, const struct currency *currency)
{
    if (action->is_pending)
        return price;
    dec kept = dec_sub(dec_of_int(100), action->percentage);
    return dec_mul_div(price, kept, dec_of_int(100), currency->digits, ROUND_HALF_AWAY);
}

/* What becomes of a line, and what of its price no credit note has taken back. */
struct void_part {
    const struct void_action *action;
    dec price;
};

/* The line made anew: a fee of what is to be invoiced again, which bears its taxes again. */
static enum err line_again(struct cx *cx, struct store_tx *tx, const struct gathering *gathering,
                           const struct line_record *record, const struct void_part *part)
{
    const struct void_action *action = part->action;
    const struct currency *currency = currency_find(record->line.currency);
    CHECK(currency != NULL);
    dec amount = again_of(action, part->price, currency);
    if (dec_is_zero(amount))
        return OK;
    struct pending_line line = record->line;
    line.id = (struct line_id){ cx_ulid(cx) };
    line.invoice_id = gathering->id;
    line.subscription_id = (struct subscription_id){ 0 };
    line.phase_id = (struct phase_id){ 0 };
    line.item_id = (struct item_id){ 0 };
    line.group_id = (struct line_id){ 0 };
    line.adjusts_id = (struct line_id){ 0 };
    line.period_index = line.part_index = 0;
    line.is_open_part = false;
    line.is_pro_rating = false;
    line.reference = TEXT_NONE;
    line.feature_id = (struct feature_id){ 0 };
    line.feature_key = TEXT_NONE;
    line.managed_by = MANAGED_BY_SYSTEM;
    line.terms = price_terms_of(PRICE_FLAT, amount);
    line.payment_term = TERM_IN_ADVANCE;
    line.invoice_at = instant_is_none(action->next_at) ? cx->now : action->next_at;
    line.created_at = line.updated_at = cx->now;
    return bill_rows_line_insert(tx, &line);
}

static enum err lines_again(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                            const struct void_request *request)
{
    struct customer customer;
    struct gathering gathering;
    struct list notes = { 0 };
    text id = ulid_text(cx->arena, work->record.customer_id.ulid);
    enum err err = customer_need(cx, tx, id, &customer);
    if (err == OK)
        err = credit_notes_of_invoice(cx, tx, work->record.id, &notes);
    if (err == OK)
        err = bill_rows_gather(cx, tx, &customer, work->record.currency, &gathering);
    for (size_t i = 0; i < work->lines.count && err == OK; i++) {
        const struct line_record *line = invoice_work_line(work, i);
        const struct void_part part = {
            action_of(request, line->line.id),
            dec_sub(credit_line_price(line), credit_taken(&notes, line->line.id)),
        };
        if (instant_is_none(line->line.deleted_at))
            err = line_again(cx, tx, &gathering, line, &part);
    }
    if (err == OK)
        err = bill_rows_touch(cx, tx, gathering.id);
    if (err == OK)
        err = bill_rows_drop_empty(cx, tx, customer.id);
    return err;
}

static enum err void_change(struct cx *cx, struct store_tx *tx, struct invoice_work *work,
                            void *state)
{
    const struct void_request *request = state;
    const struct void_override *overrides = request->overrides.items;
    for (size_t i = 0; i < request->overrides.count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < work->lines.count; k++)
            is_there |=
                ulid_equal(invoice_work_line(work, k)->line.id.ulid, overrides[i].line_id.ulid);
        if (!is_there)
            problem_add_member(&cx->problem, text_format(cx->arena, "overrides[%zu].line_id", i),
                               "invalid", TEXT("is no line of the invoice"));
    }
    if (problem_is_set(&cx->problem))
        return ERR_REFUSED;
    work->record.void_reason = request->reason;
    return lines_again(cx, tx, work, request);
}

enum err bill_invoice_void(struct cx *cx, struct invoice_id id, const struct void_request *request,
                           struct invoice *ret)
{
    CHECK(cx != NULL && request != NULL && ret != NULL);
    struct void_request own = *request;
    struct invoice_move move = { .id = id,
                                 .trigger = TRIGGER_VOID,
                                 .audit = "invoice.void",
                                 .change = void_change,
                                 .state = &own };
    return move_print(cx, &move, ret);
}

/* ---- taxes --------------------------------------------------------------------------------- */

static enum err recalculate_once(struct cx *cx, struct invoice_id id, struct invoice_work *work)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct invoice_move move = { .id = id, .trigger = TRIGGER_UPDATE };
    enum err err = invoice_move_gather(cx, &move, work);
    if (err == OK && !invoice_state_is_editable(work->record.state))
        err = problem_refuse(&cx->problem, FAULT_INVOICE_EDIT, "it is in %s",
                             invoice_state_words[work->record.state]);
    if (err == OK)
        err = invoice_work_book(cx, work);
    if (err != OK)
        return err;
    invoice_work_tax(cx, work);
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = invoice_work_store(cx, tx, work);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.recalculate_taxes"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

enum err bill_invoice_recalculate(struct cx *cx, struct invoice_id id, struct invoice *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct invoice_move move = { .id = id, .trigger = TRIGGER_UPDATE };
    struct invoice_work work;
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < MOVE_ATTEMPTS && err == ERR_CONFLICT; i++)
        err = recalculate_once(cx, id, &work);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_CHANGED, "%s", "");
    if (err == ERR_REFUSED && cx->problem.fault == FAULT_INVOICE_ABSENT)
        return move_absent(cx, &move);
    if (err == OK)
        *ret = invoice_print(&work.record, &work.lines, cx->now, cx->arena);
    return err;
}
