/* credit_note_flow.c: issuing credit notes, and settling them. */
#include "bill/credit_balance.h"
#include "bill/credit_rows.h"
#include "bill/invoice_rows.h"
#include "bill/payment_inside.h"
#include "bill/sync_rows.h"
#include "identity/audit.h"
#include "notify/outbox.h"

/* ---- deciding ------------------------------------------------------------------------------ */

/* A note that is being put together. */
struct draft {
    const struct payment_case *one;
    dec *
        corrected; /* of each line of the invoice: given back by later corrections; NULL: nothing */
    struct credit_line *lines;
    size_t count;
};

static const struct line_record *line_of(const struct payment_case *one, struct line_id id)
{
    for (size_t i = 0; i < one->work.lines.count; i++) {
        const struct line_record *line = invoice_work_line(&one->work, i);
        if (ulid_equal(line->line.id.ulid, id.ulid) && instant_is_none(line->line.deleted_at))
            return line;
    }
    return NULL;
}

/* What later invoices have given back of each line, because its usage is less by now. */
static enum err corrected_gather(struct cx *cx, struct store_tx *tx, struct draft *draft)
{
    const struct invoice_work *work = &draft->one->work;
    enum err err = OK;
    draft->corrected = ARENA_ARRAY(cx->arena, dec, work->lines.count);
    for (size_t i = 0; i < work->lines.count && err == OK; i++) {
        struct list found;
        dec sum = DEC_ZERO;
        err = line_rows_adjusting(cx, tx, invoice_work_line(work, i)->line.id, &found);
        const struct line_record *items = found.items;
        for (size_t k = 0; err == OK && k < found.count; k++) {
            bool counts = instant_is_none(items[k].line.deleted_at) && items[k].has_totals &&
                          items[k].line.invoice_state != STATE_VOIDED;
            if (counts)
                sum = dec_sub(sum, credit_line_price(&items[k]));
        }
        draft->corrected[i] = dec_max(sum, DEC_ZERO);
    }
    return err;
}

static dec corrected_of(const struct draft *draft, struct line_id id)
{
    const struct invoice_work *work = &draft->one->work;
    for (size_t i = 0; draft->corrected != NULL && i < work->lines.count; i++) {
        if (ulid_equal(invoice_work_line(work, i)->line.id.ulid, id.ulid))
            return draft->corrected[i];
    }
    return DEC_ZERO;
}

/* Of earlier notes, by corrections, and of this one so far. */
static dec taken_of(const struct draft *draft, struct line_id id)
{
    dec taken = dec_add(credit_taken(&draft->one->notes, id), corrected_of(draft, id));
    for (size_t i = 0; i < draft->count; i++) {
        if (ulid_equal(draft->lines[i].line_id.ulid, id.ulid))
            taken = dec_add(taken, draft->lines[i].amount);
    }
    return taken;
}

static enum fault draft_add(struct draft *draft, const struct credit_wish *wish,
                            struct arena *arena)
{
    const struct line_record *line = line_of(draft->one, wish->line_id);
    if (line == NULL)
        return FAULT_CREDIT_LINE;
    dec taken = taken_of(draft, wish->line_id);
    enum fault fault =
        credit_line_reckon(line, taken, wish->amount, arena, &draft->lines[draft->count]);
    if (fault == FAULT_NONE)
        draft->count++;
    return fault;
}

/* All that is left of every line. */
static void draft_add_rest(struct draft *draft, struct arena *arena)
{
    for (size_t i = 0; i < draft->one->work.lines.count; i++) {
        const struct line_record *line = invoice_work_line(&draft->one->work, i);
        const struct credit_wish wish = { line->line.id, DEC_INVALID };
        dec left = dec_sub(credit_line_price(line), taken_of(draft, line->line.id));
        if (instant_is_none(line->line.deleted_at) && dec_sign(left) > 0)
            MUST(draft_add(draft, &wish, arena) == FAULT_NONE);
    }
}

/* Faults of amounts are told all at once, each with its place in the request. */
static enum err draft_refuse(struct cx *cx, enum fault fault, size_t index)
{
    if (fault == FAULT_CREDIT_LINE)
        return problem_refuse_at(&cx->problem, fault, "lines[%zu].line_id", index);
    problem_add_fault(&cx->problem, text_format(cx->arena, "lines[%zu].amount", index), fault);
    return ERR_REFUSED;
}

