/* filter_json.c: filters from JSON and to JSON, in the words of both dialects. */
#include "base/limits.h"
#include "codec/filter.h"

struct filter_word {
    const char *words[DIALECT_COUNT];
};

static const struct filter_word filter_words[] = {
    [FILTER_EQ] = { { "$eq", "eq" } },
    [FILTER_NE] = { { "$ne", "neq" } },
    [FILTER_IN] = { { "$in", "in" } },
    [FILTER_NOT_IN] = { { "$nin", "nin" } },
    [FILTER_CONTAINS] = { { NULL, "contains" } },
    [FILTER_NOT_CONTAINS] = { { NULL, "ncontains" } },
    [FILTER_LIKE] = { { "$like", "like" } },
    [FILTER_NOT_LIKE] = { { "$nlike", "nlike" } },
    [FILTER_ILIKE] = { { "$ilike", "ilike" } },
    [FILTER_NOT_ILIKE] = { { "$nilike", "nilike" } },
    [FILTER_GT] = { { "$gt", "gt" } },
    [FILTER_GTE] = { { "$gte", "gte" } },
    [FILTER_LT] = { { "$lt", "lt" } },
    [FILTER_LTE] = { { "$lte", "lte" } },
    [FILTER_EXISTS] = { { "$exists", "exists" } },
    [FILTER_NOT_EXISTS] = { { NULL, NULL } }, /* exists: false */
    [FILTER_AND] = { { "$and", "and" } },
    [FILTER_OR] = { { "$or", "or" } },
};

_Static_assert(COUNT_OF(filter_words) == FILTER_OP_COUNT, "an operator has no word");

struct filter_reader {
    enum dialect dialect;
    struct arena *arena;
    struct problem *problem;
};

static bool fault_add(struct filter_reader *r, text place, const char *rule, text reason)
{
    problem_add_field(r->problem, &(struct problem_field){ .field = place,
                                                           .rule = text_of(rule),
                                                           .reason = reason,
                                                           .source = SOURCE_BODY });
    return false;
}

static bool fault_bound(struct filter_reader *r, text place, const char *rule, int64_t bound)
{
    bool is_min = rule[1] == 'i';
    const char *of = strchr(rule, '_');

    CHECK(of);
    problem_add_field(r->problem,
                      &(struct problem_field){
                          .field = place,
                          .rule = text_of(rule),
                          .reason = text_format(r->arena, "must have %s %lld %s",
                                                is_min ? "at least" : "not more than",
                                                (long long)bound, of[1] == 'l' ? "bytes" : "items"),
                          .source = SOURCE_BODY,
                          .bound = bound,
                          .has_bound = true });
    return false;
}

static text place_of_key(struct filter_reader *r, text place, text key)
{
    if (place.len == 0)
        return key;
    return text_format(r->arena, "%.*s.%.*s", TEXT_ARG(place), TEXT_ARG(key));
}

static text place_of_index(struct filter_reader *r, text place, size_t index)
{
    return text_format(r->arena, "%.*s[%zu]", TEXT_ARG(place), index);
}

static bool read_value(struct filter_reader *r, const struct json *value, text place, text *ret)
{
    if (value->kind != JSON_TEXT)
        return fault_add(r, place, "is_string", TEXT("must be a string"));
    if (value->text.len > LIMIT_FILTER_VALUE_MAX)
        return fault_bound(r, place, "max_length", LIMIT_FILTER_VALUE_MAX);
    *ret = value->text;
    return true;
}

/* An array of 1 to `max` items. */
static bool is_list(struct filter_reader *r, const struct json *value, text place, int64_t max)
{
    if (value->kind != JSON_ARRAY)
        return fault_add(r, place, "is_array", TEXT("must be an array"));
    if (value->count == 0)
        return fault_bound(r, place, "min_items", 1);
    if ((int64_t)value->count > max)
        return fault_bound(r, place, "max_items", max);
    return true;
}

static bool read_values(struct filter_reader *r, const struct json *value, text place,
                        struct text_list *ret)
{
    bool is_valid = true;

    if (!is_list(r, value, place, LIMIT_FILTER_VALUES_MAX))
        return false;
    ret->items = ARENA_ARRAY(r->arena, text, value->count);
    ret->count = value->count;
    for (size_t i = 0; i < value->count; i++)
        if (!read_value(r, &value->items[i], place_of_index(r, place, i), &ret->items[i]))
            is_valid = false;
    return is_valid;
}

