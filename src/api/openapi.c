/* openapi.c: the OpenAPI 3.0 documents, printed from the route and field tables.
 *
 * A route's request and response tables are named under components/schemas by their own name. A
 * table that is both has its request form with "Request" behind the name.
 */
#include "api/call.h"

#define SCHEMAS_MAX 128

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

/* Adds the tables that a table's rows are described by, and theirs. */
static void collect_nested(struct schema_set *set, const struct fields *table, enum dialect dialect)
{
    unsigned hidden = dialect == DIALECT_V1 ? FIELD_NOT_V1 : FIELD_NOT_V3;

    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];

        if (row->sub && !(row->flags & (hidden | FIELD_NOT_JSON)) && schema_set_add(set, row->sub))
            collect_nested(set, row->sub, dialect);
    }
}

static bool route_is_of(const struct route *route, enum dialect dialect)
{
    return route_dialect(route->group) == dialect;
}

static bool is_answer(const struct fields *table)
{
    for (size_t i = 0; i < api_route_count; i++)
        if (api_routes[i].response == table)
            return true;
    return false;
}

static text schema_name(struct arena *arena, const struct fields *table, bool is_request)
{
    return text_format(arena, "%s%s", table->name, is_request && is_answer(table) ? "Request" : "");
}

static void write_reference(struct json_writer *w, const struct fields *table, bool is_request)
{
    struct arena *arena = w->out->arena;
    text name = schema_name(arena, table, is_request);

    json_object_begin(w);
    json_member_text(w, "$ref", text_format(arena, "#/components/schemas/%.*s", TEXT_ARG(name)));
    json_object_end(w);
}

static void write_array_of(struct json_writer *w, const struct fields *table)
{
    json_object_begin(w);
    json_member_text(w, "type", TEXT("array"));
    json_key(w, TEXT("items"));
    write_reference(w, table, false);
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
    write_array_of(w, route->response);
    if (route->shape == SHAPE_PAGE && is_v1) {
        write_counts(w, "totalCount", "page", "pageSize");
    } else if (route->shape == SHAPE_PAGE) {
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
        write_array_of(w, route->response);
        return;
    case SHAPE_PAGE:
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
    json_key(w, TEXT("responses"));
    json_object_begin(w);
    json_key(w, text_format(w->out->arena, "%d", route->status));
    json_object_begin(w);
    json_member_text(w, "description", TEXT("Success"));
    if (route->shape != SHAPE_NONE) {
        write_content(w, "application/json");
        write_response_schema(w, route);
        json_object_end(w);
        json_object_end(w);
    }
    json_object_end(w);
    json_key(w, TEXT("default"));
    json_object_begin(w);
    json_member_text(w, "description", TEXT("A problem, as application/problem+json"));
    json_object_end(w);
    json_object_end(w);
}

static void write_path_params(struct json_writer *w, text path)
{
    bool is_open = false;

    while (path.ptr) {
        text segment = text_cut(&path, '/');

        if (!text_starts_with(segment, TEXT("{")))
            continue;
        if (!is_open) {
            json_key(w, TEXT("parameters"));
            json_array_begin(w);
            is_open = true;
        }
        json_object_begin(w);
        json_member_text(w, "name", text_slice(segment, 1, segment.len - 2));
        json_member_text(w, "in", TEXT("path"));
        json_key(w, TEXT("required"));
        json_bool(w, true);
        json_key(w, TEXT("schema"));
        json_object_begin(w);
        json_member_text(w, "type", TEXT("string"));
        json_object_end(w);
        json_object_end(w);
    }
    if (is_open)
        json_array_end(w);
}

static void write_operation(struct json_writer *w, const struct route *route)
{
    struct buffer method = { .arena = w->out->arena };

    for (const char *c = http_method_name(route->method); *c; c++)
        buffer_add_char(&method, (char)(*c - 'A' + 'a'));
    json_key(w, buffer_text(&method));
    json_object_begin(w);
    json_member_text(w, "summary", text_of(route->summary));
    write_path_params(w, text_of(route->path));
    if (route->request) {
        json_key(w, TEXT("requestBody"));
        json_object_begin(w);
        json_key(w, TEXT("required"));
        json_bool(w, true);
        write_content(w, "application/json");
        write_reference(w, route->request, true);
        json_object_end(w);
        json_object_end(w);
        json_object_end(w);
    }
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

static void write_schemas(struct json_writer *w, enum dialect dialect)
{
    struct schema_set requests = { .count = 0 };
    struct schema_set responses = { .count = 0 };

    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *route = &api_routes[i];

        if (!route_is_of(route, dialect))
            continue;
        if (route->response && schema_set_add(&responses, route->response))
            collect_nested(&responses, route->response, dialect);
        if (route->request && schema_set_add(&requests, route->request))
            collect_nested(&responses, route->request, dialect);
    }
    json_key(w, TEXT("components"));
    json_object_begin(w);
    json_key(w, TEXT("schemas"));
    json_object_begin(w);
    for (size_t i = 0; i < responses.count; i++) {
        json_key(w, text_of(responses.tables[i]->name));
        fields_schema(responses.tables[i], dialect, false, w);
    }
    for (size_t i = 0; i < requests.count; i++) {
        json_key(w, schema_name(w->out->arena, requests.tables[i], true));
        fields_schema(requests.tables[i], dialect, true, w);
    }
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
