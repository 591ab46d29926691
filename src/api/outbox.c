/* outbox.c: ours: what others are to be told, to be looked at. */
#include "api/handlers.h"

#include "base/limits.h"
#include "notify/outbox_retention.h"

static const struct filter_param outbox_filters[] = {
    { "type", FILTER_KIND_EXACT },
    { "subject_kind", FILTER_KIND_EXACT },
    { "subject_id", FILTER_KIND_LOOKUP },
    { NULL, FILTER_KIND_EXACT },
};

static enum err read_outbox_query(struct api_call *call, struct outbox_query *ret)
{
    struct page page = param_page(call);
    text after = param_text(call, "page[after]");

    *ret = (struct outbox_query){ .limit = page.size };
    filters_check(call, outbox_filters);
    (void)filter_values(call, "type", &ret->types);
    (void)filter_values(call, "subject_kind", &ret->kinds);
    (void)filter_values(call, "subject_id", &ret->subjects);
    if (after.ptr && (!text_to_int(after, &ret->after) || ret->after < 0))
        param_fault(call, "page[after]", "invalid", "is no cursor");
    return problem_err(&call->cx.problem);
}

enum err outbox_events(struct api_call *call)
{
    struct outbox_query query;
    struct list list;
    text next = TEXT_NONE;
    enum err err = read_outbox_query(call, &query);

    if (err == OK)
        err = outbox_list(&call->cx, &query, &list);
    if (err != OK)
        return err;
    if ((int64_t)list.count == query.limit)
        next = text_format(
            call->cx.arena, "%lld",
            (long long)((const struct outbox_event *)list.items)[list.count - 1].sequence);
    return reply_cursor(call, &outbox_event_fields, &list, query.limit, next);
}

enum err outbox_retention_read(struct api_call *call)
{
    struct outbox_retention retention;
    enum err err = outbox_retention_get(&call->cx, &retention);

    return err == OK ? reply_one(call, &outbox_retention_fields, &retention) : err;
}

enum err outbox_retention_write(struct api_call *call)
{
    struct outbox_retention wanted, retention;
    enum err err = body_read(call, &outbox_retention_fields, &wanted);

    if (err == OK)
        err = outbox_retention_set(&call->cx, &wanted, &retention);
    return err == OK ? reply_one(call, &outbox_retention_fields, &retention) : err;
}