static bool read_filter(struct filter_reader *r, const struct json *value, text place, int depth,
                        struct filter *ret);

static bool read_parts(struct filter_reader *r, const struct json *value, text place, int depth,
                       struct filter *ret)
{
    bool is_valid = true;

    if (!is_list(r, value, place, LIMIT_FILTER_PARTS_MAX))
        return false;
    ret->parts = ARENA_ARRAY(r->arena, struct filter, value->count);
    ret->part_count = value->count;
    for (size_t i = 0; i < value->count; i++)
        if (!read_filter(r, &value->items[i], place_of_index(r, place, i), depth + 1,
                         &ret->parts[i]))
            is_valid = false;
    return is_valid;
}

static bool read_operand(struct filter_reader *r, const struct json *value, text place, int depth,
                         struct filter *ret)
{
    if (ret->op == FILTER_AND || ret->op == FILTER_OR)
        return read_parts(r, value, place, depth, ret);
    if (ret->op == FILTER_IN || ret->op == FILTER_NOT_IN)
        return read_values(r, value, place, &ret->values);
    if (ret->op != FILTER_EXISTS)
        return read_value(r, value, place, &ret->value);
    if (value->kind != JSON_BOOL)
        return fault_add(r, place, "is_boolean", TEXT("must be true or false"));
    ret->op = value->boolean ? FILTER_EXISTS : FILTER_NOT_EXISTS;
    return true;
}

/* The operator with this word; FILTER_OP_COUNT when there is none. */
static enum filter_op op_find(enum dialect dialect, text word)
{
    for (int op = 0; op < FILTER_OP_COUNT; op++) {
        const char *candidate = filter_words[op].words[dialect];

        if (candidate && text_equal(text_of(candidate), word))
            return (enum filter_op)op;
    }
    return FILTER_OP_COUNT;
}

/* The one operator of a node. */
static bool find_operator(struct filter_reader *r, const struct json *value, text place,
                          const struct json **ret)
{
    const struct json *found = NULL;
    bool is_known = true;

    for (size_t i = 0; i < value->count; i++) {
        const struct json *member = &value->items[i];

        /* Passing over an operator would let through what the client wants kept out: so v1 does
         * not ignore unknown keys here. */
        if (op_find(r->dialect, member->key) == FILTER_OP_COUNT)
            is_known = fault_add(r, place_of_key(r, place, member->key), "unknown_property",
                                 TEXT("is not an operator of filters"));
        else if (member->kind != JSON_NULL && found)
            return fault_add(r, place, "invalid", TEXT("must have one operator, not several"));
        else if (member->kind != JSON_NULL)
            found = member;
    }
    if (is_known && !found)
        return fault_add(r, place, "invalid", TEXT("must have an operator"));
    *ret = found;
    return is_known;
}

static bool read_filter(struct filter_reader *r, const struct json *value, text place, int depth,
                        struct filter *ret)
{
    const struct json *member = NULL;

    *ret = (struct filter){ .op = FILTER_EQ };
    if (depth > LIMIT_FILTER_DEPTH)
        return fault_add(r, place, "invalid", TEXT("is nested too deeply"));
    if (value->kind == JSON_TEXT)
        return read_value(r, value, place, &ret->value);
    if (value->kind == JSON_ARRAY) {
        ret->op = FILTER_IN;
        return read_values(r, value, place, &ret->values);
    }
    if (value->kind != JSON_OBJECT)
        return fault_add(r, place, "is_object", TEXT("must be an object with an operator"));
    if (!find_operator(r, value, place, &member))
        return false;
    ret->op = op_find(r->dialect, member->key);
    return read_operand(r, member, place_of_key(r, place, member->key), depth, ret);
}

bool filter_read(const struct json *value, enum dialect dialect, text place,
                 struct problem *problem, struct filter *ret)
{
    struct filter_reader r = { dialect, problem->arena, problem };
    struct filter filter;

    CHECK(value && problem && ret && (unsigned)dialect < DIALECT_COUNT);
    if (!read_filter(&r, value, place, 1, &filter))
        return false;
    *ret = filter;
    return true;
}

bool filter_map_read(const struct json *value, enum dialect dialect, text place,
                     struct problem *problem, struct filter_map *ret)
{
    struct filter_reader r = { dialect, problem->arena, problem };
    struct filter_map map = { 0 };
    bool is_valid = true;

