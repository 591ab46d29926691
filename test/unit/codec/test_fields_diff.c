/* test_fields_diff.c: what differs between two structs of one table. */
#include "codec/fields_diff.h"
#include "lib/table.h"
#include "lib/tap.h"

enum colour { COLOUR_NONE = FIELD_ENUM_NONE, COLOUR_RED, COLOUR_BLUE };

static const char *const colour_words[] = { "red", "blue", NULL };

struct part {
    text key;
    dec value;
};

struct link {
    struct part to;
    text note;
};

struct sample {
    text name;
    dec amount;
    int64_t count;
    bool is_on;
    instant at;
    span every;
    enum colour colour;
    struct text_list tags;
    struct text_map labels;
    text raw;
    struct part part;
    bool has_part;
    struct list parts, links, steps;
    text hidden;
};

static const struct field part_rows[] = {
    FIELD(struct part, key, TEXT),
    FIELD(struct part, value, DEC),
};
static const struct fields part_fields = FIELDS("Part", struct part, part_rows);

static const struct field step_rows[] = { FIELD(struct part, value, DEC) };
static const struct fields step_fields = FIELDS("Step", struct part, step_rows);

static const struct field link_rows[] = {
    FIELD_STRUCT(struct link, to, &part_fields, .flags = FIELD_REQUIRED),
    FIELD(struct link, note, TEXT),
};
static const struct fields link_fields = FIELDS("Link", struct link, link_rows);

static const struct field sample_rows[] = {
    FIELD(struct sample, name, TEXT),
    FIELD(struct sample, amount, DEC),
    FIELD(struct sample, count, INT, .items_min = 1, .items_max = 9),
    FIELD(struct sample, is_on, BOOL),
    FIELD(struct sample, at, INSTANT),
    FIELD(struct sample, every, SPAN),
    FIELD_WORD(struct sample, colour, colour_words),
    FIELD(struct sample, tags, TEXT_LIST),
    FIELD(struct sample, labels, TEXT_MAP),
    FIELD(struct sample, raw, JSON),
    FIELD_STRUCT(struct sample, part, &part_fields,
                 .set_offset = offsetof(struct sample, has_part)),
    FIELD(struct sample, parts, LIST, .sub = &part_fields),
    FIELD(struct sample, links, LIST, .sub = &link_fields),
    FIELD(struct sample, steps, LIST, .sub = &step_fields),
    FIELD(struct sample, hidden, TEXT, .flags = FIELD_WRITE_ONLY),
};
static const struct fields sample_fields = FIELDS("Sample", struct sample, sample_rows);

/* The struct of a cell; NULL for "-". */
static const struct sample *sample_of(struct arena *arena, text cell)
{
    struct sample *sample = ARENA_NEW(arena, struct sample);
    struct problem problem;
    struct json_fault fault;
    struct json value;

    if (text_equal(cell, TEXT("-")))
        return NULL;
    problem_init(&problem, arena);
    MUST(json_parse(arena, cell, &value, &fault));
    MUST(fields_read(&sample_fields, DIALECT_V3, &value, &problem, sample));
    return sample;
}

static text printed(struct arena *arena, const struct differences *diff)
{
    static const char marks[] = { '+', '-', '~' };
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < diff->count; i++) {
        const struct difference *one = &diff->items[i];

        buffer_format(&out, "%s%c %.*s%s%.*s%s%.*s", i > 0 ? " ; " : "", marks[one->kind],
                      TEXT_ARG(one->path), one->before.ptr ? " " : "", TEXT_ARG(one->before),
                      one->after.ptr ? " " : "", TEXT_ARG(one->after));
    }
    return buffer_text(&out);
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/fields_diff.vec", 3);

    while (table_next(&t)) {
        const struct sample *before = sample_of(arena, t.cells[0]);
        const struct sample *after = sample_of(arena, t.cells[1]);
        struct differences diff = { .arena = arena };

        fields_diff(&sample_fields, TEXT_NONE, before, after, &diff);
        OK(text_equal(printed(arena, &diff), t.cells[2]), "%s: wants \"%.*s\", got \"%.*s\"",
           table_name(&t), TEXT_ARG(t.cells[2]), TEXT_ARG(printed(arena, &diff)));
        diff = (struct differences){ .arena = arena };
        fields_diff(&sample_fields, TEXT_NONE, after, after, &diff);
        OK(diff.count == 0, "%s: nothing differs from itself", table_name(&t));
    }
    table_close(&t);
}

static void test_path(struct arena *arena)
{
    const struct sample *before = sample_of(arena, TEXT("{\"parts\":[{\"key\":\"a\"}]}"));
    struct differences diff = { .arena = arena };

    fields_diff(&sample_fields, TEXT("plans[pro]"), before, NULL, &diff);
    OK(text_equal(diff.items[1].path, TEXT("plans[pro].parts[a].key")), "paths begin where told");
}

int main(void)
{
    struct arena *arena = arena_new();

    test_vectors(arena);
    test_path(arena);
    arena_free(arena);
    return tap_end();
}
