/* fields_read.c: JSON in. Every fault of a body is gathered with its place. */
#include "base/limits.h"
#include "codec/fields_inside.h"

/* A body with more faults than this is told of the first ones. */
#define FAULTS_MAX 100

struct reader {
    enum dialect dialect;
    struct arena *arena;
    struct problem *problem; /* NULL when only the outcome counts */
    size_t fault_count;
    const char *code; /* of the row that is being read */
};

/* Where the reader stands: a chain of keys and indexes up to the root. */
struct place {
    const struct place *up; /* NULL for the root */
    text key;
    size_t index; /* when key.ptr is NULL */
};

static void place_print(const struct place *place, struct buffer *out)
{
    if (!place->up)
        return;
    place_print(place->up, out);
    if (!place->key.ptr) {
        buffer_format(out, "[%zu]", place->index);
        return;
    }
    if (out->len > 0)
        buffer_add_char(out, '.');
    buffer_add(out, place->key);
}

/* Whether a fault of this rule says that a value of the right form is out of bounds. */
static bool rule_is_bound(text rule)
{
    static const char *const rules[] = { "min", "max", "min_items", "min_length", "invalid", NULL };

    return words_find(rules, rule) != FIELD_ENUM_NONE;
}

/* Adds a fault at the place; always false. */
static bool fault_add(struct reader *r, const struct place *place, struct problem_field fault)
{
    struct buffer printed = { .arena = r->arena };

    CHECK(fault.rule.len > 0 && fault.reason.len > 0);
    r->fault_count++;
    if (!r->problem || r->fault_count > FAULTS_MAX)
        return false;
    place_print(place, &printed);
    fault.field = printed.len ? buffer_text(&printed) : TEXT("body");
    fault.source = SOURCE_BODY;
    if (r->code && !fault.code.ptr && rule_is_bound(fault.rule))
        fault.code = text_of(r->code);
    problem_add_field(r->problem, &fault);
    return false;
}

static bool fault_simple(struct reader *r, const struct place *place, const char *rule,
                         const char *reason)
{
    return fault_add(r, place,
                     (struct problem_field){ .rule = text_of(rule), .reason = text_of(reason) });
}

static bool fault_bound(struct reader *r, const struct place *place, const char *rule,
                        int64_t bound, text reason)
{
    return fault_add(
        r, place,
        (struct problem_field){
            .rule = text_of(rule), .reason = reason, .bound = bound, .has_bound = true });
}

/* Whether the value has the kind; adds a fault when it has not. */
static bool kind_is(struct reader *r, const struct json *value, enum json_kind kind,
                    const struct place *place)
{
    static const struct {
        const char *rule, *reason;
    } words[] = {
        [JSON_NULL] = { "is_null", "must be null" },
        [JSON_BOOL] = { "is_boolean", "must be true or false" },
        [JSON_NUMBER] = { "is_number", "must be a number" },
        [JSON_TEXT] = { "is_string", "must be a string" },
        [JSON_ARRAY] = { "is_array", "must be an array" },
        [JSON_OBJECT] = { "is_object", "must be an object" },
    };

    _Static_assert(COUNT_OF(words) == JSON_KIND_COUNT, "a kind has no words");
    CHECK((unsigned)kind < JSON_KIND_COUNT);
    if (value->kind == kind)
        return true;
    return fault_simple(r, place, words[kind].rule, words[kind].reason);
}

/* Whether the row has a rule that binds here: what is stored is bound by none. */
static bool has_rule(const struct reader *r, const struct field *row, enum field_flag rule)
{
    return r->dialect != DIALECT_STORE && row->flags & rule;
}

static bool form_is_met(struct reader *r, enum field_form form, text t, const struct place *place)
{
    struct problem_field fault;

    if (r->dialect == DIALECT_STORE || form_check(form, r->arena, t, &fault))
        return true;
    return fault_add(r, place, fault);
}

static bool read_text(struct reader *r, const struct field *row, const struct json *value,
                      const struct place *place, text *ret)
{
    if (!kind_is(r, value, JSON_TEXT, place) || !form_is_met(r, row->form, value->text, place))
        return false;
    *ret = value->text;
    return true;
}

/* The value of a whole number as JSON has it, 1.0 and 1e3 included. */
static bool integer_of(text t, int64_t *ret)
{
    char digits[DEC_TEXT_MAX];
    dec number;

    if (text_to_int(t, ret))
        return true;
    if (!dec_parse(t, &number))
        return false;
    number = dec_trim(number);
    return number.scale == 0 && text_to_int((text){ digits, dec_print(number, digits) }, ret);
}

