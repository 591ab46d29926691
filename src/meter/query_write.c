/* query_write.c: the answers of meter queries. */
#include "meter/query_write.h"

/* ---- JSON --------------------------------------------------------------------------------- */

static void write_instant(struct json_writer *w, const char *key, instant value)
{
    json_key(w, text_of(key));
    json_instant(w, value);
}

static void write_dimensions(struct json_writer *w, const struct meter_result *result,
                             const struct meter_row *row)
{
    for (size_t i = 0; i < result->dimensions.count; i++) {
        json_key(w, result->dimensions.items[i]);
        json_text(w, row->dimensions[i]);
    }
}

static text customer_id_of(const struct meter_row *row, char printed[ULID_TEXT_LENGTH])
{
    CHECK(row->customer != NULL);
    ulid_print(row->customer->id, printed);
    return (text){ printed, ULID_TEXT_LENGTH };
}

static void write_row_v1(struct json_writer *w, const struct meter_result *result,
                         const struct meter_row *row)
{
    char printed[ULID_TEXT_LENGTH];
    json_object_begin(w);
    json_key(w, TEXT("value"));
    json_dec_number(w, row->value);
    write_instant(w, "windowStart", row->from);
    write_instant(w, "windowEnd", row->to);
    json_key(w, TEXT("subject"));
    if (result->has_subject)
        json_text(w, row->subject);
    else
        json_null(w);
    if (result->has_customer)
        json_member_text(w, "customerId", customer_id_of(row, printed));
    json_key(w, TEXT("groupBy"));
    json_object_begin(w);
    write_dimensions(w, result, row);
    json_object_end(w);
    json_object_end(w);
}

static void write_row_v3(struct json_writer *w, const struct meter_result *result,
                         const struct meter_row *row)
{
    char printed[ULID_TEXT_LENGTH];
    json_object_begin(w);
    json_key(w, TEXT("value"));
    json_dec_text(w, row->value);
    write_instant(w, "from", row->from);
    write_instant(w, "to", row->to);
    json_key(w, TEXT("dimensions"));
    json_object_begin(w);
    if (result->has_subject)
        json_member_text(w, "subject", row->subject);
    if (result->has_customer)
        json_member_text(w, "customer_id", customer_id_of(row, printed));
    write_dimensions(w, result, row);
    json_object_end(w);
    json_object_end(w);
}

static text window_word_v1(enum meter_window window)
{
    switch (window) {
    case METER_WINDOW_MINUTE:
        return TEXT("MINUTE");
    case METER_WINDOW_HOUR:
        return TEXT("HOUR");
    case METER_WINDOW_DAY:
        return TEXT("DAY");
    case METER_WINDOW_MONTH:
        return TEXT("MONTH");
    case METER_WINDOW_NONE:
        return TEXT_NONE;
    case METER_WINDOW_COUNT:
        break;
    }
    UNREACHABLE();
}

void meter_result_write(struct json_writer *w, enum dialect dialect,
                        const struct meter_result *result)
{
    CHECK(w != NULL && result != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    json_object_begin(w);
    if (!instant_is_none(result->from))
        write_instant(w, "from", result->from);
    if (!instant_is_none(result->to))
        write_instant(w, "to", result->to);
    if (dialect == DIALECT_V1 && result->window != METER_WINDOW_NONE)
        json_member_text(w, "windowSize", window_word_v1(result->window));
    json_key(w, TEXT("data"));
    json_array_begin(w);
    for (size_t i = 0; i < result->count; i++) {
        if (dialect == DIALECT_V1)
            write_row_v1(w, result, &result->rows[i]);
        else
            write_row_v3(w, result, &result->rows[i]);
    }
    json_array_end(w);
    json_object_end(w);
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static bool needs_quotes(text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

/* One field and what stands behind it: a comma or a line end. */
static void add_field(struct buffer *out, text value, char separator)
{
    if (!needs_quotes(value)) {
        buffer_add(out, value);
        buffer_add_char(out, separator);
        return;
    }
    buffer_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, value.ptr[i]);
    }
    buffer_add_char(out, '"');
    buffer_add_char(out, separator);
}

static void add_instant(struct buffer *out, instant value)
{
    char printed[INSTANT_TEXT_MAX];
    size_t len = instant_print(value, printed);
    add_field(out, (text){ printed, len }, ',');
}

static void add_header(struct buffer *out, enum dialect dialect, const struct meter_result *result)
{
    buffer_add_cstr(out, dialect == DIALECT_V1 ? "window_start,window_end," : "from,to,");
    if (result->has_subject)
        buffer_add_cstr(out, "subject,");
    if (result->has_customer)
        buffer_add_cstr(out, dialect == DIALECT_V1 ? "customer_id,"
                                                   : "customer_id,customer_key,customer_name,");
    for (size_t i = 0; i < result->dimensions.count; i++)
        add_field(out, result->dimensions.items[i], ',');
    buffer_add_cstr(out, "value\n");
}

/* v1 prints 6 decimals, unless that would not fit. */
static void add_value(struct buffer *out, enum dialect dialect, dec value)
{
    char printed[DEC_TEXT_MAX];
    dec shown = value;
    if (dialect == DIALECT_V1)
        shown = dec_round(value, 6, ROUND_HALF_AWAY);
    size_t len = dec_print(dec_is_valid(shown) ? shown : value, printed);
    add_field(out, (text){ printed, len }, '\n');
}

static void add_row(struct buffer *out, enum dialect dialect, const struct meter_result *result,
                    const struct meter_row *row)
{
    char printed[ULID_TEXT_LENGTH];
    add_instant(out, row->from);
    add_instant(out, row->to);
    if (result->has_subject)
        add_field(out, row->subject, ',');
    if (result->has_customer) {
        add_field(out, customer_id_of(row, printed), ',');
        if (dialect == DIALECT_V3) {
            add_field(out, row->customer->key, ',');
            add_field(out, row->customer->name, ',');
        }
    }
    for (size_t i = 0; i < result->dimensions.count; i++)
        add_field(out, row->dimensions[i], ',');
    add_value(out, dialect, row->value);
}

void meter_result_csv(struct buffer *out, enum dialect dialect, const struct meter_result *result)
{
    CHECK(out != NULL && result != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    add_header(out, dialect, result);
    for (size_t i = 0; i < result->count; i++)
        add_row(out, dialect, result, &result->rows[i]);
}
