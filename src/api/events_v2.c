/* events_v2.c: v2's listing of events: filters as JSON in one parameter, pages by cursor. */
#include "api/event_lists.h"
#include "api/handlers.h"

#include "base/limits.h"

/* An instant in a time filter, moved by `step` nanoseconds to make its bound half-open. */
static void read_bound(struct api_call *call, const struct json *value, int64_t step, instant *ret)
{
    instant t;

    if (value->kind != JSON_TEXT || !instant_parse(value->text, &t)) {
        param_fault(call, "filter", "is_date_time", "must be an RFC 3339 date and time");
        return;
    }
    if (t.ns < INSTANT_MAX.ns - step)
        t.ns += step;
    *ret = t;
}

static void read_times(struct api_call *call, const struct json *filter, instant *from,
                       instant *to);

/* {"$and": […]} of times: the range that all of them leave. */
static void read_all_times(struct api_call *call, const struct json *list, instant *from,
                           instant *to)
{
    if (list->kind != JSON_ARRAY || list->count == 0 || list->count > LIMIT_FILTER_PARTS_MAX)
        param_fault(call, "filter", "is_array", "must be an array of 1 to 10 times");
    for (size_t i = 0; i < list->count && list->count <= LIMIT_FILTER_PARTS_MAX; i++) {
        instant part_from = INSTANT_NONE, part_to = INSTANT_NONE;

        if (json_member(&list->items[i], TEXT("$and"))) {
            param_fault(call, "filter", "invalid", "times are joined on one level only");
            return;
        }
        read_times(call, &list->items[i], &part_from, &part_to);
        if (instant_is_none(*from) || instant_before(*from, part_from))
            *from = part_from;
        if (instant_is_none(*to) || (!instant_is_none(part_to) && instant_before(part_to, *to)))
            *to = part_to;
    }
}

/* FilterTime: $gt, $gte, $lt, $lte, or $and of such. */
static void read_times(struct api_call *call, const struct json *filter, instant *from, instant *to)
{
    const struct json *all = json_member(filter, TEXT("$and"));

    static const struct {
        const char *op;
        bool is_from;
        int64_t step;
    } rows[] = {
        { "$gt", true, 1 }, { "$gte", true, 0 }, { "$lt", false, 0 }, { "$lte", false, 1 }
    };

    size_t known = 0;

    if (all && filter->count == 1) {
        read_all_times(call, all, from, to);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct json *bound = json_member(filter, text_of(rows[i].op));

        if (!bound)
            continue;
        known++;
        read_bound(call, bound, rows[i].step, rows[i].is_from ? from : to);
    }
    if (filter->kind != JSON_OBJECT || known == 0 || known != filter->count)
        param_fault(call, "filter", "enum", "a time is compared by $gt, $gte, $lt and $lte");
}

/* FilterIDExact: {"$in": […]}. */
static enum err read_customers(struct api_call *call, const struct json *filter,
                               struct event_query *query)
{
    struct filter ids;

    if (!filter_read(filter, DIALECT_V1, TEXT("filter.customerId"), &call->cx.problem, &ids))
        return ERR_REFUSED;
    if (ids.op != FILTER_IN) {
        param_fault(call, "filter", "enum", "a customer is looked up by $in");
        return ERR_REFUSED;
    }
    return events_of_customers(call, &ids.values, query);
}

static enum err read_member(struct api_call *call, const struct json *member,
                            struct event_query *query)
{
    const struct {
        text name;
        const struct filter **into;
    } texts[] = {
        { TEXT("id"), &query->id },
        { TEXT("source"), &query->source },
        { TEXT("subject"), &query->subject },
        { TEXT("type"), &query->type },
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct filter *filter;

        if (!text_equal(member->key, texts[i].name))
            continue;
        filter = ARENA_NEW(call->cx.arena, struct filter);
        *texts[i].into = filter;
        return filter_read(member, DIALECT_V1,
                           text_format(call->cx.arena, "filter.%.*s", TEXT_ARG(member->key)),
                           &call->cx.problem, filter)
                   ? OK
                   : ERR_REFUSED;
    }
    if (text_equal(member->key, TEXT("customerId")))
        return read_customers(call, member, query);
    if (text_equal(member->key, TEXT("time")))
        read_times(call, member, &query->from, &query->to);
    else if (text_equal(member->key, TEXT("ingestedAt")))
        read_times(call, member, &query->ingested_from, &query->ingested_to);
    else
        param_fault(call, "filter", "unknown_property", "there is no filter on this field");
    return problem_err(&call->cx.problem);
}

static enum err read_filter(struct api_call *call, struct event_query *query)
{
    text value = param_text(call, "filter");
    struct json_fault fault;
    struct json filter;
    enum err err = OK;

    if (!value.ptr)
        return OK;
    if (!json_parse(call->cx.arena, value, &filter, &fault) || filter.kind != JSON_OBJECT) {
        param_fault(call, "filter", "is_object", "must be a JSON object of filters");
        return ERR_REFUSED;
    }
    for (size_t i = 0; i < filter.count && err == OK; i++)
        err = read_member(call, &filter.items[i], query);
    return err;
}

enum err events_list_v2(struct api_call *call)
{
    struct event_query query = EVENT_QUERY_ALL;
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    text cursor = param_text(call, "cursor");
    struct event_page page;
    enum err err = read_filter(call, &query);

    query.limit = events_limit(call, "limit", EVENT_LIST_LIMIT_MAX);
    param_client_id(call);
    if (cursor.ptr && !event_cursor_parse(call->cx.arena, cursor, &query.after))
        param_fault(call, "cursor", "invalid", "is no cursor");
    if (err == OK)
        err = events_page(call, &query, &page);
    if (err != OK)
        return err;
    json_object_begin(&w);
    json_key(&w, TEXT("items"));
    events_write_rows(call, &page, &w);
    if (page.next.is_set)
        json_member_text(&w, "nextCursor", event_cursor_text(call->cx.arena, page.next));
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}
