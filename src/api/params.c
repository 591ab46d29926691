/* params.c: the query string, the path and the body, checked on the way in. */
#include "api/call.h"

#include "base/limits.h"

text param_text(const struct api_call *call, const char *name)
{
    const struct http_param *param = http_param_find(call->request, text_of(name));

    if (!param)
        return TEXT_NONE;
    return param->value.ptr ? param->value : TEXT("");
}

/* Whether a parameter is `name` or `name[]`. */
static bool is_param(const struct http_param *param, text name)
{
    return text_equal(param->name, name) ||
           (param->name.len == name.len + 2 && text_starts_with(param->name, name) &&
            text_ends_with(param->name, TEXT("[]")));
}

struct text_list param_list(const struct api_call *call, const char *name)
{
    const struct http_request *request = call->request;
    struct text_list list = { ARENA_ARRAY(request->arena, text, request->param_count), 0 };

    for (size_t i = 0; i < request->param_count; i++)
        if (is_param(&request->params[i], text_of(name)))
            list.items[list.count++] = request->params[i].value;
    return list;
}

#define CLIENT_ID_MAX 36

void param_client_id(struct api_call *call)
{
    text value = param_text(call, "clientId");

    if (value.ptr && (value.len == 0 || value.len > CLIENT_ID_MAX))
        param_fault(call, "clientId", "invalid", "must have 1 to 36 characters");
}

void param_fault(struct api_call *call, const char *name, const char *rule, const char *reason)
{
    problem_add_field(&call->cx.problem, &(struct problem_field){
                                             .field = text_of(name),
                                             .rule = text_of(rule),
                                             .reason = text_of(reason),
                                             .source = SOURCE_QUERY,
                                         });
}

instant param_instant(struct api_call *call, const char *name)
{
    text value = param_text(call, name);
    instant t = INSTANT_NONE;

    if (value.ptr && !instant_parse(value, &t))
        param_fault(call, name, "is_date_time", "must be an RFC 3339 date and time");
    return t;
}

bool param_bool(struct api_call *call, const char *name)
{
    text value = param_text(call, name);

    if (!value.ptr || text_equal(value, TEXT("false")))
        return false;
    if (!text_equal(value, TEXT("true")))
        param_fault(call, name, "is_boolean", "must be true or false");
    return true;
}

/* A whole number from 1 to `max`; `fallback` when absent. */
static int64_t param_count(struct api_call *call, const char *name, int64_t fallback, int64_t max)
{
    text value = param_text(call, name);
    int64_t n = fallback;

    if (!value.ptr)
        return fallback;
    if (!text_to_int(value, &n) || n < 1 || n > max) {
        param_fault(
            call, name, "is_integer",
            text_cstr(call->request->arena,
                      text_format(call->request->arena, "must be a whole number from 1 to %lld",
                                  (long long)max)));
        return fallback;
    }
    return n;
}

#define PAGE_NUMBER_MAX 1000000000

struct page param_page(struct api_call *call)
{
    bool is_v1 = call->dialect == DIALECT_V1;

    return (struct page){
        .number = param_count(call, is_v1 ? "page" : "page[number]", 1, PAGE_NUMBER_MAX),
        .size = param_count(call, is_v1 ? "pageSize" : "page[size]",
                            is_v1 ? LIMIT_PAGE_SIZE_V1 : LIMIT_PAGE_SIZE_V3, LIMIT_PAGE_SIZE_MAX),
    };
}

bool param_has_page(const struct api_call *call)
{
    return param_text(call, "page").ptr != NULL;
}

/* The index of a sort word; v1 writes some of them in camelCase. */
static int sort_index(struct api_call *call, const char *const *words, text word)
{
    for (int i = 0; words[i]; i++) {
        struct field row = { .name = words[i] };

        if (text_equal(word, text_of(words[i])) ||
            text_equal(word, field_key(&row, call->dialect, call->request->arena)))
            return i;
    }
    return -1;
}

int param_sort(struct api_call *call, const char *const *words, bool *ret_is_descending)
{
    bool is_v1 = call->dialect == DIALECT_V1;
    const char *name = is_v1 ? "orderBy" : "sort";
    text rest = param_text(call, name);
    text word, order;
    int index;

    if (rest.ptr && !is_v1) {
        word = text_cut(&rest, ' ');
        order = text_trim(rest);
    } else {
        word = rest;
        order = param_text(call, "order");
    }
    if (order.ptr && order.len > 0) {
        *ret_is_descending = text_equal_nocase(order, TEXT("desc"));
        if (!*ret_is_descending && !text_equal_nocase(order, TEXT("asc")))
            param_fault(call, is_v1 ? "order" : "sort", "enum", "the order is asc or desc");
    }
    if (!word.ptr)
        return 0;
    index = sort_index(call, words, word);
    if (index < 0) {
        struct buffer b = call_buffer(call);

        buffer_format(&b, "unsupported sort field \"%.*s\", supported fields: ", TEXT_ARG(word));
        for (int i = 0; words[i]; i++)
            buffer_format(&b, "%s%s", i > 0 ? ", " : "", words[i]);
        param_fault(call, name, "enum", text_cstr(b.arena, buffer_text(&b)));
        return 0;
    }
    return index;
}

/* Refuses a body that is not JSON, with the place of the mistake. */
static enum err refuse_json(struct api_call *call, const struct json_fault *fault)
{
    return problem_refuse(&call->cx.problem, fault->fault, "%.*s (at byte %zu)",
                          TEXT_ARG(fault->message), fault->offset);
}

enum err body_json(struct api_call *call, bool is_optional, struct json *ret)
{
    const struct http_request *request = call->request;
    struct json_fault fault;

    if (text_is_empty(text_trim(request->body))) {
        if (!is_optional)
            return problem_refuse(&call->cx.problem, FAULT_BODY_REQUIRED, "%s", "");
        *ret = (struct json){ .kind = JSON_OBJECT };
        return OK;
    }
    if (!text_is_empty(request->content_type) &&
        !http_media_type_is(request->content_type, TEXT("application/json")))
        return problem_refuse(&call->cx.problem, FAULT_CONTENT_TYPE,
                              "\"%.*s\"; send application/json", TEXT_ARG(request->content_type));
    if (!json_parse(request->arena, request->body, ret, &fault))
        return refuse_json(call, &fault);
    return OK;
}

enum err body_read(struct api_call *call, const struct fields *table, void *ret)
{
    struct json body;
    enum err err = body_json(call, false, &body);

    if (err != OK)
        return err;
    if (!fields_read(table, call->dialect, &body, &call->cx.problem, ret))
        return ERR_REFUSED;
    return OK;
}

enum err path_ulid(struct api_call *call, size_t index, enum fault absent, ulid *ret)
{
    text t;

    CHECK(index < API_PATH_PARAMS_MAX);
    t = call->path_params[index];
    if (!ulid_parse(t, ret))
        return problem_refuse(&call->cx.problem, absent, "%.*s", TEXT_ARG(t));
    return OK;
}
