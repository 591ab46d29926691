/* payment.c: the rules of payments: what rows add up to, and what can be recorded. */
#include "bill/payment.h"

struct payment_claim payment_claim_of(dec asked, dec credited)
{
    CHECK(!dec_is_valid(asked) || dec_sign(asked) >= 0);
    dec open = dec_sub(asked, credited);
    dec nothing = dec_sub(asked, asked); /* with the amount's digits */
    if (dec_is_valid(open) && dec_sign(open) < 0)
        return (struct payment_claim){ nothing, dec_negate(open) };
    return (struct payment_claim){ open, nothing };
}

struct payment_balance payment_balance_of(dec owed, const struct list *payments)
{
    CHECK(payments != NULL);
    const struct payment *items = payments->items;
    struct payment_balance balance = { .owed = owed,
                                       .count = (int64_t)payments->count,
                                       .paid = DEC_ZERO,
                                       .refunded = DEC_ZERO,
                                       .outstanding = DEC_ZERO,
                                       .refund_due = DEC_ZERO,
                                       .first_failure_at = INSTANT_NONE };
    for (size_t i = 0; i < payments->count; i++) {
        bool is_refund = items[i].type == PAYMENT_REFUND;
        if (items[i].status == PAYMENT_FAILED) {
            if (balance.failures == 0)
                balance.first_failure_at = items[i].created_at;
            balance.failures++;
        }
        if (items[i].status != PAYMENT_SUCCEEDED)
            continue;
        if (is_refund)
            balance.refunded = dec_add(balance.refunded, items[i].amount);
        else
            balance.paid = dec_add(balance.paid, items[i].amount);
    }
    dec open = dec_sub(owed, dec_sub(balance.paid, balance.refunded));
    if (!dec_is_valid(open) || dec_compare(open, DEC_ZERO) > 0)
        balance.outstanding = open;
    if (!dec_is_valid(open) || dec_compare(open, DEC_ZERO) < 0)
        balance.refund_due = dec_negate(open);
    return balance;
}

enum fault payment_check(const struct payment_body *body, const struct payment_balance *balance,
                         const struct currency *currency)
{
    CHECK(body != NULL && balance != NULL && currency != NULL);
    if (!dec_is_valid(body->amount) || dec_compare(body->amount, DEC_ZERO) <= 0)
        return FAULT_PAYMENT_AMOUNT;
    dec rounded = money_round(body->amount, currency);
    if (!dec_is_valid(rounded) || dec_compare(rounded, body->amount) != 0)
        return FAULT_PAYMENT_AMOUNT;
    if (body->type == PAYMENT_REFUND && dec_compare(body->amount, balance->refund_due) > 0)
        return FAULT_REFUND_TOO_LARGE;
    if (!dec_is_valid(dec_add(balance->paid, body->amount)))
        return FAULT_AMOUNT_OVERFLOW;
    return FAULT_NONE;
}
