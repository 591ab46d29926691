/* ingest.c: `tollgate ingest`: sends a file of usage, in batches, with retry.
 *
 * What comes in: CloudEvents as JSON lines or as one JSON array, CSV with a header line, or a web
 * server's access log. What goes out: batches of CloudEvents to the v3 contract. Sending the same
 * file twice counts nothing twice: the server drops duplicates by (source, id).
 */
#include <errno.h>

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/record.h"
#include "cli/remote.h"
#include "cli/source.h"
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
      .about = "CSV or log: a fixed value for one",
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
    struct remote remote;
    struct source *source;
    struct record_mapping mapping;
    struct record_seen *seen;
    struct progress progress;
    struct arena *arena; /* of the batch in hand */
    struct buffer batch; /* a JSON array without its closing bracket */
    uint64_t *lines;     /* where each event of the batch stood */
    size_t batch_count, batch_max;
    int64_t retries;
    uint64_t sent, accepted, duplicates, rejected;
};

/* ---- sending ------------------------------------------------------------------------------- */

#define BACKOFF_FIRST_NS (NS_PER_SECOND / 10)
#define BACKOFF_MAX_NS   (5 * NS_PER_SECOND)

static void wait_ns(int64_t ns)
{
    struct timespec wait = { ns / NS_PER_SECOND, ns % NS_PER_SECOND };

    while (nanosleep(&wait, &wait) != 0)
        MUST(errno == EINTR);
}

/* Posts a body until it is answered by something else than "away" or "busy". The batch may have
 * been taken by an attempt whose answer was lost: the server drops what it has. */
static enum err post(struct ingest *ingest, text body)
{
    struct http_call call = {
        .method = HTTP_POST,
        .path = TEXT("/v3/openmeter/events"),
        .content_type = TEXT("application/cloudevents-batch+json"),
        .body = body,
    };
    int64_t backoff = BACKOFF_FIRST_NS;
    enum err err = OK;

    for (int64_t attempt = 0; attempt <= ingest->retries; attempt++) {
        struct http_answer *answer = &ingest->remote.answer;

        if (attempt > 0) {
            bool has_hint = err == OK && answer->retry_after_seconds > 0;

            wait_ns(has_hint ? answer->retry_after_seconds * NS_PER_SECOND : backoff);
            backoff = backoff * 2 > BACKOFF_MAX_NS ? BACKOFF_MAX_NS : backoff * 2;
        }
        err = http_client_call(ingest->remote.client, &call, ingest->arena, answer);
        if (err == OK && answer->status != 429 && answer->status != 503)
            return OK;
    }
    return err;
}

static uint64_t header_count(struct ingest *ingest, const char *name)
{
    text value = http_client_header(ingest->remote.client, name, ingest->arena);
    int64_t n;

    return text_to_int(value, &n) && n >= 0 ? (uint64_t)n : 0;
}

static void count_accepted(struct ingest *ingest, size_t count)
{
    ingest->sent += count;
    ingest->accepted += header_count(ingest, "X-Tollgate-Accepted");
    ingest->duplicates += header_count(ingest, "X-Tollgate-Duplicates");
}

/* The index in "[12].id", to tell which line of the file was refused. */
static void print_refused_line(struct ingest *ingest, size_t first, size_t count)
{
    struct json_fault fault;
    struct json problem;
    const struct json *fields;
    text place = TEXT_NONE;
    int64_t index = 0;

    if (json_parse(ingest->arena, ingest->remote.answer.body, &problem, &fault) &&
        (fields = json_member(&problem, TEXT("invalid_parameters"))) && fields->count > 0 &&
        json_member(&fields->items[0], TEXT("field")))
        place = json_member(&fields->items[0], TEXT("field"))->text;
    if (text_starts_with(place, TEXT("["))) {
        text rest = text_slice(place, 1, place.len);

        if (!text_to_int(text_cut(&rest, ']'), &index) || index < 0 || (size_t)index >= count)
            index = 0;
    }
    fprintf(stderr, "  line %llu of the file\n",
            (unsigned long long)ingest->lines[first + (size_t)index]);
}

static int fail_batch(struct ingest *ingest, enum err err, size_t first, size_t count)
{
    int code;

    progress_end(&ingest->progress);
    if (err != OK)
        return command_fail(ingest->invocation, EXIT_UNREACHABLE, "%.*s: %.*s",
                            TEXT_ARG(option_text(ingest->invocation, "server")),
                            TEXT_ARG(ingest->remote.answer.body));
    code = remote_fail(&ingest->remote);
    if (code == EXIT_REFUSED)
        print_refused_line(ingest, first, count);
    return code;
}

