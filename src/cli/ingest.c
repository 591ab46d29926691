/* ingest.c: `tollgate ingest`: sends a file of usage, in batches, with retry.
 *
 * What comes in: CloudEvents as JSON lines or as one JSON array, CSV with a header line, or a web
 * server's access log. What goes out: batches of CloudEvents to the v3 contract. Sending the same
 * file twice counts nothing twice: the server drops duplicates by (source, id).
 */
#include <errno.h>

#include "base/limits.h"
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/record.h"
#include "codec/fields.h"

enum input_format { INPUT_AUTO, INPUT_JSON, INPUT_CSV, INPUT_LOG };

static const char *const format_words[] = { "auto", "json", "csv", "log", NULL };

static const struct option options[] = {
    REMOTE_OPTIONS,
    { .name = "format",
      .value = "FORMAT",
      .about = "of the file",
      .fallback = "auto",
      .words = format_words },
    { .name = "column",
      .value = "ATTRIBUTE=NAME",
      .about = "CSV or log: which column is the id, source, type, subject or time",
      .is_repeatable = true },
    { .name = "set",
      .value = "ATTRIBUTE=VALUE",
      .about = "CSV or log: a fixed value for one; with --column for its empty cells",
      .is_repeatable = true },
    { .name = "batch", .value = "N", .about = "events in one request", .fallback = "1000" },
    { .name = "retries",
      .value = "N",
      .about = "how often a batch is sent again when the server is away or busy",
      .fallback = "10" },
    { .name = "keep-going", .about = "go on after events that the server refuses" },
};

struct ingest {
    const struct invocation *invocation;
    struct source *source;
    struct record_mapping mapping;
    bool has_column[RECORD_ATTRIBUTE_COUNT]; /* named by --column */
    struct record_seen *seen;
    struct batch batch;
};

static int ingest_lines(struct ingest *ingest)
{
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(ingest->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        code = batch_add(&ingest->batch, line, source_line_number(ingest->source));
    }
    return code;
}

static uint64_t count_line_feeds(const char *from, size_t len)
{
    uint64_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += from[i] == '\n';
    return count;
}

static int ingest_array(struct ingest *ingest)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct json_fault fault;
    struct json events;
    int code = EXIT_OK;
    uint64_t line;
    const char *at;
    text all;

    if (!source_rest(ingest->source, arena, &all))
        return EXIT_OK;
    if (!json_parse(arena, all, &events, &fault))
        return command_fail(ingest->invocation, EXIT_REFUSED, "line %llu: %.*s%s",
                            (unsigned long long)count_line_feeds(all.ptr, fault.offset) + 1,
                            TEXT_ARG(fault.message),
                            fault.fault == FAULT_JSON_TOO_LARGE ? ": use JSON lines" : "");
    at = events.raw.ptr;
    line = 1 + count_line_feeds(all.ptr, (size_t)(text_trim(all).ptr - all.ptr));
    for (size_t i = 0; code == EXIT_OK && i < events.count; i++) {
        text event = events.items[i].raw;

        line += count_line_feeds(at, (size_t)(event.ptr - at));
        at = event.ptr;
        code = batch_add(&ingest->batch, event, line);
    }
    return code;
}

static int fail_line(struct ingest *ingest, const char *why)
{
    ingest->batch.rejected++;
    progress_end(&ingest->batch.progress);
    (void)command_fail(ingest->invocation, 0, "line %llu: %s",
                       (unsigned long long)source_line_number(ingest->source), why);
    return ingest->batch.config.does_keep_going ? EXIT_OK : EXIT_REFUSED;
}

/* Adds a record's event to the batch, or tells what is wrong with its line. */
static int add_record(struct ingest *ingest, const struct record *record)
{
    struct buffer event = { .arena = ingest->batch.arena };
    const char *why = record_event(record, &ingest->mapping, ingest->seen, &event);

    if (why)
        return fail_line(ingest, why);
    return batch_add(&ingest->batch, buffer_text(&event), source_line_number(ingest->source));
}

/* A header at fault: nothing behind it can be read, --keep-going or not. */
static int fail_header(struct ingest *ingest, const char *why)
{
    (void)fail_line(ingest, why);
    return EXIT_REFUSED;
}

/* The first --column whose name is none of these; NULL when all are there. A slip would give every
 * event another time or id than was meant. */
static const char *absent_column(const struct ingest *ingest, const text *names, size_t count)
{
    for (size_t a = 0; a < RECORD_ATTRIBUTE_COUNT; a++) {
        size_t i = 0;

        while (i < count && !text_equal(names[i], ingest->mapping.attributes[a].field))
            i++;
        if (ingest->has_column[a] && i == count)
            return record_attribute_words[a];
    }
    return NULL;
}

