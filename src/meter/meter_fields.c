/* meter_fields.c: meters as rows, as JSON and as requests, from one list. */
#include "meter/meter.h"

static const struct field meter_rows[] = {
    FIELD_ID(struct meter, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
             .about = "identifies the meter"),
    FIELD_ID_AS(struct meter, org, "org_id", .flags = FIELD_NOT_JSON),
    FIELD(struct meter, key, TEXT, .v1 = "slug", .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "names the meter; unique in the organization, never changes"),
    FIELD(struct meter, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .about = "the meter's name for people"),
    FIELD(struct meter, description, TEXT, .form = FORM_DESCRIPTION,
          .about = "what the meter is for"),
    FIELD(struct meter, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS, .about = "free pairs of key and value"),
    FIELD_WORD(struct meter, aggregation, meter_aggregation_words,
               .flags = FIELD_REQUIRED | FIELD_UPPER_V1,
               .about = "how the events' values become one number"),
    FIELD(struct meter, event_type, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,
          .about = "the type of the events that count"),
    FIELD(struct meter, events_from, INSTANT, .v1 = "eventFrom",
          .about = "events before this time do not count"),
    FIELD(struct meter, value_property, TEXT, .form = FORM_NON_EMPTY,
          .about = "JSON path of the value in an event's data; none for a count"),
    FIELD(struct meter, quantile, DEC, .about = "which quantile, such as 0.95"),
    FIELD_WORD(struct meter, time_unit, meter_time_unit_words, .flags = FIELD_UPPER_V1,
               .about = "what an integral counts time in; hours by default"),
    FIELD(
        struct meter, sliding_window, SPAN,
        .about = "how far before the end of each window distinct values are counted, such as P7D"),
    FIELD(struct meter, dimensions, TEXT_MAP, .v1 = "groupBy", .flags = FIELD_ALWAYS,
          .about = "name to JSON path of what usage can be grouped and filtered by"),
    FIELD(struct meter, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "when it was made"),
    FIELD(struct meter, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "when it was last changed"),
    FIELD(struct meter, deleted_at, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "when it was deleted"),
};

const struct fields meter_fields = FIELDS("Meter", struct meter, meter_rows);

/* The rows of both create tables but for the name. */
#define CREATE_ROWS                                                                                \
    FIELD(struct meter, key, TEXT, .v1 = "slug", .flags = FIELD_REQUIRED, .form = FORM_KEY),       \
        FIELD(struct meter, description, TEXT, .form = FORM_DESCRIPTION),                          \
        FIELD(struct meter, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),              \
        FIELD_WORD(struct meter, aggregation, meter_aggregation_words,                             \
                   .flags = FIELD_REQUIRED | FIELD_UPPER_V1),                                      \
        FIELD(struct meter, event_type, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),    \
        FIELD(struct meter, events_from, INSTANT, .v1 = "eventFrom"),                              \
        FIELD(struct meter, value_property, TEXT, .form = FORM_NON_EMPTY),                         \
        FIELD(struct meter, quantile, DEC),                                                        \
        FIELD_WORD(struct meter, time_unit, meter_time_unit_words, .flags = FIELD_UPPER_V1),       \
        FIELD(struct meter, sliding_window, SPAN, .flags = FIELD_NOT_ZERO),                        \
        FIELD(struct meter, dimensions, TEXT_MAP, .v1 = "groupBy")

static const struct field create_rows_v1[] = {
    FIELD(struct meter, name, TEXT, .form = FORM_NAME),
    CREATE_ROWS,
};

static const struct field create_rows_v3[] = {
    FIELD(struct meter, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    CREATE_ROWS,
};

const struct fields meter_create_fields[DIALECT_COUNT] = {
    [DIALECT_V1] = FIELDS("MeterCreate", struct meter, create_rows_v1),
    [DIALECT_V3] = FIELDS("CreateMeterRequest", struct meter, create_rows_v3),
};

static const struct field update_rows[] = {
    FIELD(struct meter, name, TEXT, .form = FORM_NAME),
    FIELD(struct meter, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct meter, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD(struct meter, dimensions, TEXT_MAP, .v1 = "groupBy"),
};

const struct fields meter_update_fields = FIELDS("UpdateMeterRequest", struct meter, update_rows);

bool meter_create_read(enum dialect dialect, struct arena *arena, const struct json *body,
                       struct problem *problem, struct meter *ret)
{
    CHECK(body != NULL && ret != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct meter meter = { 0 };
    if (!fields_read(&meter_create_fields[dialect], dialect, body, problem, &meter))
        return false;
    meter.created_at = INSTANT_NONE;
    meter.updated_at = INSTANT_NONE;
    meter.deleted_at = INSTANT_NONE;
    if (meter.name.ptr == NULL)
        meter.name = meter.key;
    if (meter.aggregation == METER_INTEGRAL && meter.time_unit == METER_TIME_UNIT_NONE)
        meter.time_unit = METER_HOUR;
    if (!meter_check(&meter, dialect, arena, problem))
        return false;
    *ret = meter;
    return true;
}

/* Whether the member of this snake_case name stands in the request. */
static bool is_given(enum dialect dialect, struct arena *arena, const struct json *body, text name)
{
    const struct field *row = fields_find(&meter_update_fields, name);
    CHECK(row != NULL);
    return json_member(body, field_key(row, dialect, arena)) != NULL;
}

bool meter_change_read(enum dialect dialect, struct arena *arena, const struct json *body,
                       struct problem *problem, struct meter_change *ret)
{
    CHECK(body != NULL && ret != NULL);
    struct meter meter = { 0 };
    if (!fields_read(&meter_update_fields, dialect, body, problem, &meter))
        return false;
    *ret = (struct meter_change){
        .name = meter.name,
        .description = meter.description,
        .labels = meter.labels,
        .dimensions = meter.dimensions,
        .has_name = meter.name.ptr != NULL,
        .has_description = is_given(dialect, arena, body, TEXT("description")),
        .has_labels = is_given(dialect, arena, body, TEXT("labels")),
        .has_dimensions = is_given(dialect, arena, body, TEXT("dimensions")),
    };
    return true;
}

void meter_write(struct json_writer *w, enum dialect dialect, const struct meter *meter)
{
    CHECK(w != NULL && meter != NULL);
    fields_write(&meter_fields, dialect, w, meter);
}
