/* fields_text.c: members as the text that the store keeps. */
#include "codec/fields_inside.h"

/* The shortest form has as many digits after the second as it needs: the rest are zeros. */
text store_instant_print(instant t, char ret[STORE_INSTANT_MAX])
{
    static const char zeros[] = ".000000000Z";
    const size_t seconds = sizeof("2026-01-01T00:00:00") - 1;
    char shortest[INSTANT_TEXT_MAX];
    size_t len = instant_print(t, shortest);

    CHECK(len > seconds && len < seconds + sizeof zeros);
    memcpy(ret, shortest, seconds);
    memcpy(ret + seconds, zeros, sizeof zeros - 1);
    if (shortest[seconds] == '.')
        memcpy(ret + seconds, shortest + seconds, len - seconds - 1);
    return (text){ ret, seconds + sizeof zeros - 1 };
}

static text to_json(const struct field *row, const void *object, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    field_write_value(row, DIALECT_STORE, &w, object);
    return buffer_text(&out);
}

text field_to_text(const struct field *row, const void *object, struct arena *arena)
{
    const void *member = field_member_const(row, object);
    char printed[STORE_INSTANT_MAX];

    CHECK(row && object && arena);
    CHECK(row->kind != FIELD_BOOL && row->kind != FIELD_INT);
    if (field_is_absent(row, object))
        return TEXT_NONE;
    switch (row->kind) {
    case FIELD_TEXT:
    case FIELD_JSON:
        return *(const text *)member;
    case FIELD_DEC:
        return dec_text(arena, *(const dec *)member);
    case FIELD_INSTANT:
        return text_copy(arena, store_instant_print(*(const instant *)member, printed));
    case FIELD_SPAN:
        return span_text(arena, *(const span *)member);
    case FIELD_ULID:
        return ulid_text(arena, *(const ulid *)member);
    case FIELD_ENUM:
        CHECK((size_t) * (const int *)member < words_count(row->words));
        return text_of(row->words[*(const int *)member]);
    case FIELD_TEXT_MAP:
    case FIELD_TEXT_LIST:
    case FIELD_OBJECT:
    case FIELD_LIST:
        return to_json(row, object, arena);
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static bool from_json(const struct field *row, text t, struct arena *arena, void *object)
{
    struct json_fault fault;
    struct json value;

    if (!json_parse(arena, t, &value, &fault) || value.kind == JSON_NULL)
        return false;
    return field_read_stored(row, arena, &value, object);
}

static bool enum_from_text(const struct field *row, text t, int *ret)
{
    int word = words_find(row->words, t);

    if (word == FIELD_ENUM_NONE)
        return false;
    *ret = word;
    return true;
}

bool field_from_text(const struct field *row, text t, struct arena *arena, void *object)
{
    void *member = field_member(row, object);

    CHECK(row && object && arena && t.ptr);
    switch (row->kind) {
    case FIELD_TEXT:
        *(text *)member = text_copy(arena, t);
        return true;
    case FIELD_DEC:
        return dec_parse_numeric(t, member);
    case FIELD_INSTANT:
        return instant_parse(t, member);
    case FIELD_SPAN:
        return span_parse(t, member);
    case FIELD_ULID:
        return ulid_parse(t, member);
    case FIELD_ENUM:
        return enum_from_text(row, t, member);
    case FIELD_JSON:
    case FIELD_TEXT_MAP:
    case FIELD_TEXT_LIST:
    case FIELD_OBJECT:
    case FIELD_LIST:
        return from_json(row, t, arena, object);
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}