static int fail_column(struct ingest *ingest, const char *attribute)
{
    return command_fail(ingest->invocation, EXIT_REFUSED,
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

static int ingest_csv(struct ingest *ingest)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct record *record = ARENA_NEW(arena, struct record);
    size_t columns, cells;
    const char *absent;
    int code = EXIT_OK;
    text row;

    if (!source_record(ingest->source, &row))
        return EXIT_OK;
    if (!record_split_csv(arena, text_copy(arena, row), record->names, &columns))
        return fail_header(ingest, "it is no CSV, or has more than 256 columns");
    if (has_twins(record->names, columns))
        return fail_header(ingest, "two columns have the same name");
    absent = absent_column(ingest, record->names, columns);
    if (absent)
        return fail_column(ingest, absent);
    while (code == EXIT_OK && source_record(ingest->source, &row)) {
        if (text_is_empty(row))
            continue;
        record->raw = row;
        record->count = columns;
        if (!record_split_csv(ingest->batch.arena, row, record->values, &cells) || cells != columns)
            code = fail_line(ingest, "the row has another number of cells than the header");
        else
            code = add_record(ingest, record);
    }
    return code;
}

static int ingest_log(struct ingest *ingest)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct record *record = ARENA_NEW(arena, struct record);
    const char *absent;
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(ingest->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        if (!record_split_log(ingest->batch.arena, line, record))
            code = fail_line(ingest, "it is not in the combined log format");
        else if ((absent = absent_column(ingest, record->names, record->count)))
            code = fail_column(ingest, absent);
        else
            code = add_record(ingest, record);
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
static void map(struct ingest *ingest, int attribute, bool is_column, text word)
{
    if (is_column || !ingest->has_column[attribute]) {
        ingest->mapping.attributes[attribute].field = is_column ? word : TEXT("");
        ingest->mapping.attributes[attribute].otherwise = TEXT("");
    }
    if (!is_column)
        ingest->mapping.attributes[attribute].value = word;
    ingest->has_column[attribute] |= is_column;
}

/* Reads --column, then --set, into the mapping. */
static int read_mapping(struct ingest *ingest, enum input_format format)
{
    static const char *const names[] = { "column", "set" };

    ingest->mapping = mapping_of(format);
    for (size_t o = 0; o < COUNT_OF(names); o++) {
        const text *values;
        size_t count = option_all(ingest->invocation, names[o], &values);

        for (size_t i = 0; i < count; i++) {
            text rest = values[i];
            int attribute = words_find(record_attribute_words, text_cut(&rest, '='));

            if (attribute < 0 || text_is_empty(rest))
                return command_fail(ingest->invocation, EXIT_USAGE,
                                    "--%s %.*s: want id, source, type, subject or time, "
                                    "\"=\" and a name or value",
                                    names[o], TEXT_ARG(values[i]));
            map(ingest, attribute, o == 0, rest);
        }
    }
    return EXIT_OK;
}

/* What the file is, from --format, its first byte and its name. */
static enum input_format input_format(struct ingest *ingest, text path)
{
    enum input_format format =
        (enum input_format)words_find(format_words, option_text(ingest->invocation, "format"));
    int first = source_peek(ingest->source);

    if (format != INPUT_AUTO)
        return format;
    if (first == '{' || first == '[')
        return INPUT_JSON;
    if (text_ends_with(path, TEXT(".csv")) || text_ends_with(path, TEXT(".csv.gz")))
        return INPUT_CSV;
    return INPUT_LOG;
}

static int ingest_source(struct ingest *ingest, text path)
{
    enum input_format format = input_format(ingest, path);
    int code = read_mapping(ingest, format);

    if (code != EXIT_OK)
        return code;
    if (format == INPUT_CSV)
        code = ingest_csv(ingest);
    else if (format == INPUT_LOG)
        code = ingest_log(ingest);
    else if (source_peek(ingest->source) == '[')
        code = ingest_array(ingest);
    else
        code = ingest_lines(ingest);
    if (code == EXIT_OK)
        code = batch_send(&ingest->batch);
    progress_end(&ingest->batch.progress);
    if (code == EXIT_OK && source_trouble(ingest->source))
        code = command_fail(ingest->invocation, EXIT_TROUBLE, "%.*s %s", TEXT_ARG(path),
                            source_trouble(ingest->source));
    printf("%llu sent, %llu accepted, %llu duplicates, %llu rejected\n",
           (unsigned long long)ingest->batch.sent, (unsigned long long)ingest->batch.accepted,
           (unsigned long long)ingest->batch.duplicates,
           (unsigned long long)ingest->batch.rejected);
    return code == EXIT_OK && ingest->batch.rejected > 0 ? EXIT_REFUSED : code;
}

static int ingest_run(const struct invocation *invocation)
{
    text path = invocation->arguments[0];
    struct ingest ingest = { .invocation = invocation };
    struct batch_config config = { .does_keep_going = option_is_set(invocation, "keep-going") };
    int code;

    if (!option_int(invocation, "batch", 1, LIMIT_EVENTS_PER_REQUEST, &config.events_max) ||
        !option_int(invocation, "retries", 0, 1000, &config.retries))
        return EXIT_USAGE;
    ingest.source = source_open(text_cstr(invocation->arena, path));
    if (!ingest.source)
        return command_fail(invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE, "%.*s: %s",
                            TEXT_ARG(path), strerror(errno));
    config.source = ingest.source;
    batch_open(&ingest.batch, invocation, &config);
    ingest.seen = record_seen_new();
    code = ingest_source(&ingest, path);
    record_seen_free(ingest.seen);
    batch_close(&ingest.batch);
    source_close(ingest.source);
    return code;
}

const struct command ingest_command = {
    .name = "ingest",
    .arguments = "FILE|-",
    .summary = "send a file of usage events",
    .about = "FILE holds CloudEvents as JSON lines or as one array, CSV with a header line, or an\n"
             "access log in the combined format; gzip is read as it is. Sending a file again is\n"
             "safe: what the server has is dropped as a duplicate.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate ingest events.jsonl\n"
                "zcat events.jsonl.gz | tollgate ingest -\n"
                "tollgate ingest usage.csv --set type=api_call --column subject=account\n"
                "tollgate ingest /var/log/nginx/access.log --set source=web-1\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = ingest_run,
};
