/* feature_costs.c: what the usage of a feature cost who sells it: usage times unit cost. */
#include "api/handlers.h"

#include "catalog/llm_price.h"
#include "meter/meter_flow.h"
#include "meter/query.h"

#define COST_CURRENCY "USD"

/* The feature in the path, and its meter. */
static enum err path_costed(struct api_call *call, struct feature *feature, struct meter *meter)
{
    struct feature_id id;
    enum err err = path_ulid(call, 0, FAULT_FEATURE_ABSENT, &id.ulid);

    if (err == OK)
        err = feature_get(&call->cx, id, feature);
    if (err != OK)
        return err;
    if (!feature->has_unit_cost)
        return problem_refuse(&call->cx.problem, FAULT_FEATURE_INVALID, "it has no unit cost");
    if (!feature->has_meter)
        return problem_refuse(&call->cx.problem, FAULT_FEATURE_INVALID, "it has no meter");
    return meter_get(&call->cx, ulid_text(call->cx.arena, feature->meter_id.ulid), meter);
}

/* The place of a dimension among filters; their count when none is on it. */
static size_t filter_place(const struct filter_map *filters, text name)
{
    size_t i = 0;

    while (i < filters->count && !text_equal(filters->items[i].name, name))
        i++;
    return i;
}

/* The filters of the query, and with them the conditions of the feature. */
static struct filter_map filters_joined(struct arena *arena, const struct filter_map *asked,
                                        const struct filter_map *conditions)
{
    struct filter_map all = {
        ARENA_ARRAY(arena, struct filter_entry, asked->count + conditions->count), 0
    };

    for (size_t i = 0; i < asked->count; i++)
        all.items[all.count++] = asked->items[i];
    for (size_t i = 0; i < conditions->count; i++) {
        size_t place = filter_place(&all, conditions->items[i].name);

        if (place == all.count) {
            all.items[all.count++] = conditions->items[i];
            continue;
        }
        struct filter *parts = ARENA_ARRAY(arena, struct filter, 2);
        parts[0] = all.items[place].filter;
        parts[1] = conditions->items[i].filter;
        all.items[place].filter =
            (struct filter){ .op = FILTER_AND, .parts = parts, .part_count = 2 };
    }
    return all;
}

static void write_instant(struct json_writer *w, const char *key, instant at)
{
    json_key(w, text_of(key));
    json_instant(w, at);
}

/* ---- what rows cost ------------------------------------------------------------------------- */

/* What is needed to price the rows of a result. */
struct costing {
    struct api_call *call;
    const struct unit_cost *cost;
    const struct meter_result *result;
    size_t dimension_count; /* those that were asked for stand first */
    struct list prices;     /* of language models */
};

/* Rows that differ in dimensions only that nobody asked for, as one. */
struct cost_row {
    const struct meter_row *first;
    dec usage;
    dec cost;
    bool is_priced; /* something of it has a price */
    text detail;    /* why something has none */
};

/* What is said, else the value of the dimension that has it. */
static text value_of(const struct costing *costing, const struct meter_row *row, text said,
                     text property)
{
    const struct text_list *dimensions = &costing->result->dimensions;

    if (!text_is_empty(said))
        return said;
    for (size_t i = 0; i < dimensions->count; i++)
        if (text_equal(dimensions->items[i], property))
            return row->dimensions[i];
    return TEXT_NONE;
}

/* The price of a unit of the row; invalid, with the reason, when it is not known. */
static dec price_of(const struct costing *costing, const struct meter_row *row, text *ret_reason)
{
    const struct unit_cost *cost = costing->cost;
    struct arena *arena = costing->call->cx.arena;

    if (cost->type == UNIT_COST_MANUAL)
        return cost->amount;
    text said = cost->token_type == FIELD_ENUM_NONE ? TEXT_NONE
                                                    : text_of(token_type_words[cost->token_type]);
    text word = value_of(costing, row, said, cost->token_type_property);
    int type = words_find(token_type_words, word);
    const struct llm_model model = {
        value_of(costing, row, cost->provider, cost->provider_property),
        value_of(costing, row, cost->model, cost->model_property),
    };
    const struct llm_price *price =
        llm_price_find(&costing->prices, &model, costing->call->cx.now, arena);
    dec amount = price == NULL || type == FIELD_ENUM_NONE
                     ? DEC_INVALID
                     : llm_price_of_token(&price->pricing, (enum token_type)type);

    if (price == NULL)
        *ret_reason = text_format(arena, "no price of model %.*s of %.*s is known",
                                  TEXT_ARG(model.model), TEXT_ARG(model.provider));
    else if (!dec_is_valid(amount))
        *ret_reason = text_format(arena, "model %.*s of %.*s has no price for tokens of type %.*s",
                                  TEXT_ARG(model.model), TEXT_ARG(model.provider), TEXT_ARG(word));
    return amount;
}

/* The reasons so far, each once. */
static text reason_add(struct arena *arena, text detail, text reason)
{
    if (text_is_empty(detail))
        return reason;
    if (text_contains(detail, reason))
        return detail;
    return text_format(arena, "%.*s; %.*s", TEXT_ARG(detail), TEXT_ARG(reason));
}

static bool is_one_group(const struct costing *costing, const struct meter_row *a,
                         const struct meter_row *b)
{
    if (!instant_equal(a->from, b->from) || !text_equal(a->subject, b->subject) ||
        a->customer != b->customer)
        return false;
    for (size_t i = 0; i < costing->dimension_count; i++)
        if (!text_equal(a->dimensions[i], b->dimensions[i]))
            return false;
    return true;
}

