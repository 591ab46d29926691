/* test_json_path.c: which paths are paths, and where they lead. */
#include "codec/json.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

/* The outcome in the words of the table. */
static text outcome(struct arena *arena, text path_text, text document)
{
    struct json_path path;
    struct json value;
    struct json_fault fault;
    const struct json *found;

    MUST(json_parse(arena, document, &value, &fault));
    if (!json_path_parse(arena, path_text, &path))
        return TEXT("refused");
    found = json_path_get(&value, &path);
    return found ? found->raw : TEXT("none");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/codec/json_path.vec", 4);

    while (table_next(&t)) {
        text got =
            outcome(arena, percent_decode(arena, t.cells[0]), percent_decode(arena, t.cells[1]));

        IS_TEXT(
            got, text_cstr(arena, t.cells[2]),
            text_cstr(arena, text_format(arena, "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[3]))));
    }
    table_close(&t);
    return tap_end();
}
