/* llm_price_rows.c: prices of language models in the store. */
#include "catalog/llm_price_rows.h"

static void complete(struct llm_price *price)
{
    price->provider = (struct llm_named){ price->provider_id, price->provider_id };
    price->model = (struct llm_named){ price->model_id, price->model_name };
}

enum err llm_price_load_all(struct cx *cx, struct store_tx *tx, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct list all = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
    };
    enum err err =
        store_all(tx, SQL_LLM_PRICE_ALL, &call, STORE_AS(&llm_price_fields, cx->arena), &all);
    if (err != OK)
        return err;
    struct llm_price *items = all.items;
    for (size_t i = 0; i < all.count; i++)
        complete(&items[i]);
    *ret = all;
    return OK;
}

enum err llm_price_put(struct cx *cx, struct store_tx *tx, struct llm_price *price)
{
    CHECK(cx != NULL && tx != NULL && price != NULL);
    CHECK(!ulid_is_zero(price->id.ulid) && ulid_equal(price->org_id.ulid, cx->org.ulid));
    struct llm_price stored = { 0 };
    struct store_call put = { .fields = &llm_price_fields, .record = price };
    enum err err = store_run(tx, SQL_LLM_PRICE_UPSERT, &put, NULL);
    if (err == OK)
        err = store_one(tx, SQL_LLM_PRICE_GET_BY_KEY, &put, STORE_AS(&llm_price_fields, cx->arena),
                        &stored);
    if (err != OK)
        return err;
    complete(&stored);
    *price = stored;
    return OK;
}

enum err llm_price_remove(struct cx *cx, struct store_tx *tx, struct llm_price_id id)
{
    CHECK(cx != NULL && tx != NULL);
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("id", id.ulid, cx->arena)),
    };
    enum err err = store_run(tx, SQL_LLM_PRICE_DELETE, &call, &changed);
    return err == OK && changed == 0 ? ERR_ABSENT : err;
}
