/* test_column.c: laws of columns: what was put comes out, exactly and with nothing left over; bytes
 * that no writer made are refused or give something, but never read outside. */
#include "lib/law.h"
#include "usage/column_leaf.h"
#include "usage/column_uuid.h"

#define COUNT_MAX 3000

static uint64_t below(uint64_t bound)
{
    return random_below(&law_random, bound);
}

/* Exactly the bytes written, so that the sanitizers see a read past their end. */
static struct column_cursor exactly(struct arena *arena, const struct column_bytes *bytes)
{
    const unsigned char *copy = arena_copy(arena, bytes->ptr, bytes->len);
    return (struct column_cursor){ copy, copy + bytes->len };
}

/* ---- codes ---- */

static void law_codes(struct law *law, struct column_packer *packer)
{
    static uint32_t codes[COUNT_MAX];
    static uint32_t got[COUNT_MAX];
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct column_bytes bytes = { 0 };
    struct column_cursor from;
    size_t count = 1 + below(COUNT_MAX);
    uint64_t limit = 1 + below(UINT64_C(1) << below(33));
    uint32_t max = 0;
    bool is_kept;
    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint32_t)below(below(3) ? limit : 1 + limit / 16);
        codes[i] = codes[i] == UINT32_MAX ? 0 : codes[i];
        max = codes[i] > max ? codes[i] : max;
    }
    column_put_codes(packer, codes, count, &bytes);
    from = exactly(arena, &bytes);
    is_kept = column_get_codes(&from, count, max + 1, got) && from.at == from.end &&
              memcmp(codes, got, count * sizeof(*codes)) == 0;
    from = exactly(arena, &bytes);
    law_case(law, is_kept && !column_get_codes(&from, count, max, got), "%zu codes below %llu",
             count, (unsigned long long)limit);
    column_bytes_free(&bytes);
}

/* ---- numbers ---- */

static int64_t any_number(void)
{
    static const int64_t odd[] = { INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MIN + 1, 1000000 };
    if (below(4) == 0)
        return odd[below(COUNT_OF(odd))];
    return law_between(INT64_MIN, INT64_MAX);
}

static void fill_numbers(int64_t *numbers, size_t count)
{
    int64_t unit = below(2) ? 1 : (int64_t)(1 + below(5000000));
    uint64_t kind = below(4);
    int64_t at = (int64_t)below(1000000) - 500000;
    for (size_t i = 0; i < count; i++) {
        if (kind == 0)
            numbers[i] = any_number();
        else if (kind == 1)
            numbers[i] = (at += (int64_t)below(50) - 5) * unit;
        else if (kind == 2)
            numbers[i] = ((int64_t)below(1000) - 500) * unit + 7;
        else
            numbers[i] = below(500) ? at : any_number();
    }
}

static void law_numbers(struct law *law, struct column_packer *packer)
{
    static int64_t numbers[COUNT_MAX];
    static int64_t got[COUNT_MAX];
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct column_bytes bytes = { 0 };
    struct column_cursor from;
    size_t count = 1 + below(COUNT_MAX);
    fill_numbers(numbers, count);
    column_put_numbers(packer, numbers, count, &bytes);
    from = exactly(arena, &bytes);
    law_case(law,
             column_get_numbers(&from, count, got) && from.at == from.end &&
                 memcmp(numbers, got, count * sizeof(*numbers)) == 0,
             "%zu numbers", count);
    column_bytes_free(&bytes);
}

/* ---- texts ---- */

static text any_text(struct arena *arena)
{
    size_t size = below(10) ? below(20) : below(3000);
    char *bytes = arena_alloc(arena, size);
    random_fill(&law_random, bytes, size);
    if (below(2))
        memset(bytes, 'x', size);
    return (text){ bytes, size };
}

static void law_texts(struct law *law, struct column_packer *packer)
{
    static text texts[COUNT_MAX];
    static text got[COUNT_MAX];
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct column_bytes bytes = { 0 };
    struct column_cursor from;
    size_t count = below(COUNT_MAX / 10);
    bool is_kept;
    for (size_t i = 0; i < count; i++)
        texts[i] = any_text(arena);
    column_put_texts(packer, texts, count, &bytes);
    from = exactly(arena, &bytes);
    is_kept = column_get_texts(&from, count, arena, got) && from.at == from.end;
    for (size_t i = 0; is_kept && i < count; i++)
        is_kept = text_equal(texts[i], got[i]);
    law_case(law, is_kept, "%zu texts", count);
    column_bytes_free(&bytes);
}

