/* app_sandbox.c: an app without any effect outside, to try things out with. How a payment ends is
 * said under one key of the invoice's metadata, or else by the customer's test card, or else under
 * that key of the customer's metadata; it is paid when nobody says anything. */
#include "bill/app_rows.h"
#include "bill/invoice_apps.h"
#include "bill/payment.h"

#define OUTCOME_KEY "openmeter.io/sandbox/target-payment-status"

static enum err sandbox_finalize(const struct app_call *call, struct app_result *ret)
{
    ret->sent_at = call->cx->now;
    return invoice_number_take(call->cx, call->tx, TEXT("OM-SANDBOX"), call->invoice->customer.name,
                               &ret->number);
}

/* ---- how the payment ends ------------------------------------------------------------------ */

/* The outcome of the customer's test card; TEXT_NONE when it has none. */
static enum err card_gather(const struct app_call *call, text *ret)
{
    struct list data;
    enum err err =
        app_rows_data(call->cx, call->tx, call->invoice->customer_id, APP_SANDBOX, &data);
    const struct customer_app_data *items = data.items;
    *ret = TEXT_NONE;
    for (size_t i = 0; err == OK && i < data.count; i++)
        if (ret->ptr == NULL && items[i].test_card.ptr != NULL)
            *ret = app_test_card_outcome(items[i].test_card);
    return err;
}

static enum err outcome_gather(const struct app_call *call, text *ret)
{
    text outcome = text_map_get(&call->invoice->labels, TEXT(OUTCOME_KEY));
    text id = ulid_text(call->cx->arena, call->invoice->customer_id.ulid);
    struct customer customer;
    enum err err = OK;
    if (outcome.ptr == NULL)
        err = card_gather(call, &outcome);
    if (err == OK && outcome.ptr == NULL) {
        err = customer_need(call->cx, call->tx, id, &customer);
        if (err == OK)
            outcome = text_map_get(&customer.labels, TEXT(OUTCOME_KEY));
    }
    if (err == OK)
        *ret = outcome;
    return err;
}

/* An attempt that ends like that; one that succeeds for words that are no outcome. */
static struct payment_attempt attempt_of(text outcome)
{
    static const struct {
        const char *word;
        enum payment_status status;
        const char *failure_code;
    } outcomes[] = {
        { "failed", PAYMENT_FAILED, "card_declined" },
        { "action_required", PAYMENT_ACTION_REQUIRED, "authentication_required" },
        { "disputed", PAYMENT_DISPUTED, "fraudulent" },
    };
    struct payment_attempt attempt = { PAYMENT_SUCCEEDED, TEXT("sandbox"), TEXT_NONE };
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        if (!text_equal(outcome, text_of(outcomes[i].word)))
            continue;
        attempt.status = outcomes[i].status;
        attempt.failure_code = text_of(outcomes[i].failure_code);
    }
    return attempt;
}

/* What was paid by other ways is not asked for again. */
static enum err sandbox_pay(const struct app_call *call, struct app_result *ret)
{
    text outcome;
    struct payment_balance balance;
    enum invoice_trigger trigger = TRIGGER_PAID;
    enum err err = outcome_gather(call, &outcome);
    if (err == OK)
        err = payment_outstanding(call, &balance);
    if (err != OK)
        return err;
    ret->trigger = TRIGGER_PAID;
    if (dec_is_zero(balance.outstanding))
        return OK;
    if (text_equal(outcome, TEXT("uncollectible")))
        ret->trigger = TRIGGER_UNCOLLECTIBLE;
    else if (text_equal(outcome, TEXT("pending")))
        ret->trigger = FIELD_ENUM_NONE;
    else {
        const struct payment_attempt attempt = attempt_of(outcome);
        err = payment_attempt_made(call, &balance, &attempt, &trigger);
        ret->trigger = (int)trigger;
    }
    return err;
}

const struct invoice_app invoice_app_sandbox = {
    .type = "sandbox",
    .tax = invoice_tax_lines,
    .finalize = sandbox_finalize,
    .pay = sandbox_pay,
};
