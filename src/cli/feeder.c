/* feeder.c: a ring of batches: filled, carried by threads, settled in order. */
#include "cli/feeder.h"

#include <errno.h>
#include <pthread.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/checkpoint.h"
#include "cli/progress.h"
#include "codec/json.h"

#define CHECKPOINT_STEP_NS (NS_PER_SECOND / 4)

enum slot_state { SLOT_FREE, SLOT_READY, SLOT_CARRIED, SLOT_DONE };

struct feeder {
    struct feeder_config config;
    struct batch *filling; /* slot `head`'s */
    struct progress progress;
    FILE *rejects;
    const char *resume_path;
    struct checkpoint start;   /* where an earlier run came to */
    struct checkpoint settled; /* where this one has come to */
    int64_t settled_at_ns;     /* when that was written */
    XXH3_state_t *hash;        /* of all rows read */
    struct batch_place place;  /* of the last row read; its digest is taken when it is wanted */
    bool is_splitting;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t has_ready, has_done;

    struct feeder_slot {
        enum slot_state state;
        struct batch *batch;
    } * slots;

    size_t slot_count;
    size_t head, next, tail; /* slots: being filled, to be carried next, to be settled next */
    bool is_over;
    atomic_bool
        is_stopping; /* carriers do not repeat any more, ready batches stay where they are */

    struct feeder_thread {
        struct feeder *feeder;
        pthread_t thread;
        void *state; /* the carrier's */
        bool has_started;
    } * threads;
};

/* ---- the threads that carry ---------------------------------------------------------------- */

static struct feeder_slot *take_ready(struct feeder *feeder)
{
    struct feeder_slot *slot = &feeder->slots[feeder->next];

    if (slot->state != SLOT_READY || atomic_load(&feeder->is_stopping))
        return NULL;
    slot->state = SLOT_CARRIED;
    feeder->next = (feeder->next + 1) % feeder->slot_count;
    return slot;
}

static void *carry_main(void *state)
{
    struct feeder_thread *thread = state;
    struct feeder *feeder = thread->feeder;

    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    for (;;) {
        struct feeder_slot *slot = take_ready(feeder);

        if (!slot && feeder->is_over)
            break;
        if (!slot) {
            MUST(pthread_cond_wait(&feeder->has_ready, &feeder->mutex) == 0);
            continue;
        }
        MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
        batch_carry(slot->batch, feeder->config.carrier, thread->state, feeder->is_splitting);
        MUST(pthread_mutex_lock(&feeder->mutex) == 0);
        slot->state = SLOT_DONE;
        if (slot->batch->code != EXIT_OK)
            atomic_store(&feeder->is_stopping, true);
        MUST(pthread_cond_signal(&feeder->has_done) == 0);
    }
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
    return NULL;
}

/* ---- opening and closing ------------------------------------------------------------------- */

/* A file named by an option; NULL when it was not given. */
static const char *option_path(const struct invocation *invocation, const char *name)
{
    text path = option_text(invocation, name);

    return text_is_empty(path) ? NULL : text_cstr(invocation->arena, path);
}

static int open_resume(struct feeder *feeder)
{
    const struct invocation *invocation = feeder->config.invocation;
    const char *path = option_path(invocation, "resume");
    const char *why;

    if (!path)
        return EXIT_OK;
    why = checkpoint_read(invocation->arena, path, &feeder->start);
    if (why)
        return command_fail(invocation, EXIT_REFUSED, "%s %s", path, why);
    if (feeder->start.place.records > 0 &&
        !text_equal(feeder->start.destination, feeder->config.destination))
        return command_fail(invocation, EXIT_REFUSED, "%s is of sending to %.*s", path,
                            TEXT_ARG(feeder->start.destination));
    feeder->resume_path = path;
    return EXIT_OK;
}

static int open_rejects(struct feeder *feeder)
{
    const struct invocation *invocation = feeder->config.invocation;
    const char *path = option_path(invocation, "rejects");

    if (!path)
        return EXIT_OK;
    feeder->rejects = fopen(path, feeder->start.place.records > 0 ? "ae" : "we");
    if (feeder->rejects)
        return EXIT_OK;
    return command_fail(invocation, EXIT_TROUBLE, "%s: %s", path, strerror(errno));
}

