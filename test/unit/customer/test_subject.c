/* Pure rules of the records of subjects: what a change in parts leaves and takes away. */
#include "customer/subject.h"
#include "lib/fixture.h"
#include "lib/table.h"
#include "lib/tap.h"

static instant at(const char *rfc3339)
{
    instant t;
    MUST(instant_parse(text_of(rfc3339), &t));
    return t;
}

static text shown_text(text t)
{
    return text_is_empty(t) ? TEXT("-") : t;
}

static text shown_day(struct arena *arena, instant t)
{
    return instant_is_none(t) ? TEXT("-") : text_slice(instant_text(arena, t), 0, 10);
}

/* What the item makes of Ann, in words. */
static text outcome(struct arena *arena, text item)
{
    struct subject subject = {
        .key = TEXT("ann"),
        .display_name = TEXT("Ann"),
        .stripe_customer_id = TEXT("cus_1"),
        .current_period_start = at("2026-01-01T00:00:00Z"),
        .current_period_end = at("2026-02-01T00:00:00Z"),
        .deleted_at = INSTANT_NONE,
    };
    text body = text_format(arena, "{\"key\":\"ann\"%s%.*s}", text_is_empty(item) ? "" : ",",
                            TEXT_ARG(item));
    struct subject_upsert change;
    struct problem problem;
    struct json_fault fault;
    struct json json;
    problem_init(&problem, arena);
    MUST(json_parse(arena, body, &json, &fault));
    if (!subject_upsert_read(&json, &problem, &change))
        return TEXT("unread");
    enum fault fault_of_change = subject_apply(&change, &subject);
    if (fault_of_change != FAULT_NONE)
        return text_of(fault_info(fault_of_change)->slug);
    return text_format(arena, "%.*s %.*s %.*s %.*s", TEXT_ARG(shown_text(subject.display_name)),
                       TEXT_ARG(shown_text(subject.stripe_customer_id)),
                       TEXT_ARG(shown_day(arena, subject.current_period_start)),
                       TEXT_ARG(shown_day(arena, subject.current_period_end)));
}

/* All items or none; what is not there is refused, and so is what was deleted, by its key. */
static void test_commands(void)
{
    struct fixture f;
    struct subject subject;
    struct list made, found;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct subject_upsert wanted[] = {
        { .body = { .key = TEXT("a"), .display_name = TEXT("A") }, .has_display_name = true },
        { .body = { .key = TEXT("b"),
                    .current_period_start = at("2026-02-01T00:00:00Z"),
                    .current_period_end = at("2026-02-01T00:00:00Z") },
          .has_current_period_start = true,
          .has_current_period_end = true },
    };
    OK(subject_upsert(&f.cx, wanted, 2, &made) == ERR_REFUSED &&
           fixture_fault(&f) == FAULT_SUBJECT_PERIOD,
       "a period that does not end after it begins");
    fixture_forget(&f);
    OK(subject_get(&f.cx, TEXT("a"), &subject) == ERR_REFUSED &&
           fixture_fault(&f) == FAULT_SUBJECT_ABSENT,
       "what came before it was not made either");
    fixture_forget(&f);
    MUST(subject_upsert(&f.cx, wanted, 1, &made) == OK && made.count == 1);
    OK(subject_get(&f.cx, TEXT("a"), &subject) == OK, "found by its key");
    IS_TEXT(subject.display_name, "A", "with its name");
    text id = ulid_text(f.cx.arena, subject.id.ulid);
    OK(subject_delete(&f.cx, TEXT("a")) == OK && subject_delete(&f.cx, id) == OK,
       "deleting it twice by its id is no fault");
    OK(subject_delete(&f.cx, TEXT("a")) == ERR_REFUSED, "by its key it is");
    fixture_forget(&f);
    OK(subject_list(&f.cx, &found) == OK && found.count == 0, "the list has the living");
    OK(subject_get(&f.cx, id, &subject) == OK && !instant_is_none(subject.deleted_at),
       "the id still answers");
    fixture_close(&f);
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/customer/subject.vec", 3);
    while (table_next(&t))
        IS_TEXT(outcome(arena, t.cells[1]), text_cstr(arena, t.cells[2]),
                text_cstr(arena, t.cells[0]));
    table_close(&t);
    test_commands();
    return tap_end();
}
