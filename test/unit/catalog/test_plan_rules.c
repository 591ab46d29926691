/* The rules that a plan is held against, from a table: each row a plan and all that is wrong. */
#include "catalog/plan_rules.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, CURRENCY, CADENCE, PHASES, ISSUES, COLUMNS };

#define ROOM 16

static bool is_none(text t)
{
    return text_equal(t, TEXT("-"));
}

static span span_of(text t)
{
    span s = SPAN_NONE;
    if (!is_none(t) && !text_is_empty(t))
        MUST(span_parse(t, &s));
    return s;
}

/* The next word of a card. */
static text word_next(text *rest)
{
    *rest = text_trim(*rest);
    return text_cut(rest, ' ');
}

static dec number(text t)
{
    dec value;
    MUST(dec_parse_numeric(t, &value));
    return value;
}

/* "unit:1", "flat:10&percent:120&free:5&convert" */
static struct price_terms terms_of(text word)
{
    text rest = word;
    text price = text_cut(&rest, '&');
    text type = text_cut(&price, ':');
    struct price_terms terms = price_terms_free();
    if (!text_equal(type, TEXT("free")))
        terms =
            price_terms_of(text_equal(type, TEXT("unit")) ? PRICE_UNIT : PRICE_FLAT, number(price));
    while (!text_is_empty(rest)) {
        text value = text_cut(&rest, '&');
        text name = text_cut(&value, ':');
        if (text_equal(name, TEXT("percent")))
            terms.percentage_discount = number(value);
        if (text_equal(name, TEXT("free")))
            terms.usage_discount = number(value);
        terms.has_unit_config |= text_equal(name, TEXT("convert"));
    }
    return terms;
}

static struct card_facts facts_of(text word)
{
    struct card_facts facts = { 0 };
    if (is_none(word))
        return facts;
    char mark = word.ptr[word.len - 1];
    bool has_mark = strchr("~!?", mark) != NULL;
    facts.has_reference = true;
    facts.is_found = mark != '?';
    facts.is_archived = mark == '!';
    facts.is_metered = mark != '~';
    facts.key = has_mark ? text_slice(word, 0, word.len - 1) : word;
    return facts;
}

static void card_read(text row, struct rate_card *ret, struct card_facts *ret_facts)
{
    *ret = (struct rate_card){ .key = word_next(&row) };
    *ret_facts = facts_of(word_next(&row));
    ret->terms = terms_of(word_next(&row));
    ret->billing_cadence = span_of(word_next(&row));
    ret->entitlement.type = RATE_CARD_BOOLEAN;
    ret->has_entitlement = !text_is_empty(text_trim(row));
}

/* Reads the phases of a row; the facts of their cards go to `facts`. */
static void phases_read(struct arena *arena, text rows, struct plan *plan, struct plan_facts *facts)
{
    struct plan_phase *phases = ARENA_ARRAY(arena, struct plan_phase, ROOM);
    facts->cards = ARENA_ARRAY(arena, struct card_facts, ROOM);
    while (!is_none(rows) && rows.ptr != NULL) {
        text row = text_cut(&rows, ';');
        text head = text_trim(text_cut(&row, ':'));
        struct plan_phase *phase = &phases[plan->phases.count++];
        struct rate_card *cards = ARENA_ARRAY(arena, struct rate_card, ROOM);
        phase->key = text_cut(&head, '/');
        phase->duration = span_of(head);
        while (row.ptr != NULL && !text_is_empty(text_trim(row))) {
            text card = text_cut(&row, ',');
            card_read(card, &cards[phase->rate_cards.count++], &facts->cards[facts->count++]);
        }
        phase->rate_cards.items = cards;
    }
    plan->phases.items = phases;
}

static text issues_text(struct arena *arena, const struct list *issues)
{
    const struct plan_issue *items = issues->items;
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < issues->count; i++)
        buffer_format(&b, "%s%s %.*s @ %.*s", i > 0 ? ", " : "", items[i].is_critical ? "C" : "W",
                      TEXT_ARG(items[i].code), TEXT_ARG(items[i].field));
    return issues->count > 0 ? buffer_text(&b) : TEXT("ok");
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct plan plan = {
        .currency = is_none(t->cells[CURRENCY]) ? TEXT_NONE : t->cells[CURRENCY],
        .billing_cadence = span_of(t->cells[CADENCE]),
    };
    struct plan_facts facts = { 0 };
    phases_read(arena, t->cells[PHASES], &plan, &facts);
    struct list issues = plan_issues(&plan, &facts, arena);
    tap_is_text(issues_text(arena, &issues), t->cells[ISSUES], __FILE__, __LINE__, table_name(t));
    struct list critical = plan_issues_select(&issues, true, arena);
    struct list rest = plan_issues_select(&issues, false, arena);
    OK(critical.count + rest.count == issues.count, "no issue is lost by its kind");
}

static void test_names_of_v1(struct arena *arena)
{
    struct plan plan = { .currency = TEXT("USD"), .has_alignment = true };
    struct plan_facts facts = { 0 };
    MUST(span_parse(TEXT("P1M"), &plan.billing_cadence));
    phases_read(arena, TEXT("p: x - unit:1 - boolean"), &plan, &facts);
    struct list issues = plan_issues(&plan, &facts, arena);
    const struct plan_issue *items = issues.items;
    MUST(issues.count == 4);
    IS_TEXT(items[0].code, "deprecated_unaligned_subscription", "unaligned billing is refused");
    IS_TEXT(items[0].field_v1, "$.alignment.billablesMustAlign", "alignment in v1 names");
    IS_TEXT(items[1].field_v1, "$.phases[?(@.key=='p')].rateCards[?(@.key=='x')].featureKey",
            "feature in v1 names");
    IS_TEXT(items[2].field_v1,
            "$.phases[?(@.key=='p')].rateCards[?(@.key=='x')].entitlementTemplate",
            "entitlement in v1 names");
    IS_TEXT(items[3].field_v1, "$.phases[?(@.key=='p')].rateCards[?(@.key=='x')].billingCadence",
            "cadence in v1 names");
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/plan_rules.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_names_of_v1(arena);
    arena_free(arena);
    return tap_end();
}