static void open_ring(struct feeder *feeder, size_t connections, size_t events_max)
{
    CHECK(connections > 0 && connections < 65536);
    feeder->slot_count = connections + 2;
    feeder->slots = calloc(feeder->slot_count, sizeof *feeder->slots);
    MUST(feeder->slots);
    for (size_t i = 0; i < feeder->slot_count; i++)
        feeder->slots[i].batch = batch_new(events_max);
    feeder->filling = feeder->slots[0].batch;
    feeder->threads = calloc(connections, sizeof *feeder->threads);
    MUST(feeder->threads);
    for (size_t i = 0; i < connections; i++) {
        struct feeder_thread *thread = &feeder->threads[i];
        const struct carrier *carrier = feeder->config.carrier;

        thread->feeder = feeder;
        thread->state = carrier->open(carrier->config, &feeder->is_stopping);
        MUST(pthread_create(&thread->thread, NULL, carry_main, thread) == 0);
    }
}

int feeder_open(const struct feeder_config *config, struct feeder **ret)
{
    const struct invocation *invocation = config->invocation;
    struct feeder *feeder;
    int64_t events_max;
    int code;

    CHECK(config->connections > 0);
    if (!option_int(invocation, "batch", 1, LIMIT_EVENTS_PER_REQUEST, &events_max))
        return EXIT_USAGE;
    feeder = calloc(1, sizeof *feeder);
    MUST(feeder);
    feeder->config = *config;
    code = open_resume(feeder);
    if (code == EXIT_OK)
        code = open_rejects(feeder);
    if (code != EXIT_OK) {
        free(feeder);
        return code;
    }
    feeder->settled = feeder->start;
    feeder->settled.destination = config->destination;
    feeder->is_splitting = feeder->rejects || option_is_set(invocation, "keep-going");
    feeder->progress = progress_start("events", source_size(config->source));
    feeder->hash = XXH3_createState();
    MUST(feeder->hash && XXH3_128bits_reset(feeder->hash) == XXH_OK);
    MUST(pthread_mutex_init(&feeder->mutex, NULL) == 0);
    MUST(pthread_cond_init(&feeder->has_ready, NULL) == 0);
    MUST(pthread_cond_init(&feeder->has_done, NULL) == 0);
    open_ring(feeder, (size_t)config->connections, (size_t)events_max);
    *ret = feeder;
    return EXIT_OK;
}

static void stop_threads(struct feeder *feeder)
{
    atomic_store(&feeder->is_stopping, true);
    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    feeder->is_over = true;
    MUST(pthread_cond_broadcast(&feeder->has_ready) == 0);
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
    for (int64_t i = 0; i < feeder->config.connections; i++) {
        MUST(pthread_join(feeder->threads[i].thread, NULL) == 0);
        feeder->config.carrier->close(feeder->threads[i].state);
    }
}

void feeder_close(struct feeder *feeder)
{
    if (!feeder)
        return;
    stop_threads(feeder);
    for (size_t i = 0; i < feeder->slot_count; i++)
        batch_free(feeder->slots[i].batch);
    free(feeder->slots);
    free(feeder->threads);
    XXH3_freeState(feeder->hash);
    MUST(pthread_mutex_destroy(&feeder->mutex) == 0);
    MUST(pthread_cond_destroy(&feeder->has_ready) == 0);
    MUST(pthread_cond_destroy(&feeder->has_done) == 0);
    if (feeder->rejects)
        (void)fclose(feeder->rejects);
    free(feeder);
}

/* ---- settling ------------------------------------------------------------------------------ */

/* What was refused, as a line of JSON. */
struct reject {
    uint64_t line;
    int status; /* 0: it was no event */
    text reason;
    text row;
};

static void write_row(struct json_writer *w, struct arena *arena, text row)
{
    struct json_fault fault;
    struct json event;

    /* An event of several lines would break the form: as a text it has none. */
    if (json_parse(arena, row, &event, &fault) && !memchr(row.ptr, '\n', row.len)) {
        json_key(w, TEXT("event"));
        json_raw(w, row);
    } else if (text_is_utf8(row)) {
        json_member_text(w, "text", row);
    } else {
        json_member_text(w, "text", TEXT("(not UTF-8)"));
    }
}

static void write_reject(struct feeder *feeder, struct arena *arena, const struct reject *reject)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    json_object_begin(&w);
    json_key(&w, TEXT("line"));
    json_int(&w, (int64_t)reject->line);
    if (reject->status > 0) {
        json_key(&w, TEXT("status"));
        json_int(&w, reject->status);
    }
    json_member_text(&w, "reason", reject->reason);
    write_row(&w, arena, reject->row);
    json_object_end(&w);
    (void)fprintf(feeder->rejects, "%.*s\n", TEXT_ARG(buffer_text(&out)));
}

