/* input.c: files of usage: which form they have, and what events their rows make. */
#include "cli/input.h"

#include <errno.h>

#include "cli/record.h"
#include "codec/fields.h"

enum input_format { INPUT_AUTO, INPUT_JSON, INPUT_CSV, INPUT_LOG };

const char *const input_format_words[] = { "auto", "json", "csv", "log", NULL };

struct input {
    const struct invocation *invocation;
    struct source *source;
    struct feeder *feeder;
    struct record_mapping mapping;
    bool has_column[RECORD_ATTRIBUTE_COUNT]; /* named by --column */
    struct record_seen *seen;
    struct arena *arena; /* of the row in hand */
};

static int feed_lines(struct input *input)
{
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(input->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        code = feeder_row(input->feeder, line, source_line_number(input->source));
        if (code == EXIT_OK)
            code = feeder_add(input->feeder, line);
    }
    return code;
}

static int feed_array(struct input *input)
{
    const char *why = NULL;
    int code = EXIT_OK;
    text event;

    while (code == EXIT_OK && source_item(input->source, &event, &why)) {
        code = feeder_row(input->feeder, event, source_line_number(input->source));
        if (code == EXIT_OK)
            code = feeder_add(input->feeder, event);
    }
    if (code == EXIT_OK && why)
        code = command_fail(input->invocation, EXIT_REFUSED, "line %llu: %s",
                            (unsigned long long)source_line_number(input->source), why);
    return code;
}

/* Adds a record's event, or tells what is wrong with its row. */
static int add_record(struct input *input, const struct record *record)
{
    struct buffer event = { .arena = input->arena };
    const char *why = record_event(record, &input->mapping, input->seen, &event);

    if (why)
        return feeder_refuse(input->feeder, record->raw, why);
    return feeder_add(input->feeder, buffer_text(&event));
}

/* A header at fault: nothing behind it can be read, --keep-going or not. */
static int fail_header(struct input *input, text header, const char *why)
{
    int code = feeder_refuse(input->feeder, header, why);

    return code == EXIT_OK ? EXIT_REFUSED : code;
}

/* The first --column whose name is none of these; NULL when all are there. A slip would give every
 * event another time or id than was meant. */
static const char *absent_column(const struct input *input, const text *names, size_t count)
{
    for (size_t a = 0; a < RECORD_ATTRIBUTE_COUNT; a++) {
        size_t i = 0;

        while (i < count && !text_equal(names[i], input->mapping.attributes[a].field))
            i++;
        if (input->has_column[a] && i == count)
            return record_attribute_words[a];
    }
    return NULL;
}

static int fail_column(struct input *input, const char *attribute)
{
    return command_fail(input->invocation, EXIT_REFUSED,
                        "there is no such column as --column %s names", attribute);
}

static bool has_twins(const text *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (text_equal(names[i], names[k]))
                return true;
    return false;
}

/* Reads the header of a CSV file into the record's names; `ret_code` when it cannot stand. */
static bool read_header(struct input *input, struct arena *arena, struct record *record,
                        int *ret_code)
{
    const char *absent;
    text row;

    if (!source_record(input->source, &row))
        return false;
    *ret_code = feeder_row(input->feeder, row, source_line_number(input->source));
    if (*ret_code != EXIT_OK)
        return false;
    if (!record_split_csv(arena, text_copy(arena, row), record->names, &record->count))
        *ret_code = fail_header(input, row, "it is no CSV, or has more than 256 columns");
    else if (has_twins(record->names, record->count))
        *ret_code = fail_header(input, row, "two columns have the same name");
    else if ((absent = absent_column(input, record->names, record->count)))
        *ret_code = fail_column(input, absent);
    return *ret_code == EXIT_OK;
}

static int feed_csv(struct input *input)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct record *record = ARENA_NEW(arena, struct record);
    int code = EXIT_OK;
    size_t cells;
    text row;

    if (!read_header(input, arena, record, &code))
        return code;
    while (code == EXIT_OK && source_record(input->source, &row)) {
        if (text_is_empty(row))
            continue;
        arena_reset(input->arena);
        record->raw = row;
        code = feeder_row(input->feeder, row, source_line_number(input->source));
        if (code != EXIT_OK)
            break;
        if (!record_split_csv(input->arena, row, record->values, &cells) || cells != record->count)
            code = feeder_refuse(input->feeder, row,
                                 "the row has another number of cells than the header");
        else
            code = add_record(input, record);
    }
    return code;
}

static int feed_log(struct input *input)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct record *record = ARENA_NEW(arena, struct record);
    const char *absent;
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(input->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        arena_reset(input->arena);
        code = feeder_row(input->feeder, line, source_line_number(input->source));
        if (code != EXIT_OK)
            break;
        if (!record_split_log(input->arena, line, record))
            code = feeder_refuse(input->feeder, line, "it is not in the combined log format");
        else if ((absent = absent_column(input, record->names, record->count)))
            code = fail_column(input, absent);
        else
            code = add_record(input, record);
    }
    return code;
}

