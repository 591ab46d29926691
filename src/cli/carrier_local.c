/* carrier_local.c: batches appended to the event store of a data directory, by the same checks as
 * the server's. */
#include "cli/carrier.h"

#include "meter/event.h"

#define BUSY_WAIT_NS 1000000

struct loader {
    const struct carrier_local_config *config;
    struct arena *arena; /* of one batch */
};

static void *loader_open(const void *config, const atomic_bool *is_stopping)
{
    struct loader *loader = calloc(1, sizeof *loader);

    (void)is_stopping;
    MUST(loader);
    loader->config = config;
    loader->arena = arena_new();
    return loader;
}

static void loader_close(void *state)
{
    struct loader *loader = state;

    arena_free(loader->arena);
    free(loader);
}

/* What the problem says, as the server would. */
static struct carriage carriage_of_problem(const struct problem *problem, struct arena *arena)
{
    struct carriage_field *fields = ARENA_ARRAY(arena, struct carriage_field, problem->field_count);

    for (size_t i = 0; i < problem->field_count; i++)
        fields[i] = (struct carriage_field){ text_copy(arena, problem->fields[i].field),
                                             text_copy(arena, problem->fields[i].reason) };
    return (struct carriage){
        .outcome = CARRIED_REFUSED,
        .code = EXIT_REFUSED,
        .reason = text_copy(arena, problem_sentence(problem)),
        .fields = fields,
        .field_count = problem->field_count,
    };
}

static struct carriage carriage_of_error(enum err err, struct arena *arena)
{
    return (struct carriage){
        .outcome = CARRIED_FAILED,
        .code = EXIT_TROUBLE,
        .reason = err == ERR_NO_SPACE
                      ? TEXT("the disk is full")
                      : text_format(arena, "the events cannot be written: %s", err_name(err)),
    };
}

static enum err append(struct usage *usage, const struct event_batch *batch,
                       struct usage_receipt *ret)
{
    enum err err = usage_append_wait(usage, batch->items, batch->count, ret);

    /* The log is ahead of its sealing. */
    while (err == ERR_BUSY) {
        struct timespec wait = { 0, BUSY_WAIT_NS };

        (void)nanosleep(&wait, NULL);
        err = usage_append_wait(usage, batch->items, batch->count, ret);
    }
    return err;
}

static struct carriage loader_carry(void *state, text body, struct arena *arena)
{
    struct loader *loader = state;
    const struct carrier_local_config *config = loader->config;
    struct cx cx = { .arena = loader->arena, .org = config->org, .now = clock_now(config->clock) };
    struct usage_receipt receipt;
    struct event_batch batch;
    enum err err;

    arena_reset(loader->arena);
    problem_init(&cx.problem, loader->arena);
    if (event_parse(&cx, EVENT_FORM_BATCH, body, &batch) != OK)
        return carriage_of_problem(&cx.problem, arena);
    err = append(config->usage, &batch, &receipt);
    if (err != OK)
        return carriage_of_error(err, arena);
    return (struct carriage){ .outcome = CARRIED_TAKEN,
                              .accepted = receipt.accepted,
                              .duplicates = receipt.duplicates };
}

struct carrier carrier_local(const struct carrier_local_config *config)
{
    return (struct carrier){
        .config = config,
        .open = loader_open,
        .close = loader_close,
        .carry = loader_carry,
    };
}
