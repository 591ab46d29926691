/* table.h: reads test/vectors: plain text tables, one row a line, cells separated by '|', '#' for
 * comments. Cells come without white space around them; an empty row is skipped.
 *
 *   struct table t = table_open(arena, "test/vectors/rating/lines.vec", 8);
 *   while (table_next(&t))
 *       OK(…, "%s", table_name(&t));
 *   table_close(&t);
 */
#ifndef TEST_LIB_TABLE_H
#define TEST_LIB_TABLE_H

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TABLE_CELLS_MAX 16

struct table {
    struct arena *arena;
    FILE *file;
    const char *path;
    int line;
    size_t columns; /* every row has this many cells */
    text cells[TABLE_CELLS_MAX];
};

/* Opens a table whose rows have `columns` cells; stops the test when there is no such file. */
static inline struct table table_open(struct arena *arena, const char *path, size_t columns)
{
    struct table t = { .arena = arena, .path = path, .columns = columns };
    t.file = fopen(path, "r");
    if (t.file == NULL)
        printf("Bail out! cannot open %s\n", path);
    MUST(t.file != NULL && columns <= TABLE_CELLS_MAX);
    return t;
}

static inline void table_close(struct table *t)
{
    MUST(fclose(t->file) == 0);
    t->file = NULL;
}

/* Reads the next row; false at the end. A row with another number of cells stops the test. */
static inline bool table_next(struct table *t)
{
    char buffer[8192];
    while (fgets(buffer, sizeof buffer, t->file) != NULL) {
        t->line++;
        text row = text_trim(text_of(buffer));
        if (text_is_empty(row) || row.ptr[0] == '#')
            continue;
        row = text_copy(t->arena, row);
        size_t count = 0;
        while (row.ptr != NULL && count < TABLE_CELLS_MAX)
            t->cells[count++] = text_trim(text_cut(&row, '|'));
        if (count != t->columns)
            printf("Bail out! %s:%d: %zu cells instead of %zu\n", t->path, t->line, count,
                   t->columns);
        MUST(count == t->columns);
        return true;
    }
    return false;
}

/* Where the row stands, and its first cell, for the names of tests. */
static inline const char *table_name(const struct table *t)
{
    return text_cstr(t->arena,
                     text_format(t->arena, "%s:%d %.*s", t->path, t->line, TEXT_ARG(t->cells[0])));
}

#endif
