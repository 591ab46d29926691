/* profile_rows.c: billing profiles and customers' overrides in the store. */
#include "bill/profile_rows.h"

#include "catalog/choice.h"
#include "store/like.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

/* A stored profile is complete but for settings that are newer than it. */
static void profile_complete(struct profile *profile)
{
    settings_complete(&profile->workflow);
}

enum err profile_rows_get(struct cx *cx, struct store_tx *tx, struct profile_id id,
                          struct profile *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)),
    };
    enum err err =
        store_one(tx, SQL_BILLING_PROFILE_GET, &call, STORE_AS(&profile_fields, cx->arena), ret);
    if (err == OK)
        profile_complete(ret);
    return err;
}

enum err profile_rows_default(struct cx *cx, struct store_tx *tx, struct profile *ret)
{
    struct store_call call = { .args = STORE_ARGS(org_arg(cx)) };
    enum err err =
        store_one(tx, SQL_BILLING_PROFILE_OF_ORG, &call, STORE_AS(&profile_fields, cx->arena), ret);
    if (err == OK)
        profile_complete(ret);
    return err;
}

enum err profile_rows_page(struct cx *cx, struct store_tx *tx, const struct profile_query *query,
                           struct list *ret, int64_t *ret_total)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_int("with_deleted", query->with_deleted ? 1 : 0),
                           store_text("sort", text_of(profile_sort_words[query->sort])),
                           store_int("is_descending", query->is_descending ? 1 : 0),
                           store_int("limit", query->page.size),
                           store_int("offset", page_offset(query->page))),
    };
    enum err err = store_number(tx, SQL_BILLING_PROFILE_COUNT, &call, ret_total);
    if (err == OK)
        err = store_all(tx, SQL_BILLING_PROFILE_PAGE, &call, STORE_AS(&profile_fields, cx->arena),
                        ret);
    for (size_t i = 0; err == OK && i < ret->count; i++)
        profile_complete((struct profile *)ret->items + i);
    return err;
}

enum err profile_rows_insert(struct store_tx *tx, const struct profile *profile)
{
    CHECK(!ulid_is_zero(profile->id.ulid) && !ulid_is_zero(profile->invoicing_app_id.ulid));
    struct store_call call = { .fields = &profile_fields, .record = profile };
    return store_run(tx, SQL_BILLING_PROFILE_INSERT, &call, NULL);
}

enum err profile_rows_update(struct store_tx *tx, const struct profile *profile)
{
    CHECK(!ulid_is_zero(profile->id.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &profile_fields, .record = profile };
    enum err err = store_run(tx, SQL_BILLING_PROFILE_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err profile_rows_uses(struct cx *cx, struct store_tx *tx, struct profile_id id, int64_t *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("profile_id", id.ulid, cx->arena)),
    };
    return store_number(tx, SQL_BILLING_PROFILE_USES, &call, ret);
}

/* ---- overrides ----------------------------------------------------------------------------- */

enum err override_rows_pin_open(struct cx *cx, struct store_tx *tx, struct profile_id profile)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("profile_id", profile.ulid, cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    return store_run(tx, SQL_BILLING_OVERRIDE_PIN_OPEN, &call, NULL);
}

static struct store_arg customer_arg(struct cx *cx, struct customer_id customer)
{
    CHECK(!ulid_is_zero(customer.ulid));
    return store_ulid("customer_id", customer.ulid, cx->arena);
}

enum err override_rows_get(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                           struct override *ret)
{
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), customer_arg(cx, customer)) };
    return store_one(tx, SQL_BILLING_OVERRIDE_GET, &call, STORE_AS(&override_fields, cx->arena),
                     ret);
}

enum err override_rows_set(struct store_tx *tx, const struct override *override)
{
    CHECK(!ulid_is_zero(override->customer_id.ulid));
    struct store_call call = { .fields = &override_fields, .record = override };
    return store_run(tx, SQL_BILLING_OVERRIDE_SET, &call, NULL);
}

enum err override_rows_delete(struct cx *cx, struct store_tx *tx, struct customer_id customer)
{
    int64_t changed = 0;
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), customer_arg(cx, customer)) };
    enum err err = store_run(tx, SQL_BILLING_OVERRIDE_DELETE, &call, &changed);
    return err == OK && changed == 0 ? ERR_ABSENT : err;
}

enum err override_rows_page(struct cx *cx, struct store_tx *tx, const struct override_query *query,
                            struct list *ret, int64_t *ret_total)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("separator", TEXT(CHOICE_SEPARATOR)),
                           choice_arg("profiles", &query->profiles, cx->arena),
                           store_ulid("default_id", query->standing.ulid, cx->arena),
                           store_int("without_pin", query->is_unpinned ? 1 : 0),
                           store_int("all", query->is_overridden ? 0 : 1),
                           choice_arg("customers", &query->customers, cx->arena),
                           store_like("key_like", query->key_contains, cx->arena),
                           store_like("name_like", query->name_contains, cx->arena),
                           store_like("email_like", query->email_contains, cx->arena),
                           store_text("sort", text_of(override_sort_words[query->sort])),
                           store_int("is_descending", query->is_descending ? 1 : 0),
                           store_int("limit", query->page.size),
                           store_int("offset", page_offset(query->page))),
    };
    enum err err = store_number(tx, SQL_BILLING_OVERRIDE_COUNT, &call, ret_total);
    if (err == OK)
        err = store_all(tx, SQL_BILLING_OVERRIDE_PAGE, &call, STORE_AS(&override_fields, cx->arena),
                        ret);
    return err;
}

enum err profile_count_of_tax_code(struct cx *cx, struct tax_code_id id, int64_t *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(id.ulid));
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("tax_code_id", id.ulid, cx->arena)),
    };
    enum err err = store_begin_read(cx->store, &tx);
    return err == OK ? store_number(tx, SQL_SETTINGS_COUNT_OF_TAX_CODE, &call, ret) : err;
}
