/* tokens.c: ours: API tokens of the organization. */
#include "api/handlers.h"

#include "identity/token.h"

enum err tokens_create(struct api_call *call)
{
    struct token_request request;
    struct token token;
    enum err err = body_read(call, &token_request_fields, &request);

    if (err == OK)
        err = token_create(&call->cx, &request, &token);
    return err == OK ? reply_one(call, &token_fields, &token) : err;
}

enum err tokens_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = token_list(&call->cx, page, &list, &total);
    return err == OK ? reply_page(call, &token_fields, &list, page, total) : err;
}

enum err tokens_revoke(struct api_call *call)
{
    struct token_id id;
    enum err err = path_ulid(call, 0, FAULT_TOKEN_ABSENT, &id.ulid);

    if (err == OK)
        err = token_revoke(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
