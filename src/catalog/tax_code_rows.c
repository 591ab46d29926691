/* tax_code_rows.c: tax codes and the defaults in the store. */
#include "catalog/tax_code_rows.h"

static enum err load_one(struct cx *cx, struct store_tx *tx, enum sql statement,
                         struct store_arg by, struct tax_code *ret)
{
    struct tax_code code = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), by),
    };
    enum err err = store_one(tx, statement, &call, STORE_AS(&tax_code_fields, cx->arena), &code);
    if (err == OK)
        *ret = code;
    return err;
}

enum err tax_code_load(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                       struct tax_code *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_TAX_CODE_GET, store_ulid("id", id.ulid, cx->arena), ret);
}

enum err tax_code_load_by_key(struct cx *cx, struct store_tx *tx, text key, struct tax_code *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_TAX_CODE_GET_BY_KEY, store_text("key", key), ret);
}

enum err tax_code_insert(struct cx *cx, struct store_tx *tx, const struct tax_code *code)
{
    CHECK(cx != NULL && tx != NULL && code != NULL);
    CHECK(!ulid_is_zero(code->id.ulid) && ulid_equal(code->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &tax_code_fields, .record = code };
    return store_run(tx, SQL_TAX_CODE_INSERT, &call, NULL);
}

enum err tax_code_save(struct cx *cx, struct store_tx *tx, const struct tax_code *code)
{
    CHECK(cx != NULL && tx != NULL && code != NULL);
    CHECK(ulid_equal(code->org_id.ulid, cx->org.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &tax_code_fields, .record = code };
    enum err err = store_run(tx, SQL_TAX_CODE_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err tax_code_load_page(struct cx *cx, struct store_tx *tx, bool include_deleted,
                            struct page page, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_int("include_deleted", include_deleted),
                           store_int("limit", page.size), store_int("offset", page_offset(page))),
    };
    return store_all(tx, SQL_TAX_CODE_LIST, &call, STORE_AS(&tax_code_fields, cx->arena), ret);
}

enum err tax_code_count(struct cx *cx, struct store_tx *tx, bool include_deleted, int64_t *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_int("include_deleted", include_deleted)),
    };
    return store_number(tx, SQL_TAX_CODE_COUNT, &call, ret);
}

enum err tax_code_count_uses(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                             int64_t *ret_plans, int64_t *ret_addons)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(ret_plans != NULL && ret_addons != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("id", id.ulid, cx->arena)),
    };
    enum err err = store_number(tx, SQL_TAX_CODE_COUNT_PLANS, &call, ret_plans);
    if (err == OK)
        err = store_number(tx, SQL_TAX_CODE_COUNT_ADDONS, &call, ret_addons);
    return err;
}

enum err tax_defaults_load(struct cx *cx, struct store_tx *tx, struct tax_defaults *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct tax_defaults defaults = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
    };
    enum err err = store_one(tx, SQL_TAX_DEFAULTS_GET, &call,
                             STORE_AS(&tax_defaults_fields, cx->arena), &defaults);
    if (err != OK)
        return err;
    defaults.invoicing_tax_code.id = defaults.invoicing_id;
    defaults.credit_grant_tax_code.id = defaults.credit_grant_id;
    *ret = defaults;
    return OK;
}

enum err tax_defaults_insert(struct cx *cx, struct store_tx *tx,
                             const struct tax_defaults *defaults)
{
    CHECK(cx != NULL && tx != NULL && defaults != NULL);
    CHECK(ulid_equal(defaults->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &tax_defaults_fields, .record = defaults };
    return store_run(tx, SQL_TAX_DEFAULTS_INSERT, &call, NULL);
}

enum err tax_defaults_save(struct cx *cx, struct store_tx *tx, const struct tax_defaults *defaults)
{
    CHECK(cx != NULL && tx != NULL && defaults != NULL);
    CHECK(ulid_equal(defaults->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &tax_defaults_fields, .record = defaults };
    return store_run(tx, SQL_TAX_DEFAULTS_UPDATE, &call, NULL);
}
