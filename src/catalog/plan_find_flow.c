/* plan_find_flow.c: the flows that only look. */
#include "base/limits.h"
#include "catalog/plan_rows.h"

static enum err refuse_absent(struct cx *cx, enum err err)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_PLAN_ABSENT, "%s", "");
}

enum err plan_get(struct cx *cx, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = plan_load(cx, tx, id, ret);
    return refuse_absent(cx, err);
}

enum err plan_find(struct cx *cx, text id_or_key, bool include_latest, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct plan_id id;
    enum err err = store_begin_read(cx->store, &tx);
    if (err != OK)
        return err;
    err = ulid_parse(id_or_key, &id.ulid) ? plan_load(cx, tx, id, ret) : ERR_ABSENT;
    if (err == ERR_ABSENT)
        err = include_latest ? plan_load_newest(cx, tx, id_or_key, ret)
                             : plan_load_active(cx, tx, id_or_key, ret);
    return refuse_absent(cx, err);
}

enum err plan_find_version(struct cx *cx, text key, int64_t version, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(version >= 0);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = version == 0 ? plan_load_active(cx, tx, key, ret)
                           : plan_load_version(cx, tx, key, version, ret);
    return refuse_absent(cx, err);
}

enum err plan_list(struct cx *cx, const struct plan_query *query, struct list *ret,
                   int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1);
    CHECK(query->page.size >= 1 && query->page.size <= LIMIT_PAGE_SIZE_MAX);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = plan_load_page(cx, tx, query, ret, ret_total);
    return err;
}
