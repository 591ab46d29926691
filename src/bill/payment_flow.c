/* payment_flow.c: the commands on payments, and what apps tell of theirs. */
#include "bill/due.h"
#include "bill/invoice_print.h"
#include "bill/payment_inside.h"
#include "bill/payment_rows.h"
#include "identity/audit.h"
#include "notify/outbox.h"

/* Days are written down in other zones, and by other clocks. */
#define RECEIVED_AHEAD_DAYS 1

/* ---- what is gathered ---------------------------------------------------------------------- */

dec payment_asked(const struct invoice_record *record)
{
    CHECK(record != NULL);
    bool is_void = record->state == STATE_VOIDED || record->state == STATE_DELETED;
    if (is_void || instant_is_none(record->issued_at) || dec_sign(record->totals.total) < 0)
        return DEC_ZERO;
    return record->totals.total;
}

dec payment_owed(const struct invoice_record *record, const struct list *notes)
{
    CHECK(record != NULL && notes != NULL);
    return payment_claim_of(payment_asked(record), credit_total(notes)).owed;
}

enum err payment_case_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                           struct payment_case *ret)
{
    enum err err = invoice_work_read(cx, tx, id, &ret->work);
    if (err == OK)
        err = customer_enter_id(cx, tx, ret->work.record.customer_id);
    if (err == OK)
        err = payment_rows_of_invoice(cx, tx, id, &ret->payments);
    if (err == OK)
        err = credit_notes_of_invoice(cx, tx, id, &ret->notes);
    if (err == OK)
        ret->balance =
            payment_balance_of(payment_owed(&ret->work.record, &ret->notes), &ret->payments);
    return err;
}

struct payment payment_row_of(struct cx *cx, const struct invoice_record *record, int64_t count)
{
    return (struct payment){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .invoice_id = record->id,
        .customer_id = record->customer_id,
        .number = count + 1,
        .currency = record->currency,
        .received_at = INSTANT_NONE,
        .created_at = cx->now,
        .invoice = { { record->id.ulid } },
        .customer = { { record->customer_id.ulid } },
    };
}

enum err payment_row_add(struct cx *cx, struct store_tx *tx, const struct payment *payment)
{
    CHECK(cx != NULL && tx != NULL && payment != NULL);
    const struct outbox_news news = {
        .type = TEXT(OUTBOX_PAYMENT_CREATED),
        .subject_id = { payment->id.ulid },
        .table = &payment_fields,
        .object = payment,
    };
    enum err err = payment_rows_insert(tx, payment);
    return err == OK ? outbox_tell(cx, tx, &news) : err;
}

enum err payment_case_move(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                           enum invoice_trigger trigger)
{
    enum err err = invoice_work_run(cx, tx, &one->work, trigger);
    if (err == OK)
        err = due_cancel(cx, tx, TEXT(DUE_INVOICE_RETRY), one->work.record.id.ulid);
    if (err == OK)
        err = invoice_work_store(cx, tx, &one->work);
    return err;
}

bool payment_case_can(struct cx *cx, const struct payment_case *one, enum invoice_trigger trigger)
{
    const struct invoice_work *work = &one->work;
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, cx->now);
    enum invoice_state to;
    return invoice_state_next(work->record.state, trigger, &facts, &to);
}

/* ---- recording ----------------------------------------------------------------------------- */

static enum fault record_check(const struct cx *cx, const struct payment_case *one,
                               const struct payment_body *body)
{
    const struct invoice_record *record = &one->work.record;
    bool is_refund = body->type == PAYMENT_REFUND;
    const struct currency *currency = currency_find(record->currency);
    CHECK(currency != NULL);
    if (instant_is_none(record->issued_at) || (record->state == STATE_VOIDED && !is_refund))
        return FAULT_PAYMENT_STATE;
    if (!instant_is_none(body->received_at) &&
        body->received_at.ns - cx->now.ns > RECEIVED_AHEAD_DAYS * NS_PER_DAY)
        return FAULT_PAYMENT_TIME;
    return payment_check(body, &one->balance, currency);
}

static enum err record_apply(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                             const struct payment_body *body, struct payment *ret)
{
    struct payment payment = payment_row_of(cx, &one->work.record, one->balance.count);
    bool pays = body->type != PAYMENT_REFUND &&
                dec_compare(body->amount, one->balance.outstanding) >= 0;
    payment.type = body->type;
    payment.status = PAYMENT_SUCCEEDED;
    payment.amount = money_round(body->amount, currency_find(payment.currency));
    payment.method = body->method;
    payment.reference = body->reference;
    payment.received_at = instant_is_none(body->received_at) ? cx->now : body->received_at;
    enum err err = payment_row_add(cx, tx, &payment);
    if (err == OK && pays && payment_case_can(cx, one, TRIGGER_PAID))
        err = payment_case_move(cx, tx, one, TRIGGER_PAID);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("payment.record"), payment.id.ulid, TEXT_NONE);
    if (err == OK)
        *ret = payment;
    return err;
}

