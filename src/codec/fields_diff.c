/* fields_diff.c: two structs walked together along their table. */
#include "codec/fields_diff.h"

#include "codec/fields_inside.h"

const char *const difference_kind_words[] = { "added", "removed", "changed", NULL };

_Static_assert(COUNT_OF(difference_kind_words) == DIFFERENCE_KIND_COUNT + 1, "one word per kind");

static const struct field difference_rows[] = {
    FIELD_WORD(struct difference, kind, difference_kind_words, .flags = FIELD_REQUIRED),
    FIELD(struct difference, path, TEXT, .flags = FIELD_REQUIRED,
          .about = "Where it stands: plans[pro].phases[trial].name."),
    FIELD(struct difference, before, JSON, .about = "The value there is; of what is not added."),
    FIELD(struct difference, after, JSON, .about = "The value to be; of what is not removed."),
};
const struct fields difference_fields =
    FIELDS("CatalogDifference", struct difference, difference_rows);

static void difference_add(struct differences *diff, const struct difference *one)
{
    ARENA_GROW(diff->arena, diff);
    diff->items[diff->count++] = *one;
}

/* Adds the change from one JSON text to another; one that is empty is not there. */
static void texts_add(struct differences *diff, text path, text before, text after)
{
    struct difference one = { DIFFERENCE_CHANGED, path, before, after };

    if (!before.ptr && !after.ptr)
        return;
    if (!before.ptr)
        one.kind = DIFFERENCE_ADDED;
    else if (!after.ptr)
        one.kind = DIFFERENCE_REMOVED;
    difference_add(diff, &one);
}

/* ---- equality ------------------------------------------------------------------------------ */

static bool json_equal(const struct json *a, const struct json *b)
{
    dec x, y;

    if (a->kind != b->kind || a->count != b->count || a->boolean != b->boolean)
        return false;
    if (a->kind == JSON_NUMBER && dec_parse_numeric(a->text, &x) && dec_parse_numeric(b->text, &y))
        return dec_compare(x, y) == 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct json *other = a->kind == JSON_OBJECT ? json_member(b, a->items[i].key)
                                                          : &b->items[i];

        if (!other || !json_equal(&a->items[i], other))
            return false;
    }
    return text_equal(a->text, b->text);
}

static bool raw_equal(text a, text b, struct arena *arena)
{
    struct json x, y;
    struct json_fault fault;

    if (text_equal(a, b))
        return true;
    return json_parse(arena, a, &x, &fault) && json_parse(arena, b, &y, &fault) &&
           json_equal(&x, &y);
}

static text list_at(const struct text_list *list, size_t i)
{
    return list->items[i];
}

static bool lists_equal(const struct text_list *a, const struct text_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!text_equal(list_at(a, i), list_at(b, i)))
            return false;
    return true;
}

/* Of one value that both have. Objects, lists and maps are walked instead. */
static bool values_equal(const struct field *row, const void *before, const void *after,
                         struct arena *arena)
{
    const void *a = field_member_const(row, before);
    const void *b = field_member_const(row, after);

