/* exchange.c: the life of a request and its reply across threads. */
#include "http/exchange.h"

#include <microhttpd.h>
#include <stddef.h>

struct http_exchange *http_exchange_new(struct http_budget *budget)
{
    struct http_exchange *exchange = calloc(1, sizeof *exchange);

    MUST(exchange);
    MUST(pthread_mutex_init(&exchange->lock, NULL) == 0);
    exchange->body.budget = budget;
    exchange->arena = arena_new();
    exchange->request.arena = exchange->arena;
    exchange->request.connection = exchange;
    return exchange;
}

void http_exchange_free(struct http_exchange *exchange)
{
    CHECK(exchange && exchange->arena);
    http_body_free(&exchange->body);
    arena_free(exchange->arena);
    MUST(pthread_mutex_destroy(&exchange->lock) == 0);
    free(exchange);
}

void http_exchange_reset(struct http_exchange *exchange)
{
    CHECK(!exchange->is_in_flight && !exchange->is_half_gone);
    arena_reset(exchange->arena);
    http_body_trim(&exchange->body);
    memset(exchange, 0, offsetof(struct http_exchange, request_id));
    exchange->request_id[0] = '\0';
    exchange->request.arena = exchange->arena;
    exchange->request.connection = exchange;
    exchange->stage = HTTP_EXCHANGE_OPEN;
}

static void exchange_lock(struct http_exchange *exchange)
{
    MUST(pthread_mutex_lock(&exchange->lock) == 0);
}

static void exchange_unlock(struct http_exchange *exchange)
{
    MUST(pthread_mutex_unlock(&exchange->lock) == 0);
}

void http_exchange_wait(struct http_exchange *exchange)
{
    exchange_lock(exchange);
    CHECK(exchange->stage == HTTP_EXCHANGE_READING);
    CHECK(exchange->connection);
    exchange->stage = HTTP_EXCHANGE_WAITING;
    exchange_unlock(exchange);
}

/* One of the two holders of a cut exchange is through; true for the second. */
static bool half_gone(struct http_exchange *exchange)
{
    bool is_second = exchange->is_half_gone;

    CHECK(exchange->stage == HTTP_EXCHANGE_CUT);
    exchange->is_half_gone = true;
    return is_second;
}

void http_exchange_answer(struct http_exchange *exchange, const struct http_reply *reply)
{
    bool is_last = false;

    exchange_lock(exchange);
    if (exchange->stage == HTTP_EXCHANGE_CUT) {
        is_last = half_gone(exchange);
    } else {
        /* Any other stage: the request was finished twice. */
        MUST(exchange->stage == HTTP_EXCHANGE_WAITING);
        exchange->reply = *reply;
        exchange->stage = HTTP_EXCHANGE_ANSWERED;
        MHD_resume_connection(exchange->connection);
    }
    exchange_unlock(exchange);
    if (is_last)
        http_exchange_free(exchange);
}

void http_exchange_cut(struct http_exchange *exchange)
{
    exchange_lock(exchange);
    CHECK(exchange->stage == HTTP_EXCHANGE_WAITING || exchange->stage == HTTP_EXCHANGE_ANSWERED);
    if (exchange->stage == HTTP_EXCHANGE_WAITING) {
        exchange->stage = HTTP_EXCHANGE_CUT;
        MHD_resume_connection(exchange->connection);
    }
    exchange_unlock(exchange);
}

enum http_exchange_stage http_exchange_stage_now(struct http_exchange *exchange)
{
    enum http_exchange_stage stage;

    exchange_lock(exchange);
    stage = exchange->stage;
    exchange_unlock(exchange);
    CHECK(stage < HTTP_EXCHANGE_STAGE_COUNT);
    return stage;
}

bool http_exchange_let_go(struct http_exchange *exchange)
{
    bool is_mine = true;

    exchange_lock(exchange);
    /* A suspended connection does not end, so nobody else can have the exchange now. */
    CHECK(exchange->stage != HTTP_EXCHANGE_WAITING);
    if (exchange->stage == HTTP_EXCHANGE_CUT)
        is_mine = half_gone(exchange);
    /* The late answer may find no server any more. */
    if (!is_mine)
        exchange->body.budget = NULL;
    exchange_unlock(exchange);
    if (is_mine)
        exchange->is_half_gone = false;
    return is_mine;
}