static bool read_int(struct reader *r, const struct field *row, const struct json *value,
                     const struct place *place, int64_t *ret)
{
    bool has_bounds = row->items_max > 0;
    int64_t min = has_bounds ? row->items_min : INT64_MIN;
    int64_t number;

    if (value->kind != JSON_NUMBER || !integer_of(value->text, &number))
        return fault_simple(r, place, "is_integer", "must be a whole number");
    if (has_rule(r, row, FIELD_NON_NEGATIVE) && min < 0)
        min = 0;
    if (r->dialect != DIALECT_STORE && number < min)
        return fault_bound(r, place, "min", min,
                           text_format(r->arena, "must not be less than %lld", (long long)min));
    if (r->dialect != DIALECT_STORE && has_bounds && number > row->items_max)
        return fault_bound(
            r, place, "max", row->items_max,
            text_format(r->arena, "must not be more than %lld", (long long)row->items_max));
    *ret = number;
    return true;
}

static bool digits_only(text t)
{
    for (size_t i = 0; i < t.len; i++)
        if (!memchr("0123456789.-", t.ptr[i], 12))
            return false;
    return t.len > 0;
}

static bool read_dec(struct reader *r, const struct field *row, const struct json *value,
                     const struct place *place, dec *ret)
{
    bool is_number = value->kind == JSON_NUMBER && field_is_number(row, r->dialect);
    dec number;

    if (!is_number && !kind_is(r, value, JSON_TEXT, place))
        return false;
    if (is_number) {
        if (!dec_parse(value->text, &number))
            return fault_simple(r, place, "invalid", "has more digits than can be kept exactly");
    } else if (!dec_parse_numeric(value->text, &number)) {
        if (digits_only(value->text) && value->text.len > DEC_DIGITS_MAX)
            return fault_simple(r, place, "invalid", "has more digits than can be kept exactly");
        return fault_simple(r, place, "matches_regex",
                            "must be a decimal number such as \"12.50\"");
    }
    if (has_rule(r, row, FIELD_NON_NEGATIVE) && dec_sign(number) < 0)
        return fault_bound(r, place, "min", 0, TEXT("must not be less than 0"));
    *ret = number;
    return true;
}

static bool read_instant(struct reader *r, const struct json *value, const struct place *place,
                         instant *ret)
{
    instant t;

    if (!kind_is(r, value, JSON_TEXT, place))
        return false;
    if (!instant_parse(value->text, &t))
        return fault_simple(r, place, "is_date_time",
                            "must be a date and time such as 2026-01-31T12:00:00Z");
    *ret = t;
    return true;
}

static bool read_span(struct reader *r, const struct field *row, const struct json *value,
                      const struct place *place, span *ret)
{
    bool is_negative;
    span s;

    if (!kind_is(r, value, JSON_TEXT, place))
        return false;
    is_negative = text_starts_with(value->text, TEXT("-"));
    if (!span_parse(text_slice(value->text, is_negative, value->text.len), &s))
        return fault_simple(r, place, "matches_regex", "must be a duration such as P1M or PT1H");
    if (is_negative || (has_rule(r, row, FIELD_NOT_ZERO) && span_is_zero(s)))
        return fault_simple(r, place, "invalid", "must be longer than nothing");
    *ret = s;
    return true;
}

/* v1 takes either case, v3 the printed form only. */
static bool ulid_is_of_dialect(text t, enum dialect dialect)
{
    if (dialect == DIALECT_V1)
        return true;
    for (size_t i = 0; i < t.len; i++)
        if (t.ptr[i] >= 'a' && t.ptr[i] <= 'z')
            return false;
    return true;
}

static bool read_ulid(struct reader *r, const struct json *value, const struct place *place,
                      ulid *ret)
{
    ulid id;

    if (!kind_is(r, value, JSON_TEXT, place))
        return false;
    if (!ulid_parse(value->text, &id) || !ulid_is_of_dialect(value->text, r->dialect))
        return fault_simple(r, place, "matches_regex",
                            "must be a ULID: 26 characters such as 01G65Z755AFWAKHE12NY0CQ9FH");
    *ret = id;
    return true;
}

