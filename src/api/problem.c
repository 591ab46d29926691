/* problem.c: the only place that turns a fault or a trouble into an HTTP status and a body.
 *
 * v1 and v2: RFC 7807 with `extensions`. v3: Kong's form with `invalid_parameters`.
 */
#include "api/call.h"
#include "base/log.h"

struct status_row {
    int status;
    const char *title;
    const char *type; /* last part of Kong's type URI */
};

static const struct status_row kind_rows[FAULT_KIND_COUNT] = {
    [FAULT_KIND_INVALID] = { 400, "Bad Request", "bad-request" },
    [FAULT_KIND_UNKNOWN] = { 401, "Unauthorized", "unauthenticated" },
    [FAULT_KIND_FORBIDDEN] = { 403, "Forbidden", "unauthorized" },
    [FAULT_KIND_ABSENT] = { 404, "Not Found", "not-found" },
    [FAULT_KIND_GONE] = { 410, "Gone", "gone" },
    [FAULT_KIND_CONFLICT] = { 409, "Conflict", "resource-conflict" },
    [FAULT_KIND_PRECONDITION] = { 412, "Precondition Failed", "precondition-failed" },
    [FAULT_KIND_LIMIT] = { 413, "Request Entity Too Large", "bad-request" },
    [FAULT_KIND_TARGET] = { 414, "URI Too Long", "bad-request" },
    [FAULT_KIND_HEADERS] = { 431, "Request Header Fields Too Large", "bad-request" },
    [FAULT_KIND_BUSY] = { 429, "Too Many Requests", "rate-limited" },
    [FAULT_KIND_MEDIA] = { 415, "Unsupported Media Type", "bad-request" },
    [FAULT_KIND_METHOD] = { 405, "Method Not Allowed", "method-not-allowed" },
};

static const struct status_row trouble_row = { 503, "Service Unavailable", "unavailable" };
static const struct status_row internal_row = { 500, "Internal Server Error", "internal" };

#define RETRY_AFTER_SECONDS "1"

static const char *const source_words[SOURCE_COUNT] = { "body", "query", "path", "header" };

static bool is_one_of(text word, const char *const *words)
{
    for (; *words; words++)
        if (text_equal(word, text_of(*words)))
            return true;
    return false;
}

/* The contract's word for a rule. Rules that promise a bound or choices are "invalid" where there
 * are none to tell: the schema demands them. */
static text kong_rule(const struct problem_field *field)
{
    static const char *const plain[] = { "required",     "is_array",         "is_boolean",
                                         "is_date_time", "is_integer",       "is_null",
                                         "is_number",    "is_object",        "is_string",
                                         "is_label",     "unknown_property", "missing_reference",
                                         "type",         "matches_regex",    NULL };
    static const char *const bounded[] = { "min",       "max",       "min_length", "max_length",
                                           "min_items", "max_items", NULL };
    bool is_known = is_one_of(field->rule, plain) ||
                    (field->has_bound && is_one_of(field->rule, bounded)) ||
                    (field->choices && text_equal(field->rule, TEXT("enum")));

    return is_known ? field->rule : TEXT("invalid");
}

/* Kong's detail when fields are named: "Bad Request: field [rule]: reason, …". */
static text fields_sentence(const struct problem *problem, const char *title)
{
    struct buffer b = { .arena = problem->arena };

    buffer_format(&b, "%s: ", title);
    for (size_t i = 0; i < problem->field_count; i++) {
        const struct problem_field *field = &problem->fields[i];
        text rule = kong_rule(field);

        buffer_format(&b, "%s%.*s [%.*s]: %.*s", i > 0 ? ", " : "", TEXT_ARG(field->field),
                      TEXT_ARG(rule), TEXT_ARG(field->reason));
    }
    return buffer_text(&b);
}

