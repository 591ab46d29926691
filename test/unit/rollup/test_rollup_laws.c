/* test_rollup_laws.c: an answer from rollups is the answer from raw events, whatever the events,
 * the order in which they come, the runs they are in, the period and the level. */
#include "unit/rollup/kit.h"

#define WORLDS  24
#define QUERIES 40
#define ROUNDS  12

/* A world's habits. */
struct habits {
    int64_t subjects;
    int64_t values;  /* of a dimension */
    int64_t span_ns; /* of time in which events lie */
    int64_t start_ns;
    int64_t late; /* one in so many events is from any time of the span */
};

static struct habits any_habits(void)
{
    static const int64_t subjects[] = { 1, 3, 40 };
    static const int64_t values[] = { 1, 3, 300 };
    static const int64_t spans[] = { NS_PER_HOUR, 3 * NS_PER_DAY, 400 * NS_PER_DAY };
    return (struct habits){
        .subjects = subjects[law_between(0, 2)],
        .values = values[law_between(0, 2)],
        .span_ns = spans[law_between(0, 2)],
        .start_ns = law_between(0, 1) == 0 ? -NS_PER_DAY * 100 : 1700000000 * NS_PER_SECOND,
        .late = law_between(1, 20),
    };
}

static text any_value(struct arena *arena)
{
    static const char *const words[] = {
        "null", "true", "\"NaN\"", "\"7.50\"", "[1]", "{}", "\"\""
    };
    if (law_between(0, 9) == 0)
        return text_of(words[law_between(0, COUNT_OF(words) - 1)]);
    if (law_between(0, 20) == 0)
        return TEXT("99999999999999999999999999999999999999");
    return text_format(arena, "%lld.%02lld", (long long)law_between(-50, 50),
                       (long long)law_between(0, 99));
}

static text any_dimension(struct arena *arena, int64_t values)
{
    static const char *const words[] = { "null", "false", "1.0", "\"\"" };
    if (law_between(0, 9) == 0)
        return text_of(words[law_between(0, COUNT_OF(words) - 1)]);
    return text_format(arena, "\"v%lld\"", (long long)law_between(1, values));
}

static text any_data(struct arena *arena, const struct habits *habits)
{
    struct buffer data = { .arena = arena };
    if (law_between(0, 30) == 0)
        return law_between(0, 1) == 0 ? TEXT_NONE : TEXT("{\"a\":\"x\"}");
    buffer_format(&data, "{\"v\":%.*s", TEXT_ARG(any_value(arena)));
    if (law_between(0, 9) > 0)
        buffer_format(&data, ",\"a\":%.*s", TEXT_ARG(any_dimension(arena, habits->values)));
    if (law_between(0, 9) > 0)
        buffer_format(&data, ",\"b\":%.*s", TEXT_ARG(any_dimension(arena, 2)));
    buffer_add_char(&data, '}');
    return buffer_text(&data);
}

static void append_any(struct kit *kit, const struct habits *habits, size_t count)
{
    struct usage_event *events = ARENA_ARRAY(kit->arena, struct usage_event, count);
    int64_t now = habits->start_ns + law_between(0, habits->span_ns - 1);
    for (size_t i = 0; i < count; i++) {
        int64_t at = now + law_between(0, NS_PER_HOUR);
        if (law_between(1, habits->late) == 1)
            at = habits->start_ns + law_between(0, habits->span_ns - 1);
        events[i] = (struct usage_event){
            .type = law_between(0, 5) > 0 ? TEXT("call") : TEXT("other"),
            .subject =
                text_format(kit->arena, "s%lld", (long long)law_between(1, habits->subjects)),
            .data = any_data(kit->arena, habits),
            .time = { at },
        };
    }
    if (count > 0)
        kit_append(kit, events, count);
}

static struct rollup_view any_view(struct arena *arena, const struct habits *habits,
                                   struct text_list *dimensions)
{
    static text paths[] = { TEXT_INIT("$.a"), TEXT_INIT("$.b") };
    struct rollup_view view = {
        .org = kit_org(),
        .type = TEXT("call"),
        .from = INSTANT_NONE,
        .kind = (enum tally_kind)law_between(0, TALLY_KIND_COUNT - 1),
        .dimensions = dimensions,
    };
    (void)arena;
    random_fill(&law_random, &view.id, sizeof(view.id));
    view.id.bytes[0] &= 0x1f;
    if (view.kind != TALLY_COUNT)
        view.value = TEXT("$.v");
    if (law_between(0, 3) == 0)
        view.from.ns = habits->start_ns + law_between(0, habits->span_ns);
    *dimensions = (struct text_list){ paths, (size_t)law_between(0, 2) };
    return view;
}

