/* series.c: reading keys. */
#include "rollup/series.h"

#include "rollup/series_head.h"
#include "rollup/varint.h"

/* An entry without texts is shorter; one that is not is looked at again in a larger window. */
#define WINDOW_MIN 1024U

/* So that the start of any level's unit is an instant. */
#define MINUTE_MAX (INT64_MAX / NS_PER_MINUTE - 2 * (NS_PER_DAY / NS_PER_MINUTE))

int series_compare_subjects(const struct series_key *a, const struct series_key *b)
{
    if (a->everyone != b->everyone)
        return a->everyone < b->everyone ? -1 : 1;
    return series_has_subject(a->everyone) ? text_compare(a->subject, b->subject) : 0;
}

struct series_cursor series_first(struct run_reader *reader, struct arena *arena)
{
    CHECK(reader != NULL && arena != NULL);
    struct series_cursor cursor = { .reader = reader, .subject = { .arena = arena } };
    cursor.series.key.everyone = SERIES_NO_LEVEL;
    return cursor;
}

static bool is_before(const struct run_restart *restart, int32_t everyone, text subject)
{
    if (restart->everyone != everyone)
        return restart->everyone < everyone;
    return series_has_subject(everyone) && text_compare(restart->subject, subject) < 0;
}

struct series_cursor series_seek(struct run_reader *reader, int32_t everyone, text subject,
                                 struct arena *arena)
{
    struct series_cursor cursor = series_first(reader, arena);
    const struct run_index *index = &reader->run->index;
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&index->items[middle], everyone, subject))
            low = middle + 1;
        else
            high = middle;
    }
    /* A kind begins with a restart; a subject may begin before one. */
    if (low > 0 && series_has_subject(everyone) && index->items[low - 1].everyone == everyone)
        low--;
    cursor.at = low < index->count ? index->items[low].offset : reader->run->sizes[RUN_KEYS];
    return cursor;
}

/* ---- one entry ---------------------------------------------------------------------------- */

/* What is left to read of a window. */
struct window {
    const unsigned char *at;
    const unsigned char *end;
    bool is_short; /* the entry goes on behind it */
    bool is_bad;
};

static uint64_t get(struct window *in)
{
    uint64_t n = 0;
    if (!varint_get(&in->at, in->end, &n)) {
        in->is_short |= in->end - in->at < VARINT_MAX;
        in->is_bad = true;
    }
    return n;
}

static text get_text(struct window *in, uint64_t size)
{
    if (in->is_bad || size > (uint64_t)(in->end - in->at)) {
        in->is_short |= !in->is_bad;
        in->is_bad = true;
        return TEXT("");
    }
    text ret = { (const char *)in->at, (size_t)size };
    in->at += size;
    return ret;
}

static void get_values(struct window *in, const struct run *run, struct series_key *key)
{
    for (size_t i = 0; i < run->summary.dimension_count && !in->is_bad; i++) {
        const struct run_words *words = &run->words[i];
        uint64_t n = key->everyone == SERIES_ALONE ? 0 : get(in);
        key->values[i] = TEXT_NONE;
        key->codes[i] = 0;
        if (words->is_inline) {
            if (n > 0)
                key->values[i] = get_text(in, n - 1);
        } else if (n > words->count) {
            in->is_bad = true;
        } else if (n > 0) {
            key->codes[i] = (uint32_t)n;
            key->values[i] = words->items[n - 1];
        }
    }
}

static int32_t everyone_of(unsigned head)
{
    return (head & SERIES_ONLY) != 0 ? SERIES_ALONE : (int32_t)(head & SERIES_KIND) - 1;
}

static uint32_t levels_of(unsigned head)
{
    if ((head & (SERIES_KIND | SERIES_ONLY)) != 0)
        return 1U << series_base(everyone_of(head));
    return 1U << ROLLUP_MINUTE | ((head & SERIES_HOURS) != 0 ? 1U << ROLLUP_HOUR : 0) |
           ((head & SERIES_DAYS) != 0 ? 1U << ROLLUP_DAY : 0);
}

static void get_places(struct window *in, struct series *series)
{
    for (int level = 0; level < ROLLUP_LEVEL_COUNT; level++) {
        struct cells_place *place = &series->cells.places[level];
        if ((series->cells.levels >> level & 1) == 0)
            continue;
        place->count = get(in);
        uint64_t size = get(in);
        place->size = size >> 1;
        place->is_chunked = (size & 1) != 0;
        place->first = level_unit((enum rollup_level)level, series->cells.first);
        in->is_bad |= place->count == 0;
    }
}

/* Where this series' cells begin, from where those of the one before ended. */
static void get_offsets(struct window *in, unsigned head, struct series *series)
{
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        struct cells_place *place = &series->cells.places[i];
        if ((head & SERIES_RESTART) != 0)
            place->offset = get(in);
        else
            place->offset += place->size;
        place->size = 0;
    }
}

static void get_series(struct window *in, struct series_cursor *cursor)
{
    const struct run *run = cursor->reader->run;
    struct series *series = &cursor->series;
    unsigned head = in->at < in->end ? *in->at++ : 0;
    int32_t everyone = everyone_of(head);
    in->is_bad = (head & ~SERIES_KNOWN) != 0 || everyone < series->key.everyone ||
                 (everyone == SERIES_ALONE && (head & SERIES_KIND) != 0);
    series->key.everyone = everyone;
    if ((head & SERIES_SUBJECT) != 0) {
        text subject = get_text(in, get(in));
        cursor->subject.len = 0;
        buffer_add(&cursor->subject, subject);
    }
    get_offsets(in, head, series);
    get_values(in, run, &series->key);
    uint64_t first = get(in);
    uint64_t span = get(in);
    in->is_bad |= first > MINUTE_MAX || span > MINUTE_MAX;
    if (in->is_bad)
        return;
    series->cells.first = run->summary.minute_min + (int64_t)first;
    series->cells.last = series->cells.first + (int64_t)span;
    in->is_bad |= series->cells.first < -MINUTE_MAX || series->cells.last > MINUTE_MAX;
    series->cells.levels = levels_of(head);
    get_places(in, series);
}

bool series_next(struct series_cursor *cursor)
{
    struct run_reader *reader = cursor->reader;
    uint64_t rest = reader->run->sizes[RUN_KEYS] - cursor->at;
    size_t size = 0;
    CHECK(cursor->at <= reader->run->sizes[RUN_KEYS]);
    if (rest == 0)
        return false;
    const unsigned char *bytes = run_view(reader, RUN_KEYS, cursor->at, &size);
    struct cells_place before[ROLLUP_LEVEL_COUNT];
    memcpy(before, cursor->series.cells.places, sizeof(before));
    while (bytes != NULL) {
        struct window in = { .at = bytes, .end = bytes + size };
        get_series(&in, cursor);
        if (!in.is_bad) {
            cursor->series.key.subject = buffer_text(&cursor->subject);
            cursor->at += (uint64_t)(in.at - bytes);
            return true;
        }
        if (!in.is_short || size >= rest) {
            run_reader_corrupt(reader);
            return false;
        }
        memcpy(cursor->series.cells.places, before, sizeof(before));
        size = size < WINDOW_MIN ? WINDOW_MIN : size * 2;
        size = size < rest ? size : (size_t)rest;
        bytes = run_bytes(reader, RUN_KEYS, cursor->at, size);
    }
    return false;
}
