/* record.c: from fields to a CloudEvent. */
#include "cli/record.h"

#include <xxhash.h>

#include "base/instant.h"
#include "codec/json.h"

const char *const record_attribute_words[] = { "id", "source", "type", "subject", "time", NULL };

/* ---- how often a row was seen -------------------------------------------------------------- */

/* Open addressing; grows at two thirds. A row's fingerprint of 0 is taken as 1. */
struct record_seen {
    struct seen_slot {
        uint64_t fingerprint; /* 0: free */
        uint64_t count;
    } * slots;

    size_t room, used;
};

#define SEEN_FIRST_SLOTS 1024

struct record_seen *record_seen_new(void)
{
    struct record_seen *seen = calloc(1, sizeof *seen);

    MUST(seen);
    seen->room = SEEN_FIRST_SLOTS;
    seen->slots = calloc(seen->room, sizeof *seen->slots);
    MUST(seen->slots);
    return seen;
}

void record_seen_free(struct record_seen *seen)
{
    if (!seen)
        return;
    free(seen->slots);
    free(seen);
}

static struct seen_slot *seen_slot(struct record_seen *seen, uint64_t fingerprint)
{
    size_t at = fingerprint & (seen->room - 1);

    while (seen->slots[at].fingerprint != 0 && seen->slots[at].fingerprint != fingerprint)
        at = (at + 1) & (seen->room - 1);
    return &seen->slots[at];
}

static void seen_grow(struct record_seen *seen)
{
    struct seen_slot *old = seen->slots;
    size_t old_room = seen->room;

    seen->room *= 2;
    seen->slots = calloc(seen->room, sizeof *seen->slots);
    MUST(seen->slots);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].fingerprint != 0)
            *seen_slot(seen, old[i].fingerprint) = old[i];
    free(old);
}

/* Which occurrence of this row it is, from 1. */
static uint64_t seen_count(struct record_seen *seen, uint64_t fingerprint)
{
    struct seen_slot *slot;

    if (fingerprint == 0)
        fingerprint = 1;
    if (seen->used * 3 > seen->room * 2)
        seen_grow(seen);
    slot = seen_slot(seen, fingerprint);
    seen->used += slot->fingerprint == 0;
    slot->fingerprint = fingerprint;
    return ++slot->count;
}

/* ---- CSV ----------------------------------------------------------------------------------- */

/* A quoted cell at the start of `rest`: unescapes it and leaves what follows the closing quote. */
static bool csv_quoted(struct arena *arena, text *rest, text *ret)
{
    struct buffer cell = { .arena = arena };

    for (size_t i = 1; i < rest->len; i++) {
        if (rest->ptr[i] != '"') {
            buffer_add_char(&cell, rest->ptr[i]);
        } else if (i + 1 < rest->len && rest->ptr[i + 1] == '"') {
            buffer_add_char(&cell, '"');
            i++;
        } else {
            *rest = text_slice(*rest, i + 1, rest->len);
            *ret = buffer_text(&cell);
            return rest->len == 0 || rest->ptr[0] == ',';
        }
    }
    return false;
}

bool record_split_csv(struct arena *arena, text row, text values[RECORD_FIELDS_MAX],
                      size_t *ret_count)
{
    size_t count = 0;
    text rest = row;

    while (rest.ptr) {
        if (count == RECORD_FIELDS_MAX)
            return false;
        if (rest.len > 0 && rest.ptr[0] == '"') {
            if (!csv_quoted(arena, &rest, &values[count++]))
                return false;
            rest = rest.len > 0 ? text_slice(rest, 1, rest.len) : TEXT_NONE;
        } else {
            values[count] = text_cut(&rest, ',');
            count++;
        }
    }
    *ret_count = count;
    return true;
}

/* ---- access logs --------------------------------------------------------------------------- */

static void add_field(struct record *record, const char *name, text value)
{
    CHECK(record->count < RECORD_FIELDS_MAX);
    record->names[record->count] = text_of(name);
    record->values[record->count++] = value;
}

/* What stands between `open` and `close`; false when the line does not go on so. Inside double
 * quotes a backslash protects the next character. */