/* Sends the events of a refused batch one by one; those refused again are counted and told. */
static int send_singly(struct ingest *ingest, text batch)
{
    struct json_fault fault;
    struct json events;

    if (!json_parse(ingest->arena, batch, &events, &fault)) {
        ingest->rejected += ingest->batch_count;
        return command_fail(ingest->invocation, EXIT_OK,
                            "%zu events around line %llu are dropped: not valid JSON",
                            ingest->batch_count, (unsigned long long)ingest->lines[0]);
    }
    for (size_t i = 0; i < events.count; i++) {
        text body = text_format(ingest->arena, "[%.*s]", TEXT_ARG(events.items[i].raw));
        enum err err = post(ingest, body);
        int code;

        if (err == OK && ingest->remote.answer.status == 202) {
            count_accepted(ingest, 1);
            continue;
        }
        code = fail_batch(ingest, err, i, 1);
        if (code != EXIT_REFUSED)
            return code;
        ingest->rejected++;
    }
    return EXIT_OK;
}

static int send_batch(struct ingest *ingest)
{
    size_t count = ingest->batch_count;
    int code = EXIT_OK;
    enum err err;

    if (count == 0)
        return EXIT_OK;
    buffer_add_char(&ingest->batch, ']');
    err = post(ingest, buffer_text(&ingest->batch));
    if (err == OK && ingest->remote.answer.status == 202)
        count_accepted(ingest, count);
    else if (err == OK && ingest->remote.answer.status == 400 &&
             option_is_set(ingest->invocation, "keep-going"))
        code = send_singly(ingest, buffer_text(&ingest->batch));
    else
        code = fail_batch(ingest, err, 0, count);
    progress_move(&ingest->progress, source_position(ingest->source), ingest->sent);
    arena_reset(ingest->arena);
    ingest->batch = (struct buffer){ .arena = ingest->arena };
    ingest->batch_count = 0;
    return code;
}

/* ---- filling batches ----------------------------------------------------------------------- */

/* Makes room for one more event in the batch; it must then be printed to ingest->batch. */
static void batch_open(struct ingest *ingest)
{
    buffer_add_char(&ingest->batch, ingest->batch_count == 0 ? '[' : ',');
    ingest->lines[ingest->batch_count++] = source_line_number(ingest->source);
}

static int batch_close(struct ingest *ingest)
{
    return ingest->batch_count == ingest->batch_max ? send_batch(ingest) : EXIT_OK;
}

static int ingest_lines(struct ingest *ingest)
{
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(ingest->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        batch_open(ingest);
        buffer_add(&ingest->batch, line);
        code = batch_close(ingest);
    }
    return code;
}

static int ingest_array(struct ingest *ingest)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct json_fault fault;
    struct json events;
    int code = EXIT_OK;
    text all;

    if (!source_rest(ingest->source, arena, &all))
        return EXIT_OK;
    if (!json_parse(arena, all, &events, &fault))
        return command_fail(ingest->invocation, EXIT_REFUSED, "byte %zu: %.*s", fault.offset,
                            TEXT_ARG(fault.message));
    for (size_t i = 0; code == EXIT_OK && i < events.count; i++) {
        batch_open(ingest);
        ingest->lines[ingest->batch_count - 1] = i + 1;
        buffer_add(&ingest->batch, events.items[i].raw);
        code = batch_close(ingest);
    }
    return code;
}

/* Adds a record's event to the batch, or tells what is wrong with its line. */
static int add_record(struct ingest *ingest, const struct record *record)
{
    struct buffer event = { .arena = ingest->arena };
    const char *missing = record_event(record, &ingest->mapping, ingest->seen, &event);

    if (!missing) {
        batch_open(ingest);
        buffer_add(&ingest->batch, buffer_text(&event));
        return batch_close(ingest);
    }
    progress_end(&ingest->progress);
    ingest->rejected++;
    (void)command_fail(ingest->invocation, 0, "line %llu: %s",
                       (unsigned long long)source_line_number(ingest->source), missing);
    return option_is_set(ingest->invocation, "keep-going") ? EXIT_OK : EXIT_REFUSED;
}

