#include "identity/cx.h"

ulid cx_ulid(struct cx *cx)
{
    CHECK(cx != NULL && cx->ids != NULL);
    CHECK(!instant_is_none(cx->now));
    return ids_next(cx->ids, cx->now);
}