    switch (row->kind) {
    case FIELD_TEXT:
        return text_equal(*(const text *)a, *(const text *)b);
    case FIELD_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_INT:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_DEC:
        return dec_compare(*(const dec *)a, *(const dec *)b) == 0;
    case FIELD_INSTANT:
        return instant_equal(*(const instant *)a, *(const instant *)b);
    case FIELD_SPAN:
        return span_equal(*(const span *)a, *(const span *)b);
    case FIELD_ULID:
        return ulid_equal(*(const ulid *)a, *(const ulid *)b);
    case FIELD_ENUM:
        return *(const int *)a == *(const int *)b;
    case FIELD_TEXT_LIST:
        return lists_equal(a, b);
    case FIELD_JSON:
        return raw_equal(*(const text *)a, *(const text *)b, arena);
    case FIELD_TEXT_MAP:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

/* ---- single values and maps ---------------------------------------------------------------- */

static text value_print(const struct field *row, const void *object, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    if (!object || field_is_absent(row, object))
        return TEXT_NONE;
    field_write_value(row, DIALECT_V3, &w, object);
    return buffer_text(&out);
}

static void diff_value(const struct field *row, text path, const void *before, const void *after,
                       struct differences *diff)
{
    bool has_before = before && !field_is_absent(row, before);
    bool has_after = after && !field_is_absent(row, after);

    if (has_before && has_after && values_equal(row, before, after, diff->arena))
        return;
    texts_add(diff, path, value_print(row, before, diff->arena),
              value_print(row, after, diff->arena));
}

static text text_print(text t, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    if (!t.ptr)
        return TEXT_NONE;
    json_text(&w, t);
    return buffer_text(&out);
}

static void diff_pair(text path, text key, const text values[2], struct differences *diff)
{
    if (values[0].ptr && values[1].ptr && text_equal(values[0], values[1]))
        return;
    texts_add(diff, text_format(diff->arena, "%.*s.%.*s", TEXT_ARG(path), TEXT_ARG(key)),
              text_print(values[0], diff->arena), text_print(values[1], diff->arena));
}

static void diff_map(text path, const struct text_map *before, const struct text_map *after,
                     struct differences *diff)
{
    static const struct text_map none = { 0 };
    const struct text_map *a = before ? before : &none;
    const struct text_map *b = after ? after : &none;

    for (size_t i = 0; i < a->count; i++)
        diff_pair(path, a->items[i].key,
                  (const text[]){ a->items[i].value, text_map_get(b, a->items[i].key) }, diff);
    for (size_t i = 0; i < b->count; i++)
        if (!text_map_get(a, b->items[i].key).ptr)
            diff_pair(path, b->items[i].key, (const text[]){ TEXT_NONE, b->items[i].value }, diff);
}

/* ---- lists --------------------------------------------------------------------------------- */

/* Two lists of one table. */
struct pairing {
    const struct fields *table;
    text path;
    struct list before, after;
    struct differences *diff;
};

static const void *item_at(const struct fields *table, const struct list *list, size_t i)
{
    return (const char *)list->items + i * table->size;
}

/* The key of an item, or of the first thing it refers to; ptr NULL when it has none. */
static text item_key(const struct fields *table, const void *item)
{
    const struct field *row = fields_find(table, TEXT("key"));

    for (size_t i = 0; i < table->count && !row; i++) {
        const struct field *reference = &table->rows[i];

        if (reference->kind != FIELD_OBJECT || !field_is_printed(reference, DIALECT_V3))
            continue;
        row = fields_find(reference->sub, TEXT("key"));
        item = field_member_const(reference, item);
        if (!row)
            return TEXT_NONE;
    }
    if (!row || row->kind != FIELD_TEXT)
        return TEXT_NONE;
    return *(const text *)field_member_const(row, item);
}

/* The first item with this key that is not taken yet; the count when there is none. */
static size_t item_find(const struct fields *table, const struct list *list, text key,
                        const bool *is_taken)
{
    size_t i = 0;

    while (i < list->count &&
           (is_taken[i] || !text_equal(item_key(table, item_at(table, list, i)), key)))
        i++;
    return i;
}

static text keys_print(const struct pairing *p, const struct list *list)
{
    struct buffer out = { .arena = p->diff->arena };
    struct json_writer w = json_writer_of(&out);

    json_array_begin(&w);
    for (size_t i = 0; i < list->count; i++)
        json_text(&w, item_key(p->table, item_at(p->table, list, i)));
    json_array_end(&w);
    return buffer_text(&out);
}

static void diff_item(const struct pairing *p, text name, const void *before, const void *after)
{
    fields_diff(p->table,
                text_format(p->diff->arena, "%.*s[%.*s]", TEXT_ARG(p->path), TEXT_ARG(name)),
                before, after, p->diff);
}

/* By keys: the items there are, in their order, then those that are new. When those that stay stand
 * in another order, that is a difference of the list. */
static void diff_keyed(const struct pairing *p)
{
    bool *is_taken = ARENA_ARRAY(p->diff->arena, bool, p->after.count);
    bool is_moved = false;
    size_t last = 0;

    for (size_t i = 0; i < p->before.count; i++) {
        const void *before = item_at(p->table, &p->before, i);
        text key = item_key(p->table, before);
        size_t at = item_find(p->table, &p->after, key, is_taken);
        bool is_there = at < p->after.count;

        diff_item(p, key, before, is_there ? item_at(p->table, &p->after, at) : NULL);
        if (!is_there)
            continue;
        is_taken[at] = true;
        is_moved |= at < last;
        last = at;
    }
    for (size_t i = 0; i < p->after.count; i++) {
        const void *after = item_at(p->table, &p->after, i);

        if (!is_taken[i])
            diff_item(p, item_key(p->table, after), NULL, after);
    }
    if (is_moved)
        texts_add(p->diff, p->path, keys_print(p, &p->before), keys_print(p, &p->after));
}

static void diff_placed(const struct pairing *p)
{
    size_t count = p->before.count > p->after.count ? p->before.count : p->after.count;

    for (size_t i = 0; i < count; i++)
        diff_item(p, text_format(p->diff->arena, "%zu", i),
                  i < p->before.count ? item_at(p->table, &p->before, i) : NULL,
                  i < p->after.count ? item_at(p->table, &p->after, i) : NULL);
}

static void diff_list(const struct field *row, text path, const void *before, const void *after,
                      struct differences *diff)
{
    struct pairing p = { .table = row->sub, .path = path, .diff = diff };

    if (before)
        p.before = *(const struct list *)field_member_const(row, before);
    if (after)
        p.after = *(const struct list *)field_member_const(row, after);
    if (p.before.count + p.after.count == 0)
        return;
    const void *any = p.before.count > 0 ? p.before.items : p.after.items;
    if (item_key(p.table, any).ptr)
        diff_keyed(&p);
    else
        diff_placed(&p);
}

/* ---- structs ------------------------------------------------------------------------------- */

static const void *member_if(const struct field *row, const void *object)
{
    return object && !field_is_absent(row, object) ? field_member_const(row, object) : NULL;
}

static void diff_row(const struct field *row, text path, const void *before, const void *after,
                     struct differences *diff)
{
    switch (row->kind) {
    case FIELD_OBJECT:
        fields_diff(row->sub, path, member_if(row, before), member_if(row, after), diff);
        return;
    case FIELD_LIST:
        diff_list(row, path, before, after, diff);
        return;
    case FIELD_TEXT_MAP:
        diff_map(path, before ? field_member_const(row, before) : NULL,
                 after ? field_member_const(row, after) : NULL, diff);
        return;
    case FIELD_TEXT:
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_DEC:
    case FIELD_INSTANT:
    case FIELD_SPAN:
    case FIELD_ULID:
    case FIELD_ENUM:
    case FIELD_TEXT_LIST:
    case FIELD_JSON:
        diff_value(row, path, before, after, diff);
        return;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

void fields_diff(const struct fields *table, text path, const void *before, const void *after,
                 struct differences *diff)
{
    CHECK(table && diff && diff->arena);
    for (size_t i = 0; i < table->count && (before || after); i++) {
        const struct field *row = &table->rows[i];

        if (!field_is_printed(row, DIALECT_V3))
            continue;
        diff_row(row,
                 text_is_empty(path)
                     ? text_of(row->name)
                     : text_format(diff->arena, "%.*s.%s", TEXT_ARG(path), row->name),
                 before, after, diff);
    }
}
