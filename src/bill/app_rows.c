/* app_rows.c: apps and customers' data in them, in the store. */
#include "bill/app_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

/* What follows from the type. */
static void app_show(struct app *app)
{
    app->listing = *app_listing_of(app->type);
    app->status = APP_READY;
    app->has_draft_hook = app->type == APP_EXTERNAL_INVOICING;
    app->has_issuing_hook = app->type == APP_EXTERNAL_INVOICING;
}

enum err app_rows_get(struct cx *cx, struct store_tx *tx, struct app_id id, struct app *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)),
    };
    enum err err = store_one(tx, SQL_APP_GET, &call, STORE_AS(&app_fields, cx->arena), ret);
    if (err == OK)
        app_show(ret);
    return err;
}

enum err app_rows_oldest(struct cx *cx, struct store_tx *tx, enum app_type type, struct app *ret)
{
    CHECK((unsigned)type < APP_TYPE_COUNT);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("type", text_of(app_type_words[type]))),
    };
    enum err err = store_one(tx, SQL_APP_OLDEST, &call, STORE_AS(&app_fields, cx->arena), ret);
    if (err == OK)
        app_show(ret);
    return err;
}

enum err app_rows_page(struct cx *cx, struct store_tx *tx, struct page page, struct list *ret,
                       int64_t *ret_total)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_int("limit", page.size),
                           store_int("offset", page_offset(page))),
    };
    enum err err = store_number(tx, SQL_APP_COUNT, &call, ret_total);
    if (err == OK)
        err = store_all(tx, SQL_APP_PAGE, &call, STORE_AS(&app_fields, cx->arena), ret);
    for (size_t i = 0; err == OK && i < ret->count; i++)
        app_show((struct app *)ret->items + i);
    return err;
}

enum err app_rows_insert(struct store_tx *tx, const struct app *app)
{
    CHECK(!ulid_is_zero(app->id.ulid) && !ulid_is_zero(app->org_id.ulid));
    struct store_call call = { .fields = &app_fields, .record = app };
    return store_run(tx, SQL_APP_INSERT, &call, NULL);
}

enum err app_rows_update(struct store_tx *tx, const struct app *app)
{
    CHECK(!ulid_is_zero(app->id.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &app_fields, .record = app };
    enum err err = store_run(tx, SQL_APP_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err app_rows_uses(struct cx *cx, struct store_tx *tx, struct app_id id, int64_t *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("app_id", id.ulid, cx->arena)),
    };
    return store_number(tx, SQL_APP_USES, &call, ret);
}

enum err app_rows_data(struct cx *cx, struct store_tx *tx, struct customer_id customer, int type,
                       struct list *ret)
{
    text word = type == FIELD_ENUM_NONE ? TEXT_NONE : text_of(app_type_words[type]);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena),
                           store_text("type", word)),
    };
    enum err err = store_all(tx, SQL_CUSTOMER_APP_DATA_LIST, &call,
                             STORE_AS(&customer_app_data_fields, cx->arena), ret);
    for (size_t i = 0; err == OK && i < ret->count; i++) {
        struct customer_app_data *data = (struct customer_app_data *)ret->items + i;
        data->has_app = true;
        err = app_rows_get(cx, tx, data->app_id, &data->app);
    }
    return err;
}

enum err app_rows_data_set(struct store_tx *tx, const struct customer_app_data *data)
{
    CHECK(!ulid_is_zero(data->app_id.ulid) && !ulid_is_zero(data->customer_id.ulid));
    struct store_call call = { .fields = &customer_app_data_fields, .record = data };
    return store_run(tx, SQL_CUSTOMER_APP_DATA_SET, &call, NULL);
}

enum err app_rows_data_delete(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                              struct app_id app)
{
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena),
                           store_ulid("app_id", app.ulid, cx->arena)),
    };
    enum err err = store_run(tx, SQL_CUSTOMER_APP_DATA_DELETE, &call, &changed);
    return err == OK && changed == 0 ? ERR_ABSENT : err;
}
