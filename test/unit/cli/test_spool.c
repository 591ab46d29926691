/* The relay's spool: what it gives back, what it forgets, and what it makes of torn and damaged
 * files. */
#include "cli/spool.h"

#include <pthread.h>
#include <sched.h>

#include "base/clock.h"
#include "cli/spool_file.h"
#include "lib/directory.h"
#include "lib/tap.h"

static char directory[DIRECTORY_PATH_MAX];
static struct arena *arena;

static struct spool *open_sized(uint64_t bytes_max)
{
    struct spool_config config = { .directory = directory, .bytes_max = bytes_max };
    struct spool *spool;
    const char *why;
    enum err err = spool_open(&config, arena, &spool, &why);

    if (err != OK)
        printf("# %s: %s\n", err_name(err), why);
    return err == OK ? spool : NULL;
}

static struct spool *open_again(void)
{
    return open_sized(64 * 1024 * 1024);
}

static enum err open_error(void)
{
    struct spool_config config = { .directory = directory, .bytes_max = 1024 * 1024 };
    struct spool *spool = NULL;
    const char *why = NULL;
    enum err err = spool_open(&config, arena, &spool, &why);

    if (err == OK)
        spool_close(spool);
    return err;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct outcome {
    bool is_there;
    enum err err;
};

static void done(void *state, enum err err)
{
    struct outcome *outcome = state;

    MUST(pthread_mutex_lock(&mutex) == 0);
    *outcome = (struct outcome){ true, err };
    MUST(pthread_cond_broadcast(&changed) == 0);
    MUST(pthread_mutex_unlock(&mutex) == 0);
}

/* Appends "<from>", …, "<to>" as one batch and waits. */
static enum err append(struct spool *spool, int from, int to)
{
    text *events = ARENA_ARRAY(arena, text, (size_t)(to - from + 1));
    struct outcome outcome = { 0 };
    enum err err;

    for (int i = from; i <= to; i++)
        events[i - from] = text_format(arena, "%d", i);
    err = spool_append(spool, events, (size_t)(to - from + 1), done, &outcome);
    if (err != OK)
        return err;
    MUST(pthread_mutex_lock(&mutex) == 0);
    while (!outcome.is_there)
        MUST(pthread_cond_wait(&changed, &mutex) == 0);
    MUST(pthread_mutex_unlock(&mutex) == 0);
    return outcome.err;
}

static struct spool_batch take(struct spool *spool, size_t events_max)
{
    struct spool_limits limits = { .events_max = events_max, .bytes_max = 1000000 };
    struct spool_batch batch;

