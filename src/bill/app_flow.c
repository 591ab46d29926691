/* app_flow.c: the commands on apps and on customers' data in them. */
#include "bill/app_rows.h"
#include "bill/profile.h"
#include "identity/audit.h"

static enum err absent_refuse(struct cx *cx, enum err err, struct app_id id)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_APP_ABSENT, "%.*s",
                          TEXT_ARG(ulid_text(cx->arena, id.ulid)));
}

/* ---- apps ---------------------------------------------------------------------------------- */

/* What new invoices use the app for: everything when its profile is the default. */
static struct text_list tasks_of(const struct app *app, bool is_default, struct arena *arena)
{
    const struct list *capabilities = &app->listing.capabilities;
    const struct app_capability *items = capabilities->items;
    text *words = ARENA_ARRAY(arena, text, capabilities->count);
    if (!is_default)
        return (struct text_list){ 0 };
    for (size_t i = 0; i < capabilities->count; i++)
        words[i] = text_of(app_task_words[items[i].task]);
    return (struct text_list){ words, capabilities->count };
}

static struct app app_make(struct cx *cx, const struct app_install *input)
{
    const struct app_listing *listing = app_listing_of(input->type);
    bool has_hooks = input->type == APP_EXTERNAL_INVOICING;
    return (struct app){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .type = input->type,
        .name = text_is_empty(input->name) ? listing->name : input->name,
        .description = listing->description,
        .has_draft_hook = has_hooks,
        .has_issuing_hook = has_hooks,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
        .listing = *listing,
        .status = APP_READY,
    };
}

enum err app_install(struct cx *cx, const struct app_install *input, struct app_installed *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct app app = app_make(cx, input);
    struct profile profile = { .is_default = false }, standing;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = profile_default(cx, tx, &standing);
    if (err == OK)
        err = app_rows_insert(tx, &app);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("app.install"), app.id.ulid, TEXT_NONE);
    if (err == OK && input->create_billing_profile)
        err = profile_of_app(cx, tx, &app, &profile);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = (struct app_installed){ app, tasks_of(&app, profile.is_default, cx->arena) };
    return err;
}

enum err app_get(struct cx *cx, struct app_id id, struct app *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = app_rows_get(cx, tx, id, ret);
    return absent_refuse(cx, err, id);
}

enum err app_list(struct cx *cx, struct page page, struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    enum err err = profile_ensure(cx);
    if (err != OK)
        return err;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = app_rows_page(cx, tx, page, ret, ret_total);
    return err;
}

/* An installed app, for a change. */
static enum err app_need(struct cx *cx, struct store_tx *tx, struct app_id id, struct app *ret)
{
    enum err err = app_rows_get(cx, tx, id, ret);
    if (err == OK && !instant_is_none(ret->deleted_at))
        err = ERR_ABSENT;
    return absent_refuse(cx, err, id);
}

static void hook_need(struct cx *cx, bool is_given, const char *member)
{
    const struct problem_field field = {
        .field = text_of(member),
        .rule = TEXT("required"),
        .reason = TEXT("is a required field"),
        .code = TEXT("field_required"),
        .source = SOURCE_BODY,
    };
    if (!is_given)
        problem_add_field(&cx->problem, &field);
}

static enum err update_check(struct cx *cx, const struct app *app, const struct app *input)
{
    if (input->type != app->type)
        return problem_refuse(&cx->problem, FAULT_APP_TYPE_OTHER, "%s", "");
    if (app->type == APP_EXTERNAL_INVOICING) {
        hook_need(cx, input->has_draft_hook, "enable_draft_sync_hook");
        hook_need(cx, input->has_issuing_hook, "enable_issuing_sync_hook");
    }
    return problem_err(&cx->problem);
}