/* ---- leaves ---- */

enum leaf_kind { FEW, WHOLE, DECIMAL, MIXED_SCALE, UUID, ANY, LEAF_KINDS };

static text any_leaf(struct arena *arena, enum leaf_kind kind)
{
    static const char *const few[] = { "\"a\"", "\"b\\n\"", "null", "true", "17", "\"\"" };
    static const char *const odd[] = {
        "-0", "-0.0",  "1e3",  "0.00", "-0.50", "123456789012345678", "1234567890123456789",
        "0",  "false", "\"x\""
    };
    char uuid[UUID_TEXT_LENGTH];
    unsigned long long n = below(100000);
    switch (kind) {
    case FEW:
        return text_of(few[below(COUNT_OF(few))]);
    case WHOLE:
        return text_format(arena, "%s%llu", below(4) || n == 0 ? "" : "-", n);
    case DECIMAL:
        return text_format(arena, "%llu.%02llu", n, (unsigned long long)below(100));
    case MIXED_SCALE:
        return below(2) ? text_format(arena, "%llu.5", n) : text_format(arena, "%llu", n * n);
    case UUID:
        uuid_print_random(&law_random, uuid);
        return text_format(arena, "\"%.36s\"", uuid);
    case ANY:
        return below(9) ? text_format(arena, "%llu", n) : text_of(odd[below(COUNT_OF(odd))]);
    case LEAF_KINDS:
        break;
    }
    UNREACHABLE();
}

/* The dictionary as a reader has it. */
static struct leaf_values read_dict(const struct sealed_dict *dict, struct arena *arena)
{
    uint32_t count = sealed_dict_count(dict);
    struct json *values = ARENA_ARRAY(arena, struct json, count);
    for (uint32_t i = 0; i < count; i++)
        values[i].raw = sealed_dict_texts(dict)[i];
    return (struct leaf_values){ NULL, values, count };
}

static void law_leaves(struct law *law, struct column_packer *packer)
{
    static text leaves[COUNT_MAX];
    static uint32_t scratch[COUNT_MAX];
    static uint32_t identity[COUNT_MAX];
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    enum leaf_kind kind = (enum leaf_kind)below(LEAF_KINDS);
    struct leaf_writer writer = { .dict = sealed_dict_new(1) };
    struct column_bytes bytes = { 0 };
    struct leaf_sink to = { packer, &bytes, scratch };
    size_t count = 1 + below(COUNT_MAX);
    uint32_t code = 0;
    bool is_kept = true;
    for (size_t i = 0; i < count; i++) {
        leaves[i] = any_leaf(arena, kind);
        identity[i] = (uint32_t)i;
    }
    if (leaf_put(&writer, leaves, count, &to, &code)) {
        for (size_t i = 0; i < count; i++)
            is_kept = is_kept && text_equal(leaves[i], sealed_dict_texts(writer.dict)[code]);
        is_kept = is_kept && bytes.len == 0;
    } else {
        struct leaf_source source = { read_dict(writer.dict, arena), identity, arena };
        struct column_cursor from = exactly(arena, &bytes);
        struct leaf_values got;
        is_kept = leaf_get(&from, count, &source, &got) && from.at == from.end;
        for (size_t i = 0; is_kept && i < count; i++)
            is_kept = got.codes[i] < got.value_count &&
                      text_equal(got.values[got.codes[i]].raw, leaves[i]);
    }
    law_case(law, is_kept, "%zu leaves of kind %d", count, (int)kind);
    sealed_dict_free(writer.dict);
    column_bytes_free(&bytes);
}

/* ---- spoilt bytes ---- */