static void tell_refusal(struct feeder *feeder, const struct batch *batch,
                         const struct batch_refusal *refusal)
{
    if (!feeder->rejects) {
        progress_end(&feeder->progress);
        batch_print_refusal(batch, refusal, feeder->config.invocation);
        return;
    }
    for (size_t i = refusal->first; i < refusal->first + refusal->count; i++) {
        struct reject reject = {
            .line = batch->events[i].line,
            .status = refusal->carriage.status,
            .reason = refusal->carriage.reason,
            .row = batch_event_at(batch, i),
        };

        write_reject(feeder, batch->arena, &reject);
    }
}

/* Writes the checkpoint, after what was refused before it. */
static int settle_checkpoint(struct feeder *feeder)
{
    const struct invocation *invocation = feeder->config.invocation;
    const char *why = NULL;

    if (feeder->rejects && (fflush(feeder->rejects) != 0 || ferror(feeder->rejects)))
        return command_fail(invocation, EXIT_TROUBLE, "--rejects: %s", strerror(errno));
    if (feeder->resume_path && feeder->settled.place.records > 0)
        why = checkpoint_write(feeder->resume_path, &feeder->settled);
    if (why)
        return command_fail(invocation, EXIT_TROUBLE, "%s: %s", feeder->resume_path, why);
    feeder->settled_at_ns = clock_monotonic_ns();
    return EXIT_OK;
}

/* Accounts for a batch. `is_behind` says that one before it has failed: the checkpoint stays. */
static int settle_batch(struct feeder *feeder, const struct batch *batch, bool is_behind)
{
    struct checkpoint *settled = &feeder->settled;
    const struct carriage *failure = &batch->failure;

    for (const struct batch_refusal *r = batch->refusals; r; r = r->next)
        if (feeder->is_splitting || !is_behind)
            tell_refusal(feeder, batch, r);
    settled->sent += batch->sent;
    settled->accepted += batch->accepted;
    settled->duplicates += batch->duplicates;
    settled->rejected += batch->rejected;
    if (batch->code == EXIT_OK && !is_behind) {
        settled->place = batch->place;
    } else if (batch->code != EXIT_OK && !batch->refusals && !is_behind) {
        progress_end(&feeder->progress);
        (void)command_fail(feeder->config.invocation, 0, "%.*s", TEXT_ARG(failure->reason));
        for (size_t i = 0; i < failure->field_count; i++)
            fprintf(stderr, "  %.*s: %.*s\n", TEXT_ARG(failure->fields[i].field),
                    TEXT_ARG(failure->fields[i].reason));
    }
    progress_move(&feeder->progress, source_position(feeder->config.source), settled->sent);
    return batch->code;
}

/* The oldest batch that was handed over, once it is done; NULL when there is none, or none that
 * anybody will carry, or, unless `is_waiting`, none that is done. */
static struct feeder_slot *oldest_done(struct feeder *feeder, bool is_waiting)
{
    struct feeder_slot *slot = &feeder->slots[feeder->tail];
    bool is_done;

    CHECK(feeder->slots != NULL && slot != NULL);
    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    while (is_waiting && (slot->state == SLOT_CARRIED ||
                          (slot->state == SLOT_READY && !atomic_load(&feeder->is_stopping))))
        MUST(pthread_cond_wait(&feeder->has_done, &feeder->mutex) == 0);
    is_done = slot->state == SLOT_DONE;
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
    return is_done ? slot : NULL;
}

static void free_slot(struct feeder *feeder, struct feeder_slot *slot)
{
    batch_reset(slot->batch);
    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    slot->state = SLOT_FREE;
    feeder->tail = (feeder->tail + 1) % feeder->slot_count;
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
}

/* After a failure: what is under way ends, and what was taken of it is counted. */
static void settle_rest(struct feeder *feeder)
{
    struct feeder_slot *slot;

    atomic_store(&feeder->is_stopping, true);
    while ((slot = oldest_done(feeder, true))) {
        (void)settle_batch(feeder, slot->batch, true);
        free_slot(feeder, slot);
    }
}

static bool is_free(struct feeder *feeder, const struct feeder_slot *slot)
{
    bool is_free;

    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    is_free = slot->state == SLOT_FREE;
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
    return is_free;
}

/* Settles what is done; with `is_waiting` until `wanted` is free, or, with NULL, all is. */
static int settle(struct feeder *feeder, const struct feeder_slot *wanted, bool is_waiting)
{
    struct feeder_slot *slot;
    int code = EXIT_OK;

    while (code == EXIT_OK &&
           (slot = oldest_done(feeder, is_waiting && (!wanted || !is_free(feeder, wanted))))) {
        code = settle_batch(feeder, slot->batch, false);
        free_slot(feeder, slot);
    }
    if (code != EXIT_OK)
        settle_rest(feeder);
    else if (clock_monotonic_ns() - feeder->settled_at_ns > CHECKPOINT_STEP_NS)
        code = settle_checkpoint(feeder);
    return code;
}

