/* erasures.c: ours: how long events are kept, and the erasing of subjects. */
#include "api/handlers.h"

#include "meter/erasure.h"

enum err retention_read(struct api_call *call)
{
    struct retention retention;
    enum err err = retention_get(&call->cx, &retention);

    return err == OK ? reply_one(call, &retention_fields, &retention) : err;
}

enum err retention_write(struct api_call *call)
{
    struct retention wanted, retention;
    enum err err = body_read(call, &retention_fields, &wanted);

    if (err == OK)
        err = retention_set(&call->cx, &wanted, &retention);
    return err == OK ? reply_one(call, &retention_fields, &retention) : err;
}

enum err erasures_create(struct api_call *call)
{
    struct erasure_request request;
    struct erasure erasure;
    enum err err = body_read(call, &erasure_request_fields, &request);

    if (err == OK)
        err = erasure_run(&call->cx, &request, &erasure);
    return err == OK ? reply_one(call, &erasure_fields, &erasure) : err;
}

enum err erasures_list(struct api_call *call)
{
    text subject = param_text(call, "subject");
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = erasure_list(&call->cx, subject, page, &list, &total);
    return err == OK ? reply_page(call, &erasure_fields, &list, page, total) : err;
}
