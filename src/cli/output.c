/* output.c: tables, JSON and CSV on standard output. */
#include "cli/output.h"

#include "codec/json.h"

const char *const output_words[] = { "table", "json", "csv", NULL };

struct table table_new(struct arena *arena, const char *const *columns, const bool *is_number)
{
    struct table table = { .arena = arena, .columns = columns, .is_number = is_number };

    while (columns[table.column_count])
        table.column_count++;
    CHECK(table.column_count > 0);
    return table;
}

void table_add(struct table *table, text cell)
{
    if (table->count == table->room) {
        size_t room = table->room ? table->room * 2 : 32;
        text *grown = ARENA_ARRAY(table->arena, text, room);

        if (table->count > 0)
            memcpy(grown, table->cells, table->count * sizeof *grown);
        table->cells = grown;
        table->room = room;
    }
    table->cells[table->count++] = cell;
}

size_t text_width(text t)
{
    return text_code_points(t);
}

/* Bytes that would steer the terminal come out as question marks. */
static void print_plain(FILE *out, text cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        unsigned char c = (unsigned char)cell.ptr[i];

        fputc(c < ' ' || c == 0x7f ? '?' : c, out);
    }
}

static void print_padding(FILE *out, size_t width, text cell)
{
    for (size_t i = text_width(cell); i < width; i++)
        fputc(' ', out);
}

/* The last cell of a row ends it without spaces. */
static void print_cell(FILE *out, const struct table *table, size_t column, size_t width, text cell)
{
    bool is_last = column + 1 == table->column_count;

    if (table->is_number[column])
        print_padding(out, width, cell);
    print_plain(out, cell);
    if (!table->is_number[column] && !is_last)
        print_padding(out, width, cell);
    fputs(is_last ? "\n" : "  ", out);
}

static void print_table(const struct table *table, FILE *out)
{
    size_t *widths = ARENA_ARRAY(table->arena, size_t, table->column_count);

    for (size_t c = 0; c < table->column_count; c++)
        widths[c] = text_width(text_of(table->columns[c]));
    for (size_t i = 0; i < table->count; i++) {
        size_t *width = &widths[i % table->column_count];

        if (text_width(table->cells[i]) > *width)
            *width = text_width(table->cells[i]);
    }
    for (size_t c = 0; c < table->column_count; c++)
        print_cell(out, table, c, widths[c], text_of(table->columns[c]));
    for (size_t i = 0; i < table->count; i++)
        print_cell(out, table, i % table->column_count, widths[i % table->column_count],
                   table->cells[i]);
}

static void print_json(const struct table *table, FILE *out)
{
    struct buffer body = { .arena = table->arena };
    struct json_writer w = json_writer_of(&body);

    json_array_begin(&w);
    for (size_t i = 0; i < table->count; i++) {
        size_t c = i % table->column_count;

        if (c == 0)
            json_object_begin(&w);
        json_member_text(&w, table->columns[c], table->cells[i]);
        if (c + 1 == table->column_count)
            json_object_end(&w);
    }
    json_array_end(&w);
    fprintf(out, "%.*s\n", TEXT_ARG(buffer_text(&body)));
}

static void print_csv_cell(FILE *out, text cell)
{
    bool is_quoted = false;

    for (size_t i = 0; i < cell.len; i++)
        is_quoted |= strchr(",\"\r\n", cell.ptr[i]) != NULL;
    if (!is_quoted) {
        fprintf(out, "%.*s", TEXT_ARG(cell));
        return;
    }
    fputc('"', out);
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            fputc('"', out);
        fputc(cell.ptr[i], out);
    }
    fputc('"', out);
}

static void print_csv(const struct table *table, FILE *out)
{
    for (size_t c = 0; c < table->column_count; c++)
        fprintf(out, "%s%s", table->columns[c], c + 1 < table->column_count ? "," : "\n");
    for (size_t i = 0; i < table->count; i++) {
        print_csv_cell(out, table->cells[i]);
        fputc((i + 1) % table->column_count ? ',' : '\n', out);
    }
}

void table_print(const struct table *table, text form, FILE *out)
{
    CHECK(table->count % table->column_count == 0);
    if (text_equal(form, TEXT("json")))
        print_json(table, out);
    else if (text_equal(form, TEXT("csv")))
        print_csv(table, out);
    else
        print_table(table, out);
}