/* ---- adding -------------------------------------------------------------------------------- */

/* Hands the batch over; the next one to fill is free when this returns EXIT_OK. */
static int hand_over(struct feeder *feeder)
{
    struct feeder_slot *slot = &feeder->slots[feeder->head];
    XXH128_canonical_t digest;
    int code;

    CHECK(slot->state == SLOT_FREE && slot->batch->count > 0);
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(feeder->hash));
    memcpy(feeder->place.digest, digest.digest, sizeof feeder->place.digest);
    slot->batch->place = feeder->place;
    MUST(pthread_mutex_lock(&feeder->mutex) == 0);
    slot->state = SLOT_READY;
    feeder->head = (feeder->head + 1) % feeder->slot_count;
    MUST(pthread_cond_signal(&feeder->has_ready) == 0);
    MUST(pthread_mutex_unlock(&feeder->mutex) == 0);
    slot = &feeder->slots[feeder->head];
    code = settle(feeder, slot, true);
    feeder->filling = slot->batch;
    return code;
}

static bool is_before_start(const struct feeder *feeder)
{
    return feeder->place.records <= feeder->start.place.records;
}

static int fail_identity(struct feeder *feeder)
{
    return command_fail(feeder->config.invocation, EXIT_REFUSED,
                        "%s is of another file: the first %llu rows differ", feeder->resume_path,
                        (unsigned long long)feeder->start.place.records);
}

int feeder_row(struct feeder *feeder, text row, uint64_t line)
{
    XXH128_canonical_t digest;

    MUST(XXH3_128bits_update(feeder->hash, row.len > 0 ? row.ptr : "", row.len) == XXH_OK);
    MUST(XXH3_128bits_update(feeder->hash, "\n", 1) == XXH_OK);
    feeder->place.records++;
    feeder->place.line = line;
    if (feeder->place.records != feeder->start.place.records)
        return EXIT_OK;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(feeder->hash));
    if (memcmp(digest.digest, feeder->start.place.digest, sizeof digest.digest) != 0)
        return fail_identity(feeder);
    feeder->place.rejected = feeder->start.place.rejected;
    return EXIT_OK;
}

int feeder_add(struct feeder *feeder, text event)
{
    if (is_before_start(feeder))
        return EXIT_OK;
    batch_add(feeder->filling, event, feeder->place.line);
    return batch_is_full(feeder->filling) ? hand_over(feeder) : EXIT_OK;
}

int feeder_refuse(struct feeder *feeder, text row, const char *why)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct reject reject = { .line = feeder->place.line, .reason = text_of(why), .row = row };

    if (is_before_start(feeder))
        return EXIT_OK;
    feeder->place.rejected++;
    if (feeder->rejects) {
        write_reject(feeder, arena, &reject);
        return EXIT_OK;
    }
    progress_end(&feeder->progress);
    (void)command_fail(feeder->config.invocation, 0, "line %llu: %s",
                       (unsigned long long)reject.line, why);
    return feeder->is_splitting ? EXIT_OK : EXIT_REFUSED;
}

/* ---- the end ------------------------------------------------------------------------------- */

static int finish(struct feeder *feeder, int code)
{
    XXH128_canonical_t digest;

    if (code == EXIT_OK && feeder->place.records < feeder->start.place.records)
        return fail_identity(feeder);
    if (code == EXIT_OK && feeder->filling->count > 0)
        code = hand_over(feeder);
    if (code == EXIT_OK)
        code = settle(feeder, NULL, true);
    else
        settle_rest(feeder);
    if (code == EXIT_OK) {
        /* Rows behind the last batch made no events. */
        XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(feeder->hash));
        memcpy(feeder->place.digest, digest.digest, sizeof feeder->place.digest);
        feeder->settled.place = feeder->place;
    }
    return code;
}

int feeder_finish(struct feeder *feeder, int code)
{
    struct checkpoint *settled = &feeder->settled;
    uint64_t rejected;
    int settled_code;

    code = finish(feeder, code);
    settled_code = settle_checkpoint(feeder);
    progress_end(&feeder->progress);
    rejected = settled->rejected + feeder->place.rejected;
    printf("%llu sent, %llu accepted, %llu duplicates, %llu rejected\n",
           (unsigned long long)settled->sent, (unsigned long long)settled->accepted,
           (unsigned long long)settled->duplicates, (unsigned long long)rejected);
    if (code == EXIT_OK)
        code = settled_code;
    return code == EXIT_OK && rejected > 0 ? EXIT_REFUSED : code;
}
