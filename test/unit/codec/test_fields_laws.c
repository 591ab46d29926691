/* test_fields_laws.c: what holds for any struct of a field table.
 *
 * Printed and read again, a struct is the same, in each dialect, as far as the dialect shows it;
 * stored and restored, each of its members is the same. SEED=n repeats a run. */
#include "base/random.h"
#include "lib/sample.h"
#include "lib/tap.h"

#define ROUNDS 3000

struct maker {
    struct arena *arena;
    struct random random;
};

static uint64_t below(struct maker *m, uint64_t bound)
{
    return random_below(&m->random, bound);
}

/* Some characters of one, two, three and four bytes, and all that JSON must escape. */
static text random_text(struct maker *m, size_t least)
{
    static const char *const pieces[] = {
        "a",  "Z",    "0",    " ", "\"",       "\\",           "/",
        "\n", "\x01", "\x7f", "%", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "{",  "]",    ",",    ":"
    };
    struct buffer out = { .arena = m->arena };
    size_t count = least + below(m, 6);

    for (size_t i = 0; i < count; i++)
        buffer_add_cstr(&out, pieces[below(m, COUNT_OF(pieces))]);
    if (below(m, 8) == 0)
        buffer_add_char(&out, '\0');
    return out.len ? buffer_text(&out) : TEXT("");
}

static text random_of(struct maker *m, const char *const *choices, size_t count)
{
    return text_of(choices[below(m, count)]);
}

static text random_formed(struct maker *m, enum field_form form)
{
    static const char *const keys[] = { "a", "a_b", "0_1_z", "plan2" };
    static const char *const currencies[] = { "USD", "HUF", "JPY" };
    static const char *const zones[] = { "UTC", "Europe/Budapest" };
    static const char *const paths[] = { "$", "$.a", "$.a[0][\"b c\"]" };
    static const char *const countries[] = { "HU", "US" };

    if (form == FORM_KEY)
        return random_of(m, keys, COUNT_OF(keys));
    if (form == FORM_CURRENCY)
        return random_of(m, currencies, COUNT_OF(currencies));
    if (form == FORM_TIME_ZONE)
        return random_of(m, zones, COUNT_OF(zones));
    if (form == FORM_JSON_PATH || form == FORM_DIMENSIONS)
        return random_of(m, paths, COUNT_OF(paths));
    if (form == FORM_COUNTRY)
        return random_of(m, countries, COUNT_OF(countries));
    return random_text(m, 1);
}

static dec random_dec(struct maker *m, bool is_natural)
{
    dec_coefficient coefficient = (dec_coefficient)below(m, UINT64_MAX);

    coefficient = coefficient * (dec_coefficient)below(m, 1000000) + (dec_coefficient)below(m, 10);
    if (below(m, 4) == 0)
        coefficient = 0;
    if (!is_natural && below(m, 2))
        coefficient = -coefficient;
    return dec_of_parts(coefficient, (int32_t)below(m, DEC_SCALE_MAX + 1));
}

static int64_t random_int(struct maker *m, const struct field *row)
{
    if (row->items_max > 0)
        return row->items_min + (int64_t)below(m, (uint64_t)(row->items_max - row->items_min + 1));
    if (row->flags & FIELD_NON_NEGATIVE)
        return (int64_t)(below(m, UINT64_MAX) >> 1);
    return (int64_t)below(m, UINT64_MAX);
}

static span random_span(struct maker *m)
{
    span s = { .years = (int32_t)below(m, 3), .months = (int32_t)below(m, 20) };

    s.weeks = (int32_t)below(m, 2);
    s.days = (int32_t)below(m, 40);
    s.hours = (int32_t)below(m, 2);
    s.minutes = (int32_t)below(m, 100);
    s.seconds = (int32_t)below(m, 2);
    s.nanoseconds = (int32_t)below(m, 2) * (int32_t)below(m, 1000000000);
    return s;
}

static struct text_map random_map(struct maker *m, const struct field *row)
{
    static const char *const keys[] = { "env", "team_a", "x9" };
    struct text_map map = { ARENA_ARRAY(m->arena, struct text_pair, 2), 0 };
    size_t first = below(m, COUNT_OF(keys));