static void write_invalid_parameter(struct json_writer *w, const struct problem_field *field)
{
    json_object_begin(w);
    json_member_text(w, "field", field->field);
    json_member_text(w, "rule", kong_rule(field));
    json_member_text(w, "reason", field->reason);
    json_member_text(w, "source", text_of(source_words[field->source]));
    if (field->choices) {
        json_key(w, TEXT("choices"));
        json_array_begin(w);
        for (const char *const *choice = field->choices; *choice; choice++)
            json_text(w, text_of(*choice));
        json_array_end(w);
    }
    if (field->has_bound) {
        json_key(w, text_starts_with(field->rule, TEXT("min")) ? TEXT("minimum") : TEXT("maximum"));
        json_int(w, field->bound);
    }
    json_object_end(w);
}

/* What a 400 says is at fault when no field was named: the body, or else what the path names. */
static struct problem_field whole_request(const struct api_call *call)
{
    struct problem_field field = {
        .field = TEXT("body"),
        .reason = problem_sentence(&call->cx.problem),
        .source = SOURCE_BODY,
    };

    if (text_is_empty(call->request->body) && call->path_params[0].ptr) {
        field.field = TEXT("path");
        field.source = SOURCE_PATH;
    }
    return field;
}

static void write_invalid_parameters(struct api_call *call, struct json_writer *w)
{
    const struct problem *problem = &call->cx.problem;
    const struct problem_field whole = whole_request(call);

    json_key(w, TEXT("invalid_parameters"));
    json_array_begin(w);
    for (size_t i = 0; i < problem->field_count; i++)
        write_invalid_parameter(w, &problem->fields[i]);
    if (problem->field_count == 0)
        write_invalid_parameter(w, &whole);
    json_array_end(w);
}

static void write_validation_errors(const struct problem *problem, struct json_writer *w)
{
    json_key(w, TEXT("validationErrors"));
    json_array_begin(w);
    for (size_t i = 0; i < problem->field_count; i++) {
        const struct problem_field *field = &problem->fields[i];

        json_object_begin(w);
        json_member_text(w, "code", text_is_empty(field->code) ? field->rule : field->code);
        json_member_text(w, "message", field->reason);
        json_member_text(w, "field", field->field);
        json_object_end(w);
    }
    json_array_end(w);
}

/* A refusal that names no field still has its code; the contract wants a place: the whole. */
static void write_code_alone(const struct problem *problem, struct json_writer *w)
{
    json_key(w, TEXT("validationErrors"));
    json_array_begin(w);
    json_object_begin(w);
    json_member_text(w, "code", text_of(fault_info(problem->fault)->slug));
    json_member_text(w, "message", problem_sentence(problem));
    json_member_text(w, "field", TEXT("$"));
    json_object_end(w);
    json_array_end(w);
}

static bool has_codes(const struct problem *problem)
{
    for (size_t i = 0; i < problem->field_count; i++)
        if (!text_is_empty(problem->fields[i].code))
            return true;
    return false;
}

static void write_v3(struct api_call *call, const struct status_row *row, struct json_writer *w)
{
    const struct problem *problem = &call->cx.problem;
    struct arena *arena = call->request->arena;

    json_object_begin(w);
    json_key(w, TEXT("status"));
    json_int(w, row->status);
    json_member_text(w, "title", text_of(row->title));
    json_member_text(w, "type", text_format(arena, "https://kongapi.info/konnect/%s", row->type));
    json_member_text(w, "instance",
                     text_format(arena, "kong:trace:%.*s", TEXT_ARG(call->request->request_id)));
    if (!problem_is_set(problem))
        json_member_text(w, "detail", TEXT("the server cannot do this at the moment"));
    else if (problem->field_count > 0)
        json_member_text(w, "detail", fields_sentence(problem, row->title));
    else
        json_member_text(w, "detail", problem_sentence(problem));
    if (problem_is_set(problem))
        json_member_text(w, "code", text_of(fault_info(problem->fault)->slug));
    if (problem_is_set(problem) && (problem->field_count > 0 || row->status == 400))
        write_invalid_parameters(call, w);
    /* The parameters have no room for the contract's error codes; v1's extensions do. */
    if (has_codes(problem)) {
        json_key(w, TEXT("extensions"));
        json_object_begin(w);
        write_validation_errors(problem, w);
        json_object_end(w);
    }
    json_object_end(w);
}

