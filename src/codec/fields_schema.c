/* fields_schema.c: field tables as schemas of OpenAPI 3.0. */
#include "base/limits.h"
#include "codec/fields_inside.h"

struct schema_writer {
    struct json_writer *w;
    enum dialect dialect;
    bool is_request;
};

static void put_text(struct json_writer *w, const char *key, const char *value)
{
    json_member_text(w, key, text_of(value));
}

static void put_int(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, text_of(key));
    json_int(w, value);
}

/* Lengths and pattern of a form. */
static void put_rule(struct json_writer *w, enum field_form form)
{
    struct form_rule rule = form_rule_of(form);

    if (rule.length_min)
        put_int(w, "minLength", rule.length_min);
    if (rule.length_max)
        put_int(w, "maxLength", rule.length_max);
    if (rule.pattern)
        put_text(w, "pattern", rule.pattern);
}

static void put_dec(const struct schema_writer *s, const struct field *row)
{
    if (field_is_number(row, s->dialect)) {
        put_text(s->w, "type", "number");
        if (row->flags & FIELD_NON_NEGATIVE)
            put_int(s->w, "minimum", 0);
        return;
    }
    put_text(s->w, "type", "string");
    put_text(s->w, "pattern",
             row->flags & FIELD_NON_NEGATIVE ? "^[0-9]+(\\.[0-9]+)?$" : "^-?[0-9]+(\\.[0-9]+)?$");
}

static void put_int_bounds(struct json_writer *w, const struct field *row)
{
    bool has_bounds = row->items_max > 0;
    bool is_natural = row->flags & FIELD_NON_NEGATIVE;

    put_text(w, "type", "integer");
    put_text(w, "format", "int64");
    if (has_bounds)
        put_int(w, "minimum", is_natural && row->items_min < 0 ? 0 : row->items_min);
    else if (is_natural)
        put_int(w, "minimum", 0);
    if (has_bounds)
        put_int(w, "maximum", row->items_max);
}

