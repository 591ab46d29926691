/* Problems: the first fault stays, all fields are kept, warnings refuse nothing. */
#include "base/problem.h"

#include "lib/dies.h"
#include "lib/tap.h"

static void test_refuse(struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    OK(!problem_is_set(&problem) && problem_err(&problem) == OK, "at first all is well");
    OK(problem_refuse(&problem, FAULT_METER_ABSENT, "no meter \"%s\"", "runs") == ERR_REFUSED,
       "a refusal is an error that a flow can return");
    OK(problem_is_set(&problem) && problem_err(&problem) == ERR_REFUSED &&
           problem.fault == FAULT_METER_ABSENT,
       "and names its fault");
    IS_TEXT(problem.detail, "no meter \"runs\"", "with a detail");
    OK(problem_refuse(&problem, FAULT_PLAN_ABSENT, "no plan") == ERR_REFUSED &&
           problem.fault == FAULT_METER_ABSENT,
       "the first fault stays");
    IS_TEXT(problem.detail, "no meter \"runs\"", "and its detail");
    problem_init(&problem, arena);
    OK(!problem_is_set(&problem) && problem.field_count == 0, "it can be used again");
    const char *no_detail = "";
    OK(problem_refuse(&problem, FAULT_PLAN_ABSENT, "%s", no_detail) == ERR_REFUSED &&
           text_is_empty(problem.detail),
       "a fault needs no detail");
}

static void test_sentence(struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    problem_set(&problem, FAULT_PLAN_ABSENT, "%s", "");
    text plain = problem_sentence(&problem);
    IS_TEXT(plain, fault_info(FAULT_PLAN_ABSENT)->sentence, "the fault's own words");
    problem_init(&problem, arena);
    problem_set(&problem, FAULT_PLAN_ABSENT, "key %s", "pro");
    IS_TEXT(problem_sentence(&problem),
            text_cstr(arena, text_format(arena, "%.*s: key pro", TEXT_ARG(plain))),
            "and the detail behind them");
}

static void test_member(struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    problem_add_member(&problem, TEXT("name"), "required", TEXT("must be there"));
    OK(problem.fault == FAULT_FIELDS_INVALID && problem.field_count == 1 &&
           problem.fields[0].source == SOURCE_BODY &&
           text_equal(problem.fields[0].field, TEXT("name")) &&
           text_equal(problem.fields[0].rule, TEXT("required")),
       "a member of the body that breaks a rule");
}

static void test_fields(struct arena *arena)
{
    struct problem problem;
    char place[] = "phases[0].key";
    problem_init(&problem, arena);
    problem_add_field(&problem, &(struct problem_field){
                                    .field = text_of(place),
                                    .rule = TEXT("required"),
                                    .reason = TEXT("must be there"),
                                    .code = TEXT("key_missing"),
                                    .source = SOURCE_QUERY,
                                });
    place[0] = '#';
    OK(problem.fault == FAULT_FIELDS_INVALID && problem_err(&problem) == ERR_REFUSED,
       "a field at fault refuses the request");
    IS_TEXT(problem.fields[0].field, "phases[0].key", "its texts are copied");
    OK(text_equal(problem.fields[0].rule, TEXT("required")) &&
           text_equal(problem.fields[0].reason, TEXT("must be there")) &&
           text_equal(problem.fields[0].code, TEXT("key_missing")) &&
           problem.fields[0].source == SOURCE_QUERY,
       "and nothing is lost");
    for (int64_t i = 1; i < 100; i++)
        problem_add_field(&problem, &(struct problem_field){ .bound = i, .has_bound = true });
    bool is_kept = problem.field_count == 100;
    for (int64_t i = 1; is_kept && i < 100; i++)
        is_kept = problem.fields[i].bound == i;
    OK(is_kept, "all of a hundred fields are kept, in order");
    OK(problem_refuse(&problem, FAULT_PLAN_INVALID, "later") == ERR_REFUSED &&
           problem.fault == FAULT_FIELDS_INVALID,
       "a fault named later does not hide them");
}

static void test_kept_fault(struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    MUST(problem_refuse(&problem, FAULT_PLAN_INVALID, "the plan") == ERR_REFUSED);
    problem_add_field(&problem, &(struct problem_field){ .field = TEXT("key") });
    OK(problem.fault == FAULT_PLAN_INVALID && problem.field_count == 1,
       "fields add to a fault that was named before");
    problem_init(&problem, arena);
    problem_add_field(&problem, &(struct problem_field){ .field = TEXT("key"), .is_warning = 1 });
    OK(!problem_is_set(&problem) && problem_err(&problem) == OK && problem.field_count == 1,
       "a warning refuses nothing, and is kept");
}

static void name_no_fault(void *state)
{
    problem_set(state, FAULT_NONE, "none");
}

static void ask_for_none(void *state)
{
    (void)state;
    (void)fault_info(FAULT_NONE);
}

static bool is_slug(const char *slug)
{
    size_t len = strlen(slug);
    return len > 0 && strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789_") == len &&
           slug[0] != '_' && slug[len - 1] != '_';
}

static void test_faults(void)
{
    bool is_well_formed = true;
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        const struct fault_info *info = fault_info((enum fault)i);
        size_t len = strlen(info->sentence);
        bool is_ok = is_slug(info->slug) && info->kind < FAULT_KIND_COUNT && len > 0 &&
                     info->sentence[len - 1] != '.' && info->name[0] && info->hint;
        if (!is_ok)
            printf("# %s\n", info->name);
        is_well_formed &= is_ok;
    }
    OK(is_well_formed, "every fault has a kind, a slug and a sentence without a full stop");
    IS_TEXT(text_of(fault_info(FAULT_METER_ABSENT)->slug), "meter_not_found",
            "a fault has the slug of its row");
}

static void test_errors(struct arena *arena)
{
    struct problem problem;
    bool is_named = true;
    for (int i = 0; i < ERR_COUNT; i++)
        for (int k = 0; k < i; k++)
            is_named &= strcmp(err_name((enum err)i), err_name((enum err)k)) != 0;
    OK(is_named && strcmp(err_name(ERR_NO_SPACE), "no_space") == 0, "every error has its own name");
    problem_init(&problem, arena);
#ifndef COVERAGE
    OK(dies(name_no_fault, &problem), "to refuse without a fault is a bug");
    OK(dies(ask_for_none, NULL), "so is asking what no fault means");
#else
    (void)name_no_fault;
    (void)ask_for_none;
#endif
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_refuse(arena);
    test_sentence(arena);
    test_member(arena);
    test_fields(arena);
    test_kept_fault(arena);
    test_faults();
    test_errors(arena);
    return tap_end();
}
