/* features.c: features, in both dialects. The meter a feature points at is looked up here, because
 * catalog and meter are neighbours. */
#include "api/handlers.h"

#include "base/limits.h"
#include "catalog/feature.h"
#include "catalog/llm_price.h"
#include "meter/meter_flow.h"

static struct feature_meter meter_facts(struct arena *arena, const struct meter *meter)
{
    struct feature_meter facts = {
        .id = meter->id.ulid,
        .key = meter->key,
        .aggregation = text_of(meter_aggregation_words[meter->aggregation]),
    };

    facts.dimensions.items = ARENA_ARRAY(arena, text, meter->dimensions.count);
    facts.dimensions.count = meter->dimensions.count;
    for (size_t i = 0; i < meter->dimensions.count; i++)
        facts.dimensions.items[i] = meter->dimensions.items[i].key;
    return facts;
}

/* The meter that the body refers to; `ret_reference` is empty when it refers to none. */
static text meter_reference(struct api_call *call, const struct feature *body)
{
    if (call->dialect == DIALECT_V1)
        return body->meter_key;
    return body->has_meter ? ulid_text(call->cx.arena, body->meter.id.ulid) : TEXT_NONE;
}

/* A meter that is not there is a fault of the field that names it. */
static enum err refuse_meter(struct api_call *call)
{
    problem_init(&call->cx.problem, call->cx.arena);
    problem_add_member(&call->cx.problem,
                       call->dialect == DIALECT_V1 ? TEXT("meterSlug") : TEXT("meter.id"),
                       "missing_reference", TEXT("there is no such meter"));
    return ERR_REFUSED;
}

enum err feature_meter_gather(struct api_call *call, text reference, struct feature_meter *ret)
{
    struct meter meter;
    enum err err = meter_get(&call->cx, reference, &meter);

    if (err == OK)
        *ret = meter_facts(call->cx.arena, &meter);
    return err;
}

/* A feature, with what the price list says of its language model. */
static enum err reply_feature(struct api_call *call, enum err err, struct feature *feature)
{
    if (err == OK)
        err = llm_features_price(&call->cx, feature, 1);
    return err == OK ? reply_one(call, &feature_fields, feature) : err;
}

enum err features_create(struct api_call *call)
{
    struct feature body, made;
    struct feature_meter facts;
    text reference;
    enum err err = body_read(call, &feature_fields, &body);

    if (err != OK)
        return err;
    reference = meter_reference(call, &body);
    if (!text_is_empty(reference)) {
        err = feature_meter_gather(call, reference, &facts);
        if (err != OK)
            return err == ERR_REFUSED ? refuse_meter(call) : err;
    }
    err = feature_create(&call->cx, call->dialect, &body, text_is_empty(reference) ? NULL : &facts,
                         &made);
    return reply_feature(call, err, &made);
}

/* The feature in the path: v1 by id or key, v3 by id. */
static enum err path_feature(struct api_call *call, struct feature *ret)
{
    struct feature_id id;
    enum err err;

    if (call->dialect == DIALECT_V1)
        return feature_find(&call->cx, call->path_params[0], ret);
    err = path_ulid(call, 0, FAULT_FEATURE_ABSENT, &id.ulid);
    return err == OK ? feature_get(&call->cx, id, ret) : err;
}

enum err features_get(struct api_call *call)
{
    struct feature feature;
    enum err err = path_feature(call, &feature);

    return reply_feature(call, err, &feature);
}

static const struct filter_param feature_filters[] = {
    { "key", FILTER_KIND_TEXT },
    { "name", FILTER_KIND_TEXT },
    { "meter_id", FILTER_KIND_ID },
    { NULL, FILTER_KIND_TEXT },
};

