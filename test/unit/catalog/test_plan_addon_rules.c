/* Whether an add-on fits a plan, from a table. */
#include "catalog/plan_addon.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, STATUS, INSTANCE, QUANTITY, CURRENCY, FROM, OURS, THEIRS, ISSUES, COLUMNS };

static bool is_none(text t)
{
    return text_equal(t, TEXT("-"));
}

static struct price_terms terms_of(text price)
{
    text type = text_cut(&price, ':');
    dec amount;
    if (text_equal(type, TEXT("free")))
        return price_terms_free();
    MUST(dec_parse_numeric(price, &amount));
    return price_terms_of(text_equal(type, TEXT("unit")) ? PRICE_UNIT : PRICE_FLAT, amount);
}

static void feature_set(struct rate_card *card, text name)
{
    if (is_none(name))
        return;
    bool is_later = text_equal(name, TEXT("api2"));
    card->feature_key = is_later ? TEXT("api") : name;
    card->feature_id.ulid.bytes[15] = is_later ? 2 : 1;
}

static void entitlement_set(struct rate_card *card, text mark)
{
    bool is_daily = text_equal(mark, TEXT("daily"));
    bool is_metered = is_daily || text_equal(mark, TEXT("metered"));
    bool is_static = text_equal(mark, TEXT("static"));
    if (!is_metered && !is_static && !text_equal(mark, TEXT("boolean")))
        return;
    card->has_entitlement = true;
    card->entitlement.type = is_metered  ? RATE_CARD_METERED
                             : is_static ? RATE_CARD_STATIC
                                         : RATE_CARD_BOOLEAN;
    if (is_daily)
        card->entitlement.usage_period = (span){ .days = 1 };
}

/* "key feature price cadence [mark] …" */
static struct rate_card card_of(text cell)
{
    struct rate_card card = { .payment_term = TERM_IN_ARREARS };
    text rest = text_trim(cell);
    card.key = text_cut(&rest, ' ');
    feature_set(&card, text_cut(&rest, ' '));
    card.terms = terms_of(text_cut(&rest, ' '));
    text cadence = text_cut(&rest, ' ');
    if (!is_none(cadence))
        MUST(span_parse(cadence, &card.billing_cadence));
    while (!text_is_empty(rest)) {
        text mark = text_cut(&rest, ' ');
        if (text_equal(mark, TEXT("advance")))
            card.payment_term = TERM_IN_ADVANCE;
        if (text_equal(mark, TEXT("discount")))
            card.terms.percentage_discount = dec_of_int(10);
        entitlement_set(&card, mark);
        card.terms.has_unit_config |= text_equal(mark, TEXT("convert"));
    }
    return card;
}

static text printed(struct arena *arena, const struct list *issues)
{
    struct buffer b = { .arena = arena };
    const struct plan_issue *items = issues->items;
    for (size_t i = 0; i < issues->count; i++)
        buffer_format(&b, "%s%.*s", i > 0 ? " " : "", TEXT_ARG(items[i].code));
    return issues->count > 0 ? buffer_text(&b) : TEXT("ok");
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct rate_card ours = card_of(t->cells[OURS]);
    struct rate_card theirs = card_of(t->cells[THEIRS]);
    struct plan_phase phases[] = {
        { .key = TEXT("trial") },
        { .key = TEXT("main"), .rate_cards = { &theirs, 1 } },
    };
    const struct plan plan = {
        .currency = TEXT("USD"),
        .billing_cadence = { .months = 1 },
        .status = PLAN_DRAFT,
        .phases = { phases, 2 },
    };
    struct addon addon = {
        .instance_type = text_equal(t->cells[INSTANCE], TEXT("single")) ? ADDON_SINGLE
                                                                        : ADDON_MULTIPLE,
        .currency = t->cells[CURRENCY],
        .status = (enum plan_status)words_find(addon_status_words, t->cells[STATUS]),
        .rate_cards = { &ours, 1 },
    };
    struct plan_addon link = { .from_plan_phase = t->cells[FROM] };
    char want[600];
    MUST(text_to_int(t->cells[QUANTITY], &link.max_quantity));
    struct list issues = plan_addon_issues(&link, &plan, &addon, arena);
    snprintf(want, sizeof want, "%.*s", TEXT_ARG(t->cells[ISSUES]));
    IS_TEXT(printed(arena, &issues), want, table_name(t));
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/plan_addon_rules.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    return tap_end();
}
