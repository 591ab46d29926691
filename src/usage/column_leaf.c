#include "usage/column_leaf.h"

#include "usage/column_uuid.h"
#include "usage/shape.h"

enum { LEAF_CODES, LEAF_NUMBERS, LEAF_UUIDS, LEAF_TEXTS };

#define DIGITS_MAX       18U
#define NEW_TEXTS_FIRST  64U    /* so many new texts are welcome in a block, and .. */
#define NEW_TEXTS_OF     4U     /* .. one in so many of its rows */
#define DENSE_RANGE_MAX  65536U /* numbers this close together are told apart by a table */
#define NUMBER_TEXT_ROOM 24U    /* sign, digits, point, zeros before the digits */
#define QUOTED_UUID      (UUID_TEXT_LENGTH + 2U)

/* ---- decimals ---- */

/* A number of the plain form: coefficient / 10^scale. */
struct decimal {
    int64_t coefficient;
    uint32_t scale;
};

/* Reads what print_decimal would print the same way. */
static bool read_decimal(text t, struct decimal *ret)
{
    bool is_negative = t.len > 0 && t.ptr[0] == '-';
    size_t begin = is_negative ? 1 : 0;
    size_t point = t.len;
    uint64_t n = 0;
    if (t.len == begin || t.len - begin > DIGITS_MAX)
        return false;
    for (size_t i = begin; i < t.len; i++) {
        unsigned digit = (unsigned char)t.ptr[i] - (unsigned)'0';
        if (digit <= 9)
            n = n * 10 + digit;
        else if (t.ptr[i] == '.' && point == t.len && i > begin && i + 1 < t.len)
            point = i;
        else
            return false;
    }
    if (t.ptr[begin] == '0' && point - begin > 1)
        return false;
    if (n == 0 && is_negative)
        return false;
    ret->coefficient = is_negative ? -(int64_t)n : (int64_t)n;
    ret->scale = (uint32_t)(point == t.len ? 0 : t.len - point - 1);
    return true;
}

