/* currencies.c: currencies to price in: v3's list, custom ones and what they are worth; v1's list
 * of those of ISO 4217. */
#include "api/handlers.h"

#include "base/limits.h"
#include "catalog/currency.h"

enum err currencies_info(struct api_call *call)
{
    const struct currency_query query = {
        .has_type = true,
        .type = CURRENCY_TYPE_FIAT,
        .page = { 1, LIMIT_PAGE_SIZE_MAX },
    };
    struct list list;
    int64_t total;
    enum err err = billing_currency_list(&call->cx, &query, &list, &total);

    return err == OK ? reply_array(call, &currency_v1_fields, &list) : err;
}

enum err currencies_create(struct api_call *call)
{
    struct billing_currency body, made;
    enum err err = body_read(call, &billing_currency_fields, &body);

    if (err == OK)
        err = billing_currency_create(&call->cx, &body, &made);
    return err == OK ? reply_one(call, &billing_currency_fields, &made) : err;
}

enum err currencies_get(struct api_call *call)
{
    struct currency_id id;
    struct billing_currency currency;
    enum err err = path_ulid(call, 0, FAULT_CURRENCY_ABSENT, &id.ulid);

    if (err == OK)
        err = billing_currency_get(&call->cx, id, &currency);
    return err == OK ? reply_one(call, &billing_currency_fields, &currency) : err;
}

static enum err fetch_currencies(struct api_call *call, const void *query, struct page page,
                                 struct list *ret, int64_t *ret_total)
{
    struct currency_query one = *(const struct currency_query *)query;

    one.page = page;
    return billing_currency_list(&call->cx, &one, ret, ret_total);
}

/* filter[type]=custom: one type, or nothing is asked for. */
static void param_type(struct api_call *call, struct currency_query *query)
{
    struct text_list types = { 0 };
    int type;

    if (!filter_values(call, "type", &types))
        return;
    type = types.count == 1 ? words_find(currency_type_words, types.items[0]) : FIELD_ENUM_NONE;
    if (type == FIELD_ENUM_NONE) {
        param_fault(call, "filter[type]", "enum", "must be fiat or custom");
        return;
    }
    query->has_type = true;
    query->type = (enum currency_type)type;
}

enum err currencies_list(struct api_call *call)
{
    static const struct filter_param filters[] = {
        { "type", FILTER_KIND_EXACT },
        { "code", FILTER_KIND_TEXT },
        { NULL, FILTER_KIND_TEXT },
    };

    struct text_list expand = param_list(call, "expand");
    struct currency_query query = { .page = param_page(call), .has_cost_bases = expand.count > 0 };
    struct list_scan scan = { .table = &billing_currency_fields,
                              .query = &query,
                              .fetch = fetch_currencies };
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum currency_sort)param_sort(call, currency_sort_words, &query.is_descending);
    filters_check(call, filters);
    param_type(call, &query);
    filter_lookup(call, "code", NULL, NULL, &scan.rest);
    err = list_scan_run(call, &scan, query.page, &list, &total);
    return err == OK ? reply_page(call, &billing_currency_fields, &list, query.page, total) : err;
}

enum err cost_bases_create(struct api_call *call)
{
    struct currency_id id;
    struct cost_basis body, made;
    enum err err = path_ulid(call, 0, FAULT_CURRENCY_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &cost_basis_fields, &body);
    if (err == OK)
        err = cost_basis_create(&call->cx, id, &body, &made);
    return err == OK ? reply_one(call, &cost_basis_fields, &made) : err;
}

enum err cost_bases_list(struct api_call *call)
{
    static const struct filter_param filters[] = {
        { "fiat_code", FILTER_KIND_EXACT },
        { NULL, FILTER_KIND_TEXT },
    };

    struct cost_basis_query query = { .page = param_page(call) };
    struct text_list codes = { 0 };
    struct list list;
    int64_t total;
    enum err err;

    filters_check(call, filters);
    if (filter_values(call, "fiat_code", &codes)) {
        query.fiat_code = codes.count == 1 ? codes.items[0] : TEXT_NONE;
        if (currency_find(query.fiat_code) == NULL)
            param_fault(call, "filter[fiat_code]", "invalid", "must be one ISO 4217 code");
    }
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = path_ulid(call, 0, FAULT_CURRENCY_ABSENT, &query.currency_id.ulid);
    if (err == OK)
        err = cost_basis_list(&call->cx, &query, &list, &total);
    return err == OK ? reply_page(call, &cost_basis_fields, &list, query.page, total) : err;
}