enum err payment_record(struct cx *cx, struct invoice_id id, const struct payment_body *body,
                        struct payment *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct payment_case one;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, id, &one);
    if (err != OK)
        return err;
    enum fault fault = record_check(cx, &one, body);
    if (fault == FAULT_PAYMENT_AMOUNT || fault == FAULT_REFUND_TOO_LARGE)
        return problem_refuse_at(&cx->problem, fault, "amount");
    if (fault == FAULT_PAYMENT_TIME)
        return problem_refuse_at(&cx->problem, fault, "received_at");
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "%s", "");
    err = record_apply(cx, tx, &one, body, ret);
    return store_finish(&tx, err);
}

/* ---- looking ------------------------------------------------------------------------------- */

enum err payment_list(struct cx *cx, struct invoice_id id, struct page page, struct list *ret,
                      int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    struct payment_case one;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, id, &one);
    if (err != OK)
        return err;
    size_t count = one.payments.count;
    size_t first = page_offset(page) < (int64_t)count ? (size_t)page_offset(page) : count;
    size_t size = (int64_t)(count - first) < page.size ? count - first : (size_t)page.size;
    *ret_total = (int64_t)count;
    *ret = (struct list){ 0 };
    if (size > 0)
        *ret = (struct list){ (struct payment *)one.payments.items + first, size };
    return OK;
}

/* With the currency's digits. */
static void sums_round(struct payment_balance *sums, const struct currency *currency)
{
    dec *const amounts[] = { &sums->owed, &sums->paid, &sums->refunded, &sums->outstanding,
                             &sums->refund_due };
    for (size_t i = 0; i < COUNT_OF(amounts); i++)
        *amounts[i] = money_round(*amounts[i], currency);
}

static enum err balance_print(struct cx *cx, struct store_tx *tx, const struct payment_case *one,
                              struct invoice_balance *ret)
{
    const struct invoice_record *record = &one->work.record;
    struct invoice_balance balance = {
        .invoice = { { record->id.ulid } },
        .currency = record->currency,
        .status = text_of(invoice_state_words[record->state]),
        .sums = payment_balance_of(payment_owed(record, &one->notes), &one->payments),
        .due_at = record->due_at,
    };
    sums_round(&balance.sums, currency_find(record->currency));
    enum err err = payment_rows_retry_at(cx, tx, record->id, &balance.next_retry_at);
    if (err == OK)
        *ret = balance;
    return err;
}

enum err payment_balance_get(struct cx *cx, struct invoice_id id, struct invoice_balance *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct payment_case one;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, id, &one);
    if (err == OK)
        err = balance_print(cx, tx, &one, ret);
    return err;
}

enum err payment_give_up(struct cx *cx, struct invoice_id id, struct invoice_balance *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct payment_case one;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, id, &one);
    if (err == OK)
        err = payment_case_move(cx, tx, &one, TRIGGER_UNCOLLECTIBLE);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.give_up"), id.ulid, TEXT_NONE);
    if (err == OK)
        err = balance_print(cx, tx, &one, ret);
    return store_finish(&tx, err);
}

/* ---- reports ------------------------------------------------------------------------------- */

/* Where a report leads, so that the same one twice is known. */
static enum invoice_state state_of(enum invoice_trigger trigger)
{
    static const struct {
        enum invoice_trigger trigger;
        enum invoice_state state;
    } ends[] = {
        { TRIGGER_PAID, STATE_PAID },
        { TRIGGER_PAYMENT_FAILED, STATE_PAYMENT_FAILED },
        { TRIGGER_ACTION_REQUIRED, STATE_PAYMENT_ACTION_REQUIRED },
        { TRIGGER_UNCOLLECTIBLE, STATE_UNCOLLECTIBLE },
        { TRIGGER_OVERDUE, STATE_OVERDUE },
        { TRIGGER_VOID, STATE_VOIDED },
    };

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (ends[i].trigger == trigger)
            return ends[i].state;
    return STATE_COUNT;
}