static void law_spoilt(struct law *law, struct column_packer *packer)
{
    static uint32_t codes[COUNT_MAX];
    static int64_t numbers[COUNT_MAX];
    static text texts[COUNT_MAX];
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct column_bytes bytes = { 0 };
    struct column_cursor from;
    size_t count = 1 + below(300);
    uint32_t limit = 1 + (uint32_t)below(1000);
    bool is_kept = true;
    for (size_t i = 0; i < count; i++)
        codes[i] = (uint32_t)below(limit);
    fill_numbers(numbers, count);
    if (below(2))
        column_put_codes(packer, codes, count, &bytes);
    else
        column_put_numbers(packer, numbers, count, &bytes);
    bytes.len -= below(2) ? 0 : below(bytes.len);
    if (bytes.len > 0)
        bytes.ptr[below(bytes.len)] = (unsigned char)below(256);
    from = exactly(arena, &bytes);
    if (column_get_codes(&from, count, limit, codes))
        for (size_t i = 0; i < count; i++)
            is_kept = is_kept && codes[i] < limit;
    from = exactly(arena, &bytes);
    (void)!column_get_numbers(&from, count, numbers);
    from = exactly(arena, &bytes);
    if (bytes.len < 64)
        (void)!column_get_texts(&from, count, arena, texts);
    law_case(law, is_kept, "%zu bytes", bytes.len);
    column_bytes_free(&bytes);
}

/* ---- UUIDs ---- */

/* Every byte in every place of a UUID: only digits in lower case and dashes where they belong. */
static void test_digits(void)
{
    static const char good[] = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    struct law law = { .name = "a UUID has digits in lower case, and dashes in their places" };
    for (size_t place = 0; place < UUID_TEXT_LENGTH; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char t[UUID_TEXT_LENGTH];
            char back[UUID_TEXT_LENGTH];
            unsigned char bytes[UUID_BYTES];
            bool is_digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
            bool is_good = good[place] == '-' ? byte == '-' : is_digit;
            bool is_it;
            memcpy(t, good, sizeof(t));
            t[place] = (char)byte;
            is_it = uuid_bytes((text){ t, sizeof(t) }, bytes);
            if (is_it)
                uuid_text(bytes, back);
            law_case(&law, is_it == is_good && (!is_it || memcmp(t, back, sizeof(t)) == 0),
                     "byte %d at %zu", byte, place);
        }
    }
    law_end(&law);
}

static void test_uuids(void)
{
    static const struct {
        const char *text;
        bool is_canonical;
    } cases[] = {
        { "f47ac10b-58cc-4372-a567-0e02b2c3d479", true },
        { "00000000-0000-0000-0000-000000000000", true },
        { "ffffffff-ffff-ffff-ffff-ffffffffffff", true },
        { "F47AC10B-58CC-4372-A567-0E02B2C3D479", false },
        { "f47ac10b-58cc-4372-a567-0e02b2c3d47", false },
        { "f47ac10b-58cc-4372-a567-0e02b2c3d47g", false },
        { "f47ac10b_58cc-4372-a567-0e02b2c3d479", false },
        { "f47ac10b058cc-4372-a567-0e02b2c3d479", false },
        { "f47ac10b-58cc-4372-a567-0e02b2c3d47\xe9", false },
        { "", false },
    };

    test_digits();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned char bytes[UUID_BYTES];
        char back[UUID_TEXT_LENGTH] = { 0 };
        bool is_it = uuid_bytes(text_of(cases[i].text), bytes);
        if (is_it)
            uuid_text(bytes, back);
        OK(is_it == cases[i].is_canonical &&
               (!is_it || memcmp(back, cases[i].text, UUID_TEXT_LENGTH) == 0),
           "a UUID in canonical form only, and back: %s", cases[i].text);
    }
}

int main(void)
{
    struct column_packer *packer = column_packer_new();
    struct law codes = { .name = "codes come back, below their limit only" };
    struct law numbers = { .name = "numbers come back" };
    struct law texts = { .name = "texts come back" };
    struct law leaves = { .name = "leaves come back as they were written" };
    struct law spoilt = { .name = "spoilt codes are refused or below their limit" };
    law_seed();
    test_uuids();
    for (int i = 0; i < 500; i++) {
        law_codes(&codes, packer);
        law_numbers(&numbers, packer);
        law_texts(&texts, packer);
        law_leaves(&leaves, packer);
        law_spoilt(&spoilt, packer);
    }
    law_end(&codes);
    law_end(&numbers);
    law_end(&texts);
    law_end(&leaves);
    law_end(&spoilt);
    column_packer_free(packer);
    return tap_end();
}
