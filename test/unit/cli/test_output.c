/* Results as a table, as JSON and as CSV. */
#include "cli/output.h"

#include "lib/tap.h"

static text printed(struct arena *arena, const struct table *table, const char *form)
{
    char *bytes = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&bytes, &len);
    text copy;
    MUST(out);
    table_print(table, text_of(form), out);
    MUST(fclose(out) == 0);
    copy = text_copy(arena, (text){ bytes, len });
    free(bytes);
    return copy;
}

static const char *const heads[] = { "subject", "count", "note", NULL };
static const bool is_number[] = { false, true, false };

static void test_forms(struct arena *arena)
{
    struct table table = table_new(arena, heads, is_number);
    static const char *const cells[] = {
        "a", "7", "short", "\xc3\xa9\xe2\x82\xac", "1234567", "", "a, \"b\"", "", "x\ny",
    };
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        table_add(&table, text_of(cells[i]));
    IS_TEXT(
        printed(arena, &table, "table"),
        "subject    count  note\n"
        "a              7  short\n"
        "\xc3\xa9\xe2\x82\xac       1234567  \n"
        "a, \"b\"            x?y\n",
        "columns are aligned by characters, numbers to the right, and no byte moves the cursor");
    IS_TEXT(printed(arena, &table, "json"),
            "[{\"subject\":\"a\",\"count\":\"7\",\"note\":\"short\"},"
            "{\"subject\":\"\xc3\xa9\xe2\x82\xac\",\"count\":\"1234567\",\"note\":\"\"},"
            "{\"subject\":\"a, \\\"b\\\"\",\"count\":\"\",\"note\":\"x\\ny\"}]\n",
            "JSON is an array of objects; numbers are text, so that no digit is lost");
    IS_TEXT(printed(arena, &table, "csv"),
            "subject,count,note\n"
            "a,7,short\n"
            "\xc3\xa9\xe2\x82\xac,1234567,\n"
            "\"a, \"\"b\"\"\",,\"x\ny\"\n",
            "CSV quotes what RFC 4180 wants quoted");
}

static void test_empty(struct arena *arena)
{
    struct table table = table_new(arena, heads, is_number);
    IS_TEXT(printed(arena, &table, "table"), "subject  count  note\n", "no rows: the heads alone");
    IS_TEXT(printed(arena, &table, "json"), "[]\n", "an empty array");
    IS_TEXT(printed(arena, &table, "csv"), "subject,count,note\n", "a header line");
}

static void test_many(struct arena *arena)
{
    struct table table = table_new(arena, heads, is_number);
    for (int i = 0; i < 300; i++)
        table_add(&table, text_format(arena, "%d", i));
    text all = printed(arena, &table, "csv");
    OK(text_ends_with(all, TEXT("\n294,295,296\n297,298,299\n")), "all rows are kept, in order");
    OK(text_width(TEXT("\xc3\xa9\xe2\x82\xac")) == 2, "the width of a text is its characters");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_forms(arena);
    test_empty(arena);
    test_many(arena);
    return tap_end();
}
