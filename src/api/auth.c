/* auth.c: who calls, and whether they may. */
#include "api/call.h"

#include "identity/token.h"

/* The secret of "Authorization: Bearer <secret>"; ptr NULL when there is none. */
static text bearer_secret(text authorization)
{
    static const text scheme = TEXT_INIT("Bearer ");

    if (!text_equal_nocase(text_slice(authorization, 0, scheme.len), scheme))
        return TEXT_NONE;
    return text_trim(text_slice(authorization, scheme.len, authorization.len));
}

static enum err identify(struct api_call *call)
{
    struct cx *cx = &call->cx;
    text secret = bearer_secret(call->request->authorization);
    struct token token;
    enum err err;

    if (!secret.ptr && call->api->config.is_auth_required)
        return problem_refuse(&cx->problem, FAULT_TOKEN_MISSING, "%s", "");
    if (!secret.ptr) {
        cx->org = call->api->config.org;
        cx->role = ROLE_ADMIN;
        cx->actor = TEXT("anonymous");
        return OK;
    }
    err = token_verify(cx, secret, &token);
    if (err != OK)
        return err;
    cx->org = token.org_id;
    cx->role = token.role;
    cx->actor = token.name;
    return OK;
}

enum err call_authenticate(struct api_call *call)
{
    enum right right = call->route->right;
    enum err err;

    if (right == RIGHT_NONE)
        return OK;
    err = identify(call);
    if (err == OK && !role_allows(call->cx.role, right))
        err = problem_refuse(&call->cx.problem, FAULT_ROLE_FORBIDS,
                             "the token \"%.*s\" is of role %s", TEXT_ARG(call->cx.actor),
                             role_words[call->cx.role]);
    return err;
}
