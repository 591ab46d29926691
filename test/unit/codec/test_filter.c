/* test_filter.c: filters in both dialects: what passes, what is refused, what is printed. */
#include "base/limits.h"
#include "codec/filter.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static struct json parse(struct arena *arena, text body)
{
    struct json value;
    struct json_fault fault;

    MUST(json_parse(arena, body, &value, &fault));
    return value;
}

static enum dialect dialect_of(text word)
{
    MUST(text_equal(word, TEXT("v1")) || text_equal(word, TEXT("v3")));
    return text_equal(word, TEXT("v1")) ? DIALECT_V1 : DIALECT_V3;
}

static struct filter read_ok(struct arena *arena, enum dialect dialect, text body)
{
    struct json value = parse(arena, body);
    struct problem problem;
    struct filter filter;

    problem_init(&problem, arena);
    MUST(filter_read(&value, dialect, TEXT("f"), &problem, &filter));
    return filter;
}

static text printed(struct arena *arena, const struct filter *filter, enum dialect dialect)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    filter_write(filter, dialect, &w);
    return buffer_text(&out);
}

static void test_match(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/filter_match.vec", 5);

    while (table_next(&t)) {
        enum dialect dialect = dialect_of(t.cells[0]);
        struct filter filter = read_ok(arena, dialect, percent_decode(arena, t.cells[1]));
        bool is_there = !text_equal(t.cells[2], TEXT("-"));
        text value = is_there ? percent_decode(arena, t.cells[2]) : TEXT_NONE;
        bool wants = text_equal(t.cells[3], TEXT("pass"));
        enum dialect other = dialect == DIALECT_V1 ? DIALECT_V3 : DIALECT_V1;
        struct filter turned = read_ok(arena, other, printed(arena, &filter, other));

        OK(filter_match(&filter, value) == wants, "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[4]));
        OK(filter_match(&turned, value) == wants, "and the same after printing it in the other");
    }
    table_close(&t);
}

static text faults(struct arena *arena, const struct problem *problem)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < problem->field_count; i++)
        buffer_format(&out, "%s%.*s %.*s", i ? "," : "", TEXT_ARG(problem->fields[i].field),
                      TEXT_ARG(problem->fields[i].rule));
    return out.len ? buffer_text(&out) : TEXT("-");
}

static void test_faults(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/filter_fault.vec", 4);

    while (table_next(&t)) {
        struct json value = parse(arena, t.cells[1]);
        struct filter filter;
        struct problem problem;
        bool is_read;

        problem_init(&problem, arena);
        is_read = filter_read(&value, dialect_of(t.cells[0]), TEXT("f"), &problem, &filter);
        IS_TEXT(faults(arena, &problem), text_cstr(arena, t.cells[2]), table_name(&t));
        OK(is_read == text_equal(t.cells[2], TEXT("-")), "refused when there is a fault");
    }
    table_close(&t);
}

static void test_write(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/filter_write.vec", 4);

    while (table_next(&t)) {
        struct filter filter =
            read_ok(arena, dialect_of(t.cells[0]), percent_decode(arena, t.cells[1]));

        for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
            text want = percent_decode(arena, t.cells[2 + dialect]);
            struct filter again = read_ok(arena, (enum dialect)dialect, want);

            IS_TEXT(printed(arena, &filter, (enum dialect)dialect), text_cstr(arena, want),
                    table_name(&t));
            IS_TEXT(printed(arena, &again, (enum dialect)dialect), text_cstr(arena, want),
                    "printed, read and printed again is the same");
        }
    }
    table_close(&t);
}

/* {"in":["0","1",…]} */
static text many_values(struct arena *arena, size_t count)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        buffer_format(&out, "%s\"%zu\"", i ? "," : "{\"in\":[", i);
    buffer_add(&out, TEXT("]}"));
    return buffer_text(&out);
}

static void test_bounds(struct arena *arena)
{
    struct json most = parse(arena, many_values(arena, LIMIT_FILTER_VALUES_MAX));
    struct json more = parse(arena, many_values(arena, LIMIT_FILTER_VALUES_MAX + 1));
    char *bytes = arena_alloc(arena, LIMIT_FILTER_VALUE_MAX + 3);
    struct filter filter;
    struct problem problem;
    struct json value;

    problem_init(&problem, arena);
    OK(filter_read(&most, DIALECT_V3, TEXT("f"), &problem, &filter),
       "in takes LIMIT_FILTER_VALUES_MAX values");
    OK(!filter_read(&more, DIALECT_V3, TEXT("f"), &problem, &filter), "one more is refused");
    IS_TEXT(faults(arena, &problem), "f.in max_items", "by name");
    memset(bytes, 'a', LIMIT_FILTER_VALUE_MAX + 3);
    bytes[0] = bytes[LIMIT_FILTER_VALUE_MAX + 2] = '"';
    problem_init(&problem, arena);
    value = parse(arena, (text){ bytes, LIMIT_FILTER_VALUE_MAX + 3 });
    OK(!filter_read(&value, DIALECT_V3, TEXT("f"), &problem, &filter) &&
           problem.fields[0].bound == LIMIT_FILTER_VALUE_MAX,
       "a longer value than LIMIT_FILTER_VALUE_MAX is refused");
}

static void test_map(struct arena *arena)
{
    struct json value = parse(arena, TEXT("{\"path\":{\"eq\":\"/a\"},\"method\":[\"GET\"]}"));
    struct json wrong = parse(arena, TEXT("{\"a\":{\"eq\":1},\"b\":{\"no\":\"x\"},\"c\":\"y\"}"));
    struct json list = parse(arena, TEXT("[]"));
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    struct filter_map map = { 0 };
    struct problem problem;

    problem_init(&problem, arena);
    OK(filter_map_read(&value, DIALECT_V3, TEXT_NONE, &problem, &map) && map.count == 2,
       "a map has one filter a name");
    filter_map_write(&map, DIALECT_V1, &w);
    IS_TEXT(buffer_text(&out), "{\"path\":{\"$eq\":\"/a\"},\"method\":{\"$in\":[\"GET\"]}}",
            "and prints them by name");
    OK(!filter_map_read(&wrong, DIALECT_V3, TEXT_NONE, &problem, &map),
       "a map with wrong filters is refused");
    IS_TEXT(faults(arena, &problem), "a.eq is_string,b.no unknown_property",
            "with all the faults, placed by name");
    OK(map.count == 2, "and the result is left alone");
    OK(!filter_map_read(&list, DIALECT_V3, TEXT("f"), &problem, &map), "a map must be an object");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();

    test_match(arena);
    test_faults(arena);
    test_write(arena);
    test_bounds(arena);
    test_map(arena);
    return tap_end();
}