    MUST(spool_take(spool, &limits, arena, &batch) == OK);
    return batch;
}

static uint64_t pending(struct spool *spool)
{
    struct spool_stats stats;

    spool_stats(spool, &stats);
    return stats.pending;
}

/* "first: a b c". */
static text words(const struct spool_batch *batch)
{
    struct buffer b = { .arena = arena };

    buffer_format(&b, "%llu:", (unsigned long long)batch->first);
    for (size_t i = 0; i < batch->count; i++)
        buffer_format(&b, " %.*s", TEXT_ARG(batch->events[i]));
    return buffer_text(&b);
}

/* Everything that waits, in batches of three; delivered when `is_delivered`. */
static text drain(struct spool *spool, bool is_delivered)
{
    struct buffer b = { .arena = arena };
    uint64_t left = pending(spool);

    while (left > 0) {
        struct spool_batch batch = take(spool, 3);

        for (size_t i = 0; i < batch.count; i++)
            buffer_format(&b, "%s%.*s", b.len > 0 ? " " : "", TEXT_ARG(batch.events[i]));
        left -= batch.count;
        if (is_delivered)
            spool_delivered(spool, &batch);
    }
    return buffer_text(&b);
}

static void test_order(void)
{
    struct spool *spool = open_again();
    struct spool_batch one, two, three;

    OK(append(spool, 1, 5) == OK && append(spool, 6, 6) == OK, "events are appended");
    OK(pending(spool) == 6, "and wait");
    one = take(spool, 2);
    two = take(spool, 2);
    three = take(spool, 10);
    IS_TEXT(words(&one), "1: 1 2", "a batch is no larger than asked for");
    IS_TEXT(words(&two), "3: 3 4", "the next goes on behind it");
    IS_TEXT(words(&three), "5: 5 6", "over the border of what was appended at once");
    spool_delivered(spool, &two);
    OK(pending(spool) == 6, "what is delivered out of order waits for those before it");
    spool_close(spool);
    spool = open_again();
    OK(pending(spool) == 6, "also over a restart");
    IS_TEXT(drain(spool, true), "1 2 3 4 5 6", "then all come again");
    OK(pending(spool) == 0, "delivered, they are forgotten");
    spool_close(spool);
    spool = open_again();
    OK(pending(spool) == 0, "for good");
    OK(append(spool, 7, 9) == OK, "further ones go behind them");
    IS_TEXT(drain(spool, true), "7 8 9", "in order");
    OK(open_error() == ERR_BUSY, "nobody else may have the directory");
    spool_stop(spool);
    OK(spool_take(spool, &(struct spool_limits){ .events_max = 1 }, arena, &one) == ERR_STOPPED,
       "a stop ends the waiting");
    spool_close(spool);
}

static void test_linger(void)
{
    struct spool *spool = open_again();
    struct spool_limits limits = { .events_max = 3,
                                   .bytes_max = 1000000,
                                   .linger_ns = NS_PER_SECOND / 5 };
    struct spool_batch batch;
    int64_t before;

    OK(append(spool, 1, 4) == OK, "four events");
    before = clock_monotonic_ns();
    OK(spool_take(spool, &limits, arena, &batch) == OK && batch.count == 3 &&
           clock_monotonic_ns() - before < NS_PER_SECOND / 10,
       "a full batch is there at once");
    spool_delivered(spool, &batch);
    OK(spool_take(spool, &limits, arena, &batch) == OK && batch.count == 1 &&
           clock_monotonic_ns() - before >= NS_PER_SECOND / 6,
       "one that is not waits for more");
    spool_delivered(spool, &batch);
    limits.bytes_max = 3;
    OK(append(spool, 10, 12) == OK && spool_take(spool, &limits, arena, &batch) == OK &&
           batch.count == 1,
       "a batch has bytes, too");
    spool_delivered(spool, &batch);
    IS_TEXT(drain(spool, true), "11 12", "the rest comes next");
    spool_close(spool);
}

static size_t segment_files(char ret_last[DIRECTORY_PATH_MAX * 2])
{
    size_t count = 0;

    for (uint64_t i = 1; i < 2000; i++) {
        const char *path = spool_segment_path(arena, directory, i);

        if (access(path, F_OK) != 0)
            continue;
        count++;
        snprintf(ret_last, DIRECTORY_PATH_MAX * 2, "%s", path);
    }
    return count;
}

static void test_segments(void)
{
    struct spool *spool = open_sized(64 * 1024 * 1024);
    char *large = arena_alloc(arena, 700000);
    char path[DIRECTORY_PATH_MAX * 2];
    struct spool_batch batch;
    struct outcome outcome;
    size_t appended = 0;
    enum err err;

    memset(large, 'x', 700000);
    for (;;) {
        text event = { large, 700000 };

        outcome = (struct outcome){ 0 };
        err = spool_append(spool, &event, 1, done, &outcome);
        if (err != OK)
            break;
        while (!outcome.is_there)
            sched_yield();
        MUST(outcome.err == OK);
        appended++;
    }
    OK(err == ERR_BUSY && appended > 80 && appended < 96, "a spool has an end: %zu events",
       appended);
    OK(segment_files(path) > 30, "it is many files");
    for (size_t i = 0; i < 10; i++) {
        batch = take(spool, 1);
        spool_delivered(spool, &batch);
    }
    OK(append(spool, 1, 1) == OK, "delivered files make room");
    spool_close(spool);
    spool = open_sized(64 * 1024 * 1024);
    OK(pending(spool) == appended - 9, "the rest is there after a restart");
    while (pending(spool) > 0) {
        batch = take(spool, 7);
        spool_delivered(spool, &batch);
    }
    OK(batch.count == 1 || text_equal(batch.events[batch.count - 1], TEXT("1")),
       "to the last, in order");
    spool_close(spool);
    spool = open_sized(64 * 1024 * 1024);
    OK(segment_files(path) == 1, "of what is delivered one file is left");
    spool_close(spool);
}

static text file_bytes(const char *path)
{
    struct buffer b = { .arena = arena };
    FILE *file = fopen(path, "r");
    int c;

    MUST(file);
    while ((c = fgetc(file)) != EOF)
        buffer_add_char(&b, (char)c);
    MUST(fclose(file) == 0);
    return buffer_text(&b);
}

static void file_write(const char *path, text bytes)
{
    FILE *file = fopen(path, "w");

    MUST(file && fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len && fclose(file) == 0);
}

/* A spool with three frames in one segment; its file. */
static const char *make_frames(void)
{
    static char path[DIRECTORY_PATH_MAX * 2];
    struct spool *spool = open_again();

    MUST(append(spool, 1, 2) == OK && append(spool, 3, 3) == OK && append(spool, 4, 5) == OK);
    spool_close(spool);
    MUST(segment_files(path) == 1);
    return path;
}

static void test_torn(void)
{
    const char *path = make_frames();
    text whole = file_bytes(path);
    bool is_right = true;

    for (size_t len = 0; len <= whole.len; len++) {
        struct spool *spool;
        text got;

        file_write(path, text_slice(whole, 0, len));
        spool = open_again();
        got = spool ? drain(spool, false) : TEXT("none");
        /* Whole frames are there, of others nothing. */
        is_right &= text_starts_with(TEXT("1 2 3 4 5"), got) && got.len != 1 && got.len != 7 &&
                    (len < whole.len || got.len == 9);
        spool_close(spool);
        if (len < SPOOL_HEADER_BYTES)
            is_right &= access(path, F_OK) != 0;
    }
    OK(is_right, "a file cut anywhere gives its whole frames, and opens");
    struct buffer torn = { .arena = arena };
    buffer_add(&torn, whole);
    buffer_add(&torn, text_slice(whole, SPOOL_HEADER_BYTES, SPOOL_FRAME_BYTES + 4));
    file_write(path, buffer_text(&torn));
    struct spool *spool = open_again();
    struct spool_stats stats;
    spool_stats(spool, &stats);
    OK(stats.cut_bytes > 0 && pending(spool) == 5, "loses that only");
    MUST(append(spool, 6, 6) == OK);
    spool_close(spool);
    spool = open_again();
    IS_TEXT(drain(spool, true), "1 2 3 4 5 6", "and is good for more");
    spool_close(spool);
}

static void test_damage(void)
{
    const char *path = make_frames();
    text whole = file_bytes(path);
    char *bytes = arena_copy(arena, whole.ptr, whole.len);
    size_t last = 0, found = 0, tail = 0;

    for (size_t at = SPOOL_HEADER_BYTES; at < whole.len;) {
        uint32_t size;

        memcpy(&size, whole.ptr + at, 4);
        last = at;
        at += (SPOOL_FRAME_BYTES + size + 7) / 8 * 8;
    }
    for (size_t at = 0; at < last; at++) {
        enum err err;

        bytes[at] = (char)~bytes[at];
        file_write(path, (text){ bytes, whole.len });
        err = open_error();
        /* The padding of a frame belongs to nobody. */
        found += err == ERR_CORRUPT;
        tail += err == OK;
        bytes[at] = (char)~bytes[at];
    }
    OK(found + tail == last && tail < 16, "%zu of %zu damaged bytes are found", found, last);
    file_write(path, whole);
    OK(open_error() == OK, "the file as it was is good");
    OK(unlink(text_cstr(arena, text_format(arena, "%s/delivered", directory))) != 0,
       "nothing was delivered, so there is no mark");
}

static void test_mark(void)
{
    struct spool *spool = open_again();
    const char *mark = text_cstr(arena, text_format(arena, "%s/delivered", directory));
    struct spool_batch batch;

    MUST(append(spool, 1, 5) == OK);
    batch = take(spool, 2);
    spool_delivered(spool, &batch);
    spool_close(spool);
    OK(spool_mark_read(directory) == 2, "the mark is kept");
    spool = open_again();
    IS_TEXT(drain(spool, false), "3 4 5", "what is before it does not come again");
    spool_close(spool);
    file_write(mark, TEXT("TGSPMARK and something that is none"));
    spool = open_again();
    IS_TEXT(drain(spool, true), "1 2 3 4 5", "with a damaged mark it does");
    spool_close(spool);
    OK(spool_mark_read(directory) == 5, "then it is mended");
}

/* What is appended while others take is all there, once, in order for each appender. */
static void *append_many(void *state)
{
    struct spool *spool = state;

    for (int i = 0; i < 50; i++) {
        struct outcome outcome = { 0 };
        text events[] = { TEXT("a"), TEXT("b") };

        MUST(spool_append(spool, events, 2, done, &outcome) == OK);
        MUST(pthread_mutex_lock(&mutex) == 0);
        while (!outcome.is_there)
            MUST(pthread_cond_wait(&changed, &mutex) == 0);
        MUST(pthread_mutex_unlock(&mutex) == 0);
        MUST(outcome.err == OK);
    }
    return NULL;
}

static void test_threads(void)
{
    struct spool *spool = open_again();
    pthread_t threads[4];
    size_t a = 0, b = 0;
    uint64_t next = 1;
    bool is_dense = true;

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        MUST(pthread_create(&threads[i], NULL, append_many, spool) == 0);
    while (a + b < 400) {
        struct spool_batch batch = take(spool, 7);

        is_dense &= batch.first == next;
        next += batch.count;
        for (size_t i = 0; i < batch.count; i++) {
            a += text_equal(batch.events[i], TEXT("a"));
            b += text_equal(batch.events[i], TEXT("b"));
        }
        spool_delivered(spool, &batch);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    OK(a == 200 && b == 200 && is_dense && pending(spool) == 0, "four appenders and a taker");
    spool_close(spool);
}

int main(void)
{
    static void (*const tests[])(void) = { test_order,  test_linger, test_segments, test_torn,
                                           test_damage, test_mark,   test_threads };

    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        arena = arena_new();
        directory_make(directory);
        tests[i]();
        directory_remove(directory);
        arena_free(arena);
    }
    return tap_end();
}
