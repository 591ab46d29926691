/* explain.c: what is behind the lines of invoices, and whether issued ones are right; ours. */
#include "api/event_lists.h"
#include "api/handlers.h"

#include "base/limits.h"
#include "bill/explain.h"

#define VERIFY_LIMIT_USUAL 100

static enum err read_target(struct api_call *call, struct explain_target *ret)
{
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &ret->invoice.ulid);

    if (err == OK)
        err = path_ulid(call, 1, FAULT_INVOICE_LINE_ABSENT, &ret->line.ulid);
    return err;
}

enum err explain_get(struct api_call *call)
{
    struct explain_target target;
    struct explanation explanation;
    enum err err = read_target(call, &target);

    if (err == OK)
        err = explain_line(&call->cx, &target, &explanation);
    return err == OK ? reply_one(call, &explanation_fields, &explanation) : err;
}

/* An event as lists print it, and what it counts as. */
static void event_write_counted(struct json_writer *w, const struct explain_event *event)
{
    json_object_begin(w);
    json_key(w, TEXT("value"));
    json_text(w, event->value);
    json_key(w, TEXT("usage"));
    event_row_write(w, DIALECT_V3, &event->row);
    json_object_end(w);
}

static void page_write(struct api_call *call, struct json_writer *w, int64_t limit,
                       const struct explain_events *events)
{
    json_object_begin(w);
    json_key(w, TEXT("data"));
    json_array_begin(w);
    for (size_t i = 0; i < events->count; i++)
        event_write_counted(w, &events->items[i]);
    json_array_end(w);
    reply_cursor_end(w, limit,
                     events->next.is_set ? event_cursor_text(call->cx.arena, events->next)
                                         : TEXT_NONE);
}

enum err explain_events_list(struct api_call *call)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct explain_page page = { .limit = events_limit(call, "page[size]", LIMIT_PAGE_SIZE_V3) };
    text after = param_text(call, "page[after]");
    struct explain_target target;
    struct explain_events events;
    enum err err = read_target(call, &target);

    if (after.ptr && !event_cursor_parse(call->cx.arena, after, &page.after))
        param_fault(call, "page[after]", "invalid", "is no cursor");
    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = explain_line_events(&call->cx, &target, &page, &events);
    if (err != OK)
        return err;
    page_write(call, &w, page.limit, &events);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

/* ---- verifying ----------------------------------------------------------------------------- */

enum err invoices_verify_one(struct api_call *call)
{
    struct verify_report report;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = verify_invoice(&call->cx, id, &report);
    return err == OK ? reply_one(call, &verify_report_fields, &report) : err;
}

enum err invoices_verify(struct api_call *call)
{
    struct verify_page page;
    struct invoice_id after = { 0 };
    text id = param_text(call, "page[after]");
    text size = param_text(call, "page[size]");
    int64_t limit = VERIFY_LIMIT_USUAL;
    enum err err;

    if (id.ptr && !ulid_parse(id, &after.ulid))
        param_fault(call, "page[after]", "invalid", "is no id of an invoice");
    if (size.ptr && (!text_to_int(size, &limit) || limit < 1 || limit > VERIFY_LIMIT_MAX))
        param_fault(call, "page[size]", "is_integer", "must be a whole number from 1 to 1000");
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = verify_invoices(&call->cx, after, limit, &page);
    return err == OK ? reply_one(call, &verify_page_fields, &page) : err;
}
