#include "notify/outbox_hold.h"

#include <pthread.h>
#include <stdlib.h>

#include "notify/outbox_inside.h"

struct held {
    struct outbox_event event;
    const struct fields *table;
    void *object;
};

/* One who prints. */
struct printer {
    struct arena *arena;   /* what it printed */
    struct arena *scratch; /* where it grew */
};

struct outbox_hold {
    pthread_mutex_t lock;
    pthread_cond_t printed_one;
    struct arena *arena; /* copies of what was told */
    struct printer writer;
    struct printer helper;
    struct held *held;
    size_t count;
    size_t room;
    size_t taken;   /* are printed, or being printed */
    size_t printed; /* of those */
};

static struct printer printer_new(void)
{
    return (struct printer){ arena_new(), arena_new() };
}

static void printer_free(struct printer *printer)
{
    arena_free(printer->arena);
    arena_free(printer->scratch);
}

struct outbox_hold *outbox_hold_new(void)
{
    struct outbox_hold *hold = calloc(1, sizeof *hold);
    MUST(hold != NULL);
    MUST(pthread_mutex_init(&hold->lock, NULL) == 0);
    MUST(pthread_cond_init(&hold->printed_one, NULL) == 0);
    hold->arena = arena_new();
    hold->writer = printer_new();
    hold->helper = printer_new();
    return hold;
}

void outbox_hold_free(struct outbox_hold *hold)
{
    if (!hold)
        return;
    MUST(pthread_mutex_destroy(&hold->lock) == 0);
    MUST(pthread_cond_destroy(&hold->printed_one) == 0);
    arena_free(hold->arena);
    printer_free(&hold->writer);
    printer_free(&hold->helper);
    free(hold->held);
    free(hold);
}

void outbox_hold_add(struct outbox_hold *hold, const struct outbox_news *news, instant now)
{
    CHECK(hold != NULL && news != NULL);
    CHECK(news->table != NULL && news->object != NULL);
    struct held held = {
        .event = { .type = text_copy(hold->arena, news->type),
                   .subject_kind = text_copy(hold->arena, news->subject_kind),
                   .subject_id = news->subject_id,
                   .created_at = now },
        .table = news->table,
        .object = arena_copy(hold->arena, news->object, news->table->size),
    };
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    if (hold->count == hold->room) {
        hold->room = hold->room > 0 ? hold->room * 2 : 64;
        hold->held = reallocarray(hold->held, hold->room, sizeof *hold->held);
        MUST(hold->held != NULL);
    }
    hold->held[hold->count++] = held;
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
}

/* Takes the next that nobody has taken, and prints it; false when there is none. */
static bool print_next(struct outbox_hold *hold, const struct printer *printer)
{
    struct held held;
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    size_t i = hold->taken;
    bool is_there = i < hold->count;
    if (is_there)
        held = hold->held[hold->taken++];
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
    if (!is_there)
        return false;
    text payload =
        text_copy(printer->arena, outbox_print(printer->scratch, held.table, held.object));
    arena_reset(printer->scratch);
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    hold->held[i].event.payload = payload;
    hold->printed++;
    MUST(pthread_cond_signal(&hold->printed_one) == 0);
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
    return true;
}

bool outbox_hold_help(struct outbox_hold *hold)
{
    CHECK(hold != NULL);
    return print_next(hold, &hold->helper);
}

/* Waits for the helper, who may be printing the last that was taken. */
static void wait_for_taken(struct outbox_hold *hold)
{
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    while (hold->printed < hold->taken)
        MUST(pthread_cond_wait(&hold->printed_one, &hold->lock) == 0);
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
}

static void hold_empty(struct outbox_hold *hold)
{
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    hold->count = hold->taken = hold->printed = 0;
    arena_reset(hold->arena);
    arena_reset(hold->writer.arena);
    arena_reset(hold->helper.arena);
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
}

enum err outbox_hold_write(struct cx *cx, struct store_tx *tx, struct outbox_hold *hold)
{
    CHECK(cx != NULL && tx != NULL && hold != NULL);
    while (print_next(hold, &hold->writer))
        continue;
    wait_for_taken(hold);
    enum err err = OK;
    for (size_t i = 0; i < hold->count && err == OK; i++)
        err = outbox_write(cx, tx, &hold->held[i].event);
    hold_empty(hold);
    return err;
}

void outbox_hold_drop(struct outbox_hold *hold)
{
    CHECK(hold != NULL);
    MUST(pthread_mutex_lock(&hold->lock) == 0);
    hold->count = hold->taken;
    MUST(pthread_mutex_unlock(&hold->lock) == 0);
    wait_for_taken(hold);
    hold_empty(hold);
}
