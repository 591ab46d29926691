/* llm_prices.c: what tokens of language models cost; v3 only, as in the contract. Loading the list
 * itself is ours. */
#include "api/handlers.h"

#include "catalog/llm_price.h"

static const struct filter_param price_filters[] = {
    { "provider", FILTER_KIND_TEXT },   { "model_id", FILTER_KIND_TEXT },
    { "model_name", FILTER_KIND_TEXT }, { "currency", FILTER_KIND_TEXT },
    { "source", FILTER_KIND_TEXT },     { NULL, FILTER_KIND_TEXT },
};

static enum err fetch_prices(struct api_call *call, const void *query, struct page page,
                             struct list *ret, int64_t *ret_total)
{
    struct llm_price_query one = *(const struct llm_price_query *)query;

    one.page = page;
    return llm_price_list(&call->cx, &one, ret, ret_total);
}

/* The source: the one filter that the request's table does not have. */
static enum err judge_source(struct api_call *call, const void *item,
                             const struct filter_entry *entry, bool *ret)
{
    const struct llm_price *price = item;

    (void)call;
    *ret = filter_match(&entry->filter, text_of(llm_source_words[price->source]));
    return OK;
}

static enum err list_prices(struct api_call *call, struct llm_price_query *query)
{
    struct list_scan scan = {
        .table = &llm_override_fields,
        .query = query,
        .fetch = fetch_prices,
        .judge = judge_source,
    };
    struct list list;
    int64_t total;
    enum err err;

    query->page = param_page(call);
    filters_check(call, price_filters);
    for (size_t i = 0; price_filters[i].name; i++)
        filter_lookup(call, price_filters[i].name, NULL, NULL, &scan.rest);
    err = list_scan_run(call, &scan, query->page, &list, &total);
    return err == OK ? reply_page(call, &llm_price_fields, &list, query->page, total) : err;
}

enum err llm_prices_list(struct api_call *call)
{
    struct llm_price_query query = { 0 };

    query.sort = (enum llm_sort)param_sort(call, llm_sort_words, &query.is_descending);
    return list_prices(call, &query);
}

enum err llm_overrides_list(struct api_call *call)
{
    struct llm_price_query query = { .is_of_overrides = true };

    return list_prices(call, &query);
}

enum err llm_prices_get(struct api_call *call)
{
    struct llm_price_id id;
    struct llm_price price;
    enum err err = path_ulid(call, 0, FAULT_LLM_PRICE_ABSENT, &id.ulid);

    if (err == OK)
        err = llm_price_get(&call->cx, id, &price);
    return err == OK ? reply_one(call, &llm_price_fields, &price) : err;
}

enum err llm_prices_put(struct api_call *call)
{
    struct llm_price_list body;
    struct list loaded;
    enum err err = body_read(call, &llm_price_list_fields, &body);

    if (err == OK)
        err = llm_prices_load(&call->cx, &body, &loaded);
    return err == OK ? reply_data(call, &llm_price_fields, &loaded) : err;
}

enum err llm_overrides_create(struct api_call *call)
{
    struct llm_price body, made;
    enum err err = body_read(call, &llm_override_fields, &body);

    if (err == OK)
        err = llm_override_put(&call->cx, &body, &made);
    return err == OK ? reply_one(call, &llm_price_fields, &made) : err;
}

enum err llm_overrides_delete(struct api_call *call)
{
    struct llm_price_id id;
    enum err err = path_ulid(call, 0, FAULT_LLM_PRICE_ABSENT, &id.ulid);

    if (err == OK)
        err = llm_override_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
