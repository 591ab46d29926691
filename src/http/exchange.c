/* exchange.c: the life of a request and its reply across threads. */
#include "http/exchange.h"

#include <microhttpd.h>
#include <stddef.h>

struct exchange *exchange_new(void)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    MUST(exchange);
    MUST(pthread_mutex_init(&exchange->lock, NULL) == 0);
    exchange->arena = arena_new();
    exchange->request.arena = exchange->arena;
    exchange->request.connection = exchange;
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    CHECK(exchange && exchange->arena);
    arena_free(exchange->arena);
    MUST(pthread_mutex_destroy(&exchange->lock) == 0);
    free(exchange);
}

void exchange_reset(struct exchange *exchange)
{
    CHECK(!exchange->is_in_flight && !exchange->is_half_gone);
    arena_reset(exchange->arena);
    memset(exchange, 0, offsetof(struct exchange, request_id));
    exchange->request_id[0] = '\0';
    exchange->request.arena = exchange->arena;
    exchange->request.connection = exchange;
    exchange->stage = EXCHANGE_OPEN;
}

static void exchange_lock(struct exchange *exchange)
{
    MUST(pthread_mutex_lock(&exchange->lock) == 0);
}

static void exchange_unlock(struct exchange *exchange)
{
    MUST(pthread_mutex_unlock(&exchange->lock) == 0);
}

void exchange_wait(struct exchange *exchange)
{
    exchange_lock(exchange);
    CHECK(exchange->stage == EXCHANGE_READING);
    CHECK(exchange->connection);
    exchange->stage = EXCHANGE_WAITING;
    exchange_unlock(exchange);
}

/* One of the two holders of a cut exchange is through; true for the second. */
static bool half_gone(struct exchange *exchange)
{
    bool is_second = exchange->is_half_gone;

    CHECK(exchange->stage == EXCHANGE_CUT);
    exchange->is_half_gone = true;
    return is_second;
}

void exchange_answer(struct exchange *exchange, const struct http_reply *reply)
{
    bool is_last = false;

    exchange_lock(exchange);
    if (exchange->stage == EXCHANGE_CUT) {
        is_last = half_gone(exchange);
    } else {
        /* Any other stage: the request was finished twice. */
        MUST(exchange->stage == EXCHANGE_WAITING);
        exchange->reply = *reply;
        exchange->stage = EXCHANGE_ANSWERED;
        MHD_resume_connection(exchange->connection);
    }
    exchange_unlock(exchange);
    if (is_last)
        exchange_free(exchange);
}

void exchange_cut(struct exchange *exchange)
{
    exchange_lock(exchange);
    CHECK(exchange->stage == EXCHANGE_WAITING || exchange->stage == EXCHANGE_ANSWERED);
    if (exchange->stage == EXCHANGE_WAITING) {
        exchange->stage = EXCHANGE_CUT;
        MHD_resume_connection(exchange->connection);
    }
    exchange_unlock(exchange);
}

enum exchange_stage exchange_stage_now(struct exchange *exchange)
{
    enum exchange_stage stage;

    exchange_lock(exchange);
    stage = exchange->stage;
    exchange_unlock(exchange);
    CHECK(stage < EXCHANGE_STAGE_COUNT);
    return stage;
}

bool exchange_let_go(struct exchange *exchange)
{
    bool is_mine = true;

    exchange_lock(exchange);
    /* A suspended connection does not end, so nobody else can have the exchange now. */
    CHECK(exchange->stage != EXCHANGE_WAITING);
    if (exchange->stage == EXCHANGE_CUT)
        is_mine = half_gone(exchange);
    exchange_unlock(exchange);
    if (is_mine)
        exchange->is_half_gone = false;
    return is_mine;
}