    CHECK(value && problem && ret && (unsigned)dialect < DIALECT_COUNT);
    if (value->kind != JSON_OBJECT)
        return fault_add(&r, place, "is_object", TEXT("must be an object"));
    if (value->count > LIMIT_FILTER_NAMES_MAX)
        return fault_bound(&r, place, "max_items", LIMIT_FILTER_NAMES_MAX);
    map.items = ARENA_ARRAY(problem->arena, struct filter_entry, value->count);
    map.count = value->count;
    for (size_t i = 0; i < value->count; i++) {
        const struct json *member = &value->items[i];

        map.items[i].name = member->key;
        if (!read_filter(&r, member, place_of_key(&r, place, member->key), 1, &map.items[i].filter))
            is_valid = false;
    }
    if (is_valid)
        *ret = map;
    return is_valid;
}

/* The text that a pattern of the form %text% looks for, escapes taken off; TEXT_NONE for any
 * other pattern. */
static text contained_in(struct arena *arena, text pattern)
{
    struct buffer out = { .arena = arena };

    if (pattern.len < 2 || pattern.ptr[0] != '%' || pattern.ptr[pattern.len - 1] != '%')
        return TEXT_NONE;
    for (size_t i = 1; i + 1 < pattern.len; i++) {
        char c = pattern.ptr[i];

        if (c == '%' || c == '_')
            return TEXT_NONE;
        if (c == '\\')
            c = pattern.ptr[++i];
        /* The last '%' was escaped. */
        if (i + 1 >= pattern.len)
            return TEXT_NONE;
        buffer_add_char(&out, c);
    }
    return out.len ? buffer_text(&out) : TEXT("");
}

static text pattern_of(struct arena *arena, text contained)
{
    struct buffer out = { .arena = arena };

    buffer_add_char(&out, '%');
    for (size_t i = 0; i < contained.len; i++) {
        if (memchr("%_\\", contained.ptr[i], 3))
            buffer_add_char(&out, '\\');
        buffer_add_char(&out, contained.ptr[i]);
    }
    buffer_add_char(&out, '%');
    return buffer_text(&out);
}

/* "contains" and "ilike %…%" say the same: each dialect gets the one it has. */
static struct filter in_dialect(const struct filter *filter, enum dialect dialect,
                                struct arena *arena)
{
    bool contains = filter->op == FILTER_CONTAINS || filter->op == FILTER_NOT_CONTAINS;
    bool is_like = filter->op == FILTER_ILIKE || filter->op == FILTER_NOT_ILIKE;
    struct filter turned = *filter;

    if (dialect == DIALECT_V1 && contains) {
        turned.op = filter->op == FILTER_CONTAINS ? FILTER_ILIKE : FILTER_NOT_ILIKE;
        turned.value = pattern_of(arena, filter->value);
    }
    if (dialect == DIALECT_V3 && is_like) {
        text contained = contained_in(arena, filter->value);

        if (!contained.ptr)
            return turned;
        turned.op = filter->op == FILTER_ILIKE ? FILTER_CONTAINS : FILTER_NOT_CONTAINS;
        turned.value = contained;
    }
    return turned;
}

void filter_write(const struct filter *filter, enum dialect dialect, struct json_writer *w)
{
    struct filter f = in_dialect(filter, dialect, w->out->arena);
    bool is_negated_exists = f.op == FILTER_NOT_EXISTS;
    enum filter_op named = is_negated_exists ? FILTER_EXISTS : f.op;

    CHECK((unsigned)dialect < DIALECT_COUNT && filter_words[named].words[dialect]);
    json_object_begin(w);
    json_key(w, text_of(filter_words[named].words[dialect]));
    if (named == FILTER_AND || named == FILTER_OR) {
        json_array_begin(w);
        for (size_t i = 0; i < f.part_count; i++)
            filter_write(&f.parts[i], dialect, w);
        json_array_end(w);
    } else if (named == FILTER_IN || named == FILTER_NOT_IN) {
        json_array_begin(w);
        for (size_t i = 0; i < f.values.count; i++)
            json_text(w, f.values.items[i]);
        json_array_end(w);
    } else if (named == FILTER_EXISTS) {
        json_bool(w, !is_negated_exists);
    } else {
        json_text(w, f.value);
    }
    json_object_end(w);
}

void filter_map_write(const struct filter_map *map, enum dialect dialect, struct json_writer *w)
{
    json_object_begin(w);
    for (size_t i = 0; i < map->count; i++) {
        json_key(w, map->items[i].name);
        filter_write(&map->items[i].filter, dialect, w);
    }
    json_object_end(w);
}