static text word_of(const struct schema_writer *s, const struct field *row, int word)
{
    char *printed = text_cstr(s->w->out->arena, text_of(row->words[word]));

    for (char *c = printed; *c && field_is_upper(row, s->dialect); c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return text_of(printed);
}

static void put_words(const struct schema_writer *s, const struct field *row)
{
    put_text(s->w, "type", "string");
    json_key(s->w, TEXT("enum"));
    json_array_begin(s->w);
    for (int i = 0; row->words[i]; i++)
        json_text(s->w, word_of(s, row, i));
    json_array_end(s->w);
    if (row->fallback) {
        json_key(s->w, TEXT("default"));
        json_text(s->w, word_of(s, row, row->fallback - 1));
    }
}

static void put_map(const struct schema_writer *s, const struct field *row)
{
    bool is_free = row->form == FORM_LABELS && s->dialect == DIALECT_V1;

    put_text(s->w, "type", "object");
    if (row->form == FORM_LABELS && !is_free)
        put_int(s->w, "maxProperties", LIMIT_LABELS_MAX);
    else if (row->items_max > 0)
        put_int(s->w, "maxProperties", row->items_max);
    json_key(s->w, TEXT("additionalProperties"));
    json_object_begin(s->w);
    put_text(s->w, "type", "string");
    if (!is_free)
        put_rule(s->w, row->form);
    json_object_end(s->w);
}

text fields_schema_name(const struct fields *table, bool is_request, struct arena *arena)
{
    static const text suffix = TEXT_INIT("Request");
    text name = text_of(table->name);

    if (!is_request || text_ends_with(name, suffix))
        return name;
    return text_format(arena, "%.*s%.*s", TEXT_ARG(name), TEXT_ARG(suffix));
}

static void put_ref(const struct schema_writer *s, const struct fields *table)
{
    struct arena *arena = s->w->out->arena;
    text name = fields_schema_name(table, s->is_request, arena);

    json_member_text(s->w, "$ref", text_format(arena, "#/components/schemas/%.*s", TEXT_ARG(name)));
}

static void put_list(const struct schema_writer *s, const struct field *row)
{
    put_text(s->w, "type", "array");
    if (row->items_min > 0)
        put_int(s->w, "minItems", row->items_min);
    if (row->items_max > 0)
        put_int(s->w, "maxItems", row->items_max);
    json_key(s->w, TEXT("items"));
    json_object_begin(s->w);
    if (row->kind == FIELD_LIST) {
        put_ref(s, row->sub);
    } else {
        put_text(s->w, "type", "string");
        put_rule(s->w, row->form);
    }
    json_object_end(s->w);
}

/* Whether an answer prints null where the row has no value. */
static bool is_nullable(const struct schema_writer *s, const struct field *row)
{
    unsigned always = s->dialect == DIALECT_V1 ? FIELD_ALWAYS | FIELD_ALWAYS_V1 : FIELD_ALWAYS;
    bool is_empty_instead = row->kind == FIELD_TEXT_MAP || row->kind == FIELD_TEXT_LIST ||
                            row->kind == FIELD_LIST;

    return !s->is_request && (row->flags & always) != 0 && !is_empty_instead;
}

/* In OpenAPI 3.0 nothing may stand beside $ref: a description needs allOf. */
static void put_object(const struct schema_writer *s, const struct field *row)
{
    bool is_bare = !row->about && !(row->flags & (FIELD_READ_ONLY | FIELD_WRITE_ONLY)) &&
                   !is_nullable(s, row);

    if (is_bare) {
        put_ref(s, row->sub);
        return;
    }
    json_key(s->w, TEXT("allOf"));
    json_array_begin(s->w);
    json_object_begin(s->w);
    put_ref(s, row->sub);
    json_object_end(s->w);
    json_array_end(s->w);
}

static void put_kind(const struct schema_writer *s, const struct field *row)
{
    struct json_writer *w = s->w;

    switch (row->kind) {
    case FIELD_TEXT:
        put_text(w, "type", "string");
        put_rule(w, row->form);
        return;
    case FIELD_BOOL:
        put_text(w, "type", "boolean");
        json_key(w, TEXT("default"));
        json_bool(w, row->fallback == 1);
        return;
    case FIELD_INT:
        put_int_bounds(w, row);
        return;
    case FIELD_DEC:
        put_dec(s, row);
        return;
    case FIELD_INSTANT:
        put_text(w, "type", "string");
        put_text(w, "format", "date-time");
        return;
    case FIELD_SPAN:
        put_text(w, "type", "string");
        put_text(w, "format", "duration");
        return;
    case FIELD_ULID:
        put_text(w, "type", "string");
        put_text(w, "pattern", "^[0-7][0-9A-HJKMNP-TV-Z]{25}$");
        return;
    case FIELD_ENUM:
        put_words(s, row);
        return;
    case FIELD_TEXT_MAP:
        put_map(s, row);
        return;
    case FIELD_TEXT_LIST:
    case FIELD_LIST:
        put_list(s, row);
        return;
    case FIELD_OBJECT:
        put_object(s, row);
        return;
    case FIELD_JSON: /* anything: no type */
        return;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static bool is_shown(const struct schema_writer *s, const struct field *row)
{
    return s->is_request ? field_is_readable(row, s->dialect) : field_is_printed(row, s->dialect);
}

static void put_property(const struct schema_writer *s, const struct field *row)
{
    char room[FIELD_KEY_ROOM];

    json_key(s->w, field_key_in(row, s->dialect, room));
    json_object_begin(s->w);
    put_kind(s, row);
    if (row->about)
        put_text(s->w, "description", row->about);
    if (is_nullable(s, row)) {
        json_key(s->w, TEXT("nullable"));
        json_bool(s->w, true);
    }
    if (row->flags & FIELD_READ_ONLY) {
        json_key(s->w, TEXT("readOnly"));
        json_bool(s->w, true);
    }
    if (row->flags & FIELD_WRITE_ONLY) {
        json_key(s->w, TEXT("writeOnly"));
        json_bool(s->w, true);
    }
    json_object_end(s->w);
}

/* Whether a client can rely on the row: it must be sent, or it is always printed. */
static bool is_certain(const struct schema_writer *s, const struct field *row)
{
    unsigned certain = FIELD_REQUIRED;

    if (!s->is_request)
        certain |= s->dialect == DIALECT_V1 ? FIELD_ALWAYS | FIELD_ALWAYS_V1 : FIELD_ALWAYS;
    return (row->flags & certain) != 0 ||
           (!s->is_request && row->kind == FIELD_BOOL && !row->set_offset);
}

static void put_required(const struct schema_writer *s, const struct fields *table)
{
    bool has_begun = false;
    char room[FIELD_KEY_ROOM];

    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];

        if (!is_certain(s, row) || !is_shown(s, row))
            continue;
        if (!has_begun) {
            json_key(s->w, TEXT("required"));
            json_array_begin(s->w);
            has_begun = true;
        }
        json_text(s->w, field_key_in(row, s->dialect, room));
    }
    /* OpenAPI 3.0 does not allow an empty list here. */
    if (has_begun)
        json_array_end(s->w);
}

void fields_schema(const struct fields *table, enum dialect dialect, bool is_request,
                   struct json_writer *w)
{
    const struct schema_writer s = { .w = w, .dialect = dialect, .is_request = is_request };

    CHECK(table && w && (unsigned)dialect < DIALECT_COUNT);
    json_object_begin(w);
    put_text(w, "type", "object");
    json_key(w, TEXT("properties"));
    json_object_begin(w);
    for (size_t i = 0; i < table->count; i++)
        if (is_shown(&s, &table->rows[i]))
            put_property(&s, &table->rows[i]);
    json_object_end(w);
    put_required(&s, table);
    if (is_request && dialect == DIALECT_V3) {
        json_key(w, TEXT("additionalProperties"));
        json_bool(w, false);
    }
    json_object_end(w);
}
