/* What holds of the versions of a plan whatever is done to them in whatever order: at most one is a
 * draft, at no time two are effective, each ends as it should, and what is over stays as it was.
 * SEED=n repeats a run. */
#include "catalog/plan_version.h"

#include "lib/fixture.h"
#include "lib/law.h"

#define ROUNDS   12
#define STEPS    50
#define VERSIONS 200

struct walk {
    struct fixture *f;
    text key;
    struct plan past[VERSIONS]; /* as last seen, by version */
};

static uint64_t below(uint64_t bound)
{
    return random_below(&law_random, bound);
}

static struct plan input_of(struct walk *walk)
{
    static const char body[] = "{\"name\":\"N\",\"phases\":[{\"key\":\"p\",\"name\":\"P\",\"rate_"
                               "cards\":[{\"key\":\"fee\","
                               "\"name\":\"F\",\"price\":{\"type\":\"flat\",\"amount\":\"1\"}}]}]}";
    struct fixture *f = walk->f;
    struct json json;
    struct json_fault fault;
    struct plan input;
    MUST(json_parse(f->cx.arena, text_of(body), &json, &fault));
    MUST(fields_read(&plan_update_fields, DIALECT_V3, &json, &f->cx.problem, &input));
    return input;
}

static struct list versions_of(struct walk *walk)
{
    struct plan_query query = { .keys = { &walk->key, 1 },
                                .page = { 1, VERSIONS },
                                .sort = PLAN_SORT_VERSION };
    struct list list;
    int64_t total;
    MUST(plan_list(&walk->f->cx, &query, &list, &total) == OK);
    MUST(total < VERSIONS);
    return list;
}

/* Days from now, none among them. */
static instant some_time(const struct walk *walk)
{
    uint64_t days = below(6);
    if (days == 5)
        return INSTANT_NONE;
    return (instant){ walk->f->cx.now.ns + (int64_t)days * NS_PER_DAY };
}

/* Does one thing to a version, or to none; refusals are fine. */
static enum err step(struct walk *walk)
{
    struct cx *cx = &walk->f->cx;
    struct list list = versions_of(walk);
    const struct plan *any = list.items;
    struct plan plan, input = input_of(walk);
    struct plan_publication when = { some_time(walk), some_time(walk) };
    if (list.count > 0)
        any += below(list.count);
    switch (below(list.count > 0 ? 7 : 1)) {
    case 0:
        input.key = walk->key;
        input.currency = TEXT("USD");
        MUST(span_parse(TEXT("P1M"), &input.billing_cadence));
        return plan_create(cx, DIALECT_V3, &input, &plan);
    case 1:
        return plan_update(cx, DIALECT_V3, any->id, &input, &plan);
    case 2:
        return plan_delete(cx, any->id);
    case 3:
        return plan_archive(cx, DIALECT_V3, any->id, &plan);
    case 4:
        walk->f->cx.now.ns += (int64_t)below(3) * NS_PER_DAY;
        return OK;
    default:
        return plan_publish_at(cx, DIALECT_V3, any->id, &when, &plan);
    }
}

static bool has_period(const struct plan *plan)
{
    return !instant_is_none(plan->effective_from) &&
           (instant_is_none(plan->effective_to) ||
            instant_before(plan->effective_from, plan->effective_to));
}

static bool periods_meet(const struct plan *a, const struct plan *b)
{
    bool is_before = !instant_is_none(a->effective_to) &&
                     !instant_before(b->effective_from, a->effective_to);
    bool is_after = !instant_is_none(b->effective_to) &&
                    !instant_before(a->effective_from, b->effective_to);
    return has_period(a) && has_period(b) && !is_before && !is_after;
}

/* Whether a version that was over has changed since it was last seen. */
static bool past_has_changed(struct walk *walk, const struct plan *plan)
{
    struct plan *past = &walk->past[plan->version];
    bool was_over = past->status == PLAN_ARCHIVED && !ulid_is_zero(past->id.ulid);
    bool has_changed = was_over && (!instant_equal(past->effective_from, plan->effective_from) ||
                                    !instant_equal(past->effective_to, plan->effective_to));
    *past = *plan;
    return has_changed;
}

/* Whether a version that is not over ends elsewhere than it should by all that are there. */
static bool ends_are_stale(const struct list *list)
{
    const struct plan *plans = list->items;
    struct plan versions[VERSIONS];
    instant ends[VERSIONS];
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (plans[i].status != PLAN_ACTIVE && plans[i].status != PLAN_SCHEDULED)
            continue;
        ends[count] = plans[i].effective_to;
        versions[count++] = plans[i];
    }
    plan_versions_settle(versions, count);
    for (size_t i = 0; i < count; i++) {
        if (!instant_equal(ends[i], versions[i].effective_to))
            return true;
    }
    return false;
}

static const char *fault_of(struct walk *walk)
{
    struct list list = versions_of(walk);
    const struct plan *plans = list.items;
    size_t drafts = 0;
    for (size_t i = 0; i < list.count; i++) {
        drafts += plans[i].status == PLAN_DRAFT;
        if (plans[i].status == PLAN_INCONSISTENT)
            return "a version has an impossible period";
        if (past_has_changed(walk, &plans[i]))
            return "a version that was over has changed";
        for (size_t k = 0; k < i; k++) {
            if (periods_meet(&plans[i], &plans[k]))
                return "two versions are effective at one time";
        }
    }
    if (ends_are_stale(&list))
        return "a version ends where nothing ends it";
    return drafts > 1 ? "there are two drafts" : NULL;
}

static void test_walk(struct law *law, struct fixture *f, int round)
{
    struct walk walk = { .f = f, .key = text_format(f->cx.arena, "plan%d", round) };
    const char *why = NULL;
    for (int i = 0; i < STEPS && why == NULL; i++) {
        fixture_forget(f);
        enum err err = step(&walk);
        if (err != OK && err != ERR_REFUSED)
            why = err_name(err);
        else
            why = fault_of(&walk);
    }
    law_case(law, why == NULL, "round %d: %s", round, why ? why : "");
}

int main(void)
{
    struct fixture f;
    struct law law = { .name = "versions of a plan do not meet, whatever is done to them" };
    law_seed();
    fixture_open(&f, "2026-01-01T00:00:00Z");
    for (int round = 0; round < ROUNDS; round++)
        test_walk(&law, &f, round);
    fixture_close(&f);
    law_end(&law);
    return tap_end();
}