/* What is written of a report: attempts and their outcomes are, what time or people did is not. */
static enum err report_write(struct cx *cx, struct store_tx *tx, const struct payment_case *one,
                             enum invoice_trigger trigger)
{
    struct payment payment = payment_row_of(cx, &one->work.record, one->balance.count);
    payment.type = PAYMENT_CHARGE;
    payment.amount = one->balance.outstanding;
    payment.reference = one->work.record.payment_id;
    if (trigger == TRIGGER_PAID) {
        payment.status = PAYMENT_SUCCEEDED;
        payment.received_at = cx->now;
    } else if (trigger == TRIGGER_PAYMENT_FAILED) {
        payment.status = PAYMENT_FAILED;
    } else if (trigger == TRIGGER_ACTION_REQUIRED) {
        payment.status = PAYMENT_ACTION_REQUIRED;
    } else {
        return OK;
    }
    return dec_is_zero(payment.amount) ? OK : payment_row_add(cx, tx, &payment);
}

static enum err report_apply(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                             enum invoice_trigger trigger)
{
    const struct invoice_record *record = &one->work.record;
    if (!text_equal(record->workflow.payment_app.type, TEXT("external_invoicing")))
        return problem_refuse(&cx->problem, FAULT_APP_TYPE_OTHER,
                              "the invoice is paid through %.*s",
                              TEXT_ARG(record->workflow.payment_app.type));
    if (record->state == state_of(trigger))
        return OK;
    if (!payment_case_can(cx, one, trigger))
        return problem_refuse(&cx->problem, FAULT_PAYMENT_TRIGGER, "%s in %s",
                              invoice_trigger_words[trigger], invoice_state_words[record->state]);
    enum err err = report_write(cx, tx, one, trigger);
    if (err == OK)
        err = payment_case_move(cx, tx, one, trigger);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("invoice.payment_status"), record->id.ulid, TEXT_NONE);
    return err;
}

enum err payment_report(struct cx *cx, struct invoice_id id, enum invoice_trigger trigger)
{
    CHECK(cx != NULL && state_of(trigger) != STATE_COUNT);
    struct payment_case one;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = payment_case_read(cx, tx, id, &one);
    if (err == OK)
        err = report_apply(cx, tx, &one, trigger);
    return store_finish(&tx, err);
}

/* ---- for apps ------------------------------------------------------------------------------ */

enum err payment_balance_read(struct cx *cx, struct store_tx *tx,
                              const struct invoice_record *record, struct payment_balance *ret)
{
    CHECK(cx != NULL && tx != NULL && record != NULL && ret != NULL);
    struct list payments, notes;
    enum err err = payment_rows_of_invoice(cx, tx, record->id, &payments);
    if (err == OK)
        err = credit_notes_of_invoice(cx, tx, record->id, &notes);
    if (err == OK)
        *ret = payment_balance_of(payment_owed(record, &notes), &payments);
    return err;
}

enum err payment_outstanding(const struct app_call *call, struct payment_balance *ret)
{
    CHECK(call != NULL && ret != NULL);
    return payment_balance_read(call->cx, call->tx, call->invoice, ret);
}

/* After a failure: the next attempt is planned, or the money is given up. */
static enum err failure_follow(const struct app_call *call, const struct payment_balance *balance,
                               enum invoice_trigger *ret)
{
    struct cx *cx = call->cx;
    const struct invoice_record *record = call->invoice;
    instant first = balance->failures > 0 ? balance->first_failure_at : cx->now;
    struct dunning_next next = dunning_after(&record->workflow.dunning, first,
                                             balance->failures + 1,
                                             invoice_workflow_zone(&record->workflow));
    *ret = next.step == DUNNING_UNCOLLECTIBLE ? TRIGGER_UNCOLLECTIBLE : TRIGGER_PAYMENT_FAILED;
    if (next.step != DUNNING_RETRY)
        return OK;
    return due_schedule(cx, call->tx, TEXT(DUE_INVOICE_RETRY), record->id.ulid, next.retry_at);
}

enum err payment_attempt_made(const struct app_call *call, const struct payment_balance *balance,
                              const struct payment_attempt *attempt, enum invoice_trigger *ret)
{
    CHECK(call != NULL && balance != NULL && attempt != NULL && ret != NULL);
    struct cx *cx = call->cx;
    struct payment payment = payment_row_of(cx, call->invoice, balance->count);
    payment.type = PAYMENT_CHARGE;
    payment.status = attempt->status;
    payment.amount = balance->outstanding;
    payment.method = attempt->method;
    payment.failure_code = attempt->failure_code;
    if (attempt->status == PAYMENT_SUCCEEDED)
        payment.received_at = cx->now;
    enum err err = payment_row_add(cx, call->tx, &payment);
    if (err == OK && balance->failures > 0)
        err = due_cancel(cx, call->tx, TEXT(DUE_INVOICE_RETRY), call->invoice->id.ulid);
    if (err != OK)
        return err;
    if (attempt->status == PAYMENT_FAILED)
        return failure_follow(call, balance, ret);
    *ret = attempt->status == PAYMENT_SUCCEEDED ? TRIGGER_PAID : TRIGGER_ACTION_REQUIRED;
    return OK;
}
