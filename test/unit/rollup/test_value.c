/* test_value.c: what a JSON value is worth: as a number, as a word, as a dimension. */
#include "lib/table.h"
#include "lib/tap.h"
#include "rollup/value.h"

static text number_text(struct arena *arena, const struct json *at)
{
    struct tally_item item;
    return value_item(TALLY_SUM, at, &item) ? dec_text(arena, item.number) : TEXT("none");
}

static text bracketed(struct arena *arena, text word)
{
    return text_format(arena, "[%.*s]", TEXT_ARG(word));
}

static text word_text(struct arena *arena, const struct json *at)
{
    struct tally_item item;
    return value_item(TALLY_UNIQUE, at, &item) ? bracketed(arena, item.word) : TEXT("none");
}

static text dimension_text(struct arena *arena, const struct json *at)
{
    text dimension = value_dimension(at);
    return dimension.ptr != NULL ? bracketed(arena, dimension) : TEXT("none");
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/rollup/value.vec", 4);
    while (table_next(&t)) {
        struct json json;
        struct json_fault fault;
        const struct json *at = NULL;
        if (!text_equal(t.cells[0], TEXT("-"))) {
            MUST(json_parse(arena, t.cells[0], &json, &fault));
            at = &json;
        }
        bool is_right = text_equal(number_text(arena, at), t.cells[1]) &&
                        text_equal(word_text(arena, at), t.cells[2]) &&
                        text_equal(dimension_text(arena, at), t.cells[3]);
        struct tally_item item;
        OK(is_right && value_item(TALLY_COUNT, at, &item), "openmeter 4.2: %s", table_name(&t));
    }
    table_close(&t);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    return tap_end();
}
