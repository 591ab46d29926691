/* output.h: results as an aligned table for people, as JSON or CSV for programs. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/command.h"

extern const char *const output_words[]; /* "table", "json", "csv" */

#define OUTPUT_OPTION                                                                              \
    {                                                                                              \
        .name = "output", .value = "FORMAT", .about = "form of the result", .fallback = "table",   \
        .words = output_words                                                                      \
    }

struct table {
    struct arena *arena;
    const char *const *columns; /* heads; NULL-terminated */
    const bool *is_number;      /* one for each column: aligned right */
    size_t column_count;
    text *cells;        /* row by row */
    size_t count, room; /* of cells */
};

/* A table with these heads; `is_number` has one entry for each. */
struct table table_new(struct arena *arena, const char *const *columns, const bool *is_number);

/* Adds the next cell, row by row; the text is borrowed until the table is printed. */
void table_add(struct table *table, text cell);

/* Prints in the form of --output: an aligned table, a JSON array of objects keyed by the heads, or
 * CSV (RFC 4180, LF). */
void table_print(const struct table *table, text form, FILE *out);

/* Columns that a text takes on a terminal: code points, good enough for what we print. */
size_t text_width(text t);

#endif
