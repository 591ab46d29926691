/* cx.c: ids, and whose time it is. */
#include "identity/cx.h"

void cx_enter_clock(struct cx *cx, struct test_clock_id clock, instant now)
{
    CHECK(cx != NULL);
    bool is_clock = !ulid_is_zero(clock.ulid);
    instant server_now = cx_server_now(cx);
    CHECK(!is_clock || !instant_is_none(now));
    if (!cx->is_now_asked && is_clock)
        cx->now = now;
    else if (!cx->is_now_asked)
        cx->now = server_now;
    cx->test_clock = clock;
    cx->server_now = server_now;
}

instant cx_server_now(const struct cx *cx)
{
    CHECK(cx != NULL);
    return ulid_is_zero(cx->test_clock.ulid) ? cx->now : cx->server_now;
}

instant cx_catalog_now(const struct cx *cx)
{
    CHECK(cx != NULL);
    instant server = cx_server_now(cx);
    return instant_before(server, cx->now) ? cx->now : server;
}

ulid cx_ulid(struct cx *cx)
{
    CHECK(cx != NULL && cx->ids != NULL);
    CHECK(!instant_is_none(cx->now));
    return ids_next(cx->ids, cx_server_now(cx));
}
