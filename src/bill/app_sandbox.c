/* app_sandbox.c: an app without any effect outside, to try things out with. The payment ends as the
 * metadata of the invoice, or else of the customer, says under one key. */
#include "bill/invoice_apps.h"

#define OUTCOME_KEY "openmeter.io/sandbox/target-payment-status"

static enum err sandbox_finalize(const struct app_call *call, struct app_result *ret)
{
    ret->sent_at = call->cx->now;
    return invoice_number_take(call->cx, call->tx, TEXT("OM-SANDBOX"), call->invoice->customer.name,
                               &ret->number);
}

/* The trigger for an outcome; paid for words that are none. */
static enum invoice_trigger trigger_of(text outcome)
{
    static const struct {
        const char *word;
        enum invoice_trigger trigger;
    } outcomes[] = {
        { "failed", TRIGGER_PAYMENT_FAILED },
        { "uncollectible", TRIGGER_UNCOLLECTIBLE },
        { "action_required", TRIGGER_ACTION_REQUIRED },
    };

    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        if (text_equal(outcome, text_of(outcomes[i].word)))
            return outcomes[i].trigger;
    }
    return TRIGGER_PAID;
}

static enum err sandbox_pay(const struct app_call *call, struct app_result *ret)
{
    text outcome = text_map_get(&call->invoice->labels, TEXT(OUTCOME_KEY));
    struct customer customer;
    enum err err = OK;
    if (outcome.ptr == NULL) {
        text id = ulid_text(call->cx->arena, call->invoice->customer_id.ulid);
        err = customer_need(call->cx, call->tx, id, &customer);
        if (err == OK)
            outcome = text_map_get(&customer.labels, TEXT(OUTCOME_KEY));
    }
    ret->trigger = trigger_of(outcome);
    return err;
}

const struct invoice_app invoice_app_sandbox = {
    .type = "sandbox",
    .finalize = sandbox_finalize,
    .pay = sandbox_pay,
};
