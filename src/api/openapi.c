/* openapi.c: the OpenAPI 3.0 documents, printed from the route and field tables.
 *
 * A route's tables, nested ones included, stand under components/schemas: what is answered by the
 * table's name, what is sent with "Request" behind it.
 */
#include "api/call.h"
#include "api/query_params.h"

#include "base/limits.h"

#define SCHEMAS_MAX 512

/* What no field table says: events and problems are read and written by hand. */
static const text event_schema = TEXT_INIT(
    "{\"type\":\"object\",\"required\":[\"id\",\"source\",\"specversion\",\"type\",\"subject\"],"
    "\"properties\":{\"id\":{\"type\":\"string\",\"minLength\":1},"
    "\"source\":{\"type\":\"string\",\"format\":\"uri-reference\",\"minLength\":1},"
    "\"specversion\":{\"type\":\"string\",\"enum\":[\"1.0\"]},"
    "\"type\":{\"type\":\"string\",\"minLength\":1},"
    "\"subject\":{\"type\":\"string\",\"minLength\":1},"
    "\"time\":{\"type\":\"string\",\"format\":\"date-time\",\"nullable\":true},"
    "\"datacontenttype\":{\"type\":\"string\",\"enum\":[\"application/json\"],\"nullable\":true},"
    "\"dataschema\":{\"type\":\"string\",\"format\":\"uri\",\"nullable\":true},"
    "\"data\":{\"type\":\"object\",\"nullable\":true}}}");

#define EVENT  "{\"$ref\":\"#/components/schemas/Event\"}"
#define EVENTS "{\"type\":\"array\",\"items\":" EVENT "}"

static const text event_body =
    TEXT_INIT("{\"required\":true,\"content\":{"
              "\"application/cloudevents+json\":{\"schema\":" EVENT "},"
              "\"application/cloudevents-batch+json\":{\"schema\":" EVENTS "},"
              "\"application/json\":{\"schema\":{\"oneOf\":[" EVENT "," EVENTS "]}}}}");

static const text problem_schema_v1 = TEXT_INIT(
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"instance\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"instance\":{\"type\":\"string\"},\"extensions\":{\"type\":\"object\"}}}");

static const text problem_schema_v3 = TEXT_INIT(
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\",\"instance\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"instance\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
    "\"extensions\":{\"type\":\"object\"},\"invalid_parameters\":{\"type\":\"array\","
    "\"items\":{\"type\":\"object\",\"required\":[\"field\",\"reason\"],\"properties\":{"
    "\"field\":{\"type\":\"string\"},\"rule\":{\"type\":\"string\"},"
    "\"reason\":{\"type\":\"string\"},\"source\":{\"type\":\"string\"},"
    "\"choices\":{\"type\":\"array\",\"items\":{}},\"minimum\":{\"type\":\"integer\"},"
    "\"maximum\":{\"type\":\"integer\"}}}}}}");

/* The tables met so far, nested ones included. */
struct schema_set {
    const struct fields *tables[SCHEMAS_MAX];
    size_t count;
};

/* Modules that may not include one another have tables of the same name and shape: one is printed.
 */
static bool schema_set_add(struct schema_set *set, const struct fields *table)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->tables[i]->name, table->name) == 0)
            return false;
    MUST(set->count < SCHEMAS_MAX);
    set->tables[set->count++] = table;
    return true;
}

/* Adds the tables that a table's rows are described by, and theirs; those of rows with a flag of
 * `hidden` are not printed. */
static void collect_nested(struct schema_set *set, const struct fields *table, unsigned hidden)
{

    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];

        if (row->sub && !(row->flags & hidden) && schema_set_add(set, row->sub))
            collect_nested(set, row->sub, hidden);
    }
}

static bool route_is_of(const struct route *route, enum dialect dialect)
{
    return route_dialect(route->group) == dialect;
}

