/* fields.c: rows of a field table: their keys, who sees them, and what stands for "absent". */
#include "codec/fields.h"

#include "codec/fields_inside.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool field_is_visible(const struct field *row, enum dialect dialect)
{
    if (dialect == DIALECT_STORE)
        return !(row->flags & FIELD_NOT_COLUMN);
    if (row->flags & FIELD_NOT_JSON)
        return false;
    return !(row->flags & (dialect == DIALECT_V1 ? FIELD_NOT_V1 : FIELD_NOT_V3));
}

bool field_is_readable(const struct field *row, enum dialect dialect)
{
    if (dialect == DIALECT_STORE)
        return field_is_visible(row, dialect);
    return field_is_visible(row, dialect) && !(row->flags & FIELD_READ_ONLY);
}

bool field_is_printed(const struct field *row, enum dialect dialect)
{
    if (dialect == DIALECT_STORE)
        return field_is_visible(row, dialect);
    return field_is_visible(row, dialect) && !(row->flags & FIELD_WRITE_ONLY);
}

text field_key_in(const struct field *row, enum dialect dialect, char room[FIELD_KEY_ROOM])
{
    size_t len = 0;

    if (dialect != DIALECT_V1)
        return text_of(row->name);
    if (row->v1)
        return text_of(row->v1);
    for (const char *c = row->name; *c; c++) {
        CHECK(len < FIELD_KEY_ROOM);
        if (c[0] == '_' && c[1])
            room[len++] = upper(*++c);
        else
            room[len++] = *c;
    }
    return (text){ room, len };
}

bool field_key_is(const struct field *row, enum dialect dialect, text key)
{
    char room[FIELD_KEY_ROOM];

    /* Camel case keeps the first byte: most rows are passed over without making their key. */
    if (key.len == 0 || (!row->v1 && key.ptr[0] != row->name[0]))
        return false;
    return text_equal(field_key_in(row, dialect, room), key);
}

text field_key(const struct field *row, enum dialect dialect, struct arena *arena)
{
    char room[FIELD_KEY_ROOM];
    text key = field_key_in(row, dialect, room);

    return key.ptr == room ? text_copy(arena, key) : key;
}

const struct field *fields_find(const struct fields *table, text name)
{
    for (size_t i = 0; i < table->count; i++)
        if (text_equal(text_of(table->rows[i].name), name))
            return &table->rows[i];
    return NULL;
}

bool field_is_number(const struct field *row, enum dialect dialect)
{
    if (dialect == DIALECT_STORE)
        return false;
    return row->flags & FIELD_NUMBER || (dialect == DIALECT_V1 && row->flags & FIELD_NUMBER_V1);
}

bool field_is_upper(const struct field *row, enum dialect dialect)
{
    return dialect == DIALECT_V1 && row->flags & FIELD_UPPER_V1;
}

static bool table_is_blank(const struct fields *table, const void *object);

/* Whether a member has the value that field_set_absent gives it. */
static bool member_is_blank(const struct field *row, const void *object)
{
    const void *member = field_member_const(row, object);

    if (row->kind == FIELD_BOOL && !row->set_offset)
        return *(const bool *)member == (row->fallback == 1);
    if (row->kind == FIELD_INT)
        return *(const int64_t *)member == 0;
    if (row->kind == FIELD_ENUM)
        return *(const int *)member == (row->fallback ? row->fallback - 1 : FIELD_ENUM_NONE);
    if (row->kind == FIELD_OBJECT && !row->set_offset)
        return table_is_blank(row->sub, member);
    return field_is_absent(row, object);
}

static bool table_is_blank(const struct fields *table, const void *object)
{
    for (size_t i = 0; i < table->count; i++)
        if (!member_is_blank(&table->rows[i], object))
            return false;
    return true;
}

static bool object_is_absent(const struct field *row, const void *object)
{
    if (row->set_offset)
        return !*((const bool *)((const char *)object + row->set_offset));
    /* Without a flag, an object that must be there is there, also with nothing in it. */
    return !(row->flags & FIELD_REQUIRED) &&
           table_is_blank(row->sub, field_member_const(row, object));
}

bool field_is_absent(const struct field *row, const void *object)
{
    const void *member = field_member_const(row, object);

    switch (row->kind) {
    case FIELD_TEXT:
    case FIELD_JSON:
        return !((const text *)member)->ptr;
    case FIELD_BOOL:
        return row->set_offset && !*((const bool *)((const char *)object + row->set_offset));
    case FIELD_INT:
        return row->items_max > 0 && row->items_min > 0 && *(const int64_t *)member == 0;
    case FIELD_DEC:
        return !dec_is_valid(*(const dec *)member);
    case FIELD_INSTANT:
        return instant_is_none(*(const instant *)member);
    case FIELD_SPAN:
        return span_is_zero(*(const span *)member);
    case FIELD_ULID:
        return ulid_is_zero(*(const ulid *)member);
    case FIELD_ENUM:
        return *(const int *)member == FIELD_ENUM_NONE;
    case FIELD_TEXT_MAP:
        return ((const struct text_map *)member)->count == 0;
    case FIELD_TEXT_LIST:
        return ((const struct text_list *)member)->count == 0;
    case FIELD_LIST:
        return ((const struct list *)member)->count == 0;
    case FIELD_OBJECT:
        return object_is_absent(row, object);
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

void field_set_absent(const struct field *row, void *object)
{
    void *member = field_member(row, object);

    switch (row->kind) {
    case FIELD_TEXT:
    case FIELD_JSON:
        *(text *)member = TEXT_NONE;
        return;
    case FIELD_BOOL:
        *(bool *)member = row->fallback == 1;
        if (row->set_offset)
            *field_set_flag(row, object) = false;
        return;
    case FIELD_INT:
        *(int64_t *)member = 0;
        return;
    case FIELD_DEC:
        *(dec *)member = DEC_INVALID;
        return;
    case FIELD_INSTANT:
        *(instant *)member = INSTANT_NONE;
        return;
    case FIELD_SPAN:
        *(span *)member = SPAN_NONE;
        return;
    case FIELD_ULID:
        *(ulid *)member = (ulid){ 0 };
        return;
    case FIELD_ENUM:
        *(int *)member = row->fallback ? row->fallback - 1 : FIELD_ENUM_NONE;
        return;
    case FIELD_TEXT_MAP:
        *(struct text_map *)member = (struct text_map){ 0 };
        return;
    case FIELD_TEXT_LIST:
        *(struct text_list *)member = (struct text_list){ 0 };
        return;
    case FIELD_LIST:
        *(struct list *)member = (struct list){ 0 };
        return;
    case FIELD_OBJECT:
        fields_set_absent(row->sub, member);
        if (row->set_offset)
            *field_set_flag(row, object) = false;
        return;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

void fields_set_absent(const struct fields *table, void *object)
{
    for (size_t i = 0; i < table->count; i++)
        field_set_absent(&table->rows[i], object);
}

size_t words_count(const char *const *words)
{
    size_t count = 0;

    CHECK(words);
    while (words[count])
        count++;
    return count;
}

int words_find(const char *const *words, text word)
{
    CHECK(words);
    for (int i = 0; words[i]; i++)
        if (text_equal(text_of(words[i]), word))
            return i;
    return FIELD_ENUM_NONE;
}

text text_map_get(const struct text_map *map, text key)
{
    for (size_t i = 0; i < map->count; i++)
        if (text_equal(map->items[i].key, key))
            return map->items[i].value;
    return TEXT_NONE;
}

bool text_list_holds(const struct text_list *list, text item)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->items[i], item))
            return true;
    return false;
}
