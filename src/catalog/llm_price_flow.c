/* llm_price_flow.c: the commands on prices of language models. */
#include "catalog/llm_price_rows.h"
#include "identity/audit.h"

#include <stdlib.h>
#include <string.h>

/* ---- looking ------------------------------------------------------------------------------- */

static enum err gather_all(struct cx *cx, struct list *ret)
{
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    return err == OK ? llm_price_load_all(cx, tx, ret) : err;
}

enum err llm_prices_now(struct cx *cx, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct list all;
    enum err err = gather_all(cx, &all);
    if (err == OK)
        *ret = llm_prices_apply(&all, cx->now, cx->arena);
    return err;
}

enum err llm_price_get(struct cx *cx, struct llm_price_id id, struct llm_price *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct list prices;
    enum err err = llm_prices_now(cx, &prices);
    if (err != OK)
        return err;
    const struct llm_price *items = prices.items;
    for (size_t i = 0; i < prices.count; i++) {
        if (!ulid_equal(items[i].id.ulid, id.ulid))
            continue;
        *ret = items[i];
        return OK;
    }
    return problem_refuse(&cx->problem, FAULT_LLM_PRICE_ABSENT, "%s", "");
}

static int id_order(const struct llm_price *a, const struct llm_price *b)
{
    return memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof a->id.ulid.bytes);
}

static int text_order(text a, text b, const struct llm_price *left, const struct llm_price *right)
{
    int order = text_compare(a, b);
    return order != 0 ? order : id_order(left, right);
}

static int instant_order(instant a, instant b, const struct llm_price *left,
                         const struct llm_price *right)
{
    if (instant_equal(a, b))
        return id_order(left, right);
    return instant_before(a, b) ? -1 : 1;
}

static int order_by_id(const void *left, const void *right)
{
    return id_order(left, right);
}

static int order_by_model(const void *left, const void *right)
{
    const struct llm_price *a = left;
    const struct llm_price *b = right;
    return text_order(a->model_id, b->model_id, a, b);
}

static int order_by_provider(const void *left, const void *right)
{
    const struct llm_price *a = left;
    const struct llm_price *b = right;
    return text_order(a->provider_id, b->provider_id, a, b);
}

static int order_by_from(const void *left, const void *right)
{
    const struct llm_price *a = left;
    const struct llm_price *b = right;
    return instant_order(a->effective_from, b->effective_from, a, b);
}

static int order_by_to(const void *left, const void *right)
{
    const struct llm_price *a = left;
    const struct llm_price *b = right;
    return instant_order(a->effective_to, b->effective_to, a, b);
}

static void sort(struct list *prices, const struct llm_price_query *query)
{
    static int (*const orders[LLM_SORT_COUNT])(const void *, const void *) = {
        [LLM_SORT_MODEL] = order_by_model,
        [LLM_SORT_ID] = order_by_id,
        [LLM_SORT_PROVIDER] = order_by_provider,
        [LLM_SORT_FROM] = order_by_from,
        [LLM_SORT_TO] = order_by_to,
    };
    struct llm_price *items = prices->items;
    size_t count = prices->count;
    CHECK((int)query->sort >= 0 && query->sort < LLM_SORT_COUNT);
    if (count > 1)
        qsort(items, count, sizeof *items, orders[query->sort]);
    for (size_t i = 0; query->is_descending && i < count / 2; i++) {
        struct llm_price other = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = other;
    }
}

enum err llm_price_list(struct cx *cx, const struct llm_price_query *query, struct list *ret,
                        int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    struct list all;
    enum err err = gather_all(cx, &all);
    if (err != OK)
        return err;
    struct list prices = query->is_of_overrides ? llm_overrides_of(&all, cx->arena)
                                                : llm_prices_apply(&all, cx->now, cx->arena);
    sort(&prices, query);
    struct llm_price *items = prices.items;
    size_t offset = (size_t)page_offset(query->page);
    size_t left = offset < prices.count ? prices.count - offset : 0;
    size_t size = (size_t)query->page.size;
    *ret = (struct list){ left > 0 ? items + offset : NULL, left < size ? left : size };
    *ret_total = (int64_t)prices.count;
    return OK;
}

/* ---- changing ------------------------------------------------------------------------------ */

/* The price as it is stored; false, with the fault named, when it cannot be. */
static bool price_make(struct cx *cx, enum llm_source source, const struct llm_price *input,
                       struct llm_price *ret)
{
    bool has_end = !instant_is_none(input->effective_to);
    if (has_end && !instant_before(input->effective_from, input->effective_to)) {
        problem_add_member(&cx->problem, TEXT("effective_to"), "invalid",
                           TEXT("must be later than effective_from"));
        return false;
    }
    struct llm_price price = *input;
    price.id = (struct llm_price_id){ cx_ulid(cx) };
    price.org_id = cx->org;
    price.source = source;
    price.provider_id = llm_provider_of(input->provider_id, cx->arena);
    price.model_key = llm_model_of(input->model_id, cx->arena);
    price.model_name = text_is_empty(input->model_name) ? input->model_id : input->model_name;
    price.created_at = cx->now;
    price.updated_at = cx->now;
    *ret = price;
    return true;
}

enum err llm_override_put(struct cx *cx, const struct llm_price *input, struct llm_price *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct llm_price price;
    if (!price_make(cx, LLM_MANUAL, input, &price))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = llm_price_put(cx, tx, &price);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("llm_price.override"), price.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = price;
    return err;
}

enum err llm_override_delete(struct cx *cx, struct llm_price_id id)
{
    CHECK(cx != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = llm_price_remove(cx, tx, id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("llm_price.delete"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_LLM_PRICE_ABSENT, "%s", "");
    return err;
}

enum err llm_prices_load(struct cx *cx, const struct llm_price_list *input, struct list *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    const struct llm_price *from = input->prices.items;
    size_t count = input->prices.count;
    struct llm_price *prices = ARENA_ARRAY(cx->arena, struct llm_price, count);
    for (size_t i = 0; i < count; i++) {
        if (!price_make(cx, LLM_SYSTEM, &from[i], &prices[i]))
            return ERR_REFUSED;
    }
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    for (size_t i = 0; i < count && err == OK; i++)
        err = llm_price_put(cx, tx, &prices[i]);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("llm_price.load"), cx->org.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = (struct list){ prices, count };
    return err;
}

/* ---- features ------------------------------------------------------------------------------ */

static bool names_model(const struct feature *feature)
{
    return feature->has_unit_cost && feature->unit_cost.type == UNIT_COST_LLM &&
           !text_is_empty(feature->unit_cost.provider) && !text_is_empty(feature->unit_cost.model);
}

enum err llm_features_price(struct cx *cx, struct feature *features, size_t count)
{
    CHECK(cx != NULL && (features != NULL || count == 0));
    struct list prices = { 0 };
    bool is_loaded = false;
    enum err err = OK;
    for (size_t i = 0; i < count && err == OK; i++) {
        struct unit_cost *cost = &features[i].unit_cost;
        if (!names_model(&features[i]))
            continue;
        if (!is_loaded)
            err = llm_prices_now(cx, &prices);
        is_loaded = true;
        const struct llm_price *price = llm_price_find(
            &prices, &(struct llm_model){ cost->provider, cost->model }, cx->now, cx->arena);
        cost->has_pricing = price != NULL;
        if (price != NULL)
            cost->pricing = price->pricing;
    }
    return err;
}
