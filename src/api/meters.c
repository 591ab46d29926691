/* meters.c: meters, in both dialects. Queries are in meter_queries.c. */
#include "api/handlers.h"

#include "base/limits.h"
#include "catalog/feature.h"
#include "meter/meter_flow.h"
#include "meter/meter_rollup.h"
#include "meter/meter_template.h"

enum err path_meter(struct api_call *call, struct meter *ret)
{
    ulid id;
    enum err err = OK;

    if (call->dialect == DIALECT_V3)
        err = path_ulid(call, 0, FAULT_METER_ABSENT, &id);
    return err == OK ? meter_get(&call->cx, call->path_params[0], ret) : err;
}

enum err meters_create(struct api_call *call)
{
    struct json body;
    struct meter wanted, made;
    enum err err = body_json(call, false, &body);

    if (err != OK)
        return err;
    if (!meter_create_read(call->dialect, call->cx.arena, &body, &call->cx.problem, &wanted))
        return ERR_REFUSED;
    err = meter_create(&call->cx, &wanted, &made);
    return err == OK ? reply_one(call, &meter_fields, &made) : err;
}

enum err meters_get(struct api_call *call)
{
    struct meter meter;
    enum err err = path_meter(call, &meter);

    return err == OK ? reply_one(call, &meter_fields, &meter) : err;
}

static const struct filter_param meter_filters[] = {
    { "key", FILTER_KIND_TEXT },
    { "name", FILTER_KIND_TEXT },
    { NULL, FILTER_KIND_TEXT },
};

/* v1 lists are bare arrays of all meters; v3 lists are pages. */
enum err meters_list(struct api_call *call)
{
    struct meter_list_query query = { 0 };
    struct filter key, name;
    struct meter_list found;
    struct list list;
    enum err err;

    query.sort = (enum meter_sort)param_sort(call, meter_sort_words, &query.is_descending);
    if (call->dialect == DIALECT_V3) {
        query.page = param_page(call);
        filters_check(call, meter_filters);
        query.key = filter_text(call, "key", &key) ? &key : NULL;
        query.name = filter_text(call, "name", &name) ? &name : NULL;
    } else {
        query.has_deleted = param_bool(call, "includeDeleted");
    }
    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    err = meter_list(&call->cx, &query, &found);
    if (err != OK)
        return err;
    list = (struct list){ found.items, found.count };
    if (call->dialect == DIALECT_V1)
        return reply_array(call, &meter_fields, &list);
    return reply_page(call, &meter_fields, &list, query.page, found.total);
}

/* Refuses when an active feature's conditions name a dimension that the change takes away. */
static enum err need_dimensions_kept(struct api_call *call, const struct meter *meter,
                                     const struct meter_change *change)
{
    struct feature_query query = { .limit = LIMIT_PAGE_SIZE_MAX };
    text id = ulid_text(call->cx.arena, meter->id.ulid);
    struct list features;
    int64_t total;
    enum err err;

    if (!change->has_dimensions)
        return OK;
    query.meter_ids = (struct text_list){ &id, 1 };
    err = feature_list(&call->cx, &query, &features, &total);
    if (err != OK)
        return err;
    for (size_t i = 0; i < features.count; i++) {
        const struct feature *feature = &((const struct feature *)features.items)[i];

        for (size_t k = 0; k < feature->conditions.count; k++)
            if (!text_map_get(&change->dimensions, feature->conditions.items[k].name).ptr)
                return problem_refuse(&call->cx.problem, FAULT_METER_IN_USE,
                                      "the feature \"%.*s\" filters by \"%.*s\"",
                                      TEXT_ARG(feature->key),
                                      TEXT_ARG(feature->conditions.items[k].name));
    }
    return OK;
}

enum err meters_update(struct api_call *call)
{
    text id = call->path_params[0];
    struct meter_change change;
    struct meter meter;
    struct json body;
    enum err err = body_json(call, false, &body);

    if (err == OK)
        err = path_meter(call, &meter);
    if (err != OK)
        return err;
    if (!meter_change_read(call->dialect, call->cx.arena, &body, &call->cx.problem, &change))
        return ERR_REFUSED;
    err = need_dimensions_kept(call, &meter, &change);
    if (err == OK)
        err = meter_update(&call->cx, id, &change, call->dialect, &meter);
    return err == OK ? reply_one(call, &meter_fields, &meter) : err;
}

enum err meters_delete(struct api_call *call)
{
    struct meter meter;
    bool is_used = false;
    enum err err = path_meter(call, &meter);

    if (err == OK)
        err = feature_is_meter_used(&call->cx, meter.id.ulid, &is_used);
    if (err != OK)
        return err;
    if (is_used)
        return problem_refuse(&call->cx.problem, FAULT_METER_IN_USE, "%s", "");
    err = meter_delete(&call->cx, call->path_params[0]);
    return err == OK ? reply_empty(call) : err;
}

enum err meters_templates(struct api_call *call)
{
    struct list templates = meter_templates(call->cx.arena);

    return reply_data(call, &meter_template_fields, &templates);
}

enum err meters_rollup(struct api_call *call)
{
    struct meter meter;
    struct meter_rollup progress;
    enum err err = path_meter(call, &meter);

    if (err != OK)
        return err;
    progress = meter_rollup_progress(&call->cx, &meter);
    return reply_one(call, &meter_rollup_fields, &progress);
}
