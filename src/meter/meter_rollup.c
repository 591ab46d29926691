/* meter_rollup.c: meters as views of the rollups. */
#include "meter/meter_rollup.h"

#include <xxhash.h>

#include "meter/query_plan.h"
#include "rollup/rollup.h"

static const struct field rollup_rows[] = {
    FIELD(struct meter_rollup, valid_to, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "the rollup holds every event up to this sequence number"),
    FIELD(struct meter_rollup, target, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "the newest event that it could hold; later ones are read as they came"),
    FIELD(struct meter_rollup, is_kept, BOOL, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "whether the aggregation has rollups; else every query reads events"),
    FIELD(struct meter_rollup, is_complete, BOOL, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "whether the rollup holds all it could"),
    FIELD(struct meter_rollup, runs, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "files of the rollup"),
    FIELD(struct meter_rollup, series, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "subjects with one value of each dimension, counted for each file"),
    FIELD(struct meter_rollup, cells, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "minutes, hours and days of the series"),
    FIELD(struct meter_rollup, bytes, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "size of the files"),
};

const struct fields meter_rollup_fields = FIELDS("MeterRollup", struct meter_rollup, rollup_rows);

static void add_text(struct buffer *out, text t)
{
    buffer_format(out, "%zu:", t.len);
    buffer_add(out, t);
}

ulid meter_rollup_id(const struct meter *meter)
{
    CHECK(meter != NULL && !ulid_is_zero(meter->id.ulid) && !ulid_is_zero(meter->org.ulid));
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct buffer of = { .arena = arena };
    buffer_add(&of, (text){ (const char *)meter->id.ulid.bytes, sizeof(meter->id.ulid.bytes) });
    buffer_add(&of, (text){ (const char *)meter->org.ulid.bytes, sizeof(meter->org.ulid.bytes) });
    buffer_format(&of, "%d %lld ", (int)meter->aggregation, (long long)meter->events_from.ns);
    add_text(&of, meter->event_type);
    add_text(&of, meter->value_property);
    for (size_t i = 0; i < meter->dimensions.count; i++)
        add_text(&of, meter->dimensions.items[i].value);
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(of.ptr, of.len));
    ulid id;
    _Static_assert(sizeof(id.bytes) == sizeof(hash.digest), "128 bits");
    memcpy(id.bytes, hash.digest, sizeof(id.bytes));
    return id;
}

void meter_rollup_keep(struct cx *cx, const struct meter *meter)
{
    CHECK(cx != NULL && meter != NULL);
    struct rollup_view view = {
        .org = meter->org,
        .type = meter->event_type,
        .from = meter->events_from,
        .value = meter->value_property,
    };
    if (cx->rollup == NULL || !query_tally_kind(meter->aggregation, &view.kind))
        return;
    size_t count = meter->dimensions.count;
    struct text_list paths = { ARENA_ARRAY(cx->arena, text, count), count };
    for (size_t i = 0; i < count; i++)
        paths.items[i] = meter->dimensions.items[i].value;
    view.id = meter_rollup_id(meter);
    view.dimensions = &paths;
    rollup_keep(cx->rollup, &view);
}

void meter_rollup_drop(struct cx *cx, const struct meter *meter)
{
    CHECK(cx != NULL && meter != NULL);
    if (cx->rollup != NULL)
        rollup_drop(cx->rollup, meter_rollup_id(meter));
}

void meter_rollup_change(struct cx *cx, const struct meter *before, const struct meter *after)
{
    CHECK(cx != NULL && before != NULL && after != NULL);
    if (ulid_equal(meter_rollup_id(before), meter_rollup_id(after)))
        return;
    meter_rollup_drop(cx, before);
    meter_rollup_keep(cx, after);
}

struct meter_rollup meter_rollup_progress(struct cx *cx, const struct meter *meter)
{
    CHECK(cx != NULL && meter != NULL);
    struct rollup_progress progress;
    struct meter_rollup shown = { 0 };
    if (cx->rollup == NULL || !rollup_progress(cx->rollup, meter_rollup_id(meter), &progress))
        return shown;
    shown.valid_to = (int64_t)progress.valid_to;
    shown.target = (int64_t)progress.target;
    shown.is_kept = true;
    shown.is_complete = progress.valid_to >= progress.target;
    shown.runs = (int64_t)progress.runs;
    shown.series = (int64_t)progress.series;
    shown.cells = (int64_t)progress.cells;
    shown.bytes = (int64_t)progress.bytes;
    return shown;
}
