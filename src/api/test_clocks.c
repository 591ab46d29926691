/* test_clocks.c: ours: clocks that customers made for tests live on. */
#include "api/handlers.h"

#include "customer/test_clock.h"

static enum err path_clock(struct api_call *call, struct test_clock_id *ret)
{
    return path_ulid(call, 0, FAULT_TEST_CLOCK_ABSENT, &ret->ulid);
}

enum err test_clocks_create(struct api_call *call)
{
    struct test_clock body, made;
    enum err err = body_read(call, &test_clock_create_fields, &body);

    if (err == OK)
        err = test_clock_create(&call->cx, &body, &made);
    return err == OK ? reply_one(call, &test_clock_fields, &made) : err;
}

enum err test_clocks_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = test_clock_list(&call->cx, page, &list, &total);
    return err == OK ? reply_page(call, &test_clock_fields, &list, page, total) : err;
}

static enum err reply_clock(struct api_call *call, struct test_clock_id id)
{
    struct test_clock clock;
    enum err err = test_clock_get(&call->cx, id, &clock);

    return err == OK ? reply_one(call, &test_clock_fields, &clock) : err;
}

enum err test_clocks_get(struct api_call *call)
{
    struct test_clock_id id;
    enum err err = path_clock(call, &id);

    return err == OK ? reply_clock(call, id) : err;
}

enum err test_clocks_delete(struct api_call *call)
{
    struct test_clock_id id;
    enum err err = path_clock(call, &id);

    if (err == OK)
        err = test_clock_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

enum err test_clocks_advance(struct api_call *call)
{
    const struct api_config *config = &call->api->config;
    struct test_clock_advance wanted;
    struct test_clock_id id;
    bool is_long = false;
    enum err err = path_clock(call, &id);

    if (err == OK)
        err = body_read(call, &test_clock_advance_fields, &wanted);
    if (err == OK)
        err = test_clock_send(&call->cx, id, wanted.to, &is_long);
    if (err == OK && wanted.has_wait)
        is_long = !wanted.waits;
    if (err == OK && is_long && config->wake_clocks)
        config->wake_clocks(config->worker);
    else if (err == OK)
        err = config->advance_clock(config->worker, call->cx.org, id, wanted.to);
    return err == OK ? reply_clock(call, id) : err;
}
