/* apps.c: what can be installed, what is installed, and customers' data in it. */
#include "api/handlers.h"

#include "base/limits.h"
#include "bill/app.h"

static const char *const *type_words(const struct api_call *call)
{
    return call->dialect == DIALECT_V1 ? app_type_v1_words : app_type_words;
}

/* The words of tasks as the dialect has them. */
static struct text_list task_words(const struct api_call *call, const struct text_list *tasks)
{
    struct text_list list = { ARENA_ARRAY(call->request->arena, text, tasks->count), tasks->count };

    for (size_t i = 0; i < tasks->count; i++) {
        int task = words_find(app_task_words, tasks->items[i]);

        CHECK(task != FIELD_ENUM_NONE);
        list.items[i] = call->dialect == DIALECT_V1 ? text_of(app_task_v1_words[task])
                                                    : tasks->items[i];
    }
    return list;
}

/* ---- listings ------------------------------------------------------------------------------ */

enum err listings_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct app_listing *listings =
        ARENA_ARRAY(call->request->arena, struct app_listing, APP_TYPE_COUNT);
    size_t count = 0;
    struct list list;

    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    for (int64_t i = page_offset(page); i < APP_TYPE_COUNT && (int64_t)count < page.size; i++)
        listings[count++] = *app_listing_of((enum app_type)i);
    list = (struct list){ listings, count };
    return reply_page(call, &app_listing_fields, &list, page, APP_TYPE_COUNT);
}

/* The type in the path. */
static enum err path_type(struct api_call *call, enum app_type *ret)
{
    int type = words_find(type_words(call), call->path_params[0]);

    if (type == FIELD_ENUM_NONE)
        return problem_refuse(&call->cx.problem, FAULT_APP_LISTING_ABSENT, "%.*s",
                              TEXT_ARG(call->path_params[0]));
    *ret = (enum app_type)type;
    return OK;
}

enum err listings_get(struct api_call *call)
{
    enum app_type type = APP_SANDBOX;
    enum err err = path_type(call, &type);

    return err == OK ? reply_one(call, &app_listing_fields, app_listing_of(type)) : err;
}

/* v1 names the type in the path, v3 in the body. */
static enum err read_install(struct api_call *call, struct app_install *ret)
{
    struct json body;
    enum app_type type = APP_SANDBOX;
    enum err err;

    if (call->dialect == DIALECT_V3)
        return body_read(call, &app_install_v3_fields, ret);
    err = path_type(call, &type);
    if (err == OK)
        err = body_json(call, true, &body);
    if (err != OK)
        return err;
    if (!fields_read(&app_install_v1_fields, call->dialect, &body, &call->cx.problem, ret))
        return ERR_REFUSED;
    ret->type = type;
    return OK;
}

enum err apps_install(struct api_call *call)
{
    struct app_install input;
    struct app_installed installed;
    enum err err = read_install(call, &input);

    if (err == OK)
        err = app_install(&call->cx, &input, &installed);
    if (err != OK)
        return err;
    installed.default_for = task_words(call, &installed.default_for);
    return reply_one(call, &app_installed_fields, &installed);
}

/* v1: the other ways in. No app that there is takes them yet: who tries learns which one it has. */
static enum err method_refuse(struct api_call *call, enum app_type type)
{
    struct text_list methods = app_listing_of(type)->install_methods;

    CHECK(methods.count > 0);
    return problem_refuse(&call->cx.problem, FAULT_APP_INSTALL_METHOD, "%.*s: %.*s",
                          TEXT_ARG(call->path_params[0]), TEXT_ARG(methods.items[0]));
}

enum err apps_install_key(struct api_call *call)
{
    struct app_install input;
    enum app_type type = APP_SANDBOX;
    enum err err = path_type(call, &type);

    if (err == OK)
        err = body_read(call, &app_install_key_fields, &input);
    return err == OK ? method_refuse(call, type) : err;
}

enum err apps_install_oauth2(struct api_call *call)
{
    enum app_type type = APP_SANDBOX;
    enum err err = path_type(call, &type);

