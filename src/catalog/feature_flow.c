/* feature_flow.c: creating, finding and archiving features. */
#include "catalog/feature_conditions.h"
#include "catalog/feature_rows.h"

#include "base/limits.h"
#include "identity/audit.h"

/* A feature as the request wants it, without conditions. */
static struct feature feature_of_input(struct cx *cx, enum dialect dialect,
                                       const struct feature *input,
                                       const struct feature_meter *meter)
{
    bool is_v1 = dialect == DIALECT_V1;
    struct feature feature = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .key = input->key,
        .name = input->name,
        .description = input->description,
        .labels = input->labels,
        .created_at = cx->now,
        .updated_at = cx->now,
        .archived_at = INSTANT_NONE,
        .has_unit_cost = input->has_unit_cost,
        .unit_cost = input->unit_cost,
    };
    if (is_v1) {
        feature.advanced_filters = input->advanced_filters;
        feature.simple_filters = input->simple_filters;
    } else if (input->has_meter) {
        feature.filters = input->meter.filters;
    }
    if (meter != NULL) {
        feature.meter_id.ulid = meter->id;
        feature.meter_key = meter->key;
    }
    return feature;
}

/* The row of a feature: the conditions in the words of the dialect that made it only. */
static struct feature row_of(const struct feature *feature, enum dialect dialect)
{
    struct feature row = *feature;
    if (dialect == DIALECT_V1)
        row.filters = TEXT_NONE;
    else
        row.advanced_filters = TEXT_NONE;
    return row;
}

enum err feature_create(struct cx *cx, enum dialect dialect, const struct feature *input,
                        const struct feature_meter *meter, struct feature *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct feature feature = feature_of_input(cx, dialect, input, meter);
    if (!feature_conditions_read(&feature, cx->arena, &cx->problem, &feature.conditions) ||
        !feature_check(input, &feature.conditions, meter, dialect, &cx->problem))
        return ERR_REFUSED;
    feature_mirror(&feature, cx->arena);
    struct feature row = row_of(&feature, dialect);

    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct feature other;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = feature_load_active(cx, tx, feature.key, &other);
    if (err == OK) {
        cx->problem.conflicting_id = ulid_text(cx->arena, other.id.ulid);
        return problem_refuse(&cx->problem, FAULT_FEATURE_KEY_TAKEN, "%s", "");
    }
    if (err == ERR_ABSENT)
        err = feature_insert(cx, tx, &row);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("feature.create"), feature.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_FEATURE_KEY_TAKEN, "%s", "");
    if (err == OK)
        *ret = feature;
    return err;
}

/* ERR_ABSENT becomes a refusal that says what is absent. */
static enum err refuse_absent(struct cx *cx, enum err err)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_FEATURE_ABSENT, "%s", "");
}

enum err feature_get(struct cx *cx, struct feature_id id, struct feature *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = feature_load(cx, tx, id, ret);
    return refuse_absent(cx, err);
}

enum err feature_find(struct cx *cx, text id_or_key, struct feature *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct feature_id id;
    enum err err = store_begin_read(cx->store, &tx);
    if (err != OK)
        return err;
    err = ulid_parse(id_or_key, &id.ulid) ? feature_load(cx, tx, id, ret) : ERR_ABSENT;
    if (err == ERR_ABSENT)
        err = feature_load_active(cx, tx, id_or_key, ret);
    return refuse_absent(cx, err);
}

enum err feature_list(struct cx *cx, const struct feature_query *query, struct list *ret,
                      int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->limit >= 1 && query->limit <= LIMIT_PAGE_SIZE_MAX && query->offset >= 0);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = feature_load_page(cx, tx, query, ret, ret_total);
    return err;
}

/* The active feature with this id. */
static enum err load_active(struct cx *cx, struct store_tx *tx, struct feature_id id,
                            struct feature *ret)
{
    struct feature feature;
    enum err err = feature_load(cx, tx, id, &feature);
    if (err == OK && !instant_is_none(feature.archived_at))
        return ERR_ABSENT;
    if (err == OK)
        *ret = feature;
    return err;
}

enum err feature_set_cost(struct cx *cx, struct feature_id id, const struct unit_cost *cost,
                          const struct feature_meter *meter, struct feature *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct feature feature;
    if (cost != NULL && !unit_cost_check(cost, meter, DIALECT_V3, &cx->problem))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = load_active(cx, tx, id, &feature);
    if (err != OK)
        return refuse_absent(cx, err);
    feature.has_unit_cost = cost != NULL;
    if (cost != NULL)
        feature.unit_cost = *cost;
    feature.updated_at = cx->now;
    err = feature_save_cost(cx, tx, &feature);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("feature.update"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = feature;
    return err;
}

enum err feature_archive(struct cx *cx, struct feature_id id)
{
    CHECK(cx != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = feature_mark_archived(cx, tx, id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("feature.archive"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    return refuse_absent(cx, err);
}

enum err feature_is_meter_used(struct cx *cx, ulid meter_id, bool *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(meter_id));
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    int64_t count = 0;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = feature_count_of_meter(cx, tx, meter_id, &count);
    if (err == OK)
        *ret = count > 0;
    return err;
}
