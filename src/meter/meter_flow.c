/* meter_flow.c: commands on meters: gather, decide, apply. */
#include "meter/meter_flow.h"

#include <stdlib.h>

#include "identity/audit.h"
#include "meter/meter_rollup.h"
#include "meter/meter_rows.h"

const char *const meter_sort_words[] = {
    "created_at", "updated_at", "key", "name", "aggregation", NULL,
};
_Static_assert(COUNT_OF(meter_sort_words) == METER_SORT_COUNT + 1, "a word per sort field");

/* An audit row that holds the meter as it now is. */
static enum err write_audit(struct cx *cx, struct store_tx *tx, text action,
                            const struct meter *meter)
{
    struct buffer detail = { .arena = cx->arena };
    struct json_writer w = json_writer_of(&detail);
    meter_write(&w, DIALECT_V3, meter);
    return audit_write(cx, tx, action, meter->id.ulid, buffer_text(&detail));
}

/* The living meter with this id or key; refuses with FAULT_METER_ABSENT. */
static enum err find_meter(struct cx *cx, struct store_tx *tx, text id_or_key, struct meter *ret)
{
    struct meter_id id;
    struct meter found;
    enum err err = ERR_ABSENT;
    if (ulid_parse(id_or_key, &id.ulid)) {
        err = meter_load(tx, cx->org, id, cx->arena, &found);
        if (err == OK && !instant_is_none(found.deleted_at))
            err = ERR_ABSENT;
    }
    if (err == ERR_ABSENT)
        err = meter_load_by_key(tx, cx->org, id_or_key, cx->arena, &found);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_METER_ABSENT, "no meter %.*s",
                              TEXT_ARG(id_or_key));
    if (err == OK)
        *ret = found;
    return err;
}

/* Refuses when a living meter has the key. */
static enum err check_key_is_free(struct cx *cx, struct store_tx *tx, text key)
{
    struct meter other;
    enum err err = meter_load_by_key(tx, cx->org, key, cx->arena, &other);
    if (err == ERR_ABSENT)
        return OK;
    if (err != OK)
        return err;
    cx->problem.conflicting_id = ulid_text(cx->arena, other.id.ulid);
    return problem_refuse(&cx->problem, FAULT_METER_KEY_TAKEN, "the key %.*s is taken",
                          TEXT_ARG(key));
}

enum err meter_create(struct cx *cx, const struct meter *wanted, struct meter *ret)
{
    CHECK(cx != NULL && wanted != NULL && ret != NULL);
    CHECK(!text_is_empty(wanted->key) && !text_is_empty(wanted->name));
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err != OK)
        return err;
    err = check_key_is_free(cx, tx, wanted->key);
    if (err != OK)
        return err;
    struct meter meter = *wanted;
    meter.id.ulid = cx_ulid(cx);
    meter.org = cx->org;
    meter.created_at = cx->now;
    meter.updated_at = cx->now;
    meter.deleted_at = INSTANT_NONE;
    if (meter.aggregation != METER_QUANTILE)
        meter.quantile = DEC_INVALID;
    if (meter.aggregation != METER_INTEGRAL)
        meter.time_unit = METER_TIME_UNIT_NONE;
    err = meter_insert(tx, &meter);
    if (err == OK)
        err = write_audit(cx, tx, TEXT("meter.create"), &meter);
    err = store_finish(&tx, err);
    if (err != OK)
        return err;
    meter_rollup_keep(cx, &meter);
    *ret = meter;
    return OK;
}

enum err meter_get(struct cx *cx, text id_or_key, struct meter *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err != OK)
        return err;
    return find_meter(cx, tx, id_or_key, ret);
}

enum err meter_update(struct cx *cx, text id_or_key, const struct meter_change *change,
                      enum dialect dialect, struct meter *ret)
{
    CHECK(cx != NULL && change != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct meter before;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = find_meter(cx, tx, id_or_key, &before);
    if (err != OK)
        return err;
    struct meter meter = meter_changed(&before, change, cx->now);
    if (!meter_check(&meter, dialect, cx->arena, &cx->problem))
        return ERR_REFUSED;
    err = meter_save(tx, &meter);
    if (err == OK)
        err = write_audit(cx, tx, TEXT("meter.update"), &meter);
    err = store_finish(&tx, err);
    if (err != OK)
        return err;
    meter_rollup_change(cx, &before, &meter);
    *ret = meter;
    return OK;
}

enum err meter_delete(struct cx *cx, text id_or_key)
{
    CHECK(cx != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct meter meter;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = find_meter(cx, tx, id_or_key, &meter);
    if (err != OK)
        return err;
    meter.deleted_at = cx->now;
    meter.updated_at = cx->now;
    err = meter_save(tx, &meter);
    if (err == OK)
        err = write_audit(cx, tx, TEXT("meter.delete"), &meter);
    err = store_finish(&tx, err);
    if (err == OK)
        meter_rollup_drop(cx, &meter);
    return err;
}

static bool is_listed(const struct meter *meter, const struct meter_list_query *query)
{
    if (!query->has_deleted && !instant_is_none(meter->deleted_at))
        return false;
    if (query->key != NULL && !filter_match(query->key, meter->key))
        return false;
    return query->name == NULL || filter_match(query->name, meter->name);
}

static int compare_instants(instant a, instant b)
{
    return (a.ns > b.ns) - (a.ns < b.ns);
}

static int compare_by(const struct meter *a, const struct meter *b, enum meter_sort sort)
{
    switch (sort) {
    case METER_SORT_CREATED_AT:
        return compare_instants(a->created_at, b->created_at);
    case METER_SORT_UPDATED_AT:
        return compare_instants(a->updated_at, b->updated_at);
    case METER_SORT_KEY:
        return text_compare(a->key, b->key);
    case METER_SORT_NAME:
        return text_compare(a->name, b->name);
    case METER_SORT_AGGREGATION:
        return text_compare(text_of(meter_aggregation_words[a->aggregation]),
                            text_of(meter_aggregation_words[b->aggregation]));
    case METER_SORT_COUNT:
        break;
    }
    UNREACHABLE();
}

static int compare_meters(const void *left, const void *right, void *state)
{
    const struct meter *a = left;
    const struct meter *b = right;
    const struct meter_list_query *query = state;
    int order = compare_by(a, b, query->sort);
    if (order == 0)
        order = memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof(a->id.ulid.bytes));
    return query->is_descending ? -order : order;
}

/* Filters, sorts and cuts out the page: an organization has few meters. */
static struct meter_list list_page(struct meter *meters, size_t count,
                                   const struct meter_list_query *query)
{
    struct meter_list_query order = *query;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_listed(&meters[i], query))
            meters[kept++] = meters[i];
    }
    if (kept > 1)
        qsort_r(meters, kept, sizeof(*meters), compare_meters, &order);
    struct meter_list list = { .items = meters, .count = kept, .total = (int64_t)kept };
    if (query->page.size > 0) {
        size_t offset = (size_t)page_offset(query->page);
        size_t size = (size_t)query->page.size;
        offset = offset < kept ? offset : kept;
        list.items = meters + offset;
        list.count = kept - offset < size ? kept - offset : size;
    }
    return list;
}

enum err meter_list(struct cx *cx, const struct meter_list_query *query, struct meter_list *ret)
{
    CHECK(cx != NULL && query != NULL && ret != NULL);
    CHECK(query->page.size == 0 || query->page.number >= 1);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct list all;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = meter_load_all(tx, cx->org, cx->arena, &all);
    if (err == OK)
        *ret = list_page(all.items, all.count, query);
    return err;
}
