/* stream.h: the events that everything in bench/ is measured with: a seeded year of requests.
 *
 * Event n is a function of the seed and of n alone, so any part of the stream can be made again at
 * any time: the file, the load made on the fly, and the answers that must come out. 10,000
 * subjects (Zipf: the k-th has a share of 1/k), three dimensions, random UUIDs as ids. One event
 * in a hundred repeats an earlier one, byte for byte. Times ascend over the year; two events in a
 * hundred are late by up to a day.
 *
 * The stream never ends: events beyond `year_events` happen in the last hour of the year, as those
 * of a live system do.
 */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include "base/base.h"

#define STREAM_SUBJECTS   10000U
#define STREAM_MODELS     12U
#define STREAM_REGIONS    8U
#define STREAM_OPERATIONS 5U
#define STREAM_ID_LENGTH  36U
#define STREAM_PRINT_MAX  320U /* room for one event in any form */
#define STREAM_DAYS_MAX   366U

struct stream {
    uint64_t seed;
    uint64_t year_events; /* over which the year is spread */
    int64_t start_ms;     /* of the year, since 1970 */
    uint32_t days;
    uint64_t shares[STREAM_SUBJECTS]; /* cumulated */
    uint16_t guide[1024];             /* where in shares to begin */
    char dates[STREAM_DAYS_MAX][10];  /* "2025-01-01" */
};

struct stream_event {
    bool is_duplicate; /* of an event earlier in the stream */
    char id[STREAM_ID_LENGTH];
    uint32_t subject; /* from 1: also its rank */
    uint32_t source;
    uint32_t model;
    uint32_t region;
    uint32_t operation;
    uint32_t tokens;
    uint32_t duration_ms;
    bool is_cached;
    int64_t time_ms; /* since the start of the year */
};

/* How an event is written. */
enum stream_form {
    STREAM_CLOUDEVENT, /* the JSON that Tollgate takes: 250 to 300 bytes */
    STREAM_FLAT,       /* JSON with a member for each column and the time as a number */
    STREAM_COPY,       /* columns with tabs between, for COPY and SQLite */
    STREAM_FORM_COUNT
};

extern const char *const stream_models[STREAM_MODELS];
extern const char *const stream_regions[STREAM_REGIONS];
extern const char *const stream_operations[STREAM_OPERATIONS];

/* Fills the tables of a stream over the calendar year `year` (UTC). */
void stream_init(struct stream *stream, uint64_t seed, uint64_t year_events, int year);

/* The n-th event, from 0. */
void stream_make(const struct stream *stream, uint64_t n, struct stream_event *ret);

/* Writes the event without a line end; the number of bytes, at most STREAM_PRINT_MAX. */
size_t stream_print(const struct stream *stream, const struct stream_event *event,
                    enum stream_form form, char *to);

#endif