/* Prints into NUMBER_TEXT_ROOM bytes, from their end; returns where it begins. */
static char *print_decimal(struct decimal decimal, char *room)
{
    char *at = room + NUMBER_TEXT_ROOM;
    uint64_t n = decimal.coefficient < 0 ? 0 - (uint64_t)decimal.coefficient
                                         : (uint64_t)decimal.coefficient;
    for (uint32_t i = 0; i < decimal.scale; i++, n /= 10)
        *--at = (char)('0' + n % 10);
    if (decimal.scale > 0)
        *--at = '.';
    do {
        *--at = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    if (decimal.coefficient < 0)
        *--at = '-';
    return at;
}

/* ---- writing ---- */

static bool is_number(text t)
{
    return t.len > 0 && (t.ptr[0] == '-' || (t.ptr[0] >= '0' && t.ptr[0] <= '9'));
}

/* Codes of all tokens; false, with the dictionary as it was, when that would make it too large. */
static bool code_all(struct leaf_writer *leaf, const text *tokens, size_t count, uint32_t *codes)
{
    uint32_t before = sealed_dict_count(leaf->dict);
    uint32_t max = before + NEW_TEXTS_FIRST + (uint32_t)(count / NEW_TEXTS_OF);
    uint32_t whole_max = is_number(tokens[0]) ? LEAF_NUMBERS_MAX : LEAF_TEXTS_MAX;
    if (leaf->has_no_dict)
        return false;
    if (max > whole_max)
        max = whole_max;
    for (size_t i = 0; i < count; i++) {
        codes[i] = sealed_dict_try(leaf->dict, tokens[i], max);
        if (codes[i] != UINT32_MAX)
            continue;
        sealed_dict_cut(leaf->dict, before);
        leaf->has_no_dict = true;
        return false;
    }
    return true;
}

static void add_form(struct column_bytes *out, unsigned char form)
{
    column_add(out, &form, 1);
}

/* The tokens as numbers; false, with nothing appended, when they are none. */
static bool put_numbers(const text *tokens, size_t count, const struct leaf_sink *to)
{
    uint32_t *scales = to->codes;
    int64_t *numbers;
    struct decimal decimal;
    if (!read_decimal(tokens[0], &decimal))
        return false;
    numbers = reallocarray(NULL, count, sizeof(*numbers));
    MUST(numbers != NULL);
    for (size_t i = 0; i < count; i++) {
        if (!read_decimal(tokens[i], &decimal)) {
            free(numbers);
            return false;
        }
        numbers[i] = decimal.coefficient;
        scales[i] = decimal.scale;
    }
    add_form(to->out, LEAF_NUMBERS);
    column_put_codes(to->packer, scales, count, to->out);
    column_put_numbers(to->packer, numbers, count, to->out);
    free(numbers);
    return true;
}

static bool read_quoted_uuid(text token, unsigned char ret[UUID_BYTES])
{
    return token.len == QUOTED_UUID && token.ptr[0] == '"' &&
           uuid_bytes(text_slice(token, 1, UUID_TEXT_LENGTH), ret);
}

static bool put_uuids(const text *tokens, size_t count, const struct leaf_sink *to)
{
    unsigned char uuid[UUID_BYTES];
    unsigned char *all;
    if (!read_quoted_uuid(tokens[0], uuid))
        return false;
    all = reallocarray(NULL, count, UUID_BYTES);
    MUST(all != NULL);
    for (size_t i = 0; i < count; i++) {
        if (!read_quoted_uuid(tokens[i], all + i * UUID_BYTES)) {
            free(all);
            return false;
        }
    }
    add_form(to->out, LEAF_UUIDS);
    column_put_bytes(to->packer, all, count * UUID_BYTES, to->out);
    free(all);
    return true;
}

bool leaf_put(struct leaf_writer *leaf, const text *tokens, size_t count,
              const struct leaf_sink *to, uint32_t *ret_code)
{
    uint32_t *codes = to->codes;
    CHECK(count > 0);
    if (code_all(leaf, tokens, count, codes)) {
        size_t same = 1;
        while (same < count && codes[same] == codes[0])
            same++;
        if (same == count) {
            *ret_code = codes[0];
            return true;
        }
        add_form(to->out, LEAF_CODES);
        column_put_codes(to->packer, codes, count, to->out);
        return false;
    }
    if (put_numbers(tokens, count, to) || put_uuids(tokens, count, to))
        return false;
    add_form(to->out, LEAF_TEXTS);
    column_put_texts(to->packer, tokens, count, to->out);
    return false;
}

/* ---- reading ---- */

/* A number as a value, its text at `room`. */
static struct json number_value(struct decimal decimal, char *room)
{
    char *at = print_decimal(decimal, room);
    text t = { at, (size_t)(room + NUMBER_TEXT_ROOM - at) };
    return (struct json){ .kind = JSON_NUMBER, .text = t, .raw = t };
}

/* Numbers that were read: coefficients of one or several scales. */
struct numbers {
    int64_t *coefficients;
    uint32_t *scales;
    size_t count;
};

/* Numbers of one scale within `range` of each other: each distinct one is a value once. */
static void tell_apart(const struct numbers *numbers, int64_t least, uint32_t range,
                       struct arena *arena, struct leaf_values *ret)
{
    uint32_t *places = calloc(range, sizeof(*places)); /* by distance to the least: code + 1 */
    uint32_t *codes = ARENA_ARRAY(arena, uint32_t, numbers->count);
    uint32_t distinct = 0;
    struct json *values;
    char *room;
    MUST(places != NULL);
    for (size_t i = 0; i < numbers->count; i++)
        places[numbers->coefficients[i] - least] = 1;
    for (uint32_t i = 0; i < range; i++)
        if (places[i] != 0)
            places[i] = ++distinct;
    values = ARENA_ARRAY(arena, struct json, distinct);
    room = arena_alloc(arena, (size_t)distinct * NUMBER_TEXT_ROOM);
    for (uint32_t i = 0; i < range; i++) {
        struct decimal decimal = { least + i, numbers->scales[0] };
        if (places[i] == 0)
            continue;
        values[places[i] - 1] = number_value(decimal, room);
        room += NUMBER_TEXT_ROOM;
    }
    for (size_t i = 0; i < numbers->count; i++)
        codes[i] = places[numbers->coefficients[i] - least] - 1;
    free(places);
    *ret = (struct leaf_values){ codes, values, distinct };
}

static void show_numbers(const struct numbers *numbers, const struct leaf_source *source,
                         struct leaf_values *ret)
{
    int64_t least = numbers->coefficients[0];
    int64_t most = least;
    bool is_one_scale = true;
    struct json *values;
    char *room;
    for (size_t i = 1; i < numbers->count; i++) {
        int64_t n = numbers->coefficients[i];
        least = n < least ? n : least;
        most = n > most ? n : most;
        is_one_scale = is_one_scale && numbers->scales[i] == numbers->scales[0];
    }
    if (is_one_scale && (uint64_t)most - (uint64_t)least < DENSE_RANGE_MAX) {
        tell_apart(numbers, least, (uint32_t)((uint64_t)most - (uint64_t)least) + 1, source->arena,
                   ret);
        return;
    }
    values = ARENA_ARRAY(source->arena, struct json, numbers->count);
    room = arena_alloc(source->arena, numbers->count * NUMBER_TEXT_ROOM);
    for (size_t i = 0; i < numbers->count; i++)
        values[i] = number_value((struct decimal){ numbers->coefficients[i], numbers->scales[i] },
                                 room + i * NUMBER_TEXT_ROOM);
    *ret = (struct leaf_values){ source->identity, values, (uint32_t)numbers->count };
}

static bool get_numbers(struct column_cursor *from, size_t count, const struct leaf_source *source,
                        struct leaf_values *ret)
{
    struct numbers numbers = {
        .coefficients = reallocarray(NULL, count, sizeof(*numbers.coefficients)),
        .scales = reallocarray(NULL, count, sizeof(*numbers.scales)),
        .count = count,
    };
    bool is_there;
    MUST(numbers.coefficients != NULL && numbers.scales != NULL);
    is_there = column_get_codes(from, count, DIGITS_MAX, numbers.scales) &&
               column_get_numbers(from, count, numbers.coefficients);
    if (is_there)
        show_numbers(&numbers, source, ret);
    free(numbers.coefficients);
    free(numbers.scales);
    return is_there;
}

static bool get_uuids(struct column_cursor *from, size_t count, const struct leaf_source *source,
                      struct leaf_values *ret)
{
    unsigned char *bytes = arena_array(source->arena, count, UUID_BYTES);
    struct json *values = ARENA_ARRAY(source->arena, struct json, count);
    char *room = arena_array(source->arena, count, QUOTED_UUID);
    if (!column_get_bytes(from, count * UUID_BYTES, bytes))
        return false;
    for (size_t i = 0; i < count; i++) {
        text raw = { room + i * QUOTED_UUID, QUOTED_UUID };
        room[i * QUOTED_UUID] = '"';
        room[i * QUOTED_UUID + QUOTED_UUID - 1] = '"';
        uuid_text(bytes + i * UUID_BYTES, room + i * QUOTED_UUID + 1);
        values[i] = (struct json){ .kind = JSON_TEXT,
                                   .raw = raw,
                                   .text = text_slice(raw, 1, UUID_TEXT_LENGTH) };
    }
    *ret = (struct leaf_values){ source->identity, values, (uint32_t)count };
    return true;
}

static bool get_texts(struct column_cursor *from, size_t count, const struct leaf_source *source,
                      struct leaf_values *ret)
{
    text *texts = ARENA_ARRAY(source->arena, text, count);
    struct json *values = ARENA_ARRAY(source->arena, struct json, count);
    if (!column_get_texts(from, count, source->arena, texts))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!shape_leaf_value(texts[i], source->arena, &values[i]))
            return false;
    *ret = (struct leaf_values){ source->identity, values, (uint32_t)count };
    return true;
}

bool leaf_get(struct column_cursor *from, size_t count, const struct leaf_source *source,
              struct leaf_values *ret)
{
    unsigned form;
    uint32_t *codes;
    CHECK(count > 0);
    if (from->at == from->end)
        return false;
    form = *from->at++;
    if (form == LEAF_NUMBERS)
        return get_numbers(from, count, source, ret);
    if (form == LEAF_UUIDS)
        return get_uuids(from, count, source, ret);
    if (form == LEAF_TEXTS)
        return get_texts(from, count, source, ret);
    if (form != LEAF_CODES)
        return false;
    codes = ARENA_ARRAY(source->arena, uint32_t, count);
    if (!column_get_codes(from, count, source->dict.value_count, codes))
        return false;
    *ret = (struct leaf_values){ codes, source->dict.values, source->dict.value_count };
    return true;
}
