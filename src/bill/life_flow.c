/* life_flow.c: a life played through, and taken back. */
#include "bill/billing.h"
#include "bill/invoice_rows.h"
#include "bill/life.h"
#include "bill/life_rows.h"
#include "customer/test_clock.h"

#include <string.h>

#define LIFE_PAGE 100

/* What is played. */
struct life {
    const struct life_request *request;
    struct customer_id customer;
    struct test_clock clock;
    instant now;   /* on that clock */
    ulid begun_at; /* invoices with later ids are its own */
};

static enum err range_check(struct cx *cx, instant until)
{
    instant last = span_add(cx->now, (span){ .years = LIFE_YEARS_MAX }, 1, zone_utc());
    if (instant_before(cx->now, until) && !instant_before(last, until))
        return OK;
    return problem_refuse(&cx->problem, FAULT_LIFE_RANGE, "from %.*s to %.*s",
                          TEXT_ARG(instant_text(cx->arena, cx->now)),
                          TEXT_ARG(instant_text(cx->arena, last)));
}

/* ---- playing ------------------------------------------------------------------------------- */

/* Puts the customer on a clock of its own, at its present. */
static enum err life_begin(struct cx *cx, struct store_tx *tx, struct life *life)
{
    struct test_clock wanted = { .name = TEXT("preview"), .now = cx->now };
    enum err err = test_clock_create(cx, &wanted, &life->clock);
    life->now = cx->now;
    life->begun_at = cx_ulid(cx);
    if (err == OK)
        err = life_rows_move(cx, tx, life->customer, life->clock.id);
    return err;
}

/* A refusal on the way, in words that outlive the step. */
static enum err step_refused(struct cx *cx, const struct cx *step)
{
    const struct problem *problem = &step->problem;
    if (!problem_is_set(problem))
        return ERR_REFUSED;
    return problem_refuse(&cx->problem, problem->fault, "on the way: %.*s",
                          TEXT_ARG(problem->detail));
}

/* Does what is due next; ERR_ABSENT when nothing is until the end. */
static enum err life_step(struct cx *cx, struct life *life, struct arena *arena)
{
    struct due_row row;
    struct cx step = *cx;
    step.arena = arena;
    problem_init(&step.problem, arena);
    enum err err = due_first_of_clock(cx->store, life->clock.id, arena, &row);
    if (err == OK && instant_before(life->request->until, row.retry_at))
        return ERR_ABSENT;
    if (err != OK)
        return err;
    if (instant_before(life->now, row.retry_at))
        life->now = row.retry_at;
    err = test_clock_move(&step, life->clock.id, life->now);
    cx_enter_clock(&step, life->clock.id, life->now);
    if (err == OK)
        err = bill_run_due(&step, &row);
    return err == ERR_REFUSED ? step_refused(cx, &step) : err;
}

static enum err life_play(struct cx *cx, struct life *life)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    enum err err = OK;
    for (int i = 0; err == OK; i++) {
        if (i == LIFE_STEPS_MAX)
            return problem_refuse(&cx->problem, FAULT_LIFE_TOO_LONG, "%d pieces of work until %.*s",
                                  i, TEXT_ARG(instant_text(cx->arena, life->now)));
        arena_reset(arena);
        err = life_step(cx, life, arena);
    }
    return err == ERR_ABSENT ? OK : err;
}

/* ---- what came of it ----------------------------------------------------------------------- */

static bool is_own(const struct life *life, const struct invoice *invoice)
{
    return memcmp(invoice->id.ulid.bytes, life->begun_at.bytes, sizeof life->begun_at.bytes) > 0;
}

static struct text_list states_standard(struct arena *arena)
{
    struct text_list states = { ARENA_ARRAY(arena, text, STATE_COUNT), 0 };
    for (size_t i = STATE_GATHERING + 1; i < STATE_COUNT; i++)
        states.items[states.count++] = text_of(invoice_state_words[i]);
    return states;
}

static enum err life_collect(struct cx *cx, const struct life *life, struct list *ret)
{
    struct invoice_search search = invoice_search_all((struct page){ 1, LIFE_PAGE });
    text customer = ulid_text(cx->arena, life->customer.ulid);
    struct invoice *invoices = NULL;
    size_t count = 0;
    int64_t total = 0;
    search.customers = (struct text_list){ &customer, 1 };
    search.states = states_standard(cx->arena);
    do {
        struct list page = { 0 };
        enum err err = invoice_list(cx, &search, &page, &total);
        if (err != OK)
            return err;
        if (invoices == NULL)
            invoices = ARENA_ARRAY(cx->arena, struct invoice, (size_t)total);
        for (size_t i = 0; i < page.count; i++) {
            const struct invoice *invoice = (const struct invoice *)page.items + i;
            if (is_own(life, invoice) && count < (size_t)total)
                invoices[count++] = *invoice;
        }
    } while (search.page.number++ * LIFE_PAGE < total);
    *ret = (struct list){ invoices, count };
    return OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Whose life it is: of a subscription that is there, or of one that is made first. */
struct subject {
    const struct subscription_body *body; /* NULL: it is there */
    text id;
};

static enum err life_run(struct cx *cx, struct store_tx *tx, const struct subject *subject,
                         const struct life_request *request, struct list *ret)
{
    struct subscription subscription;
    struct life life = { .request = request };
    enum err err = subject->body ? bill_subscription_create(cx, subject->body, &subscription)
                                 : subscription_get(cx, subject->id, &subscription);
    if (err == OK)
        err = range_check(cx, request->until);
    if (err != OK)
        return err;
    life.customer = subscription.customer_id;
    err = life_begin(cx, tx, &life);
    if (err == OK)
        err = life_play(cx, &life);
    if (err == OK)
        err = test_clock_move(cx, life.clock.id, request->until);
    return err == OK ? life_collect(cx, &life, ret) : err;
}

/* All of it in one transaction, of which nothing stays. */
static enum err life_enclosed(struct cx *cx, const struct subject *subject,
                              const struct life_request *request, struct list *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err != OK)
        return err;
    store_enclose(tx);
    cx->assumed = request;
    err = life_run(cx, tx, subject, request, ret);
    cx->assumed = NULL;
    store_disclose(tx);
    cx_enter_clock(cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    return err;
}

enum err life_preview_new(struct cx *cx, const struct subscription_body *body,
                          const struct life_request *request, struct list *ret)
{
    CHECK(cx != NULL && body != NULL && request != NULL && ret != NULL);
    struct subject subject = { .body = body };
    return life_enclosed(cx, &subject, request, ret);
}

enum err life_preview(struct cx *cx, text subscription_id, const struct life_request *request,
                      struct list *ret)
{
    CHECK(cx != NULL && request != NULL && ret != NULL);
    struct subject subject = { .id = subscription_id };
    return life_enclosed(cx, &subject, request, ret);
}