/* Takes a row into its group; false when a sum does not fit. */
static bool group_add(const struct costing *costing, struct cost_row *group,
                      const struct meter_row *row)
{
    text reason = TEXT_NONE;
    dec price = price_of(costing, row, &reason);
    dec cost = dec_is_valid(price) ? dec_mul(row->value, price) : DEC_ZERO;

    group->usage = dec_add(group->usage, row->value);
    group->cost = dec_add(group->cost, cost);
    group->is_priced |= dec_is_valid(price);
    if (!dec_is_valid(price))
        group->detail = reason_add(costing->call->cx.arena, group->detail, reason);
    return dec_is_valid(group->usage) && dec_is_valid(group->cost);
}

/* Rows come by group, as what was asked for stands first. */
static bool rows_group(const struct costing *costing, struct list *ret)
{
    const struct meter_result *result = costing->result;
    struct cost_row *groups = ARENA_ARRAY(costing->call->cx.arena, struct cost_row, result->count);
    size_t count = 0;

    for (size_t i = 0; i < result->count; i++) {
        const struct meter_row *row = &result->rows[i];

        if (count == 0 || !is_one_group(costing, groups[count - 1].first, row))
            groups[count++] =
                (struct cost_row){ .first = row, .usage = DEC_ZERO, .cost = DEC_ZERO };
        if (!group_add(costing, &groups[count - 1], row))
            return false;
    }
    *ret = (struct list){ groups, count };
    return true;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static void write_dimensions(struct json_writer *w, const struct costing *costing,
                             const struct meter_row *row)
{
    const struct meter_result *result = costing->result;
    char id[ULID_TEXT_LENGTH];

    json_key(w, TEXT("dimensions"));
    json_object_begin(w);
    if (result->has_subject)
        json_member_text(w, "subject", row->subject);
    if (result->has_customer) {
        ulid_print(row->customer->id, id);
        json_member_text(w, "customer_id", (text){ id, sizeof id });
    }
    for (size_t i = 0; i < costing->dimension_count; i++)
        json_member_text(w, text_cstr(w->out->arena, result->dimensions.items[i]),
                         row->dimensions[i]);
    json_object_end(w);
}

static void write_row(struct json_writer *w, const struct costing *costing,
                      const struct cost_row *row)
{
    json_object_begin(w);
    json_key(w, TEXT("usage"));
    json_dec_text(w, row->usage);
    json_key(w, TEXT("cost"));
    if (row->is_priced)
        json_dec_text(w, dec_trim(row->cost));
    else
        json_null(w);
    if (!text_is_empty(row->detail))
        json_member_text(w, "detail", row->detail);
    json_member_text(w, "currency", TEXT(COST_CURRENCY));
    write_instant(w, "from", row->first->from);
    write_instant(w, "to", row->first->to);
    write_dimensions(w, costing, row->first);
    json_object_end(w);
}

static enum err reply_costs(const struct costing *costing)
{
    struct api_call *call = costing->call;
    const struct meter_result *result = costing->result;
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct list rows;

    if (!rows_group(costing, &rows))
        return problem_refuse(&call->cx.problem, FAULT_AMOUNT_OVERFLOW, "%s", "");
    json_object_begin(&w);
    if (!instant_is_none(result->from))
        write_instant(&w, "from", result->from);
    if (!instant_is_none(result->to))
        write_instant(&w, "to", result->to);
    json_key(&w, TEXT("data"));
    json_array_begin(&w);
    for (size_t i = 0; i < rows.count; i++)
        write_row(&w, costing, (const struct cost_row *)rows.items + i);
    json_array_end(&w);
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

/* The dimensions of the query, and behind them those that prices are looked up by. */
static size_t dimensions_add(const struct unit_cost *cost, struct arena *arena,
                             struct text_list *group_by)
{
    const text wanted[] = { cost->provider_property, cost->model_property,
                            cost->token_type_property };
    struct text_list all = { ARENA_ARRAY(arena, text, group_by->count + COUNT_OF(wanted)), 0 };
    size_t count = 0;

    for (size_t i = 0; i < group_by->count; i++) {
        text name = group_by->items[i];

        all.items[all.count++] = name;
        count += !text_equal(name, TEXT("subject")) && !text_equal(name, TEXT("customer_id"));
    }
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!text_is_empty(wanted[i]) && !text_list_holds(&all, wanted[i]))
            all.items[all.count++] = wanted[i];
    *group_by = all;
    return count;
}

enum err features_cost_query(struct api_call *call)
{
    struct meter_query query = METER_QUERY_ALL;
    struct meter_result result;
    struct feature feature;
    struct meter meter;
    struct costing costing = { call, &feature.unit_cost, &result, 0, { 0 } };
    struct json body;
    enum err err = path_costed(call, &feature, &meter);

    if (err == OK)
        err = body_json(call, true, &body);
    if (err != OK)
        return err;
    if (!meter_query_read(call->dialect, call->cx.arena, &body, &call->cx.problem, &query))
        return ERR_REFUSED;
    if (query.has_customers)
        err = query_resolve_customers(call, &query);
    if (err != OK)
        return err;
    query.filters = filters_joined(call->cx.arena, &query.filters, &feature.conditions);
    meter_query_normalize(&query, call->cx.arena);
    costing.dimension_count = dimensions_add(&feature.unit_cost, call->cx.arena, &query.group_by);
    if (!meter_query_check(&meter, &query, call->dialect, &call->cx.problem))
        return ERR_REFUSED;
    err = meter_query_run(&call->cx, &meter, &query, &result);
    if (err == OK && feature.unit_cost.type == UNIT_COST_LLM)
        err = llm_prices_now(&call->cx, &costing.prices);
    return err == OK ? reply_costs(&costing) : err;
}
