/* query_params.c: the query strings of routes: described, and lists of words checked. */
#include "api/query_params.h"

#include "api/handlers.h"

enum query_kind {
    QUERY_TEXT,
    QUERY_TEXTS, /* may be repeated */
    QUERY_BOOL,
    QUERY_COUNT,
    QUERY_TIME,
    QUERY_MAP, /* name[key]=value */
    QUERY_SORT /* one of the words, " desc" or " asc" behind it */
};

struct query_param {
    enum route_group group;
    api_handler *handler;
    const char *name;
    enum query_kind kind;
    const char *words;
};

struct query_filter {
    enum route_group group;
    api_handler *handler;
    const char *name;
    enum filter_kind kind;
};

static const struct query_param query_params[] = {
#define QUERY(group, handler, name, kind, words)                                                   \
    { GROUP_##group, (handler), (name), QUERY_##kind, (words) },
#define FILTER(group, handler, name, kind)
#include "api/query_params.def"
#undef QUERY
#undef FILTER
};

static const struct query_filter query_filters[] = {
#define QUERY(group, handler, name, kind, words)
#define FILTER(group, handler, name, kind) { GROUP_##group, (handler), (name), FILTER_KIND_##kind },
#include "api/query_params.def"
#undef QUERY
#undef FILTER
};

/* The operators of a kind of filter, by "|". */
static const char *const filter_operators[] = {
    [FILTER_KIND_TEXT] = "eq|neq|contains|oeq|ocontains|gt|gte|lt|lte|exists|nexists",
    [FILTER_KIND_EXACT] = "eq|neq|oeq",
    [FILTER_KIND_ID] = "eq|neq|oeq",
    [FILTER_KIND_LOOKUP] = "eq|oeq",
    [FILTER_KIND_TIME] = "eq|gt|gte|lt|lte",
};

static void write_words(struct json_writer *w, const char *words)
{
    text rest = text_of(words);

    json_key(w, TEXT("enum"));
    json_array_begin(w);
    while (rest.ptr)
        json_text(w, text_cut(&rest, '|'));
    json_array_end(w);
}

/* A text, one of the words if there are any. */
static void write_text_schema(struct json_writer *w, const char *words)
{
    json_object_begin(w);
    json_member_text(w, "type", TEXT("string"));
    if (words)
        write_words(w, words);
    json_object_end(w);
}

static void write_schema(struct json_writer *w, const struct query_param *param)
{
    switch (param->kind) {
    case QUERY_TEXT:
        write_text_schema(w, param->words);
        return;
    case QUERY_SORT:
        write_text_schema(w, NULL);
        return;
    case QUERY_TEXTS:
        json_object_begin(w);
        json_member_text(w, "type", TEXT("array"));
        json_key(w, TEXT("items"));
        write_text_schema(w, param->words);
        json_object_end(w);
        return;
    case QUERY_BOOL:
        json_raw(w, TEXT("{\"type\":\"boolean\"}"));
        return;
    case QUERY_COUNT:
        json_raw(w, TEXT("{\"type\":\"integer\",\"minimum\":0}"));
        return;
    case QUERY_TIME:
        json_raw(w, TEXT("{\"type\":\"string\",\"format\":\"date-time\"}"));
        return;
    case QUERY_MAP:
        json_raw(w, TEXT("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}}"));
        return;
    }
    UNREACHABLE();
}

/* What its schema does not say. */
static void write_about(struct json_writer *w, const struct query_param *param)
{
    struct buffer about = { .arena = w->out->arena };
    text rest = text_of(param->words ? param->words : "");

    if (param->kind == QUERY_MAP)
        json_member_text(w, "style", TEXT("deepObject"));
    if (param->kind != QUERY_SORT || !param->words)
        return;
    buffer_add(&about, TEXT("One of "));
    for (bool is_first = true; rest.ptr; is_first = false) {
        if (!is_first)
            buffer_add(&about, TEXT(", "));
        buffer_add(&about, text_cut(&rest, '|'));
    }
    buffer_add(&about, TEXT("; asc or desc may stand behind it."));
    json_member_text(w, "description", buffer_text(&about));
}

static void write_param(struct json_writer *w, const struct query_param *param)
{
    json_object_begin(w);
    json_member_text(w, "name", text_of(param->name));
    json_member_text(w, "in", TEXT("query"));
    write_about(w, param);
    json_key(w, TEXT("schema"));
    write_schema(w, param);
    json_object_end(w);
}

/* The values of an operator. */
static void write_operand(struct json_writer *w, enum filter_kind kind)
{
    json_object_begin(w);
    json_member_text(w, "type", TEXT("string"));
    if (kind == FILTER_KIND_TIME)
        json_member_text(w, "format", TEXT("date-time"));
    json_object_end(w);
}

/* A value alone, which is an eq, or operators with their values. */
static void write_filter(struct json_writer *w, const struct query_filter *filter)
{
    text rest = text_of(filter_operators[filter->kind]);

    json_key(w, text_of(filter->name));
    json_object_begin(w);
    json_key(w, TEXT("oneOf"));
    json_array_begin(w);
    write_operand(w, filter->kind);
    json_object_begin(w);
    json_member_text(w, "type", TEXT("object"));
    json_key(w, TEXT("properties"));
    json_object_begin(w);
    while (rest.ptr) {
        json_key(w, text_cut(&rest, '|'));
        write_operand(w, filter->kind);
    }
    json_object_end(w);
    json_object_end(w);
    json_array_end(w);
    json_object_end(w);
}

static void filter_object_begin(struct json_writer *w)
{
    json_object_begin(w);
    json_member_text(w, "name", TEXT("filter"));
    json_member_text(w, "in", TEXT("query"));
    json_member_text(w, "style", TEXT("deepObject"));
    json_key(w, TEXT("schema"));
    json_object_begin(w);
    json_member_text(w, "type", TEXT("object"));
    json_key(w, TEXT("properties"));
    json_object_begin(w);
}

void query_params_write(struct json_writer *w, const struct route *route)
{
    bool is_open = false;

    CHECK(w != NULL && route != NULL);
    for (size_t i = 0; i < COUNT_OF(query_params); i++)
        if (query_params[i].group == route->group && query_params[i].handler == route->handler)
            write_param(w, &query_params[i]);
    for (size_t i = 0; i < COUNT_OF(query_filters); i++) {
        const struct query_filter *filter = &query_filters[i];

        if (filter->group != route->group || filter->handler != route->handler)
            continue;
        if (!is_open)
            filter_object_begin(w);
        is_open = true;
        write_filter(w, filter);
    }
    if (!is_open)
        return;
    json_object_end(w);
    json_object_end(w);
    json_object_end(w);
}

/* ---- checking ------------------------------------------------------------------------------ */

static bool words_hold(const char *words, text word)
{
    text rest = text_of(words);

    while (rest.ptr)
        if (text_equal(text_cut(&rest, '|'), word))
            return true;
    return false;
}

#define WORDS_MAX 16

/* The words by themselves, NULL-terminated. */
static const char *const *choices_of(const char *words, struct arena *arena)
{
    const char **choices = ARENA_ARRAY(arena, const char *, WORDS_MAX + 1);
    text rest = text_of(words);
    size_t count = 0;

    while (rest.ptr) {
        text word = text_cut(&rest, '|');

        CHECK(count < WORDS_MAX);
        choices[count++] = text_cstr(arena, word);
    }
    return choices;
}

static void check_words(struct api_call *call, const struct query_param *param)
{
    struct text_list values = param_list(call, param->name);

    for (size_t i = 0; i < values.count; i++) {
        if (words_hold(param->words, values.items[i]))
            continue;
        problem_add_field(&call->cx.problem,
                          &(struct problem_field){
                              .field = text_of(param->name),
                              .rule = TEXT("enum"),
                              .reason = TEXT("must be one of the choices"),
                              .choices = choices_of(param->words, call->cx.arena),
                              .source = SOURCE_QUERY,
                          });
        return;
    }
}

enum err query_params_check(struct api_call *call)
{
    CHECK(call != NULL && call->route != NULL);
    if (call->request->param_count == 0)
        return OK;
    for (size_t i = 0; i < COUNT_OF(query_params); i++) {
        const struct query_param *param = &query_params[i];

        if (param->kind == QUERY_TEXTS && param->words && param->group == call->route->group &&
            param->handler == call->route->handler)
            check_words(call, param);
    }
    return problem_err(&call->cx.problem);
}