static void write_v1(struct api_call *call, const struct status_row *row, struct json_writer *w)
{
    const struct problem *problem = &call->cx.problem;
    bool has_conflict = !text_is_empty(problem->conflicting_id);

    json_object_begin(w);
    json_member_text(w, "type", TEXT("about:blank"));
    json_member_text(w, "title", text_of(row->title));
    json_key(w, TEXT("status"));
    json_int(w, row->status);
    if (!problem_is_set(problem))
        json_member_text(w, "detail", TEXT("the server cannot do this at the moment"));
    else if (problem->field_count > 0 && text_is_empty(problem->detail))
        json_member_text(w, "detail", fields_sentence(problem, "validation error"));
    else
        json_member_text(w, "detail", problem_sentence(problem));
    json_member_text(
        w, "instance",
        text_format(call->request->arena, "urn:request:%.*s", TEXT_ARG(call->request->request_id)));
    if (problem_is_set(problem) && problem->fault != FAULT_ROUTE_ABSENT) {
        json_key(w, TEXT("extensions"));
        json_object_begin(w);
        if (problem->field_count > 0)
            write_validation_errors(problem, w);
        else
            write_code_alone(problem, w);
        if (has_conflict)
            json_member_text(w, "conflictingEntityId", problem->conflicting_id);
        json_object_end(w);
    }
    json_object_end(w);
}

/* Only v3 says that a thing is gone, and only of the one in the path: where a body refers to it,
 * and in v1, a precondition is not met. */
static enum fault_kind problem_kind(const struct api_call *call)
{
    enum fault_kind kind = fault_info(call->cx.problem.fault)->kind;
    bool is_in_path = call->dialect == DIALECT_V3 && call->path_params[0].ptr;

    return kind == FAULT_KIND_GONE && !is_in_path ? FAULT_KIND_PRECONDITION : kind;
}

static const struct status_row *problem_row(const struct api_call *call, enum err err)
{
    if (problem_is_set(&call->cx.problem))
        return &kind_rows[problem_kind(call)];
    MUST(err != OK && err != ERR_REFUSED);
    return err == ERR_CORRUPT ? &internal_row : &trouble_row;
}

void problem_reply(struct api_call *call, enum err err)
{
    const struct status_row *row = problem_row(call, err);
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    if (row == &trouble_row || row == &internal_row)
        log_error("request_failed", LOG_CSTR("error", err_name(err)),
                  LOG_TEXT("request_id", call->request->request_id),
                  LOG_TEXT("path", call->request->path));
    if (call->dialect == DIALECT_V1)
        write_v1(call, row, &w);
    else
        write_v3(call, row, &w);
    *call->reply = (struct http_reply){
        .status = row->status,
        .content_type = TEXT("application/problem+json"),
        .body = buffer_text(&body),
    };
    if (row->status == 429 || row->status == 503)
        http_reply_header(call->reply, TEXT("Retry-After"), TEXT(RETRY_AFTER_SECONDS));
    if (row->status == 415)
        http_reply_header(call->reply, TEXT("Accept-Encoding"), TEXT("gzip, zstd"));
    if (row->status == 401)
        http_reply_header(call->reply, TEXT("WWW-Authenticate"), TEXT("Bearer"));
}

void api_answer_problem(struct http_request *request, enum dialect dialect,
                        const struct problem *problem, enum err err, struct http_reply *ret)
{
    struct api_call call = { .request = request, .reply = ret, .dialect = dialect };

    call.cx.arena = request->arena;
    call.cx.problem = *problem;
    problem_reply(&call, err);
}
