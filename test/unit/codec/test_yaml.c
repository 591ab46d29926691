/* test_yaml.c: what a YAML file says, what is refused and where, where a place leads, and that what
 * is printed says the same again. */
#include "base/limits.h"
#include "codec/yaml.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static text json_of(struct arena *arena, const struct yaml_node *node)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    yaml_write_json(node, &w);
    return buffer_text(&out);
}

static struct yaml_node parse_ok(struct arena *arena, text body)
{
    struct yaml_node node;
    struct yaml_faults faults;

    MUST(yaml_parse(arena, body, &node, &faults));
    return node;
}

/* Printed as YAML and read again it is the same. */
static void check_round(struct arena *arena, text json)
{
    struct buffer out = { .arena = arena };
    struct json_fault fault;
    struct json value;

    MUST(json_parse(arena, json, &value, &fault));
    yaml_print(&value, &out);
    struct yaml_node again = parse_ok(arena, buffer_text(&out));
    OK(text_equal(json_of(arena, &again), json), "%.*s is read back from %.*s", TEXT_ARG(json),
       TEXT_ARG(buffer_text(&out)));
}

static void test_values(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/yaml_json.vec", 2);

    while (table_next(&t)) {
        struct yaml_node node = { 0 };
        struct yaml_faults faults = { 0 };
        bool is_read = yaml_parse(arena, percent_decode(arena, t.cells[0]), &node, &faults);

        OK(is_read && text_equal(json_of(arena, &node), t.cells[1]), "%s: %.*s says %.*s (%.*s)",
           table_name(&t), TEXT_ARG(t.cells[0]), TEXT_ARG(t.cells[1]),
           TEXT_ARG(is_read ? json_of(arena, &node) : faults.items[0].reason));
        check_round(arena, t.cells[1]);
    }
    table_close(&t);
}

/* Whether the i-th fault is what "2:5 word" says; without a word and column only the line. */
static bool fault_is(struct arena *arena, const struct yaml_fault *fault, text wanted)
{
    text place = text_cut(&wanted, ' ');
    text is =
        text_format(arena, "%lld:%lld", (long long)fault->mark.line, (long long)fault->mark.column);

    if (text_ends_with(place, TEXT(":")))
        return text_starts_with(is, place) && fault->reason.len > 0;
    return text_equal(is, place) && text_contains(fault->reason, wanted);
}

static void test_faults(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/yaml_fault.vec", 2);

    while (table_next(&t)) {
        struct yaml_node node;
        struct yaml_faults faults = { 0 };
        text wanted = t.cells[1];
        size_t i = 0;

        OK(!yaml_parse(arena, percent_decode(arena, t.cells[0]), &node, &faults),
           "%s: %.*s is refused", table_name(&t), TEXT_ARG(t.cells[0]));
        for (; wanted.ptr && i < faults.count; i++) {
            text one = text_cut(&wanted, ';');

            OK(fault_is(arena, &faults.items[i], one), "%s: %.*s, got %lld:%lld %.*s",
               table_name(&t), TEXT_ARG(one), (long long)faults.items[i].mark.line,
               (long long)faults.items[i].mark.column, TEXT_ARG(faults.items[i].reason));
        }
        OK(!wanted.ptr && i == faults.count, "%s: every fault is told, %zu", table_name(&t),
           faults.count);
    }
    table_close(&t);
}

static void test_limits(struct arena *arena)
{
    struct yaml_node node;
    struct yaml_faults faults;
    size_t size = LIMIT_BODY_BYTES + 1;
    char *body = arena_alloc(arena, size);

    memset(body, ' ', size);
    OK(!yaml_parse(arena, (text){ body, size }, &node, &faults), "a file has a largest size");
    body[0] = '[';
    for (size_t i = 1; i <= 2 * (size_t)LIMIT_JSON_VALUES; i += 2) {
        body[i] = '1';
        body[i + 1] = ',';
    }
    body[2 * LIMIT_JSON_VALUES + 1] = '1';
    body[2 * LIMIT_JSON_VALUES + 2] = ']';
    OK(!yaml_parse(arena, (text){ body, 2 * LIMIT_JSON_VALUES + 3 }, &node, &faults) &&
           text_contains(faults.items[0].reason, TEXT("more than 1000000 values")),
       "and most values");
}

static void test_find(struct arena *arena)
{
    static const struct {
        const char *place;
        int64_t line, column;
    } cases[] = {
        { "", 1, 1 },
        { "$", 1, 1 },
        { "plans[0].key", 2, 10 },
        { "plans[1].phases[0].name", 7, 13 },
        { "$.plans[1].phases[?(@.key=='trial')].name", 7, 13 },
        { "plans[1].phases[?(@.key=='none')].name", 6, 5 },
        { "plans[1].phases[3]", 6, 5 },
        { "plans[1].nothing", 4, 5 },
        { "plans[1].labels['a b']", 9, 12 },
        { "plans[1].labels[\"a b\"]", 9, 12 },
        { "plans[-1]", 2, 3 },
        { "plans[1]..key", 4, 10 },
        { "plans[1", 4, 5 },
    };
    struct yaml_node root = parse_ok(arena, TEXT("plans:\n"
                                                 "  - key: a\n"
                                                 "    name: A\n"
                                                 "  - key: b\n"
                                                 "    phases:\n"
                                                 "    - key: trial\n"
                                                 "      name: Try\n"
                                                 "    labels:\n"
                                                 "      a b: x\n"));

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct yaml_node *node = yaml_find(&root, text_of(cases[i].place));

        OK(node->mark.line == cases[i].line && node->mark.column == cases[i].column,
           "%s is at %lld:%lld, got %lld:%lld", cases[i].place, (long long)cases[i].line,
           (long long)cases[i].column, (long long)node->mark.line, (long long)node->mark.column);
    }
}

static void test_print(struct arena *arena)
{
    static const struct {
        const char *json, *yaml;
    } cases[] = {
        { "{\"a\":\"x y\",\"b\":\"1\",\"c\":\"no\",\"d\":\"\",\"e\":\"x: y\",\"f\":null}",
          "a: x y\nb: \"1\"\nc: \"no\"\nd: \"\"\ne: \"x: y\"\nf: null\n" },
        { "{\"a\":[],\"b\":{},\"c\":[1,\"x\"],\"d\":[{\"e\":1,\"f\":[{\"g\":\"#\"}]}]}",
          "a: []\nb: {}\nc: [1, x]\nd:\n  - e: 1\n    f:\n      - g: \"#\"\n" },
        { "[[[1],2],{\"a\":true}]", "- \n  - [1]\n  - 2\n- a: true\n" },
        { "\"- x\"", "\"- x\"\n" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = { .arena = arena };
        struct json_fault fault;
        struct json value;

        MUST(json_parse(arena, text_of(cases[i].json), &value, &fault));
        yaml_print(&value, &out);
        IS_TEXT(buffer_text(&out), cases[i].yaml, "printed as one writes it by hand");
        check_round(arena, text_of(cases[i].json));
    }
}

int main(void)
{
    struct arena *arena = arena_new();

    test_values(arena);
    test_faults(arena);
    test_limits(arena);
    test_find(arena);
    test_print(arena);
    arena_free(arena);
    return tap_end();
}