static void write_reference(struct json_writer *w, const struct fields *table, bool is_request)
{
    struct arena *arena = w->out->arena;
    text name = fields_schema_name(table, is_request, arena);

    json_object_begin(w);
    json_member_text(w, "$ref", text_format(arena, "#/components/schemas/%.*s", TEXT_ARG(name)));
    json_object_end(w);
}

static void write_array_of(struct json_writer *w, const struct fields *table, bool is_request)
{
    json_object_begin(w);
    json_member_text(w, "type", TEXT("array"));
    json_key(w, TEXT("items"));
    write_reference(w, table, is_request);
    json_object_end(w);
}

/* Three members that are whole numbers. */
static void write_counts(struct json_writer *w, const char *a, const char *b, const char *c)
{
    const char *const names[] = { a, b, c };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        json_key(w, text_of(names[i]));
        json_object_begin(w);
        json_member_text(w, "type", TEXT("integer"));
        json_object_end(w);
    }
}

/* The cursors of a page: null where there is nothing. */
static void write_cursors(struct json_writer *w)
{
    json_key(w, TEXT("size"));
    json_raw(w, TEXT("{\"type\":\"integer\"}"));
    json_key(w, TEXT("next"));
    json_raw(w, TEXT("{\"type\":\"string\",\"nullable\":true}"));
    json_key(w, TEXT("previous"));
    json_raw(w, TEXT("{\"type\":\"string\",\"nullable\":true}"));
}

/* The page envelope of the dialect, written in place; without what belongs to pages for a shape of
 * all there are. */
static void write_page_schema(struct json_writer *w, const struct route *route)
{
    bool is_v1 = route_dialect(route->group) == DIALECT_V1;

    json_object_begin(w);
    json_member_text(w, "type", TEXT("object"));
    json_key(w, TEXT("properties"));
    json_object_begin(w);
    json_key(w, is_v1 ? TEXT("items") : TEXT("data"));
    write_array_of(w, route->response, false);
    if (route->shape == SHAPE_PAGE && is_v1) {
        write_counts(w, "totalCount", "page", "pageSize");
    } else if (route->shape == SHAPE_PAGE || route->shape == SHAPE_CURSOR) {
        json_key(w, TEXT("meta"));
        json_object_begin(w);
        json_member_text(w, "type", TEXT("object"));
        json_key(w, TEXT("properties"));
        json_object_begin(w);
        json_key(w, TEXT("page"));
        json_object_begin(w);
        json_member_text(w, "type", TEXT("object"));
        json_key(w, TEXT("properties"));
        json_object_begin(w);
        if (route->shape == SHAPE_CURSOR)
            write_cursors(w);
        else
            write_counts(w, "number", "size", "total");
        json_object_end(w);
        json_object_end(w);
        json_object_end(w);
        json_object_end(w);
    }
    json_object_end(w);
    json_object_end(w);
}

static void write_response_schema(struct json_writer *w, const struct route *route)
{
    switch (route->shape) {
    case SHAPE_ONE:
        write_reference(w, route->response, false);
        return;
    case SHAPE_ARRAY:
    case SHAPE_ARRAYS:
        write_array_of(w, route->response, false);
        return;
    case SHAPE_PAGE:
    case SHAPE_CURSOR:
    case SHAPE_DATA:
        write_page_schema(w, route);
        return;
    case SHAPE_NONE:
    case SHAPE_OTHER:
    case SHAPE_COUNT:
        break;
    }
    json_object_begin(w);
    json_object_end(w);
}

static void write_content(struct json_writer *w, const char *type)
{
    json_key(w, TEXT("content"));
    json_object_begin(w);
    json_key(w, text_of(type));
    json_object_begin(w);
    json_key(w, TEXT("schema"));
}

