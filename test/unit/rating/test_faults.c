/* Every fault of the module has a row that reaches it: the section "rating" of the list of faults
 * is looked up in the tables of test/vectors/rating, whose rows the other tests run. */
#include <glob.h>
#include <stdio.h>

#include "base/fault.h"
#include "lib/tap.h"

static text file_text(struct arena *arena, const char *path)
{
    struct buffer all = { .arena = arena };
    char part[4096];
    size_t len;
    FILE *file = fopen(path, "r");
    MUST(file != NULL);
    while ((len = fread(part, 1, sizeof part, file)) > 0)
        buffer_add(&all, (text){ part, len });
    MUST(fclose(file) == 0);
    return buffer_text(&all);
}

/* How many rows of the tables have a cell that is the word. */
static int count_rows(text tables, text word)
{
    int count = 0;
    while (!text_is_empty(tables)) {
        text row = text_cut(&tables, '\n');
        bool has_word = false;
        if (text_starts_with(row, TEXT("#")))
            continue;
        while (!text_is_empty(row)) {
            text cell = text_cut(&row, '|');
            while (!text_is_empty(cell))
                has_word = text_equal(text_trim(text_cut(&cell, ';')), word) || has_word;
        }
        count += has_word;
    }
    return count;
}

int main(void)
{
    struct arena *arena = arena_new();
    struct buffer tables = { .arena = arena };
    text list = file_text(arena, "src/base/faults.def");
    bool is_ours = false;
    glob_t found;
    MUST(glob("test/vectors/rating/*.vec", 0, NULL, &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        buffer_add(&tables, file_text(arena, found.gl_pathv[i]));
    globfree(&found);
    while (!text_is_empty(list)) {
        text line = text_cut(&list, '\n');
        if (text_starts_with(line, TEXT("/* ")))
            is_ours = text_equal(line, TEXT("/* rating */"));
        if (!is_ours || !text_starts_with(line, TEXT("FAULT(")))
            continue;
        (void)text_cut(&line, '"');
        text word = text_cut(&line, '"');
        int rows = count_rows(buffer_text(&tables), word);
        OK(rows > 0, "%.*s: %d rows reach it", TEXT_ARG(word), rows);
    }
    OK(tap_count > 0, "the section of the module is there");
    arena_free(arena);
    return tap_end();
}