/* ---- options ------------------------------------------------------------------------------- */

/* What the events of a format are made of unless the command line says otherwise. */
static struct record_mapping mapping_of(enum input_format format)
{
    static const struct record_mapping
        log_defaults = { .attributes = {
                             [RECORD_SOURCE] = { .value = TEXT_INIT("access_log") },
                             [RECORD_TYPE] = { .value = TEXT_INIT("http_request") },
                             [RECORD_SUBJECT] = { .field = TEXT_INIT("remote_user"),
                                                  .otherwise = TEXT_INIT("remote_addr") },
                             [RECORD_TIME] = { .field = TEXT_INIT("time") },
                         } };
    struct record_mapping csv_defaults = { 0 };

    if (format == INPUT_LOG)
        return log_defaults;
    for (int a = 0; a < RECORD_ATTRIBUTE_COUNT; a++)
        csv_defaults.attributes[a].field = text_of(record_attribute_words[a]);
    csv_defaults.attributes[RECORD_SOURCE].value = TEXT("csv");
    return csv_defaults;
}

/* A column asked for by name takes the place of the default ones; a fixed value too, but where a
 * column was asked for it stands in for empty cells only. */
static void map(struct input *input, int attribute, bool is_column, text word)
{
    if (is_column || !input->has_column[attribute]) {
        input->mapping.attributes[attribute].field = is_column ? word : TEXT("");
        input->mapping.attributes[attribute].otherwise = TEXT("");
    }
    if (!is_column)
        input->mapping.attributes[attribute].value = word;
    input->has_column[attribute] |= is_column;
}

/* Reads --column, then --set, into the mapping. */
static int read_mapping(struct input *input, enum input_format format)
{
    static const char *const names[] = { "column", "set" };

    input->mapping = mapping_of(format);
    for (size_t o = 0; o < COUNT_OF(names); o++) {
        const text *values;
        size_t count = option_all(input->invocation, names[o], &values);

        for (size_t i = 0; i < count; i++) {
            text rest = values[i];
            int attribute = words_find(record_attribute_words, text_cut(&rest, '='));

            if (attribute < 0 || text_is_empty(rest))
                return command_fail(input->invocation, EXIT_USAGE,
                                    "--%s %.*s: want id, source, type, subject or time, "
                                    "\"=\" and a name or value",
                                    names[o], TEXT_ARG(values[i]));
            map(input, attribute, o == 0, rest);
        }
    }
    return EXIT_OK;
}

/* What the file is, from --format, its first byte and its name. */
static enum input_format input_format(struct input *input, text path)
{
    enum input_format format =
        (enum input_format)words_find(input_format_words, option_text(input->invocation, "format"));
    int first = source_peek(input->source);

    if (format != INPUT_AUTO)
        return format;
    if (first == '{' || first == '[')
        return INPUT_JSON;
    if (text_ends_with(path, TEXT(".csv")) || text_ends_with(path, TEXT(".csv.gz")))
        return INPUT_CSV;
    return INPUT_LOG;
}

static int feed(struct input *input, enum input_format format)
{
    if (format == INPUT_CSV)
        return feed_csv(input);
    if (format == INPUT_LOG)
        return feed_log(input);
    return source_peek(input->source) == '[' ? feed_array(input) : feed_lines(input);
}

/* With the source open. */
static int feed_source(struct input *input, struct feeder_config *config, text path)
{
    enum input_format format = input_format(input, path);
    int code = read_mapping(input, format);

    if (code == EXIT_OK)
        code = feeder_open(config, &input->feeder);
    if (code != EXIT_OK)
        return code;
    input->seen = record_seen_new();
    input->arena = arena_new();
    code = feeder_finish(input->feeder, feed(input, format));
    if (code != EXIT_UNREACHABLE && source_trouble(input->source))
        code = command_fail(input->invocation, EXIT_TROUBLE, "%.*s %s", TEXT_ARG(path),
                            source_trouble(input->source));
    feeder_close(input->feeder);
    arena_free(input->arena);
    record_seen_free(input->seen);
    return code;
}

int input_feed(const struct feeder_config *config)
{
    const struct invocation *invocation = config->invocation;
    text path = invocation->arguments[0];
    struct input input = { .invocation = invocation };
    struct feeder_config with_source = *config;
    int code;

    input.source = source_open(text_cstr(invocation->arena, path));
    if (!input.source)
        return command_fail(invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE, "%.*s: %s",
                            TEXT_ARG(path), strerror(errno));
    with_source.source = input.source;
    code = feed_source(&input, &with_source, path);
    source_close(input.source);
    return code;
}
