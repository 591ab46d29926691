/* The rules of payments: dunning schedules, and what payments leave of an invoice. */
#include "bill/payment.h"
#include "lib/table.h"
#include "lib/tap.h"

static struct text_list words_of(struct arena *arena, text cell)
{
    struct text_list list = { ARENA_ARRAY(arena, text, 8), 0 };
    text rest = text_equal(cell, TEXT("-")) ? TEXT_NONE : cell;
    while (rest.ptr != NULL) {
        text word = text_cut(&rest, ' ');
        if (word.len > 0)
            list.items[list.count++] = word;
    }
    return list;
}

static instant at(text t)
{
    instant parsed;
    MUST(instant_parse(t, &parsed));
    return parsed;
}

static void test_dunning(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/dunning.vec", 7);
    while (table_next(&t)) {
        struct dunning dunning = { words_of(arena, t.cells[1]),
                                   text_equal(t.cells[2], TEXT("give up")) };
        int64_t failures;
        MUST(text_to_int(t.cells[5], &failures));
        const struct zone *zone = zone_find(t.cells[3]);
        MUST(zone != NULL);
        struct dunning_next next = dunning_after(&dunning, at(t.cells[4]), failures, zone);
        text follows = TEXT("wait");
        if (next.step == DUNNING_UNCOLLECTIBLE)
            follows = TEXT("give up");
        if (next.step == DUNNING_RETRY)
            follows = instant_text(arena, next.retry_at);
        IS_TEXT(follows, text_cstr(arena, t.cells[6]), text_cstr(arena, t.cells[0]));
    }
    table_close(&t);
}

/* "c!100.00" */
static struct payment payment_of(text word)
{
    struct payment payment = { .type = PAYMENT_CHARGE, .created_at = { 1 } };
    size_t used = 1;
    if (word.ptr[0] == 'm')
        payment.type = PAYMENT_MANUAL;
    if (word.ptr[0] == 'r')
        payment.type = PAYMENT_REFUND;
    if (word.ptr[1] == '!')
        payment.status = PAYMENT_FAILED;
    if (word.ptr[1] == '?')
        payment.status = PAYMENT_ACTION_REQUIRED;
    if (word.ptr[1] == '~')
        payment.status = PAYMENT_DISPUTED;
    if (payment.status != PAYMENT_SUCCEEDED)
        used++;
    MUST(dec_parse(text_slice(word, used, word.len), &payment.amount));
    return payment;
}

static bool amount_is(dec amount, text cell)
{
    dec wanted;
    MUST(dec_parse(cell, &wanted));
    return dec_compare(amount, wanted) == 0;
}

static void balance_try(struct arena *arena, const struct table *t)
{
    struct text_list words = words_of(arena, t->cells[2]);
    struct payment *items = ARENA_ARRAY(arena, struct payment, words.count);
    dec owed;
    int64_t failures;
    MUST(dec_parse(t->cells[1], &owed) && text_to_int(t->cells[7], &failures));
    for (size_t i = 0; i < words.count; i++)
        items[i] = payment_of(words.items[i]);
    struct list payments = { items, words.count };
    struct payment_balance balance = payment_balance_of(owed, &payments);
    OK(amount_is(balance.paid, t->cells[3]) && amount_is(balance.refunded, t->cells[4]) &&
           amount_is(balance.outstanding, t->cells[5]) &&
           amount_is(balance.refund_due, t->cells[6]) && balance.failures == failures,
       "%s", text_cstr(arena, t->cells[0]));
    OK(instant_is_none(balance.first_failure_at) == (failures == 0), "and knows its first failure");
}

static void test_balance(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/balance.vec", 8);
    while (table_next(&t))
        balance_try(arena, &t);
    table_close(&t);
}

static void claim_try(const struct table *t)
{
    dec numbers[4];
    for (size_t i = 0; i < 4; i++)
        MUST(dec_parse(t->cells[i + 1], &numbers[i]));
    struct payment_claim claim = payment_claim_of(numbers[0], numbers[1]);
    OK(dec_equal(claim.owed, numbers[2]) && dec_equal(claim.beyond, numbers[3]), "%s",
       table_name(t));
}

static void test_claim(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/claim.vec", 5);
    while (table_next(&t))
        claim_try(&t);
    table_close(&t);
}

static enum fault check_of(enum payment_type type, const char *amount, const char *refund_due,
                           const char *currency)
{
    struct payment_body body = { .type = type };
    struct payment_balance balance = { .paid = DEC_ZERO };
    MUST(dec_parse(text_of(amount), &body.amount));
    MUST(dec_parse(text_of(refund_due), &balance.refund_due));
    return payment_check(&body, &balance, currency_find(text_of(currency)));
}

static void test_check(void)
{
    OK(check_of(PAYMENT_MANUAL, "10.00", "0", "USD") == FAULT_NONE, "a payment");
    OK(check_of(PAYMENT_MANUAL, "10", "0", "USD") == FAULT_NONE, "a round one");
    OK(check_of(PAYMENT_MANUAL, "0", "0", "USD") == FAULT_PAYMENT_AMOUNT, "of nothing");
    OK(check_of(PAYMENT_MANUAL, "-1", "0", "USD") == FAULT_PAYMENT_AMOUNT, "of less");
    OK(check_of(PAYMENT_MANUAL, "1.001", "0", "USD") == FAULT_PAYMENT_AMOUNT, "of parts of a cent");
    OK(check_of(PAYMENT_MANUAL, "1.5", "0", "JPY") == FAULT_PAYMENT_AMOUNT, "of parts of a yen");
    OK(check_of(PAYMENT_REFUND, "5", "5", "USD") == FAULT_NONE, "a refund of what is due");
    OK(check_of(PAYMENT_REFUND, "5.01", "5", "USD") == FAULT_REFUND_TOO_LARGE, "of more");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_dunning(arena);
    test_balance(arena);
    test_claim(arena);
    test_check();
    return tap_end();
}
