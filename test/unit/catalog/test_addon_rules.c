/* The rules that an add-on is held against, from a table: each row an add-on and all that is
 * wrong. */
#include "catalog/addon_rules.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, KEY, NAME, INSTANCE, CURRENCY, CARDS, ISSUES, COLUMNS };

#define ROOM 8

static text text_cell(text t)
{
    return text_equal(t, TEXT("-")) ? TEXT_NONE : t;
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

/* "key price cadence" */
static struct rate_card card_of(text cell)
{
    struct rate_card card = { 0 };
    text rest = text_trim(cell);
    card.key = text_cut(&rest, ' ');
    card.terms = terms_of(text_cut(&rest, ' '));
    if (!text_equal(rest, TEXT("-")))
        MUST(span_parse(rest, &card.billing_cadence));
    return card;
}

static int instance_of(text cell)
{
    if (text_equal(cell, TEXT("single")))
        return ADDON_SINGLE;
    return text_equal(cell, TEXT("multiple")) ? ADDON_MULTIPLE : FIELD_ENUM_NONE;
}

static text printed(struct arena *arena, const struct list *issues)
{
    struct buffer b = { .arena = arena };
    const struct plan_issue *items = issues->items;
    for (size_t i = 0; i < issues->count; i++)
        buffer_format(&b, "%s%s %.*s @ %.*s", i > 0 ? ", " : "", items[i].is_critical ? "C" : "W",
                      TEXT_ARG(items[i].code), TEXT_ARG(items[i].field));
    return issues->count > 0 ? buffer_text(&b) : TEXT("ok");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/addon_rules.vec", COLUMNS);
    while (table_next(&t)) {
        struct rate_card cards[ROOM];
        struct card_facts facts[ROOM] = { 0 };
        struct addon addon = {
            .key = text_cell(t.cells[KEY]),
            .name = text_cell(t.cells[NAME]),
            .instance_type = instance_of(t.cells[INSTANCE]),
            .currency = t.cells[CURRENCY],
            .rate_cards = { cards, 0 },
        };
        text rest = text_cell(t.cells[CARDS]);
        while (!text_is_empty(rest)) {
            MUST(addon.rate_cards.count < ROOM);
            cards[addon.rate_cards.count++] = card_of(text_cut(&rest, ','));
        }
        struct plan_facts known = {
            .cards = facts,
            .count = addon.rate_cards.count,
            .addon_currency = addon.currency,
        };
        struct list issues = addon_issues(&addon, &known, arena);
        char want[600];
        snprintf(want, sizeof want, "%.*s", TEXT_ARG(t.cells[ISSUES]));
        IS_TEXT(printed(arena, &issues), want, table_name(&t));
    }
    table_close(&t);
    return tap_end();
}
