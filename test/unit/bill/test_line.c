/* Which pending lines a subscription should have, and what to do to the ones there are. */
#include "bill/line.h"
#include "lib/tap.h"

static instant at(const char *date)
{
    char whole[40];
    instant t;
    snprintf(whole, sizeof whole, "%sT00:00:00Z", date);
    MUST(instant_parse(text_of(whole), &t));
    return t;
}

static ulid numbered(uint8_t number)
{
    ulid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

/* One month of a subscription with one item. */
struct one_item {
    struct subscription_item item;
    struct subscription_phase phase;
    struct subscription subscription;
};

static void one_item_init(struct one_item *one, struct price_terms terms, enum payment_term term,
                          span cadence)
{
    *one = (struct one_item){ 0 };
    one->item = (struct subscription_item){
        .id = { numbered(3) },
        .phase_id = { numbered(2) },
        .key = TEXT("seats"),
        .name = TEXT("Seats"),
        .active_from = at("2026-01-01"),
        .active_to = INSTANT_NONE,
        .rate_card = { .terms = terms, .payment_term = term, .billing_cadence = cadence },
    };
    one->phase = (struct subscription_phase){
        .id = { numbered(2) },
        .key = TEXT("main"),
        .active_from = at("2026-01-01"),
        .active_to = INSTANT_NONE,
        .items = { &one->item, 1 },
    };
    one->subscription = (struct subscription){
        .id = { numbered(1) },
        .invoice_currency = TEXT("USD"),
        .billing_cadence = { .months = 1 },
        .billing_anchor = at("2026-01-01"),
        .is_pro_rating = true,
        .active_from = at("2026-01-01"),
        .active_to = INSTANT_NONE,
        .phases = { &one->phase, 1 },
    };
}

static struct list wanted(const struct one_item *one, const char *horizon, struct arena *arena)
{
    struct list lines;
    const struct line_scope scope = { INSTANT_NONE, at(horizon), END_BILLS_ACTUAL_PERIOD };
    MUST(lines_wanted(&one->subscription, &scope, arena, &lines) == FAULT_NONE);
    return lines;
}

static const struct pending_line *line_at(const struct list *lines, size_t i)
{
    MUST(i < lines->count);
    return (const struct pending_line *)lines->items + i;
}

static struct price_terms flat(const char *amount)
{
    dec fee;
    MUST(dec_parse(text_of(amount), &fee));
    return price_terms_of(PRICE_FLAT, fee);
}

static const span monthly = { .months = 1 };

static void test_nothing(struct arena *arena)
{
    struct one_item one;
    one_item_init(&one, price_terms_free(), TERM_IN_ARREARS, monthly);
    OK(wanted(&one, "2026-02-01", arena).count == 0, "what is free makes no line");
    one_item_init(&one, flat("0.00"), TERM_IN_ADVANCE, monthly);
    OK(wanted(&one, "2026-02-01", arena).count == 0, "a fee of zero makes no line");
    one_item_init(&one, flat("5"), TERM_IN_ARREARS, SPAN_NONE);
    OK(wanted(&one, "2026-02-01", arena).count == 0,
       "a fee once, in arrears, of an activity without end makes no line");
    one_item_init(&one, flat("5"), TERM_IN_ADVANCE, SPAN_NONE);
    struct list once = wanted(&one, "2026-02-01", arena);
    OK(once.count == 1, "in advance it does");
    OK(text_ends_with(line_at(&once, 0)->reference, TEXT("/main/seats/v[0]")),
       "and its reference has no period");
}

/* S3: a price of 5 that ran for 40 seconds of a month comes to nothing. */
static void test_rounds_to_nothing(struct arena *arena)
{
    struct one_item one;
    one_item_init(&one, flat("5"), TERM_IN_ADVANCE, monthly);
    instant end = { at("2026-01-01").ns + 40 * NS_PER_SECOND };
    one.subscription.active_to = end;
    subscription_cut(&one.subscription);
    OK(wanted(&one, "2026-02-01", arena).count == 0, "S3: 40 seconds of a month at 5");
    one.subscription.is_pro_rating = false;
    OK(wanted(&one, "2026-02-01", arena).count == 1, "without proration the fee is whole");
}

static void test_reference(struct arena *arena)
{
    struct one_item one;
    one_item_init(&one, price_terms_of(PRICE_UNIT, dec_of_int(1)), TERM_IN_ARREARS, monthly);
    struct list lines = wanted(&one, "2026-03-01", arena);
    OK(lines.count == 2, "two months, two lines");
    IS_TEXT(line_at(&lines, 1)->reference, "00000000000000000000000001/main/seats/v[0]/period[1]",
            "the identity of a line");
}

static void test_overflow(struct arena *arena)
{
    struct one_item one;
    struct list lines;
    one_item_init(&one, flat("99999999999999999999999999999999999999"), TERM_IN_ADVANCE, monthly);
    const struct line_scope scope = { INSTANT_NONE, at("2026-02-01"), END_BILLS_ACTUAL_PERIOD };
    OK(lines_wanted(&one.subscription, &scope, arena, &lines) == FAULT_AMOUNT_OVERFLOW,
       "a fee that does not fit is refused");
}

static void test_compare(struct arena *arena)
{
    struct one_item one;
    one_item_init(&one, flat("31"), TERM_IN_ADVANCE, monthly);
    struct list present = wanted(&one, "2026-02-01", arena);
    struct pending_line *items = present.items;
    OK(present.count == 2, "January, and February in advance");
    items[0].id = (struct line_id){ numbered(10) };
    items[1].id = (struct line_id){ numbered(11) };
    struct list same = wanted(&one, "2026-02-01", arena);
    struct line_changes none = lines_compare(&present, &same, arena);
    OK(none.added.count == 0 && none.changed.count == 0 && none.removed.count == 0,
       "what is as it should be stays as it is");
    struct list more = wanted(&one, "2026-03-01", arena);
    struct line_changes grown = lines_compare(&present, &more, arena);
    OK(grown.added.count == 1 && line_at(&grown.added, 0)->period_index == 2 &&
           grown.changed.count == 0 && grown.removed.count == 0,
       "a month later one is added");
    one.subscription.active_to = at("2026-01-11");
    subscription_cut(&one.subscription);
    struct list less = wanted(&one, "2026-01-11", arena);
    struct line_changes cut = lines_compare(&present, &less, arena);
    OK(cut.changed.count == 1 && ulid_equal(line_at(&cut.changed, 0)->id.ulid, numbered(10)) &&
           instant_equal(line_at(&cut.changed, 0)->service_to, at("2026-01-11")) &&
           instant_equal(line_at(&cut.changed, 0)->full_to, at("2026-02-01")),
       "after a cancelation the running line keeps its id and ends earlier");
    OK(cut.removed.count == 1 && ulid_equal(line_at(&cut.removed, 0)->id.ulid, numbered(11)),
       "and the next one goes");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_nothing(arena);
    test_rounds_to_nothing(arena);
    test_reference(arena);
    test_overflow(arena);
    test_compare(arena);
    return tap_end();
}
