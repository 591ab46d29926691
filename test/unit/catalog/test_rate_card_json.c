/* Rate cards through both dialects: what a request writes, what each dialect prints, what is
 * refused and where. */
#include "catalog/plan_input.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, DIALECT, CARD, OUT_V3, OUT_V1, COLUMNS };

/* A create request with one phase and this rate card. */
static text request_of(struct arena *arena, enum dialect dialect, text card)
{
    bool is_v1 = dialect == DIALECT_V1;
    return text_format(arena,
                       "{\"key\":\"k\",\"name\":\"n\",\"currency\":\"USD\",\"%s\":\"P1M\","
                       "\"phases\":[{\"key\":\"p\",\"name\":\"P\",\"%s\":[%.*s]}]}",
                       is_v1 ? "billingCadence" : "billing_cadence",
                       is_v1 ? "rateCards" : "rate_cards", TEXT_ARG(card));
}

/* Reads and settles; false when something was refused. */
static bool plan_read(struct arena *arena, enum dialect dialect, text card, struct problem *problem,
                      struct plan *ret)
{
    struct json body;
    struct json_fault fault;
    struct plan input = { 0 };
    MUST(json_parse(arena, request_of(arena, dialect, card), &body, &fault));
    return fields_read(&plan_fields, dialect, &body, problem, &input) &&
           plan_input_settle(&input, dialect, problem, ret);
}

static text faults_text(struct arena *arena, const struct problem *problem)
{
    static const char *const prefixes[] = { "phases[0].rate_cards[0].", "phases[0].rateCards[0]." };
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < problem->field_count; i++) {
        text place = problem->fields[i].field;
        for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
            if (text_starts_with(place, text_of(prefixes[p])))
                place = text_slice(place, strlen(prefixes[p]), place.len);
        }
        buffer_format(&b, "%s%.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(place),
                      TEXT_ARG(problem->fields[i].rule));
    }
    return buffer_text(&b);
}

static text card_text(struct arena *arena, enum dialect dialect, const struct plan *plan)
{
    struct buffer b = { .arena = arena };
    struct json_writer w = json_writer_of(&b);
    fields_write(&rate_card_fields, dialect, &w, rate_card_at(plan_phase_at(plan, 0), 0));
    return buffer_text(&b);
}

static void test_row(struct arena *arena, const struct table *t)
{
    bool is_v1 = text_equal(t->cells[DIALECT], TEXT("v1"));
    enum dialect dialect = is_v1 ? DIALECT_V1 : DIALECT_V3;
    struct problem problem;
    struct plan plan;
    problem_init(&problem, arena);
    if (!plan_read(arena, dialect, t->cells[CARD], &problem, &plan)) {
        tap_is_text(faults_text(arena, &problem), t->cells[OUT_V3], __FILE__, __LINE__,
                    table_name(t));
        OK(problem_is_set(&problem), "a fault refuses the request");
        return;
    }
    plan_mirror(&plan, arena);
    tap_is_text(card_text(arena, DIALECT_V3, &plan), t->cells[OUT_V3], __FILE__, __LINE__,
                table_name(t));
    tap_is_text(card_text(arena, DIALECT_V1, &plan), t->cells[OUT_V1], __FILE__, __LINE__,
                table_name(t));
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/rate_card_json.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    arena_free(arena);
    return tap_end();
}