static void read_query_v3(struct api_call *call, struct feature_query *query,
                          struct filter_map *rest)
{
    filters_check(call, feature_filters);
    filter_lookup(call, "key", &query->keys, &query->key_contains, rest);
    filter_lookup(call, "name", &query->names, &query->name_contains, rest);
    filter_lookup(call, "meter_id", &query->meter_ids, NULL, rest);
}

/* v1 answers limit and offset with a bare array, page with an envelope. */
static void read_query_v1(struct api_call *call, struct feature_query *query)
{
    text limit = param_text(call, "limit");
    text offset = param_text(call, "offset");

    query->meter_keys = param_list(call, "meterSlug");
    query->include_archived = param_bool(call, "includeArchived");
    if (param_has_page(call))
        return;
    if (limit.ptr && (!text_to_int(limit, &query->limit) || query->limit < 1 ||
                      query->limit > LIMIT_PAGE_SIZE_MAX))
        param_fault(call, "limit", "is_integer", "must be a whole number from 1 to 1000");
    if (offset.ptr && (!text_to_int(offset, &query->offset) || query->offset < 0))
        param_fault(call, "offset", "is_integer", "must be a whole number, 0 or more");
}

static enum err fetch_features(struct api_call *call, const void *query, struct page page,
                               struct list *ret, int64_t *ret_total)
{
    struct feature_query one = *(const struct feature_query *)query;

    one.limit = page.size;
    one.offset = page_offset(page);
    return feature_list(&call->cx, &one, ret, ret_total);
}

enum err features_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct feature_query query = { .limit = page.size, .offset = page_offset(page) };
    struct list_scan scan = { .table = &feature_fields, .query = &query, .fetch = fetch_features };
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum feature_sort)param_sort(call, feature_sort_words, &query.is_descending);
    if (call->dialect == DIALECT_V3)
        read_query_v3(call, &query, &scan.rest);
    else
        read_query_v1(call, &query);
    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    if (scan.rest.count > 0)
        err = list_scan_run(call, &scan, page, &list, &total);
    else
        err = feature_list(&call->cx, &query, &list, &total);
    if (err == OK)
        err = llm_features_price(&call->cx, list.items, list.count);
    if (err != OK)
        return err;
    if (call->dialect == DIALECT_V1 && !param_has_page(call))
        return reply_array(call, &feature_fields, &list);
    return reply_page(call, &feature_fields, &list, page, total);
}

/* Whether the body names the unit cost at all: null clears it, nothing leaves it as it is. */
static enum err read_update(struct api_call *call, struct feature *ret, bool *ret_is_given)
{
    struct json json;
    enum err err = body_json(call, false, &json);

    if (err != OK)
        return err;
    if (!fields_read(&feature_update_fields, call->dialect, &json, &call->cx.problem, ret))
        return ERR_REFUSED;
    *ret_is_given = json_member(&json, TEXT("unit_cost")) != NULL;
    return OK;
}

enum err features_update(struct api_call *call)
{
    struct feature feature, body;
    struct feature_meter facts;
    bool is_given, is_clear;
    enum err err = path_feature(call, &feature);

    if (err == OK && !instant_is_none(feature.archived_at))
        return problem_refuse(&call->cx.problem, FAULT_FEATURE_ABSENT, "it is archived");
    if (err == OK)
        err = read_update(call, &body, &is_given);
    if (err == OK && feature.has_meter)
        err = feature_meter_gather(call, ulid_text(call->cx.arena, feature.meter_id.ulid), &facts);
    if (err != OK)
        return err;
    is_clear = is_given && !body.has_unit_cost;
    if (is_given)
        err = feature_set_cost(&call->cx, feature.id, is_clear ? NULL : &body.unit_cost,
                               feature.has_meter ? &facts : NULL, &feature);
    return reply_feature(call, err, &feature);
}

enum err features_delete(struct api_call *call)
{
    struct feature feature;
    enum err err = path_feature(call, &feature);

    if (err == OK)
        err = feature_archive(&call->cx, feature.id);
    return err == OK ? reply_empty(call) : err;
}
