/* Laws of payments: money is conserved, whatever was tried, paid, taken back and given back. */
#include "bill/payment.h"
#include "lib/law.h"

#define PAYMENTS_MAX 12

static dec cents(int64_t from, int64_t to)
{
    return dec_div(dec_of_int(law_between(from, to)), dec_of_int(100), 2, ROUND_HALF_AWAY);
}

/* Random rows, in which refunds are what payment_check lets through. */
static size_t payments_make(dec owed, struct payment *ret)
{
    size_t count = (size_t)law_between(0, PAYMENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct list before = { ret, i };
        struct payment_balance balance = payment_balance_of(owed, &before);
        struct payment_body body = { .type = PAYMENT_MANUAL, .amount = cents(1, 20000) };
        if (law_between(0, 2) == 0)
            body.type = PAYMENT_REFUND;
        if (payment_check(&body, &balance, currency_find(TEXT("USD"))) != FAULT_NONE)
            body.type = PAYMENT_MANUAL;
        ret[i] = (struct payment){ .type = body.type,
                                   .amount = body.amount,
                                   .created_at = { (int64_t)i } };
        if (body.type == PAYMENT_MANUAL && law_between(0, 3) == 0)
            ret[i].status = (enum payment_status)law_between(0, PAYMENT_STATUS_COUNT - 1);
    }
    return count;
}

static void law_conserved(void)
{
    struct law conserved = { .name = "owed = paid - refunded + outstanding - refund due" };
    struct law one = { .name = "nothing is outstanding and to be refunded at once" };
    struct law kept = { .name = "no more is given back than was paid" };
    struct law later = { .name = "what is paid on top lowers what is outstanding, or is due back" };
    for (int i = 0; i < 20000; i++) {
        struct payment items[PAYMENTS_MAX + 1];
        dec owed = cents(0, 50000);
        size_t count = payments_make(owed, items);
        struct list payments = { items, count };
        struct payment_balance b = payment_balance_of(owed, &payments);
        dec sum = dec_add(dec_sub(b.paid, b.refunded), dec_sub(b.outstanding, b.refund_due));
        law_case(&conserved, dec_compare(sum, owed) == 0, "%d", i);
        law_case(&one, dec_is_zero(b.outstanding) || dec_is_zero(b.refund_due), "%d", i);
        law_case(&kept, dec_compare(b.refunded, b.paid) <= 0, "%d", i);
        items[count] = (struct payment){ .type = PAYMENT_MANUAL, .amount = cents(1, 20000) };
        payments.count++;
        struct payment_balance next = payment_balance_of(owed, &payments);
        dec lower = dec_sub(b.outstanding, next.outstanding);
        dec more = dec_sub(next.refund_due, b.refund_due);
        law_case(&later, dec_compare(dec_add(lower, more), items[count].amount) == 0, "%d", i);
    }
    law_end(&conserved);
    law_end(&one);
    law_end(&kept);
    law_end(&later);
}

int main(void)
{
    law_seed();
    law_conserved();
    return tap_end();
}
