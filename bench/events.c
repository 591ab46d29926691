/* events.c: writes the events that everything is measured with (lib/stream.h), and what must come
 * out.
 *
 *   events [OPTION=VALUE]… bodies FILE    request bodies of `batch` events, with an index
 *   events [OPTION=VALUE]… lines FILE     one event a line
 *   events [OPTION=VALUE]… answers        counts, and the answers to the queries, one a line
 *
 * Options: count (10000000), first (0), year (2025), year-events (count), seed (1), batch (1000),
 * form (cloudevent, flat, copy). FILE may be - for standard output.
 *
 * The answers are lines of words, sorted: "day SUBJECT WINDOW SUM" for the subjects of rank 1 and
 * 100, "dims MODEL REGION SUM" over everything, "minute SUBJECT WINDOW SUM" for the same two
 * subjects on the 15th of June; windows by their start in seconds since 1970.
 */
#include "lib/bodies.h"
#include "lib/stream.h"

#include <stdlib.h>

#define BUFFER_BYTES (4U * 1024 * 1024)
#define BATCH_MAX    10000U
#define ANSWER_DAY   165 /* the 15th of June, but in leap years the 14th */

struct options {
    uint64_t count, first, year, year_events, seed, batch, form;
};

static const char *const form_words[STREAM_FORM_COUNT] = { "cloudevent", "flat", "copy" };

struct writer {
    FILE *out;
    FILE *index; /* NULL: none */
    uint64_t offset;
};

static FILE *file_open(const char *path, const char *mode)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, mode);
    if (!file) {
        perror(path);
        exit(1);
    }
    MUST(setvbuf(file, NULL, _IOFBF, BUFFER_BYTES) == 0);
    return file;
}

static void file_close(FILE *file, const char *path)
{
    if (ferror(file) || fflush(file) != 0) {
        perror(path);
        exit(1);
    }
    if (file != stdout)
        MUST(fclose(file) == 0);
}

/* CloudEvents as an array; the others as the lines that the peers read. */
static void write_body(struct writer *w, const struct stream *stream, enum stream_form form,
                       uint64_t first, uint32_t count)
{
    static char text[BATCH_MAX * (STREAM_PRINT_MAX + 1) + 2];
    bool is_array = form == STREAM_CLOUDEVENT && count > 1;
    struct body body = { .offset = w->offset, .events = count };
    struct stream_event event;
    size_t length = 0;

    for (uint32_t i = 0; i < count; i++) {
        stream_make(stream, first + i, &event);
        body.duplicates += event.is_duplicate;
        if (is_array)
            text[length++] = i == 0 ? '[' : ',';
        length += stream_print(stream, &event, form, &text[length]);
        if (!is_array)
            text[length++] = '\n';
    }
    if (is_array)
        text[length++] = ']';
    CHECK(length <= sizeof text);
    body.length = (uint32_t)length;
    MUST(fwrite(text, 1, length, w->out) == length);
    if (w->index)
        MUST(fwrite(&body, sizeof body, 1, w->index) == 1);
    w->offset += length;
}

static void write_bodies(const struct options *options, const struct stream *stream,
                         const char *path, bool has_index)
{
    struct writer w = { .out = file_open(path, "w") };
    char index_path[4096];
    uint64_t end = options->first + options->count;

    MUST((size_t)snprintf(index_path, sizeof index_path, "%s.index", path) < sizeof index_path);
    if (has_index)
        w.index = file_open(index_path, "w");
    for (uint64_t n = options->first; n < end; n += options->batch) {
        uint64_t count = end - n < options->batch ? end - n : options->batch;
        write_body(&w, stream, (enum stream_form)options->form, n, (uint32_t)count);
    }
    file_close(w.out, path);
    if (has_index)
        file_close(w.index, index_path);
}

/* ---- answers ------------------------------------------------------------------------------- */

static const uint32_t answer_subjects[] = { 1, 100 };

struct answers {
    uint64_t duplicates, bytes;
    uint64_t tokens; /* of events that count */
    uint64_t days[COUNT_OF(answer_subjects)][STREAM_DAYS_MAX];
    uint64_t minutes[COUNT_OF(answer_subjects)][1440];
    uint64_t dims[STREAM_MODELS][STREAM_REGIONS];
};