static text upper_copy(struct arena *arena, text t)
{
    char *copy = text_cstr(arena, t);

    for (size_t i = 0; i < t.len; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    return (text){ copy, t.len };
}

/* The words as the dialect has them. */
static const char *const *words_of(struct reader *r, const struct field *row)
{
    size_t count = words_count(row->words);
    const char **upper;

    if (!field_is_upper(row, r->dialect))
        return row->words;
    upper = ARENA_ARRAY(r->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        upper[i] = upper_copy(r->arena, text_of(row->words[i])).ptr;
    return upper;
}

static bool read_enum(struct reader *r, const struct field *row, const struct json *value,
                      const struct place *place, int *ret)
{
    const char *const *words;
    int word;

    if (!kind_is(r, value, JSON_TEXT, place))
        return false;
    words = words_of(r, row);
    word = words_find(words, value->text);
    if (word == FIELD_ENUM_NONE)
        return fault_add(r, place,
                         (struct problem_field){ .rule = TEXT("enum"),
                                                 .reason = TEXT("must be one of the choices"),
                                                 .choices = words });
    *ret = word;
    return true;
}

static bool count_is_within(struct reader *r, size_t count, const struct field *row,
                            const struct place *place)
{
    int64_t items = (int64_t)count;
    int64_t max = row->items_max > 0 ? row->items_max : LIMIT_LIST_ITEMS_MAX;

    if (r->dialect == DIALECT_STORE)
        return true;
    if (row->kind == FIELD_TEXT_MAP && row->form == FORM_LABELS && r->dialect == DIALECT_V3)
        max = LIMIT_LABELS_MAX;
    if (items < row->items_min)
        return fault_bound(
            r, place, "min_items", row->items_min,
            text_format(r->arena, "must have at least %lld items", (long long)row->items_min));
    if (items > max)
        return fault_bound(
            r, place, "max_items", max,
            text_format(r->arena, "must not have more than %lld items", (long long)max));
    return true;
}

static bool read_text_list(struct reader *r, const struct field *row, const struct json *value,
                           const struct place *place, struct text_list *ret)
{
    size_t before = r->fault_count;
    text *items;

    if (!kind_is(r, value, JSON_ARRAY, place) || !count_is_within(r, value->count, row, place))
        return false;
    items = ARENA_ARRAY(r->arena, text, value->count);
    for (size_t i = 0; i < value->count; i++) {
        struct place item = { .up = place, .index = i };

        (void)read_text(r, row, &value->items[i], &item, &items[i]);
    }
    if (r->fault_count > before)
        return false;
    *ret = (struct text_list){ items, value->count };
    return true;
}

static bool pair_is_met(struct reader *r, const struct field *row, struct text_pair pair,
                        const struct place *place)
{
    bool is_label = row->form == FORM_LABELS;
    struct place at_pair = { .up = place, .key = pair.key };
    struct problem_field fault;

    if (r->dialect == DIALECT_STORE || (is_label && r->dialect == DIALECT_V1))
        return true;
    if (form_check_pair(row->form, r->arena, pair, &fault))
        return true;
    /* The contract places faults of labels at the whole map. */
    return fault_add(r, is_label ? place : &at_pair, fault);
}

static bool read_text_map(struct reader *r, const struct field *row, const struct json *value,
                          const struct place *place, struct text_map *ret)
{
    size_t before = r->fault_count;
    struct text_pair *items;

    if (!kind_is(r, value, JSON_OBJECT, place) || !count_is_within(r, value->count, row, place))
        return false;
    items = ARENA_ARRAY(r->arena, struct text_pair, value->count);
    for (size_t i = 0; i < value->count; i++) {
        const struct json *member = &value->items[i];
        struct place at_pair = { .up = place, .key = member->key };

        items[i] = (struct text_pair){ member->key, member->text };
        if (kind_is(r, member, JSON_TEXT, &at_pair))
            (void)pair_is_met(r, row, items[i], place);
    }
    if (r->fault_count > before)
        return false;
    *ret = (struct text_map){ items, value->count };
    return true;
}

static bool read_object(struct reader *r, const struct fields *table, const struct json *value,
                        const struct place *place, void *ret);

static bool read_list(struct reader *r, const struct field *row, const struct json *value,
                      const struct place *place, struct list *ret)
{
    size_t before = r->fault_count;
    size_t size = row->sub->size;
    char *items;

    if (!kind_is(r, value, JSON_ARRAY, place) || !count_is_within(r, value->count, row, place))
        return false;
    /* Items of a list are much larger than their JSON may be: stop before memory is taken for a
     * list that is refused for its form anyway. */
    for (size_t i = 0; i < value->count; i++) {
        struct place item = { .up = place, .index = i };

        (void)kind_is(r, &value->items[i], JSON_OBJECT, &item);
    }
    if (r->fault_count > before)
        return false;
    items = arena_array(r->arena, value->count, size);
    for (size_t i = 0; i < value->count; i++) {
        struct place item = { .up = place, .index = i };

        (void)read_object(r, row->sub, &value->items[i], &item, items + i * size);
    }
    *ret = (struct list){ items, value->count };
    return r->fault_count == before;
}

static bool read_member(struct reader *r, const struct field *row, const struct json *value,
                        const struct place *place, void *object)
{
    void *member = field_member(row, object);

    switch (row->kind) {
    case FIELD_TEXT:
        return read_text(r, row, value, place, member);
    case FIELD_BOOL:
        if (!kind_is(r, value, JSON_BOOL, place))
            return false;
        if (row->set_offset)
            *field_set_flag(row, object) = true;
        *(bool *)member = value->boolean;
        return true;
    case FIELD_INT:
        return read_int(r, row, value, place, member);
    case FIELD_DEC:
        return read_dec(r, row, value, place, member);
    case FIELD_INSTANT:
        return read_instant(r, value, place, member);
    case FIELD_SPAN:
        return read_span(r, row, value, place, member);
    case FIELD_ULID:
        return read_ulid(r, value, place, member);
    case FIELD_ENUM:
        return read_enum(r, row, value, place, member);
    case FIELD_TEXT_MAP:
        return read_text_map(r, row, value, place, member);
    case FIELD_TEXT_LIST:
        return read_text_list(r, row, value, place, member);
    case FIELD_LIST:
        return read_list(r, row, value, place, member);
    case FIELD_OBJECT:
        if (row->set_offset && value->kind == JSON_OBJECT)
            *field_set_flag(row, object) = true;
        return read_object(r, row->sub, value, place, member);
    case FIELD_JSON:
        *(text *)member = value->raw;
        return true;
    case FIELD_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static const struct json *member_of_row(const struct json *value, const struct field *row,
                                        enum dialect dialect)
{
    for (size_t i = 0; i < value->count; i++)
        if (field_key_is(row, dialect, value->items[i].key))
            return &value->items[i];
    return NULL;
}

static bool key_is_known(const struct fields *table, enum dialect dialect, text key)
{
    for (size_t i = 0; i < table->count; i++)
        if (field_is_visible(&table->rows[i], dialect) &&
            field_key_is(&table->rows[i], dialect, key))
            return true;
    return false;
}

static void read_row(struct reader *r, const struct field *row, const struct json *value,
                     const struct place *place, void *ret)
{
    const struct json *member = member_of_row(value, row, r->dialect);
    bool is_required = has_rule(r, row, FIELD_REQUIRED);
    struct place here = { .up = place };
    char room[FIELD_KEY_ROOM];

    here.key = field_key_in(row, r->dialect, room);
    r->code = row->code;
    if (member && member->kind != JSON_NULL)
        (void)read_member(r, row, member, &here, ret);
    else if (is_required)
        (void)fault_simple(r, &here, "required", "is a required field");
}

/* Writes every row of the table; false when a fault was added. */
static bool read_object(struct reader *r, const struct fields *table, const struct json *value,
                        const struct place *place, void *ret)
{
    size_t before = r->fault_count;

    fields_set_absent(table, ret);
    if (!kind_is(r, value, JSON_OBJECT, place))
        return false;
    for (size_t i = 0; i < table->count; i++)
        if (field_is_readable(&table->rows[i], r->dialect))
            read_row(r, &table->rows[i], value, place, ret);
    for (size_t i = 0; i < value->count && r->dialect == DIALECT_V3; i++) {
        struct place here = { .up = place, .key = value->items[i].key };

        if (!key_is_known(table, r->dialect, here.key))
            (void)fault_simple(r, &here, "unknown_property", "is not a property of this object");
    }
    return r->fault_count == before;
}

bool fields_read(const struct fields *table, enum dialect dialect, const struct json *object,
                 struct problem *problem, void *ret)
{
    struct reader r = { .dialect = dialect, .arena = problem->arena, .problem = problem };
    const struct place root = { 0 };

    CHECK(table && object && problem && ret);
    CHECK((unsigned)dialect < DIALECT_COUNT);
    memset(ret, 0, table->size);
    return read_object(&r, table, object, &root, ret);
}

bool field_read_stored(const struct field *row, struct arena *arena, const struct json *value,
                       void *object)
{
    struct reader r = { .dialect = DIALECT_STORE, .arena = arena };
    const struct place root = { 0 };

    CHECK(row && arena && value && value->kind != JSON_NULL);
    return read_member(&r, row, value, &root, object);
}
