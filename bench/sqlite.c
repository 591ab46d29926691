/* sqlite.c: the same work done by SQLite, in this process: one table, a unique index on (source,
 * id), WAL, synchronous=FULL, 1,000 events a transaction, then the same queries.
 *
 *   sqlite [OPTION=VALUE]… DIRECTORY
 *
 * Options: count (1000000), year (2025), year-events (count), answers (a file for the answers, in
 * the lines of bench/events). The events are made while they are inserted, as columns: no JSON is
 * read.
 */
#include "lib/histogram.h"
#include "lib/scale.h"
#include "lib/stream.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"

#define BATCH     1000U
#define ROUNDS    20U
#define ENOUGH_NS (5 * NS_PER_SECOND) /* of one query */

struct options {
    uint64_t count, year, year_events;
    const char *answers;
};

struct bench {
    struct options options;
    struct stream stream;
    sqlite3 *db;
    FILE *answers;
};

static const char schema[] =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -1000000; PRAGMA mmap_size = 8000000000; PRAGMA temp_store = MEMORY;"
    "CREATE TABLE events (source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,"
    " subject TEXT NOT NULL, time INTEGER NOT NULL, tokens INTEGER, model TEXT, region TEXT,"
    " operation TEXT, duration_ms INTEGER, cached INTEGER);"
    "CREATE UNIQUE INDEX events_key ON events (source, id);"
    "CREATE INDEX events_subject ON events (subject, time, tokens);";

/* Stops at the first failure: a figure of a failed run is none. */
static void check(const struct bench *bench, int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return;
    fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(bench->db));
    exit(1);
}

static void run(const struct bench *bench, const char *statements)
{
    check(bench, sqlite3_exec(bench->db, statements, NULL, NULL, NULL));
}

static void bind_text(sqlite3_stmt *statement, int at, const char *from, size_t length)
{
    MUST(sqlite3_bind_text(statement, at, from, (int)length, SQLITE_STATIC) == SQLITE_OK);
}

static void insert(const struct bench *bench, sqlite3_stmt *statement, uint64_t n)
{
    struct stream_event event;
    char source[16], subject[16];
    size_t source_length, subject_length;
    const char *words[3];

    stream_make(&bench->stream, n, &event);
    source_length = (size_t)snprintf(source, sizeof source, "gateway-%u", event.source);
    subject_length = (size_t)snprintf(subject, sizeof subject, "customer-%05u", event.subject);
    words[0] = stream_models[event.model];
    words[1] = stream_regions[event.region];
    words[2] = stream_operations[event.operation];
    bind_text(statement, 1, source, source_length);
    bind_text(statement, 2, event.id, STREAM_ID_LENGTH);
    bind_text(statement, 3, subject, subject_length);
    MUST(sqlite3_bind_int64(statement, 4, bench->stream.start_ms + event.time_ms) == SQLITE_OK);
    MUST(sqlite3_bind_int64(statement, 5, event.tokens) == SQLITE_OK);
    for (int i = 0; i < 3; i++)
        bind_text(statement, 6 + i, words[i], strlen(words[i]));
    MUST(sqlite3_bind_int64(statement, 9, event.duration_ms) == SQLITE_OK);
    MUST(sqlite3_bind_int64(statement, 10, event.is_cached) == SQLITE_OK);
    check(bench, sqlite3_step(statement));
    check(bench, sqlite3_reset(statement));
}

static void measure_insert(const struct bench *bench)
{
    sqlite3_stmt *statement;
    int64_t start_ns = clock_monotonic_ns();
    int64_t ns;

    check(bench, sqlite3_prepare_v2(bench->db,
                                    "INSERT INTO events VALUES (?1, ?2, 'request', ?3, ?4, ?5, ?6,"
                                    " ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
                                    -1, &statement, NULL));
    for (uint64_t n = 0; n < bench->options.count; n++) {
        if (n % BATCH == 0)
            run(bench, n == 0 ? "BEGIN" : "COMMIT; BEGIN");
        insert(bench, statement, n);
    }
    run(bench, "COMMIT");
    ns = clock_monotonic_ns() - start_ns;
    check(bench, sqlite3_finalize(statement));
    printf("%-34s %9llu events/s, 1,000 a transaction, one connection, %llu events\n", "batch rate",
           (unsigned long long)scale(bench->options.count, NS_PER_SECOND, (uint64_t)ns),
           (unsigned long long)bench->options.count);
}

/* ---- queries ------------------------------------------------------------------------------- */

struct query {
    const char *figure;
    const char *answer; /* how its answers begin; NULL: not compared */
    const char *sql;    /* bounds are days of the year: ?1 to ?2 */
    int from, to;
};

#define SUBJECT_DAYS                                                                               \
    "SELECT subject, time / 86400000 * 86400, sum(tokens) FROM events"                             \
    " WHERE subject = 'customer-%05u' AND time >= ?1 AND time < ?2 GROUP BY 2 ORDER BY 2"
