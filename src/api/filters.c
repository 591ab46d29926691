/* filters.c: v3's filter[field][operator]=value in the query string.
 *
 * The grammar is the contract's: a bare filter[f]=v means eq; filter[f] without a value, or
 * [exists], asks whether the field is there; oeq and ocontains take comma lists; several
 * operators on one field are joined by and; a parameter may not be repeated, nor may gt stand
 * beside gte, or lt beside lte.
 */
#include "api/call.h"

#include "base/limits.h"

#define FILTER_VALUE_BYTES_MAX 1024
#define FILTER_LIST_ITEMS_MAX  50

static const char *const text_operators[] = { "",          "eq",      "neq", "contains", "oeq",
                                              "ocontains", "gt",      "gte", "lt",       "lte",
                                              "exists",    "nexists", NULL };
static const char *const exact_operators[] = { "", "eq", "neq", "oeq", NULL };
static const char *const lookup_operators[] = { "", "eq", "oeq", NULL };
static const char *const time_operators[] = { "", "eq", "gt", "gte", "lt", "lte", NULL };

static const char *const *operators_of(enum filter_kind kind)
{
    switch (kind) {
    case FILTER_KIND_TEXT:
        return text_operators;
    case FILTER_KIND_EXACT:
    case FILTER_KIND_ID:
        return exact_operators;
    case FILTER_KIND_LOOKUP:
        return lookup_operators;
    case FILTER_KIND_TIME:
        return time_operators;
    }
    UNREACHABLE();
}

/* Splits "filter[name][op]" and "filter[name]"; false for any other parameter. */
static bool split_name(text param, text *ret_name, text *ret_operator)
{
    if (!text_starts_with(param, TEXT("filter[")) || !text_ends_with(param, TEXT("]")))
        return false;
    param = text_slice(param, 7, param.len);
    *ret_name = text_cut(&param, ']');
    if (param.len == 0) {
        *ret_operator = TEXT("");
        return true;
    }
    if (param.len < 2 || param.ptr[0] != '[')
        return false;
    /* "[]" is an operator that nobody knows, not the absent one. */
    *ret_operator = param.len == 2 ? param : text_slice(param, 1, param.len - 2);
    return true;
}

/* The value of filter[name][op]; ptr NULL when absent. */
static text filter_value(const struct api_call *call, text name, text op)
{
    for (size_t i = 0; i < call->request->param_count; i++) {
        const struct http_param *param = &call->request->params[i];
        text param_name, param_operator;

        if (split_name(param->name, &param_name, &param_operator) && text_equal(param_name, name) &&
            text_equal(param_operator, op))
            return param->value.ptr ? param->value : TEXT("");
    }
    return TEXT_NONE;
}

static size_t count_commas(text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.len; i++)
        count += t.ptr[i] == ',';
    return count;
}

/* Whether the other bound of the same side is given too: gt beside gte, lt beside lte. */
static bool is_bound_doubled(const struct api_call *call, text name, text op)
{
    return (text_equal(op, TEXT("gt")) && filter_value(call, name, TEXT("gte")).ptr) ||
           (text_equal(op, TEXT("lt")) && filter_value(call, name, TEXT("lte")).ptr);
}

static bool holds_ids(text value)
{
    while (value.ptr) {
        ulid id;

        if (!ulid_parse(text_trim(text_cut(&value, ',')), &id))
            return false;
    }
    return true;
}

static const char *param_reason(const struct api_call *call, const struct filter_param *known,
                                size_t index)
{
    const struct http_param *param = &call->request->params[index];
    text name, op;

    MUST(split_name(param->name, &name, &op));
    while (known->name && !text_equal(text_of(known->name), name))
        known++;
    if (!known->name)
        return "there is no filter on this field";
    if (words_find(operators_of(known->kind), op) < 0)
        return "the field does not know this operator";
    if (param->value.len > FILTER_VALUE_BYTES_MAX)
        return "the value is longer than 1024 bytes";
    if (count_commas(param->value) >= FILTER_LIST_ITEMS_MAX && text_starts_with(op, TEXT("o")))
        return "the list has more than 50 items";
    if ((known->kind == FILTER_KIND_ID || known->kind == FILTER_KIND_LOOKUP) &&
        !holds_ids(param->value))
        return "the value is no id";
    if (is_bound_doubled(call, name, op))
        return "the same bound stands twice, with and without equality";
    for (size_t i = 0; i < index; i++)
        if (text_equal(call->request->params[i].name, param->name))
            return "the parameter is repeated";
    return NULL;
}

void filters_check(struct api_call *call, const struct filter_param *known)
{
    for (size_t i = 0; i < call->request->param_count; i++) {
        text param = call->request->params[i].name;
        text name, op;
        const char *reason;

        if (!split_name(param, &name, &op))
            continue;
        reason = param_reason(call, known, i);
        if (reason)
            param_fault(call, text_cstr(call->request->arena, param), "invalid", reason);
    }
}

static struct text_list split_list(struct arena *arena, text t)
{
    struct text_list list = { ARENA_ARRAY(arena, text, count_commas(t) + 1), 0 };

