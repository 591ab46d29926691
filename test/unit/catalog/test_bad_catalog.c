/* Invalid catalogs through reading, settling and rules, in both dialects: each row is a plan that
 * is wrong, with the error codes and places of all that is wrong with it. */
#include "catalog/plan_input.h"
#include "catalog/plan_rules.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, DIALECT, BODY, FAULTS, COLUMNS };

/* ---- the world that the plans refer to ----------------------------------------------------- */

static const struct {
    const char *id;
    const char *key;
    bool is_metered;
    bool is_archived;
} features[] = {
    { "01G65Z755AFWAKHE12NY0CQ9F1", "api", true, false },
    { "01G65Z755AFWAKHE12NY0CQ9F2", "sso", false, false },
    { "01G65Z755AFWAKHE12NY0CQ9F3", "old", true, true },
};

static const struct {
    const char *code;
    bool has_cost_basis;
} currencies[] = { { "TOKENS", true }, { "POINTS", false } };

#define TAX_CODE "01G65Z755AFWAKHE12NY0CQ9T1"

static struct currency_facts currency_facts_of(text code)
{
    for (size_t i = 0; i < COUNT_OF(currencies); i++) {
        if (text_equal(text_of(currencies[i].code), code))
            return (struct currency_facts){ true, currencies[i].has_cost_basis };
    }
    return (struct currency_facts){ 0 };
}

static struct card_facts card_facts_of(struct arena *arena, const struct rate_card *card)
{
    struct card_facts facts = { .currency = currency_facts_of(card->currency) };
    bool has_id = !ulid_is_zero(card->feature_id.ulid);
    text wanted = has_id ? ulid_text(arena, card->feature_id.ulid) : card->feature_key;
    facts.has_reference = has_id || !text_is_empty(card->feature_key);
    for (size_t i = 0; i < COUNT_OF(features); i++) {
        if (!text_equal(text_of(has_id ? features[i].id : features[i].key), wanted))
            continue;
        facts.is_found = true;
        facts.is_metered = features[i].is_metered;
        facts.is_archived = features[i].is_archived;
        facts.key = text_of(features[i].key);
        facts.is_other = !text_is_empty(card->feature_key) &&
                         !text_equal(card->feature_key, facts.key);
    }
    if (card->has_tax_config && !ulid_is_zero(card->tax_config.code.id.ulid))
        facts.has_unknown_tax_code =
            !text_equal(ulid_text(arena, card->tax_config.code.id.ulid), TEXT(TAX_CODE));
    return facts;
}

static struct plan_facts facts_of(struct arena *arena, const struct plan *plan)
{
    struct plan_facts facts = {
        .cards = ARENA_ARRAY(arena, struct card_facts, plan_card_count(plan)),
        .currency = currency_facts_of(plan->currency),
    };
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        for (size_t c = 0; c < phase->rate_cards.count; c++)
            facts.cards[facts.count++] = card_facts_of(arena, rate_card_at(phase, c));
    }
    return facts;
}

/* ---- bodies -------------------------------------------------------------------------------- */

static text phases_of(struct arena *arena, enum dialect dialect, text cards)
{
    return text_format(arena, "[{\"key\":\"p\",\"name\":\"P\",\"%s\":[%.*s]}]",
                       dialect == DIALECT_V1 ? "rateCards" : "rate_cards", TEXT_ARG(cards));
}

/* "cards …" is what stands in the one phase of a plan, "phases …" a plan's phases, "plan …" all
 * the members of a plan. */
static text body_of(struct arena *arena, enum dialect dialect, text cell)
{
    text rest = cell;
    text kind = text_cut(&rest, ' ');
    if (text_equal(kind, TEXT("plan")))
        return text_format(arena, "{%.*s}", TEXT_ARG(rest));
    MUST(text_equal(kind, TEXT("cards")) || text_equal(kind, TEXT("phases")));
    if (text_equal(kind, TEXT("cards")))
        rest = phases_of(arena, dialect, rest);
    return text_format(arena,
                       "{\"key\":\"k\",\"name\":\"N\",\"currency\":\"USD\",\"%s\":\"P1M\","
                       "\"phases\":%.*s}",
                       dialect == DIALECT_V1 ? "billingCadence" : "billing_cadence",
                       TEXT_ARG(rest));
}

/* ---- what is wrong ------------------------------------------------------------------------- */

/* F, the contract's code or else the rule that v1 tells in its place, and where. */
static text faults_text(struct arena *arena, const struct problem *problem)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < problem->field_count; i++) {
        const struct problem_field *field = &problem->fields[i];
        text code = text_is_empty(field->code) ? field->rule : field->code;
        buffer_format(&b, "%sF %.*s @ %.*s", i > 0 ? ", " : "", TEXT_ARG(code),
                      TEXT_ARG(field->field));
    }
    return buffer_text(&b);
}

/* C for critical ones, W for warnings, the code, and where. */
static text issues_text(struct arena *arena, enum dialect dialect, const struct list *issues)
{
    const struct plan_issue *items = issues->items;
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < issues->count; i++) {
        text place = dialect == DIALECT_V1 ? items[i].field_v1 : items[i].field;
        buffer_format(&b, "%s%s %.*s @ %.*s", i > 0 ? ", " : "", items[i].is_critical ? "C" : "W",
                      TEXT_ARG(items[i].code), TEXT_ARG(place));
    }
    return issues->count > 0 ? buffer_text(&b) : TEXT("ok");
}

/* What is wrong stands with drafts, which are printed: in both dialects, whoever wrote them. */
static void print_all(struct arena *arena, struct plan *plan)
{
    struct buffer b = { .arena = arena };
    struct json_writer w = json_writer_of(&b);
    plan->status = PLAN_DRAFT;
    plan_mirror(plan, arena);
    json_array_begin(&w);
    fields_write(&plan_fields, DIALECT_V1, &w, plan);
    fields_write(&plan_fields, DIALECT_V3, &w, plan);
    json_array_end(&w);
    struct json json;
    struct json_fault fault;
    OK(json_parse(arena, buffer_text(&b), &json, &fault), "what is settled prints as JSON");
}

static text judge(struct arena *arena, enum dialect dialect, text body)
{
    struct json json;
    struct json_fault fault;
    struct problem problem;
    struct plan input, plan;
    problem_init(&problem, arena);
    MUST(json_parse(arena, body, &json, &fault));
    if (!fields_read(&plan_fields, dialect, &json, &problem, &input) ||
        !plan_input_settle(&input, dialect, &problem, &plan))
        return faults_text(arena, &problem);
    struct plan_facts facts = facts_of(arena, &plan);
    struct list issues = plan_issues(&plan, &facts, arena);
    if (plan_issues_select(&issues, true, arena).count == 0)
        print_all(arena, &plan);
    return issues_text(arena, dialect, &issues);
}

static void test_row(struct arena *arena, const struct table *t)
{
    bool is_v1 = text_equal(t->cells[DIALECT], TEXT("v1"));
    enum dialect dialect = is_v1 ? DIALECT_V1 : DIALECT_V3;
    text got = judge(arena, dialect, body_of(arena, dialect, t->cells[BODY]));
    tap_is_text(got, t->cells[FAULTS], __FILE__, __LINE__, table_name(t));
    OK(!text_equal(got, TEXT("ok")), "nothing invalid passes");
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/bad_catalog.vec", COLUMNS);
    size_t count = 0;
    while (table_next(&t)) {
        test_row(arena, &t);
        count++;
    }
    table_close(&t);
    OK(count >= 150, "there are %zu rows", count);
    arena_free(arena);
    return tap_end();
}