static enum err draft_fill(struct cx *cx, struct draft *draft, const struct credit_note_body *body)
{
    const struct credit_wish *wishes = body->lines.items;
    size_t most = body->lines.count + draft->one->work.lines.count;
    draft->lines = ARENA_ARRAY(cx->arena, struct credit_line, most);
    enum err err = OK;
    for (size_t i = 0; i < body->lines.count; i++) {
        enum fault fault = draft_add(draft, &wishes[i], cx->arena);
        if (fault != FAULT_NONE)
            err = draft_refuse(cx, fault, i);
        if (fault == FAULT_CREDIT_LINE)
            return err;
    }
    if (body->lines.count == 0)
        draft_add_rest(draft, cx->arena);
    if (err == OK && draft->count == 0)
        err = problem_refuse(&cx->problem, FAULT_CREDIT_TOO_LARGE, "nothing is left of any line");
    return err;
}

static struct credit_note note_of(struct cx *cx, const struct draft *draft,
                                  const struct credit_note_body *body)
{
    const struct invoice_record *record = &draft->one->work.record;
    struct credit_note note = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .invoice_id = record->id,
        .customer_id = record->customer_id,
        .currency = record->currency,
        .reason = body->reason,
        .settlement = body->settlement,
        .lines = { draft->lines, draft->count },
        .totals = rate_totals_zero(currency_find(record->currency)),
        .issued_at = cx->now,
    };
    for (size_t i = 0; i < draft->count; i++)
        note.totals = rate_totals_add(&note.totals, &draft->lines[i].totals);
    return note;
}

/* ---- applying ------------------------------------------------------------------------------ */

/* The invoice wants less now: it may be paid by that, or too much has been paid on it. What goes
 * beyond all that it asked for was never paid on it, so it cannot be paid back either: it is the
 * customer's credit. */
static enum err settle(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                       const struct credit_note *note)
{
    dec asked = payment_asked(&one->work.record);
    dec credited = credit_total(&one->notes);
    struct payment_claim was = payment_claim_of(asked, credited);
    struct payment_claim is = payment_claim_of(asked, dec_add(credited, note->totals.total));
    struct payment_balance after = payment_balance_of(is.owed, &one->payments);
    dec beyond = dec_sub(is.beyond, was.beyond);
    dec back = dec_min(after.refund_due, dec_sub(note->totals.total, beyond));
    enum err err = OK;
    if (note->settlement == CREDIT_TO_BALANCE && dec_sign(back) > 0)
        err = credit_keep(cx, tx, &one->work.record, back);
    if (err == OK && dec_sign(beyond) > 0)
        err = credit_add(cx, tx, &one->work.record, CREDIT_FROM_NOTE, beyond);
    if (err == OK && dec_is_zero(after.outstanding) && !dec_is_zero(one->balance.outstanding) &&
        payment_case_can(cx, one, TRIGGER_PAID))
        err = payment_case_move(cx, tx, one, TRIGGER_PAID);
    return err;
}

static enum err note_apply(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                           struct credit_note *note)
{
    enum err err =
        invoice_number_take(cx, tx, TEXT("CN"), one->work.record.customer.name, &note->number);
    if (err == OK)
        err = credit_rows_note_insert(tx, note);
    if (err == OK)
        err = settle(cx, tx, one, note);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("credit_note.issue"), note->id.ulid, TEXT_NONE);
    if (err != OK)
        return err;
    const struct outbox_news news = {
        .type = TEXT(OUTBOX_CREDIT_NOTE_CREATED),
        .subject_id = { note->id.ulid },
        .table = &credit_note_fields,
        .object = note,
    };
    return outbox_tell(cx, tx, &news);
}

static bool is_creditable(const struct invoice_record *record)
{
    return !instant_is_none(record->issued_at) && record->state != STATE_VOIDED &&
           record->state != STATE_DELETED;
}