static instant any_bound(const struct habits *habits, enum rollup_level level)
{
    int64_t unit = level_ns((enum rollup_level)law_between(0, level));
    int64_t at = habits->start_ns + law_between(-NS_PER_DAY, habits->span_ns + NS_PER_DAY);
    return (instant){ floor_div(at, unit) * unit };
}

static struct rollup_query any_query(struct arena *arena, const struct habits *habits,
                                     const struct rollup_view *view, uint64_t count)
{
    struct rollup_query query = {
        .view = view->id,
        .is_by_subject = law_between(0, 1) == 0,
        .is_alone = law_between(0, 1) == 0,
        .from = INSTANT_NONE,
        .to = INSTANT_NONE,
        .coarsest = (enum rollup_level)law_between(0, ROLLUP_DAY),
    };
    if (law_between(0, 2) > 0)
        query.from = any_bound(habits, ROLLUP_DAY);
    if (law_between(0, 2) > 0)
        query.to = any_bound(habits, ROLLUP_DAY);
    if (law_between(0, 3) == 0)
        query.sequence_max = (uint64_t)law_between(1, (int64_t)count);
    if (law_between(0, 1) == 0) {
        size_t subjects = (size_t)law_between(1, 4);
        text *names = ARENA_ARRAY(arena, text, subjects);
        for (size_t i = 0; i < subjects; i++)
            names[i] = text_format(arena, "s%lld", (long long)law_between(1, habits->subjects + 1));
        query.subjects = names;
        query.subject_count = subjects;
    }
    return query;
}

struct laws {
    struct law equal;
    struct law reach;
    struct law restart;
};

/* Asks many questions. `is_behind`: runs may be missing. */
static void ask(struct kit *kit, const struct habits *habits, const struct rollup_view *view,
                struct laws *laws, bool is_behind)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    for (int i = 0; i < QUERIES; i++) {
        struct rollup_query query = any_query(arena, habits, view, kit->count);
        bool is_equal = false;
        uint64_t valid_to = 0;
        enum err err = kit_compare(kit, view, &query, &is_equal, &valid_to);
        law_case(&laws->equal, err == OK && is_equal,
                 "kind %d, level %d, %zu dimensions, by subject %d, %zu subjects: %s, %zu events",
                 (int)view->kind, (int)query.coarsest, view->dimensions->count, query.is_by_subject,
                 query.subject_count, err_name(err), kit->count);
        law_case(&laws->reach,
                 is_behind || (query.sequence_max != 0 ? valid_to <= query.sequence_max
                                                       : valid_to == kit->sealed),
                 "valid to %llu of %zu", (unsigned long long)valid_to, kit->sealed);
    }
}

static void one_world(struct kit *kit, struct laws *laws)
{
    struct habits habits = any_habits();
    struct text_list dimensions;
    struct rollup_view view = any_view(kit->arena, &habits, &dimensions);
    rollup_keep(kit->rollup, &view);
    for (int round = 0; round < ROUNDS; round++) {
        append_any(kit, &habits, (size_t)law_between(1, round == 0 ? 600 : 90));
        MUST(kit_catch_up(kit) == OK);
        append_any(kit, &habits, (size_t)law_between(0, 5));
    }
    ask(kit, &habits, &view, laws, false);
    struct rollup_progress before;
    struct rollup_progress after;
    MUST(rollup_progress(kit->rollup, view.id, &before));
    kit_reopen(kit);
    rollup_keep(kit->rollup, &view);
    rollup_sweep(kit->rollup);
    MUST(rollup_progress(kit->rollup, view.id, &after));
    law_case(&laws->restart, memcmp(&before, &after, sizeof(before)) == 0, "%llu of %llu",
             (unsigned long long)after.valid_to, (unsigned long long)before.valid_to);
    ask(kit, &habits, &view, laws, false);
    kit_erase(kit, text_format(kit->arena, "s%lld", (long long)law_between(1, habits.subjects)));
    ask(kit, &habits, &view, laws, true);
    MUST(kit_catch_up(kit) == OK);
    ask(kit, &habits, &view, laws, false);
}

int main(void)
{
    static struct kit kit;
    struct laws laws = {
        .equal = { .name = "an answer from rollups is the answer from raw events" },
        .reach = { .name =
                       "rollups reach as far as events are sealed, never beyond what is asked" },
        .restart = { .name = "a restart finds the rollups as they were" },
    };
    law_seed();
    for (int i = 0; i < WORLDS; i++) {
        kit_open(&kit);
        one_world(&kit, &laws);
        kit_close(&kit);
    }
    law_end(&laws.equal);
    law_end(&laws.reach);
    law_end(&laws.restart);
    return tap_end();
}