    map.count = below(m, 3);
    for (size_t i = 0; i < map.count; i++) {
        map.items[i].key = text_of(keys[(first + i) % COUNT_OF(keys)]);
        map.items[i].value = row->form == FORM_LABELS ? TEXT("v-1.x_Y")
                                                      : random_formed(m, row->form);
    }
    return map;
}

static struct text_list random_texts(struct maker *m, const struct field *row)
{
    struct text_list list = { ARENA_ARRAY(m->arena, text, 3), (size_t)below(m, 4) };

    for (size_t i = 0; i < list.count; i++)
        list.items[i] = random_formed(m, row->form);
    return list;
}

static text random_json(struct maker *m)
{
    static const char *const values[] = { "1.50",      "\"\\u00e9\"",
                                          "[ 1, {} ]", "{ \"a\" : null }",
                                          "true",      "123456789012345678901234567890.12" };

    return random_of(m, values, COUNT_OF(values));
}

static void make_struct(struct maker *m, const struct fields *table, void *ret);

static struct list random_list(struct maker *m, const struct field *row)
{
    struct list list = { NULL, (size_t)below(m, 4) };
    char *items = arena_array(m->arena, list.count, row->sub->size);

    for (size_t i = 0; i < list.count; i++)
        make_struct(m, row->sub, items + i * row->sub->size);
    list.items = items;
    return list;
}

static void make_object(struct maker *m, const struct field *row, void *object)
{
    make_struct(m, row->sub, (char *)object + row->offset);
    if (row->set_offset)
        *((bool *)object + row->set_offset) = true;
}

static void make_member(struct maker *m, const struct field *row, void *object)
{
    void *member = (char *)object + row->offset;

    switch (row->kind) {
    case FIELD_TEXT:
        *(text *)member = random_formed(m, row->form);
        return;
    case FIELD_BOOL:
        *(bool *)member = below(m, 2);
        return;
    case FIELD_INT:
        *(int64_t *)member = random_int(m, row);
        return;
    case FIELD_DEC:
        *(dec *)member = random_dec(m, row->flags & FIELD_NON_NEGATIVE);
        return;
    case FIELD_INSTANT:
        *(instant *)member = (instant){ (int64_t)below(m, UINT64_MAX / 2) - INT64_MAX / 2 };
        return;
    case FIELD_SPAN:
        *(span *)member = random_span(m);
        return;
    case FIELD_ULID:
        random_fill(&m->random, member, sizeof(ulid));
        ((ulid *)member)->bytes[0] |= 1;
        return;
    case FIELD_ENUM:
        *(int *)member = (int)below(m, 2);
        return;
    case FIELD_TEXT_MAP:
        *(struct text_map *)member = random_map(m, row);
        return;
    case FIELD_TEXT_LIST:
        *(struct text_list *)member = random_texts(m, row);
        return;
    case FIELD_OBJECT:
        make_object(m, row, object);
        return;
    case FIELD_LIST:
        *(struct list *)member = random_list(m, row);
        return;
    case FIELD_JSON:
        *(text *)member = random_json(m);
        return;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

/* A struct that obeys the table's rules; about a third of the optional members are absent. */
static void make_struct(struct maker *m, const struct fields *table, void *ret)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];

        field_set_absent(row, ret);
        if (row->flags & FIELD_REQUIRED || below(m, 3))
            make_member(m, row, ret);
    }
}

static bool member_is_same(struct arena *arena, const struct field *row, const void *a,
                           const void *b)
{
    const char *left = (const char *)a + row->offset;
    const char *right = (const char *)b + row->offset;

    if (row->kind == FIELD_BOOL)
        return *(const bool *)(const void *)left == *(const bool *)(const void *)right;
    if (row->kind == FIELD_INT)
        return memcmp(left, right, sizeof(int64_t)) == 0;
    return field_is_absent(row, a) == field_is_absent(row, b) &&
           text_equal(field_to_text(row, a, arena), field_to_text(row, b, arena));
}