    while (t.ptr)
        list.items[list.count++] = text_trim(text_cut(&t, ','));
    return list;
}

/* One operator as a filter; false when the parameter is absent. */
static bool filter_part(struct api_call *call, text name, const char *op, struct filter *ret)
{
    static const struct {
        const char *word;
        enum filter_op op;
    } plain[] = {
        { "eq", FILTER_EQ },   { "neq", FILTER_NE },  { "contains", FILTER_CONTAINS },
        { "gt", FILTER_GT },   { "gte", FILTER_GTE }, { "lt", FILTER_LT },
        { "lte", FILTER_LTE },
    };

    text word = text_of(op);
    text value = filter_value(call, name, word);

    if (!value.ptr)
        return false;
    *ret = (struct filter){ .op = FILTER_EXISTS, .value = value };
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        if (text_equal(word, text_of(plain[i].word)))
            ret->op = plain[i].op;
    if (text_equal(word, TEXT("nexists")) != text_equal(value, TEXT("false")) &&
        text_ends_with(word, TEXT("exists")))
        ret->op = FILTER_NOT_EXISTS;
    if (text_is_empty(word) && value.len > 0)
        ret->op = FILTER_EQ;
    if (text_equal(word, TEXT("oeq"))) {
        ret->op = FILTER_IN;
        ret->values = split_list(call->request->arena, value);
    }
    if (text_equal(word, TEXT("ocontains"))) {
        struct text_list values = split_list(call->request->arena, value);

        ret->op = FILTER_OR;
        ret->parts = ARENA_ARRAY(call->request->arena, struct filter, values.count);
        ret->part_count = values.count;
        for (size_t i = 0; i < values.count; i++)
            ret->parts[i] = (struct filter){ .op = FILTER_CONTAINS, .value = values.items[i] };
    }
    return true;
}

bool filter_text(struct api_call *call, const char *name, struct filter *ret)
{
    struct filter all = { .op = FILTER_AND };

    all.parts = ARENA_ARRAY(call->request->arena, struct filter, COUNT_OF(text_operators));
    for (size_t i = 0; text_operators[i]; i++)
        all.part_count +=
            filter_part(call, text_of(name), text_operators[i], &all.parts[all.part_count]);
    if (all.part_count == 0)
        return false;
    *ret = all.part_count == 1 ? all.parts[0] : all;
    return true;
}

static struct text_list one_value(struct arena *arena, text value)
{
    return (struct text_list){ arena_copy(arena, &value, sizeof value), 1 };
}

bool filter_values(struct api_call *call, const char *name, struct text_list *ret)
{
    struct filter filter;

    if (!filter_text(call, name, &filter))
        return false;
    if (filter.op == FILTER_IN)
        *ret = filter.values;
    else
        *ret = one_value(call->request->arena, filter.value);
    if (filter.op != FILTER_IN && filter.op != FILTER_EQ)
        param_fault(call, name, "invalid", "one operator only");
    return true;
}

void filter_lookup(struct api_call *call, const char *name, struct text_list *ret_values,
                   text *ret_part, struct filter_map *rest)
{
    struct arena *arena = call->request->arena;
    struct filter filter;
    struct filter_entry *grown;

    if (!filter_text(call, name, &filter))
        return;
    if (ret_values && filter.op == FILTER_EQ) {
        *ret_values = one_value(arena, filter.value);
    } else if (ret_values && filter.op == FILTER_IN) {
        *ret_values = filter.values;
    } else if (ret_part && filter.op == FILTER_CONTAINS) {
        *ret_part = filter.value;
    } else {
        grown = ARENA_ARRAY(arena, struct filter_entry, rest->count + 1);
        for (size_t i = 0; i < rest->count; i++)
            grown[i] = rest->items[i];
        grown[rest->count] = (struct filter_entry){ text_of(name), filter };
        *rest = (struct filter_map){ grown, rest->count + 1 };
    }
}

/* At the end of time there is nothing later. */
static instant instant_later(instant t, int step_ns)
{
    return t.ns > INT64_MAX - step_ns ? t : (instant){ t.ns + step_ns };
}

void filter_times(struct api_call *call, const char *name, instant *ret_from, instant *ret_to)
{
    static const struct {
        const char *op;
        bool is_from, is_to;
        int from_step, to_step; /* nanoseconds that make the bound half-open */
    } rows[] = {
        { "", true, true, 0, 1 },     { "eq", true, true, 0, 1 },  { "gt", true, false, 1, 0 },
        { "gte", true, false, 0, 0 }, { "lt", false, true, 0, 0 }, { "lte", false, true, 0, 1 },
    };

    *ret_from = *ret_to = INSTANT_NONE;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text value = filter_value(call, text_of(name), text_of(rows[i].op));
        instant t;

        if (!value.ptr)
            continue;
        if (!instant_parse(value, &t)) {
            param_fault(call, name, "is_date_time", "must be an RFC 3339 date and time");
            continue;
        }
        if (rows[i].is_from)
            *ret_from = instant_later(t, rows[i].from_step);
        if (rows[i].is_to)
            *ret_to = instant_later(t, rows[i].to_step);
    }
}
