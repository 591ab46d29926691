/* currency_rows.c: custom currencies and cost bases in the store. */
#include "catalog/currency_rows.h"

static enum err load_one(struct cx *cx, struct store_tx *tx, enum sql statement,
                         struct store_arg by, struct billing_currency *ret)
{
    struct billing_currency currency = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), by),
    };
    enum err err =
        store_one(tx, statement, &call, STORE_AS(&billing_currency_fields, cx->arena), &currency);
    if (err != OK)
        return err;
    currency.type = CURRENCY_TYPE_CUSTOM;
    *ret = currency;
    return OK;
}

enum err currency_load(struct cx *cx, struct store_tx *tx, struct currency_id id,
                       struct billing_currency *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_CURRENCY_GET, store_ulid("id", id.ulid, cx->arena), ret);
}

enum err currency_load_by_code(struct cx *cx, struct store_tx *tx, text code,
                               struct billing_currency *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_CURRENCY_GET_BY_CODE, store_text("code", code), ret);
}

enum err currency_load_all(struct cx *cx, struct store_tx *tx, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct list all = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
    };
    enum err err =
        store_all(tx, SQL_CURRENCY_ALL, &call, STORE_AS(&billing_currency_fields, cx->arena), &all);
    if (err != OK)
        return err;
    struct billing_currency *items = all.items;
    for (size_t i = 0; i < all.count; i++)
        items[i].type = CURRENCY_TYPE_CUSTOM;
    *ret = all;
    return OK;
}

enum err currency_insert(struct cx *cx, struct store_tx *tx,
                         const struct billing_currency *currency)
{
    CHECK(cx != NULL && tx != NULL && currency != NULL);
    CHECK(!ulid_is_zero(currency->id.ulid) && ulid_equal(currency->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &billing_currency_fields, .record = currency };
    return store_run(tx, SQL_CURRENCY_INSERT, &call, NULL);
}

/* Reads cost bases and settles them. */
static enum err load_bases(struct cx *cx, struct store_tx *tx, enum sql statement,
                           const struct store_arg *args, struct list *ret)
{
    struct list bases = { 0 };
    struct store_call call = { .args = args };
    enum err err = store_all(tx, statement, &call, STORE_AS(&cost_basis_fields, cx->arena), &bases);
    if (err != OK)
        return err;
    for (size_t i = 0; i < bases.count; i++)
        cost_basis_settle((struct cost_basis *)bases.items + i);
    *ret = bases;
    return OK;
}

enum err cost_basis_load_pair(struct cx *cx, struct store_tx *tx,
                              const struct cost_basis_pair *pair, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && pair != NULL && ret != NULL);
    return load_bases(cx, tx, SQL_COST_BASIS_OF_PAIR,
                      STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                 store_ulid("currency_id", pair->currency_id.ulid, cx->arena),
                                 store_text("fiat_code", pair->fiat_code)),
                      ret);
}

enum err cost_basis_load_at(struct cx *cx, struct store_tx *tx, const struct cost_basis_pair *pair,
                            instant t, struct cost_basis *ret)
{
    CHECK(ret != NULL && !instant_is_none(t));
    struct list bases;
    enum err err = cost_basis_load_pair(cx, tx, pair, &bases);
    if (err != OK)
        return err;
    const struct cost_basis *items = bases.items;
    for (size_t i = 0; i < bases.count; i++) {
        if (!cost_basis_holds(&items[i], t))
            continue;
        *ret = items[i];
        return OK;
    }
    return ERR_ABSENT;
}

enum err cost_basis_load_all(struct cx *cx, struct store_tx *tx, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_bases(cx, tx, SQL_COST_BASIS_ALL,
                      STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)), ret);
}

enum err cost_basis_load_page(struct cx *cx, struct store_tx *tx,
                              const struct cost_basis_query *query, struct list *ret,
                              int64_t *ret_total)
{
    CHECK(cx != NULL && tx != NULL && query != NULL);
    CHECK(ret != NULL && ret_total != NULL);
    text fiat = text_is_empty(query->fiat_code) ? TEXT_NONE : query->fiat_code;
    const struct store_arg *args =
        STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                   store_ulid("currency_id", query->currency_id.ulid, cx->arena),
                   store_text("fiat_code", fiat), store_int("limit", query->page.size),
                   store_int("offset", page_offset(query->page)));
    struct store_call call = { .args = args };
    enum err err = store_number(tx, SQL_COST_BASIS_COUNT, &call, ret_total);
    if (err == OK)
        err = load_bases(cx, tx, SQL_COST_BASIS_LIST, args, ret);
    return err;
}

enum err cost_basis_insert(struct cx *cx, struct store_tx *tx, const struct cost_basis *basis)
{
    CHECK(cx != NULL && tx != NULL && basis != NULL);
    CHECK(!ulid_is_zero(basis->id.ulid) && ulid_equal(basis->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &cost_basis_fields, .record = basis };
    return store_run(tx, SQL_COST_BASIS_INSERT, &call, NULL);
}