static text printed(struct arena *arena, enum dialect dialect, const void *object)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    fields_write(&sample_fields, dialect, &w, object);
    return buffer_text(&out);
}

/* Whether a dialect both prints and reads a row; what nested tables hide is lost as well. */
static bool is_carried(const struct field *row, enum dialect dialect)
{
    unsigned hidden = FIELD_READ_ONLY | FIELD_WRITE_ONLY | FIELD_NOT_JSON |
                      (dialect == DIALECT_V1 ? FIELD_NOT_V1 : FIELD_NOT_V3);

    return !(row->flags & hidden) && row->kind != FIELD_LIST && row->kind != FIELD_OBJECT;
}

/* Whether write(read(write(x))) is write(x), and read(write(x)) is x. */
static bool survives_dialect(struct arena *arena, const struct sample *sample, enum dialect dialect)
{
    text first = printed(arena, dialect, sample);
    struct sample again;
    struct json value;
    struct json_fault fault;
    struct problem problem;
    bool is_same;

    problem_init(&problem, arena);
    MUST(json_parse(arena, first, &value, &fault));
    if (!fields_read(&sample_fields, dialect, &value, &problem, &again)) {
        printf("# refused: %.*s\n# %.*s: %.*s\n", TEXT_ARG(first),
               TEXT_ARG(problem.fields[0].field), TEXT_ARG(problem.fields[0].reason));
        return false;
    }
    /* What requests do not set is not carried; it is put back to compare what is printed. */
    again.id = sample->id;
    again.created_at = sample->created_at;
    if (dialect == DIALECT_V1)
        again.usage_attribution.is_open = sample->usage_attribution.is_open;
    is_same = text_equal(printed(arena, dialect, &again), first);
    for (size_t i = 0; i < sample_fields.count; i++)
        if (is_carried(&sample_rows[i], dialect) &&
            !member_is_same(arena, &sample_rows[i], sample, &again)) {
            printf("# %s differs: %.*s\n", sample_rows[i].name, TEXT_ARG(first));
            is_same = false;
        }
    return is_same;
}

static bool survives_store(struct arena *arena, const struct sample *sample)
{
    struct sample again = *sample;
    bool is_same = true;

    for (size_t i = 0; i < sample_fields.count; i++) {
        const struct field *row = &sample_rows[i];
        text t;

        if (row->kind == FIELD_BOOL || row->kind == FIELD_INT)
            continue;
        t = field_to_text(row, sample, arena);
        field_set_absent(row, &again);
        if (t.ptr && !field_from_text(row, t, arena, &again))
            is_same = false;
        /* An absent word is restored as absent, not as what requests fall back to. */
        if (!t.ptr && row->kind == FIELD_ENUM)
            continue;
        if (!member_is_same(arena, row, sample, &again)) {
            printf("# %s differs: %.*s\n", row->name, TEXT_ARG(t));
            is_same = false;
        }
    }
    return is_same;
}

int main(void)
{
    const char *given = getenv("SEED");
    int64_t seed = 20260131;
    struct maker m = { 0 };
    int lost_v1 = 0, lost_v3 = 0, lost_store = 0;

    if (given)
        MUST(text_to_int(text_of(given), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    m.random = random_seeded((uint64_t)seed);
    m.arena = arena_new();
    for (int i = 0; i < ROUNDS; i++) {
        struct sample sample = { 0 };

        arena_reset(m.arena);
        make_struct(&m, &sample_fields, &sample);
        lost_v1 += !survives_dialect(m.arena, &sample, DIALECT_V1);
        lost_v3 += !survives_dialect(m.arena, &sample, DIALECT_V3);
        lost_store += !survives_store(m.arena, &sample);
    }
    arena_free(m.arena);
    OK(lost_v1 == 0, "printed in v1 and read again, %d of %d are not the same", lost_v1, ROUNDS);
    OK(lost_v3 == 0, "printed in v3 and read again, %d of %d are not the same", lost_v3, ROUNDS);
    OK(lost_store == 0, "stored and restored, %d of %d are not the same", lost_store, ROUNDS);
    return tap_end();
}
