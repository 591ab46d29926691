/* fields_write.c: JSON out. */
#include "codec/fields_inside.h"

static void write_enum(const struct field *row, enum dialect dialect, struct json_writer *w,
                       int word)
{
    char upper[FIELD_KEY_ROOM];
    text t;

    CHECK(word >= 0 && (size_t)word < words_count(row->words));
    t = text_of(row->words[word]);
    if (!field_is_upper(row, dialect)) {
        json_text(w, t);
        return;
    }
    CHECK(t.len <= sizeof upper);
    for (size_t i = 0; i < t.len; i++)
        upper[i] = t.ptr[i] >= 'a' && t.ptr[i] <= 'z' ? (char)(t.ptr[i] - 'a' + 'A') : t.ptr[i];
    json_text(w, (text){ upper, t.len });
}

static void write_instant(enum dialect dialect, struct json_writer *w, instant t)
{
    char printed[STORE_INSTANT_MAX];

    if (dialect == DIALECT_STORE)
        json_text(w, store_instant_print(t, printed));
    else
        json_instant(w, t);
}

static void write_span(struct json_writer *w, span s)
{
    char printed[SPAN_TEXT_MAX];

    json_text(w, (text){ printed, span_print(s, printed) });
}

static void write_ulid(struct json_writer *w, ulid id)
{
    char printed[ULID_TEXT_LENGTH];

    ulid_print(id, printed);
    json_text(w, (text){ printed, sizeof printed });
}

static void write_map(const struct field *row, enum dialect dialect, struct json_writer *w,
                      const struct text_map *map)
{
    /* v1's metadata is free: what v3 could not read back as a label is left out of it. */
    bool drops = row->form == FORM_LABELS && dialect == DIALECT_V3;

    json_object_begin(w);
    for (size_t i = 0; i < map->count; i++) {
        if (drops && !label_is_printable(map->items[i]))
            continue;
        json_key(w, map->items[i].key);
        json_text(w, map->items[i].value);
    }
    json_object_end(w);
}

static void write_text_list(struct json_writer *w, const struct text_list *list)
{
    json_array_begin(w);
    for (size_t i = 0; i < list->count; i++)
        json_text(w, list->items[i]);
    json_array_end(w);
}

static void write_list(const struct field *row, enum dialect dialect, struct json_writer *w,
                       const struct list *list)
{
    const char *items = list->items;

    json_array_begin(w);
    for (size_t i = 0; i < list->count; i++)
        fields_write(row->sub, dialect, w, items + i * row->sub->size);
    json_array_end(w);
}

static void write_dec(const struct field *row, enum dialect dialect, struct json_writer *w,
                      dec value)
{
    if (field_is_number(row, dialect))
        json_dec_number(w, value);
    else
        json_dec_text(w, value);
}

void field_write_value(const struct field *row, enum dialect dialect, struct json_writer *w,
                       const void *object)
{
    const void *member = field_member_const(row, object);

    switch (row->kind) {
    case FIELD_TEXT:
        json_text(w, *(const text *)member);
        return;
    case FIELD_BOOL:
        json_bool(w, *(const bool *)member);
        return;
    case FIELD_INT:
        json_int(w, *(const int64_t *)member);
        return;
    case FIELD_DEC:
        write_dec(row, dialect, w, *(const dec *)member);
        return;
    case FIELD_INSTANT:
        write_instant(dialect, w, *(const instant *)member);
        return;
    case FIELD_SPAN:
        write_span(w, *(const span *)member);
        return;
    case FIELD_ULID:
        write_ulid(w, *(const ulid *)member);
        return;
    case FIELD_ENUM:
        write_enum(row, dialect, w, *(const int *)member);
        return;
    case FIELD_TEXT_MAP:
        write_map(row, dialect, w, member);
        return;
    case FIELD_TEXT_LIST:
        write_text_list(w, member);
        return;
    case FIELD_LIST:
        write_list(row, dialect, w, member);
        return;
    case FIELD_OBJECT:
        fields_write(row->sub, dialect, w, member);
        return;
    case FIELD_JSON:
        json_raw(w, *(const text *)member);
        return;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

/* What FIELD_ALWAYS prints in the place of nothing. */
static text empty_of(enum field_kind kind)
{
    if (kind == FIELD_TEXT_MAP)
        return TEXT("{}");
    if (kind == FIELD_TEXT_LIST || kind == FIELD_LIST)
        return TEXT("[]");
    return TEXT("null");
}

/* Whether the dialect prints the row also when it is absent. */
static bool is_always(const struct field *row, enum dialect dialect)
{
    if (dialect == DIALECT_STORE)
        return false;
    return row->flags & FIELD_ALWAYS || (dialect == DIALECT_V1 && row->flags & FIELD_ALWAYS_V1);
}

static void write_row(const struct field *row, enum dialect dialect, struct json_writer *w,
                      const void *object)
{
    bool is_absent = field_is_absent(row, object);
    char room[FIELD_KEY_ROOM];

    if (is_absent && !is_always(row, dialect))
        return;
    json_key(w, field_key_in(row, dialect, room));
    if (is_absent)
        json_raw(w, empty_of(row->kind));
    else
        field_write_value(row, dialect, w, object);
}

void fields_write(const struct fields *table, enum dialect dialect, struct json_writer *w,
                  const void *object)
{
    CHECK(table && w && object);
    CHECK((unsigned)dialect <= (unsigned)DIALECT_STORE);
    json_object_begin(w);
    for (size_t i = 0; i < table->count; i++)
        if (field_is_printed(&table->rows[i], dialect))
            write_row(&table->rows[i], dialect, w, object);
    json_object_end(w);
}