static void write_responses(struct json_writer *w, const struct route *route)
{
    /* Those who run the server read text; the descriptions themselves are JSON. */
    bool is_plain = route->group == GROUP_ROOT &&
                    !text_ends_with(text_of(route->path), TEXT(".json"));

    json_key(w, TEXT("responses"));
    json_object_begin(w);
    json_key(w, text_format(w->out->arena, "%d", route->status));
    json_object_begin(w);
    json_member_text(w, "description", TEXT("Success"));
    if (route->shape != SHAPE_NONE) {
        write_content(w, is_plain ? "text/plain" : "application/json");
        write_response_schema(w, route);
        json_object_end(w);
        if (text_ends_with(text_of(route->path), TEXT("/query"))) {
            json_key(w, TEXT("text/csv"));
            json_raw(w, TEXT("{\"schema\":{\"type\":\"string\"}}"));
        }
        json_object_end(w);
    }
    json_object_end(w);
    json_key(w, TEXT("default"));
    json_object_begin(w);
    json_member_text(w, "description", TEXT("A problem"));
    write_content(w, "application/problem+json");
    json_raw(w, TEXT("{\"$ref\":\"#/components/schemas/Problem\"}"));
    json_object_end(w);
    json_object_end(w);
    json_object_end(w);
    json_object_end(w);
}

static void write_path_params(struct json_writer *w, text path)
{
    while (path.ptr) {
        text segment = text_cut(&path, '/');

        if (!text_starts_with(segment, TEXT("{")))
            continue;
        json_object_begin(w);
        json_member_text(w, "name", text_slice(segment, 1, segment.len - 2));
        json_member_text(w, "in", TEXT("path"));
        json_key(w, TEXT("required"));
        json_bool(w, true);
        json_key(w, TEXT("schema"));
        json_raw(w, TEXT("{\"type\":\"string\"}"));
        json_object_end(w);
    }
}

/* A whole number of the query string; `max` 0: no bound. */
static void write_count_param(struct json_writer *w, const char *name, int64_t fallback,
                              int64_t max)
{
    json_object_begin(w);
    json_member_text(w, "name", text_of(name));
    json_member_text(w, "in", TEXT("query"));
    json_key(w, TEXT("schema"));
    json_object_begin(w);
    json_member_text(w, "type", TEXT("integer"));
    json_key(w, TEXT("minimum"));
    json_int(w, 1);
    if (max > 0) {
        json_key(w, TEXT("maximum"));
        json_int(w, max);
    }
    json_key(w, TEXT("default"));
    json_int(w, fallback);
    json_object_end(w);
    json_object_end(w);
}

static void write_params(struct json_writer *w, const struct route *route)
{
    bool is_v1 = route_dialect(route->group) == DIALECT_V1;

    json_key(w, TEXT("parameters"));
    json_array_begin(w);
    write_path_params(w, text_of(route->path));
    if (route->shape == SHAPE_PAGE) {
        write_count_param(w, is_v1 ? "page" : "page[number]", 1, 0);
        write_count_param(w, is_v1 ? "pageSize" : "page[size]",
                          is_v1 ? LIMIT_PAGE_SIZE_V1 : LIMIT_PAGE_SIZE_V3, LIMIT_PAGE_SIZE_MAX);
    }
    if (route->shape == SHAPE_CURSOR) {
        write_count_param(w, "page[size]", LIMIT_PAGE_SIZE_V3, LIMIT_PAGE_SIZE_MAX);
        json_raw(w, TEXT("{\"name\":\"page[after]\",\"in\":\"query\","
                         "\"schema\":{\"type\":\"string\"}}"));
    }
    query_params_write(w, route);
    json_array_end(w);
}

/* Whether the body has to be there: some member of it has to. */
static bool is_body_required(const struct fields *table)
{
    for (size_t i = 0; i < table->count; i++)
        if ((table->rows[i].flags & FIELD_REQUIRED) && !(table->rows[i].flags & FIELD_READ_ONLY))
            return true;
    return false;
}

static void write_request_body(struct json_writer *w, const struct route *route)
{
    if (route->right == RIGHT_INGEST) {
        json_key(w, TEXT("requestBody"));
        json_raw(w, event_body);
        return;
    }
    if (!route->request)
        return;
    json_key(w, TEXT("requestBody"));
    json_object_begin(w);
    json_key(w, TEXT("required"));
    json_bool(w, is_body_required(route->request));
    write_content(w, "application/json");
    if (route->shape == SHAPE_ARRAYS)
        write_array_of(w, route->request, true);
    else
        write_reference(w, route->request, true);
    json_object_end(w);
    json_object_end(w);
    json_object_end(w);
}