    return err == OK ? method_refuse(call, type) : err;
}

/* ---- apps ---------------------------------------------------------------------------------- */

enum err apps_get(struct api_call *call)
{
    struct app_id id;
    struct app app;
    enum err err = path_ulid(call, 0, FAULT_APP_ABSENT, &id.ulid);

    if (err == OK)
        err = app_get(&call->cx, id, &app);
    return err == OK ? reply_one(call, &app_fields, &app) : err;
}

enum err apps_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = app_list(&call->cx, page, &list, &total);
    return err == OK ? reply_page(call, &app_fields, &list, page, total) : err;
}

enum err apps_update(struct api_call *call)
{
    struct app_id id;
    struct app body, changed;
    enum err err = path_ulid(call, 0, FAULT_APP_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &app_update_fields, &body);
    if (err == OK)
        err = app_update(&call->cx, id, &body, &changed);
    return err == OK ? reply_one(call, &app_fields, &changed) : err;
}

enum err apps_uninstall(struct api_call *call)
{
    struct app_id id;
    enum err err = path_ulid(call, 0, FAULT_APP_ABSENT, &id.ulid);

    if (err == OK)
        err = app_uninstall(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

/* ---- v1: customers' data ------------------------------------------------------------------- */

static int param_type(struct api_call *call)
{
    text word = param_text(call, "type");
    int type = word.ptr ? words_find(app_type_v1_words, word) : FIELD_ENUM_NONE;

    if (word.ptr && type == FIELD_ENUM_NONE)
        param_fault(call, "type", "enum", "must be one of the choices");
    return type;
}

enum err app_data_get(struct api_call *call)
{
    struct page page = param_page(call);
    int type = param_type(call);
    struct list all, part;
    size_t first, count;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = app_data_list(&call->cx, call->path_params[0], type, &all);
    if (err != OK)
        return err;
    first = (size_t)page_offset(page) < all.count ? (size_t)page_offset(page) : all.count;
    count = all.count - first < (size_t)page.size ? all.count - first : (size_t)page.size;
    part = (struct list){ NULL, count };
    if (count > 0)
        part.items = (struct customer_app_data *)all.items + first;
    return reply_page(call, &customer_app_data_fields, &part, page, (int64_t)all.count);
}

/* Reads an item of the body; what is wrong with it is placed in the array. */
static void read_item(struct api_call *call, const struct json *body, size_t index,
                      struct customer_app_data *ret)
{
    struct problem *problem = &call->cx.problem;
    size_t before = problem->field_count;

    if (fields_read(&customer_app_data_fields, call->dialect, &body->items[index], problem, ret))
        return;
    for (size_t i = before; i < problem->field_count; i++)
        problem->fields[i].field =
            text_format(problem->arena, "[%zu].%.*s", index, TEXT_ARG(problem->fields[i].field));
}

enum err app_data_write(struct api_call *call)
{
    struct json body;
    struct customer_app_data *items;
    struct list list, written;
    enum err err = body_json(call, false, &body);

    if (err != OK)
        return err;
    if (body.kind != JSON_ARRAY || body.count > LIMIT_CUSTOMER_APPS_MAX) {
        param_fault(call, "body", "is_array", "must be an array of not too many items");
        return ERR_REFUSED;
    }
    items = ARENA_ARRAY(call->request->arena, struct customer_app_data, body.count);
    for (size_t i = 0; i < body.count; i++)
        read_item(call, &body, i, &items[i]);
    err = problem_err(&call->cx.problem);
    list = (struct list){ items, body.count };
    if (err == OK)
        err = app_data_put(&call->cx, call->path_params[0], &list, &written);
    return err == OK ? reply_array(call, &customer_app_data_fields, &written) : err;
}

enum err app_data_remove(struct api_call *call)
{
    struct app_id id;
    enum err err = path_ulid(call, 1, FAULT_APP_DATA_ABSENT, &id.ulid);

    if (err == OK)
        err = app_data_delete(&call->cx, call->path_params[0], id);
    return err == OK ? reply_empty(call) : err;
}
