/* When published versions are effective: from a table, and that at no time two are. */
#include "catalog/plan_version.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, VERSIONS, PUBLISHING, EFFECTIVE, COLUMNS };

#define ROOM 16

/* A day of January 2026; none for an empty text. */
static instant day_of(text t)
{
    int64_t day;
    if (text_is_empty(t))
        return INSTANT_NONE;
    MUST(text_to_int(t, &day));
    instant first;
    MUST(instant_parse(TEXT("2026-01-01T00:00:00Z"), &first));
    return (instant){ first.ns + (day - 1) * NS_PER_DAY };
}

static text day_text(struct arena *arena, instant t)
{
    if (instant_is_none(t))
        return TEXT("");
    return text_format(arena, "%lld", (long long)((t.ns - day_of(TEXT("1")).ns) / NS_PER_DAY + 1));
}

static struct plan version_of(text cell)
{
    text rest = text_trim(cell);
    text from = text_cut(&rest, '-');
    return (struct plan){ .effective_from = day_of(from), .ends_at = day_of(text_trim(rest)) };
}

static size_t versions_read(text cell, struct plan *versions)
{
    size_t count = 0;
    while (!text_equal(cell, TEXT("-")) && cell.ptr != NULL)
        versions[count++] = version_of(text_cut(&cell, ','));
    return count;
}

static text effective_text(struct arena *arena, const struct plan *versions, size_t count)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < count; i++)
        buffer_format(&b, "%s%.*s-%.*s", i > 0 ? ", " : "",
                      TEXT_ARG(day_text(arena, versions[i].effective_from)),
                      TEXT_ARG(day_text(arena, versions[i].effective_to)));
    return buffer_text(&b);
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct plan versions[ROOM];
    size_t count = versions_read(t->cells[VERSIONS], versions);
    if (!text_equal(t->cells[PUBLISHING], TEXT("-"))) {
        versions[count] = version_of(t->cells[PUBLISHING]);
        plan_versions_yield(versions, count, &versions[count]);
        count++;
    }
    plan_versions_settle(versions, count);
    tap_is_text(effective_text(arena, versions, count), t->cells[EFFECTIVE], __FILE__, __LINE__,
                table_name(t));
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/plan_versions.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    arena_free(arena);
    return tap_end();
}