static void answers_add(struct answers *answers, const struct stream_event *event)
{
    uint32_t minute = (uint32_t)(event->time_ms / 60000);

    answers->tokens += event->tokens;
    answers->dims[event->model][event->region] += event->tokens;
    for (size_t i = 0; i < COUNT_OF(answer_subjects); i++) {
        if (event->subject != answer_subjects[i])
            continue;
        answers->days[i][minute / 1440] += event->tokens;
        if (minute / 1440 == ANSWER_DAY)
            answers->minutes[i][minute % 1440] += event->tokens;
    }
}

struct series {
    const char *name;
    const uint64_t *sums;
    int count;
    int64_t start, step; /* seconds */
};

static void print_series(const struct series *series, uint32_t subject)
{
    for (int i = 0; i < series->count; i++)
        if (series->sums[i] > 0)
            printf("%s customer-%05u %lld %llu\n", series->name, subject,
                   (long long)(series->start + i * series->step),
                   (unsigned long long)series->sums[i]);
}

static void print_answers(const struct answers *answers, const struct stream *stream)
{
    int64_t start = stream->start_ms / 1000;

    for (size_t i = 0; i < COUNT_OF(answer_subjects); i++) {
        const struct series days = { "day", answers->days[i], STREAM_DAYS_MAX, start, 86400 };
        const struct series minutes = { "minute", answers->minutes[i], 1440,
                                        start + ANSWER_DAY * 86400, 60 };
        print_series(&days, answer_subjects[i]);
        print_series(&minutes, answer_subjects[i]);
    }
    for (uint32_t m = 0; m < STREAM_MODELS; m++)
        for (uint32_t r = 0; r < STREAM_REGIONS; r++)
            if (answers->dims[m][r] > 0)
                printf("dims %s %s %llu\n", stream_models[m], stream_regions[r],
                       (unsigned long long)answers->dims[m][r]);
}

static void answer(const struct options *options, const struct stream *stream)
{
    static struct answers answers;
    struct stream_event event;
    char text[STREAM_PRINT_MAX];

    for (uint64_t n = options->first; n < options->first + options->count; n++) {
        stream_make(stream, n, &event);
        answers.bytes += stream_print(stream, &event, (enum stream_form)options->form, text);
        if (event.is_duplicate)
            answers.duplicates++;
        else
            answers_add(&answers, &event);
    }
    printf("count sent %llu\ncount duplicates %llu\ncount bytes %llu\ncount tokens %llu\n",
           (unsigned long long)options->count, (unsigned long long)answers.duplicates,
           (unsigned long long)answers.bytes, (unsigned long long)answers.tokens);
    print_answers(&answers, stream);
}

/* ---- the command line ---------------------------------------------------------------------- */

static bool option_read(struct options *options, const char *word)
{
    const struct {
        const char *name;
        uint64_t *to;
    } known[] = {
        { "count", &options->count }, { "first", &options->first },
        { "year", &options->year },   { "year-events", &options->year_events },
        { "seed", &options->seed },   { "batch", &options->batch },
    };

    const char *value = strchr(word, '=');

    if (!value)
        return false;
    for (size_t i = 0; i < STREAM_FORM_COUNT; i++) {
        if (strncmp(word, "form=", 5) == 0 && strcmp(value + 1, form_words[i]) == 0) {
            options->form = i;
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (strncmp(word, known[i].name, (size_t)(value - word)) == 0) {
            *known[i].to = strtoull(value + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

int main(int count, char **values)
{
    static struct stream stream;
    struct options options = { .count = 10000000, .year = 2025, .seed = 1, .batch = 1000 };
    int i = 1;

    while (i < count && option_read(&options, values[i]))
        i++;
    if (options.year_events == 0)
        options.year_events = options.count;
    if (options.count > 0 && options.batch > 0 && options.batch <= BATCH_MAX) {
        stream_init(&stream, options.seed, options.year_events, (int)options.year);
        if (i + 2 == count && strcmp(values[i], "bodies") == 0) {
            write_bodies(&options, &stream, values[i + 1], true);
            return 0;
        }
        if (i + 2 == count && strcmp(values[i], "lines") == 0) {
            options.batch = 1;
            write_bodies(&options, &stream, values[i + 1], false);
            return 0;
        }
        if (i + 1 == count && strcmp(values[i], "answers") == 0) {
            answer(&options, &stream);
            return 0;
        }
    }
    fprintf(stderr, "usage: events [OPTION=VALUE]... bodies FILE | lines FILE | answers\n");
    return 2;
}