#define SUBJECT_MINUTES                                                                            \
    "SELECT subject, time / 60000 * 60, sum(tokens) FROM events"                                   \
    " WHERE subject = 'customer-%05u' AND time >= ?1 AND time < ?2 GROUP BY 2 ORDER BY 2"
#define DIMENSIONS "SELECT model, region, sum(tokens) FROM events GROUP BY 1, 2"

static int64_t ask(const struct bench *bench, sqlite3_stmt *statement, const char *answer)
{
    int64_t start_ns = clock_monotonic_ns();
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!answer)
            continue;
        fputs(answer, bench->answers);
        for (int i = 0; i < 3; i++)
            fprintf(bench->answers, " %s", (const char *)sqlite3_column_text(statement, i));
        fputc('\n', bench->answers);
    }
    check(bench, code);
    check(bench, sqlite3_reset(statement));
    return clock_monotonic_ns() - start_ns;
}

static void measure_query(const struct bench *bench, const struct query *query, uint32_t subject)
{
    struct histogram latency = { 0 };
    sqlite3_stmt *statement;
    char *sql = sqlite3_mprintf(query->sql, subject);
    int64_t from_ms = bench->stream.start_ms + query->from * 86400000LL;
    int64_t to_ms = bench->stream.start_ms + query->to * 86400000LL;
    int64_t start_ns;

    MUST(sql);
    check(bench, sqlite3_prepare_v2(bench->db, sql, -1, &statement, NULL));
    if (sqlite3_bind_parameter_count(statement) == 2) {
        check(bench, sqlite3_bind_int64(statement, 1, from_ms));
        check(bench, sqlite3_bind_int64(statement, 2, to_ms));
    }
    (void)ask(bench, statement, bench->answers ? query->answer : NULL);
    start_ns = clock_monotonic_ns();
    for (uint32_t i = 0; i < ROUNDS && clock_monotonic_ns() - start_ns < ENOUGH_NS; i++)
        histogram_add(&latency, ask(bench, statement, NULL));
    check(bench, sqlite3_finalize(statement));
    sqlite3_free(sql);
    printf("%-34s %9lld us, p99 %lld, over %llu events, in the process\n", query->figure,
           (long long)histogram_at(&latency, 500) / 1000,
           (long long)histogram_at(&latency, 990) / 1000, (unsigned long long)bench->options.count);
}

static void measure_queries(const struct bench *bench)
{
    static const struct query queries[] = {
        { "day series", "day", SUBJECT_DAYS, 0, 366 },
        { "day series, largest subject", "day", SUBJECT_DAYS, 0, 366 },
        { "two dimensions", "dims", DIMENSIONS, 0, 0 },
        { "minute series", "minute", SUBJECT_MINUTES, 165, 166 },
        { "minute series, largest subject", "minute", SUBJECT_MINUTES, 165, 166 },
    };

    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        bool is_largest = strstr(queries[i].figure, "largest") != NULL;
        measure_query(bench, &queries[i], is_largest ? 1 : 100);
    }
}

/* ---- the command line ---------------------------------------------------------------------- */

static bool option_read(struct options *options, const char *word)
{
    if (strncmp(word, "count=", 6) == 0)
        options->count = strtoull(word + 6, NULL, 10);
    else if (strncmp(word, "year=", 5) == 0)
        options->year = strtoull(word + 5, NULL, 10);
    else if (strncmp(word, "year-events=", 12) == 0)
        options->year_events = strtoull(word + 12, NULL, 10);
    else if (strncmp(word, "answers=", 8) == 0)
        options->answers = word + 8;
    else
        return false;
    return true;
}

int main(int count, char **values)
{
    static struct bench bench = { .options = { .count = 1000000, .year = 2025 } };
    struct options *options = &bench.options;
    struct stat status;
    char path[4096];
    int i = 1;

    while (i < count && option_read(options, values[i]))
        i++;
    if (i + 1 != count || options->count == 0) {
        fprintf(stderr, "usage: sqlite [OPTION=VALUE]... DIRECTORY\n");
        return 2;
    }
    if (options->year_events == 0)
        options->year_events = options->count;
    if (options->answers)
        bench.answers = fopen(options->answers, "w");
    stream_init(&bench.stream, 1, options->year_events, (int)options->year);
    MUST((size_t)snprintf(path, sizeof path, "%s/events.sqlite", values[i]) < sizeof path);
    check(&bench, sqlite3_open(path, &bench.db));
    run(&bench, schema);
    measure_insert(&bench);
    run(&bench, "PRAGMA wal_checkpoint(TRUNCATE); ANALYZE");
    MUST(stat(path, &status) == 0);
    printf("%-34s %9llu bytes/event\n", "disk",
           (unsigned long long)status.st_size / options->count);
    measure_queries(&bench);
    if (bench.answers)
        MUST(fclose(bench.answers) == 0);
    MUST(sqlite3_close(bench.db) == SQLITE_OK);
    return 0;
}
