/* feature_costs.c: what the usage of a feature cost who sells it: usage times unit cost. */
#include "api/handlers.h"

#include "catalog/feature.h"
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

static void write_dimensions(struct json_writer *w, const struct meter_result *result,
                             const struct meter_row *row)
{
    char id[ULID_TEXT_LENGTH];

    json_key(w, TEXT("dimensions"));
    json_object_begin(w);
    if (result->has_subject)
        json_member_text(w, "subject", row->subject);
    if (result->has_customer) {
        ulid_print(row->customer->id, id);
        json_member_text(w, "customer_id", (text){ id, sizeof id });
    }
    for (size_t i = 0; i < result->dimensions.count; i++)
        json_member_text(w, text_cstr(w->out->arena, result->dimensions.items[i]),
                         row->dimensions[i]);
    json_object_end(w);
}

/* A cost by language model has no price list to be looked up in: the contract's answer then is
 * null, and why. */
static bool write_cost(struct json_writer *w, const struct unit_cost *cost, dec usage)
{
    dec amount = cost->type == UNIT_COST_MANUAL ? dec_mul(usage, cost->amount) : DEC_INVALID;

    json_key(w, TEXT("cost"));
    if (cost->type == UNIT_COST_LLM) {
        json_null(w);
        json_member_text(w, "detail", TEXT("no price of this model is known"));
        return true;
    }
    if (!dec_is_valid(amount))
        return false;
    json_dec_text(w, dec_trim(amount));
    return true;
}

static enum err reply_costs(struct api_call *call, const struct unit_cost *cost,
                            const struct meter_result *result)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    bool is_exact = true;

    json_object_begin(&w);
    if (!instant_is_none(result->from))
        write_instant(&w, "from", result->from);
    if (!instant_is_none(result->to))
        write_instant(&w, "to", result->to);
    json_key(&w, TEXT("data"));
    json_array_begin(&w);
    for (size_t i = 0; i < result->count && is_exact; i++) {
        const struct meter_row *row = &result->rows[i];

        json_object_begin(&w);
        json_key(&w, TEXT("usage"));
        json_dec_text(&w, row->value);
        is_exact = write_cost(&w, cost, row->value);
        json_member_text(&w, "currency", TEXT(COST_CURRENCY));
        write_instant(&w, "from", row->from);
        write_instant(&w, "to", row->to);
        write_dimensions(&w, result, row);
        json_object_end(&w);
    }
    if (!is_exact)
        return problem_refuse(&call->cx.problem, FAULT_AMOUNT_OVERFLOW, "%s", "");
    json_array_end(&w);
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

enum err features_cost_query(struct api_call *call)
{
    struct meter_query query = METER_QUERY_ALL;
    struct meter_result result;
    struct feature feature;
    struct meter meter;
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
    if (!meter_query_check(&meter, &query, call->dialect, &call->cx.problem))
        return ERR_REFUSED;
    err = meter_query_run(&call->cx, &meter, &query, &result);
    return err == OK ? reply_costs(call, &feature.unit_cost, &result) : err;
}
