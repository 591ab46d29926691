/* sample.h: a field table with every kind, flag and form, for the tests and the fuzzing of codec.
 */
#ifndef TEST_LIB_SAMPLE_H
#define TEST_LIB_SAMPLE_H

#include "codec/fields.h"

ID_TYPE(sample);

enum sample_mode { SAMPLE_MODE_NONE = -1, SAMPLE_GRADUATED, SAMPLE_VOLUME };

enum sample_total { SAMPLE_SUM, SAMPLE_UNIQUE_COUNT, SAMPLE_LATEST };

static const char *const sample_mode_words[] = { "graduated", "volume", NULL };
static const char *const sample_total_words[] = { "sum", "unique_count", "latest", NULL };

struct sample_card {
    text key;
    dec price;
    enum sample_mode mode;
    struct text_map labels;
    text note; /* not in JSON */
};

static const struct field sample_card_rows[] = {
    FIELD(struct sample_card, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY),
    FIELD(struct sample_card, price, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
    FIELD_WORD(struct sample_card, mode, sample_mode_words),
    FIELD(struct sample_card, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD(struct sample_card, note, TEXT, .flags = FIELD_NOT_JSON),
};
static const struct fields sample_card_fields =
    FIELDS("SampleCard", struct sample_card, sample_card_rows);

struct sample_phase {
    text name;
    span duration;
    instant starts_at;
    struct list rate_cards;
};

static const struct field sample_phase_rows[] = {
    FIELD(struct sample_phase, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct sample_phase, duration, SPAN),
    FIELD(struct sample_phase, starts_at, INSTANT),
    FIELD(struct sample_phase, rate_cards, LIST, .sub = &sample_card_fields, .items_max = 200),
};
static const struct fields sample_phase_fields =
    FIELDS("SamplePhase", struct sample_phase, sample_phase_rows);

struct sample_address {
    text country;
    text line_1;
};

static const struct field sample_address_rows[] = {
    FIELD(struct sample_address, country, TEXT, .form = FORM_COUNTRY),
    FIELD(struct sample_address, line_1, TEXT),
};
static const struct fields sample_address_fields =
    FIELDS("SampleAddress", struct sample_address, sample_address_rows);

struct sample_attribution {
    struct text_list subject_keys;
    bool is_open;
};

static const struct field sample_attribution_rows[] = {
    FIELD(struct sample_attribution, subject_keys, TEXT_LIST, .flags = FIELD_ALWAYS,
          .form = FORM_NON_EMPTY, .items_max = 3),
    FIELD(struct sample_attribution, is_open, BOOL, .flags = FIELD_NOT_V1, .fallback = 1),
};
static const struct fields sample_attribution_fields =
    FIELDS("SampleAttribution", struct sample_attribution, sample_attribution_rows);

struct sample {
    struct sample_id id, parent_id;
    text key, name, description, external_key, currency, time_zone, value_property, event_type;
    text password, password_hash, old_name, new_name, data;
    bool is_active, is_public;
    int64_t priority, seats, shift;
    dec amount, credit, percentage, balance;
    instant created_at, effective_at;
    span cadence;
    enum sample_mode mode;
    enum sample_total total;
    struct text_map labels, dimensions, attributes;
    struct text_list tags;
    struct sample_address billing_address;
    bool has_billing_address;
    struct sample_attribution usage_attribution;
    struct list phases;
};

static const struct field sample_rows[] = {
    FIELD_ID(struct sample, id, .flags = FIELD_READ_ONLY),
    FIELD(struct sample, key, TEXT, .v1 = "slug", .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Names the sample."),
    FIELD(struct sample, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct sample, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct sample, external_key, TEXT, .form = FORM_EXTERNAL_KEY),
    FIELD(struct sample, currency, TEXT, .form = FORM_CURRENCY),
    FIELD(struct sample, time_zone, TEXT, .form = FORM_TIME_ZONE),
    FIELD(struct sample, value_property, TEXT, .form = FORM_JSON_PATH),
    FIELD(struct sample, event_type, TEXT, .form = FORM_NON_EMPTY),
    FIELD(struct sample, password, TEXT, .flags = FIELD_WRITE_ONLY),
    FIELD(struct sample, password_hash, TEXT, .flags = FIELD_NOT_JSON),
    FIELD(struct sample, old_name, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct sample, new_name, TEXT, .flags = FIELD_NOT_V1),
    FIELD(struct sample, data, JSON),
    FIELD(struct sample, is_active, BOOL),
    FIELD(struct sample, is_public, BOOL, .fallback = 1),
    FIELD(struct sample, priority, INT, .items_min = 1, .items_max = 255),
    FIELD(struct sample, seats, INT, .flags = FIELD_NON_NEGATIVE),
    FIELD(struct sample, shift, INT),
    FIELD(struct sample, amount, DEC),
    FIELD(struct sample, credit, DEC, .flags = FIELD_NON_NEGATIVE),
    FIELD(struct sample, percentage, DEC, .flags = FIELD_NUMBER | FIELD_NON_NEGATIVE),
    FIELD(struct sample, balance, DEC, .flags = FIELD_NUMBER_V1 | FIELD_ALWAYS),
    FIELD(struct sample, created_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct sample, effective_at, INSTANT),
    FIELD(struct sample, cadence, SPAN, .flags = FIELD_NOT_ZERO | FIELD_ALWAYS_V1),
    FIELD_ID(struct sample, parent_id),
    FIELD_WORD(struct sample, mode, sample_mode_words),
    FIELD_WORD(struct sample, total, sample_total_words, .v1 = "aggregation",
               .flags = FIELD_UPPER_V1, .fallback = SAMPLE_LATEST + 1),
    FIELD(struct sample, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD(struct sample, dimensions, TEXT_MAP, .v1 = "groupBy", .form = FORM_DIMENSIONS),
    FIELD(struct sample, attributes, TEXT_MAP, .items_max = 2),
    FIELD(struct sample, tags, TEXT_LIST, .items_min = 1),
    FIELD_STRUCT(struct sample, billing_address, &sample_address_fields,
                 .set_offset = offsetof(struct sample, has_billing_address),
                 .about = "Where invoices go."),
    FIELD_STRUCT(struct sample, usage_attribution, &sample_attribution_fields),
    FIELD(struct sample, phases, LIST, .sub = &sample_phase_fields, .items_min = 1, .items_max = 3),
};
static const struct fields sample_fields = FIELDS("Sample", struct sample, sample_rows);

#endif