static void write_operation(struct json_writer *w, const struct route *route)
{
    struct buffer method = { .arena = w->out->arena };

    for (const char *c = http_method_name(route->method); *c; c++)
        buffer_add_char(&method, (char)(*c - 'A' + 'a'));
    json_key(w, buffer_text(&method));
    json_object_begin(w);
    json_member_text(w, "summary", text_of(route->summary));
    write_params(w, route);
    write_request_body(w, route);
    write_responses(w, route);
    json_object_end(w);
}

/* Whether an earlier row has the same path: its operations were printed together. */
static bool is_path_printed(size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (api_routes[i].group == api_routes[index].group &&
            strcmp(api_routes[i].path, api_routes[index].path) == 0)
            return true;
    return false;
}

static void write_paths(struct json_writer *w, enum dialect dialect)
{
    json_key(w, TEXT("paths"));
    json_object_begin(w);
    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *route = &api_routes[i];

        if (!route_is_of(route, dialect) || is_path_printed(i))
            continue;
        json_key(w,
                 text_format(w->out->arena, "%s%s", route_prefixes(route->group)[0], route->path));
        json_object_begin(w);
        for (size_t k = i; k < api_route_count; k++)
            if (api_routes[k].group == route->group && strcmp(api_routes[k].path, route->path) == 0)
                write_operation(w, &api_routes[k]);
        json_object_end(w);
    }
    json_object_end(w);
}

static void write_set(struct json_writer *w, const struct schema_set *set, enum dialect dialect,
                      bool is_request)
{
    for (size_t i = 0; i < set->count; i++) {
        json_key(w, fields_schema_name(set->tables[i], is_request, w->out->arena));
        fields_schema(set->tables[i], dialect, is_request, w);
    }
}

static void write_schemas(struct json_writer *w, enum dialect dialect)
{
    struct schema_set requests = { .count = 0 };
    struct schema_set responses = { .count = 0 };
    unsigned hidden = FIELD_NOT_JSON |
                      (unsigned)(dialect == DIALECT_V1 ? FIELD_NOT_V1 : FIELD_NOT_V3);

    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *route = &api_routes[i];

        if (!route_is_of(route, dialect))
            continue;
        if (route->response && schema_set_add(&responses, route->response))
            collect_nested(&responses, route->response, hidden | FIELD_WRITE_ONLY);
        if (route->request && schema_set_add(&requests, route->request))
            collect_nested(&requests, route->request, hidden | FIELD_READ_ONLY);
    }
    json_key(w, TEXT("components"));
    json_object_begin(w);
    json_key(w, TEXT("schemas"));
    json_object_begin(w);
    write_set(w, &responses, dialect, false);
    write_set(w, &requests, dialect, true);
    json_key(w, TEXT("Event"));
    json_raw(w, event_schema);
    json_key(w, TEXT("Problem"));
    json_raw(w, dialect == DIALECT_V1 ? problem_schema_v1 : problem_schema_v3);
    json_object_end(w);
    json_object_end(w);
}

void api_openapi_write(enum dialect dialect, struct buffer *out)
{
    struct json_writer w = json_writer_of(out);

    json_object_begin(&w);
    json_member_text(&w, "openapi", TEXT("3.0.3"));
    json_key(&w, TEXT("info"));
    json_object_begin(&w);
    json_member_text(&w, "title",
                     dialect == DIALECT_V1 ? TEXT("Tollgate API, v1 and v2")
                                           : TEXT("Tollgate API, v3"));
    json_member_text(&w, "version", dialect == DIALECT_V1 ? TEXT("1.0.0") : TEXT("3.0.0"));
    json_object_end(&w);
    write_paths(&w, dialect);
    write_schemas(&w, dialect);
    json_object_end(&w);
}