enum err credit_note_issue(struct cx *cx, struct invoice_id invoice,
                           const struct credit_note_body *body, struct credit_note *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct payment_case one;
    struct draft draft = { .one = &one };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, invoice, &one);
    if (err == OK && !is_creditable(&one.work.record))
        err = problem_refuse(&cx->problem, FAULT_CREDIT_STATE, "it is %s",
                             invoice_state_words[one.work.record.state]);
    if (err == OK)
        err = corrected_gather(cx, tx, &draft);
    if (err == OK)
        err = draft_fill(cx, &draft, body);
    if (err != OK)
        return err;
    struct credit_note note = note_of(cx, &draft, body);
    note.source = CREDIT_BY_HAND;
    err = store_finish(&tx, note_apply(cx, tx, &one, &note));
    if (err == OK)
        *ret = note;
    return err;
}

/* ---- by themselves ------------------------------------------------------------------------- */

/* What a line still has to give back; zero when nothing is left of it. */
static dec due_of(const struct payment_case *one, const struct line_credit *credit)
{
    const struct line_record *line = line_of(one, credit->line_id);
    if (line == NULL)
        return DEC_ZERO;
    dec due = dec_sub(credit->amount, credit_given(&one->notes, credit->line_id));
    dec left = dec_sub(credit_line_price(line), credit_taken(&one->notes, credit->line_id));
    return dec_max(dec_min(due, left), DEC_ZERO);
}

/* One note for all that the lines of one invoice are to give back. */
static enum err credits_settle(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                               const struct list *credits)
{
    const struct credit_note_body body = {
        .reason = TEXT("time that was paid for and is not used"),
        .settlement = CREDIT_TO_BALANCE,
    };
    const struct line_credit *items = credits->items;
    struct payment_case one;
    struct draft draft = { .one = &one };
    enum err err = payment_case_read(cx, tx, invoice, &one);
    if (err != OK || !is_creditable(&one.work.record))
        return err;
    draft.lines = ARENA_ARRAY(cx->arena, struct credit_line, credits->count);
    for (size_t i = 0; i < credits->count; i++) {
        if (!ulid_equal(items[i].invoice_id.ulid, invoice.ulid) ||
            instant_before(cx->now, items[i].effective_at))
            continue;
        const struct credit_wish wish = { items[i].line_id, due_of(&one, &items[i]) };
        if (dec_sign(wish.amount) > 0)
            MUST(draft_add(&draft, &wish, cx->arena) == FAULT_NONE);
    }
    if (draft.count == 0)
        return OK;
    struct credit_note note = note_of(cx, &draft, &body);
    note.source = CREDIT_BY_SUBSCRIPTION;
    return note_apply(cx, tx, &one, &note);
}

/* Whether an earlier one of the list is of the same invoice. */
static bool is_seen(const struct line_credit *items, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (ulid_equal(items[i].invoice_id.ulid, items[index].invoice_id.ulid))
            return true;
    }
    return false;
}

enum err credit_subscription(struct cx *cx, struct store_tx *tx,
                             struct subscription_id subscription)
{
    CHECK(cx != NULL && tx != NULL);
    struct list credits;
    enum err err = sync_rows_credits(cx, tx, subscription, &credits);
    const struct line_credit *items = credits.items;
    for (size_t i = 0; err == OK && i < credits.count; i++) {
        if (!is_seen(items, i))
            err = credits_settle(cx, tx, items[i].invoice_id, &credits);
    }
    return err;
}

enum err credit_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice)
{
    CHECK(cx != NULL && tx != NULL);
    struct list credits;
    enum err err = sync_rows_credits_of_invoice(cx, tx, invoice, &credits);
    if (err != OK || credits.count == 0)
        return err;
    return credits_settle(cx, tx, invoice, &credits);
}

/* ---- looking ------------------------------------------------------------------------------- */

enum err credit_note_get(struct cx *cx, struct credit_note_id id, struct credit_note *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = credit_rows_note_get(cx, tx, id, ret);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_CREDIT_NOTE_ABSENT, "%s", "");
    return err;
}

enum err credit_note_list(struct cx *cx, struct invoice_id invoice, struct page page,
                          struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = credit_rows_note_count(cx, tx, invoice, ret_total);
    return err == OK ? credit_rows_note_page(cx, tx, invoice, page, ret) : err;
}

enum err credit_notes_of_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                                 struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return credit_rows_notes_of(cx, tx, invoice, ret);
}