static bool take_enclosed(text *rest, char open, char close, text *ret)
{
    size_t i = 1;

    if (rest->len < 2 || rest->ptr[0] != open)
        return false;
    while (i < rest->len && rest->ptr[i] != close)
        i += open == '"' && rest->ptr[i] == '\\' ? 2 : 1;
    if (i >= rest->len)
        return false;
    *ret = text_slice(*rest, 1, i - 1);
    *rest = text_slice(*rest, i + 1, rest->len);
    if (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = text_slice(*rest, 1, rest->len);
    return true;
}

/* "10/Oct/2000:13:55:36 -0700" as "2000-10-10T13:55:36-07:00"; false when it is no such time. */
static bool log_time(struct arena *arena, text t, text *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int month = 0;
    instant checked;

    if (t.len != 26 || t.ptr[2] != '/' || t.ptr[6] != '/' || t.ptr[11] != ':' || t.ptr[20] != ' ')
        return false;
    while (month < 12 && !text_equal(text_slice(t, 3, 3), (text){ months + 3 * month, 3 }))
        month++;
    *ret = text_format(arena, "%.*s-%02d-%.*sT%.*s%.*s:%.*s", TEXT_ARG(text_slice(t, 7, 4)),
                       month + 1, TEXT_ARG(text_slice(t, 0, 2)), TEXT_ARG(text_slice(t, 12, 8)),
                       TEXT_ARG(text_slice(t, 21, 3)), TEXT_ARG(text_slice(t, 24, 2)));
    return instant_parse(*ret, &checked);
}

/* Three digits. */
static bool is_status(text t)
{
    int64_t status;

    return t.len == 3 && text_to_int(t, &status) && status >= 100;
}

bool record_split_log(struct arena *arena, text line, struct record *ret)
{
    text rest = line;
    text address = text_cut(&rest, ' ');
    text user, when, time, request, status, bytes, referer = TEXT(""), agent = TEXT("");

    ret->raw = line;
    ret->count = 0;
    (void)text_cut(&rest, ' '); /* the identity of RFC 1413: nobody fills it */
    user = text_cut(&rest, ' ');
    if (!take_enclosed(&rest, '[', ']', &when) || !take_enclosed(&rest, '"', '"', &request))
        return false;
    status = text_cut(&rest, ' ');
    bytes = text_cut(&rest, ' ');
    if (!log_time(arena, when, &time) || !is_status(status) || bytes.len == 0)
        return false;
    if (rest.len > 0 &&
        (!take_enclosed(&rest, '"', '"', &referer) || !take_enclosed(&rest, '"', '"', &agent)))
        return false;
    add_field(ret, "remote_addr", address);
    add_field(ret, "remote_user", user);
    add_field(ret, "time", time);
    add_field(ret, "method", text_cut(&request, ' '));
    add_field(ret, "path", text_cut(&request, ' '));
    add_field(ret, "protocol", request);
    add_field(ret, "status", status);
    add_field(ret, "bytes", text_equal(bytes, TEXT("-")) ? TEXT("0") : bytes);
    add_field(ret, "referer", referer);
    add_field(ret, "user_agent", agent);
    return true;
}

/* ---- the event ----------------------------------------------------------------------------- */

static text field_value(const struct record *record, text name)
{
    for (size_t i = 0; i < record->count; i++)
        if (text_equal(record->names[i], name))
            return text_equal(record->values[i], TEXT("-")) ? TEXT("") : record->values[i];
    return TEXT("");
}

static text attribute_value(const struct record *record, const struct record_mapping *mapping,
                            enum record_attribute attribute)
{
    text value = field_value(record, mapping->attributes[attribute].field);

    if (text_is_empty(value))
        value = field_value(record, mapping->attributes[attribute].otherwise);
    return text_is_empty(value) ? mapping->attributes[attribute].value : value;
}

/* RFC 3339, or whole seconds since 1970, as RFC 3339; empty when it is neither. */
static text time_value(struct arena *arena, text value)
{
    int64_t seconds;
    instant t;

    if (instant_parse(value, &t))
        return value;
    if (!text_to_int(value, &seconds) || seconds < 0 || seconds > INT64_MAX / NS_PER_SECOND)
        return TEXT("");
    return instant_text(arena, (instant){ seconds * NS_PER_SECOND });
}

static text fingerprint_id(const struct record *record, struct record_seen *seen,
                           struct arena *arena)
{
    XXH128_hash_t hash = XXH3_128bits(record->raw.ptr, record->raw.len);

    return text_format(arena, "%016llx%016llx-%llu", (unsigned long long)hash.high64,
                       (unsigned long long)hash.low64,
                       (unsigned long long)seen_count(seen, hash.low64));
}

static void write_data(const struct record *record, struct json_writer *w)
{
    json_key(w, TEXT("data"));
    json_object_begin(w);
    for (size_t i = 0; i < record->count; i++) {
        json_key(w, record->names[i]);
        json_text(w, record->values[i]);
    }
    json_object_end(w);
}

const char *record_event(const struct record *record, const struct record_mapping *mapping,
                         struct record_seen *seen, struct buffer *out)
{
    text values[RECORD_ATTRIBUTE_COUNT];
    struct json_writer w;

    for (int a = 0; a < RECORD_ATTRIBUTE_COUNT; a++)
        values[a] = attribute_value(record, mapping, (enum record_attribute)a);
    if (!text_is_utf8(record->raw))
        return "it is not UTF-8";
    if (text_is_empty(values[RECORD_SUBJECT]))
        return "there is no subject: name its column with --column subject=NAME";
    if (text_is_empty(values[RECORD_TYPE]))
        return "there is no type: give one with --set type=NAME";
    if (!text_is_empty(values[RECORD_TIME])) {
        values[RECORD_TIME] = time_value(out->arena, values[RECORD_TIME]);
        if (text_is_empty(values[RECORD_TIME]))
            return "the time is neither RFC 3339 nor seconds since 1970";
    }
    if (text_is_empty(values[RECORD_ID]))
        values[RECORD_ID] = fingerprint_id(record, seen, out->arena);
    w = json_writer_of(out);
    json_object_begin(&w);
    json_member_text(&w, "specversion", TEXT("1.0"));
    for (int a = 0; a < RECORD_ATTRIBUTE_COUNT; a++)
        if (!text_is_empty(values[a]))
            json_member_text(&w, record_attribute_words[a], values[a]);
    write_data(record, &w);
    json_object_end(&w);
    return NULL;
}
