/* relay_out.c: the relay's way out. Nothing is given up: what fails in passing is repeated, for
 * ever; so is what fails for another reason (a wrong token, a wrong address), slowly, until
 * somebody mends it. Only events that the server refuses for what they are leave the spool
 * undelivered: to the dead letters, with the reason, on the disk before they are forgotten. */
#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/batch.h"
#include "cli/relay.h"
#include "codec/json.h"

#define PAUSE_FIRST_NS (NS_PER_SECOND / 5)
#define PAUSE_MAX_NS   (30 * NS_PER_SECOND)
#define PAUSE_STEP_NS  (NS_PER_SECOND / 20)

static void pause_ns(struct relay *relay, int64_t ns)
{
    for (; ns > 0 && !atomic_load(&relay->is_stopping); ns -= PAUSE_STEP_NS) {
        struct timespec step = { 0, ns < PAUSE_STEP_NS ? ns : PAUSE_STEP_NS };

        (void)nanosleep(&step, NULL);
    }
}

void relay_tell_away(void *state, text reason)
{
    struct relay *relay = state;

    atomic_fetch_add(&relay->retried, 1);
    if (!atomic_exchange(&relay->is_away, true))
        log_warn("upstream_away", LOG_TEXT("upstream", relay->upstream.server),
                 LOG_TEXT("why", reason));
}

static void tell_up(struct relay *relay)
{
    if (atomic_exchange(&relay->is_away, false))
        log_info("upstream_up", LOG_TEXT("upstream", relay->upstream.server));
}

/* ---- dead letters -------------------------------------------------------------------------- */

static void write_letter(struct relay *relay, const struct batch *batch,
                         const struct batch_refusal *refusal)
{
    struct buffer out = { .arena = batch->arena };
    struct json_writer w = json_writer_of(&out);

    CHECK(refusal->count == 1);
    json_object_begin(&w);
    json_key(&w, TEXT("at"));
    json_instant(&w, clock_now(relay->clock));
    json_key(&w, TEXT("status"));
    json_int(&w, refusal->carriage.status);
    json_member_text(&w, "reason", refusal->carriage.reason);
    json_key(&w, TEXT("event"));
    json_raw(&w, batch_event_at(batch, refusal->first));
    json_object_end(&w);
    (void)fprintf(relay->dead_letters, "%.*s\n", TEXT_ARG(buffer_text(&out)));
}

/* Whether all that was refused is on the disk. */
static bool write_letters(struct relay *relay, const struct batch *batch)
{
    bool is_kept;

    if (!batch->refusals)
        return true;
    MUST(pthread_mutex_lock(&relay->dead_letters_mutex) == 0);
    clearerr(relay->dead_letters);
    for (const struct batch_refusal *r = batch->refusals; r; r = r->next)
        write_letter(relay, batch, r);
    is_kept = fflush(relay->dead_letters) == 0 && !ferror(relay->dead_letters) &&
              fdatasync(fileno(relay->dead_letters)) == 0;
    MUST(pthread_mutex_unlock(&relay->dead_letters_mutex) == 0);
    if (!is_kept) {
        log_error("dead_letters_failed", LOG_CSTR("file", relay->dead_letters_path),
                  LOG_CSTR("error", strerror(errno)));
        return false;
    }
    log_warn("events_refused", LOG_INT("events", batch->rejected),
             LOG_CSTR("file", relay->dead_letters_path),
             LOG_TEXT("why", batch->refusals->carriage.reason));
    return true;
}

/* ---- delivering ---------------------------------------------------------------------------- */

static void fill(struct batch *batch, const struct spool_batch *events)
{
    batch_reset(batch);
    for (size_t i = 0; i < events->count; i++)
        batch_add(batch, events->events[i], events->first + i);
}

/* One attempt at the whole batch; what of it was taken before is a duplicate this time. */
static bool deliver_once(struct relay *relay, void *carrier, struct batch *batch,
                         const struct spool_batch *events)
{
    fill(batch, events);
    batch_carry(batch, &relay->carrier, carrier, true);
    if (batch->code != EXIT_OK) {
        relay_tell_away(relay, batch->failure.reason);
        return false;
    }
    tell_up(relay);
    if (!write_letters(relay, batch))
        return false;
    atomic_fetch_add(&relay->delivered, batch->sent);
    atomic_fetch_add(&relay->duplicates, batch->duplicates);
    atomic_fetch_add(&relay->dead, batch->rejected);
    return true;
}

/* Until the server has it; false when the relay stops before. */
static bool deliver(struct relay *relay, void *carrier, struct batch *batch,
                    const struct spool_batch *events)
{
    int64_t pause = PAUSE_FIRST_NS;

    while (!atomic_load(&relay->is_stopping)) {
        if (deliver_once(relay, carrier, batch, events))
            return true;
        pause_ns(relay, pause);
        pause = pause * 2 > PAUSE_MAX_NS ? PAUSE_MAX_NS : pause * 2;
    }
    return false;
}

static void *send_main(void *state)
{
    struct relay_sender *sender = state;
    struct relay *relay = sender->relay;
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct batch *batch = batch_new(relay->limits.events_max);
    void *carrier = relay->carrier.open(relay->carrier.config, &relay->is_stopping);
    enum err err;

    MUST(pthread_setname_np(pthread_self(), "relay-out") == 0);
    do {
        struct spool_batch events;

        arena_reset(arena);
        err = spool_take(relay->spool, &relay->limits, arena, &events);
        if (err == OK && deliver(relay, carrier, batch, &events))
            spool_delivered(relay->spool, &events);
        if (err != OK && err != ERR_STOPPED) {
            log_error("spool_unreadable", LOG_CSTR("error", err_name(err)));
            pause_ns(relay, PAUSE_MAX_NS);
        }
    } while (err != ERR_STOPPED && !atomic_load(&relay->is_stopping));
    relay->carrier.close(carrier);
    batch_free(batch);
    return NULL;
}

void relay_out_start(struct relay *relay)
{
    for (int64_t i = 0; i < relay->sender_count; i++) {
        relay->senders[i].relay = relay;
        MUST(pthread_create(&relay->senders[i].thread, NULL, send_main, &relay->senders[i]) == 0);
    }
}

void relay_out_stop(struct relay *relay)
{
    atomic_store(&relay->is_stopping, true);
    spool_stop(relay->spool);
    for (int64_t i = 0; i < relay->sender_count; i++)
        MUST(pthread_join(relay->senders[i].thread, NULL) == 0);
}