enum err app_update(struct cx *cx, struct app_id id, const struct app *input, struct app *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct app app;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = app_need(cx, tx, id, &app);
    if (err == OK)
        err = update_check(cx, &app, input);
    if (err != OK)
        return err;
    app.name = input->name;
    app.description = input->description;
    app.labels = input->labels;
    if (app.type == APP_EXTERNAL_INVOICING) {
        app.enable_draft_sync_hook = input->enable_draft_sync_hook;
        app.enable_issuing_sync_hook = input->enable_issuing_sync_hook;
    }
    app.updated_at = cx->now;
    err = app_rows_update(tx, &app);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("app.update"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = app;
    return err;
}

enum err app_uninstall(struct cx *cx, struct app_id id)
{
    CHECK(cx != NULL);
    struct app app;
    int64_t uses = 0;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = app_need(cx, tx, id, &app);
    if (err == OK)
        err = app_rows_uses(cx, tx, id, &uses);
    if (err == OK && uses > 0)
        err = problem_refuse(&cx->problem, FAULT_APP_IN_USE, "%s", "");
    if (err != OK)
        return err;
    app.updated_at = cx->now;
    app.deleted_at = cx->now;
    err = app_rows_update(tx, &app);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("app.uninstall"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

/* ---- customers' data ----------------------------------------------------------------------- */

enum err app_data_list(struct cx *cx, text customer_id_or_key, int type, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = customer_get(cx, customer_id_or_key, &customer);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = app_rows_data(cx, tx, customer.id, type, ret);
    return err;
}

struct member_fault {
    const char *v1; /* the member */
    const char *v3; /* the member in its type's object; "" for the whole of it */
    const char *reason;
};

/* What is wrong with a member, named as each contract has it. */
static void item_fault(struct cx *cx, const struct customer_app_data *item, size_t index,
                       const struct member_fault *fault)
{
    bool is_v3 = item->place.ptr != NULL;
    const char *dot = fault->v3[0] == '\0' ? "" : ".";
    text field = is_v3 ? text_format(cx->arena, "%.*s%s%s", TEXT_ARG(item->place), dot, fault->v3)
                       : text_format(cx->arena, "[%zu].%s", index, fault->v1);
    problem_add_member(&cx->problem, field, "invalid", text_of(fault->reason));
}

/* The app that an item means, and whether the item fits it. A fault is added where not. */
static enum err item_gather(struct cx *cx, struct store_tx *tx, size_t index,
                            struct customer_app_data *item)
{
    bool has_id = !ulid_is_zero(item->app_id.ulid);
    enum err err = has_id ? app_rows_get(cx, tx, item->app_id, &item->app)
                          : app_rows_oldest(cx, tx, item->type, &item->app);
    if (err != OK && err != ERR_ABSENT)
        return err;
    if (err == ERR_ABSENT || !instant_is_none(item->app.deleted_at))
        item_fault(
            cx, item, index,
            &(struct member_fault){ has_id ? "id" : "type", "", "there is no such app installed" });
    else if (item->app.type != item->type)
        item_fault(cx, item, index,
                   &(struct member_fault){ "type", "", "the app is of another type" });
    if (item->test_card.ptr != NULL && item->type != APP_SANDBOX)
        item_fault(cx, item, index,
                   &(struct member_fault){ "testCard", "test_card", "is for the sandbox" });
    else if (item->test_card.ptr != NULL && app_test_card_outcome(item->test_card).ptr == NULL)
        item_fault(
            cx, item, index,
            &(struct member_fault){ "testCard", "test_card", "is not one of the test cards" });
    if (item->labels.count > 0 && item->type != APP_EXTERNAL_INVOICING)
        item_fault(cx, item, index,
                   &(struct member_fault){ "metadata", "labels", "are for custom invoicing" });
    item->app_id = item->app.id;
    return OK;
}

static enum err items_apply(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                            const struct list *items)
{
    struct customer_app_data *data = items->items;
    enum err err = OK;
    for (size_t i = 0; i < items->count && err == OK; i++) {
        data[i].customer_id = customer;
        data[i].org_id = cx->org;
        data[i].created_at = cx->now;
        data[i].updated_at = cx->now;
        data[i].has_app = true;
        err = app_rows_data_set(tx, &data[i]);
    }
    if (err == OK && items->count > 0)
        err = audit_write(cx, tx, TEXT("customer.app_data"), customer.ulid, TEXT_NONE);
    return err;
}

enum err app_data_put(struct cx *cx, text customer_id_or_key, const struct list *items,
                      struct list *ret)
{
    CHECK(cx != NULL && items != NULL && ret != NULL);
    struct customer customer;
    struct customer_app_data *data = items->items;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id_or_key, &customer);
    for (size_t i = 0; i < items->count && err == OK; i++)
        err = item_gather(cx, tx, i, &data[i]);
    if (err == OK)
        err = problem_err(&cx->problem);
    if (err == OK)
        err = items_apply(cx, tx, customer.id, items);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = *items;
    return err;
}

enum err app_data_delete(struct cx *cx, text customer_id_or_key, struct app_id app)
{
    CHECK(cx != NULL);
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id_or_key, &customer);
    if (err == OK)
        err = app_rows_data_delete(cx, tx, customer.id, app);
    if (err == ERR_ABSENT)
        err = problem_refuse(&cx->problem, FAULT_APP_DATA_ABSENT, "%s", "");
    if (err == OK)
        err = audit_write(cx, tx, TEXT("customer.app_data"), customer.id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}