static int fail_line(struct ingest *ingest, const char *why)
{
    ingest->rejected++;
    progress_end(&ingest->progress);
    (void)command_fail(ingest->invocation, 0, "line %llu: %s",
                       (unsigned long long)source_line_number(ingest->source), why);
    return option_is_set(ingest->invocation, "keep-going") ? EXIT_OK : EXIT_REFUSED;
}

static int ingest_csv(struct ingest *ingest)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct record *record = ARENA_NEW(arena, struct record);
    size_t columns, cells;
    int code = EXIT_OK;
    text row;

    if (!source_record(ingest->source, &row))
        return EXIT_OK;
    if (!record_split_csv(arena, text_copy(arena, row), record->names, &columns))
        return fail_line(ingest, "the header is no CSV, or has more than 256 columns");
    while (code == EXIT_OK && source_record(ingest->source, &row)) {
        if (text_is_empty(row))
            continue;
        record->raw = row;
        record->count = columns;
        if (!record_split_csv(ingest->arena, row, record->values, &cells) || cells != columns)
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
    int code = EXIT_OK;
    text line;

    while (code == EXIT_OK && source_line(ingest->source, &line)) {
        if (text_is_empty(text_trim(line)))
            continue;
        if (!record_split_log(ingest->arena, line, record))
            code = fail_line(ingest, "is not in the combined log format");
        else
            code = add_record(ingest, record);
    }
    return code;
}

/* ---- options ------------------------------------------------------------------------------- */

/* Reads --column and --set into the mapping, over the format's defaults. */
static int read_mapping(struct ingest *ingest, enum input_format format)
{
    static const struct record_mapping
        log_defaults = { .attributes = {
                             [RECORD_SOURCE] = { .value = TEXT_INIT("access_log") },
                             [RECORD_TYPE] = { .value = TEXT_INIT("http_request") },
                             [RECORD_SUBJECT] = { .field = TEXT_INIT("remote_user"),
                                                  .otherwise = TEXT_INIT("remote_addr") },
                             [RECORD_TIME] = { .field = TEXT_INIT("time") },
                         } };
    static const char *const names[] = { "column", "set" };

    ingest->mapping = log_defaults;
    for (int a = 0; format != INPUT_LOG && a < RECORD_ATTRIBUTE_COUNT; a++) {
        ingest->mapping.attributes[a].field = text_of(record_attribute_words[a]);
        ingest->mapping.attributes[a].otherwise = TEXT("");
        ingest->mapping.attributes[a].value = a == RECORD_SOURCE ? TEXT("csv") : TEXT("");
    }
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
            if (o == 0)
                ingest->mapping.attributes[attribute].field = rest;
            else
                ingest->mapping.attributes[attribute].value = rest;
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
        code = send_batch(ingest);
    progress_end(&ingest->progress);
    if (code == EXIT_OK && source_trouble(ingest->source))
        code = command_fail(ingest->invocation, EXIT_TROUBLE, "%.*s %s", TEXT_ARG(path),
                            source_trouble(ingest->source));
    printf("%llu sent, %llu accepted, %llu duplicates, %llu rejected\n",
           (unsigned long long)ingest->sent, (unsigned long long)ingest->accepted,
           (unsigned long long)ingest->duplicates, (unsigned long long)ingest->rejected);
    return code == EXIT_OK && ingest->rejected > 0 ? EXIT_REFUSED : code;
}

static int ingest_run(const struct invocation *invocation)
{
    text path = invocation->arguments[0];
    struct ingest ingest = { .invocation = invocation };
    int64_t batch;
    int code;

    if (!option_int(invocation, "batch", 1, LIMIT_EVENTS_PER_REQUEST, &batch) ||
        !option_int(invocation, "retries", 0, 1000, &ingest.retries))
        return EXIT_USAGE;
    ingest.source = source_open(text_cstr(invocation->arena, path));
    if (!ingest.source)
        return command_fail(invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE, "%.*s: %s",
                            TEXT_ARG(path), strerror(errno));
    ingest.batch_max = (size_t)batch;
    ingest.lines = ARENA_ARRAY(invocation->arena, uint64_t, ingest.batch_max);
    ingest.arena = arena_new();
    ingest.batch.arena = ingest.arena;
    ingest.seen = record_seen_new();
    ingest.progress = progress_start("events", source_size(ingest.source));
    remote_open(&ingest.remote, invocation);
    ingest.remote.arena = ingest.arena;
    code = ingest_source(&ingest, path);
    remote_close(&ingest.remote);
    record_seen_free(ingest.seen);
    arena_free(ingest.arena);
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
