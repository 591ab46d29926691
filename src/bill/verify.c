/* verify.c: where two structs of a field table differ. */
#include "bill/verify.h"

/* Where two structs are compared, from the outside in. */
struct place {
    struct verify_list *list;
    struct any_id line;
    text path; /* "details[0]."; empty at first */
};

void verify_add(struct verify_list *list, const struct verify_difference *difference)
{
    CHECK(list != NULL && difference != NULL);
    ARENA_GROW(list->arena, list);
    list->items[list->count++] = *difference;
}

static void add(const struct place *place, const struct field *row, text stored, text derived)
{
    const struct verify_difference difference = {
        .line_id = place->line,
        .field = text_format(place->list->arena, "%.*s%s", TEXT_ARG(place->path), row->name),
        .stored = stored,
        .derived = derived,
    };
    verify_add(place->list, &difference);
}

static const void *member(const struct field *row, const void *object)
{
    return (const char *)object + row->offset;
}

static text number_text(const struct place *place, int64_t number)
{
    return text_format(place->list->arena, "%lld", (long long)number);
}

/* As the store keeps it. */
static text stored_text(const struct place *place, const struct field *row, const void *object)
{
    if (row->kind == FIELD_BOOL)
        return *(const bool *)member(row, object) ? TEXT("true") : TEXT("false");
    if (row->kind == FIELD_INT)
        return number_text(place, *(const int64_t *)member(row, object));
    return field_is_absent(row, object) ? TEXT_NONE
                                        : field_to_text(row, object, place->list->arena);
}

static bool is_same(text a, text b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && text_equal(a, b);
}

static void compare(const struct place *place, const struct fields *table, const void *stored,
                    const void *derived);

static void compare_list(const struct place *place, const struct field *row, const void *stored,
                         const void *derived)
{
    const struct list *a = member(row, stored);
    const struct list *b = member(row, derived);
    if (a->count != b->count) {
        add(place, row, number_text(place, (int64_t)a->count),
            number_text(place, (int64_t)b->count));
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        struct place inner = *place;
        inner.path =
            text_format(place->list->arena, "%.*s%s[%zu].", TEXT_ARG(place->path), row->name, i);
        compare(&inner, row->sub, (const char *)a->items + i * row->sub->size,
                (const char *)b->items + i * row->sub->size);
    }
}

static void compare_member(const struct place *place, const struct field *row, const void *stored,
                           const void *derived)
{
    if (row->kind == FIELD_LIST) {
        compare_list(place, row, stored, derived);
        return;
    }
    text a = stored_text(place, row, stored);
    text b = stored_text(place, row, derived);
    if (is_same(a, b))
        return;
    if (row->kind != FIELD_OBJECT || a.ptr == NULL || b.ptr == NULL) {
        add(place, row, a, b);
        return;
    }
    struct place inner = *place;
    inner.path = text_format(place->list->arena, "%.*s%s.", TEXT_ARG(place->path), row->name);
    compare(&inner, row->sub, member(row, stored), member(row, derived));
}

static void compare(const struct place *place, const struct fields *table, const void *stored,
                    const void *derived)
{
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].flags & FIELD_NOT_COLUMN) == 0)
            compare_member(place, &table->rows[i], stored, derived);
    }
}

void verify_compare(struct verify_list *list, const struct verify_pair *pair,
                    const char *const *names, struct any_id line)
{
    CHECK(list != NULL && pair != NULL && pair->table != NULL);
    CHECK(pair->stored != NULL && pair->derived != NULL);
    struct place place = { list, line, TEXT("") };
    if (names == NULL)
        compare(&place, pair->table, pair->stored, pair->derived);
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        const struct field *row = fields_find(pair->table, text_of(names[i]));
        CHECK(row != NULL);
        compare_member(&place, row, pair->stored, pair->derived);
    }
}
